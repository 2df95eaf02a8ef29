// What JavaScript says of a value, for the port and the npm facade.

export const ignore = () => {};

/** What relative URLs are relative to; undefined where there is no page. */
export const page = () => globalThis.document?.baseURI ?? globalThis.location?.href;

/**
 * An instance of the global class of this name, where there is one.
 * @param {unknown} value
 * @param {string} name
 * @returns {value is any}
 */
export const is = (value, name) => {
  const type = /** @type {any} */ (globalThis)[name];
  return typeof type === "function" && value instanceof type;
};

/**
 * An object as a literal makes it, which can be copied member by member.
 * @param {any} value
 */
export const isPlain = (value) => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * @param {unknown} value
 * @returns {value is Record<string, any>}
 */
export const isObject = (value) => typeof value === "object" && value !== null;

/**
 * Whole, of 32 bits (as FNV's, but that characters are added). Two texts hardly ever share one.
 * @param {string} text
 */
export function hash(text) {
  let hash = 0;
  for (const c of text) hash = Math.imul(hash, 0x1000193) + c.charCodeAt(0);
  return hash;
}

/**
 * What somebody wrote, and nothing of a prototype, to which any script of the page may have added.
 * @template T
 * @param {T} given
 * @returns {Partial<NonNullable<T>>}
 */
export const own = (given) => /** @type {any} */ ({ __proto__: null, .../** @type {any} */ (given) });

/**
 * NaN for what is no number.
 * @param {unknown} value
 */
export const number = (value) => (typeof value === "number" ? value : NaN);

/**
 * null for what is not JSON: a proxy's page, a captive portal, garbage in the store.
 * @param {string} raw
 * @returns {unknown}
 */
export function json(raw) {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}

/**
 * Follows a dotted path through own properties only, so that nothing on a prototype is taken for a token.
 * @param {unknown} body
 * @param {string} path
 */
export function pick(body, path) {
  let at = body;
  for (const part of path.split(".")) {
    if (!isObject(at) || !Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  return at;
}
