/**
 * `<relatch-inspector>`: an element that shows what a session is doing: its status, the decoded access token and what
 * is left of it, holds and refreshes of the last 30 seconds, events, and requests with tokens redacted. For
 * development; importing it defines the element, and does nothing where there are no elements. It needs no
 * `unsafe-inline` and works under Trusted Types.
 *
 * @example
 * import "relatch/inspector";
 * const inspector = document.body.appendChild(document.createElement("relatch-inspector"));
 * const session = createSession({ refresh: { url: "/users/refresh" }, fetch: inspector.fetch });
 * inspector.session = session;
 *
 * @packageDocumentation
 */
import type { Session } from "./index.js";

export class RelatchInspector extends HTMLElement {
  /**
   * The session to show; `null` for none. While it is shown, its events about single calls are made, which cost a
   * little.
   */
  get session(): Pick<Session, "addEventListener" | "removeEventListener" | "status" | "claims"> | null;
  set session(session: Pick<Session, "addEventListener" | "removeEventListener" | "status" | "claims"> | null);
  /**
   * Names of fields and headers whose short values are shown, as by `LogOptions.show` of `session.log`. Default: none;
   * only what is known to be harmless.
   */
  get show(): readonly string[];
  set show(names: readonly string[]);
  /**
   * The global `fetch`, recorded: give it to `createSession` as `fetch`, and tries, replays and the refresh are listed.
   * Bound. Responses stay unread. Without it the list of requests stays empty.
   */
  readonly fetch: typeof globalThis.fetch;
}

declare global {
  interface HTMLElementTagNameMap {
    "relatch-inspector": RelatchInspector;
  }
}
