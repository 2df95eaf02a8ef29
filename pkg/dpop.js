// DPoP (RFC 9449): tokens bound to a key that no script can read. A fetch around fetch, so that every attempt (first
// sends, replays, refreshes) passes here and gets a proof of its own. The default entry knows nothing of it.
import { Keys } from "./dpop-keys.js";
import { normalised, own, page, reading } from "./reading.js";

/** Why a proof could not be made, or an answer was refused. No token stands in it. */
export class DpopError extends Error {
  /**
   * @param {"key_unavailable" | "not_dpop"} code
   * @param {string} message
   * @param {unknown} [cause]
   */
  constructor(code, message, cause) {
    super(`relatch/dpop: ${message}`, cause === undefined ? undefined : { cause });
    this.name = "DpopError";
    this.code = code;
  }
}

/** @import { RefreshRequest, SessionOptions } from "./index.js" */
/** @import { Row } from "./dpop-keys.js" */
/** @typedef {Parameters<typeof globalThis.fetch>} Call */

/** A clock that is wrong by less is right: answers take their time, and `Date` has whole seconds. */
const SKEW_MIN_MS = 5_000;
/** A clock that is wrong by more is no clock: a day is more than any time zone that was set by mistake. */
const SKEW_MAX_MS = 86_400_000;
/** How deep an answer is searched for the type of its token. */
const DEPTH_MAX = 5;

const utf8 = new TextEncoder();
/** @param {ArrayBuffer | Uint8Array} bytes */
const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
/** @param {string} text */
const sha256 = async (text) => base64url(await crypto.subtle.digest("SHA-256", utf8.encode(text)));
/** @param {object} value without a prototype, so that nobody else's `toJSON` is asked */
const encoded = (value) => base64url(utf8.encode(JSON.stringify(value)));
/** @param {URL} url */
const place = ({ origin, pathname }) => origin + pathname;
/** @type {(value: unknown) => value is Record<string, unknown>} */
const isObject = (value) => typeof value === "object" && value !== null;

/**
 * An answer that says it gives tokens of another type, at whatever depth a server of one's own says it.
 * @param {unknown} body
 * @param {number} [depth]
 * @returns {boolean}
 */
const isOtherType = (body, depth = 0) =>
  isObject(body) &&
  depth < DEPTH_MAX &&
  Object.entries(body).some(([name, value]) =>
    /^token[_-]?type$/i.test(name)
      ? typeof value !== "string" || !/^dpop$/i.test(value)
      : isOtherType(value, depth + 1),
  );

/**
 * Did the answer come from where the request was sent? After a redirect elsewhere it says nothing of this server. What
 * a `fetch` option made itself has no URL.
 * @param {URL} url
 * @param {Response} response
 */
function isFrom({ origin }, response) {
  if (!response.url) return !response.redirected;
  return URL.canParse(response.url) && new URL(response.url).origin === origin;
}

/** @type {typeof import("./dpop.js").createDpop} */
export function createDpop(options) {
  const { key = "relatch", keys: where = "indexeddb", tokenEndpoints = [], fetch } = own(options);
  if (where !== "indexeddb" && where !== "memory") throw new TypeError('keys must be "indexeddb" or "memory"');
  const keys = new Keys(key, where === "memory");
  /** Where refresh tokens are spent and codes exchanged; of a JSON one, a call is always a refresh. */
  /** @type {Set<string>} */
  const endpoints = new Set();
  /** @type {Set<string>} */
  const jsonRefreshes = new Set();
  /** @type {Map<string, string>} */
  const nonces = new Map();
  /** @type {Map<string, number>} */
  const skews = new Map();
  for (const url of tokenEndpoints) endpoints.add(place(new URL(url, page())));
  /** @type {Promise<Row> | undefined} */
  let current;

  /**
   * `bound`: a token endpoint has answered to this key, so tokens may be bound to it.
   * @returns {Promise<Row>}
   */
  async function load() {
    try {
      const found = await keys.row();
      if (found) return found;
      const curve = /** @type {EcKeyGenParams} */ ({ __proto__: null, name: "ECDSA", namedCurve: "P-256" });
      const pair = await crypto.subtle.generateKey(curve, false, ["sign"]);
      const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
      return /** @type {Row} */ (await keys.row({ pair, jwk: { kty, crv, x, y }, bound: false }));
    } catch (cause) {
      throw new DpopError(
        "key_unavailable",
        "the key cannot be kept or made here (no IndexedDB, or no secure context)",
        cause,
      );
    }
  }

  const row = () =>
    (current ??= load().catch((error) => {
      current = undefined;
      throw error;
    }));

  /**
   * @param {string} method
   * @param {URL} url
   * @param {string} [accessToken]
   */
  async function proof(method, url, accessToken) {
    const { pair, jwk } = await row();
    const nonce = nonces.get(url.origin);
    const payload = {
      __proto__: null,
      jti: crypto.randomUUID(),
      htm: method,
      htu: place(url),
      iat: Math.floor((Date.now() + (skews.get(url.origin) ?? 0)) / 1000),
      ...(accessToken !== undefined && { ath: await sha256(accessToken) }),
      ...(nonce !== undefined && { nonce }),
    };
    const text = `${encoded({ __proto__: null, typ: "dpop+jwt", alg: "ES256", jwk: own(jwk) })}.${encoded(payload)}`;
    const how = /** @type {EcdsaParams} */ ({ __proto__: null, name: "ECDSA", hash: "SHA-256" });
    const signature = await crypto.subtle.sign(how, pair.privateKey, utf8.encode(text));
    return `${text}.${base64url(signature)}`;
  }

  /**
   * The newest nonce and the server's clock, from every answer of the server itself (RFC 9449 §8.2), each by origin.
   * @param {URL} url
   * @param {Headers} headers
   */
  function learn({ origin }, headers) {
    const nonce = headers.get("dpop-nonce");
    if (nonce !== null) nonces.set(origin, nonce);
    const ahead = Date.parse(/** @type {string} */ (headers.get("date"))) - Date.now();
    // Where `Date` cannot be read, or cannot be right, it changes nothing.
    if (Math.abs(ahead) > SKEW_MAX_MS) return;
    if (Math.abs(ahead) > SKEW_MIN_MS) skews.set(origin, ahead);
    else if (!Number.isNaN(ahead)) skews.delete(origin);
  }

  /**
   * What the answer holds against the proof; undefined if nothing.
   * @param {Response} response
   * @param {boolean} atEndpoint
   */
  async function complaint(response, atEndpoint) {
    if (response.status === 401 && !atEndpoint) {
      const asks = response.headers.get("www-authenticate");
      // Hidden by CORS: the new nonce alone has to say it.
      if (asks === null) return response.headers.has("dpop-nonce") ? "use_dpop_nonce" : undefined;
      return /use_dpop_nonce|invalid_dpop_proof/.exec(asks)?.[0];
    }
    if (!atEndpoint || response.ok) return;
    const body = await response
      .clone()
      .json()
      .catch(() => null);
    return isObject(body) && Object.hasOwn(body, "error") ? body.error : undefined;
  }

  /**
   * A token endpoint's success: is it for our key? No falling back to Bearer (RFC 9449 §5).
   * @param {Response} response
   */
  async function accept(response) {
    const body = await response
      .clone()
      .json()
      .catch(() => null);
    // The standard's own answer has to say the type; one of another shape must not say another type.
    const isStandard = isObject(body) && Object.hasOwn(body, "access_token");
    if (isOtherType(body) || (isStandard && !Object.hasOwn(body, "token_type"))) {
      throw new DpopError("not_dpop", "the token endpoint gave a token that is not bound to the key");
    }
  }

  /**
   * @param {Call[0]} input
   * @param {Call[1]} [init]
   */
  async function send(input, init) {
    // All of it before any await: the page's base, a URL object or the init may be another then.
    const { request, url, headers, body, init: given, method: asked, of } = reading(input, init);
    const accessToken = /^DPoP (.+)$/i.exec(/** @type {string} */ (headers.get("authorization")))?.[1];
    const atEndpoint = endpoints.has(place(url));
    const plain = fetch ?? globalThis.fetch;
    if (accessToken === undefined && !atEndpoint) return plain.call(undefined, input, init);
    const method = normalised(asked);
    // An init beside a Request resets these (Fetch, the Request constructor), so they are given again.
    const [referrer, referrerPolicy] = [of("referrer"), of("referrerPolicy")];
    const isRefresh =
      atEndpoint && (jsonRefreshes.has(place(url)) || /(^|&)grant_type=refresh_token(&|$)/.test(String(body)));
    if (atEndpoint) {
      // Another tab may have made a key, or bound it.
      current = undefined;
      if (!(await row()).bound && isRefresh) {
        // The key is gone, and the tokens with it: said in the words that end a session (RFC 6749 §5.2).
        const gone = {
          __proto__: null,
          error: "invalid_grant",
          error_description: "the DPoP key of these tokens is lost: log in again",
        };
        const answer = { __proto__: null, status: 400, headers: { "content-type": "application/json" } };
        return new Response(JSON.stringify(gone), /** @type {ResponseInit} */ (answer));
      }
    }
    const attempt = async () => {
      const sent = [nonces.get(url.origin), skews.get(url.origin)];
      headers.set("DPoP", await proof(method, url, accessToken));
      const more = { __proto__: null, ...(request && { referrer, referrerPolicy }), ...given, method, headers };
      const response = await plain.call(undefined, request ?? url.href, /** @type {RequestInit} */ (more));
      if (isFrom(url, response)) learn(url, response.headers);
      return { response, sent };
    };
    let { response, sent } = await attempt();
    // A stream, or a Request's body, is gone with the first attempt.
    const once =
      body === undefined ? of("bodyUsed") === true : Object.prototype.toString.call(body) === "[object ReadableStream]";
    const error = once || !isFrom(url, response) ? undefined : await complaint(response, atEndpoint);
    const isNews =
      (error === "use_dpop_nonce" && nonces.get(url.origin) !== sent[0]) ||
      (error === "invalid_dpop_proof" && skews.get(url.origin) !== sent[1]);
    if (isNews) {
      response.body?.cancel().catch(() => {});
      ({ response } = await attempt());
    }
    if (atEndpoint && response.ok) {
      await accept(response);
      if (isFrom(url, response)) await keys.row(undefined, { bound: true });
      current = undefined;
    }
    return response;
  }

  return {
    fetch: (...call) => send(...call),
    /** The session's options with what DPoP needs. */
    options(options) {
      const { refresh, header } = /** @type {Partial<SessionOptions>} */ (own(options));
      if (header !== undefined)
        throw new TypeError("with DPoP the header is Authorization, the scheme DPoP: leave out header");
      const { url, body } = /** @type {Partial<RefreshRequest>} */ (own(typeof refresh === "object" ? refresh : {}));
      if (url !== undefined) {
        const endpoint = place(new URL(url, page()));
        endpoints.add(endpoint);
        if (body !== "form") jsonRefreshes.add(endpoint);
      }
      return { ...options, header: { scheme: "DPoP" }, fetch: this.fetch };
    },
    /** A proof for what is not fetch. */
    async proof(method, url, accessToken) {
      return proof(normalised(method), new URL(url, page()), accessToken);
    },
    /**
     * The key's thumbprint (RFC 7638): `dpop_jkt` of an authorization request (RFC 9449 §10), and a token's `cnf.jkt`.
     */
    async thumbprint() {
      const {
        jwk: { crv, kty, x, y },
      } = await row();
      return sha256(JSON.stringify({ __proto__: null, crv, kty, x, y }));
    },
  };
}
