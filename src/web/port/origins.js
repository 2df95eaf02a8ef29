// S1 and S2 for a request, and the rule of custom headers: one place for the fast path, the slow path and the log.
import { page } from "./values.js";

/**
 * The options that decide whose request it is.
 * @typedef {Pick<import("./options.js").PortOptions, "origins" | "ownOrigin" | "refresh">} Origins
 */

/** A URL of the page's own origin, of another allowed one, or of none of them. */
export const OWN = 1;
export const ALLOWED = 0;
export const FOREIGN = -1;

/** Begins a path: whatever follows, it stays on the origin of the page's base. */
const PATH = /^\/[a-z]/i;

/** The latest base that a path was resolved against, and its origin: a page hardly ever changes it. */
let base = "";
let baseOrigin = "";

/**
 * S1: whose is this URL? What is no URL is foreign, and so is the refresh itself.
 * @param {Origins} options
 * @param {string} url
 * @param {string} [at] what it is relative to
 */
export function covers({ origins, ownOrigin, refresh }, url, at = page()) {
  const { tail } = refresh;
  // Whatever might be the refresh itself is compared as a parsed URL.
  if (tail === undefined || !url.endsWith(tail)) {
    if (PATH.test(url)) {
      if (at !== undefined && at !== base) {
        base = at;
        baseOrigin = /^http/.test(at) ? new URL(at).origin : "";
      }
      if (at !== undefined && origins.includes(baseOrigin)) return baseOrigin === ownOrigin ? OWN : ALLOWED;
      return FOREIGN;
    }
    for (const origin of origins) {
      // The slash ends the host, so this is no mere prefix match.
      if (url.startsWith(origin) && url[origin.length] === "/") return origin === ownOrigin ? OWN : ALLOWED;
    }
  }
  try {
    const { href } = new URL(url, at);
    // A blob: URL has an origin, but begins with its scheme.
    const origin = origins.find((allowed) => href.startsWith(`${allowed}/`));
    if (origin !== undefined && href !== refresh.url) return origin === ownOrigin ? OWN : ALLOWED;
  } catch {
    // What is no URL, fetch refuses best.
  }
  return FOREIGN;
}

/**
 * S2: did the caller set the auth header? `lower`: its name in lower case.
 * @param {any} headers a Headers, or a plain object
 * @param {string} lower
 */
export function carries(headers, lower) {
  if (headers instanceof Headers) return headers.has(lower);
  for (const name in headers) {
    if (name.length === lower.length && name.toLowerCase() === lower) return true;
  }
  return false;
}

/**
 * On a redirect to another origin browsers strip Authorization only: a token in another header must not come along.
 * @param {string} lower the header's name
 * @param {number} whose
 * @param {RequestInit} init
 * @param {RequestRedirect} [redirect] of the Request that goes with the init
 */
export function confine(lower, whose, init, redirect) {
  if (lower === "authorization") return;
  if (whose === OWN) init.mode = "same-origin";
  else if ((init.redirect ?? redirect) !== "manual") init.redirect = "error";
}
