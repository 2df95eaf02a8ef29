// Worker mode: the session, its tokens and its refresh live in a worker, and the page gets a fetch that never sees a
// token. This is the end in the worker, `serve`; the page's is in worker-page.js. The default entry knows nothing of
// either.
import { EVENTS } from "./names.js";
import { own } from "./reading.js";

export { connect } from "./worker-page.js";

/**
 * The page, by what it sends and hears.
 * @typedef {{
 *   postMessage(message: unknown, transfer?: Transferable[]): void,
 *   onmessage: ((event: MessageEvent) => void) | null,
 *   start?: () => void,
 * }} Port
 */

/** @type {(value: unknown) => value is Error & { code?: unknown }} */
const isError = (value) => value instanceof Error || value instanceof DOMException;
/**
 * Errors as they cross: the names, and nothing that might hold more.
 * @param {unknown} error
 */
const packed = (error) =>
  isError(error) ? { name: error.name, message: error.message, code: error.code } : { message: String(error) };

/**
 * In the worker: answers the pages that connect. `login` gets what the page's `login` was given, and the session; what
 * it returns goes to the page, so it must hold no token.
 * @type {typeof import("./worker.js").serve}
 */
export function serve(session, options) {
  const { login } = own(options);
  /** @type {Set<Port>} */
  const ports = new Set();
  const tell = (/** @type {object} */ message) => {
    for (const port of ports) port.postMessage(message);
  };
  for (const type of EVENTS) {
    session.addEventListener(type, (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      tell({ type: "event", event: type, detail, status: session.status, claims: session.claims });
    });
  }

  /** @type {Record<string, (data: any, signal: AbortSignal) => Promise<[value: any, moved: Transferable[]]>>} */
  const works = {
    async fetch({ url, init }, signal) {
      const response = await session.fetch(url, /** @type {any} */ ({ __proto__: null, ...init, signal }));
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

  /** @param {Port} port */
  function join(port) {
    /** @type {Map<number, AbortController>} */
    const running = new Map();
    ports.add(port);
    port.onmessage = async ({ data }) => {
      const { id, work, lock } = own(data);
      if (work === "abort") return void running.get(id)?.abort();
      if (work === "bye") return void ports.delete(port);
      // A page that is closed or crashes says nothing, but lets go of its lock.
      if (work === "here")
        return void globalThis.navigator?.locks?.request(lock, () => ports.delete(port)).catch(() => {});
      if (!Object.hasOwn(works, work)) return;
      const controller = new AbortController();
      running.set(id, controller);
      let message;
      /** @type {Transferable[]} */
      let transfer = [];
      try {
        const [value, moved] = await works[work](own(data), controller.signal);
        message = { type: "done", id, value };
        transfer = moved;
      } catch (error) {
        message = { type: "rejected", id, error: packed(error) };
      }
      running.delete(id);
      // The state first, so that whoever awaits the call reads what it made.
      port.postMessage({ type: "state", status: session.status, claims: session.claims });
      try {
        port.postMessage(message, transfer);
      } catch (error) {
        const rejected = (/** @type {unknown} */ error) =>
          port.postMessage({ type: "rejected", id, error: packed(error) });
        if (!transfer.length) return rejected(error);
        // No stream can be moved here (Safari): the body as bytes.
        const { value } = message;
        new Response(value.body)
          .arrayBuffer()
          .then((body) => port.postMessage({ ...message, value: { ...value, body } }, [body]))
          .catch(rejected);
      }
    };
    port.start?.();
  }

  /** @type {any} */
  const scope = globalThis;
  if ("onconnect" in scope) {
    const before = scope.onconnect;
    scope.onconnect = (/** @type {MessageEvent} */ event) => {
      before?.(event);
      join(event.ports[0]);
    };
  } else {
    join(scope);
  }
}
