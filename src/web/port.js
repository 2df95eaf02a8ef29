// The shell's JavaScript half: the browser calls that would cost several times their bytes in wasm. It turns what the
// browser says into the inbox's numbers and carries out what the engine wants; it decides nothing. What it keeps of a
// call under way is one entry in a map, and no token but on its way into a header.
//
// One file, although it is long: modules that wasm-bindgen takes along cannot import each other.

// Kinds of input, as in inbox.rs.
const OPEN = 0, LOOK = 1, LANDED = 2, FELL = 3, ABORTED = 4, CHALLENGED = 5, TOKEN = 6, REFRESH = 7, LOCKED = 8, TIMER = 9,
  STORED = 10, WOKEN = 11, PROVEN = 12, LISTENED = 13;
const NAMES = {
  refreshed: ["generation", "durationMs", "reason", , "waiting"],
  adopted: ["generation", , "change"],
  replayed: ["call", "generation"],
  held: ["call", "sent"],
  expired: ["status", , "code"],
  failed: ["status", "retryInMs", "code", "message"],
  "step-up": [, "maxAge", "acrValues"],
};
const RECORD = ["v", "epoch", "generation", "accessToken", "refreshToken", "obtainedAt", "lifetime"];

const ignore = () => {};
const page = () => globalThis.document?.baseURI ?? globalThis.location?.href;
const is = (value, name) => typeof globalThis[name] === "function" && value instanceof globalThis[name];
const isPlain = (value) => [Object.prototype, null].includes(Object.getPrototypeOf(value));
const isObject = (value) => typeof value === "object" && value !== null;

export class Port {
  #options;
  #inbox;
  #calls = new Map();
  #lock;
  #token;
  #cause;
  #timer;
  #own = Promise.resolve();
  #listeners = [];

  constructor(options, inbox) {
    this.#options = options;
    this.#inbox = inbox;
    const woken = ({ type }) => {
      const online = type === "online";
      if (online || globalThis.document?.visibilityState === "visible") inbox(WOKEN, 0, online ? 1 : 0);
    };
    this.#listen(globalThis, "online", woken);
    this.#listen(globalThis.document, "visibilitychange", woken);
    // A null key: the whole storage was cleared.
    this.#listen(globalThis, "storage", ({ key }) => (key === null || key === options.key) && inbox(STORED, 0, 0));
  }

  #listen(target, type, listener) {
    target?.addEventListener?.(type, listener);
    this.#listeners.push([target, type, listener]);
  }

  detach() {
    for (const [target, type, listener] of this.#listeners) target?.removeEventListener?.(type, listener);
  }

  // ---- Calls -------------------------------------------------------------------------------------------------

  /**
   * Nothing is thrown; what `fetch` rejects with is rejected with. `request`: the facade made it of these arguments at
   * the time of the call, when the wasm was not there yet.
   */
  fetch(input, init, request) {
    const { skip, fetch, header } = this.#options;
    this.#inbox(LOOK, 0, 0);
    try {
      // S1: handed on as it came. A Request is known by its url, because another frame's is no instance of ours.
      if (!request && (skip?.(input, init) || this.#covers(input?.url ?? input) === undefined)) {
        return Promise.resolve(fetch.call(undefined, input, init));
      }
      // A plain object is read once, with the members that only a server's or a framework's own fetch knows.
      const plain = (init ?? undefined) === undefined || isPlain(init);
      const copy = plain ? { ...init } : {};
      // What is sent later, or again, is what this took now: it checks, reads and copies as fetch does, which makes one
      // of the same arguments (Fetch §5.6).
      request ??= new Request(input, plain ? copy : init);
      const { headers, signal } = request;
      const own = this.#covers(request.url);
      const call = { input: request, init: copy, headers, own, signal, replayable: true };
      if (plain && (typeof input === "string" || is(input, "URL"))) call.input = request.url;
      // With no-cors the browser drops the header without a word, and the 401 would say nothing of the token.
      const facts = (own !== undefined && request.mode !== "no-cors" ? 1 : 0) | (headers.has(header) ? 2 : 0);
      const ours = facts === 1 && !signal.aborted;
      // Not every browser tells by Request.body whether there is one.
      const has = copy.body ?? request.body ?? (request.body === undefined && !/^(GET|HEAD)$/.test(request.method));
      if (has && typeof has !== "string" && !is(has, "Blob")) {
        try {
          // Of a stream no such Request can be made (Fetch, the Request constructor, step 41): it is sent once.
          call.body = ours && !is(copy.body, "ReadableStream") && new Request(request, { mode: "no-cors", method: "POST" });
        } catch {}
        if (!call.body) {
          call.input = request;
          call.replayable = false;
        }
        call.maybe = has === true;
        delete copy.body;
      }
      copy.headers = headers;
      if (call.input === request) {
        // An init beside a Request resets these (Fetch, the Request constructor), so they are given again.
        copy.referrer = request.referrer;
        copy.referrerPolicy = request.referrerPolicy;
      }
      if (!ours) return Promise.resolve(fetch.call(undefined, call.input, copy));
      return this.#open(OPEN, facts | (call.replayable ? 4 : 0), 0, undefined, call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The page's own origin: true; another allowed one: false; otherwise, or the refresh itself: undefined. */
  #covers(url) {
    const { origins, ownOrigin, refresh } = this.#options;
    const { href } = new URL(`${url}`, page());
    // The slash ends the host, so this is no mere prefix match; and a blob: URL has an origin, but begins with its scheme.
    const origin = origins.find((origin) => href.startsWith(`${origin}/`));
    return origin && href !== refresh.url ? origin === ownOrigin : undefined;
  }

  /** A request of the short way got a 401: url and init are the facade's own copies. */
  challenged(stamp, url, init, response) {
    try {
      const call = {
        input: url,
        init,
        headers: new Headers(init.headers),
        own: this.#covers(url),
        signal: init.signal,
        got: response,
      };
      // The page's base was moved to another origin meanwhile.
      if (call.own === undefined) return Promise.resolve(response);
      const [bits, asks] = this.#reply(response);
      return this.#open(CHALLENGED, stamp, bits, asks, call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** A request of the short way sent with this stamp got an answer that is no challenge. */
  proven(stamp) {
    this.#inbox(PROVEN, stamp, 0);
  }

  /** Whether events about single calls (held, replayed) are wanted. */
  listen(singleCalls) {
    this.#inbox(LISTENED, 0, singleCalls ? 1 : 0);
  }

  token(minValidity, signal) {
    this.#inbox(LOOK, 0, 0);
    if (signal?.aborted) return Promise.reject(signal.reason);
    return this.#open(TOKEN, Math.min(minValidity * 1000, 4e9), 0, undefined, { signal });
  }

  refresh() {
    this.#inbox(LOOK, 0, 0);
    return this.#open(REFRESH, 0, 0, undefined, {});
  }

  /** The engine is asked first; what it wants done about the call is done after the call's entry is in place. */
  #open(kind, id, bits, value, call) {
    const answer = this.#inbox(kind, id, bits, value);
    if (answer < 0) {
      if (call.got) return Promise.resolve(call.got);
      return Promise.reject(this.#options.makeError("queue_full", "too many calls are under way"));
    }
    const promise = new Promise((resolve, reject) => {
      call.resolve = resolve;
      call.reject = reject;
    });
    this.#calls.set(answer, call);
    this.#inbox(LOOK, 0, 0);
    return promise;
  }

  /** What a response says to the session, and its WWW-Authenticate if that matters. */
  #reply(response) {
    const { status } = response;
    const { isChallenge } = this.#options;
    // 403 never counts (A1).
    if (status !== 401 && !(status !== 403 && isChallenge?.(response))) return [0];
    const left = response.redirected && this.#covers(response.url) === undefined;
    return [left ? 3 : 1, response.headers.get("www-authenticate") ?? undefined];
  }

  // ---- Effects ------------------------------------------------------------------------------------------------

  send(id, value) {
    const call = this.#calls.get(id);
    const { fetch, header } = this.#options;
    this.#unwatch(call);
    // The 401 that the replay replaces is read by nobody: its connection is freed.
    call.got?.body?.cancel().catch(ignore);
    call.got = undefined;
    const { init, headers } = call;
    const go = async () => {
      if (value === undefined) {
        headers.delete(header);
      } else {
        headers.set(header, value);
        // On a redirect to another origin browsers strip Authorization only.
        if (header.toLowerCase() !== "authorization") {
          if (call.own) init.mode = "same-origin";
          else if ((init.redirect ?? call.input.redirect) !== "manual") init.redirect = "error";
        }
      }
      init.headers = headers;
      if (call.body) {
        // As a Blob, which leaves files on the disk, unless it is text and small enough for the shorter way.
        const kind = /json|^text|urlencoded/.test(headers.get("content-type")) ? "arrayBuffer" : "blob";
        const bytes = await call.body[kind]();
        call.body = undefined;
        if (!call.maybe || (bytes.size ?? bytes.byteLength)) init.body = bytes;
      }
      return fetch.call(undefined, call.input, init);
    };
    const fell = (error) => {
      call.got = error;
      this.#inbox(FELL, id, 0);
    };
    go().then((response) => {
      let reply;
      try {
        reply = this.#reply(response);
      } catch (error) {
        return fell(error);
      }
      call.got = response;
      this.#inbox(LANDED, id, ...reply);
    }, fell);
  }

  watch(id) {
    const call = this.#calls.get(id);
    if (!call.signal) return;
    if (call.signal.aborted) return void this.#inbox(ABORTED, id, 0);
    call.listener = () => this.#inbox(ABORTED, id, 0);
    call.signal.addEventListener("abort", call.listener);
  }

  #unwatch(call) {
    if (call.listener) call.signal.removeEventListener("abort", call.listener);
    call.listener = undefined;
  }

  /** 0: its response; 1: what it fell with; 2: aborted; 3: this value; 4: this error. */
  settle(id, outcome, value, message) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    this.#unwatch(call);
    if (outcome === 0) call.resolve(call.got);
    else if (outcome === 1) call.reject(call.got);
    else if (outcome === 2) call.reject(call.signal.reason);
    else if (outcome === 3) call.resolve(value);
    else call.reject(this.#options.makeError(value, message, value === "refresh_failed" ? this.#cause : undefined));
  }

  /** The origin's lock (G1). It is held until `unlock`; the engine keeps the bound. */
  lock(flight) {
    const locks = globalThis.navigator?.locks;
    const granted = () => this.#inbox(LOCKED, flight, 1);
    if (!locks) return void granted();
    const controller = new AbortController();
    let release;
    const held = new Promise((resolve) => (release = resolve));
    this.#lock = { flight, release, controller };
    const isAsked = () => this.#lock?.flight === flight;
    locks
      .request(`relatch:${this.#options.key}`, { signal: controller.signal }, () => {
        granted();
        return isAsked() ? held : undefined;
      })
      // Not our own abort: locks are forbidden in this document, which is as if there were none.
      .catch(() => isAsked() && granted());
  }

  unlock(flight) {
    if (this.#lock?.flight !== flight) return;
    const { release, controller } = this.#lock;
    this.#lock = undefined;
    release();
    controller.abort();
  }

  arm(ms) {
    clearTimeout(this.#timer);
    // Browsers' timers take 31 bits; a longer one would fire at once.
    if (ms >= 0) this.#timer = setTimeout(() => this.#inbox(TIMER, 0, 0), Math.min(ms, 2 ** 31 - 1));
  }

  tell(type, values, id) {
    const detail = {};
    NAMES[type].forEach((name, i) => (detail[name] = values[i]));
    if (id !== undefined) {
      const { input } = this.#calls.get(id);
      detail.url = typeof input === "string" ? new URL(input, page()).href : input.url;
    }
    if (type === "held") detail.sent = !!detail.sent;
    if (type === "step-up") {
      detail.error = "insufficient_user_authentication";
      detail.maxAge = detail.maxAge < 0 ? null : detail.maxAge;
      detail.acrValues ||= null;
    }
    try {
      this.#options.onEvent?.(type, detail);
    } catch {
      // A listener's error is the application's; the session goes on.
    }
  }

  /** The WWW-Authenticate of the response that a call has in hand. */
  asks(id) {
    return this.#calls.get(id).got.headers.get("www-authenticate") ?? "";
  }

  // ---- The token call -----------------------------------------------------------------------------------------

  abortCall(flight) {
    if (this.#token?.flight === flight) this.#token.controller.abort();
  }

  /** [access, refresh, expiresIn, status, body is an object, its error, terminal as told, Retry-After, Date] */
  async call(flight, refreshToken, reason) {
    const { refresh, fetch } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    this.#token = { flight, controller };
    this.#cause = undefined;
    try {
      if (typeof refresh !== "function") return await this.#request(refresh, refreshToken, signal);
      const tokens = await refresh({ refreshToken, fetch: (...call) => fetch.apply(undefined, call), signal, reason });
      // null gives up (G6). undefined is a forgotten return, which must not log anybody out.
      return [tokens?.accessToken, tokens?.refreshToken, tokens?.expiresIn, 0, false, undefined, tokens === null];
    } catch (error) {
      this.#cause = error;
      return [];
    }
  }

  async #request(refresh, refreshToken, signal) {
    const { form, send, clientId, extra, terminal } = refresh;
    const fields = { ...(form && { grant_type: "refresh_token", client_id: clientId }), [send]: refreshToken, ...extra };
    if (form && clientId === undefined) delete fields.client_id;
    const headers = new Headers(refresh.headers);
    if (!headers.has("accept")) headers.set("accept", "application/json");
    if (!form) headers.set("content-type", "application/json");
    const response = await this.#options.fetch.call(undefined, refresh.url, {
      method: "POST",
      headers,
      body: form ? new URLSearchParams(fields) : JSON.stringify(fields),
      credentials: refresh.credentials,
      cache: "no-store",
      // The refresh token must not follow a redirect.
      redirect: "error",
      // Everybody waits for it, some in front of it for a connection.
      priority: "high",
      signal,
    });
    const { status, ok } = response;
    const text = await response.text();
    let body = null;
    try {
      body = JSON.parse(text);
    } catch {
      // Not JSON: a proxy's page, a captive portal. The engine hears that it is no object.
    }
    const header = (name) => response.headers.get(name) ?? undefined;
    const tokens = [refresh.accessToken, refresh.refreshToken, refresh.expiresIn].map((path) => ok ? pick(body, path) : undefined);
    const usable = typeof tokens[0] === "string" && tokens[0].trim();
    if (!usable) this.#cause = new Error(`the authorization server answered ${status} without an access token`);
    let told;
    if (!usable && terminal) {
      try {
        told = !!terminal({ status, body });
      } catch {
        // A predicate that throws has not said that the session is over.
        told = false;
      }
    }
    const object = isObject(body) && Object.keys(body).length > 0;
    const error = object && typeof body.error === "string" ? body.error : undefined;
    return [...tokens, status, object, error, told, header("retry-after"), header("date")];
  }

  // ---- The store ----------------------------------------------------------------------------------------------

  serialise(values) {
    return JSON.stringify(Object.fromEntries(RECORD.map((name, i) => [name, values[i]])));
  }

  /** The record's values in order; undefined if it is none. */
  parse(raw) {
    try {
      const record = JSON.parse(raw);
      return isObject(record) ? RECORD.map((name) => (Object.hasOwn(record, name) ? record[name] : undefined)) : undefined;
    } catch {
      return undefined;
    }
  }

  /** One operation of the caller's own store, after the one before. */
  own(operation, raw) {
    const { storage, key } = this.#options;
    const result = this.#own.then(() => storage[operation](key, raw));
    this.#own = result.catch(ignore);
    return result;
  }

  /** Everything asked of the store so far is done. */
  settled() {
    return this.#own;
  }
}

export function jsonOf(bytes) {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Follows a dotted path through own properties only, so that nothing on a prototype is taken for a token. */
function pick(body, path) {
  let at = body;
  for (const part of path.split(".")) {
    if (!isObject(at) || !Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  return at;
}
