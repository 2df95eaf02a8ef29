// The shell's JavaScript half: the browser calls that would cost several times their bytes in wasm. It turns what the
// browser says into the inbox's numbers and carries out what the engine wants; it decides nothing. What it keeps of a
// call under way is one entry in a map, and no token but on its way into a header.
//
// One file, although it is long: modules that wasm-bindgen takes along cannot import each other. The npm facade uses its
// helpers too.

// Kinds of input, as in inbox.rs.
const OPEN = 0,
  CHALLENGED = 1,
  TOKEN = 2,
  REFRESH = 3,
  STATUS = 4,
  ACCESS = 5,
  LANDED = 6,
  FELL = 7,
  ABORTED = 8,
  LOCKED = 9,
  TIMER = 10,
  WOKEN = 11,
  PROVEN = 12,
  LISTENED = 13,
  SET_TOKENS = 14,
  CLEAR = 15,
  CLOSE = 16,
  STORED = 17,
  WRITTEN = 18,
  ANSWER = 19;
// The error that is made here, by its number in error.rs.
const QUEUE_FULL = 8;
// What a look into the store found. 0 is a record.
const ABSENT = 1,
  UNREADABLE = 2,
  UNAVAILABLE = 3;
// The version of the record's form. One of another version is left alone.
const VERSION = 1;
/** No token is longer, and so no record: characters, of which JSON may write each as six. */
const TOKEN_MAX = 65_536,
  RECORD_MAX = 1_000_000;
/** By then a write to localStorage has reached all tabs (measured: about 1 ms). */
const SPREAD_MS = 100;

// The figures of each event, in the order in which outbox.rs has them.
const EVENTS = [
  ["refreshed", "generation", "durationMs", "reason", "waiting"],
  ["adopted", "generation", , "change"],
  ["replayed", "call", "generation"],
  ["held", "call", "sent"],
  ["expired", "status"],
  ["failed", "status", "retryInMs", "code"],
  ["step-up"],
  ["changed", , , "change"],
];

const ignore = () => {};
export const page = () => globalThis.document?.baseURI ?? globalThis.location?.href;
const is = (value, name) => typeof globalThis[name] === "function" && value instanceof globalThis[name];
export const isPlain = (v) => {
  const prototype = Object.getPrototypeOf(v);
  return prototype === Object.prototype || prototype === null;
};
export const isObject = (value) => typeof value === "object" && value !== null;
/** All that is kept of a call: own properties, so that none is found on Object.prototype, and in one shape, for speed. */
const entry = (signal, input, init, own, headers, got) => ({
  signal,
  input,
  init,
  own,
  headers,
  got,
  body: undefined,
  resolve: undefined,
  reject: undefined,
  listener: undefined,
});

export class Port {
  #options;
  #inbox;
  /** What carries out an effect, by its number in outbox.rs. */
  #acts;
  #calls = new Map();
  #lock;
  #token;
  #cause;
  #timer;
  #access;
  /** localStorage or sessionStorage; undefined if the record lives elsewhere. */
  #web;
  /** What was read or written last, to tell other hands' changes from one's own. */
  #last = null;
  #lookedAt;
  /** The epoch that ended last, here or in another tab. */
  #ended;
  #own = Promise.resolve();
  #listeners = [];

  constructor(options, inbox) {
    this.#options = options;
    this.#inbox = inbox;
    this.#acts = [
      this.#send,
      this.#watch,
      this.#settle,
      this.#request,
      this.#unlock,
      this.#read,
      this.#call,
      this.#abortCall,
      this.#write,
      this.#remove,
      this.#tell,
      this.#arm,
      (_, _n, access) => (this.#access = access),
      (_, _n, storage) => (this.#web = isObject(storage) ? storage : undefined),
    ];
    const woken = ({ type }) => {
      const online = type === "online";
      this.look();
      if (online || globalThis.document?.visibilityState === "visible") inbox(WOKEN, 0, online ? 1 : 0);
    };
    this.#listen(globalThis, "online", woken);
    this.#listen(globalThis.document, "visibilitychange", woken);
    this.#listen(globalThis, "storage", ({ storageArea, key, oldValue, newValue }) => {
      // A null key: the whole storage was cleared.
      if (storageArea !== this.#web || ![null, options.key].includes(key)) return;
      this.#end(oldValue, newValue);
      this.look(0, newValue);
    });
  }

  #listen(target, type, listener) {
    target?.addEventListener?.(type, listener);
    this.#listeners.push([target, type, listener]);
  }

  act(kind, id, n, value) {
    this.#acts[kind].call(this, id, n, value);
  }

  // ---- The session ---------------------------------------------------------------------------------------------

  async setTokens(access, refresh, expiresIn) {
    const row = grant(access, refresh, expiresIn);
    if (!row[0]) throw this.#options.makeError(0);
    this.#inbox(SET_TOKENS, 0, 0, row);
    await this.#own;
  }

  async clear() {
    this.#inbox(CLEAR, 0, 0);
    await this.#own;
  }

  close() {
    for (const [target, type, listener] of this.#listeners) target?.removeEventListener?.(type, listener);
    this.#inbox(CLOSE, 0, 0);
  }

  status() {
    this.look();
    return this.#options.names.statuses[this.#inbox(STATUS, 0, 0)];
  }

  /** The current access token; undefined if there is none. */
  access() {
    this.look();
    this.#inbox(ACCESS, 0, 0);
    const access = this.#access;
    this.#access = undefined;
    return access;
  }

  header() {
    const access = this.access();
    return access && this.#options.prefix + access;
  }

  claims() {
    return claims(this.access());
  }

  // ---- Calls -------------------------------------------------------------------------------------------------

  /**
   * Nothing is thrown; what `fetch` rejects with is rejected with. `request`: the facade made it of these arguments at
   * the time of the call, when the wasm was not there yet.
   */
  async fetch(input, init, request) {
    const { skip, fetch, header } = this.#options;
    this.look();
    // S1: handed on as it came. A Request is known by its url, because another frame's is no instance of ours.
    if (!request && (skip?.(input, init) || this.#covers(input?.url ?? input) === undefined)) {
      return fetch.call(undefined, input, init);
    }
    // A plain object is read once, with the members that only a server's or a framework's own fetch knows.
    const plain = isPlain(init ?? {});
    const copy = plain ? { ...init } : {};
    // What is sent later, or again, is what this took now: it checks, reads and copies as fetch does, which makes one
    // of the same arguments (Fetch §5.6).
    request ??= new Request(input, plain ? copy : init);
    const { headers } = request;
    const own = this.#covers(request.url);
    // Kept as text where it was: tests' own fetch, and others that are not the browser's, may know no Request.
    const named = plain && (typeof input === "string" || is(input, "URL"));
    const signal = named ? copy.signal : request.signal;
    const call = entry(signal, named ? request.url : request, copy, own, headers);
    // With no-cors the browser drops the header without a word, and the 401 would say nothing of the token.
    const ours = own !== undefined && request.mode !== "no-cors" && !headers.has(header) && !signal?.aborted;
    const { body } = copy;
    // Not every browser tells by Request.body whether there is one, and WebKit makes a stream of what is asked.
    const has = body ?? (!named && !/^(GET|HEAD)$/.test(request.method));
    let once;
    if (has && typeof has !== "string" && !is(has, "Blob")) {
      const type = headers.get("content-type");
      // With keepalive the page may be gone before a body is read: it is sent as it is, and a clone is kept.
      const { keepalive } = request;
      // WebKit reads no form with a file, and of a clone it may forget the file. There, each try sends a copy of the form.
      const entries = is(body, "FormData") && [...body];
      try {
        // Of a stream no such Request can be made (Fetch, the Request constructor, step 41): it is sent once.
        const taken =
          ours &&
          !(is(body, "ReadableStream") && request.body) &&
          new Request(keepalive ? request.clone() : request, { mode: "no-cors", method: "POST" });
        // Read at once, because WebKit takes only now what the caller may change. As a Blob, which leaves files on the disk,
        // unless it is text and small enough for the shorter way.
        call.body =
          taken &&
          (keepalive ||
            taken[/json|text|url/.test(type) ? "arrayBuffer" : "blob"]().catch((error) => {
              if (!entries) throw error;
              headers.delete("content-type");
              const form = new FormData();
              for (const entry of entries) form.append(...entry);
              return form;
            }));
        call.body.catch?.(ignore);
      } catch {}
      once = !call.body;
      if (once || keepalive) call.input = request;
      delete copy.body;
    }
    copy.headers = headers;
    if (call.input === request) {
      // An init beside a Request resets these (Fetch, the Request constructor), so they are given again.
      copy.referrer = request.referrer;
      copy.referrerPolicy = request.referrerPolicy;
    }
    if (!ours) return fetch.call(undefined, call.input, copy);
    return this.#open(OPEN, once ? 0 : 1, 0, undefined, call);
  }

  /** The page's own origin: true; another allowed one: false; otherwise, or the refresh itself: undefined. */
  #covers(url) {
    const { origins, ownOrigin, refresh } = this.#options;
    try {
      const { href } = new URL(`${url}`, page());
      // The slash ends the host, so this is no mere prefix match; and a blob: URL has an origin, but begins with its scheme.
      const origin = origins.find((origin) => href.startsWith(`${origin}/`));
      return origin && href !== refresh.url ? origin === ownOrigin : undefined;
    } catch {
      // What is no URL, fetch refuses best.
    }
  }

  /** A request of the short way got a 401 or 403: url and init are the facade's own copies. */
  challenged(stamp, url, init, response, own) {
    if (own < 0) return response;
    const isUrl = typeof url === "string";
    const call = entry((isUrl ? init : url).signal, url, init, own, isUrl ? undefined : init.headers, response);
    const [bits, asks] = this.#reply(response, call);
    return this.#open(CHALLENGED, stamp, bits, asks, call);
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
    this.look();
    if (signal?.aborted) return Promise.reject(signal.reason);
    return this.#open(TOKEN, Math.min(minValidity * 1000, 4e9), 0, undefined, entry(signal));
  }

  refresh() {
    this.look();
    return this.#open(REFRESH, 0, 0, undefined, entry());
  }

  /** The engine is asked first; what it wants done about the call is done after the call's entry is in place. */
  #open(kind, id, bits, asks, call) {
    const answer = this.#inbox(kind, id, bits, undefined, asks);
    if (answer < 0) {
      return call.got ? Promise.resolve(call.got) : Promise.reject(this.#options.makeError(QUEUE_FULL));
    }
    const promise = new Promise((resolve, reject) => {
      call.resolve = resolve;
      call.reject = reject;
    });
    this.#calls.set(answer, call);
    return promise;
  }

  /** What a response says to the session, and its WWW-Authenticate if that matters. */
  #reply(response, { input }) {
    const { status } = response;
    const { isChallenge } = this.#options;
    // 403 is never a challenge (A1), but may say what would be enough.
    const challenge = status !== 403 && (status === 401 || isChallenge?.(response));
    if (!challenge && status !== 403) return [0];
    // Even an allowed origin: browsers strip the header when a redirect leaves the one it was for.
    const left = response.redirected && new URL(response.url).origin !== new URL(input.url ?? input, page()).origin;
    const asks = response.headers.get("www-authenticate");
    // Header values have a character for each byte.
    return [
      (challenge ? 1 : 0) | (left ? 2 : 0),
      asks === null ? undefined : Uint8Array.from(asks, (c) => c.charCodeAt()),
    ];
  }

  // ---- Effects ------------------------------------------------------------------------------------------------

  #send(id, _, access) {
    const call = this.#calls.get(id);
    const { fetch, header, prefix } = this.#options;
    this.#unwatch(call);
    // The 401 that the replay replaces is read by nobody: its connection is freed.
    call.got?.body?.cancel().catch(ignore);
    call.got = undefined;
    const { init, headers } = call;
    const value = access && prefix + access;
    // Those of the short way are a plain object, in which the name stands as it is written in the options.
    if (!headers) {
      init.headers = { ...init.headers, [header]: value };
      if (!access) delete init.headers[header];
    } else {
      if (access) headers.set(header, value);
      else headers.delete(header);
      init.headers = headers;
    }
    // On a redirect to another origin browsers strip Authorization only.
    if (access && header.toLowerCase() !== "authorization") {
      if (call.own) init.mode = "same-origin";
      else if ((init.redirect ?? call.input.redirect) !== "manual") init.redirect = "error";
    }
    const go = async () => {
      const { input, body } = call;
      if (body === true) {
        call.input = input.clone();
      } else if (body) {
        const bytes = await body;
        call.body = undefined;
        // Unless there was none: a Request that is not used up.
        if (input.bodyUsed !== false) init.body = bytes;
      }
      return fetch.call(undefined, input, init);
    };
    const fell = (error) => {
      call.got = error;
      this.#inbox(FELL, id, 0);
    };
    go().then((response) => {
      let reply;
      try {
        reply = this.#reply(response, call);
      } catch (error) {
        return fell(error);
      }
      call.got = response;
      this.#inbox(LANDED, id, reply[0], undefined, reply[1]);
    }, fell);
  }

  #watch(id) {
    const call = this.#calls.get(id);
    if (!call.signal) return;
    call.listener = () => this.#inbox(ABORTED, id, 0);
    if (call.signal.aborted) call.listener();
    else call.signal.addEventListener("abort", call.listener);
  }

  #unwatch(call) {
    if (call.listener) call.signal.removeEventListener("abort", call.listener);
    call.listener = undefined;
  }

  /** 0: its response; 1: what it fell with; 2: aborted; 3: this value; from 4: an error, by its code. */
  #settle(id, outcome, value) {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    this.#unwatch(call);
    if (outcome === 0) call.resolve(call.got);
    else if (outcome === 1) call.reject(call.got);
    else if (outcome === 2) call.reject(call.signal.reason);
    else if (outcome === 3) call.resolve(value);
    else call.reject(this.#options.makeError(outcome - 4, this.#cause));
  }

  /** Asks for the origin's lock (G1). It is held until `unlock`; the engine keeps the bound. */
  #request(flight) {
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

  #unlock(flight) {
    if (this.#lock?.flight !== flight) return;
    const { release } = this.#lock;
    this.#lock = undefined;
    // A lock goes from tab to tab faster than what was written to localStorage: who has it next must not read the old
    // record and send the refresh token that was just spent. Nobody waits for this: the others hear of the record itself.
    if (this.#token?.flight === flight) setTimeout(release, SPREAD_MS);
    else release();
  }

  #arm(_, ms) {
    clearTimeout(this.#timer);
    // Browsers' timers take 31 bits; a longer one would fire at once.
    if (ms >= 0) this.#timer = setTimeout(() => this.#inbox(TIMER, 0, 0), Math.min(ms, 2 ** 31 - 1));
  }

  #tell(id, event, row) {
    const { names, onEvent } = this.#options;
    const [type, ...fields] = EVENTS[event];
    const detail = {};
    // Some of the figures have names: reasons, changes, codes.
    fields.forEach((name, i) => (detail[name] = names[`${name}s`]?.[row[i]] ?? row[i]));
    if (id) {
      const { input } = this.#calls.get(id);
      detail.url = typeof input === "string" ? new URL(input, page()).href : input.url;
    }
    if (event === 3) detail.sent = !!detail.sent;
    if (event === 4) detail.code = "session_expired";
    if (event === 5) detail.message = names.messages[row[2]];
    if (event === 6) {
      const field = this.#calls.get(id).got.headers.get("www-authenticate");
      // Each a begin and a length in one number, in the order of challenge.rs' `SAID`.
      const [error, scope, acrValues, maxAge] = row.map((place) =>
        field.substr(place / 2 ** 26, place % 2 ** 26).replace(/^"|"$|\\(.)/g, "$1"),
      );
      detail.error = error;
      detail.scope = scope || null;
      detail.acrValues = acrValues || null;
      detail.maxAge = /^\d+$/.test(maxAge) ? +maxAge : null;
    }
    try {
      onEvent?.(type, detail);
    } catch {
      // A listener's error is the application's; the session goes on.
    }
  }

  // ---- The token call -----------------------------------------------------------------------------------------

  #abortCall(flight) {
    if (this.#token?.flight === flight) this.#token.controller.abort();
  }

  async #call(flight, reason, refreshToken) {
    const { refresh, fetch, names } = this.#options;
    const controller = new AbortController();
    const { signal } = controller;
    this.#token = { flight, controller };
    this.#cause = undefined;
    let answer;
    try {
      if (typeof refresh !== "function") {
        answer = await this.#post(refresh, refreshToken, signal);
      } else {
        const tokens = await refresh({
          refreshToken,
          fetch: (...call) => fetch.apply(undefined, call),
          signal,
          reason: names.reasons[reason],
        });
        const { accessToken, refreshToken: next, expiresIn } = { __proto__: null, ...tokens };
        // null gives up (G6). undefined is a forgotten return, which must not log anybody out.
        answer = [tokens === null ? 12 : 4, [...grant(accessToken, next, expiresIn), 0, NaN, NaN, NaN]];
      }
    } catch (error) {
      this.#cause = error;
      answer = [0, [, , NaN, NaN, NaN, 0, NaN, NaN, NaN]];
    }
    this.#inbox(ANSWER, flight, ...answer);
  }

  /** The bits and the row of inbox.rs' `answer`. */
  async #post(refresh, refreshToken, signal) {
    const { form, send, clientId, extra, terminal } = refresh;
    const fields = {
      ...(form && { grant_type: "refresh_token", client_id: clientId }),
      [send]: refreshToken,
      ...extra,
    };
    if (form && clientId === undefined) delete fields.client_id;
    const headers = new Headers(refresh.headers);
    if (!headers.has("accept")) headers.set("accept", "application/json");
    if (!form) headers.set("content-type", "application/json");
    const response = await this.#options.fetch.call(undefined, refresh.url, {
      __proto__: null,
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
    const body = json(await response.text());
    const header = (name) => response.headers.get(name);
    const tokens = grant(
      ...[refresh.accessToken, refresh.refreshToken, refresh.expiresIn].map((path) =>
        ok ? pick(body, path) : undefined,
      ),
    );
    let bits = isObject(body) && Object.keys(body).length > 0 ? 1 : 0;
    if (bits && pick(body, "error") === "invalid_grant") bits |= 2;
    if (!tokens[0]) {
      this.#cause = new Error(`the authorization server answered ${status} without an access token`);
      if (terminal) {
        bits |= 4;
        try {
          if (terminal({ status, body })) bits |= 8;
        } catch {
          // A predicate that throws has not said that the session is over.
        }
      }
    }
    const retryAfter = header("retry-after");
    const seconds = /^\d+$/.test(retryAfter) ? +retryAfter : NaN;
    return [bits, [...tokens, status, seconds, Date.parse(retryAfter), Date.parse(header("date"))]];
  }

  // ---- The store ----------------------------------------------------------------------------------------------

  /**
   * Looks whether another hand changed the store, at most once in this millisecond for the sake of storms, if one is
   * given. The same tab gets no `storage` event for a change by its own scripts or developer tools.
   */
  look(now, heir) {
    if (!this.#web || (now && now === this.#lookedAt)) return;
    this.#lookedAt = now;
    let raw;
    try {
      raw = this.#get(heir);
    } catch {
      // A store that fails now will say so when it matters: at the next write.
      return;
    }
    if (raw !== this.#last) this.#stored(0, raw);
  }

  /**
   * What the store holds. It has no compare-and-set: a tab that has not yet heard of a logout or a login writes what it
   * refreshed over it. So an epoch that has ended does not come back (G5): whoever finds a record of it, be it their own,
   * puts back what is known to have followed.
   */
  #get(heir = this.#last) {
    const raw = this.#web.getItem(this.#options.key);
    if (raw === heir || this.#ended === undefined || epochOf(raw) !== this.#ended) return raw;
    this.#put(heir);
    return heir;
  }

  #put(raw) {
    const { key } = this.#options;
    if (raw === null) this.#web.removeItem(key);
    else this.#web.setItem(key, raw);
  }

  #follow(raw) {
    this.#put(raw);
    this.#end(this.#last, raw);
    this.#last = raw;
  }

  /** One record followed another. */
  #end(old, heir) {
    const [before, after] = [old, heir].map(epochOf);
    // Unless the one that follows is such a late record itself.
    if (before !== undefined && before !== after && (after === undefined || after !== this.#ended))
      this.#ended = before;
  }

  #stored(flight, raw) {
    this.#last = raw;
    const row = raw !== null && raw !== undefined && record(raw);
    this.#inbox(STORED, flight, row ? 0 : row === false ? ABSENT : UNREADABLE, row || undefined);
  }

  #read(flight) {
    const { storage } = this.#options;
    const unavailable = () => this.#inbox(STORED, flight, UNAVAILABLE);
    if (isObject(storage)) return void this.#queue("get").then((raw) => this.#stored(flight, raw), unavailable);
    // Memory: nothing at the start, and later nothing that the engine does not know.
    if (storage === "memory" && !flight) return void this.#stored(0, null);
    let raw;
    try {
      raw = this.#get();
    } catch {
      return void unavailable();
    }
    this.#stored(flight, raw);
  }

  #write(flight, _, [epoch, generation, obtainedAt, lifetime, accessToken = null, refreshToken = null]) {
    const { storage } = this.#options;
    const record = {
      v: VERSION,
      epoch,
      generation,
      accessToken,
      refreshToken,
      obtainedAt,
      lifetime: lifetime < 0 ? null : lifetime,
    };
    const raw = JSON.stringify(record);
    const written = (ok) => this.#inbox(WRITTEN, flight, ok ? 1 : 0);
    if (isObject(storage))
      return void this.#queue("set", raw).then(
        () => written(true),
        () => written(false),
      );
    try {
      if (this.#web) this.#follow(raw);
    } catch {
      return void written(false);
    }
    written(true);
  }

  #remove() {
    // A record that cannot be removed is found again at the next start, and the server refuses it then.
    if (isObject(this.#options.storage)) return void this.#queue("remove").catch(ignore);
    try {
      if (this.#web) this.#follow(null);
    } catch {}
  }

  /** One operation of the caller's own store, after the one before. */
  #queue(operation, raw) {
    const { storage, key } = this.#options;
    const result = this.#own.then(() => storage[operation](key, raw));
    this.#own = result.catch(ignore);
    return result;
  }
}

/** A refresh token: a string with something in it. It travels in a body, which can carry anything. */
const text = (value) => (typeof value === "string" && value.trim() ? value : undefined);
/** An access token: only what a header carries, and carries unchanged (RFC 6749, appendix A.12). */
const token = (value) =>
  typeof value === "string" && value.length <= TOKEN_MAX && /^[!-~][ -~]*$/.test(value) ? value : undefined;

const number = (value) => (typeof value === "number" ? value : NaN);

function json(raw) {
  try {
    return JSON.parse(raw);
  } catch {
    // Not JSON: a proxy's page, a captive portal, garbage in the store. The engine hears that it is no object.
    return null;
  }
}

/** Tokens as a login or an answer has them. Some servers write the lifetime as a string. */
function grant(given, refresh, expiresIn) {
  // With a refresh token too long to be kept the whole answer is useless: to go on with the one before would spend it twice.
  const access = refresh?.length > TOKEN_MAX ? undefined : token(given);
  const lifetime = typeof expiresIn === "string" && expiresIn.trim() ? +expiresIn : number(expiresIn);
  const { iat, exp } = { __proto__: null, ...(Number.isFinite(lifetime) || claims(access)) };
  return [access, text(refresh), lifetime, number(iat), number(exp)];
}

/**
 * The payload of a JWT (RFC 7519), not verified; undefined if it is none. Anybody can read it; only the server can check
 * it. Longer tokens work as opaque ones.
 */
function claims(token) {
  const parts = token?.length <= 16384 ? token.split(".") : [];
  if (parts.length !== 3) return;
  try {
    const bytes = atob(parts[1].replace(/-/g, "+").replace(/_/g, "/"));
    const value = json(new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt())));
    return isObject(value) ? value : undefined;
  } catch {
    // Not base64url.
  }
}

/** The row that token.rs' `record` reads; undefined if it is no record of this version. */
function record(raw) {
  const given = raw.length > RECORD_MAX ? 0 : json(raw);
  if (!isObject(given)) return;
  const { v, epoch, generation, accessToken, refreshToken, obtainedAt, lifetime } = { __proto__: null, ...given };
  const [access, refresh] = [token(accessToken), text(refreshToken)];
  // A token that a hand removed is missing, not an error: without an access token the next call refreshes. Without both
  // there is no session to speak of.
  if (v !== VERSION || !(number(epoch) >= 0 && number(generation) >= 0 && (access || refresh))) return;
  return [access, refresh, epoch, generation, number(obtainedAt) || 0, lifetime >= 0 ? number(lifetime) : NaN];
}

const epochOf = (raw) => record(raw ?? "")?.[2];

/** Follows a dotted path through own properties only, so that nothing on a prototype is taken for a token. */
function pick(body, path) {
  let at = body;
  for (const part of path.split(".")) {
    if (!isObject(at) || !Object.hasOwn(at, part)) return undefined;
    at = at[part];
  }
  return at;
}
