// The class that applications hold. The wasm is loaded on its first use.
import * as calls from "../src/web/port/calls.js";
import { begin } from "../src/web/port/given.js";
import * as tokens from "../src/web/port/session.js";
import { own } from "../src/web/port/values.js";
import { invalid, RelatchError } from "./error.js";
import { fast, nothingSeen } from "./fast.js";
import { misgiven } from "./explain.js";
import { complete } from "./options.js";
import { mustBe } from "./told.js";
import { warnOfEvent, warnOfTokens } from "./warn.js";

/** @typedef {import("../src/web/port/options.js").FaceOptions} FaceOptions */
/** @typedef {typeof import("./dist/relatch.js").Core} CoreClass */
/** @typedef {import("../src/web/port/port.js").Port} Port */

/**
 * `createSession` over a function that loads the wasm and gives its class.
 * @param {() => Promise<CoreClass>} load
 * @returns {typeof import("./index.js").createSession}
 */
export const creator = (load) => (options) => /** @type {any} */ (new Session(complete(options), load));

/**
 * A header that browsers let nobody set on a Request. Without a prototype, which another script may have given a body.
 * @type {any}
 */
const opening = { __proto__: null, headers: { te: "1" } };

/**
 * A string, or nothing.
 * @param {unknown} value
 * @returns {value is string | null | undefined}
 */
const isText = (value) => value === undefined || value === null || typeof value === "string";

/**
 * What installed sessions left in the place of fetch, and what they had stood over.
 * @type {WeakMap<typeof fetch, any>}
 */
const gone = new WeakMap();

class Session extends EventTarget {
  /** @type {InstanceType<CoreClass> | null} */
  #core = null;
  /** @type {Port | null} */
  #port = null;
  /** @type {Promise<Port> | null} */
  #loading = null;
  #closed = false;
  #load;
  #options;
  #seen = nothingSeen();
  // Through a field, or the minifier writes it into the call as a function made anew each time, at twice the cost.
  #fast = fast;
  #begin = begin;
  /** @type {(() => void) | null} */
  #uninstall = null;

  /**
   * @param {FaceOptions} options
   * @param {() => Promise<CoreClass>} load
   */
  constructor(options, load) {
    super();
    this.#load = load;
    this.#options = {
      ...options,
      onEvent: (/** @type {string} */ type, /** @type {object} */ detail) =>
        this.dispatchEvent(new CustomEvent(type, /** @type {CustomEventInit} */ ({ __proto__: null, detail }))),
    };
    const session = this;
    const opened = () => session.#open();
    /** @type {Parameters<typeof begin>[1]} */
    const next = (url, whose, init, request) => {
      const options = session.#options;
      const core = session.#core;
      const port = session.#port;
      return (
        (port && session.#fast(options, /** @type {any} */ (core), port, session.#seen, url, whose, init, request)) ||
        calls.slow(options, port, opened, url, init, request)
      );
    };
    // A method, so that it is what fetch is: of that name, with one argument, and no constructor.
    const { fetch: whole } = {
      fetch(/** @type {any} */ input, /** @type {any[]} */ ...[init]) {
        try {
          // @ts-expect-error fetch itself says what it misses.
          // biome-ignore lint/complexity/noArguments: as fetch, it tells none from `undefined`.
          if (!arguments.length) return session.#options.fetch.call(undefined);
          return Promise.resolve(session.#begin(session.#options, next, input, init));
        } catch (error) {
          return Promise.reject(error);
        }
      },
    };
    this.fetch = whole;
  }

  /** The engine, loaded on first use. A load that failed is tried again by the next call. */
  #ready() {
    // Without Web Locks (plain http, old browsers) tabs take turns by a lease in the storage that they share.
    const shares = this.#options.web && !globalThis.navigator?.locks;
    // Browsers alone guard a Request's headers. Elsewhere nothing is promised of a token in a redirect (S9).
    const isOpen = !globalThis.Request || new Request("a:", opening).headers.get("te");
    this.#loading ??= Promise.all([
      this.#load(),
      shares ? import("../src/web/port/lease.js") : undefined,
      isOpen ? import("../src/web/port/hops.js") : undefined,
      this.#options.refresh.isRich ? import("../src/web/port/described.js") : undefined,
      this.#options.isChallenge && import("../src/web/port/asked.js"),
      // "session" and "own".
      /^[so]/.test(this.#options.storage) && import("../src/web/port/stores.js").then((m) => m.prepare(this.#options)),
    ]).then(
      ([Core, lease, hops, rich, asked]) => {
        this.#options.lease = /** @type {any} */ (lease?.lease);
        this.#options.hops = hops?.hops;
        this.#options.described = rich?.described;
        asked?.asks(this.#options);
        const { shared, refreshTimeoutMs, maxWaitMs, maxReplays } = this.#options;
        this.#core = new Core(this.#options, shared, refreshTimeoutMs, maxWaitMs, maxReplays);
        const { port } = this.#core;
        this.#port = port;
        tokens.listen(port, this.#hears);
        if (this.#closed) tokens.close(port);
        return port;
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

  /**
   * @param {string} type
   * @param {Parameters<EventTarget["addEventListener"]>[1]} listener
   * @param {Parameters<EventTarget["addEventListener"]>[2]} [options]
   */
  addEventListener(type, listener, options) {
    if (DEVELOPMENT) warnOfEvent(type);
    super.addEventListener(type, listener, options);
    // Events about single calls cost a little for each, so they are made only if somebody listens.
    if (type === "held" || type === "replayed") {
      this.#hears = true;
      if (this.#port) tokens.listen(this.#port, true);
    }
  }

  get ready() {
    // The first look is done, too.
    return this.#ready().then((port) => port.queue.then(() => {}));
  }

  /** @param {import("./index.js").Tokens} given */
  async setTokens(given) {
    const { accessToken, refreshToken, expiresIn, idToken } = own(given);
    const why = DEVELOPMENT && misgiven(given);
    if (why) throw invalid("tokens", why);
    // An access token that no header can carry is the engine's to refuse.
    if (!isText(refreshToken)) throw invalid("tokens.refreshToken", DEVELOPMENT && mustBe("string", refreshToken));
    if (expiresIn !== undefined && !(Number(expiresIn) >= 0)) {
      throw invalid("tokens.expiresIn", DEVELOPMENT && `must be seconds from 0; got ${String(expiresIn)}`);
    }
    const { prefix } = this.#options;
    if (prefix && isText(accessToken) && accessToken?.startsWith(prefix)) {
      throw invalid("tokens.accessToken", DEVELOPMENT && `must be without "${prefix}", which is put before it`);
    }
    if (DEVELOPMENT) warnOfTokens(given, this.#options);
    await tokens.setTokens(await this.#open(), accessToken, refreshToken, expiresIn, idToken);
  }

  /** @param {{ minValidity?: number, signal?: AbortSignal }} [options] */
  async getAccessToken(options) {
    const { minValidity = 0, signal } = own(options);
    if (!(minValidity >= 0)) throw invalid("minValidity", DEVELOPMENT && `must be seconds from 0; got ${minValidity}`);
    return calls.token(await this.#open(), minValidity, signal);
  }

  async refresh() {
    await calls.refresh(await this.#open());
  }

  async clear() {
    await tokens.clear(await this.#open());
  }

  #open() {
    if (this.#closed) throw new RelatchError("closed", "the session was closed");
    return this.#ready();
  }

  get status() {
    if (this.#closed) return "closed";
    if (this.#port) return tokens.status(this.#port);
    // Asking is a use: the answer will be there later. The next call reports a failure.
    this.#ready().catch(() => {});
    return "loading";
  }

  get claims() {
    return (this.#port && tokens.claims(this.#port)) ?? null;
  }

  get log() {
    return this.#options.log ?? "none";
  }

  /** @param {import("./index.js").LogLevel} level */
  set log(level) {
    import("./log.js").then((module) => module.log(this.#options, level, this));
  }

  install() {
    if (this.#uninstall) return this.#uninstall;
    if (this.#closed) return () => {};
    const options = this.#options;
    const { fetch } = options;
    const before = globalThis.fetch;
    // Over what others have put there since the session was made, unless the caller said what to wrap.
    if (!options.isGiven) options.fetch = before;
    let to = this.fetch;
    const { fetch: ours } = {
      fetch(/** @type {any} */ _) {
        // biome-ignore lint/complexity/noArguments: as fetch, it has one parameter.
        return to.apply(undefined, /** @type {any} */ (arguments));
      },
    };
    globalThis.fetch = ours;
    const uninstall = () => {
      // It may be kept, and used again when the session is installed anew.
      if (this.#uninstall !== uninstall) return;
      this.#uninstall = null;
      // Somebody who wrapped us since then keeps their wrapper, and us as a bare way through.
      to = before;
      options.fetch = fetch;
      gone.set(ours, before);
      // And whoever is uninstalled after us does not put us back.
      for (let at = gone.get(globalThis.fetch); at; at = gone.get(at)) globalThis.fetch = at;
    };
    this.#uninstall = uninstall;
    return uninstall;
  }

  close() {
    if (this.#closed) return;
    this.#closed = true;
    this.#uninstall?.();
    if (this.#port) tokens.close(this.#port);
  }

  [Symbol.dispose ?? Symbol.for("Symbol.dispose")]() {
    this.close();
  }
}
