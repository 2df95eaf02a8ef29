// A call of fetch, read once and for good: for the subpaths that stand around a fetch. What is read is what is sent
// (S0), so the URL is absolute, and a Request is asked by the platform's own getters, because an object can have an
// `url` of its own over the one that it is sent to.

/**
 * What the caller wrote, and nothing of a prototype, to which any script of the page may have added.
 * @template {object} T
 * @param {T | null | undefined} given
 * @returns {Partial<T>}
 */
export const own = (given) => /** @type {any} */ ({ __proto__: null, ...given });

export const page = () => globalThis.document?.baseURI ?? globalThis.location?.href;

/** What fetch reads of an init that is of a class, whose members are none of its own. */
const MEMBERS = /** @type {const} */ ([
  "method",
  "headers",
  "body",
  "referrer",
  "referrerPolicy",
  "mode",
  "credentials",
  "cache",
  "redirect",
  "integrity",
  "keepalive",
  "signal",
  "priority",
  "duplex",
]);

/**
 * @param {any} init
 * @returns {Record<string, any>}
 */
function copied(init) {
  const copy = /** @type {Record<string, any>} */ (own(init));
  const prototype = init ? Object.getPrototypeOf(init) : null;
  if (prototype === null || prototype === Object.prototype) return copy;
  for (const name of MEMBERS) if (!(name in copy) && init[name] !== undefined) copy[name] = init[name];
  return copy;
}

/**
 * A member of what is a Request, also of another frame's; undefined if it is none.
 * @param {unknown} input
 * @param {keyof Request} name
 */
function member(input, name) {
  try {
    return Reflect.get(Request.prototype, name, /** @type {object} */ (input));
  } catch {
    // Not a Request: fetch takes its text for a URL.
  }
}

/**
 * The method as fetch sends it: it makes these upper-case, and leaves others, such as `patch`, as they are (Fetch,
 * "normalize a method").
 * @param {string} method
 */
export const normalised = (method) =>
  /^(delete|get|head|options|post|put)$/i.test(method) ? method.toUpperCase() : method;

/**
 * Throws what fetch would reject with for a URL that is none, for headers that are none, and the like.
 * @param {Parameters<typeof globalThis.fetch>[0]} input
 * @param {Parameters<typeof globalThis.fetch>[1]} [init]
 */
export function reading(input, init) {
  const given = copied(init);
  const of = (/** @type {keyof Request} */ name) => member(input, name);
  const address = of("url");
  const request = address === undefined ? undefined : /** @type {Request} */ (input);
  const url = new URL(/** @type {string} */ (address ?? String(input)), page());
  return {
    /** The Request that was given, if it was one. */
    request,
    url,
    /** A copy. */
    headers: new Headers(given.headers ?? of("headers")),
    /** As it was given, before fetch makes some of them upper-case. */
    method: String(given.method ?? of("method") ?? "GET"),
    /** Of the init; a Request's own is not looked at. */
    body: given.body ?? undefined,
    init: given,
    of,
  };
}
