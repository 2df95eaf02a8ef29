// session.log: what leaves the page, as OkHttp's HttpLoggingInterceptor shows it. Loaded when a level is first set.
import { BODY_MAX, addSecretFields, byLook, redactBody, redactHeader, redactUrl } from "./redact.js";

/** @import { FaceOptions, RefreshDescription } from "../src/web/port/options.js" */

/** @type {import("./index.js").LogLevel[]} */
const LEVELS = ["none", "basic", "headers", "body"];
/** Bodies of these types are text; an event stream is too, but has no end. */
const TEXT = /json|^text\/(?!event-stream)|urlencoded|xml/;
/** So much of a body is read for the log, in bytes: enough for what is shown of it. */
const READ_MAX = BODY_MAX * 4;

const page = () => globalThis.document?.baseURI ?? globalThis.location?.href;
/** @type {(input: unknown) => input is Request} */
const isRequest = (input) =>
  typeof input === "object" && input !== null && typeof (/** @type {Request} */ (input).url) === "string";

/**
 * One line of a group for each header, tokens redacted.
 * @param {Headers} headers
 * @param {string} own
 */
const lines = (headers, own) => [...headers].map(([name, value]) => `${name}: ${redactHeader(name, value, own)}`);

/** @param {{ size?: number, byteLength?: number }} body */
function sizeOf(body) {
  const size = body.size ?? body.byteLength;
  return size === undefined ? "" : `, ${size} B`;
}

/**
 * What is sent: text as text, everything else by its kind and size.
 * @param {BodyInit | null | undefined} body
 * @param {string} type
 */
function described(body, type) {
  if (body === undefined || body === null) return [];
  if (typeof body === "string") return [redactBody(body, type)];
  if (body instanceof URLSearchParams) return [redactBody(String(body), "application/x-www-form-urlencoded")];
  if (body instanceof ArrayBuffer && TEXT.test(type)) {
    return [redactBody(new TextDecoder().decode(body.slice(0, READ_MAX)), type)];
  }
  return [`(${body.constructor?.name ?? "body"}${sizeOf(/** @type {object} */ (body))})`];
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
    text += decoder.decode(value, { stream: true });
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
  if (!rows.length) return console.info(byLook(title));
  console.groupCollapsed(byLook(title));
  console.log(byLook(rows.join("\n")));
  console.groupEnd();
}

/**
 * The commonest reason why a 401 comes straight back, which no error tells.
 * @param {FaceOptions} options
 * @param {number} status
 * @param {string} url
 */
function stranger(options, status, url) {
  if (status !== 401 || options.origins.some((origin) => url.startsWith(`${origin}/`))) return "";
  return `; no token goes to ${new URL(url).origin}, which is not in origins`;
}

/**
 * The fetch that logs, around the one that `inner` gives at the time of the call.
 * @param {FaceOptions} options
 * @param {() => typeof globalThis.fetch} inner
 * @returns {typeof globalThis.fetch}
 */
function logging(options, inner) {
  return async (input, init) => {
    const level = LEVELS.indexOf(/** @type {import("./index.js").LogLevel} */ (options.log));
    const fetch = inner();
    let url = String(isRequest(input) ? input.url : input);
    try {
      url = new URL(url, page()).href;
    } catch {
      // fetch will say so.
    }
    const method = (init?.method ?? /** @type {Partial<Request>} */ (input)?.method ?? "GET").toUpperCase();
    /** @type {string[]} */
    const rows = [];
    if (level > 1) {
      const headers = new Headers(init?.headers ?? (isRequest(input) ? input.headers : undefined));
      rows.push(...lines(headers, options.header));
      if (level > 2) {
        const body = described(init?.body, headers.get("content-type") ?? "");
        if (!body.length && isRequest(input) && input.body) body.push("(the Request's body)");
        if (body.length) rows.push("", ...body);
      }
    }
    const start = performance.now();
    const took = () => `${Math.round(performance.now() - start)} ms`;
    let response;
    try {
      response = await fetch.call(undefined, input, init);
    } catch (error) {
      // The reason of an abort is the application's: it may hold anything.
      print(
        `relatch ${method} ${redactUrl(url)} → ${/** @type {Error?} */ (error)?.name ?? "failed"} (${took()})`,
        rows,
      );
      throw error;
    }
    const length = response.headers.get("content-length");
    const size = length === null ? "" : `, ${length} B`;
    const note = stranger(options, response.status, url);
    const title = `relatch ${method} ${redactUrl(url)} → ${response.status} (${took()}${size}${note})`;
    if (level > 1)
      rows.push("", `← ${response.status} ${response.statusText}`.trim(), ...lines(response.headers, options.header));
    const type = response.headers.get("content-type") ?? "";
    if (level > 2 && response.body && TEXT.test(type)) {
      // The caller does not wait for this, and gets its response with the body unread.
      beginning(response.clone()).then(
        (text) => print(title, [...rows, "", redactBody(text, type)]),
        (error) => print(title, [...rows, "", `(the body broke off: ${error?.name})`]),
      );
    } else {
      if (level > 2 && response.body) rows.push("", `(${type || "a body of no type"})`);
      print(title, rows);
    }
    return response;
  };
}

/**
 * Sets the level of the session with these options.
 * @param {FaceOptions} options
 * @param {import("./index.js").LogLevel} level
 */
export function log(options, level) {
  if (!LEVELS.includes(level)) {
    return console.error(
      `relatch: session.log must be ${LEVELS.map((l) => `"${l}"`).join(", ")}; got ${String(level)}`,
    );
  }
  options.log = level;
  if (options.logs) return;
  options.logs = true;
  const { send, accessToken, refreshToken } = /** @type {Partial<RefreshDescription>} */ (options.refresh);
  addSecretFields([send, ...[accessToken, refreshToken].map((path) => path?.split(".").pop())]);
  // A property that gives what logs, over whatever is put there: `install` puts the page's fetch there.
  let { fetch } = options;
  const logged = logging(options, () => fetch);
  Object.defineProperty(options, "fetch", {
    get: () => (options.log === "none" ? fetch : logged),
    set: (given) => (fetch = given),
  });
}
