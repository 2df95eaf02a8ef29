/// <reference lib="esnext.disposable" />
/**
 * relatch: one refresh for every 401.
 *
 * Wraps `fetch`, keeps the access token and the refresh token, holds the requests that an expired token would
 * fail behind one refresh, and replays those that failed. Importing this module has no side effect; the
 * WebAssembly behind it is compiled on first use.
 *
 * @packageDocumentation
 */

/** The tokens of a login or a refresh. */
export interface Tokens {
  /**
   * The token that goes on requests. Opaque tokens work as well as JWTs. Visible ASCII (RFC 6749 A.12), which a header
   * carries unchanged; at most 65,536 characters.
   */
  accessToken: string;
  /**
   * The token that buys the next access token. Left out of a refresh: the old one stays (RFC 6749 §6). At most 65,536
   * characters.
   */
  refreshToken?: string | null | undefined;
  /**
   * Lifetime of the access token in **seconds** (RFC 6749 §5.1). Left out: `exp − iat` of a JWT; of an opaque
   * token nothing is assumed, and a 401 tells. Never compared with the local clock's idea of `exp`.
   */
  expiresIn?: number | null | undefined;
  /**
   * OpenID Connect's ID token, if there is one. Not kept: it only says whom the tokens are of, where the access token
   * is no JWT with a `sub`. A refresh that brings tokens of another user starts a new session, and replays nothing.
   */
  idToken?: string | null | undefined;
}

/** Why a refresh was started. */
export type RefreshReason =
  /** The server answered 401 to a request that carried the current token. */
  | "rejected"
  /** The token's lifetime is over, or the access token is gone from the store. */
  | "expired"
  /** The token is near its end; requests still go out with it meanwhile. */
  | "advisory"
  /** `session.refresh()` was called, or `getAccessToken` wanted more validity than the token has left. */
  | "forced";

/** What your own refresh function is given. */
export interface RefreshContext {
  /** The refresh token to spend. Spend it at most once. */
  readonly refreshToken: string;
  /** The unwrapped `fetch`: no header is added, and its 401 is not answered by a refresh. */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Aborts when the refresh has taken `refreshTimeout`, when its session is gone (login, logout), and when the session
   * object is closed. Tokens that are returned after a timeout or a close are stored all the same, if the store still
   * holds the refresh token that was sent: it is spent. So where refresh tokens rotate, let a request that is under way
   * go on.
   */
  readonly signal: AbortSignal;
  readonly reason: RefreshReason;
}

/**
 * Your own refresh. Return the new tokens; return `null` to end the session (the user must log in again);
 * throw for anything that may pass (network, 5xx): tokens are kept and the next call after a backoff tries again.
 * Runs at most once at a time, under the origin's lock; it must not call `session.fetch` and wait for it.
 */
export type RefreshFunction = (context: RefreshContext) => Promise<Tokens | null> | Tokens | null;

/**
 * A refresh described by data: a request, refresh token in, tokens out.
 *
 * @example
 * // POST /users/refresh {"refreshToken":"…"}
 * // → {"result":{"accessToken":"…","refreshToken":"…","expiresIn":900}}
 * const [accessToken, refreshToken] = ["result.accessToken", "result.refreshToken"];
 * const pick = { accessToken, refreshToken, expiresIn: "result.expiresIn" };
 * createSession({ refresh: { url: "/users/refresh", pick } });
 *
 * @example
 * // OAuth 2.0 (RFC 6749 §6)
 * createSession({ refresh: { url: "/oauth/token", body: "form", clientId: "web" } });
 *
 * @example
 * // GET, with the refresh token in a header; 204, with the new ones in headers, and a CSRF token read at each try
 * createSession({
 *   refresh: {
 *     url: "/auth/renew",
 *     method: "GET",
 *     send: { refreshToken: { header: "X-REFRESH-TOKEN" } },
 *     pick: { accessToken: { header: "X-AUTH-TOKEN" }, refreshToken: { header: "X-REFRESH-TOKEN" } },
 *     headers: { "X-CSRF-TOKEN": () => document.querySelector("meta[name=csrf-token]").content },
 *   },
 * });
 */
export interface RefreshRequest {
  /** Where to send it. Relative to the page. Redirects are refused, so that the refresh token cannot follow one. */
  url: string | URL;
  /** Default `"POST"`. With `"GET"` there is no body: `send.refreshToken` must be a header, or `null`. */
  method?: "POST" | "PUT" | "GET" | undefined;
  /**
   * How the refresh token is sent. `"json"` (default): an object. `"form"`: RFC 6749 §6,
   * `grant_type=refresh_token&refresh_token=…&client_id=…`.
   */
  body?: "json" | "form" | undefined;
  /** `client_id`, for `body: "form"` and public clients (RFC 6749 §3.2.1). */
  clientId?: string | undefined;
  /**
   * The field the refresh token goes into, or the header: `{ header: "Authorization", scheme: "Bearer" }`. `null`: it
   * is not sent, because a cookie carries it. Default `"refreshToken"` for JSON, `"refresh_token"` for a form.
   */
  send?: { refreshToken?: string | { header: string; scheme?: string | undefined } | null | undefined } | undefined;
  /** More fields to send, as they are. Example: `{ scope: "profile" }`. */
  extra?: Readonly<Record<string, Given>> | undefined;
  /** More headers to send. A `Content-Type` of yours stays. */
  headers?: Readonly<Record<string, Given>> | undefined;
  /** `credentials` of the refresh request. Default `"same-origin"`. */
  credentials?: "omit" | "same-origin" | "include" | undefined;
  /**
   * Where the tokens stand in the answer, as dotted paths, or as {@link Place}s. Default for JSON:
   * `{ accessToken: "accessToken", refreshToken: "refreshToken", expiresIn: "expiresIn" }`; for a form the names
   * of RFC 6749 §5.1 (`access_token`, …). Only own properties are followed; a number is an index (`data.0.token`).
   */
  pick?:
    | {
        accessToken?: string | Place | undefined;
        refreshToken?: string | Place | undefined;
        expiresIn?: string | LifetimePlace | undefined;
      }
    | undefined;
  /**
   * Which answers end the session. Default: `error: "invalid_grant"`, a 401 or 403 whose body is a JSON object, or a
   * 401 without a body. Called once for each answer that carries no usable token; if it throws, the answer is taken as
   * not terminal.
   */
  terminal?: ((answer: { readonly status: number; readonly body: unknown }) => boolean) | undefined;
}

/**
 * A value, or a function that gives it, or a promise of it: called at each try of a refresh, under the origin's lock.
 * `undefined` leaves it out. What it throws fails that try (`failed`).
 */
export type Given = string | (() => string | undefined | Promise<string | undefined>);

/**
 * Where a token stands: at a dotted path of the JSON, in a header of the answer (across origins the server must name it
 * in `Access-Control-Expose-Headers`; a `Bearer ` before the token is taken off), or the whole body as plain text.
 */
export type Place = { path: string } | { header: string } | { body: "text" };

/**
 * Where the lifetime stands, and what it is. `unit`: seconds (`"s"`, default), milliseconds (`"ms"`), the moment of the
 * end as a Unix time (`"at-s"`, `"at-ms"`) or as a date in words (`"date"`, as `Date.parse` reads it). A moment is
 * measured from the answer's own `Date` where it can be read, else from this machine's clock.
 */
export type LifetimePlace = ({ path: string } | { header: string }) & {
  unit?: "s" | "ms" | "at-s" | "at-ms" | "date" | undefined;
};

/**
 * Your own place for the session's record, one string. `get`, `set` and `remove` may return promises, and come one
 * after the other. What they throw is reported by a `failed` event (`storage_failed`); the session then goes on in
 * memory. One that has not answered within 5,000 ms, or within `refreshTimeout` if that is less, counts as failed. A
 * write that hung is made good when the store answers again, unless another hand has changed the record meanwhile.
 */
export interface TokenStore {
  /** What is stored; nothing if there is nothing. */
  get(key: string): string | null | undefined | Promise<string | null | undefined>;
  set(key: string, record: string): void | Promise<void>;
  remove(key: string): void | Promise<void>;
  /**
   * Calls `changed` after another page or worker has changed what is stored under the key; to call it once too often
   * does no harm. May return what ends that. Called once. Without it the store is looked at again at each 401, and, at
   * most once a **second**, when a session that is signed out is used.
   */
  subscribe?(key: string, changed: () => void): (() => void) | undefined;
}

/**
 * `true`: the token is over, whatever the status (403, 400, 200) and the `WWW-Authenticate` say: refresh, and send the
 * call again. `false`: this is not about the token, not even with a 401; nothing is refreshed. `undefined`: the rule
 * decides. A promise of these is waited for, and the call with it.
 *
 * Asked once for each response. `text()` and `json()` read a clone: at most 65,536 **bytes**, and `undefined` (`json`:
 * `null`) for more, for an event stream, and for what is no JSON; nothing is read unless they are called. What the
 * predicate throws rejects that call.
 *
 * @example
 * // GraphQL: 200, and the error in the body
 * isChallenge: async (response, { json }) =>
 *   (await json())?.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED") || undefined
 */
export type ChallengePredicate = (
  response: Response,
  // biome-ignore lint/suspicious/noExplicitAny: as that of Response.
  body: { text(): Promise<string | undefined>; json(): Promise<any> },
) => boolean | undefined | Promise<boolean | undefined>;

/** Only own properties are read, here and of {@link Tokens}: what a script puts on `Object.prototype` is no option. */
export interface SessionOptions {
  /** How to get a new access token. */
  refresh: RefreshRequest | RefreshFunction;
  /**
   * The origins that may see the token: exact scheme, host and port, and nothing more (`"https://api.example.com"`).
   * Default: the page's own. Anything but https is refused, localhost apart. A request to any other origin passes
   * through untouched.
   */
  origins?: readonly (string | URL)[] | undefined;
  /**
   * The header that carries the access token. Default `{ name: "Authorization", scheme: "Bearer" }`; with another name
   * the default scheme is `""`, none, and same-origin requests go out as `mode: "same-origin"`, others as
   * `redirect: "error"`: browsers strip only `Authorization` when a redirect leaves the origin.
   */
  header?: { name?: string | undefined; scheme?: string | undefined } | undefined;
  /**
   * Where the tokens live. `"local"` (default) shares the session between tabs and outlives them; `"session"` is one
   * tab, and the copy that a window opened by it, or a duplicated tab, begins with is dropped (where there are Web
   * Locks); `"memory"` is this object. Where there is no localStorage (Node, workers) the default is `"memory"`, and
   * with an explicit `"local"` or `"session"` `createSession` throws `storage_unavailable`. Where it is blocked or
   * full, a `failed` event says so and the session lives in memory. Tabs take turns by a Web Lock; where there are none
   * (plain http) by a lease beside the record, `"<key>:lease"`. A store of your own has no lock there.
   */
  storage?: "local" | "session" | "memory" | TokenStore | undefined;
  /** The record's name in the store, and the lock's. Default `"relatch"`. One session per key. */
  key?: string | undefined;
  /**
   * Answer `true` to let a call pass untouched. Called synchronously on every call; what it throws rejects the call.
   */
  skip?: ((input: string | URL | Request, init?: RequestInit) => boolean) | undefined;
  /**
   * Says whether an answer to a call that carried the token means that the token is over. Ready ones are in
   * `relatch/challenge`. Without it a 401 does, but for errors `insufficient_*` in `WWW-Authenticate`.
   */
  isChallenge?: ChallengePredicate | undefined;
  /**
   * How long a call may be held before it goes out with what there is, in **milliseconds**, from 1 to 3,600,000.
   * All its holds count together. Default: `refreshTimeout` and 10,000 more. Its own abort signal holds meanwhile.
   * While a page is prerendered no time passes.
   */
  maxWait?: number | undefined;
  /** How often one request may be sent again. Default 1, at most 3. */
  maxReplays?: number | undefined;
  /**
   * The refresh's own deadline in **milliseconds**, from 100 to 600,000. Default 30,000. No caller's abort shortens it.
   */
  refreshTimeout?: number | undefined;
  /** The `fetch` to wrap. Default: the global one at the time `createSession` is called. */
  fetch?: typeof globalThis.fetch | undefined;
}

/** - `"loading"`: the wasm or the store has not answered yet.
 *  - `"signed-out"`: no tokens; requests go out without a header.
 *  - `"fresh"`: the token is good. `"stale"`: still good, a refresh is due. `"expired"`: requests are held until the
 *    refresh lands.
 *  - `"refreshing"`: the token is not usable and a refresh is in progress.
 *  - `"closed"`: after `close()`. */
export type SessionStatus = "loading" | "signed-out" | "fresh" | "stale" | "expired" | "refreshing" | "closed";

/** How much is printed of each request; see {@link Session.log}. */
export type LogLevel = "none" | "basic" | "headers" | "body";

/** A level, and what the log may show beside what is known to be harmless. */
export interface LogOptions {
  level: LogLevel;
  /**
   * Names of fields, query parameters and headers whose values are shown where they are short (32 characters) and
   * plain, as those of an enumeration are. Compared without case. Default: none. A token of the session is not shown
   * under any name.
   */
  show?: readonly string[] | undefined;
}

/** A JWT's payload (RFC 7519 §4), decoded and **not verified**: a hint for display, never a permission. */
export interface Claims {
  iss?: string;
  sub?: string;
  aud?: string | string[];
  exp?: number;
  nbf?: number;
  iat?: number;
  jti?: string;
  [claim: string]: unknown;
}

/** What the server's challenge says would be enough. */
export interface StepUp {
  /** The request that was refused. */
  url: string;
  /**
   * `insufficient_scope` (RFC 6750 §3.1): ask for `scope`. `insufficient_user_authentication` (RFC 9470): ask for
   * `acrValues` and `maxAge`. Other errors that begin with `insufficient_` are reported as well.
   */
  error: "insufficient_scope" | "insufficient_user_authentication" | (string & {});
  /** Space-separated (RFC 6749 §3.3). */
  scope: string | null;
  /** Space-separated, the most wanted first. */
  acrValues: string | null;
  /** **Seconds** since the user last authenticated, at most. */
  maxAge: number | null;
}

/** Details of the events. None ever carries a token. Durations are in milliseconds. */
export interface SessionEventMap {
  /** A refresh committed. */
  refreshed: CustomEvent<{ generation: number; reason: RefreshReason; durationMs: number; waiting: number }>;
  /** A change by another tab, or by the developer tools, was taken over. */
  adopted: CustomEvent<{ generation: number; change: "tokens" | "signed-in" | "signed-out" }>;
  /**
   * `setTokens` or `clear` was called on this object, or its refresh brought tokens of another user: for what shows the
   * session's status. Other tabs' are `adopted`.
   */
  changed: CustomEvent<{ change: "signed-in" | "signed-out" }>;
  /** A request that had got a 401 was sent again. */
  replayed: CustomEvent<{ call: number; generation: number; url: string }>;
  /** A request waits for the refresh: before it was sent, or (`sent`) after it got a 401. */
  held: CustomEvent<{ call: number; sent: boolean; url: string }>;
  /** The session is over and its tokens are gone: show the login. Told once for each session. */
  expired: CustomEvent<{ code: "session_expired"; status: number }>;
  /** Something went wrong and the tokens were kept. `retryInMs`: no refresh is tried before that. */
  failed: CustomEvent<{ code: RelatchErrorCode; message: string; status: number; retryInMs: number }>;
  /**
   * A 401 or 403 says that the token is good but not good enough, which no refresh can help: start a new authorization
   * that asks for what is said here. The response is the caller's.
   */
  "step-up": CustomEvent<StepUp>;
}

export type RelatchErrorCode =
  /** An option is missing or of the wrong kind. The message names it. */
  | "invalid_option"
  /** The WebAssembly could not be loaded; see `cause`. A CSP needs `'wasm-unsafe-eval'`. */
  | "wasm_unavailable"
  /** There are no tokens. */
  | "signed_out"
  /** The authorization server ended the session. */
  | "session_expired"
  /** The refresh failed for now; tokens are kept. */
  | "refresh_failed"
  /** The refresh did not answer within `refreshTimeout`. */
  | "refresh_timeout"
  /** Another tab held the refresh lock for too long. */
  | "lock_timeout"
  /** Too many refreshes in a short time: refreshing is on hold, for 30 s at first. A login lifts it. */
  | "refresh_rate_limited"
  /** Fresh tokens keep being rejected by the API. */
  | "fresh_tokens_rejected"
  /** More calls are waiting than the queue holds. */
  | "queue_full"
  /** The chosen storage does not exist or is blocked here. */
  | "storage_unavailable"
  /** The store failed to read or write; the session goes on in memory. */
  | "storage_failed"
  /** The stored record cannot be read; it is left in place and taken as signed out. */
  | "storage_corrupt"
  /** The session was closed. */
  | "closed";

/**
 * Every error of relatch's own. Tell them apart by `code`, which is stable; messages are for people and may change.
 * They are sentences in the development build (the condition `development` of `exports`), and short in production.
 * What `fetch` itself rejects with is passed on as it is.
 *
 * @example
 * try {
 *   await session.refresh();
 * } catch (error) {
 *   if (error instanceof RelatchError && error.code === "session_expired") location.assign("/login");
 *   else throw error;
 * }
 */
export class RelatchError extends Error {
  /** For tests of your own error handling. The message is given `relatch: ` before it. */
  constructor(code: RelatchErrorCode, message: string, cause?: unknown);
  readonly name: "RelatchError";
  readonly code: RelatchErrorCode;
  readonly cause?: unknown;
}

export interface Session extends EventTarget, Disposable {
  /**
   * A drop-in `fetch`: same arguments, same `Response`, same rejections. Bound: it can be handed to any client that
   * takes a `fetch`.
   */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Takes over the tokens of a login. Starts a new session: calls and refreshes of the one before can neither
   * overwrite nor use it. Resolves when the tokens are stored. Rejects with `invalid_option` for a token
   * that is blank, too long or of bytes that no header can carry; nothing has changed then.
   */
  setTokens(tokens: Tokens): Promise<void>;
  /**
   * The access token, for what is not `fetch` (WebSocket, EventSource, XHR), refreshed first if it has less than
   * `minValidity` **seconds** left (default 0). Rejects with `signed_out`, `session_expired`, `refresh_failed`, …
   *
   * @example
   * socket.send(await session.getAccessToken({ minValidity: 30 }));
   */
  getAccessToken(options?: { minValidity?: number | undefined; signal?: AbortSignal | undefined }): Promise<string>;
  /** Refreshes now, or joins the refresh in progress. Resolves once committed, rejects with why not. */
  refresh(): Promise<void>;
  /**
   * Logs out: forgets the tokens here, in the store and so in the other tabs. Your server is not told. Whatever is
   * stored under the key goes, also a record of a later version that this one cannot read and otherwise leaves alone.
   */
  clear(): Promise<void>;
  readonly status: SessionStatus;
  /** The current access token's claims; `null` when signed out or if it is not a JWT. */
  readonly claims: Claims | null;
  /**
   * What is printed to the console of each request that leaves the page: first tries, replays, and the refresh itself.
   * `"none"` (default); `"basic"`: method, URL, status, time and size; `"headers"`: those as well; `"body"`: text
   * bodies too, cut after 4,000 characters. Names and structure are shown, and values only where they are known to be
   * harmless: numbers, truth values and dates under harmless names, and what {@link LogOptions.show} allows. May be set
   * at any time, also from the developer tools; the code for it is loaded then, and calls made before it is there are
   * not printed. Anything else is reported by `console.error` and changes nothing. Responses stay unread.
   *
   * @example
   * session.log = "body";
   * session.log = { level: "body", show: ["status", "kind"] };
   */
  get log(): LogLevel;
  set log(level: LogLevel | LogOptions);
  /**
   * Resolves when wasm and store have answered, or the store did not within its time: from then on `status` and
   * `claims` are real.
   */
  readonly ready: Promise<void>;
  /**
   * Puts `session.fetch` in the place of `globalThis.fetch`, over what stands there now unless the `fetch` option said
   * what to wrap; returns the function that takes it away again. Calling it twice installs once. Who has wrapped it
   * meanwhile keeps the wrapper, with a bare way through.
   *
   * @example
   * const uninstall = session.install();
   * await fetch("/home/review/detail/151"); // carries the token, waits for a refresh, is replayed
   * uninstall();
   */
  install(): () => void;
  /**
   * Ends this object, not the session: tokens stay stored. Calls that wait get their own 401, calls that were held
   * reject with `closed`. Twice is once.
   */
  close(): void;
  addEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: ((event: SessionEventMap[K]) => void) | { handleEvent(event: SessionEventMap[K]): void } | null,
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void;
  addEventListener(
    type: string,
    listener: Parameters<EventTarget["addEventListener"]>[1],
    options?: Parameters<EventTarget["addEventListener"]>[2],
  ): void;
  removeEventListener<K extends keyof SessionEventMap>(
    type: K,
    listener: ((event: SessionEventMap[K]) => void) | { handleEvent(event: SessionEventMap[K]): void } | null,
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void;
  removeEventListener(
    type: string,
    listener: Parameters<EventTarget["removeEventListener"]>[1],
    options?: Parameters<EventTarget["removeEventListener"]>[2],
  ): void;
}

/**
 * Makes a session. Synchronous: a call made before the WebAssembly is there waits for it.
 *
 * @throws {RelatchError} `invalid_option`, naming the option and what was expected.
 *
 * @example
 * const session = createSession({ refresh: { url: "/users/refresh" } });
 * await session.setTokens(await login());
 * const res = await session.fetch("/home/review/detail/151");
 */
export function createSession(options: SessionOptions): Session;
