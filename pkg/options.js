// Misuse is told where it is made: createSession throws, naming the option. What comes out of here is complete, with
// URLs absolute, so that the wasm only reads it.
import { isObject, own } from "../src/web/port/values.js";
import { description } from "./description.js";
import { RelatchError, invalid } from "./error.js";
import { explain } from "./explain.js";
// Written by the build from engine/src/limits.rs, so that both faces have the same numbers, limits and words.
import {
  HEADER_DEFAULT,
  KEY_DEFAULT,
  MAX_REPLAYS_DEFAULT,
  MAX_REPLAYS_MAX,
  MAX_REPLAYS_MIN,
  MAX_WAIT_MAX_MS,
  MAX_WAIT_MIN_MS,
  MESSAGES,
  MUST_BE_FETCH,
  MUST_BE_HEADER,
  MUST_BE_SCHEME,
  names,
  REFRESH_TIMEOUT_MAX_MS,
  REFRESH_TIMEOUT_MIN_MS,
  SCHEME_DEFAULT,
  WITH_CAUSE,
  WORD,
} from "./names.js";
import { checked } from "./spec.js";
import { isSafe, originOf } from "./urls.js";
import { warnOfOptions, watched } from "./warn.js";

/** @import { SessionOptions } from "./index.js" */
/** @import { FaceOptions } from "../src/web/port/options.js" */

const messages = DEVELOPMENT ? MESSAGES : names.codes.map((code) => code.replaceAll("_", " "));

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
    throw invalid(
      "storage",
      DEVELOPMENT && `must be "local", "session", "memory" or an object with get, set and remove`,
    );
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
 * A promise is true, so that an asynchronous `skip` would turn the session off without a word.
 * @param {any} skip
 */
const atOnce =
  (skip) =>
  (/** @type {any[]} */ ...call) => {
    const said = skip(...call);
    if (isObject(said)) throw invalid("skip", DEVELOPMENT && "must answer at once, with true or false; got an object");
    return said;
  };

/** @type {any} without a prototype: nobody else's members are options */
const OPTIONS = {
  __proto__: null,
  refresh: 0,
  origins: 0,
  header: { name: "string", scheme: "string" },
  storage: 0,
  key: "string",
  skip: "function",
  isChallenge: "function",
  maxWait: [MAX_WAIT_MIN_MS, MAX_WAIT_MAX_MS],
  maxReplays: [MAX_REPLAYS_MIN, MAX_REPLAYS_MAX],
  refreshTimeout: [REFRESH_TIMEOUT_MIN_MS, REFRESH_TIMEOUT_MAX_MS],
  fetch: "function",
};

/**
 * Checks the options, and fills in the defaults.
 * @param {SessionOptions} given
 * @returns {FaceOptions}
 */
export function complete(given) {
  const options = checked(OPTIONS, given);
  const { name = HEADER_DEFAULT, scheme: wanted } = own(options.header);
  const isStandard = name.toLowerCase() === HEADER_DEFAULT.toLowerCase();
  const scheme = wanted ?? (isStandard ? SCHEME_DEFAULT : "");
  if (!name || !WORD.test(name)) throw invalid("header.name", DEVELOPMENT && `must be ${MUST_BE_HEADER}; got ${name}`);
  if (!WORD.test(scheme)) throw invalid("header.scheme", DEVELOPMENT && `must be ${MUST_BE_SCHEME}; got ${scheme}`);
  const { location } = globalThis;
  const ownOrigin = location && location.origin !== "null" ? location.origin : "";
  // A page that came in the clear has no origin that may see a token.
  let origins = ownOrigin && isSafe(location) ? [ownOrigin] : [];
  if (options.origins !== undefined) {
    if (!Array.isArray(options.origins)) throw invalid("origins", DEVELOPMENT && "must be an array of origins");
    origins = options.origins.map((/** @type {unknown} */ origin, /** @type {number} */ i) =>
      originOf(origin, `origins[${i}]`),
    );
  }
  const fetch = options.fetch ?? globalThis.fetch;
  if (!fetch) throw invalid("fetch", DEVELOPMENT && `must be ${MUST_BE_FETCH}`);
  const kind = storage(options.storage);
  const isOwnStore = isObject(kind);
  const web = isOwnStore || kind === "memory" || isBlocked(kind) ? undefined : globalThis[`${kind}Storage`];
  /** @type {FaceOptions} */
  const completed = {
    shared: isOwnStore || web !== undefined,
    refreshTimeoutMs: options.refreshTimeout ?? 0,
    maxWaitMs: options.maxWait ?? 0,
    maxReplays: options.maxReplays ?? MAX_REPLAYS_DEFAULT,
    names: { ...names, messages },
    prefix: scheme && `${scheme} `,
    origins,
    ownOrigin,
    header: name,
    lower: name.toLowerCase(),
    storage: isOwnStore ? "own" : kind,
    web,
    store: /** @type {any} */ (isOwnStore ? kind : undefined),
    key: options.key ?? KEY_DEFAULT,
    refresh: description(options.refresh),
    fetch,
    isGiven: options.fetch !== undefined,
    skip: options.skip && atOnce(options.skip),
    isChallenge: DEVELOPMENT ? watched(options.isChallenge) : options.isChallenge,
    makeError: (number, cause) =>
      new RelatchError(names.codes[number], messages[number], WITH_CAUSE.includes(number) ? cause : undefined),
    // Its own, whatever a script put on Object.prototype.
    said: undefined,
    explain: DEVELOPMENT ? explain : undefined,
  };
  if (DEVELOPMENT) warnOfOptions(given, completed);
  return completed;
}
