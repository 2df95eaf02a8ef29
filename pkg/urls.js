// URLs that may see a token, absolute.
import { page } from "../src/web/port/values.js";
import { invalid } from "./error.js";
import { LOCAL_HOST, MUST_BE_ABSOLUTE_URL, MUST_BE_ORIGIN, MUST_BE_SAFE, MUST_BE_URL } from "./names.js";

/**
 * https everywhere but on this machine: a token in the clear is a token given away.
 * @param {URL | Location} url
 */
export const isSafe = (url) => url.protocol === "https:" || (url.protocol === "http:" && LOCAL_HOST.test(url.hostname));

/**
 * @param {any} value
 * @param {string} name
 * @param {string} [base]
 */
export function absolute(value, name, base = page()) {
  let url;
  try {
    url = new URL(value, base);
  } catch {
    throw invalid(name, DEVELOPMENT && `must be ${base ? MUST_BE_URL : MUST_BE_ABSOLUTE_URL}; got ${String(value)}`);
  }
  if (!isSafe(url)) throw invalid(name, DEVELOPMENT && `must be ${MUST_BE_SAFE}; got ${url.href}`);
  return url;
}

/**
 * An origin by itself: what is relative would silently be the page's, and a path would not narrow anything.
 * @param {unknown} value
 * @param {string} name
 */
export function originOf(value, name) {
  const url = URL.canParse(/** @type {string} */ (value)) && absolute(value, name);
  if (url && url.href === `${url.origin}/`) return url.origin;
  throw invalid(name, DEVELOPMENT && `must be ${MUST_BE_ORIGIN}; got ${String(value)}`);
}
