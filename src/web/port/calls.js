// Calls under way: opened, sent, watched, settled.
import { takeBody } from "./body.js";
import * as inputs from "./inputs.js";
import { confine, covers, FOREIGN } from "./origins.js";
import { route, verdict } from "./reply.js";
import { look } from "./store.js";
import { ignore, is, isPlain } from "./values.js";
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
 * @param {Headers} [headers] undefined where the init's are a plain object
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
  /** @type {(value: any) => void} */
  resolve: ignore,
  /** @type {(reason: unknown) => void} */
  reject: ignore,
  /** @type {(() => void) | undefined} */
  listener: undefined,
});

/**
 * The slow path. Nothing is thrown; what `fetch` rejects with is rejected with. `request`: the facade made it of these
 * arguments at the time of the call, when the wasm was not there yet.
 * @param {Port} port
 * @param {any} input
 * @param {any} init
 * @param {Request} [request]
 */
export async function fetch(port, input, init, request) {
  const { options } = port;
  const { skip, fetch, lower, store } = options;
  look(port);
  // S1: handed on as it came. A Request is known by its url, because another frame's is no instance of ours.
  if (!request && (skip?.(input, init) || covers(options, `${input?.url ?? input}`) === FOREIGN)) {
    return fetch.call(undefined, input, init);
  }
  // A plain object is read once, with the members that only a server's or a framework's own fetch knows.
  const plain = isPlain(init ?? {});
  const copy = plain ? { ...init } : {};
  // What is sent later, or again, is what this took now: it checks, reads and copies as fetch does, which makes one
  // of the same arguments (Fetch §5.6).
  request ??= new Request(input, plain ? copy : init);
  const { headers, url } = request;
  const whose = covers(options, url);
  // Kept as text where it was: tests' own fetch, and others that are not the browser's, may know no Request.
  const named = plain && (typeof input === "string" || is(input, "URL"));
  const signal = named ? copy.signal : request.signal;
  const call = entry(signal, url, named ? url : request, copy, whose, headers);
  // With no-cors the browser drops the header without a word, and the 401 would say nothing of the token.
  const ours = whose !== FOREIGN && request.mode !== "no-cors" && !headers.has(lower) && !signal?.aborted;
  // Not every browser tells by Request.body whether there is one, and WebKit makes a stream of what is asked.
  const body = copy.body ?? (!named && !/^(GET|HEAD)$/.test(request.method));
  const once = body && typeof body !== "string" && !is(body, "Blob") && takeBody(call, request, copy, ours);
  copy.headers = headers;
  if (call.input === request) {
    // An init beside a Request resets these (Fetch, the Request constructor), so they are given again.
    copy.referrer = request.referrer;
    copy.referrerPolicy = request.referrerPolicy;
  }
  if (!ours) return fetch.call(undefined, /** @type {RequestInfo} */ (call.input), copy);
  if (store) await store.seek(signal);
  return enter(port, inputs.opened(port, !once), call);
}

/**
 * A request of the fast path was challenged: `url` is absolute, the init the facade's own copy.
 * @param {Port} port
 * @param {number} stamp
 * @param {string} url
 * @param {string | Request} input
 * @param {any} init
 * @param {number} whose
 * @param {Response} response
 * @param {import("./reply.js").Verdict} said
 */
export function challenged(port, stamp, url, input, init, whose, response, said) {
  const isUrl = typeof input === "string";
  const signal = isUrl ? init.signal : input.signal;
  const call = entry(signal, url, isUrl ? url : input, init, whose, isUrl ? undefined : init.headers, response);
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
  if (id === wire.FULL) {
    return call.got ? Promise.resolve(call.got) : Promise.reject(port.options.makeError(wire.CODE_QUEUE_FULL));
  }
  const promise = new Promise((resolve, reject) => {
    call.resolve = resolve;
    call.reject = reject;
  });
  port.calls.set(id, call);
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
  call.got?.body?.cancel().catch(ignore);
  call.got = undefined;
  const { init, headers } = call;
  const value = access && prefix + access;
  // Those of the fast path are a plain object, in which the name stands as it is written in the options.
  if (!headers) {
    init.headers = { ...init.headers, [header]: value };
    if (!access) delete init.headers[header];
  } else {
    if (access) headers.set(header, value);
    else headers.delete(header);
    init.headers = headers;
  }
  if (access) confine(lower, call.whose, init, call.input.redirect);
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
  if (!call.signal) return;
  call.listener = () => inputs.aborted(port, id);
  if (call.signal.aborted) call.listener();
  else call.signal.addEventListener("abort", call.listener);
}

/** @param {Call} call */
function unwatch(call) {
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
  else if (outcome === wire.OUTCOME_ABORTED) call.reject(call.signal.reason);
  else if (outcome === wire.OUTCOME_VALUE) call.resolve(value);
  else call.reject(port.options.makeError(outcome - wire.OUTCOME_ERROR, port.cause));
}
