/**
 * What was written there, and nothing of a prototype, to which any script of the page may have added.
 * @param {any} given
 */
const own = (given) => ({ __proto__: null, ...(typeof given === "object" ? given : null) });

/**
 * `refresh` for a standard token endpoint and a public client.
 * @type {typeof import("./oauth.js").oauth}
 */
export function oauth(options) {
  const { url, clientId, scope, extra, ...rest } = own(options);
  // The refresh token is all that the endpoint needs to know; cookies are none of its business.
  return {
    credentials: "omit",
    ...rest,
    url,
    body: "form",
    clientId,
    extra: scope === undefined ? extra : { ...extra, scope },
  };
}

/**
 * What a token endpoint answered (RFC 6749 §5.1), as `setTokens` takes it.
 * @param {any} answer
 */
export function toTokens(answer) {
  const {
    access_token: accessToken,
    refresh_token: refreshToken,
    expires_in,
    id_token: idToken,
    error,
    error_description: why,
  } = own(answer);
  if (typeof accessToken !== "string" || !accessToken.trim()) {
    const told = error ? `${error}${why ? `: ${why}` : ""}` : "there is no access_token";
    throw new TypeError(`no tokens in the token endpoint's answer (RFC 6749 §5): ${told}`);
  }
  // Some servers write the number as a string.
  const seconds = expires_in === undefined || expires_in === null || expires_in === "" ? NaN : Number(expires_in);
  const tokens = { accessToken, refreshToken, expiresIn: Number.isFinite(seconds) ? seconds : undefined };
  return typeof idToken === "string" ? { ...tokens, idToken } : tokens;
}
