// What may be shown of a name, a value or a URL. Not what looks like a secret is hidden, but what is known to be
// harmless is shown: a server names its secrets as it likes.
import { forms, percent } from "./redact-forms.js";
import { BEFORE_SECRET, HARMLESS, PLAIN, PLAIN_NUMBER, SECRET, SECRET_WORDS, STANDARD, VERBS } from "./redact-names.js";

export const MARK = "‹redacted›";
/** So many secrets are known again; those that turned up longest ago are forgotten first. */
const KNOWN_MAX = 200;
const WORDS_MAX = 1000;
/** A shorter secret is found in half of all words: only a word that is it is hidden. Characters. */
const INSIDE_MIN = 6;
/** So much of a secret is a secret, too. Characters. */
const PIECE_MIN = 8;
/** Longer names and values are no names and no enums. Characters. */
const NAME_MAX = 48;
const VALUE_MAX = 32;
const SEGMENT_MAX = 24;
/** More figures than a time in milliseconds has. */
const NUMBER_MAX = 1e13;
/** More changes between letters and figures, or of case, than a name has: it was drawn at random. */
const CHANGES_MAX = 3;
const HUMPS_MAX = 5;
/** Longer runs of letters and figures are no word. Characters. */
const RUN_MAX = 20;

/** In lower case and whole, as anybody may have written it. @type {Set<string>} */
const known = new Set();

/**
 * What an application allows, and what it names its secrets.
 * @typedef {object} Rules
 * @property {Set<string>} show names of fields whose short values may be shown, in lower case
 * @property {Set<string>} secret names of fields that hold tokens, in lower case
 * @property {string} auth the auth header, in lower case
 */

/**
 * @param {{ show?: readonly string[], secret?: readonly (string | undefined)[], auth?: string }} [given]
 * @returns {Rules}
 */
export function rules(given) {
  const {
    show = [],
    secret = [],
    auth = "authorization",
  } = /** @type {typeof given & {}} */ ({
    __proto__: null,
    ...given,
  });
  const lower = (/** @type {readonly (string | undefined)[]} */ names) =>
    new Set(names.flatMap((name) => (name === undefined ? [] : [String(name).toLowerCase()])));
  return { show: lower(show), secret: lower(secret), auth: auth.toLowerCase() };
}

/**
 * Remembers a secret, and the parts of a JWT, so that it is hidden wherever it turns up again.
 * @param {unknown} value
 */
export function learn(value) {
  const text = String(value ?? "").toLowerCase();
  if (text.trim().length < 2) return;
  const parts = text.split(".").filter((part) => part.length >= PIECE_MIN);
  for (const part of new Set([text, percent(text), ...parts])) {
    known.delete(part);
    known.add(part);
  }
  while (known.size > KNOWN_MAX) known.delete(/** @type {string} */ (known.values().next().value));
}

/** The words of a storm are the same again and again. @type {Map<string, string[]>} */
const undone = new Map();

/** @param {string} text */
function lowered(text) {
  let all = undone.get(text);
  if (!all) {
    all = [...new Set(Array.from(forms(text), (form) => form.toLowerCase()))];
    if (undone.size >= WORDS_MAX) undone.clear();
    undone.set(text, all);
  }
  return all;
}

/**
 * Does it hold a secret that is known, in any form in which one travels?
 * @param {string} text
 */
export function isKnown(text) {
  if (!known.size) return false;
  for (const lower of lowered(text)) {
    for (const secret of known) {
      if (lower === secret || (secret.length >= INSIDE_MIN && lower.includes(secret))) return true;
      if (lower.length >= PIECE_MIN && secret.includes(lower)) return true;
    }
  }
  return false;
}

/** @param {string} text */
function isRandom(text) {
  const changes = text.match(/[a-z](?=\d)|\d(?=[a-z])/gi)?.length ?? 0;
  const humps = text.match(/\p{Ll}(?=\p{Lu})/gu)?.length ?? 0;
  const longest = Math.max(0, ...(text.match(/[\p{L}\p{N}]+/gu) ?? []).map((run) => run.length));
  return (
    changes > CHANGES_MAX || changes + humps > HUMPS_MAX || longest > RUN_MAX + 4 * humps || /^eyJ|\d{12}/.test(text)
  );
}

/**
 * Short, made of letters and figures, not drawn at random, and no secret.
 * @param {string} text
 * @param {RegExp} shape
 * @param {number} max
 */
export const isSafe = (text, shape, max) => text.length <= max && shape.test(text) && !isRandom(text) && !isKnown(text);

/**
 * A name, of a field or of anything else.
 * @param {string} text
 */
export const shownName = (text) => (isSafe(text, /^[\p{L}_$@#][\p{L}\p{N}_$.:[\]\- ]*$/u, NAME_MAX) ? text : MARK);

// ---- Names ---------------------------------------------------------------------------------------------------------

/** @param {string} name */
const words = (name) =>
  name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .filter(Boolean);

/** @param {string} name */
const letters = (name) => name.toLowerCase().replace(/[^\p{L}]/gu, "");

/**
 * Does a field of this name hold a secret? Then all that is in it does.
 * @param {string} name
 * @param {Rules} rules
 */
export function isSecretName(name, { secret, auth }) {
  const lower = name.toLowerCase();
  if (secret.has(lower) || lower === auth) return true;
  if (PLAIN.test(letters(name))) return false;
  return SECRET.test(lower.replace(/[\s_.-]/g, "")) || words(name).some((word) => SECRET_WORDS.has(word));
}

// ---- Values --------------------------------------------------------------------------------------------------------

const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;
/**
 * A value under a name, as text; the mark if it is not known to be harmless. `secret`: something around it is.
 * @param {string} name
 * @param {string | number | boolean | null} value
 * @param {Rules} rules
 * @param {boolean} [secret]
 */
export function shownValue(name, value, rules, secret = false) {
  if (value === null || value === "") return String(value);
  const text = String(value);
  const lower = name.toLowerCase();
  if (secret || rules.secret.has(lower) || lower === rules.auth || isKnown(text)) return MARK;
  if (STANDARD.get(letters(name))?.has(text)) return text;
  if (rules.show.has(lower)) return isSafe(text, /^[\p{L}\p{N}_.:+\- /]*$/u, VALUE_MAX) ? text : MARK;
  if (isSecretName(name, rules)) return MARK;
  if (DATE.test(text)) return text;
  const last = words(name).at(-1) ?? "";
  if (!HARMLESS.has(last) && !PLAIN_NUMBER.test(letters(name))) return MARK;
  if (/^(true|false)$/.test(text)) return text;
  return /^-?\d+(\.\d{1,6})?$/.test(text) && Math.abs(Number(text)) < NUMBER_MAX ? text : MARK;
}

// ---- URLs ----------------------------------------------------------------------------------------------------------

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}

/**
 * Names and harmless values of a query or a form, `before` between them.
 * @param {string} text
 * @param {Rules} rules
 * @param {string} before
 */
export const shownFields = (text, rules, before) =>
  text
    .split("&")
    .filter(Boolean)
    .map((field) => {
      const at = field.indexOf("=");
      const name = decoded(at < 0 ? field : field.slice(0, at));
      const value = decoded(at < 0 ? "" : field.slice(at + 1));
      if (at >= 0 && isSecretName(name, rules)) learn(value);
      return at < 0 ? shownName(name) : `${shownName(name)}=${value && shownValue(name, value, rules)}`;
    })
    .join(before);

/**
 * A URL with what is harmless of its path and its query, and nothing of a user's name or of what follows a `#`.
 * @param {string} text absolute, or a path
 * @param {Rules} rules
 */
export function redactUrl(text, rules) {
  const [whole = "", ...fragment] = text.split("#");
  const [address = "", ...query] = whole.split("?");
  // Also where two of them are in one, as in `https://a@b@c`.
  const parts = /^([a-z][a-z\d+.-]*:\/\/)(?:[^/]*@)?([^/]*)(\/.*)?$/i.exec(address);
  if (!parts && !address.startsWith("/")) return MARK;
  const [, scheme = "", host = "", path = ""] = parts ?? ["", "", "", address];
  const isHost = isSafe(host, /^(\[[\da-f:.]+\]|[\w.-]*)(:\d+)?$/i, 255);
  let before = "";
  const segments = path.split("/").map((segment) => {
    const may = VERBS.has(segment) || !(BEFORE_SECRET.test(before) || isSecretName(before, rules));
    before = segment;
    return !segment || (may && isSafe(decoded(segment), /^[\p{L}\p{N}_.~-]+$/u, SEGMENT_MAX)) ? segment : MARK;
  });
  const asked = query.length ? `?${shownFields(query.join("?"), rules, "&")}` : "";
  return `${scheme}${isHost ? host : MARK}${segments.join("/")}${asked}${fragment.length ? `#${MARK}` : ""}`;
}
