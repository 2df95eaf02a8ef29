// Words for developers. Nothing of this module is in the production build: whoever calls it asks `DEVELOPMENT` first.

/** @typedef {import("./spec.js").Kind} Kind */

/** @param {unknown} value */
const kindOf = (value) => (value === null ? "null" : Array.isArray(value) ? "an array" : typeof value);

/**
 * @param {string} name
 * @param {string} [unit]
 */
const inUnit = (name, unit = name === "maxReplays" ? "" : " ms") => unit;

/**
 * @param {any} kind
 * @param {unknown} value
 * @param {string} [name]
 */
export function mustBe(kind, value, name = "") {
  if (!Array.isArray(kind)) return `must be ${kind === "object" ? "an" : "a"} ${kind}; got ${kindOf(value)}`;
  if (typeof kind[0] === "number") {
    const unit = inUnit(name);
    const given = typeof value === "number" ? `${value}${unit}` : kindOf(value);
    return `must be from ${kind[0]} to ${kind[1]}${unit}; got ${given}`;
  }
  const words = kind.map((word) => JSON.stringify(word));
  return `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}; got ${String(value)}`;
}

/**
 * How many characters are added, left out or changed between two words.
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, from] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, to] of [...b].entries()) {
      next.push(Math.min(row[j] + (from === to ? 0 : 1), row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[b.length];
}

/** What other libraries, and the first guess, call them. */
const ALIASES = /** @type {any} */ ({
  __proto__: null,
  allowedOrigins: "origins",
  baseURL: "origins",
  baseUrl: "origins",
  domains: "origins",
  endpoint: "url",
  path: "url",
  store: "storage",
  timeout: "refreshTimeout",
  retries: "maxReplays",
  shouldRefresh: "isChallenge",
  refreshUrl: "refresh",
  refreshToken: "refresh",
});

/**
 * @param {string} name
 * @param {readonly string[]} names
 */
export function nearest(name, names) {
  const alias = ALIASES[name];
  if (alias && names.includes(alias)) return alias;
  const [best] = names
    .map((known) => ({ known, far: distance(name.toLowerCase(), known.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  // Half of its letters must be right.
  return best && best.far <= name.length / 2 ? best.known : undefined;
}

/**
 * @param {string} name
 * @param {Kind} spec
 */
export function isNoOption(name, spec) {
  const names = Object.keys(spec);
  const best = nearest(name, names);
  return `is no option; ${best ? `did you mean ${best}?` : `there are ${names.join(", ")}`}`;
}
