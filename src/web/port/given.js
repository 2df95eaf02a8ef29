// What the caller gave, read once, at the call, as WebIDL reads it (S0).
import { covers, FOREIGN, href } from "./origins.js";
import { is, isObject, isPlain } from "./values.js";

/**
 * The members of an init that fetch reads (Fetch §5.4): each once, in the order of their names, own or inherited. All
 * of them are there, so that none is found on Object.prototype. Written out: a loop over names costs ten times as much.
 * @param {any} init
 * @returns {any}
 */
function read(init) {
  const { body, cache, credentials, duplex, headers: given } = init;
  const headers = headersOf(given);
  const { integrity, keepalive, method, mode, priority, redirect, referrer, referrerPolicy, signal, window } = init;
  return {
    body,
    cache,
    credentials,
    duplex,
    headers,
    integrity,
    keepalive,
    method,
    mode,
    priority,
    redirect,
    referrer,
    referrerPolicy,
    signal,
    window,
  };
}

const KNOWN = read({ __proto__: null });

/** What a Request itself says its URL is: an own property or a subclass may say otherwise. */
const brand = Object.getOwnPropertyDescriptor(globalThis.Request?.prototype ?? KNOWN, "url")?.get;

/**
 * The URL of a Request, also of another frame's; undefined for what is none.
 * @param {any} input
 * @returns {string | undefined}
 */
function requestUrl(input) {
  if (!isObject(input)) return;
  try {
    return brand?.call(input);
  } catch {
    // A test's own class, put in the place of Request since then.
    if (is(input, "Request")) return input.url;
  }
}

/**
 * Headers as they are then: pairs of what has an iterator, else a plain object.
 * @param {any} given
 */
function headersOf(given) {
  if (given === undefined) return;
  // Which says what is wrong with it.
  if (Object(given) !== given) return new Headers(given);
  const iterate = given[Symbol.iterator];
  if (!iterate) return { ...given };
  return Array.from({ [Symbol.iterator]: () => iterate.call(given) }, (pair) =>
    isObject(pair) ? [.../** @type {any} */ (pair)] : pair,
  );
}

/**
 * Headers in the caller's form and spelling, with one more.
 * @param {any} headers
 * @param {string} name
 * @param {string} value
 */
export const joined = (headers, name, value) =>
  Array.isArray(headers) ? [...headers, [name, value]] : { ...headers, [name]: value };

/**
 * The call's own copy of a plain init.
 * @param {any} init
 */
function members(init) {
  if (init === undefined || init === null) return { ...KNOWN };
  const to = read(init);
  for (const name in init) if (!(name in KNOWN)) return others(init, to);
  return to;
}

/**
 * What only another fetch knows (`next`, `dispatcher`) goes along unread.
 * @param {any} init
 * @param {any} to
 */
function others(init, to) {
  for (const name of Reflect.ownKeys(init)) {
    if (name in KNOWN) continue;
    /** @type {any} */
    const property = { __proto__: null, ...Object.getOwnPropertyDescriptor(init, name) };
    property.get &&= property.get.bind(init);
    Object.defineProperty(to, name, property);
  }
  return to;
}

/**
 * How every call begins. What is none of ours is handed on; `next` goes on with the others. An error of the arguments
 * is thrown: to reject with it at once is the caller's part, because `fetch` lets no microtask go before.
 * @param {import("./options.js").PortOptions} options
 * @param {(url: string, whose: number, init: any, request: Request | undefined) => any} next
 * @param {any} input
 * @param {any} given
 */
export function begin(options, next, input, given) {
  const { skip, fetch } = options;
  let url = input;
  let sent = input;
  if (typeof input !== "string") {
    url = requestUrl(input);
    if (url === undefined) url = sent = `${input}`;
  }
  const whose = covers(options, url);
  // S0: absolute, from here on.
  const at = href;
  const isPlainly = !given || isPlain(given);
  const init = whose !== FOREIGN || skip ? (isPlainly ? members(given) : given) : given;
  if (skip?.(input, given && init) || whose === FOREIGN) return fetch.call(undefined, sent, given && init);
  // What is no plain object, fetch reads best; and only a Request has all that a Request is made of.
  if (isPlainly && url === sent) return next(at, whose, init, undefined);
  const request = new Request(url === sent ? at : input, init);
  return next(at, whose, given ? others(given, {}) : undefined, request);
}

/**
 * What goes beside a Request that was made of all the rest. An init resets these (Fetch, the Request constructor), or
 * Firefox forgets them, so they are given again.
 * @param {Request} request
 * @param {any} init
 */
export const beside = ({ referrer, referrerPolicy, keepalive }, init) =>
  Object.assign(init, KNOWN, { referrer, referrerPolicy, keepalive });
