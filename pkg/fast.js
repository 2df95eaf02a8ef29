// The fast path: a call that needs no refresh costs one number from the engine and one header. Whatever is not plain to
// see takes the slow path, in the port.
import { challenged } from "../src/web/port/calls.js";
import { proven } from "../src/web/port/inputs.js";
import { carries, confine, covers, FOREIGN, base as latest } from "../src/web/port/origins.js";
import { route, verdict } from "../src/web/port/reply.js";
import { header as authorization } from "../src/web/port/session.js";
import { look } from "../src/web/port/store.js";
import { isPlain } from "../src/web/port/values.js";
import { BARE, SLOW } from "../src/web/port/wire.js";

/**
 * What the fast path keeps of a session: the header's value, and the stamps that it belongs to and that has worked.
 * @typedef {{ value: string | undefined, stamp: number, proven: number }} Seen
 */

/** @returns {Seen} */
export const nothingSeen = () => ({ value: undefined, stamp: 0, proven: 0 });

/**
 * Bodies that the caller cannot change, so that no copy is needed to send them again.
 * @param {unknown} body
 */
const isFixed = (body) => body === undefined || body === null || typeof body === "string" || body instanceof Blob;

/**
 * `undefined`: the slow path's.
 * @param {import("../src/web/port/options.js").PortOptions} options
 * @param {{ ticket(now: number): number }} core
 * @param {import("../src/web/port/port.js").Port} port
 * @param {Seen} seen
 * @param {any} input
 * @param {any} init the call's own copy of a plain object, or nothing
 * @returns {Promise<Response> | undefined}
 */
export function fast(options, core, port, seen, input, init) {
  const { skip, header, lower, fetch, hops } = options;
  if (skip) return;
  let url = input;
  let headers;
  if (typeof input !== "string") {
    // In another header than Authorization the token is confined by what an init cannot say beside a Request.
    if (init || lower !== "authorization" || !(input instanceof Request)) return;
    if (!/^(GET|HEAD)$/.test(input.method) || input.mode === "no-cors") return;
    headers = new Headers(input.headers);
    if (carries(headers, lower)) return;
    url = input.url;
  }
  const whose = covers(options, url);
  if (whose === FOREIGN) return;
  // S0: what a relative URL is relative to now.
  const base = latest;
  if (init) {
    // These two decide what becomes of the header.
    if (!isFixed(init.body) || init.mode || init.redirect) return;
    headers = init.headers;
    if (headers !== undefined && (headers === null || !isPlain(headers) || carries(headers, lower))) return;
  }
  const now = Date.now();
  look(port, now);
  const stamp = core.ticket(now);
  // Nobody is signed in, as far as is known: a store of the caller's own may know better (S7).
  if (stamp === SLOW || (stamp === BARE && options.store)) return;
  if (stamp === BARE) return fetch.call(undefined, input, init);
  if (stamp !== seen.stamp) {
    seen.value = authorization(port);
    seen.stamp = stamp;
  }
  const { value } = seen;
  /** @type {any} */
  let sent;
  if (url !== input) {
    if (value !== undefined) headers.set(header, value);
    // An init beside a Request resets these (Fetch, the Request constructor), so they are given again.
    const { referrer, referrerPolicy } = /** @type {Request} */ (input);
    sent = { headers, referrer, referrerPolicy };
  } else {
    sent = init ?? {};
    sent.headers = { ...headers };
    if (value !== undefined) sent.headers[header] = value;
  }
  confine(lower, whose, sent);
  return (hops ? hops(options, input, sent) : fetch.call(undefined, input, sent)).then((response) => {
    const said = verdict(options, response, url, base);
    if (said) {
      const { href } = new URL(url, base);
      return challenged(port, stamp, href, input, sent, whose, response, said);
    }
    // A6: a fraction says that each success matters.
    if (stamp !== seen.proven || stamp % 1) {
      seen.proven = stamp;
      const { method } = /** @type {any} */ (url === input ? sent : input);
      proven(port, stamp, route(method, new URL(url, base).href));
    }
    return response;
  });
}
