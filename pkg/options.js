// Misuse is told where it is made: createSession throws, naming the option. What comes out of here is complete, with
// URLs absolute, so that the wasm only reads it.
import { isObject, own, page } from "../src/web/port/values.js";
import { RelatchError, invalid } from "./error.js";
// Written by the build from engine/src/limits.rs, so that both faces have the same numbers, limits and words.
import {
  FORM_FIELDS,
  HEADER_DEFAULT,
  JSON_FIELDS,
  KEY_DEFAULT,
  LOCAL_HOST,
  MAX_REPLAYS_DEFAULT,
  MAX_REPLAYS_MAX,
  MAX_REPLAYS_MIN,
  MAX_WAIT_MAX_MS,
  MAX_WAIT_MIN_MS,
  MESSAGES,
  MUST_BE_ABSOLUTE_URL,
  MUST_BE_FETCH,
  MUST_BE_HEADER,
  MUST_BE_SAFE,
  MUST_BE_SCHEME,
  MUST_BE_URL,
  names,
  REFRESH_TIMEOUT_MAX_MS,
  REFRESH_TIMEOUT_MIN_MS,
  SCHEME_DEFAULT,
  WITH_CAUSE,
  WORD,
} from "./names.js";

/** @import { RefreshRequest, SessionOptions } from "./index.js" */
/** @import { FaceOptions } from "../src/web/port/options.js" */

const messages = DEVELOPMENT ? MESSAGES : names.codes.map((code) => code.replaceAll("_", " "));

/**
 * https everywhere but on this machine: a token in the clear is a token given away.
 * @param {URL | Location} url
 */
const isSafe = (url) => url.protocol === "https:" || (url.protocol === "http:" && LOCAL_HOST.test(url.hostname));

/**
 * @param {string | URL} value
 * @param {string} name
 */
function absolute(value, name) {
  let url;
  try {
    url = new URL(value, page());
  } catch {
    throw invalid(name, DEVELOPMENT && `${page() ? MUST_BE_URL : MUST_BE_ABSOLUTE_URL}; got ${String(value)}`);
  }
  if (!isSafe(url)) throw invalid(name, DEVELOPMENT && `${MUST_BE_SAFE}; got ${url.href}`);
  return url;
}

/**
 * An option of one of the language's own types.
 * @template {object} T
 * @template {keyof T & string} N
 * @template [D=undefined]
 * @param {T} from
 * @param {N} name
 * @param {"string" | "number" | "function"} kind
 * @param {D} [fallback]
 * @returns {NonNullable<T[N]> | D}
 */
function read(from, name, kind, fallback, prefix = "") {
  const value = from[name];
  if (value === undefined) return /** @type {D} */ (fallback);
  if (typeof value !== kind) {
    throw invalid(prefix + name, DEVELOPMENT && `a ${kind}; got ${value === null ? "null" : typeof value}`);
  }
  return /** @type {NonNullable<T[N]>} */ (value);
}

/**
 * A number within its limits.
 * @param {Partial<SessionOptions>} from
 * @param {"refreshTimeout" | "maxWait" | "maxReplays"} name
 * @param {number} min
 * @param {number} max
 */
function span(from, name, min, max, unit = " ms") {
  const value = read(from, name, "number");
  if (value !== undefined && !(value >= min && value <= max)) {
    throw invalid(name, DEVELOPMENT && `from ${min} to ${max}${unit}; got ${value}${unit}`);
  }
  return value;
}

/**
 * @param {SessionOptions["refresh"] | undefined} option
 * @returns {FaceOptions["refresh"]}
 */
function refresher(option) {
  if (typeof option === "function") return option;
  const given = own(option);
  if (!isObject(option) || given.url === undefined) {
    throw invalid("refresh", DEVELOPMENT && "a function or an object with a url");
  }
  const body = given.body ?? "json";
  if (body !== "json" && body !== "form") {
    throw invalid("refresh.body", DEVELOPMENT && `"json" or "form"; got ${String(body)}`);
  }
  const names = body === "form" ? FORM_FIELDS : JSON_FIELDS;
  /**
   * @template {"pick" | "send" | "extra" | "headers"} N
   * @param {N} name
   */
  const group = (name) => {
    const value = given[name] ?? {};
    if (!isObject(value)) throw invalid(`refresh.${name}`, DEVELOPMENT && `an object; got ${typeof value}`);
    return /** @type {NonNullable<RefreshRequest[N]>} */ (value);
  };
  const pick = own(group("pick"));
  const { href } = absolute(given.url, "refresh.url");
  return {
    url: href,
    // What a URL ends with that may be this one.
    tail: href.slice(href.lastIndexOf("/") + 1),
    form: body === "form",
    clientId: read(given, "clientId", "string", undefined, "refresh."),
    send: read(own(group("send")), "refreshToken", "string", names[1], "refresh.send."),
    extra: group("extra"),
    headers: group("headers"),
    credentials: read(given, "credentials", "string", "same-origin", "refresh."),
    accessToken: read(pick, "accessToken", "string", names[0], "refresh.pick."),
    refreshToken: read(pick, "refreshToken", "string", names[1], "refresh.pick."),
    expiresIn: read(pick, "expiresIn", "string", names[2], "refresh.pick."),
    terminal: read(given, "terminal", "function", undefined, "refresh."),
  };
}

const METHODS = /** @type {const} */ (["get", "set", "remove"]);

/** @param {SessionOptions["storage"]} given */
function storage(given) {
  if (given === undefined) return globalThis.document ? "local" : "memory";
  if (given === "local" || given === "session" || given === "memory") {
    if (given !== "memory" && !globalThis.document) {
      throw new RelatchError(
        "storage_unavailable",
        DEVELOPMENT
          ? `there is no ${given}Storage here (Node or a worker): use storage: "memory" or a store of your own`
          : `no ${given}Storage here`,
      );
    }
    return given;
  }
  if (!isObject(given) || METHODS.some((method) => typeof given[method] !== "function")) {
    throw invalid("storage", DEVELOPMENT && `"local", "session", "memory" or an object with get, set and remove`);
  }
  return given;
}

/**
 * Reading the property alone throws where cookies are blocked.
 * @param {"local" | "session"} kind
 */
function isBlocked(kind) {
  try {
    return !globalThis[`${kind}Storage`];
  } catch {
    return true;
  }
}

/**
 * Checks the options, and fills in the defaults.
 * @param {SessionOptions} given
 * @returns {FaceOptions}
 */
export function complete(given) {
  if (!isObject(given)) throw invalid("options", DEVELOPMENT && "an object");
  const options = own(given);
  if (!isObject(options.header ?? {})) throw invalid("header", DEVELOPMENT && "an object with name and scheme");
  const header = own(options.header);
  const name = read(header, "name", "string", HEADER_DEFAULT, "header.");
  const isStandard = name.toLowerCase() === HEADER_DEFAULT.toLowerCase();
  const scheme = read(header, "scheme", "string", isStandard ? SCHEME_DEFAULT : "", "header.");
  if (!name || !WORD.test(name)) throw invalid("header.name", DEVELOPMENT && `${MUST_BE_HEADER}; got ${name}`);
  if (!WORD.test(scheme)) throw invalid("header.scheme", DEVELOPMENT && `${MUST_BE_SCHEME}; got ${scheme}`);
  const { location } = globalThis;
  const ownOrigin = location && location.origin !== "null" ? location.origin : "";
  // A page that came in the clear has no origin that may see a token.
  let origins = ownOrigin && isSafe(location) ? [ownOrigin] : [];
  if (options.origins !== undefined) {
    if (!Array.isArray(options.origins)) throw invalid("origins", DEVELOPMENT && "an array of origins");
    origins = options.origins.map((origin, i) => absolute(origin, `origins[${i}]`).origin);
  }
  const fetch = read(options, "fetch", "function", globalThis.fetch);
  if (typeof fetch !== "function") throw invalid("fetch", DEVELOPMENT && MUST_BE_FETCH);
  const kind = storage(options.storage);
  const isOwnStore = isObject(kind);
  const web = isOwnStore || kind === "memory" || isBlocked(kind) ? undefined : globalThis[`${kind}Storage`];
  return {
    shared: isOwnStore || web !== undefined,
    // A challenge's scheme speaks of Authorization, not of a header of one's own.
    scheme: Uint8Array.from(isStandard ? scheme : "", (c) => c.charCodeAt(0)),
    refreshTimeoutMs: span(options, "refreshTimeout", REFRESH_TIMEOUT_MIN_MS, REFRESH_TIMEOUT_MAX_MS) ?? 0,
    maxWaitMs: span(options, "maxWait", MAX_WAIT_MIN_MS, MAX_WAIT_MAX_MS) ?? 0,
    maxReplays: span(options, "maxReplays", MAX_REPLAYS_MIN, MAX_REPLAYS_MAX, "") ?? MAX_REPLAYS_DEFAULT,
    names: { ...names, messages },
    prefix: scheme && `${scheme} `,
    origins,
    ownOrigin,
    header: name,
    lower: name.toLowerCase(),
    storage: isOwnStore ? "own" : kind,
    web,
    store: /** @type {any} */ (isOwnStore ? kind : undefined),
    key: read(options, "key", "string", KEY_DEFAULT),
    refresh: refresher(options.refresh),
    fetch,
    isGiven: options.fetch !== undefined,
    skip: read(options, "skip", "function"),
    isChallenge: read(options, "isChallenge", "function"),
    makeError: (number, cause) =>
      new RelatchError(names.codes[number], messages[number], WITH_CAUSE.includes(number) ? cause : undefined),
  };
}
