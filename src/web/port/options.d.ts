// The options object that crosses from a face (pkg/options.js, src/frontend) into the port, complete and checked.
import type { RefreshFunction } from "../../../pkg/index.js";

/** What the engine's numbers are called; each list is in the order of its Rust enum. */
export interface Names {
  codes: readonly string[];
  /** A sentence for each code. */
  messages: readonly string[];
  reasons: readonly string[];
  changes: readonly string[];
  statuses: readonly string[];
}

/** The caller's own store, as src/web/port/own.js makes it. */
export type SteadyStore = ReturnType<typeof import("./own.js").steady>;

/** What a refresh brought, for a face that explains failures to developers. */
export interface RefreshFacts {
  /** It has brought an access token. */
  hasToken: boolean;
  refresh: PortOptions["refresh"];
  /** Of a request that is described: the answer, its text, and what JSON is in it. */
  response?: Response;
  text?: string;
  body?: unknown;
  /** What a function returned. */
  tokens?: unknown;
  /** What a function threw, or fetch. */
  error?: unknown;
}

/** A value, or what gives it at each try. */
export type Given = string | (() => string | undefined | Promise<string | undefined>);

/** Where something stands in an answer. */
export type Place =
  | string
  | { path?: string; header?: string; body?: "text"; unit?: "s" | "ms" | "at-s" | "at-ms" | "date" };

/** A refresh by a request that is described. */
export interface RefreshDescription {
  method: "POST" | "PUT" | "GET";
  /** Absolute. */
  url: string;
  /** What a URL ends with that may be this one: its last segment, query included. */
  tail: string;
  /** RFC 6749 §6; otherwise JSON. */
  form: boolean;
  clientId?: string | undefined;
  /** The field, or the header, that the refresh token goes into; none where a cookie carries it. */
  send: string | { header: string; scheme?: string } | null;
  extra?: Record<string, Given> | undefined;
  headers?: Record<string, Given> | undefined;
  credentials: RequestCredentials;
  /** Of access token, refresh token and lifetime in the answer. */
  places: readonly Place[];
  terminal?: ((answer: { status: number; body: unknown }) => boolean) | undefined;
  /** It needs `described`. */
  isRich?: boolean;
}

export interface PortOptions {
  names: Names;
  /** Before the access token in the header: the scheme and a blank, or nothing. */
  prefix: string;
  /** The allowed origins (S1). */
  origins: readonly string[];
  /** The page's; empty where there is none. */
  ownOrigin: string;
  /** The auth header's name, as it was given … */
  header: string;
  /** … and in lower case. */
  lower: string;
  storage: "local" | "session" | "memory" | "own";
  /** Where the record is, of localStorage and sessionStorage that are not blocked. */
  web: Storage | undefined;
  /** For Rust frontends: resolves when it is known that sessionStorage is no copy of another tab's. */
  gate?: Promise<void> | undefined;
  /** Where the record is, of a store of the caller's own. */
  store: SteadyStore | undefined;
  /** The record's name, and the lock's. */
  key: string;
  refresh: RefreshDescription | (RefreshFunction & { url?: undefined; tail?: undefined; isRich?: undefined });
  /** What sends. May change: `install` puts another one here, and so does the log. */
  fetch: typeof globalThis.fetch;
  skip?: ((input: string | URL | Request, init?: RequestInit) => boolean) | undefined;
  isChallenge?: import("../../../pkg/index.js").ChallengePredicate | undefined;
  /** What `isChallenge` said of a response; see asked.js. */
  said?: ((response: Response) => boolean | undefined) | undefined;
  /** An error of relatch's own, by its code's place in `names.codes`. */
  makeError(code: number, cause?: unknown): Error;
  onEvent?: ((type: string, detail: object) => void) | undefined;
  /** For a refresh that is described by more than names (`isRich`). */
  described?: typeof import("./described.js").described | undefined;
  /** Asked for each refresh, for developers: why it brought no access token; empty for nothing. */
  explain?: ((facts: RefreshFacts) => string) | undefined;
  /** Where there are no Web Locks: asks for the lease, and gives what releases it. */
  lease?: ((options: PortOptions, granted: () => void) => () => void) | undefined;
  /** What sends a request instead of `fetch`: outside browsers (S9), and where each response is asked about (A1). */
  hops?: ((options: PortOptions, input: string | Request, init: RequestInit) => Promise<Response>) | undefined;
  /** The refresh's own deadline; 0: the engine's default. */
  refreshTimeoutMs: number;
}

/** What pkg/options.js makes: what crosses into the port, and what the facade alone needs. */
export interface FaceOptions extends PortOptions {
  /** Other tabs can see the store. */
  shared: boolean;
  /** 0: the engine's default. */
  maxWaitMs: number;
  maxReplays: number;
  /** The caller said what to wrap. */
  isGiven: boolean;
  /** The level of `session.log`, once it was set. */
  log?: import("../../../pkg/index.js").LogLevel;
}
