// The port: what is kept of a session on this side of the border, and the page's events that it listens to.
//
// Plain functions over this one object, in modules of one subject each: what they share is here, and no token but on
// its way into a header. It turns what the browser says into the engine's inputs and carries out its effects; it
// decides nothing.
import { clock } from "./clock.js";
import * as inputs from "./inputs.js";
import { changed, look, read } from "./store.js";

/** @typedef {ReturnType<typeof createPort>} Port */
/**
 * @typedef {(input: number, subject: number, bits: number, row?: object | false, asks?: Uint8Array) => number} Inbox
 */

/**
 * @param {import("./options.js").PortOptions} options
 * @param {Inbox} inbox
 */
export function createPort(options, inbox) {
  const port = {
    options,
    inbox,
    /** @type {Map<number, any>} calls under way */
    calls: new Map(),
    /** @type {{ flight: number, release: () => void } | undefined} asked for or held */
    lock: undefined,
    /** @type {Promise<void> | undefined} the latest mark is stored */
    marked: undefined,
    /** @type {{ flight: number, controller: AbortController } | undefined} the token call under way */
    refresh: undefined,
    /** @type {((flight: number, sent: string) => boolean) | undefined} gives an answer that came too late */
    late: undefined,
    /** @type {unknown} why the latest refresh failed */
    cause: undefined,
    /** @type {string | undefined} the same for developers, in the development build */
    told: undefined,
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    timer: undefined,
    /** @type {string | undefined} on its way to who asked for it */
    access: undefined,
    /** @type {string | null} what was read or written last, to tell others' changes from one's own */
    last: null,
    /** @type {string | null} what may be put back over what was read last */
    heir: null,
    /** @type {string | null | undefined} what was written over last without asking for its mark */
    fought: undefined,
    /** @type {number | undefined} the millisecond of the latest look */
    lookedAt: undefined,
    /** @type {Promise<any>} the own store's operations */
    queue: Promise.resolve(),
    /** Ends the listening to the page. */
    leave: () => {},
  };
  /** @type {[EventTarget | undefined, string, (event: any) => void][]} */
  const listeners = [
    [globalThis, "online", () => wake(port, true)],
    [globalThis.document, "visibilitychange", () => wake(port, false)],
    [globalThis, "pagehide", () => inputs.leaving(port)],
    // From the back/forward cache; another page that is shown for the first time has not asked for anything yet.
    [globalThis, "pageshow", ({ persisted }) => persisted && wake(port, false)],
    [globalThis, "storage", (event) => changed(port, event)],
  ];
  for (const [target, type, listener] of listeners) target?.addEventListener?.(type, listener);
  const unsubscribe = options.store?.subscribe(() => read(port, 0));
  port.leave = () => {
    unsubscribe?.();
    for (const [target, type, listener] of listeners) target?.removeEventListener?.(type, listener);
  };
  return port;
}

/**
 * @param {any} port
 * @param {boolean} online
 */
function wake(port, online) {
  look(port);
  if (online || globalThis.document?.visibilityState === "visible") inputs.woken(port, online);
}

/** wasm-bindgen hands a bare function on as it stands, past the build, which shortens names; a member it wraps. */
export const ports = { create: createPort, clock };
