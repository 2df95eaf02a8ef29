// What a log may show. It redacts by name (headers, fields of JSON, forms and queries), by look (anything shaped like a
// JWT) and by value: what was hidden once is hidden wherever it turns up again, say in an echo of the request.

const MARK = "‹redacted›";
const SECRET_HEADER = /^(proxy-)?authorization$|^(x-auth-token|dpop)$|^(set-)?cookie$/i;
const SECRET_FIELD = /token$|^password$|secret$|^code(_verifier)?$|^assertion$/i;
const JWT = /\beyJ[\w-]*\.[\w-]+(\.[\w-]*)?/g;
/** Longer bodies are cut: a log is for reading. Characters. */
export const BODY_MAX = 4000;
/** So many secrets are known again; the oldest are forgotten first. */
const KNOWN_MAX = 50;
/** A shorter value is no token, and would be found in every word. Characters. */
const KNOWN_MIN = 8;

/** @type {Set<string>} */
const known = new Set();
/** @type {Set<string>} */
const fields = new Set();

/**
 * More names of fields that hold secrets: those that a session's options name.
 * @param {(string | undefined)[]} names
 */
export function addSecretFields(names) {
  for (const name of names) if (name) fields.add(name);
}
/** @param {string} name */
const isSecret = (name) => SECRET_FIELD.test(name) || fields.has(name);

/**
 * Three characters of a long value are enough to see that a token changed, and too few to be of use.
 * @param {string} value
 */
function hide(value) {
  if (value.length < KNOWN_MIN) return value && MARK;
  known.delete(value);
  known.add(value);
  if (known.size > KNOWN_MAX) known.delete(/** @type {string} */ (known.values().next().value));
  return `${value.slice(0, 3)}…${MARK}`;
}

/** @param {string} text */
export function byLook(text) {
  for (const value of known) text = text.replaceAll(value, MARK);
  return text.replace(JWT, hide);
}

/**
 * @param {string} name
 * @param {string} value
 * @param {string} [own] the name of the session's own auth header
 */
export function redactHeader(name, value, own = "") {
  if (!SECRET_HEADER.test(name) && name.toLowerCase() !== own.toLowerCase()) return byLook(value);
  // The scheme (Bearer) is no secret.
  const space = value.indexOf(" ");
  return value.slice(0, space + 1) + hide(value.slice(space + 1));
}

/** @param {string} url */
export function redactUrl(url) {
  const at = url.indexOf("?");
  if (at < 0) return byLook(url);
  const query = url
    .slice(at + 1)
    .replace(/([^&=#]+)=([^&#]*)/g, (all, name, value) => (isSecret(name) ? `${name}=${hide(value)}` : all));
  return byLook(`${url.slice(0, at)}?${query}`);
}

/**
 * @param {unknown} value
 * @param {string} name
 * @returns {unknown}
 */
function redactValue(value, name) {
  if (typeof value === "string") {
    if (!isSecret(name)) return byLook(value);
    return /^password$/i.test(name) ? MARK : hide(value);
  }
  if (Array.isArray(value)) return value.map((item) => redactValue(item, name));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        SECRET_HEADER.test(key) ? redactHeader(key, String(item)) : redactValue(item, key),
      ]),
    );
  }
  return value;
}

/**
 * A body as the log shows it: JSON is indented, a form has one field a line.
 * @param {string} text
 * @param {string} [type]
 */
export function redactBody(text, type = "") {
  // Once more at the end, because what is hidden may have been said before it was known.
  return cut(byLook(pretty(text, type)));
}

/**
 * @param {string} text
 * @param {string} type
 */
function pretty(text, type) {
  if (type.includes("application/x-www-form-urlencoded")) {
    return [...new URLSearchParams(text)].map(([name, value]) => `${name}=${redactValue(value, name)}`).join("\n");
  }
  try {
    const value = JSON.parse(text);
    if (typeof value === "object") return JSON.stringify(redactValue(value, ""), null, 2);
  } catch {
    // Not JSON, whatever its type says, or only the beginning of it.
  }
  return text.replace(/"([^"\\]+)"(\s*:\s*)"((?:[^"\\]|\\.)*)/g, (all, name, colon, value) =>
    isSecret(name) ? `"${name}"${colon}"${hide(value)}` : all,
  );
}

/** @param {string} text */
const cut = (text) =>
  text.length > BODY_MAX ? `${text.slice(0, BODY_MAX)}… (${text.length} characters in all)` : text;
