// Redirects followed by hand (S9), where `fetch` shows them: outside browsers, which is the only place that loads this.
//
// A browser strips Authorization when a redirect leaves the origin, and keeps a request of mode "same-origin" at home.
// Elsewhere neither is promised (workerd before 2026 and Deno 2.1 carry the token along), so nothing is left to the
// platform: each hop is a request of its own with `redirect: "manual"`, made by the rules of Fetch (HTTP-redirect
// fetch). What left its origin once gets no token again, not even where a later hop is on an allowed origin: whoever
// answered in between chose where it leads.
import { page } from "./values.js";

/** @typedef {import("./options.js").PortOptions} PortOptions */

const REDIRECTS = [301, 302, 303, 307, 308];
const SEE_OTHER = 303;
const HOPS_MAX = 20;
/** They describe a body that a redirect has taken away (Fetch, request-body-header name). */
const OF_THE_BODY = ["content-encoding", "content-language", "content-length", "content-location", "content-type"];
/** They are for the origin that they were given for. */
const OF_THE_ORIGIN = ["authorization", "cookie", "host", "proxy-authorization"];

/** @param {string} why */
const refused = (why) => new TypeError(`a redirect was refused: ${why}`);

/**
 * The token's request, and those that its redirects lead to.
 * @param {PortOptions} options
 * @param {string | Request} input
 * @param {any} init the call's own copy
 * @returns {Promise<Response>}
 */
export async function hops({ fetch, lower }, input, init) {
  // Own members only: whatever a prototype has is nobody's wish.
  init = { __proto__: null, ...init };
  const request = typeof input === "string" ? undefined : input;
  const { redirect = request?.redirect, mode = request?.mode } = init;
  // Without a token there is nothing to keep, and whoever asked for the redirect itself follows it themselves.
  if (redirect === "manual" || !new Headers(init.headers).has(lower)) return fetch.call(undefined, input, init);
  let url = new URL(request?.url ?? /** @type {string} */ (input), page());
  // A stream is gone once it was sent; what is kept of another body can be sent again.
  const kept = init.body ?? (request?.keepalive && request.body ? request.clone() : undefined);
  const isStream = init.body == null ? !!request?.body && !kept : isOnce(init.body);
  const first = { __proto__: null, ...init, redirect: "manual" };
  // Some platforms do not know it. What it says is seen to below.
  delete first.mode;
  let response = await fetch.call(undefined, input, first);
  let method = `${init.method ?? request?.method ?? "GET"}`;
  let body = kept;
  const headers = new Headers(init.headers);
  for (let hop = 1; ; hop++) {
    if (response.type === "opaqueredirect") throw refused("this fetch does not show where it leads");
    const to = REDIRECTS.includes(response.status) && location(response);
    if (!to) return hop > 1 ? told(response) : response;
    // Its connection is freed; nobody reads it.
    response.body?.cancel().catch(() => {});
    if (redirect === "error") throw refused("the token must not follow it");
    if (hop > HOPS_MAX) throw refused(`it is number ${hop}`);
    const next = parsed(to, url);
    const leaves = next.origin !== url.origin;
    if (leaves && mode === "same-origin") throw refused("it leaves the origin");
    if (response.status !== SEE_OTHER && isStream && body !== null) throw refused("a stream can be sent only once");
    const isPost = /^post$/i.test(method);
    if (response.status === SEE_OTHER ? !/^(get|head)$/i.test(method) : response.status < SEE_OTHER && isPost) {
      method = "GET";
      body = null;
      for (const name of OF_THE_BODY) headers.delete(name);
    }
    if (leaves) for (const name of [lower, ...OF_THE_ORIGIN]) headers.delete(name);
    url = next;
    response = await fetch.call(undefined, url.href, {
      __proto__: null,
      ...extras(init),
      method,
      headers,
      body: await bytes(body),
      signal: init.signal ?? request?.signal,
      redirect: "manual",
    });
  }
}

/**
 * What only this platform's own fetch knows: a dispatcher, a client, a cache of a framework's.
 * @param {any} init
 */
function extras({ mode: _, duplex: _half, ...rest }) {
  return rest;
}

/** @param {any} body */
const isOnce = (body) => typeof body.getReader === "function" || typeof body[Symbol.asyncIterator] === "function";

/**
 * A Request's clone can be read once, and there may be another hop.
 * @param {any} body
 */
async function bytes(body) {
  return typeof body?.clone === "function" ? body.clone().arrayBuffer() : body;
}

/** @param {Response} response */
function location({ headers }) {
  const to = headers.get("location");
  // A header has a character for each byte, and these are of UTF-8.
  const isUtf8 = to !== null && /[\x80-\xff]/.test(to) && !/[^\0-\xff]/.test(to);
  return isUtf8 ? new TextDecoder().decode(Uint8Array.from(to, (c) => c.charCodeAt(0))) : to;
}

/**
 * @param {string} to
 * @param {URL} from
 */
function parsed(to, from) {
  let next;
  try {
    next = new URL(to, from);
  } catch {
    throw refused("it leads nowhere");
  }
  if (!/^https?:$/.test(next.protocol)) throw refused(`it leads to ${next.protocol}`);
  if (next.username || next.password) throw refused("it brings credentials along");
  if (!next.hash) next.hash = from.hash;
  return next;
}

/**
 * As the platform tells it of a redirect that it has followed; its clones, too.
 * @param {Response} response
 * @returns {Response}
 */
function told(response) {
  const { clone } = response;
  return Object.defineProperties(response, {
    redirected: { value: true, configurable: true },
    clone: { value: () => told(clone.call(response)), configurable: true, writable: true },
  });
}
