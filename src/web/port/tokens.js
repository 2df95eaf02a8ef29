// Tokens as servers and stores write them, turned into the rows that the engine reads.
import { hash, isObject, json, number, own } from "./values.js";
import * as wire from "./wire.js";

/** The version of the record's form. One of another version is left alone. */
const VERSION = 1;
/** JSON may write each character of two tokens as six: no record is longer. Characters. */
const RECORD_MAX = 1_000_000;
/** Longer JWTs work as opaque tokens: their claims are not read. Characters. */
const JWT_MAX = 16_384;

/**
 * A refresh token: a string with something in it. It travels in a body, which can carry anything.
 * @param {unknown} value
 */
const text = (value) => (typeof value === "string" && value.trim() ? value : undefined);

/**
 * An access token: only what a header carries, and carries unchanged (RFC 6749, appendix A.12).
 * @param {unknown} value
 */
const token = (value) =>
  typeof value === "string" && value.length <= wire.TOKEN_MAX && /^[!-~][ -~]*$/.test(value) ? value : undefined;

/**
 * Whom the first of these that says so is of (G9): a number of 32 bits; 0 if none does.
 * @param {unknown[]} tokens
 */
function subject(tokens) {
  for (const token of tokens) {
    const { iss, sub } = own(claims(token));
    if (sub) return hash(JSON.stringify([iss, sub])) >>> 0;
  }
  return 0;
}

/**
 * Tokens as a login or an answer has them, with what the answer says of itself. Some servers write the lifetime as a
 * string.
 * @param {unknown} given the access token
 * @param {any} refresh
 * @param {unknown} expiresIn in seconds
 * @param {unknown[]} [idTokens] what else may say whom they are of
 * @param {number} [status]
 * @param {number} [retryAfter] in seconds
 * @param {number} [retryAt] in ms
 * @param {number} [date] in ms
 */
export function grant(
  given,
  refresh,
  expiresIn,
  idTokens = [],
  status = 0,
  retryAfter = NaN,
  retryAt = NaN,
  date = NaN,
) {
  // With a refresh token too long to be kept the whole answer is useless: to go on with the one before would spend it
  // twice.
  const access = refresh?.length > wire.TOKEN_MAX ? undefined : token(given);
  const lifetime = typeof expiresIn === "string" && expiresIn.trim() ? +expiresIn : number(expiresIn);
  const { iat, exp } = own(claims(access));
  return {
    [wire.GRANT_ACCESS]: access,
    [wire.GRANT_REFRESH]: text(refresh),
    [wire.GRANT_EXPIRES_IN]: lifetime,
    [wire.GRANT_ISSUED_AT]: number(iat),
    [wire.GRANT_EXPIRES]: number(exp),
    [wire.GRANT_STATUS]: status,
    [wire.GRANT_RETRY_AFTER]: retryAfter,
    [wire.GRANT_RETRY_AT]: retryAt,
    [wire.GRANT_DATE]: date,
    [wire.GRANT_SUBJECT]: subject([access, ...idTokens]),
  };
}

/**
 * The payload of a JWT (RFC 7519), not verified; undefined if it is none. Anybody can read it; only the server can
 * check it.
 * @param {unknown} token
 */
export function claims(token) {
  const parts = typeof token === "string" && token.length <= JWT_MAX ? token.split(".") : [];
  if (parts.length !== 3) return;
  try {
    const bytes = atob(parts[1].replace(/-/g, "+").replace(/_/g, "/"));
    const value = json(new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0))));
    return isObject(value) ? value : undefined;
  } catch {
    // Not base64url.
  }
}

/**
 * The row of a stored record; undefined if it is no record of this version.
 * @param {string} raw
 */
export function record(raw) {
  const given = raw.length > RECORD_MAX ? 0 : json(raw);
  if (!isObject(given)) return;
  const { v, epoch, generation, accessToken, refreshToken, obtainedAt, lifetime, subject: stored } = own(given);
  const [access, refresh] = [token(accessToken), text(refreshToken)];
  // A token that somebody removed by hand is missing, not an error: without an access token the next call refreshes.
  // Without both there is no session to speak of.
  if (v !== VERSION || !(number(epoch) >= 0 && number(generation) >= 0 && (access || refresh))) return;
  return {
    [wire.RECORD_EPOCH]: epoch,
    [wire.RECORD_GENERATION]: generation,
    [wire.RECORD_OBTAINED_AT]: number(obtainedAt) || 0,
    [wire.RECORD_LIFETIME]: lifetime >= 0 ? number(lifetime) : NaN,
    [wire.RECORD_ACCESS]: access,
    [wire.RECORD_REFRESH]: refresh,
    // What the token says counts: an older version knows no subject, and leaves none.
    [wire.RECORD_SUBJECT]: subject([access]) || number(stored) || 0,
  };
}

/**
 * The record as it is stored, of the engine's row. Members of the session's that only a later version knows stay.
 * @param {any} row
 * @param {string | null} before what the store has now
 */
export function stored(row, before) {
  const kept = own(/** @type {any} */ (json(before ?? "")));
  return JSON.stringify({
    ...(kept.epoch === row[wire.RECORD_EPOCH] ? kept : null),
    v: VERSION,
    epoch: row[wire.RECORD_EPOCH],
    generation: row[wire.RECORD_GENERATION],
    accessToken: row[wire.RECORD_ACCESS] ?? null,
    refreshToken: row[wire.RECORD_REFRESH] ?? null,
    obtainedAt: row[wire.RECORD_OBTAINED_AT],
    lifetime: row[wire.RECORD_LIFETIME] < 0 ? null : row[wire.RECORD_LIFETIME],
    subject: row[wire.RECORD_SUBJECT] || undefined,
  });
}

/**
 * The epoch of what is stored; NaN if it is no record of this version.
 * @param {string | null} raw
 */
export const epochOf = (raw) => record(raw ?? "")?.[wire.RECORD_EPOCH] ?? NaN;
