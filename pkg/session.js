// The shell's JavaScript half, where the build has put it.
import { isPlain, page } from "./dist/port.js";
import { RelatchError, invalid } from "./error.js";
import { complete, own } from "./options.js";

/** Bodies that cannot change under our hands, so that no copy is needed to send them again. */
const isFixed = (body) => body === undefined || body === null || typeof body === "string" || body instanceof Blob;

/** `createSession` over a function that loads the wasm and gives its class. */
export const creator = (load) => (options) => new Session(complete(options), load);

class Session extends EventTarget {
  #core = null;
  #port = null;
  #loading = null;
  #closed = false;
  #load;
  #options;
  #lower;
  #tail;
  #page = "";
  #pageIsCovered = false;
  #stamp = 0;
  #value;
  #proven = 0;
  #uninstall = null;

  constructor(options, load) {
    super();
    this.#load = load;
    this.#lower = options.header.toLowerCase();
    const { url } = options.refresh;
    this.#tail = url?.slice(url.lastIndexOf("/") + 1);
    this.#options = {
      ...options,
      onEvent: (type, detail) => this.dispatchEvent(new CustomEvent(type, { detail })),
    };
    const session = this;
    // A method, so that it is what fetch is: of that name, with one argument, and no constructor.
    this.fetch = {
      fetch(input) {
        try {
          if (!arguments.length) return session.#options.fetch.call(undefined);
          let init = arguments[1];
          // Read once, before anything looks into it.
          if (init && isPlain(init)) init = { ...init };
          return (session.#core && session.#short(input, init)) ?? session.#long(input, init);
        } catch (error) {
          return Promise.reject(error);
        }
      },
    }.fetch;
  }

  /** The way of a call that needs no refresh: one number from the engine, one header. `undefined`: the long way. */
  #short(input, init) {
    const { skip, isChallenge, header, fetch } = this.#options;
    let url = input,
      headers;
    if (skip) return;
    if (typeof input !== "string") {
      if (
        init !== undefined ||
        this.#lower !== "authorization" ||
        !(input instanceof Request) ||
        !/^(GET|HEAD)$/.test(input.method) ||
        input.mode === "no-cors"
      )
        return;
      headers = new Headers(input.headers);
      if (headers.has(header)) return;
      url = input.url;
    }
    const own = this.#origin(url);
    if (own < 0) return;
    if (init !== undefined) {
      // These two decide what becomes of the header.
      if (init === null || !isPlain(init) || !isFixed(init.body) || init.mode || init.redirect) return;
      headers = init.headers;
      if (headers !== undefined) {
        if (headers === null || !isPlain(headers)) return;
        // A header of the caller's own is for the long way to respect.
        for (const name in headers) {
          if (name.length === header.length && name.toLowerCase() === this.#lower) return;
        }
      }
    }
    const port = this.#port;
    const now = Date.now();
    port.look(now);
    const stamp = this.#core.ticket(now);
    if (stamp <= 0) return stamp < 0 ? fetch.call(undefined, input, init) : undefined;
    if (stamp !== this.#stamp) {
      this.#value = port.header();
      this.#stamp = stamp;
    }
    let sent;
    if (url !== input) {
      if (this.#value !== undefined) headers.set(header, this.#value);
      // An init beside a Request resets these (Fetch, the Request constructor), so they are given again.
      sent = { headers, referrer: input.referrer, referrerPolicy: input.referrerPolicy };
    } else {
      sent = init ?? {};
      sent.headers = { ...headers };
      if (this.#value !== undefined) sent.headers[header] = this.#value;
    }
    // On a redirect to another origin browsers strip Authorization only.
    if (this.#lower !== "authorization") {
      if (own) sent.mode = "same-origin";
      else sent.redirect = "error";
    }
    return fetch.call(undefined, input, sent).then((response) => {
      if (response.status === 401 || response.status === 403 || isChallenge?.(response)) {
        // The page's base may have moved to another origin meanwhile.
        return port.challenged(stamp, input, sent, response, this.#origin(url));
      }
      if (stamp !== this.#proven) {
        this.#proven = stamp;
        port.proven(stamp);
      }
      return response;
    });
  }

  /** 1: the page's own origin; 0: another allowed one; −1: not plain to see, so the long way parses it. */
  #origin(url) {
    const { origins, ownOrigin } = this.#options;
    // Whatever might be the refresh itself is compared as a parsed URL.
    if (this.#tail !== undefined && url.endsWith(this.#tail)) return -1;
    const second = url.charCodeAt(1) | 32;
    // A slash and a letter begin a path: whatever follows, it stays on the origin of the page's base.
    if (url.charCodeAt(0) === 47 && second > 96 && second < 123) {
      const base = page();
      if (base === undefined) return -1;
      if (base !== this.#page) {
        const { origin } = new URL(base);
        this.#pageIsCovered = origin === ownOrigin && origins.includes(origin) && /^http/.test(base);
        this.#page = base;
      }
      return this.#pageIsCovered ? 1 : -1;
    }
    for (const origin of origins) {
      // The slash ends the host, so this is no mere prefix match.
      if (url.startsWith(origin) && url.charCodeAt(origin.length) === 47) return origin === ownOrigin ? 1 : 0;
    }
    return -1;
  }

  #long(input, init) {
    if (this.#core) return this.#port.fetch(input, init);
    // The wasm is not there yet. What is not for it does not wait; what is sent later is what was given now.
    const { origins, skip, fetch } = this.#options;
    if (skip?.(input, init)) return fetch.call(undefined, input, init);
    const request = new Request(input, init);
    if (!origins.some((origin) => request.url.startsWith(`${origin}/`))) return fetch.call(undefined, request);
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort);
      this.#open().then(() => {
        signal.removeEventListener("abort", abort);
        if (!signal.aborted) resolve(this.#port.fetch(input, init, request));
      }, reject);
    });
  }

  /** The engine, loaded on first use. A load that failed is tried again by the next call. */
  #ready() {
    // Without Web Locks (plain http, old browsers) tabs take turns by a lease in the storage that they share.
    const shares = /^(local|session)$/.test(this.#options.storage) && !globalThis.navigator?.locks;
    this.#loading ??= Promise.all([this.#load(), shares && import("./lease.js")]).then(
      ([Core, { lease }]) => {
        this.#options.lease = shares && lease;
        this.#core = new Core(this.#options, ...this.#options.args);
        this.#port = this.#core.port;
        this.#port.listen(this.#hears);
        if (this.#closed) this.#port.close();
        return this.#core;
      },
      (cause) => {
        this.#loading = null;
        const csp = cause.name === "CompileError" ? "; a CSP needs script-src 'wasm-unsafe-eval'" : "";
        throw new RelatchError("wasm_unavailable", `the WebAssembly could not be loaded${csp}`, cause);
      },
    );
    return this.#loading;
  }

  #hears = false;

  addEventListener(type, ...rest) {
    super.addEventListener(type, ...rest);
    // Events about single calls cost a little for each, so they are made only if somebody listens.
    if (type === "held" || type === "replayed") {
      this.#hears = true;
      this.#port?.listen(true);
    }
  }

  get ready() {
    return this.#ready().then(() => {});
  }

  async setTokens(tokens) {
    const { accessToken, refreshToken, expiresIn } = own(tokens);
    await this.#open();
    await this.#port.setTokens(accessToken, refreshToken, expiresIn);
  }

  async getAccessToken(options) {
    const { minValidity = 0, signal } = own(options);
    if (!(minValidity >= 0)) throw invalid("minValidity", `seconds from 0; got ${minValidity}`);
    await this.#open();
    return this.#port.token(minValidity, signal);
  }

  async refresh() {
    await this.#open();
    await this.#port.refresh();
  }

  async clear() {
    await this.#open();
    await this.#port.clear();
  }

  #open() {
    if (this.#closed) throw new RelatchError("closed", "the session was closed");
    return this.#ready();
  }

  get status() {
    if (this.#closed) return "closed";
    if (this.#port) return this.#port.status();
    // Asking is a use: the answer will be there later. A failure is told by the next call.
    this.#ready().catch(() => {});
    return "loading";
  }

  get claims() {
    return this.#port?.claims() ?? null;
  }

  get log() {
    return this.#options.log ?? "none";
  }

  set log(level) {
    import("./log.js").then(({ log }) => log(this.#options, level));
  }

  install() {
    if (this.#uninstall) return this.#uninstall;
    const options = this.#options;
    const { fetch } = options;
    const before = globalThis.fetch;
    // Over what others have put there since the session was made, unless the caller said what to wrap.
    if (!options.isGiven) options.fetch = before;
    let to = this.fetch;
    const { fetch: ours } = {
      fetch(input) {
        return to.apply(undefined, arguments);
      },
    };
    globalThis.fetch = ours;
    this.#uninstall = () => {
      this.#uninstall = null;
      // Somebody who wrapped us since then keeps their wrapper, and us as a bare way through.
      to = before;
      options.fetch = fetch;
      if (globalThis.fetch === ours) globalThis.fetch = before;
    };
    return this.#uninstall;
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#uninstall?.();
    this.#port?.close();
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.close();
  }
}
