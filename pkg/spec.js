// What may be written in an object of options, as data: an option that is misspelt or of another kind is told where it
// is made, because one that is ignored is a fault that nobody sees.
import { isObject, own } from "../src/web/port/values.js";
import { invalid } from "./error.js";
import { isNoOption, mustBe } from "./told.js";

/**
 * What a member may be: a type's name, some words, a number between two, a group of members, or whatever is looked at
 * where it is used (`0`). Without a prototype, or `constructor` would be an option.
 * @typedef {string | readonly string[] | readonly [number, number] | 0 | { [member: string]: Kind }} Kind
 */

const ANY = 0;

/**
 * @param {Kind} kind
 * @param {unknown} value
 */
function fits(kind, value) {
  if (!Array.isArray(kind)) return kind === ANY || typeof value === kind;
  const [first, last] = kind;
  return typeof first === "number"
    ? typeof value === "number" && value >= first && value <= last
    : kind.includes(value);
}

/**
 * The own members of what was given, each of its kind.
 * @param {Kind} spec
 * @param {any} given
 * @param {string} [path] of the group in the options, with its dot
 * @returns {any} a copy without a prototype
 */
export function checked(spec, given, path = "") {
  if (!isObject(given)) throw invalid(path.slice(0, -1) || "options", DEVELOPMENT && mustBe("object", given));
  const from = /** @type {any} */ (own(given));
  for (const name in from) {
    const kind = /** @type {any} */ (spec)[name];
    const value = from[name];
    if (kind === undefined) throw invalid(path + name, DEVELOPMENT && isNoOption(name, spec));
    if (value === undefined) continue;
    if (isObject(kind) && !Array.isArray(kind)) from[name] = checked(kind, value, `${path}${name}.`);
    else if (!fits(kind, value)) throw invalid(path + name, DEVELOPMENT && mustBe(kind, value, name));
  }
  return from;
}
