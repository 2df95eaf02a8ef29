// Worker mode: the session, its tokens and its refresh live in a worker, and the page gets a fetch that never sees a
// token. Both ends are here: `serve` in the worker, `connect` on the page. The default entry knows nothing of it.
import { EVENTS } from "./names.js";

const page = () => globalThis.document?.baseURI ?? globalThis.location?.href;
/** What else of a Request decides how it is sent. */
const MEMBERS = [
  "method",
  "mode",
  "credentials",
  "cache",
  "redirect",
  "referrer",
  "referrerPolicy",
  "integrity",
  "keepalive",
];

const isError = (value) => value instanceof Error || value instanceof DOMException;
/** Errors as they cross: the names, and nothing that might hold more. */
const packed = (error) =>
  isError(error) ? { name: error.name, message: error.message, code: error.code } : { message: String(error) };

function unpacked({ name, message, code }) {
  if (name === "TypeError") return new TypeError(message);
  if (name === "AbortError" || name === "TimeoutError") return new DOMException(message, name);
  return Object.assign(new Error(message), { name: name ?? "Error" }, code !== undefined && { code });
}

/**
 * In the worker: answers the pages that connect. `login` gets what the page's `login` was given, and the session; what
 * it returns goes to the page, so it must hold no token.
 */
export function serve(session, { login } = {}) {
  const ports = new Set();
  const tell = (message) => {
    for (const port of ports) port.postMessage(message);
  };
  for (const type of EVENTS) {
    session.addEventListener(type, ({ detail }) =>
      tell({ type: "event", event: type, detail, status: session.status, claims: session.claims }),
    );
  }

  const works = {
    async fetch({ url, init }, signal) {
      const response = await session.fetch(url, { ...init, signal });
      const { status, statusText, redirected, type } = response;
      const empty = [101, 204, 205, 304].includes(status) || type === "opaque" || type === "opaqueredirect";
      const body = empty ? null : response.body;
      const head = { status, statusText, redirected, type, url: response.url, headers: [...response.headers] };
      return [{ ...head, body }, body ? [body] : []];
    },
    login: async ({ given }) => {
      if (!login) throw new TypeError("serve was given no login");
      return [await login(given, session), []];
    },
    setTokens: async ({ tokens }) => [await session.setTokens(tokens), []],
    refresh: async () => [await session.refresh(), []],
    clear: async () => [await session.clear(), []],
    ready: async () => [await session.ready, []],
  };

  function join(port) {
    const running = new Map();
    ports.add(port);
    port.onmessage = async ({ data }) => {
      const { id, work } = data;
      if (work === "abort") return void running.get(id)?.abort();
      if (work === "bye") return void ports.delete(port);
      // A page that is closed or crashes says nothing, but lets go of its lock.
      if (work === "here")
        return void globalThis.navigator?.locks?.request(data.lock, () => ports.delete(port)).catch(() => {});
      if (!Object.hasOwn(works, work)) return;
      const controller = new AbortController();
      running.set(id, controller);
      let message,
        transfer = [];
      try {
        const [value, moved] = await works[work](data, controller.signal);
        message = { type: "done", id, value };
        transfer = moved;
      } catch (error) {
        message = { type: "fell", id, error: packed(error) };
      }
      running.delete(id);
      // The state first, so that whoever awaits the call reads what it made.
      port.postMessage({ type: "state", status: session.status, claims: session.claims });
      try {
        port.postMessage(message, transfer);
      } catch (error) {
        const fell = (error) => port.postMessage({ type: "fell", id, error: packed(error) });
        if (!transfer.length) return fell(error);
        // No stream can be moved here (Safari): the body as bytes.
        const { value } = message;
        new Response(value.body)
          .arrayBuffer()
          .then((body) => port.postMessage({ ...message, value: { ...value, body } }, [body]))
          .catch(fell);
      }
    };
    port.start?.();
  }

  if ("onconnect" in globalThis) {
    const before = globalThis.onconnect;
    globalThis.onconnect = (event) => {
      before?.(event);
      join(event.ports[0]);
    };
  } else {
    join(globalThis);
  }
}

/**
 * The body until the signal aborts: then who reads it gets the caller's own reason, and the worker's side is cancelled.
 */
function guarded(body, signal) {
  const reader = body.getReader();
  let abort;
  const forget = () => signal.removeEventListener("abort", abort);
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      abort = () => {
        controller.error(signal.reason);
        reader.cancel().catch(() => {});
      };
      signal.addEventListener("abort", abort, { once: true });
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (!done) return controller.enqueue(value);
      forget();
      controller.close();
      // One that waits for bytes into a buffer of its own is answered by this.
      controller.byobRequest?.respond(0);
    },
    cancel(reason) {
      forget();
      return reader.cancel(reason);
    },
  });
}

class Remote extends EventTarget {
  #port;
  #calls = new Map();
  #next = 0;
  #status = "loading";
  #claims = null;
  #closed = false;
  #leave;

  constructor(worker) {
    super();
    this.#port = worker.port ?? worker;
    this.#port.onmessage = ({ data }) => this.#hear(data);
    this.#port.start?.();
    worker.addEventListener("error", ({ message }) => {
      for (const { reject } of this.#calls.values()) reject(new Error(`relatch/worker: the worker failed: ${message}`));
      this.#calls.clear();
    });
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

  #hear(data) {
    if (data.type === "event" || data.type === "state") {
      this.#status = data.status;
      this.#claims = data.claims;
      if (data.type === "event") this.dispatchEvent(new CustomEvent(data.event, { detail: data.detail }));
      return;
    }
    const call = this.#calls.get(data.id);
    this.#calls.delete(data.id);
    if (data.type === "done") call?.resolve(data.value);
    else call?.reject(unpacked(data.error));
  }

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
        reject(signal.reason);
      };
      const over = (settle) => (value) => {
        signal?.removeEventListener("abort", abort);
        settle(value);
      };
      this.#calls.set(id, { resolve: over(resolve), reject: over(reject) });
      signal?.addEventListener("abort", abort);
      this.#port.postMessage({ ...more, work, id }, transfer);
    });
  }

  async #fetch(...call) {
    // Checks, reads and copies as fetch does, at the time of the call.
    const request = new Request(...call);
    const { signal } = request;
    signal.throwIfAborted();
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
    const { body, status, statusText, headers, ...rest } = await this.#ask(
      "fetch",
      sent,
      plain.body ? [bytes] : [],
      signal,
    );
    const response =
      rest.type === "error" || status === 0
        ? Response.error()
        : new Response(body instanceof ReadableStream ? guarded(body, signal) : body, { status, statusText, headers });
    for (const name of ["url", "redirected", "type"]) Object.defineProperty(response, name, { value: rest[name] });
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

  login(given) {
    return this.#ask("login", { given });
  }

  setTokens(tokens) {
    return this.#ask("setTokens", { tokens: { ...tokens } });
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

/** On the page: the session that lives in this `Worker` or `SharedWorker`. */
export const connect = (worker) => new Remote(worker);
