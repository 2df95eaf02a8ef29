// What a response says to the session (A1), asked once for each response.
import { hash } from "./values.js";
import * as wire from "./wire.js";

/** Says what would be enough, but never that the token is bad. */
const FORBIDDEN = 403;
const UNAUTHORIZED = 401;

/**
 * Method, origin and path as one number (A6), which stands above the bits of a reply. Two routes hardly ever share one.
 * @param {string | undefined} method
 * @param {string} url absolute
 */
export function route(method, url) {
  const [path] = url.split(/[?#]/);
  return Math.imul(hash(method + path), wire.ROUTE);
}

/**
 * The bits of a reply, and its WWW-Authenticate as bytes if that matters.
 * @typedef {{ bits: number, asks?: Uint8Array }} Verdict
 */

/**
 * `undefined`: nothing that the engine need weigh. What the application says wins over status, scheme and errors.
 * @param {Pick<import("./options.js").PortOptions, "said">} options
 * @param {Response} response
 * @param {string} url of the request, absolute
 * @returns {Verdict | undefined}
 */
export function verdict({ said }, response, url) {
  const { status } = response;
  const told = said?.(response);
  const challenge = told ?? status === UNAUTHORIZED;
  if (!challenge && status !== FORBIDDEN) return;
  // Even an allowed origin: browsers strip the header when a redirect leaves the one it was for.
  const left = response.redirected && response.url && new URL(response.url).origin !== new URL(url).origin;
  // A test's own answer may have no more than its status.
  const asks = told ? null : response.headers?.get?.("www-authenticate");
  return {
    bits: (challenge ? wire.REPLY_CHALLENGE : 0) | (left ? wire.REPLY_LEFT_ORIGIN : 0),
    // Header values have a character for each byte.
    asks: asks ? Uint8Array.from(asks, (c) => c.charCodeAt(0)) : undefined,
  };
}
