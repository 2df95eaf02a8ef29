// What a log shows of a request and its answer: names and structure of all, values of what is known to be harmless. One
// redactor for session.log, the inspector, relatch/timing and the demo.
import { MARK, isKnown, isSafe, isSecretName, learn, shownFields, shownName, shownValue } from "./redact-words.js";

export { MARK, isSafe, learn, redactUrl, rules } from "./redact-words.js";

/** @typedef {import("./redact-words.js").Rules} Rules */

/** Longer bodies are cut: a log is for reading. Characters. */
export const BODY_MAX = 4000;
const DEPTH_MAX = 20;

// ---- Headers -------------------------------------------------------------------------------------------------------

const SCHEME = /^(bearer|dpop|basic|digest|negotiate)(?= |$)/i;
const ANY = /^[\w.,;:=/*+()"'\- ]*$/;
/** Those whose values may be shown, if they are of this shape. */
const HEADERS = new Map([
  ["accept", ANY],
  ["accept-encoding", /^[\w, ;=.*]*$/],
  ["accept-language", /^[\w, ;=.*-]*$/],
  ["allow", /^[A-Z, ]*$/],
  ["cache-control", /^[\w, =-]*$/],
  ["connection", /^[\w, -]*$/],
  ["content-encoding", /^[\w, ]*$/],
  ["content-language", /^[\w, -]*$/],
  ["content-length", /^\d{1,15}$/],
  ["date", /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/],
  ["expires", /^(0|-1|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT)$/],
  ["last-modified", /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/],
  ["keep-alive", /^[\w, =]*$/],
  ["pragma", /^no-cache$/],
  ["retry-after", /^(\d{1,9}|\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT)$/],
  ["transfer-encoding", /^[\w, ]*$/],
  ["vary", /^[\w, *-]*$/],
  ["access-control-allow-credentials", /^true$/],
  ["access-control-allow-headers", /^[\w, *-]*$/],
  ["access-control-allow-methods", /^[A-Z, *]*$/],
  ["access-control-expose-headers", /^[\w, *-]*$/],
  ["access-control-max-age", /^\d{1,9}$/],
  ["x-request-number", /^\d{1,9}$/],
]);
/** What a challenge may be known by (RFC 6750 §3, 9449 §7.1, 9470 §3). */
const ERROR = /\berror="?((?:invalid|insufficient|use)_[a-z_]{3,32})\b/;
const VALUE_MAX = 200;

const MEDIA =
  /^((?:application|audio|font|image|message|model|multipart|text|video)\/[\w.+-]+)(?:.*;\s*charset="?([\w-]+))?/i;
const CHARSET = /^(utf-?(8|16([bl]e)?)|us-ascii|iso-8859-\d{1,2}|windows-\d{3,4}|euc-kr|shift_jis|gbk|gb18030|big5)$/i;

/** @param {string} type */
const mediaType = (type) => {
  const [, media = "", charset] = MEDIA.exec(type) ?? [];
  const text = charset && CHARSET.test(charset) ? `${media};charset=${charset}` : media;
  return isSafe(text, /./, VALUE_MAX) ? text : MARK;
};

/**
 * What a header holds that is to be hidden is remembered: also of one whose name nobody knows, if it is like a token.
 * @param {string} name
 * @param {string} value
 * @param {Rules} rules
 */
export function learnHeader(name, value, rules) {
  const lower = name.toLowerCase();
  if (lower === "cookie" || lower === "set-cookie") {
    for (const pair of value.split(/[;,]/)) learn(pair.slice(pair.indexOf("=") + 1).trim());
    return;
  }
  if (HEADERS.has(lower) || lower === "content-type" || lower === "www-authenticate") return;
  if (!isSecretName(lower, rules) && !/^\S{16,}$/.test(value)) return;
  const credentials = value.replace(SCHEME, "").trim();
  learn(value);
  learn(credentials);
  if (!/^basic /i.test(value)) return;
  try {
    const pair = atob(credentials);
    learn(pair);
    learn(pair.slice(pair.indexOf(":") + 1));
  } catch {
    // No base64: it was learnt as it is.
  }
}

/**
 * @param {string} name
 * @param {string} value
 * @param {Rules} rules
 */
function headerValue(name, value, rules) {
  const lower = name.toLowerCase();
  if (lower === rules.auth || /^(proxy-)?authorization$/.test(lower)) {
    const scheme = SCHEME.exec(value)?.[0];
    return scheme ? `${scheme} ${MARK}` : MARK;
  }
  if (lower === "content-type") return mediaType(value);
  if (lower === "www-authenticate") {
    const error = ERROR.exec(value)?.[1];
    return [SCHEME.exec(value)?.[0], error && isSafe(error, /./, VALUE_MAX) ? `error="${error}"` : undefined, MARK]
      .filter(Boolean)
      .join(" ");
  }
  const shape = HEADERS.get(lower);
  if (shape) return value.length <= VALUE_MAX && shape.test(value) && isQuiet(value) ? value : MARK;
  return rules.show.has(lower) ? shownValue(lower, value, rules) : MARK;
}

/**
 * No secret stands in it, nor in a word of it.
 * @param {string} value
 */
const isQuiet = (value) =>
  [value, ...value.split(/[^\w]+/)].every((word) =>
    /^\d+$/.test(word) ? !isKnown(word) : isSafe(word, /^/, VALUE_MAX),
  );

/**
 * A line for each header.
 * @param {Iterable<[string, string]>} headers
 * @param {Rules} rules
 */
export function redactHeaders(headers, rules) {
  const all = [...headers];
  for (const [name, value] of all) learnHeader(name, value, rules);
  return all.map(([name, value]) => `${shownName(name)}: ${headerValue(name, value, rules)}`);
}

// ---- Bodies --------------------------------------------------------------------------------------------------------

/**
 * Everything under a secret's name, at any depth.
 * @param {unknown} value
 * @param {Rules} rules
 * @param {string} [name]
 * @param {boolean} [secret]
 * @param {number} [depth]
 */
function learnJson(value, rules, name = "", secret = false, depth = 0) {
  if (depth > DEPTH_MAX) return;
  const hidden = secret || isSecretName(name, rules);
  if (typeof value === "object" && value !== null) {
    const isList = Array.isArray(value);
    for (const [key, item] of Object.entries(value)) learnJson(item, rules, isList ? name : key, hidden, depth + 1);
  } else if (hidden && typeof value !== "boolean" && value !== null) learn(value);
}

/**
 * JSON as it is written, indented. `room` is what is left of what is shown: no more is looked at.
 * @param {unknown} value
 * @param {Rules} rules
 * @param {string} name
 * @param {boolean} secret
 * @param {string} indent
 * @param {{ left: number }} room
 * @returns {string}
 */
function shownJson(value, rules, name, secret, indent, room) {
  const hidden = secret || isSecretName(name, rules);
  if (typeof value !== "object" || value === null) {
    const shown = shownValue(name, /** @type {any} */ (value), rules, hidden && secret);
    const text = typeof value === "string" || shown === MARK ? `"${shown}"` : shown;
    room.left -= text.length;
    return text;
  }
  const isList = Array.isArray(value);
  const [open, close] = isList ? "[]" : "{}";
  const inner = `${indent}  `;
  /** @type {string[]} */
  const rows = [];
  for (const [key, item] of Object.entries(value)) {
    if (room.left < 0 || inner.length > DEPTH_MAX * 2) {
      rows.push(`${inner}…`);
      break;
    }
    const label = isList ? "" : `"${shownName(key)}": `;
    room.left -= inner.length + label.length;
    rows.push(`${inner}${label}${shownJson(item, rules, isList ? name : key, hidden, inner, room)}`);
  }
  return rows.length ? `${open}\n${rows.join(",\n")}\n${indent}${close}` : `${open}${close}`;
}

/**
 * A body as the log shows it: JSON is indented, a form has one field a line, and of what is neither only the size is
 * told.
 * @param {string} text
 * @param {string} type
 * @param {Rules} rules
 */
export function redactBody(text, type, rules) {
  if (/application\/x-www-form-urlencoded/i.test(type)) return cut(shownFields(text, rules, "\n"));
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON, whatever its type says, or only the beginning of it.
    return `(${/^[\w.+-]+\/[\w.+-]+/.test(type) ? mediaType(type) : "text"}, ${text.length} characters)`;
  }
  learnJson(value, rules);
  return cut(shownJson(value, rules, "", false, "", { left: BODY_MAX }));
}

/** @param {string} text */
const cut = (text) => (text.length > BODY_MAX ? `${text.slice(0, BODY_MAX)}…` : text);
