import type { RefreshRequest, Tokens } from "./index.js";

export interface OAuthOptions extends Omit<RefreshRequest, "body" | "send" | "pick"> {
  /** The token endpoint. */
  url: string | URL;
  /** The client's id. A page can keep no secret, so there is none (RFC 6749 §2.1). */
  clientId: string;
  /** Scopes to ask for, with spaces between; no more than were granted (RFC 6749 §6). Default: all that were. */
  scope?: string | undefined;
}

/**
 * `refresh` for a standard OAuth 2.0 token endpoint and a public client (RFC 6749 §6). No cookies are sent, unless
 * `credentials` says so.
 *
 * @example
 * createSession({ refresh: oauth({ url: "https://id.example/token", clientId: "web", scope: "profile" }) });
 */
export function oauth(options: OAuthOptions): RefreshRequest;

/**
 * What a token endpoint answered to the login (RFC 6749 §5.1), as `setTokens` takes it.
 *
 * @throws {TypeError} if it holds no access token, with the endpoint's own `error`.
 *
 * @example
 * await session.setTokens(toTokens(await response.json()));
 */
export function toTokens(answer: unknown): Tokens;
