// Misuse is told where it is made: createSession throws, naming the option. What comes out of here is complete, with
// URLs absolute, so that the wasm only reads it.
import { isObject, page } from "../src/web/port/values.js";
import { RelatchError, invalid } from "./error.js";
// Written by the build from the enums of src/core, so that a number means the same on both sides.
import { names } from "./names.js";

/** What the caller wrote, and nothing of a prototype, to which any script of the page may have added. */
export const own = (given) => ({ __proto__: null, ...given });
/** https everywhere but on this machine: a token in the clear is a token given away. */
const isSafe = (url) =>
  url.protocol === "https:" ||
  (url.protocol === "http:" && /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname));

function absolute(value, name) {
  let url;
  try {
    url = new URL(value, page());
  } catch {
    throw invalid(name, `a URL${page() ? "" : ", absolute where there is no page"}; got ${String(value)}`);
  }
  if (!isSafe(url)) throw invalid(name, `https (http only on localhost); got ${url.href}`);
  return url;
}

function read(from, name, kind, fallback, prefix = "") {
  const value = from[name];
  if (value === undefined) return fallback;
  if (typeof value !== kind) throw invalid(prefix + name, `a ${kind}; got ${value === null ? "null" : typeof value}`);
  return value;
}

function span(from, name, min, max) {
  const value = read(from, name, "number");
  if (value !== undefined && !(value >= min && value <= max)) {
    throw invalid(name, `from ${min} to ${max}; got ${value}`);
  }
  return value;
}

function refresher(given) {
  if (typeof given === "function") return given;
  const isGiven = isObject(given);
  given = own(given);
  if (!isGiven || given.url === undefined) {
    throw invalid("refresh", "a function or an object with a url");
  }
  const body = given.body ?? "json";
  if (body !== "json" && body !== "form") throw invalid("refresh.body", `"json" or "form"; got ${String(body)}`);
  const names =
    body === "form" ? ["access_token", "refresh_token", "expires_in"] : ["accessToken", "refreshToken", "expiresIn"];
  const group = (name) => {
    const value = given[name] ?? {};
    if (!isObject(value)) throw invalid(`refresh.${name}`, `an object; got ${typeof value}`);
    return value;
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

function storage(given) {
  if (given === undefined) return globalThis.document ? "local" : "memory";
  if (["local", "session", "memory"].includes(given)) {
    if (given !== "memory" && !globalThis.document) {
      throw new RelatchError(
        "storage_unavailable",
        `there is no ${given}Storage here (Node or a worker): use storage: "memory" or a store of your own`,
      );
    }
    return given;
  }
  if (!isObject(given) || ["get", "set", "remove"].some((method) => typeof given[method] !== "function")) {
    throw invalid("storage", `"local", "session", "memory" or an object with get, set and remove`);
  }
  return given;
}

/** Reading the property alone throws where cookies are blocked. */
function isBlocked(kind) {
  try {
    return !globalThis[`${kind}Storage`];
  } catch {
    return true;
  }
}

export function complete(options) {
  if (!isObject(options)) throw invalid("options", "an object");
  options = own(options);
  let header = options.header ?? {};
  if (!isObject(header)) throw invalid("header", "an object with name and scheme");
  header = own(header);
  const name = read(header, "name", "string", "Authorization", "header.");
  const isStandard = name.toLowerCase() === "authorization";
  const scheme = read(header, "scheme", "string", isStandard ? "Bearer" : "", "header.");
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw invalid("header.name", `a header name (RFC 9110 §5.1); got ${name}`);
  if (!/^[\w!#$%&'*+.^`|~-]*$/.test(scheme)) throw invalid("header.scheme", `an auth scheme or ""; got ${scheme}`);
  const { location } = globalThis;
  const ownOrigin = location && location.origin !== "null" ? location.origin : "";
  let origins = options.origins;
  if (origins === undefined) {
    // A page that came in the clear has no origin that may see a token.
    origins = ownOrigin && isSafe(location) ? [ownOrigin] : [];
  } else {
    if (!Array.isArray(origins)) throw invalid("origins", "an array of origins");
    origins = origins.map((origin, i) => absolute(origin, `origins[${i}]`).origin);
  }
  const fetch = read(options, "fetch", "function", globalThis.fetch);
  if (typeof fetch !== "function") throw invalid("fetch", "given where there is no global fetch");
  const kind = storage(options.storage);
  const isOwnStore = isObject(kind);
  const web = isOwnStore || kind === "memory" || isBlocked(kind) ? undefined : globalThis[`${kind}Storage`];
  return {
    shared: isOwnStore || web !== undefined,
    // A challenge's scheme speaks of Authorization, not of a header of one's own.
    scheme: Uint8Array.from(isStandard ? scheme : "", (c) => c.charCodeAt(0)),
    refreshTimeoutMs: span(options, "refreshTimeout", 100, 600_000) ?? 0,
    maxWaitMs: span(options, "maxWait", 1, 3_600_000) ?? 0,
    maxReplays: span(options, "maxReplays", 0, 3) ?? 1,
    names,
    prefix: scheme && `${scheme} `,
    origins,
    ownOrigin,
    header: name,
    lower: name.toLowerCase(),
    storage: isOwnStore ? "own" : kind,
    web,
    store: isOwnStore ? kind : undefined,
    key: read(options, "key", "string", "relatch"),
    refresh: refresher(options.refresh),
    fetch,
    isGiven: options.fetch !== undefined,
    skip: read(options, "skip", "function"),
    isChallenge: read(options, "isChallenge", "function"),
    makeError: (number, cause) => {
      const code = names.codes[number];
      return new RelatchError(
        code,
        names.messages[number],
        /^(refresh_failed|session_expired)$/.test(code) ? cause : undefined,
      );
    },
  };
}
