import type { Claims } from "./index.js";

/** The header of a signed JWT (RFC 7515 §4.1). */
export interface JwtHeader {
  alg?: string;
  typ?: string;
  kid?: string;
  [parameter: string]: unknown;
}

/**
 * A JWT's header and claims, decoded and **not verified**: for display and for timing, never a permission. `null` for
 * what is no JWT, such as an opaque token. Never throws.
 *
 * @example
 * const name = decodeJwt(token)?.claims.name;
 */
export function decodeJwt<Own extends object = object>(
  token: string,
): { header: JwtHeader; claims: Claims & Own } | null;
