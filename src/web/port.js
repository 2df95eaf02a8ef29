// The shell's JavaScript half: the browser calls that would cost several times their bytes in wasm. It turns what the
// browser says into the inbox's numbers and carries out what the engine wants; it decides nothing. What it keeps of a
// call under way is one entry in a map, and no token but on its way into a header.
//
// One file, although it is long: modules that wasm-bindgen takes along cannot import each other.

// Kinds of input, as in inbox.rs.
const OPEN = 0, LOOK = 1, LANDED = 2, FELL = 3, ABORTED = 4, CHALLENGED = 5, TOKEN = 6, REFRESH = 7, LOCKED = 8, TIMER = 9,
  STORED = 10, WOKEN = 11, PROVEN = 12, LISTENED = 13;
// Answers to OPEN, CHALLENGED, TOKEN and REFRESH that are no call.
const UNTOUCHED = -1;
/** By then a write to localStorage has reached all tabs (measured: about 1 ms). */
const SPREAD_MS = 100;

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

  fetch(input, init) {
    const { skip, fetch } = this.#options;
    this.#inbox(LOOK, 0, 0);
    try {
      // S1, S2, and what fetch itself is going to refuse: handed on as it came.
      const untouched = () => Promise.resolve(fetch.call(undefined, input, init));
      const call = skip?.(input, init) ? undefined : this.#prepare(input, init);
      return call ? this.#complete(call, untouched) : untouched();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #prepare(input, init) {
    const { header, refresh } = this.#options;
    if (init !== undefined && init !== null && typeof init !== "object") return;
    const request = is(input, "Request") ? input : undefined;
    const text = request ? request.url : String(input);
    let url, headers;
    try {
      url = new URL(text, page());
      headers = new Headers(init?.headers === undefined ? request?.headers : init.headers);
    } catch {
      return;
    }
    const own = this.#covers(url);
    const covered = own !== undefined && url.href !== refresh.url;
    const signal = init?.signal === undefined ? request?.signal : init.signal;
    if (signal?.aborted || request?.bodyUsed) return;
    const call = { input: request ?? url.href, init: {}, headers, own, signal, replayable: true };
    call.facts = (covered ? 1 : 0) | (headers.has(header) ? 2 : 0);
    // Not a spread: fetch honours inherited members too.
    for (const name in init) call.init[name] = init[name];
    if (request) {
      // An init beside a Request resets its referrer (Fetch, the Request constructor), so it is given again.
      call.init.referrer ??= request.referrer;
      call.init.referrerPolicy ??= request.referrerPolicy;
    }
    return call;
  }

  /** The page's own origin: true; another allowed one: false; otherwise undefined. Exact, on the parsed origin. */
  #covers({ protocol, hostname, origin }) {
    const { origins, ownOrigin } = this.#options;
    // A blob: URL has the page's origin, and no server behind it.
    const local = /^(localhost|.+\.localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
    const safe = protocol === "https:" || (protocol === "http:" && local);
    return safe && origins.includes(origin) ? origin === ownOrigin : undefined;
  }

  async #complete(call, untouched) {
    const { input, init, headers, signal } = call;
    let late;
    if (call.facts === 1) {
      const { body } = init;
      if (body === undefined || body === null) {
        // Not every browser tells by Request.body whether there is one.
        const request = typeof input !== "string" && input;
        const has = request && (request.body ?? (request.body === undefined && !/^(GET|HEAD)$/.test(request.method)));
        if (has) late = input.arrayBuffer();
      } else if (is(body, "ArrayBuffer")) {
        init.body = body.slice(0);
      } else if (ArrayBuffer.isView(body)) {
        init.body = new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
      } else if (is(body, "URLSearchParams")) {
        init.body = new URLSearchParams(body);
      } else if (is(body, "FormData")) {
        // Frozen at once, with its boundary drawn once, so that a replay is the same to the byte.
        const frozen = new Response(body);
        late = frozen.arrayBuffer();
        if (!headers.has("content-type")) headers.set("content-type", frozen.headers.get("content-type"));
      } else if (is(body, "ReadableStream") || body[Symbol.asyncIterator]) {
        call.replayable = false;
      } else if (typeof body !== "string" && !is(body, "Blob")) {
        init.body = String(body);
      }
    }
    if (late) {
      try {
        init.body = await late;
      } catch (error) {
        throw signal?.aborted ? signal.reason : error;
      }
      if (signal?.aborted) throw signal.reason;
    }
    return this.#open(OPEN, call.facts | (call.replayable ? 4 : 0), 0, undefined, call, untouched);
  }

  /** A request of the short way got a 401: url and init are the facade's own copies. */
  challenged(stamp, url, init, response) {
    try {
      const call = {
        input: url,
        init,
        headers: new Headers(init.headers),
        own: this.#covers(new URL(url, page())),
        signal: init.signal,
        got: response,
      };
      const [bits, asks] = this.#reply(response);
      return this.#open(CHALLENGED, stamp, bits, asks, call, () => response);
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
  #open(kind, id, bits, value, call, untouched) {
    const answer = this.#inbox(kind, id, bits, value);
    if (answer < 0) {
      if (answer === UNTOUCHED || (untouched && kind === CHALLENGED)) return Promise.resolve(untouched());
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
    const left = response.redirected && this.#covers(new URL(response.url)) === undefined;
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
    let sent;
    try {
      if (value === undefined) {
        call.headers.delete(header);
      } else {
        call.headers.set(header, value);
        // On a redirect to another origin browsers strip Authorization only.
        if (header.toLowerCase() !== "authorization") {
          if (call.own) call.init.mode = "same-origin";
          else call.init.redirect = "error";
        }
      }
      call.init.headers = call.headers;
      sent = fetch.call(undefined, call.input, call.init);
    } catch (error) {
      sent = Promise.reject(error);
    }
    const fell = (error) => {
      call.got = error;
      this.#inbox(FELL, id, 0);
    };
    Promise.resolve(sent).then((response) => {
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
    const { key, lease } = this.#options;
    const lock = (this.#lock = { flight, release: ignore });
    const granted = () => this.#lock === lock && this.#inbox(LOCKED, flight, 1);
    const locks = globalThis.navigator?.locks;
    if (lease) {
      lock.release = lease(this.#options, granted);
    } else if (locks) {
      const controller = new AbortController();
      const held = new Promise((resolve) => {
        lock.release = () => {
          resolve();
          controller.abort();
        };
      });
      // It rejects by our own abort, or because locks are forbidden in this document, which is as if there were none.
      locks.request(`relatch:${key}`, { signal: controller.signal }, () => (granted(), held)).catch(granted);
    } else {
      granted();
    }
  }

  unlock(flight) {
    if (this.#lock?.flight !== flight) return;
    const { release } = this.#lock;
    this.#lock = undefined;
    // A lock goes from tab to tab faster than what was written to localStorage: who has it next must not read the old
    // record and send the refresh token that was just spent. Nobody waits for this: the others hear of the record itself.
    if (this.#token?.flight === flight) setTimeout(release, SPREAD_MS);
    else release();
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
