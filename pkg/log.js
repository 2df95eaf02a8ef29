// session.log: what leaves the page, as OkHttp's HttpLoggingInterceptor shows it. Loaded when a level is first set.
import { own, reading } from "./reading.js";
import { BODY_MAX, isSafe, learn, learnHeader, redactBody, redactHeaders, redactUrl, rules } from "./redact.js";

/** @import { FaceOptions, RefreshDescription } from "../src/web/port/options.js" */
/** @typedef {import("./redact.js").Rules} Rules */
/** @typedef {import("./index.js").LogLevel} Level */

/** @type {Level[]} */
const LEVELS = ["none", "basic", "headers", "body"];
/** Bodies of these types are text; an event stream is too, but has no end. */
const TEXT = /json|^text\/(?!event-stream)|urlencoded|xml/;
/** So much of a body is read for the log, in bytes: JSON is shown only if all of it is there. */
const READ_MAX = BODY_MAX * 32;

/** @typedef {{ secret: (string | undefined)[], allowed: Rules }} State */
/** What is logged already. @type {WeakMap<FaceOptions, State>} */
const states = new WeakMap();

/** @param {string} text */
const name = (text) => (isSafe(text, /^[A-Z]\w*$/, 40) ? text : "failed");

/** @param {{ size?: number, byteLength?: number }} body */
function sizeOf(body) {
  const size = body.size ?? body.byteLength;
  return typeof size === "number" ? `, ${size} B` : "";
}

/**
 * What is sent: text as text, everything else by its kind and size.
 * @param {any} body
 * @param {string} type
 * @param {Rules} allowed
 */
function described(body, type, allowed) {
  if (body === undefined || body === null) return [];
  if (typeof body === "string") return [redactBody(body, type, allowed)];
  if (body instanceof URLSearchParams) {
    return [redactBody(String(body), "application/x-www-form-urlencoded", allowed)];
  }
  if (body instanceof ArrayBuffer && TEXT.test(type)) {
    return [redactBody(new TextDecoder().decode(body.slice(0, READ_MAX)), type, allowed)];
  }
  const kind = Object.prototype.toString.call(body).slice(8, -1);
  return [`(${name(kind)}${sizeOf(body)})`];
}

/**
 * The beginning of a copy's body. The copy is cancelled then, so that no more is kept for it than was read.
 * @param {Response} copy
 */
async function beginning(copy) {
  const reader = copy.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let read = 0; reader && read < READ_MAX; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    read += value.byteLength;
    text += decoder.decode(value, /** @type {TextDecodeOptions} */ ({ __proto__: null, stream: true }));
  }
  reader?.cancel().catch(() => {});
  return text;
}

/**
 * An exchange is printed when it is over, in one piece, because many are under way at once.
 * @param {string} title
 * @param {string[]} rows
 */
function print(title, rows) {
  if (!rows.length) return console.info(title);
  console.groupCollapsed(title);
  console.log(rows.join("\n"));
  console.groupEnd();
}

/**
 * The tokens that are stored are known before they are first sent.
 * @param {FaceOptions} options
 */
function learnStored({ web, key }) {
  try {
    const { accessToken, refreshToken } = own(JSON.parse(web?.getItem(key) ?? "null"));
    learn(accessToken);
    learn(refreshToken);
  } catch {
    // No record, or no store.
  }
}

/**
 * The commonest reason why a 401 comes straight back, which no error tells.
 * @param {FaceOptions} options
 * @param {number} status
 * @param {URL} url
 * @param {Rules} allowed
 */
function stranger(options, status, url, allowed) {
  if (status !== 401 || options.origins.includes(url.origin)) return "";
  return `; no token goes to ${redactUrl(url.origin, allowed)}, which is not in origins`;
}

/**
 * The fetch that logs, around the one that `inner` gives at the time of the call. Nothing is printed before the answer
 * is there: what turns out to be a secret then may have been said before.
 * @param {FaceOptions} options
 * @param {() => typeof globalThis.fetch} inner
 * @param {() => Rules} allowing
 * @returns {typeof globalThis.fetch}
 */
function logging(options, inner, allowing) {
  return async (input, init) => {
    const fetch = inner();
    let call;
    try {
      call = reading(input, init);
    } catch {
      // fetch will say what is wrong with it.
      return fetch.call(undefined, input, init);
    }
    const level = LEVELS.indexOf(/** @type {Level} */ (options.log));
    const allowed = allowing();
    const { url, request } = call;
    const method = isSafe(call.method, /^[A-Za-z-]+$/, 20) ? call.method.toUpperCase() : "(method)";
    const start = performance.now();
    /**
     * @param {() => string} outcome
     * @param {() => string[]} [answer]
     */
    const tell = (outcome, answer = () => []) => {
      const sent = () => described(call.body, call.headers.get("content-type") ?? "", allowed);
      const whole = () => {
        const head = level > 1 ? redactHeaders(call.headers, allowed) : [];
        const body = level > 2 ? sent() : [];
        if (level > 2 && !body.length && request?.body) body.push("(the Request's body)");
        return [...head, ...(body.length ? ["", ...body] : []), ...answer()];
      };
      // Twice: what turns out to be a secret at the end may have been said at the beginning.
      for (const [name, value] of call.headers) learnHeader(name, value, allowed);
      learnStored(options);
      redactUrl(url.href, allowed);
      whole();
      print(`relatch ${method} ${redactUrl(url.href, allowed)} → ${outcome()}`, whole());
    };
    const took = () => `${Math.round(performance.now() - start)} ms`;
    let response;
    try {
      response = await fetch.call(undefined, input, init);
    } catch (error) {
      // The reason of an abort is the application's: it may hold anything.
      const time = took();
      tell(() => `${name(String(/** @type {Error?} */ (error)?.name))} (${time})`);
      throw error;
    }
    const { status, headers } = response;
    const length = headers.get("content-length") ?? "";
    const size = /^\d{1,15}$/.test(length) ? `, ${length} B` : "";
    const time = took();
    const title = () => `${status} (${time}${size}${stranger(options, status, url, allowed)})`;
    const head = () => (level > 1 ? ["", `← ${status}`, ...redactHeaders(headers, allowed)] : []);
    const type = headers.get("content-type") ?? "";
    if (level > 2 && response.body && TEXT.test(type)) {
      // The caller does not wait for this, and gets its response with the body unread.
      beginning(response.clone()).then(
        (text) => tell(title, () => [...head(), "", redactBody(text, type, allowed)]),
        (error) => tell(title, () => [...head(), "", `(the body broke off: ${name(String(error?.name))})`]),
      );
    } else {
      tell(title, () => (level > 2 && response.body ? [...head(), "", "(a body that is no text)"] : head()));
    }
    return response;
  };
}

/**
 * The name of a field, or of a header.
 * @param {any} place
 */
const nameOf = (place) => (typeof place === "string" ? place : (place?.header ?? place?.path))?.split(".").pop();

/**
 * What the tokens are called, and those of a refresh function of the application's own.
 * @param {FaceOptions} options
 */
function watchRefresh(options) {
  const { refresh } = options;
  if (typeof refresh !== "function") {
    const { send, places } = /** @type {RefreshDescription} */ (refresh);
    return [send, ...places.slice(0, 2)].map(nameOf);
  }
  options.refresh = async (context) => {
    learn(context.refreshToken);
    const tokens = await refresh(context);
    const { accessToken, refreshToken } = own(tokens);
    learn(accessToken);
    learn(refreshToken);
    return tokens;
  };
  return [];
}

/**
 * Sets the level of the session with these options, and what it may show.
 * @param {FaceOptions} options
 * @param {Level | import("./index.js").LogOptions} given
 * @param {Pick<import("./index.js").Session, "setTokens">} session
 */
export function log(options, given, session) {
  const { level, show = [] } = own(typeof given === "object" ? given : { level: given });
  if (!LEVELS.includes(/** @type {Level} */ (level))) {
    const got = isSafe(String(level), /^\w+$/, 20) ? level : typeof level;
    const levels = LEVELS.map((l) => `"${l}"`).join(", ");
    return console.error(`relatch: session.log must be ${levels}; got ${got}`);
  }
  if (!Array.isArray(show)) return console.error("relatch: session.log's show must be an array of names");
  options.log = level;
  const state = states.get(options) ?? watch(options, session);
  states.set(options, state);
  state.allowed = rules({ show, secret: state.secret, auth: options.header });
}

/**
 * @param {FaceOptions} options
 * @param {Pick<import("./index.js").Session, "setTokens">} session
 * @returns {State}
 */
function watch(options, session) {
  const secret = watchRefresh(options);
  const { setTokens } = session;
  const setting = {
    __proto__: null,
    configurable: true,
    /** @param {import("./index.js").Tokens} given */
    value(given) {
      // Those in memory are seen here only, before they are first sent.
      const { accessToken, refreshToken } = own(given);
      learn(accessToken);
      learn(refreshToken);
      return setTokens.call(session, given);
    },
  };
  Object.defineProperty(session, "setTokens", /** @type {PropertyDescriptor} */ (setting));
  const state = { secret, allowed: rules({ secret, auth: options.header }) };
  // A property that gives what logs, over whatever is put there: `install` puts the page's fetch there.
  let { fetch } = options;
  const logged = logging(
    options,
    () => fetch,
    () => state.allowed,
  );
  const property = {
    __proto__: null,
    get: () => (options.log === "none" ? fetch : logged),
    set: (/** @type {typeof fetch} */ given) => {
      fetch = given;
    },
  };
  Object.defineProperty(options, "fetch", /** @type {PropertyDescriptor} */ (property));
  return state;
}
