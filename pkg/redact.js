// What the log may show. It redacts by name (headers, JSON and form fields) and by look (anything shaped like a JWT),
// so that a token that turns up where nobody expects it, say in an echo of the request, stays hidden as well.

const MARK = "‹redacted›";
const SECRET_HEADER = /^(proxy-)?authorization$|^x-auth-token$|^(set-)?cookie$/i;
const SECRET_FIELD = /token$|^password$|secret$/i;
const JWT = /\beyJ[\w-]*\.[\w-]+(\.[\w-]*)?/g;
/** Longer bodies are cut: the log is for reading. */
const BODY_CHARS_MAX = 4000;

/** Three characters are enough to see that a token changed, and too few to be of use. */
const hide = (value) => (value === "" ? "" : `${value.slice(0, 3)}…${MARK}`);

const byLook = (text) => text.replace(JWT, hide);

export function redactHeader(name, value) {
  if (!SECRET_HEADER.test(name)) return byLook(value);
  // The scheme (Bearer) is no secret.
  const space = value.indexOf(" ");
  return value.slice(0, space + 1) + hide(value.slice(space + 1));
}

function redactValue(value, name) {
  if (typeof value === "string") {
    if (!SECRET_FIELD.test(name)) return byLook(value);
    return /^password$/i.test(name) ? MARK : hide(value);
  }
  if (Array.isArray(value)) return value.map((item) => redactValue(item, name));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, SECRET_HEADER.test(key) ? redactHeader(key, String(item)) : redactValue(item, key)]),
    );
  }
  return value;
}

/** A body as the log shows it: JSON is indented, a form has one field a line. */
export function redactBody(text, type = "") {
  return cut(pretty(text, type));
}

function pretty(text, type) {
  if (type.includes("application/x-www-form-urlencoded")) {
    return [...new URLSearchParams(text)].map(([name, value]) => `${name}=${redactValue(value, name)}`).join("\n");
  }
  try {
    const value = JSON.parse(text);
    if (typeof value === "object") return JSON.stringify(redactValue(value, ""), null, 2);
  } catch {
    // Not JSON, whatever its type says. Shown as it is.
  }
  return byLook(text);
}

const cut = (text) =>
  text.length > BODY_CHARS_MAX ? `${text.slice(0, BODY_CHARS_MAX)}… (${text.length} characters in all)` : text;
