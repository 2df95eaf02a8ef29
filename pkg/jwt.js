/**
 * A JWT's header and claims, not verified; `null` for what is no JWT.
 * @param {string} token
 */
export function decodeJwt(token) {
  try {
    const parts = token.split(".");
    if (parts.length !== 3) return null;
    const [header, claims] = parts.slice(0, 2).map((part) => {
      const bytes = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
      // fatal: a name with replacement characters in it would be shown as if it were somebody's.
      const strict = /** @type {TextDecoderOptions} */ ({ __proto__: null, fatal: true });
      return JSON.parse(
        new TextDecoder("utf-8", strict).decode(Uint8Array.from(bytes, (c) => /** @type {any} */ (c).charCodeAt())),
      );
    });
    // An array or a number is JSON too, and no set of claims (RFC 7519 §7.2).
    const isSet = (/** @type {unknown} */ value) => Object.prototype.toString.call(value) === "[object Object]";
    return isSet(header) && isSet(claims) ? { header, claims } : null;
  } catch {
    return null;
  }
}
