/**
 * Worker mode: the session, its tokens and its refresh live in a dedicated or shared worker; the page gets a `fetch`
 * that never sees a token. With `storage: "memory"` no script of the page can read a token anywhere. (What a worker
 * keeps in IndexedDB, every script of the origin can read.)
 *
 * @packageDocumentation
 */
import type { Claims, Session, SessionEventMap, SessionStatus, Tokens } from "./index.js";

export interface ServeOptions {
  /**
   * Logs in inside the worker, so that the page sees no token even then: it is given what the page's `login` was given,
   * and calls `session.setTokens`. What it returns goes to the page.
   */
  login?: (given: unknown, session: Session) => unknown;
}

/** In the worker, at its top level: answers the pages that connect. */
export function serve(session: Session, options?: ServeOptions): void;

/**
 * The page's end. Responses are copies with `url`, `redirected` and `type`; bodies are sent as bytes, never as a
 * stream.
 */
export interface RemoteSession extends EventTarget {
  readonly fetch: typeof globalThis.fetch;
  /** Runs the worker's `login`; resolves with what that returned. */
  login(given?: unknown): Promise<unknown>;
  /** Takes over tokens that the page has got itself. */
  setTokens(tokens: Tokens): Promise<void>;
  refresh(): Promise<void>;
  clear(): Promise<void>;
  /** As the worker last reported it: after each call and each event. */
  readonly status: SessionStatus;
  readonly claims: Claims | null;
  readonly ready: Promise<void>;
  close(): void;
  addEventListener<K extends keyof SessionEventMap>(type: K, listener: (event: SessionEventMap[K]) => void): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

export function connect(worker: Worker | SharedWorker): RemoteSession;
