// The words by which a log knows what may be shown, and what never.

/** @param {string} text words, with blanks between them */
const list = (text) => text.trim().split(/\s+/);
/** @param {string} text */
const anyOf = (text) => `(${list(text).join("|")})`;

/** Anywhere in a name. */
export const SECRET = new RegExp(
  anyOf(`
    token passw passphrase passcode pwd secret credential apikey auth bearer jwt cookie csrf xsrf nonce assertion
    verifier signature session account iban card phone mobile email birth salar balance license licence insurance
    patient security private mnemonic otp ssn personal recovery backup onetime magic invite challenge
  `),
);
/** A word of a name. */
export const SECRET_WORDS = new Set(
  list("pass key keys pin pins mfa tan puk code codes cvv cvc csc sid sig hash salt seed tax dob pw jti sub"),
);
/** The last word of a name whose numbers, truth values and times say nothing. */
export const HARMLESS = new Set(
  list(`
    id ids n i v x y count counts total totals size length limit offset page pages index version status ms seconds
    minutes hours days duration elapsed width height depth level order rank position row rows column columns exp iat
    nbf expire expires expiry lifetime ttl at time date timestamp year month day ok success done enabled disabled active
    valid empty more generation epoch attempt attempts retries progress percent created updated modified deleted item
    items result results serial
  `),
);
/** In letters alone: these have a word of a secret's name in theirs, and hold none. */
export const PLAIN = /^(tokentype|granttype|statuscode|refreshexpiresin|(access|refresh)tokenexpires(in|at))$/;
/** Their last word says little. */
export const PLAIN_NUMBER = /expires(in|at)$|^(statuscode|retryafter|waiting)$/;

/** What the standards say in fields of these names (RFC 6749, 6750, 8628, 9449, 9470). */
export const STANDARD = new Map([
  ["granttype", new Set(list("refresh_token authorization_code password client_credentials"))],
  ["tokentype", new Set(list("Bearer bearer DPoP dpop mac"))],
  [
    "error",
    new Set(
      list(`
        invalid_request invalid_client invalid_grant invalid_scope invalid_token invalid_dpop_proof invalid_target
        unauthorized_client unsupported_grant_type unsupported_response_type access_denied server_error
        temporarily_unavailable insufficient_scope insufficient_user_authentication use_dpop_nonce login_required
        slow_down authorization_pending expired_token
      `),
    ),
  ],
]);

/** After these a path goes on with what was sent by mail, or is worth as much. */
export const BEFORE_SECRET = /^(reset|verif|confirm|activat|unsubscrib|share|download|join|invit)/i;
/** But not with these. */
export const VERBS = new Set(
  list(`
    token tokens refresh revoke renew new reset change forgot confirm verify login log-in logout log-out signin sign-in
    signout sign-out signup sign-up validate introspect current list me exchange authorize userinfo callback device
    password
  `),
);
