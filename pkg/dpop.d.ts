/**
 * DPoP (RFC 9449) for relatch, opt-in: tokens are bound to a key that no script can read, so that a stolen token is of
 * no use elsewhere.
 *
 * @packageDocumentation
 */
import type { SessionOptions } from "./index.js";

export interface DpopOptions {
  /** The key's name in IndexedDB. Default `"relatch"`. One for each user agent and authorization server is enough. */
  key?: string;
  /**
   * Where the key lives. `"indexeddb"` (default): shared by the origin's tabs, outlives them. `"memory"`: lost with the
   * page, and all tokens bound to it; use it with `storage: "memory"`.
   */
  keys?: "indexeddb" | "memory";
  /** Where tokens are issued, beside the session's `refresh.url`: the endpoint at which a login exchanges its code. */
  tokenEndpoints?: readonly (string | URL)[];
  /** The `fetch` to wrap. Default: the global one. */
  fetch?: typeof globalThis.fetch;
}

export interface Dpop {
  /**
   * `fetch` that puts a fresh proof on requests that carry `Authorization: DPoP` and on those to a token endpoint.
   * Other requests pass untouched. Use it for the login too: a session ends if its key never got tokens.
   */
  readonly fetch: typeof globalThis.fetch;
  /** The options of a session that uses this key: `createSession(dpop.options({ refresh: … }))`. */
  options(options: Omit<SessionOptions, "header" | "fetch">): SessionOptions;
  /** A proof for what is not `fetch`. `accessToken` for its `ath`. */
  proof(method: string, url: string | URL, accessToken?: string): Promise<string>;
  /** The key's thumbprint (RFC 7638), for `dpop_jkt`. */
  thumbprint(): Promise<string>;
}

export class DpopError extends Error {
  readonly name: "DpopError";
  /** `key_unavailable`: no IndexedDB or no secure context. `not_dpop`: the server gave a token of another type. */
  readonly code: "key_unavailable" | "not_dpop";
}

/** Makes nothing and stores nothing before the first request that needs a proof. */
export function createDpop(options?: DpopOptions): Dpop;
