// The page's end of worker mode: what looks like a session, and has no token.

import { own, page } from "./reading.js";

/** @import { Claims, SessionStatus, Tokens } from "./index.js" */
/** @import { RemoteSession } from "./worker.js" */
/** @typedef {{ resolve: (value: any) => void, reject: (reason: unknown) => void }} Waiting */

/** What else of a Request decides how it is sent. */
const MEMBERS = /** @type {const} */ ([
  "method",
  "mode",
  "credentials",
  "cache",
  "redirect",
  "referrer",
  "referrerPolicy",
  "integrity",
  "keepalive",
]);

/** @param {{ name?: string, message: string, code?: unknown }} error */
function unpacked(error) {
  const { name, message = "", code } = own(error);
  if (name === "TypeError") return new TypeError(message);
  if (name === "AbortError" || name === "TimeoutError") return new DOMException(message, name);
  return Object.assign(new Error(message), { name: name ?? "Error" }, code !== undefined && { code });
}

/**
 * The body until the signal aborts: then who reads it gets the caller's own reason, and the worker's side is cancelled.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 * @param {AbortSignal} signal
 */
function guarded(body, signal) {
  const reader = body.getReader();
  /** @type {() => void} */
  let abort;
  const forget = () => signal.removeEventListener("abort", abort);
  return new ReadableStream({
    // @ts-expect-error Nobody else's members are this source's.
    __proto__: null,
    type: "bytes",
    start(/** @type {ReadableByteStreamController} */ controller) {
      abort = () => {
        forget();
        controller.error(signal.reason);
        reader.cancel().catch(() => {});
      };
      signal.addEventListener("abort", abort);
    },
    async pull(/** @type {ReadableByteStreamController} */ controller) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (!done) return controller.enqueue(value);
      forget();
      controller.close();
      // One that waits for bytes into a buffer of its own is answered by this.
      controller.byobRequest?.respond(0);
    },
    cancel(/** @type {unknown} */ reason) {
      forget();
      return reader.cancel(reason);
    },
  });
}

class Remote extends EventTarget {
  #port;
  /** @type {Map<number, Waiting>} */
  #calls = new Map();
  #next = 0;
  /** @type {SessionStatus} */
  #status = "loading";
  /** @type {Claims | null} */
  #claims = null;
  #closed = false;
  /** @type {((value?: unknown) => void) | undefined} */
  #leave;

  /** @param {Worker | SharedWorker} worker */
  constructor(worker) {
    super();
    /** @type {MessagePort} */
    this.#port = /** @type {any} */ (worker).port ?? worker;
    this.#port.onmessage = (/** @type {MessageEvent} */ { data }) => this.#hear(data);
    this.#port.start?.();
    worker.addEventListener("error", (/** @type {Event} */ event) => {
      const { message } = /** @type {ErrorEvent} */ (event);
      for (const { reject } of this.#calls.values()) reject(new Error(`relatch/worker: the worker failed: ${message}`));
      this.#calls.clear();
    });
    /** @type {typeof globalThis.fetch} */
    this.fetch = (...call) => this.#fetch(...call);
    const lock = `relatch-page:${crypto.getRandomValues(new Uint32Array(4)).join("-")}`;
    globalThis.navigator?.locks
      ?.request(lock, () => {
        if (!this.#closed) this.#port.postMessage({ work: "here", lock });
        return new Promise((leave) => (this.#leave = leave));
      })
      .catch(() => {});
    this.#ask("ready").catch(() => {});
  }

  /** @param {any} data what the worker sent */
  #hear(data) {
    const { type, id, status, claims, event, detail, value, error } = own(data);
    if (type === "event" || type === "state") {
      this.#status = status;
      this.#claims = claims;
      const more = /** @type {CustomEventInit} */ ({ __proto__: null, detail });
      if (type === "event") this.dispatchEvent(new CustomEvent(event, more));
      return;
    }
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (type === "done") call?.resolve(value);
    else call?.reject(unpacked(error));
  }

  /**
   * @param {string} work
   * @param {object} [more]
   * @param {Transferable[]} [transfer]
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  #ask(work, more, transfer = [], signal) {
    if (this.#closed)
      return Promise.reject(
        Object.assign(new Error("relatch: the session was closed"), { name: "RelatchError", code: "closed" }),
      );
    const id = ++this.#next;
    return new Promise((resolve, reject) => {
      const abort = () => {
        // At once and with the caller's own reason, as fetch does.
        this.#calls.delete(id);
        this.#port.postMessage({ work: "abort", id });
        reject(signal?.reason);
      };
      const over = (/** @type {(value: any) => void} */ settle) => (/** @type {any} */ value) => {
        signal?.removeEventListener("abort", abort);
        settle(value);
      };
      this.#calls.set(id, { resolve: over(resolve), reject: over(reject) });
      signal?.addEventListener("abort", abort);
      this.#port.postMessage({ ...more, work, id }, transfer);
    });
  }

  /** @param {Parameters<typeof globalThis.fetch>} call */
  async #fetch(...call) {
    // Checks, reads and copies as fetch does, at the time of the call.
    const request = new Request(...call);
    const { signal } = request;
    signal.throwIfAborted();
    /** @type {Record<string, any>} */
    const plain = { headers: [...request.headers] };
    for (const name of MEMBERS) plain[name] = request[name];
    // No page's script can ask for a navigation.
    if (plain.mode === "navigate") delete plain.mode;
    // The page, and not the worker.
    if (plain.referrer === "about:client") plain.referrer = globalThis.location?.href;
    const bytes = /^(GET|HEAD)$/.test(request.method) ? undefined : await request.arrayBuffer();
    signal.throwIfAborted();
    if (bytes?.byteLength) plain.body = bytes;
    const sent = { url: new URL(request.url, page()).href, init: plain };
    const answer = await this.#ask("fetch", sent, bytes?.byteLength ? [bytes] : [], signal);
    const { body, status, statusText, headers, ...rest } = own(answer);
    const head = /** @type {ResponseInit} */ ({ __proto__: null, status, statusText, headers });
    const response =
      rest.type === "error" || status === 0
        ? Response.error()
        : new Response(body instanceof ReadableStream ? guarded(body, signal) : body, head);
    for (const name of ["url", "redirected", "type"]) {
      const property = { __proto__: null, value: rest[name] };
      Object.defineProperty(response, name, /** @type {PropertyDescriptor} */ (property));
    }
    return response;
  }

  get status() {
    return this.#closed ? "closed" : this.#status;
  }

  get claims() {
    return this.#claims;
  }

  get ready() {
    return this.#ask("ready");
  }

  /** @param {unknown} given */
  login(given) {
    return this.#ask("login", { given });
  }

  /** @param {Tokens} tokens */
  setTokens(tokens) {
    return this.#ask("setTokens", { tokens: own(tokens) });
  }

  refresh() {
    return this.#ask("refresh");
  }

  clear() {
    return this.#ask("clear");
  }

  /** Ends this object; the worker, and other pages of a shared one, go on. */
  close() {
    if (this.#closed) return;
    this.#port.postMessage({ work: "bye" });
    this.#leave?.();
    this.#closed = true;
    for (const { reject } of this.#calls.values()) {
      reject(Object.assign(new Error("relatch: the session was closed"), { name: "RelatchError", code: "closed" }));
    }
    this.#calls.clear();
  }
}

/**
 * On the page: the session that lives in this `Worker` or `SharedWorker`.
 * @type {(worker: Worker | SharedWorker) => RemoteSession}
 */
export const connect = (worker) => new Remote(worker);
