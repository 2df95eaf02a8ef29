// The fast path: a call that needs no refresh costs one number from the engine and one header. Whatever is not plain to
// see takes the slow path, in the port.
import { challenged } from "../src/web/port/calls.js";
import { proven } from "../src/web/port/inputs.js";
import { bare, isRare } from "../src/web/port/given.js";
import { confine } from "../src/web/port/origins.js";
import { route, verdict } from "../src/web/port/reply.js";
import { header as authorization } from "../src/web/port/session.js";
import { look } from "../src/web/port/store.js";
import { isObject } from "../src/web/port/values.js";
import { BARE, SLOW } from "../src/web/port/wire.js";

/**
 * What the fast path keeps of a session: the header's value, the stamps that it belongs to and that has worked, and the
 * latest header of the caller's that was looked at.
 * @typedef {{ value: string | undefined, stamp: number, proven: number, name?: string, text?: unknown }} Seen
 */

/** @returns {Seen} */
export const nothingSeen = () => ({ value: undefined, stamp: 0, proven: 0 });

/**
 * `undefined`: the slow path's.
 * @param {import("../src/web/port/options.js").PortOptions} options
 * @param {{ ticket(now: number): number }} core
 * @param {import("../src/web/port/port.js").Port} port
 * @param {Seen} seen
 * @param {string} url absolute
 * @param {number} whose
 * @param {any} init the call's own
 * @param {Request} [request] the call's own
 * @returns {Promise<Response> | undefined}
 */
export function fast(options, core, port, seen, url, whose, init, request) {
  const { header, lower, fetch, hops } = options;
  if (request) {
    // In another header than Authorization the token is confined by what an init cannot say beside a Request.
    if (init || lower !== "authorization") return;
    if (!/^(GET|HEAD)$/.test(request.method) || request.mode === "no-cors") return;
    if (request.headers.has(lower) || request.signal.aborted) return;
  } else if (init) {
    const { body, credentials, headers, method, signal } = init;
    if (isRare || (signal && (!(signal instanceof AbortSignal) || signal.aborted))) return;
    if (credentials !== undefined && !/^(omit|same-origin|include)$/.test(credentials)) return;
    if (method !== "POST" && !/^(PUT|PATCH|DELETE)$/.test(method)) {
      if ((body !== undefined && body !== null) || !/^(GET|HEAD|undefined)$/.test(method)) return;
    }
    if (body && typeof body !== "string" && !(body instanceof Blob)) return;
    if (headers !== undefined) {
      if (!isObject(headers) || Array.isArray(headers)) return;
      // The copy that `given` made: own members only.
      for (const name in headers) {
        const value = headers[name];
        if (name === seen.name && value === seen.text) continue;
        if (typeof value !== "string" || !/^[\w-]+:[ -~]*$/.test(`${name}:${value}`)) return;
        if (name.toLowerCase() === lower) return;
        seen.name = name;
        seen.text = value;
      }
    }
  }
  const now = Date.now();
  look(port, now);
  const stamp = core.ticket(now);
  // Nobody is signed in, as far as is known: a store of the caller's own may know better (S7).
  if (stamp === SLOW || (stamp === BARE && options.store)) return;
  if (stamp === BARE) return fetch.call(undefined, request ?? url, init);
  if (stamp !== seen.stamp) {
    seen.value = authorization(port);
    seen.stamp = stamp;
  }
  const { value } = seen;
  if (!request) init ??= bare();
  if (value) {
    // On the Request itself, whose headers keep the spelling of their names.
    if (request) {
      request.headers.set(header, value);
    } else {
      init.headers ??= {};
      init.headers[header] = value;
    }
  }
  confine(lower, whose, init);
  const input = request ?? url;
  return Promise.resolve(hops ? hops(options, input, init) : fetch.call(undefined, input, init)).then((response) => {
    const said = verdict(options, response, url);
    if (said) return challenged(port, stamp, url, request, init, whose, response, said);
    // A6: a fraction says that each success matters.
    if (stamp !== seen.proven || stamp % 1) {
      seen.proven = stamp;
      proven(port, stamp, route((request ?? init).method, url));
    }
    return response;
  });
}
