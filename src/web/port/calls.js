// Calls under way: opened, sent, watched, settled.
import { takeBody } from "./body.js";
import { bare, begin, beside, joined } from "./given.js";
import * as inputs from "./inputs.js";
import { late } from "./lock.js";
import { confine, covers, FOREIGN } from "./origins.js";
import { route, verdict } from "./reply.js";
import { look } from "./store.js";
import { ignore, is } from "./values.js";
import * as wire from "./wire.js";

/** @typedef {import("./port.js").Port} Port */
/** @typedef {ReturnType<typeof entry>} Call */

/** Where a session's limits end: the longest validity that fits the border's number, in ms. */
const VALIDITY_MAX_MS = 4e9;

/**
 * All that is kept of a call: own properties, so that none is found on Object.prototype, and in one shape, for speed.
 * `got` is its latest response, or what `fetch` rejected with.
 * @param {AbortSignal | null | undefined} signal
 * @param {string} [url] absolute
 * @param {string | Request} [input] what is sent
 * @param {any} [init] a copy of the call's own
 * @param {number} [whose]
 * @param {any} [headers] the init's, without ours; a Request has its own
 * @param {any} [got]
 */
const entry = (signal, url, input, init, whose = FOREIGN, headers, got) => ({
  signal,
  url,
  input,
  init,
  whose,
  headers,
  got,
  /** @type {any} */
  body: undefined,
  /** Ends the reading of a held response. */
  drop: ignore,
  /** @type {(value: any) => void} */
  resolve: ignore,
  /** @type {(reason: unknown) => void} */
  reject: ignore,
  /** @type {(() => void) | undefined} */
  listener: undefined,
});

/**
 * The slow path alone, for Rust applications.
 * @param {Port} port
 * @param {any} input
 * @param {any} init
 */
export const fetch = async (port, input, init) =>
  begin(port.options, (url, _, init, request) => slow(port.options, port, ignore, url, init, request), input, init);

/**
 * The slow path. An error of the arguments is thrown.
 * @param {import("./options.js").PortOptions} options
 * @param {Port | null} port
 * @param {() => any} load gives the promise of a port, where there is none yet
 * @param {string} url absolute
 * @param {any} [init] the call's own
 * @param {Request} [given] made of the caller's and the init
 * @returns {Promise<Response>}
 */
export function slow(options, port, load, url, init = bare(), given = undefined) {
  const { fetch, lower, store } = options;
  // What is sent later, or again, is what this took now: it checks, reads and copies as fetch does, which makes one
  // of the same arguments (Fetch §5.6).
  const request = given ?? new Request(url, init);
  const { headers, url: at } = request;
  const signal = given ? request.signal : init.signal;
  // Kept as text where it was: tests' own fetch, and others that are not the browser's, may know no Request.
  const call = entry(signal, at, given ?? at, init, covers(options, at), init.headers);
  // S2. And with no-cors the browser drops the header without a word, and the 401 would say nothing of the token.
  const ours = call.whose !== FOREIGN && request.mode !== "no-cors" && !headers.has(lower) && !signal?.aborted;
  // Not every browser tells by Request.body whether there is one, and WebKit makes a stream of what is asked.
  const body = given ? !/^(GET|HEAD)$/.test(request.method) : init.body;
  const once = !!body && typeof body !== "string" && !is(body, "Blob") && takeBody(call, request, init, ours);
  if (call.input === request) beside(request, init);
  if (!ours) return fetch.call(undefined, /** @type {RequestInfo} */ (call.input), init);
  const open = (/** @type {Port} */ port) => {
    look(port);
    return enter(port, inputs.opened(port, !once), call);
  };
  if (port && !store) return open(port);
  return new Promise((resolve, reject) => {
    call.reject = reject;
    watch(call, () => fail(call, signal?.reason));
    // Nobody may be signed in, as far as is known (S7).
    (port ? /** @type {any} */ (store).seek(signal).then(() => port) : load()).then(
      (/** @type {Port} */ port) => {
        unwatch(call);
        if (!signal?.aborted) resolve(open(port));
      },
      (/** @type {unknown} */ error) => fail(call, error),
    );
  });
}

/**
 * Puts the auth header on. The engine sends no call bare that was sent before, so there is none to take off.
 * @param {any} call
 * @param {string} header
 * @param {string} [value]
 */
function dress({ input, init, headers }, header, value) {
  // A Request of our own keeps the spelling of names only in its own headers.
  if (typeof input === "string") init.headers = value ? joined(headers, header, value) : headers;
  else if (value) input.headers.set(header, value);
}

/**
 * A call ends unsent, or with its answer given up: a stream that was to be sent is cancelled, as by fetch.
 * @param {any} call
 * @param {unknown} reason
 */
function fail(call, reason) {
  call.input?.body?.cancel(reason).catch(ignore);
  call.reject(reason);
}

/**
 * A request of the fast path was challenged: `url` is absolute, the init the facade's own copy.
 * @param {Port} port
 * @param {number} stamp
 * @param {string} url
 * @param {Request | undefined} request
 * @param {any} init
 * @param {number} whose
 * @param {Response} response
 * @param {import("./reply.js").Verdict} said
 */
export function challenged(port, stamp, url, request, init, whose, response, said) {
  const { signal } = request ?? init;
  // With the header that was refused: another takes its place.
  const headers = init?.headers;
  const call = entry(signal, url, request ?? url, request ? bare() : init, whose, headers, response);
  port.options.store?.look();
  return enter(port, inputs.challenged(port, stamp, said, routeOf(call)), call);
}

/**
 * The access token, for what is not fetch.
 * @param {Port} port
 * @param {number} minValidity in seconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function token(port, minValidity, signal) {
  look(port);
  await port.options.store?.seek(signal);
  if (signal?.aborted) throw signal.reason;
  return enter(port, inputs.tokenWanted(port, Math.min(minValidity * 1000, VALIDITY_MAX_MS)), entry(signal));
}

/**
 * A refresh, now.
 * @param {Port} port
 * @returns {Promise<any>}
 */
export async function refresh(port) {
  look(port);
  await port.options.store?.seek();
  return enter(port, inputs.refreshWanted(port), entry(undefined));
}

/** @param {any} call */
const routeOf = ({ input, init, url }) => route(input.method ?? init.method, url);

/**
 * The engine was asked first; what it wants done about the call is done after the call's entry is in place.
 * @param {Port} port
 * @param {number} id
 * @param {Call} call
 */
function enter(port, id, call) {
  const promise = new Promise((resolve, reject) => {
    call.resolve = resolve;
    call.reject = reject;
  });
  if (id !== wire.FULL) port.calls.set(id, call);
  else if (call.got) call.resolve(call.got);
  else fail(call, port.options.makeError(wire.CODE_QUEUE_FULL));
  return promise;
}

/**
 * @param {Port} port
 * @param {number} id
 * @param {number} _
 * @param {string | undefined} access
 */
export function send(port, id, _, access) {
  const call = port.calls.get(id);
  const { header, prefix, lower } = port.options;
  unwatch(call);
  // The 401 that the replay replaces is read by nobody: its connection is freed.
  call.got?.body?.cancel?.()?.catch(ignore);
  call.got = undefined;
  dress(call, header, access && prefix + access);
  if (access) confine(lower, call.whose, call.init, call.input.redirect);
  /** @param {unknown} error */
  const rejected = (error) => {
    call.got = error;
    inputs.rejected(port, id);
  };
  go(port, call).then((response) => {
    let said;
    try {
      said = verdict(port.options, response, call.url);
    } catch (error) {
      return rejected(error);
    }
    call.got = response;
    if (said) port.options.store?.look();
    inputs.responded(port, id, said, routeOf(call));
  }, rejected);
}

/**
 * @param {Port} port
 * @param {any} call
 */
async function go({ options }, call) {
  const { input, init, body } = call;
  if (body === true) {
    call.input = input.clone();
  } else if (body) {
    const bytes = await body;
    call.body = undefined;
    // Unless there was none: a Request that is not used up.
    if (input.bodyUsed !== false) init.body = bytes;
  }
  return options.hops ? options.hops(options, input, init) : options.fetch.call(undefined, input, init);
}

/**
 * @param {Port} port
 * @param {number} id
 */
export function wait(port, id) {
  const call = port.calls.get(id);
  const { got } = call;
  if (got) {
    let isHeld = true;
    call.drop = () => {
      isHeld = false;
    };
    late().then(({ hold }) => {
      if (!isHeld) return;
      call.drop = hold(got, (kept) => {
        call.got = kept;
      });
    }, ignore);
  }
  watch(call, () => inputs.aborted(port, id));
}

/**
 * @param {Call} call
 * @param {() => void} listener
 */
function watch(call, listener) {
  call.listener = listener;
  if (call.signal?.aborted) listener();
  else call.signal?.addEventListener("abort", listener);
}

/** @param {Call} call */
function unwatch(call) {
  call.drop();
  if (call.listener) call.signal?.removeEventListener("abort", call.listener);
  call.listener = undefined;
}

/**
 * @param {Port} port
 * @param {number} id
 * @param {number} outcome
 * @param {unknown} value
 */
export function settle(port, id, outcome, value) {
  const call = port.calls.get(id);
  port.calls.delete(id);
  unwatch(call);
  if (outcome === wire.OUTCOME_RESPONSE) call.resolve(call.got);
  else if (outcome === wire.OUTCOME_FAILURE) call.reject(call.got);
  else if (outcome === wire.OUTCOME_ABORTED) fail(call, call.signal.reason);
  else if (outcome === wire.OUTCOME_VALUE) call.resolve(value);
  else fail(call, port.options.makeError(outcome - wire.OUTCOME_ERROR, port.cause));
}
