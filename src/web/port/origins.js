// S1 for a request, and the rule of custom headers: one place for the fast path, the slow path and the log.
import { page } from "./values.js";

/**
 * The options that decide whose request it is.
 * @typedef {Pick<import("./options.js").PortOptions, "origins" | "ownOrigin" | "refresh">} Origins
 */

/** A URL of the page's own origin, of another allowed one, or of none of them. */
export const OWN = 1;
export const ALLOWED = 0;
export const FOREIGN = -1;

/** Character codes: this is asked on every call, and a regular expression costs more than all the rest of it. */
const SLASH = 47;
const LOWER_CASE = 32;
const BEFORE_A = 96;
const AFTER_Z = 123;

/**
 * What the latest relative URL was relative to, and its origin: a page hardly ever changes it.
 * @type {string | undefined}
 */
let base;
let baseOrigin = "";

/** S0: the URL that `covers` looked at last, absolute; what it found foreign stays as it was. */
export let href = "";

/**
 * S1: whose is this URL? What is no URL is foreign, and so is the refresh itself.
 * @param {Origins} options
 * @param {string} url
 */
export function covers({ origins, ownOrigin, refresh }, url) {
  const { tail } = refresh;
  href = url;
  // Whatever might be the refresh itself is compared as a parsed URL.
  if (tail === undefined || !url.endsWith(tail)) {
    const second = url.charCodeAt(1) | LOWER_CASE;
    // A slash and a letter begin a path: whatever follows, it stays on the origin of the page's base.
    if (url.charCodeAt(0) === SLASH && second > BEFORE_A && second < AFTER_Z) {
      moved();
      if (!origins.includes(baseOrigin)) return FOREIGN;
      href = baseOrigin + url;
      return baseOrigin === ownOrigin ? OWN : ALLOWED;
    }
    // By index and by slice: measurably less than an iterator and `startsWith`, on every call.
    for (let i = 0; i < origins.length; i++) {
      const origin = /** @type {string} */ (origins[i]);
      // The slash ends the host, so this is no mere prefix match.
      if (url.charCodeAt(origin.length) === SLASH && url.slice(0, origin.length) === origin) {
        return origin === ownOrigin ? OWN : ALLOWED;
      }
    }
  }
  try {
    moved();
    const { href: at } = new URL(url, base);
    // A blob: URL has an origin, but begins with its scheme.
    const origin = origins.find((allowed) => at.startsWith(`${allowed}/`));
    if (origin !== undefined && at !== refresh.url) {
      href = at;
      return origin === ownOrigin ? OWN : ALLOWED;
    }
  } catch {
    // What is no URL, fetch refuses best.
  }
  return FOREIGN;
}

/** Looks at the page's base again. */
function moved() {
  const at = page();
  if (at === base) return;
  base = at;
  baseOrigin = at !== undefined && /^http/.test(at) ? new URL(at).origin : "";
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
