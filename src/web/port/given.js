// What the caller gave, read once, at the call, as WebIDL reads it (S0).
import { covers, FOREIGN, href } from "./origins.js";
import { is, isObject, isPlain } from "./values.js";

/**
 * Truthy if the init that was read last has what is seldom used: some of it decides what becomes of a header.
 * @type {unknown}
 */
export let isRare;

/**
 * The members of an init that fetch reads (Fetch §5.4): each once, in the order of their names, own or inherited. All
 * of them are there, so that none is found on Object.prototype. Written out: a loop over names costs ten times as much.
 * @param {any} init
 */
function read(init) {
  const { body, cache, credentials, duplex, headers: given } = init;
  let headers = given;
  // What is no object, fetch says what is wrong with.
  if (isObject(given)) {
    const iterate = /** @type {any} */ (given)[Symbol.iterator];
    headers = iterate ? pairs(given, iterate) : { ...given };
  }
  const { integrity, keepalive, method, mode, priority, redirect, referrer, referrerPolicy, signal, window } = init;
  // Also if no loop finds it: with some of these the header might be dropped.
  isRare = cache || duplex || integrity || mode || priority || redirect || referrer || referrerPolicy;
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

/** @type {any} */
const NONE = read({ __proto__: null });

/** An init of nothing. A literal without a prototype is a slow object. */
export const bare = () => Object.create(NONE);

/**
 * Headers of what has an iterator, as they are then.
 * @param {any} given
 * @param {any} iterate
 */
const pairs = (given, iterate) =>
  Array.from({ [Symbol.iterator]: () => iterate.call(given) }, (pair) =>
    isObject(pair) ? [.../** @type {any} */ (pair)] : pair,
  );

/** What a Request itself says its URL is: an own property or a subclass may say otherwise. */
const brand = Object.getOwnPropertyDescriptor(globalThis.Request?.prototype ?? NONE, "url")?.get;

/**
 * Headers in the caller's form and spelling, with one more.
 * @param {any} headers
 * @param {string} name
 * @param {string} value
 */
export const joined = (headers, name, value) =>
  Array.isArray(headers) ? [...headers, [name, value]] : { ...headers, [name]: value };

/**
 * What only another fetch knows (`next`, `dispatcher`) goes along unread, own or inherited.
 * @param {any} init
 * @param {any} to
 */
function others(init, to) {
  // All but Object.prototype, of whatever frame.
  for (let at = init; at && (at === init || Object.getPrototypeOf(at)); at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      if (name in to) continue;
      /** @type {any} */
      const property = { __proto__: null, ...Object.getOwnPropertyDescriptor(at, name) };
      property.get &&= property.get.bind(init);
      Object.defineProperty(to, name, property);
    }
  }
  return to;
}

/**
 * How every call begins. What is none of ours is handed on; `next` goes on with the others. An error of the arguments
 * is thrown: to reject with it at once is the caller's part, because `fetch` lets no microtask go before.
 * @param {import("./options.js").PortOptions} options
 * @param {(url: string, whose: number, init: any, request?: Request) => any} next
 * @param {any} input
 * @param {any} given
 */
export function begin(options, next, input, given) {
  const { skip, fetch } = options;
  // The URL of a Request, also of another frame's.
  let of;
  if (typeof input !== "string") {
    try {
      of = /** @type {any} */ (brand).call(input);
    } catch {
      // A test's own class, put in the place of Request since then.
      if (is(input, "Request")) of = input.url;
    }
  }
  const sent = of === undefined ? `${input}` : input;
  const whose = covers(options, of ?? sent);
  // S0: absolute, from here on.
  const at = href;
  const isPlainly = given === undefined || given === null || isPlain(given);
  let init = given;
  if (given && isPlainly && (whose !== FOREIGN || skip)) {
    init = read(given);
    for (const name in given) {
      if (name !== "method" && name !== "body" && name !== "headers" && name !== "signal" && name !== "credentials") {
        isRare = others(given, init);
        break;
      }
    }
  }
  if (skip?.(input, init) || whose === FOREIGN) return fetch.call(undefined, sent, init);
  // What is no plain object, fetch reads best; and only a Request has all that a Request is made of.
  if (isPlainly && of === undefined) return next(at, whose, init ?? undefined);
  const request = new Request(of === undefined ? at : input, init);
  return next(at, whose, given ? others(given, bare()) : undefined, request);
}

/**
 * What goes beside a Request that was made of all the rest. An init resets these (Fetch, the Request constructor), or
 * Firefox forgets them, so they are given again.
 * @param {Request} request
 * @param {any} init
 */
export const beside = ({ referrer, referrerPolicy, keepalive }, init) =>
  Object.assign(init, NONE, { referrer, referrerPolicy, keepalive });
