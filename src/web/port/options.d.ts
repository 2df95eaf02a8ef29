/**
 * What a session is made with, checked and complete: made by pkg/options.js for the npm package and by
 * src/frontend/builder.rs for Rust, read by the port, by `lease.js` and by pkg/log.js.
 */
import type { LogLevel, RefreshFunction, RefreshRequest, SessionOptions, TokenStore } from "../../../pkg/index.js";

/** What the engine's numbers are called: written into pkg/names.js, and by builder.rs. */
export interface Names {
  /** Of errors, by `Code`. */
  readonly codes: readonly string[];
  /** A sentence for each of `codes`. */
  readonly messages: readonly string[];
  /** Why a refresh was started, by `Reason`. */
  readonly reasons: readonly string[];
  /** What another hand did to the store, by `Change`. */
  readonly changes: readonly string[];
  /** Where the session stands, by `Status`. */
  readonly statuses: readonly string[];
}

/** A refresh by a request that is described: {@link RefreshRequest} with every default in its place. */
export interface RefreshDescription {
  /** Absolute. */
  readonly url: string;
  /** A form (RFC 6749 §6); otherwise JSON. */
  readonly form: boolean;
  readonly clientId?: string | undefined;
  /** The field that the refresh token goes into. */
  readonly send: string;
  /** More fields. */
  readonly extra: Readonly<Record<string, string>>;
  /** More headers. */
  readonly headers: Readonly<Record<string, string>>;
  readonly credentials: RequestCredentials;
  /** Dotted paths into the answer. */
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: string;
  readonly terminal?: RefreshRequest["terminal"];
}

export interface PortOptions {
  /**
   * The engine's part, as the wasm's constructor takes it. A time of 0 is the default. Rust's face hands its own over
   * by itself, so there only the first three stand here, and of these the scheme is left out.
   */
  readonly args: readonly [
    /** 0 memory, 1 localStorage, 2 sessionStorage, 3 a store of one's own, 4 one that is blocked. */
    storage: number,
    /** The scheme of challenges that speak of our token, a byte for each character; empty for a header of one's own. */
    scheme: Uint8Array | undefined,
    refreshTimeoutMs: number,
    maxWaitMs?: number,
    maxReplays?: number,
  ];
  readonly names: Names;
  /** What stands before the token in its header: the scheme and a space, or nothing. */
  readonly prefix: string;
  /** The origins that may see the token (S1). */
  readonly origins: readonly string[];
  /** The page's own; "" where it has none. */
  readonly ownOrigin: string;
  /** The name of the header that carries the token. */
  readonly header: string;
  readonly storage: "local" | "session" | "memory" | TokenStore;
  /** The record's name in the store, and the lock's. */
  readonly key: string;
  readonly refresh: RefreshDescription | RefreshFunction;
  /** The unwrapped `fetch`. `install` and the log put another one in its place. */
  fetch: typeof globalThis.fetch;
  /** The caller said what to wrap, so that `install` leaves it. Not of Rust's face. */
  readonly isGiven?: boolean;
  readonly skip?: SessionOptions["skip"];
  readonly isChallenge?: SessionOptions["isChallenge"];
  /** The error of this number. `cause`: what the refresh failed with, if that is known. */
  readonly makeError: (code: number, cause?: unknown) => unknown;
  /** Dispatches an event to the application. The facade's part, or Rust's. */
  readonly onEvent?: (type: string, detail: object) => void;
  /** Takes turns between tabs where there are no Web Locks; false or undefined where there are. */
  lease?: Lease | false | undefined;
  /** The level of the log; undefined until one is set. */
  log?: LogLevel;
  /** The log is in place. */
  logs?: boolean;
}

/** Calls `granted` once the lease is held, and gives the function that releases it or takes the request back. */
export type Lease = (options: PortOptions, granted: () => void) => () => void;
