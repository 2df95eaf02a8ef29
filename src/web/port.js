// Written by `cargo xtask build` from src/web/port, where each function is explained. Do not edit.
// One file, as long as all of those: a page that asks for so many modules at once may wait for them for ever.
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};

// src/web/port/mark.js
var mark_exports = {};
__export(mark_exports, {
  raise: () => raise,
  read: () => read2
});
function open() {
  database ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE);
    request.onupgradeneeded = () => request.result.createObjectStore(CELLS);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const opened2 = request.result;
      opened2.onversionchange = () => {
        forget();
        opened2.close();
      };
      opened2.onclose = forget;
      resolve(opened2);
    };
  });
  database.catch(forget);
  return database;
}
function forget() {
  database = void 0;
}
async function within(mode, use) {
  const opened2 = await open();
  return new Promise((resolve, reject) => {
    let given;
    const transaction = opened2.transaction(CELLS, mode, { durability: "relaxed" });
    transaction.oncomplete = () => resolve(given);
    transaction.onabort = () => reject(transaction.error);
    use(transaction.objectStore(CELLS), (value) => {
      given = value;
    });
  });
}
function sweep(cells, key, now) {
  const request = cells.openCursor(IDBKeyRange.bound([key], [key, []]));
  request.onsuccess = () => {
    const cursor = request.result;
    if (!cursor) return;
    if (now - cursor.value.at > KEEP_MS) cursor.delete();
    cursor.continue();
  };
}
var DATABASE, CELLS, KEEP_MS, database, read2, raise;
var init_mark = __esm({
  "src/web/port/mark.js"() {
    "use strict";
    DATABASE = "relatch";
    CELLS = "cells";
    KEEP_MS = 30 * 864e5;
    read2 = (key, epoch) => within("readonly", (cells, give) => {
      const request = cells.get([key, epoch]);
      request.onsuccess = () => give(request.result?.generation ?? 0);
    });
    raise = (key, epoch, generation) => within("readwrite", (cells) => {
      const at = Date.now();
      const request = cells.get([key, epoch]);
      request.onsuccess = () => {
        const cell = request.result;
        if (!cell) sweep(cells, key, at);
        if (!cell || cell.generation < generation) cells.put({ generation, at }, [key, epoch]);
      };
    });
  }
});

// src/web/port/values.js
var ignore = () => {
};
var page = () => globalThis.document?.baseURI ?? globalThis.location?.href;
var is = (value, name) => {
  const type = (
    /** @type {any} */
    globalThis[name]
  );
  return typeof type === "function" && value instanceof type;
};
var isPlain = (value) => {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};
var isObject = (value) => typeof value === "object" && value !== null;
function hash(text2) {
  let hash2 = 0;
  for (const c of text2) hash2 = Math.imul(hash2, 16777619) + c.charCodeAt(0);
  return hash2;
}
var own = (given) => (
  /** @type {any} */
  { __proto__: null, .../** @type {any} */
  given }
);
var number = (value) => typeof value === "number" ? value : NaN;
function json(raw) {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}
function pick(body, path) {
  let at = body;
  for (const part of path.split(".")) {
    if (!isObject(at) || !Object.hasOwn(at, part)) return void 0;
    at = at[part];
  }
  return at;
}

// src/web/port/body.js
var TEXT = /json|text|url/;
function takeBody(call, request, init, ours) {
  const { headers, keepalive } = request;
  const { body } = init;
  const entries = is(body, "FormData") && [...body];
  try {
    const taken = ours && !(is(body, "ReadableStream") && request.body) && // With keepalive the page may be gone before a body is read: it is sent as it is, and a clone is kept.
    new Request(keepalive ? request.clone() : request, { mode: "no-cors", method: "POST" });
    call.body = taken && (keepalive || taken[TEXT.test(
      /** @type {any} */
      headers.get("content-type")
    ) ? "arrayBuffer" : "blob"]().catch((error) => {
      if (!entries) throw error;
      headers.delete("content-type");
      const form = new FormData();
      for (const [name, value] of entries) form.append(name, value);
      return form;
    }));
    call.body.catch?.(ignore);
  } catch {
  }
  const once = !call.body;
  if (once || keepalive) call.input = request;
  delete init.body;
  return once;
}

// src/web/port/wire.js
var INPUT_OPEN = 0;
var INPUT_TOKEN = 2;
var INPUT_REFRESH = 3;
var INPUT_ACCESS = 5;
var INPUT_RESPONDED = 6;
var INPUT_REJECTED = 7;
var INPUT_ABORTED = 8;
var INPUT_LOCKED = 9;
var INPUT_TIMER = 10;
var INPUT_SCHEDULED = 11;
var INPUT_WOKEN = 12;
var INPUT_LEAVING = 13;
var INPUT_LISTENING = 15;
var INPUT_SET_TOKENS = 16;
var INPUT_CLEAR = 17;
var INPUT_CLOSE = 18;
var INPUT_STORED = 19;
var INPUT_RESTORED = 20;
var INPUT_REPLACED = 21;
var INPUT_WRITTEN = 22;
var INPUT_MARKED = 23;
var INPUT_ANSWERED = 24;
var EFFECT_SEND = 0;
var EFFECT_WAIT = 1;
var EFFECT_SETTLE = 2;
var EFFECT_LOCK = 3;
var EFFECT_UNLOCK = 4;
var EFFECT_READ_MARK = 5;
var EFFECT_MARK = 6;
var EFFECT_READ = 7;
var EFFECT_REFRESH = 8;
var EFFECT_ABORT_REFRESH = 9;
var EFFECT_WRITE = 10;
var EFFECT_REMOVE = 11;
var EFFECT_RESTORE = 12;
var EFFECT_DISPATCH = 13;
var EFFECT_ARM = 14;
var EFFECT_SCHEDULE = 15;
var EFFECT_ACCESS = 16;
var OUTCOME_RESPONSE = 0;
var OUTCOME_FAILURE = 1;
var OUTCOME_ABORTED = 2;
var OUTCOME_VALUE = 3;
var OUTCOME_ERROR = 4;
var FOUND_RECORD = 0;
var FOUND_ABSENT = 1;
var FOUND_UNREADABLE = 2;
var FOUND_UNAVAILABLE = 3;
var GRANT_ACCESS = 0;
var GRANT_REFRESH = 1;
var GRANT_EXPIRES_IN = 2;
var GRANT_ISSUED_AT = 3;
var GRANT_EXPIRES = 4;
var GRANT_STATUS = 5;
var GRANT_RETRY_AFTER = 6;
var GRANT_RETRY_AT = 7;
var GRANT_DATE = 8;
var GRANT_SUBJECT = 9;
var RECORD_EPOCH = 0;
var RECORD_GENERATION = 1;
var RECORD_OBTAINED_AT = 2;
var RECORD_LIFETIME = 3;
var RECORD_ACCESS = 4;
var RECORD_REFRESH = 5;
var RECORD_SUBJECT = 6;
var REPLACED_BEFORE = 0;
var REPLACED_AFTER = 1;
var EVENT_HELD = 3;
var EVENT_EXPIRED = 4;
var EVENT_FAILED = 5;
var EVENT_STEP_UP = 6;
var CODE_INVALID_OPTION = 0;
var CODE_QUEUE_FULL = 8;
var REPLY_CHALLENGE = 1;
var REPLY_LEFT_ORIGIN = 2;
var ANSWER_WELL_FORMED = 1;
var ANSWER_INVALID_GRANT = 2;
var ANSWER_ASKED = 4;
var ANSWER_TERMINAL = 8;
var ANSWER_EMPTY = 16;
var FULL = -1;
var ROUTE = 4;
var PLACE = 67108864;
var TOKEN_MAX = 65536;
var REFRESH_TIMEOUT_DEFAULT_MS = 3e4;
var EVENTS = [
  ["refreshed", "generation", "durationMs", "reason", "waiting"],
  ["adopted", "generation", "change"],
  ["replayed", "call", "generation"],
  ["held", "call", "sent"],
  ["expired", "status"],
  ["failed", "status", "retryInMs", "code"],
  ["step-up", "error", "scope", "acrValues", "maxAge"],
  ["changed", "change"]
];

// src/web/port/inputs.js
var NONE = 0;
var opened = (port, replayable) => port.inbox(INPUT_OPEN, replayable ? 1 : 0, 0);
var tokenWanted = (port, minValidity) => port.inbox(INPUT_TOKEN, minValidity, 0);
var refreshWanted = (port) => port.inbox(INPUT_REFRESH, NONE, 0);
var accessAsked = (port) => port.inbox(INPUT_ACCESS, NONE, 0);
var responded = (port, call, verdict2, route2) => port.inbox(INPUT_RESPONDED, call, verdict2 ? route2 | verdict2.bits : route2, void 0, verdict2?.asks);
var rejected = (port, call) => port.inbox(INPUT_REJECTED, call, 0);
var aborted = (port, call) => port.inbox(INPUT_ABORTED, call, 0);
var locked = (port, flight) => port.inbox(INPUT_LOCKED, flight, 1);
var marked = (port, flight, generation) => port.inbox(INPUT_MARKED, flight, generation);
var scheduled = (port) => port.inbox(INPUT_SCHEDULED, NONE, 0);
var timerFired = (port) => port.inbox(INPUT_TIMER, NONE, 0);
var woken = (port, online) => port.inbox(INPUT_WOKEN, NONE, online ? 1 : 0);
var leaving = (port) => port.inbox(INPUT_LEAVING, NONE, 0);
var listening = (port, singleCalls) => port.inbox(INPUT_LISTENING, NONE, singleCalls ? 1 : 0);
var signedIn = (port, grant2) => port.inbox(INPUT_SET_TOKENS, NONE, 0, grant2);
var signedOut = (port) => port.inbox(INPUT_CLEAR, NONE, 0);
var closed = (port) => port.inbox(INPUT_CLOSE, NONE, 0);
var looked = (port, input, flight, found, record2) => port.inbox(input, flight, found, record2);
var replaced = (port, before, after) => port.inbox(INPUT_REPLACED, NONE, 0, { [REPLACED_BEFORE]: before, [REPLACED_AFTER]: after });
var written = (port, flight, ok) => port.inbox(INPUT_WRITTEN, flight, ok ? 1 : 0);
var answered = (port, flight, bits, grant2) => port.inbox(INPUT_ANSWERED, flight, bits, grant2);

// src/web/port/origins.js
var OWN = 1;
var ALLOWED = 0;
var FOREIGN = -1;
var SLASH = 47;
var LOWER_CASE = 32;
var BEFORE_A = 96;
var AFTER_Z = 123;
var base;
var baseOrigin = "";
function covers({ origins, ownOrigin, refresh: refresh3 }, url) {
  const { tail } = refresh3;
  if (tail === void 0 || !url.endsWith(tail)) {
    const second = url.charCodeAt(1) | LOWER_CASE;
    if (url.charCodeAt(0) === SLASH && second > BEFORE_A && second < AFTER_Z) {
      moved();
      if (!origins.includes(baseOrigin)) return FOREIGN;
      return baseOrigin === ownOrigin ? OWN : ALLOWED;
    }
    for (let i = 0; i < origins.length; i++) {
      const origin = (
        /** @type {string} */
        origins[i]
      );
      if (url.charCodeAt(origin.length) === SLASH && url.slice(0, origin.length) === origin) {
        return origin === ownOrigin ? OWN : ALLOWED;
      }
    }
  }
  try {
    moved();
    const { href } = new URL(url, base);
    const origin = origins.find((allowed) => href.startsWith(`${allowed}/`));
    if (origin !== void 0 && href !== refresh3.url) return origin === ownOrigin ? OWN : ALLOWED;
  } catch {
  }
  return FOREIGN;
}
function moved() {
  const at = page();
  if (at === base) return;
  base = at;
  baseOrigin = at !== void 0 && /^http/.test(at) ? new URL(at).origin : "";
}
function confine(lower, whose, init, redirect) {
  if (lower === "authorization") return;
  if (whose === OWN) init.mode = "same-origin";
  else if ((init.redirect ?? redirect) !== "manual") init.redirect = "error";
}

// src/web/port/reply.js
var FORBIDDEN = 403;
var UNAUTHORIZED = 401;
function route(method, url) {
  const [path] = url.split(/[?#]/);
  return Math.imul(hash(method + path), ROUTE);
}
function verdict({ isChallenge }, response, url, base2) {
  const { status } = response;
  const challenge = status !== FORBIDDEN && (status === UNAUTHORIZED || isChallenge?.(response));
  if (!challenge && status !== FORBIDDEN) return;
  const left = response.redirected && new URL(response.url).origin !== new URL(url, base2).origin;
  const asks = response.headers.get("www-authenticate");
  return {
    bits: (challenge ? REPLY_CHALLENGE : 0) | (left ? REPLY_LEFT_ORIGIN : 0),
    // Header values have a character for each byte.
    asks: asks ? Uint8Array.from(asks, (c) => c.charCodeAt(0)) : void 0
  };
}

// src/web/port/tokens.js
var VERSION = 1;
var RECORD_MAX = 1e6;
var JWT_MAX = 16384;
var text = (value) => typeof value === "string" && value.trim() ? value : void 0;
var token = (value) => typeof value === "string" && value.length <= TOKEN_MAX && /^[!-~][ -~]*$/.test(value) ? value : void 0;
function subject(tokens) {
  for (const token3 of tokens) {
    const { iss, sub } = own(claims(token3));
    if (sub) return hash(JSON.stringify([iss, sub])) >>> 0;
  }
  return 0;
}
function grant(given, refresh3, expiresIn, idTokens = [], status = 0, retryAfter = NaN, retryAt = NaN, date2 = NaN) {
  const access3 = refresh3?.length > TOKEN_MAX ? void 0 : token(given);
  const lifetime = typeof expiresIn === "string" && expiresIn.trim() ? +expiresIn : number(expiresIn);
  const { iat, exp } = own(claims(access3));
  return {
    [GRANT_ACCESS]: access3,
    [GRANT_REFRESH]: text(refresh3),
    [GRANT_EXPIRES_IN]: lifetime,
    [GRANT_ISSUED_AT]: number(iat),
    [GRANT_EXPIRES]: number(exp),
    [GRANT_STATUS]: status,
    [GRANT_RETRY_AFTER]: retryAfter,
    [GRANT_RETRY_AT]: retryAt,
    [GRANT_DATE]: date2,
    [GRANT_SUBJECT]: subject([access3, ...idTokens])
  };
}
function claims(token3) {
  const parts = typeof token3 === "string" && token3.length <= JWT_MAX ? token3.split(".") : [];
  if (parts.length !== 3) return;
  try {
    const bytes = atob(parts[1].replace(/-/g, "+").replace(/_/g, "/"));
    const value = json(new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0))));
    return isObject(value) ? value : void 0;
  } catch {
  }
}
function record(raw) {
  const given = raw.length > RECORD_MAX ? 0 : json(raw);
  if (!isObject(given)) return;
  const { v, epoch, generation, accessToken, refreshToken, obtainedAt, lifetime, subject: stored2 } = own(given);
  const [access3, refresh3] = [token(accessToken), text(refreshToken)];
  if (v !== VERSION || !(number(epoch) >= 0 && number(generation) >= 0 && (access3 || refresh3))) return;
  return {
    [RECORD_EPOCH]: epoch,
    [RECORD_GENERATION]: generation,
    [RECORD_OBTAINED_AT]: number(obtainedAt) || 0,
    [RECORD_LIFETIME]: lifetime >= 0 ? number(lifetime) : NaN,
    [RECORD_ACCESS]: access3,
    [RECORD_REFRESH]: refresh3,
    // What the token says counts: an older version knows no subject, and leaves none.
    [RECORD_SUBJECT]: subject([access3]) || number(stored2) || 0
  };
}
function stored(row, before) {
  const kept = own(
    /** @type {any} */
    json(before ?? "")
  );
  return JSON.stringify({
    ...kept.epoch === row[RECORD_EPOCH] ? kept : null,
    v: VERSION,
    epoch: row[RECORD_EPOCH],
    generation: row[RECORD_GENERATION],
    accessToken: row[RECORD_ACCESS] ?? null,
    refreshToken: row[RECORD_REFRESH] ?? null,
    obtainedAt: row[RECORD_OBTAINED_AT],
    lifetime: row[RECORD_LIFETIME] < 0 ? null : row[RECORD_LIFETIME],
    subject: row[RECORD_SUBJECT] || void 0
  });
}
var epochOf = (raw) => record(raw ?? "")?.[RECORD_EPOCH] ?? NaN;

// src/web/port/store.js
var NOBODY = 0;
function look(port, now, heir) {
  const { web, key } = port.options;
  if (!web || now && now === port.lookedAt) return;
  port.lookedAt = now;
  let raw;
  try {
    raw = web.getItem(key);
  } catch {
    return;
  }
  if (raw !== port.last || heir !== void 0 && raw !== heir) report(port, NOBODY, raw, heir);
}
function changed(port, { storageArea, key, oldValue, newValue }) {
  const { options } = port;
  if (!options.web || storageArea !== options.web || key !== null && key !== options.key) return;
  replaced(port, epochOf(oldValue), epochOf(newValue));
  look(port, void 0, newValue);
}
function report(port, flight, raw, heir = port.last, input = INPUT_STORED) {
  port.heir = heir;
  port.last = raw ?? null;
  const row = port.last !== null && record(port.last);
  looked(
    port,
    input,
    flight,
    row ? FOUND_RECORD : row === false ? FOUND_ABSENT : FOUND_UNREADABLE,
    row
  );
}
function read(port, flight) {
  const { web, store, key } = port.options;
  const unavailable = () => looked(port, INPUT_STORED, flight, FOUND_UNAVAILABLE);
  if (store) return busy(port, store.get()).then((raw2) => report(port, flight, raw2), unavailable);
  if (!web) {
    return port.options.storage === "memory" && !flight ? report(port, NOBODY, null) : unavailable();
  }
  let raw;
  try {
    raw = web.getItem(key);
  } catch {
    return unavailable();
  }
  report(port, flight, raw);
}
function restore(port, flight, _, row) {
  const heir = row ? stored(row, null) : port.heir;
  put(port, heir, () => report(port, flight, heir, heir, INPUT_RESTORED));
}
function write(port, flight, _, row) {
  put(port, stored(row, port.last), (ok) => written(port, flight, ok));
}
function remove(port) {
  put(port, null);
}
function put(port, raw, done = ignore) {
  const { web, store, key } = port.options;
  if (store) {
    port.last = raw;
    return void busy(port, raw === null ? store.remove() : store.set(raw)).then(
      () => done(true),
      () => done(false)
    );
  }
  let ok = true;
  try {
    if (raw === null) {
      port.last = null;
      web?.removeItem(key);
    } else {
      web?.setItem(key, raw);
      port.last = raw;
    }
  } catch {
    ok = false;
  }
  done(ok);
}
function busy(port, operation) {
  port.queue = operation.catch(ignore);
  return operation;
}

// src/web/port/calls.js
var VALIDITY_MAX_MS = 4e9;
var entry = (signal, url, input, init, whose = FOREIGN, headers, got) => ({
  signal,
  url,
  input,
  init,
  whose,
  headers,
  got,
  /** @type {any} */
  body: void 0,
  /** @type {(value: any) => void} */
  resolve: ignore,
  /** @type {(reason: unknown) => void} */
  reject: ignore,
  /** @type {(() => void) | undefined} */
  listener: void 0
});
async function fetch(port, input, init, request) {
  const { options } = port;
  const { skip, fetch: fetch2, lower, store } = options;
  look(port);
  if (!request && (skip?.(input, init) || covers(options, `${input?.url ?? input}`) === FOREIGN)) {
    return fetch2.call(void 0, input, init);
  }
  const plain = isPlain(init ?? {});
  const copy = plain ? { ...init } : {};
  request ??= new Request(input, plain ? copy : init);
  const { headers, url } = request;
  const whose = covers(options, url);
  const named = plain && (typeof input === "string" || is(input, "URL"));
  const signal = named ? copy.signal : request.signal;
  const call = entry(signal, url, named ? url : request, copy, whose, headers);
  const ours = whose !== FOREIGN && request.mode !== "no-cors" && !headers.has(lower) && !signal?.aborted;
  const body = copy.body ?? (!named && !/^(GET|HEAD)$/.test(request.method));
  const once = body && typeof body !== "string" && !is(body, "Blob") && takeBody(call, request, copy, ours);
  copy.headers = headers;
  if (call.input === request) {
    copy.referrer = request.referrer;
    copy.referrerPolicy = request.referrerPolicy;
  }
  if (!ours) return fetch2.call(
    void 0,
    /** @type {RequestInfo} */
    call.input,
    copy
  );
  if (store) await store.seek(signal);
  return enter(port, opened(port, !once), call);
}
async function token2(port, minValidity, signal) {
  look(port);
  await port.options.store?.seek(signal);
  if (signal?.aborted) throw signal.reason;
  return enter(port, tokenWanted(port, Math.min(minValidity * 1e3, VALIDITY_MAX_MS)), entry(signal));
}
async function refresh(port) {
  look(port);
  await port.options.store?.seek();
  return enter(port, refreshWanted(port), entry(void 0));
}
var routeOf = ({ input, init, url }) => route(input.method ?? init.method, url);
function enter(port, id, call) {
  if (id === FULL) {
    return call.got ? Promise.resolve(call.got) : Promise.reject(port.options.makeError(CODE_QUEUE_FULL));
  }
  const promise = new Promise((resolve, reject) => {
    call.resolve = resolve;
    call.reject = reject;
  });
  port.calls.set(id, call);
  return promise;
}
function send(port, id, _, access3) {
  const call = port.calls.get(id);
  const { header, prefix, lower } = port.options;
  unwatch(call);
  call.got?.body?.cancel().catch(ignore);
  call.got = void 0;
  const { init, headers } = call;
  const value = access3 && prefix + access3;
  if (!headers) {
    init.headers = { ...init.headers, [header]: value };
    if (!access3) delete init.headers[header];
  } else {
    if (access3) headers.set(header, value);
    else headers.delete(header);
    init.headers = headers;
  }
  if (access3) confine(lower, call.whose, init, call.input.redirect);
  const rejected2 = (error) => {
    call.got = error;
    rejected(port, id);
  };
  go(port, call).then((response) => {
    let said;
    try {
      said = verdict(port.options, response, call.url);
    } catch (error) {
      return rejected2(error);
    }
    call.got = response;
    if (said) port.options.store?.look();
    responded(port, id, said, routeOf(call));
  }, rejected2);
}
async function go({ options }, call) {
  const { input, init, body } = call;
  if (body === true) {
    call.input = input.clone();
  } else if (body) {
    const bytes = await body;
    call.body = void 0;
    if (input.bodyUsed !== false) init.body = bytes;
  }
  return options.hops ? options.hops(options, input, init) : options.fetch.call(void 0, input, init);
}
function wait(port, id) {
  const call = port.calls.get(id);
  if (!call.signal) return;
  call.listener = () => aborted(port, id);
  if (call.signal.aborted) call.listener();
  else call.signal.addEventListener("abort", call.listener);
}
function unwatch(call) {
  if (call.listener) call.signal?.removeEventListener("abort", call.listener);
  call.listener = void 0;
}
function settle(port, id, outcome, value) {
  const call = port.calls.get(id);
  port.calls.delete(id);
  unwatch(call);
  if (outcome === OUTCOME_RESPONSE) call.resolve(call.got);
  else if (outcome === OUTCOME_FAILURE) call.reject(call.got);
  else if (outcome === OUTCOME_ABORTED) call.reject(call.signal.reason);
  else if (outcome === OUTCOME_VALUE) call.resolve(value);
  else call.reject(port.options.makeError(outcome - OUTCOME_ERROR, port.cause));
}

// src/web/port/events.js
var QUOTES = /^"|"$|\\(.)/g;
function dispatch({ options, calls, told }, id, event, row) {
  const { names, onEvent = ignore } = options;
  const [type, ...figures] = EVENTS[event];
  const detail = {};
  figures.forEach((name, place) => {
    detail[name] = /** @type {any} */
    names[`${name}s`]?.[row[place]] ?? row[place];
  });
  if (id) {
    const call = calls.get(id);
    detail.url = call.url;
    if (event === EVENT_STEP_UP) stepUp(detail, call.got.headers.get("www-authenticate"));
  }
  if (event === EVENT_HELD) detail.sent = !!detail.sent;
  if (event === EVENT_EXPIRED) detail.code = "session_expired";
  if (event === EVENT_FAILED) {
    detail.message = names.messages[names.codes.indexOf(detail.code)];
    if (false) detail.message += `: ${told}`;
  }
  try {
    onEvent(type, detail);
  } catch {
  }
}
function stepUp(detail, challenge) {
  for (const name of ["error", "scope", "acrValues", "maxAge"]) {
    const [begin, length] = [detail[name] / PLACE, detail[name] % PLACE];
    detail[name] = challenge.substr(begin, length).replace(QUOTES, "$1") || null;
  }
  detail.maxAge = /^\d+$/.test(detail.maxAge) ? Number(detail.maxAge) : null;
}

// src/web/port/lock.js
var marks = () => Promise.resolve().then(() => (init_mark(), mark_exports));
function lock(port, flight) {
  const { key, lease: lease2, web } = port.options;
  if (web) marks().catch(ignore);
  const own2 = { flight, release: ignore };
  port.lock = own2;
  const granted = () => port.lock === own2 && locked(port, flight);
  const locks = globalThis.navigator?.locks;
  if (lease2) {
    own2.release = lease2(port.options, granted);
  } else if (locks) {
    const controller = new AbortController();
    const held = new Promise((resolve) => {
      own2.release = () => {
        resolve();
        controller.abort();
      };
    });
    locks.request(`relatch:${key}`, { signal: controller.signal }, () => {
      granted();
      return held;
    }).catch(granted);
  } else {
    granted();
  }
}
function unlock(port, flight, after) {
  if (port.lock?.flight !== flight) return;
  const { release } = port.lock;
  port.lock = void 0;
  if (!after) return release();
  setTimeout(release, after);
  port.marked?.then(release, ignore);
}
function readMark(port, flight, epoch) {
  const { key, web } = port.options;
  const read3 = (generation) => marked(port, flight, generation);
  if (!web) return void read3(0);
  marks().then((mark) => mark.read(key, epoch)).catch(() => 0).then(read3);
}
function leaveMark(port, epoch, generation) {
  const { key, web } = port.options;
  if (!web) return;
  port.marked = marks().then((mark) => mark.raise(key, epoch, generation));
  port.marked.catch(ignore);
}

// src/web/port/refresher.js
var DATE = /^(\w{3}, \d\d \w{3} \d{4}|\w+day, \d\d-\w{3}-\d\d) [\d:]{8} GMT$|^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}$/;
var date = (text2) => DATE.test(text2) ? Date.parse(text2.replace(/\d{4}$/, "$& GMT")) : NaN;
function abortRefresh(port, flight) {
  if (port.refresh?.flight !== flight) return;
  port.refresh.controller.abort();
  port.refresh = void 0;
}
function takeLate(port, flight, sent) {
  const { late } = port;
  if (late?.sent !== sent) return false;
  port.late = void 0;
  answered(port, flight, 0, late.row);
  return true;
}
async function refresh2(port, flight, reason, refreshToken) {
  if (takeLate(port, flight, refreshToken)) return;
  const { refresh: refresh3, fetch: fetch2, names } = port.options;
  const controller = new AbortController();
  const { signal } = controller;
  port.refresh = { flight, controller };
  port.cause = void 0;
  if (false) port.told = void 0;
  let bits = 0;
  let row;
  try {
    if (typeof refresh3 !== "function") {
      [bits, row] = await post(port, refresh3, refreshToken, signal);
    } else {
      const tokens = await refresh3({
        refreshToken,
        fetch: (...call) => fetch2.apply(
          void 0,
          /** @type {any} */
          call
        ),
        signal,
        reason: (
          /** @type {any} */
          names.reasons[reason]
        )
      });
      const {
        accessToken,
        refreshToken: next2,
        expiresIn,
        idToken
      } = (
        /** @type {any} */
        {
          __proto__: null,
          ...tokens
        }
      );
      bits = tokens === null ? ANSWER_ASKED | ANSWER_TERMINAL : ANSWER_ASKED;
      row = grant(accessToken, next2, expiresIn, [idToken]);
      if (false) port.told = port.options.explain?.({ hasToken: !!row[GRANT_ACCESS], refresh: refresh3, tokens });
    }
  } catch (error) {
    port.cause = error;
    if (false) port.told = port.options.explain?.({ hasToken: false, refresh: refresh3, error });
  }
  row ??= grant(void 0, void 0, void 0);
  const { [GRANT_ACCESS]: access3, [GRANT_REFRESH]: next } = row;
  if (port.refresh?.flight === flight) {
    port.refresh = void 0;
    if (!access3 && takeLate(port, flight, refreshToken)) return;
    port.late = void 0;
    answered(port, flight, bits, row);
  } else if (access3) {
    port.late = { sent: refreshToken, row };
    const isHeld = record(`${port.last}`)?.[RECORD_REFRESH] === refreshToken;
    if (isHeld && !port.refresh) {
      refresh(port).catch(() => {
        if (!next) port.late = void 0;
      });
    }
  }
}
function ask({ form, send: send2, clientId, extra, headers: more }, refreshToken) {
  const fields = {
    ...form && { grant_type: "refresh_token", client_id: clientId },
    [
      /** @type {string} */
      send2
    ]: refreshToken,
    ...extra
  };
  if (form && clientId === void 0) delete fields.client_id;
  const headers = new Headers(
    /** @type {any} */
    more
  );
  if (!form && !headers.has("content-type")) headers.set("content-type", "application/json");
  return { method: "POST", headers, body: form ? new URLSearchParams(fields) : JSON.stringify(fields) };
}
async function post(port, refresh3, refreshToken, signal) {
  const { fetch: fetch2, described } = port.options;
  const { method, headers, body: content } = await (described ? described.ask : ask)(refresh3, refreshToken);
  if (!headers.has("accept")) headers.set("accept", "application/json");
  const response = await fetch2.call(
    void 0,
    refresh3.url,
    /** @type {RequestInit} */
    {
      __proto__: null,
      method,
      headers,
      body: content,
      credentials: refresh3.credentials,
      cache: "no-store",
      // The refresh token must not follow a redirect.
      redirect: "error",
      // Everybody waits for it, some in front of it for a connection.
      priority: "high",
      signal
    }
  );
  const { status, ok } = response;
  const text2 = await response.text();
  const body = json(text2);
  const retryAfter = `${response.headers.get("retry-after")}`;
  const at = date(`${response.headers.get("date")}`);
  const { places } = refresh3;
  const [access3, next, lifetime] = ok ? described?.read(places, response, text2, at) ?? places.map((path) => pick(
    body,
    /** @type {string} */
    path
  )) : [];
  const idTokens = [pick(body, `${places[0]}`.replace(/access/i, "id")), pick(body, "id_token")];
  const after = /^\d+$/.test(retryAfter) ? +retryAfter : NaN;
  const row = grant(access3, next, lifetime, idTokens, status, after, date(retryAfter), at);
  if (false) {
    port.told = port.options.explain?.({ hasToken: !!row[GRANT_ACCESS], refresh: refresh3, response, body, text: text2 });
  }
  let bits = isObject(body) && Object.keys(body).length > 0 ? ANSWER_WELL_FORMED : 0;
  if (bits && pick(body, "error") === "invalid_grant") bits |= ANSWER_INVALID_GRANT;
  if (!text2) bits |= ANSWER_EMPTY;
  if (!row[GRANT_ACCESS]) {
    port.cause = new Error(`the authorization server answered ${status} without an access token`);
    if (refresh3.terminal) {
      bits |= ANSWER_ASKED;
      try {
        if (refresh3.terminal({ status, body })) bits |= ANSWER_TERMINAL;
      } catch {
      }
    }
  }
  return [bits, row];
}

// src/web/port/dispatch.js
var TIMER_MAX_MS = 2 ** 31 - 1;
function arm(port, _, ms) {
  clearTimeout(port.timer);
  if (ms >= 0) port.timer = setTimeout(() => timerFired(port), Math.min(ms, TIMER_MAX_MS));
}
function schedule(port) {
  queueMicrotask(() => scheduled(port));
}
function access(port, _, _n, access3) {
  port.access = access3;
}
var HANDLERS = {
  [EFFECT_SEND]: send,
  [EFFECT_WAIT]: wait,
  [EFFECT_SETTLE]: settle,
  [EFFECT_LOCK]: lock,
  [EFFECT_UNLOCK]: unlock,
  [EFFECT_READ_MARK]: readMark,
  [EFFECT_MARK]: leaveMark,
  [EFFECT_READ]: read,
  [EFFECT_REFRESH]: refresh2,
  [EFFECT_ABORT_REFRESH]: abortRefresh,
  [EFFECT_WRITE]: write,
  [EFFECT_REMOVE]: remove,
  [EFFECT_RESTORE]: restore,
  [EFFECT_DISPATCH]: dispatch,
  [EFFECT_ARM]: arm,
  [EFFECT_SCHEDULE]: schedule,
  [EFFECT_ACCESS]: access
};
function act(port, effect, subject2, n, value) {
  HANDLERS[effect](port, subject2, n, value);
}

// src/web/port/tab.js
var ANSWER_MS = 500;
var HELD = /* @__PURE__ */ new Set();
var draw = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
async function alone({ web, key }) {
  const locks = globalThis.navigator?.locks;
  if (!web || !locks) return;
  const place = `${key}:tab`;
  const [question, answer] = [`${place}?`, `${place}!`];
  const page2 = document;
  if (page2.prerendering)
    await new Promise((shown2) => page2.addEventListener("prerenderingchange", shown2, { once: true }));
  let release = ignore;
  const hold = (id, signal) => new Promise((granted, refused) => {
    locks.request(
      `relatch:${place}:${id}`,
      /** @type {any} */
      { __proto__: null, ...signal && { signal } },
      () => {
        granted(void 0);
        return new Promise((done) => {
          release = () => done(void 0);
        });
      }
    ).catch(refused);
  });
  const live = (id) => {
    HELD.add(id);
    addEventListener("storage", ({ storageArea, key: name, newValue }) => {
      if (storageArea === web && name === question && newValue) web.setItem(answer, newValue);
    });
    addEventListener("pagehide", () => release());
    addEventListener("pageshow", ({ persisted }) => persisted && hold(id).catch(ignore));
  };
  const begin = () => {
    const id = draw();
    web.setItem(place, id);
    live(id);
    hold(id).catch(ignore);
  };
  try {
    const id = web.getItem(place);
    const copied = web.getItem(key);
    if (id === null) return begin();
    if (HELD.has(id)) return;
    const controller = new AbortController();
    const mine = hold(id, controller.signal);
    const nonce = draw();
    const isShared = await new Promise((decide) => {
      mine.then(() => decide(true), ignore);
      addEventListener("storage", ({ newValue }) => newValue === nonce && decide(true));
      web.setItem(question, nonce);
      setTimeout(() => decide(false), ANSWER_MS);
    });
    web.removeItem(question);
    web.removeItem(answer);
    if (isShared) return live(id);
    controller.abort();
    if (web.getItem(key) === copied) web.removeItem(key);
    begin();
  } catch {
  }
}

// src/web/port/gate.js
function gate(options) {
  const { web } = options;
  if (!web) return;
  let written2 = null;
  options.web = /** @type {any} */
  {
    __proto__: null,
    getItem: () => written2,
    setItem(key, raw) {
      web.setItem(key, raw);
      written2 = raw;
    },
    removeItem(key) {
      written2 = null;
      web.removeItem(key);
    }
  };
  options.gate = alone({ ...options, web }).then(() => {
    options.web = web;
    options.gate = void 0;
  });
}
function act2(port, effect, subject2, n, value) {
  const { gate: gate2 } = port.options;
  if (!gate2 || effect !== EFFECT_READ) return act(port, effect, subject2, n, value);
  port.queue = gate2.then(() => act(port, effect, subject2, n, value)).catch(ignore);
}

// src/web/port/lease.js
var SETTLE_MS = 100;
var POLL_MS = 250;
var BEAT_MS = 1e3;
var DEAD_MS = 5e3;
var GAP_MS = 1500;
function lease({ web: store, key, refreshTimeoutMs }, granted) {
  const name = `${key}:lease`;
  const own2 = `${crypto.getRandomValues(new Uint32Array(2)).join("")} `;
  const span = refreshTimeoutMs || REFRESH_TIMEOUT_DEFAULT_MS;
  const now = () => performance.now();
  let state = look2;
  let beats = 0;
  let last;
  let quiet = 0;
  let looked2 = 0;
  let written2 = 0;
  let until = 0;
  let timer;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => step();
  const arm2 = (ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => port2.postMessage(0), ms);
  };
  const write2 = (word) => {
    written2 = now();
    store.setItem(name, `${own2}${word} ${++beats}`);
  };
  const isOwn = () => !!store.getItem(name)?.startsWith(own2);
  function look2() {
    const value = store.getItem(name);
    const at = now();
    if (value !== last) quiet = 0;
    else quiet += Math.min(at - looked2, GAP_MS);
    last = value;
    looked2 = at;
    if (value !== null && quiet < DEAD_MS) return arm2(POLL_MS);
    write2("claim");
    state = confirm;
    arm2(SETTLE_MS);
  }
  function confirm() {
    const left = SETTLE_MS - (now() - written2);
    if (left > 0) return arm2(left);
    if (!isOwn()) {
      state = look2;
      return look2();
    }
    state = hold;
    until = now() + span;
    hold();
    granted();
  }
  function hold() {
    const value = store.getItem(name);
    const isMistaken = value?.includes(" claim ") && now() - written2 < DEAD_MS;
    if (now() > until || !(isOwn() || isMistaken)) return;
    write2("hold");
    arm2(BEAT_MS);
  }
  function step() {
    try {
      state?.();
    } catch {
      const waits = state !== hold;
      release();
      if (waits) granted();
    }
  }
  const changed2 = (event) => {
    if (event.key !== name || state === confirm) return;
    step();
  };
  function release() {
    if (!state) return;
    state = void 0;
    clearTimeout(timer);
    port1.close();
    removeEventListener("storage", changed2);
    removeEventListener("pagehide", release);
    try {
      if (isOwn()) store.removeItem(name);
    } catch {
    }
  }
  addEventListener("storage", changed2);
  addEventListener("pagehide", release);
  arm2(0);
  return release;
}

// src/web/port/own.js
var LIMIT_MS = 5e3;
var AGAIN_MS = 1e3;
var AGAIN_MAX_MS = 6e4;
var SEEK_MS = 1e3;
var LATE = /* @__PURE__ */ Symbol("late");
function steady({ store, key, refreshTimeoutMs }) {
  const limit = Math.min(refreshTimeoutMs || REFRESH_TIMEOUT_DEFAULT_MS, LIMIT_MS);
  let before = Promise.resolve();
  let wanted;
  let isOwed = false;
  let bases = [];
  let seen;
  let wait2 = AGAIN_MS;
  let timer;
  let changed2 = ignore;
  let soughtAt = -SEEK_MS;
  let sought;
  let isUntold = false;
  let isLooking = false;
  const bounded = (operation, late = ignore) => new Promise((resolve, reject) => {
    let isOver = false;
    const over = setTimeout(() => {
      isOver = true;
      again();
      reject(LATE);
    }, limit);
    new Promise((done) => done(operation())).then(resolve, reject).then(() => isOver ? late() : clearTimeout(over));
  });
  function queue(operation) {
    const result = before.then(operation);
    before = result.catch(ignore);
    return result;
  }
  function again() {
    clearTimeout(timer);
    timer = setTimeout(() => get().then(changed2, ignore), wait2);
    timer.unref?.();
    wait2 = Math.min(wait2 * 2, AGAIN_MAX_MS);
  }
  const put2 = (raw) => bounded(
    () => raw === null ? store.remove(key) : store.set(key, raw),
    () => {
      if (raw !== wanted) {
        isOwed = true;
        bases.push(raw);
      }
      changed2();
    }
  );
  async function look2() {
    seen = await bounded(
      () => store.get(key),
      () => changed2()
    ) ?? null;
    wait2 = AGAIN_MS;
    return seen;
  }
  function get() {
    if (isUntold) {
      isUntold = false;
      return Promise.reject(LATE);
    }
    return queue(async () => {
      const raw = await look2();
      if (!isOwed) return raw;
      if (raw !== wanted && (bases.includes(raw) || bases.includes(void 0))) {
        await put2(
          /** @type {any} */
          wanted
        );
        seen = wanted;
      }
      isOwed = false;
      bases = [];
      return seen;
    });
  }
  const write2 = (raw) => queue(async () => {
    wanted = raw;
    try {
      await put2(raw);
    } catch (error) {
      if (error !== LATE) throw error;
      isOwed = true;
      bases.push(seen);
      setTimeout(() => {
        isUntold = true;
        changed2();
      });
      return;
    }
    isOwed = false;
    seen = raw;
  });
  return {
    get,
    set: write2,
    remove: () => write2(null),
    /** @param {() => any} tell of changes by others, and of what came late; it gives when the session knows */
    subscribe(tell) {
      changed2 = tell;
      return store.subscribe?.(key, () => changed2());
    },
    /**
     * S7: nobody is signed in, and a store that tells of no change may know better.
     * @param {AbortSignal | null} [signal]
     */
    async seek(signal) {
      if (store.subscribe || seen !== null) return;
      const now = performance.now();
      if (now - soughtAt >= SEEK_MS) {
        soughtAt = now;
        sought = changed2();
      }
      await new Promise((done) => {
        signal?.addEventListener("abort", done);
        sought.then(done);
      });
    },
    /** G10: at each 401. */
    async look() {
      if (store.subscribe || isLooking) return;
      isLooking = true;
      await changed2();
      isLooking = false;
    }
  };
}

// src/web/port/clock.js
var shown;
function clock() {
  if (
    /** @type {any} */
    globalThis.document?.prerendering
  ) return 0;
  shown ??= /** @type {any} */
  performance.getEntriesByType?.("navigation")[0]?.activationStart ?? 0;
  return performance.now() - /** @type {number} */
  shown;
}

// src/web/port/port.js
function createPort(options, inbox) {
  const port = {
    options,
    inbox,
    /** @type {Map<number, any>} calls under way */
    calls: /* @__PURE__ */ new Map(),
    /** @type {{ flight: number, release: () => void } | undefined} asked for or held */
    lock: void 0,
    /** @type {Promise<void> | undefined} the latest mark is stored */
    marked: void 0,
    /** @type {{ flight: number, controller: AbortController } | undefined} the token call under way */
    refresh: void 0,
    /** @type {{ sent: string, row: any } | undefined} an answer that nobody waited for any more (G7) */
    late: void 0,
    /** @type {unknown} why the latest refresh failed */
    cause: void 0,
    /** @type {string | undefined} the same for developers, in the development build */
    told: void 0,
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    timer: void 0,
    /** @type {string | undefined} on its way to who asked for it */
    access: void 0,
    /** @type {string | null} what was read or written last, to tell others' changes from one's own */
    last: null,
    /** @type {string | null} what may be put back over what was read last */
    heir: null,
    /** @type {number | undefined} the millisecond of the latest look */
    lookedAt: void 0,
    /** @type {Promise<any>} the own store's operations */
    queue: Promise.resolve(),
    /** Ends the listening to the page. */
    leave: () => {
    }
  };
  const listeners = [
    [globalThis, "online", () => wake(port, true)],
    [globalThis.document, "visibilitychange", () => wake(port, false)],
    [globalThis, "pagehide", () => leaving(port)],
    // From the back/forward cache; another page that is shown for the first time has not asked for anything yet.
    [globalThis, "pageshow", ({ persisted }) => persisted && wake(port, false)],
    [globalThis, "storage", (event) => changed(port, event)]
  ];
  for (const [target, type, listener] of listeners) target?.addEventListener?.(type, listener);
  const unsubscribe = options.store?.subscribe(() => read(port, 0));
  port.leave = () => {
    unsubscribe?.();
    for (const [target, type, listener] of listeners) target?.removeEventListener?.(type, listener);
  };
  return port;
}
function wake(port, online) {
  look(port);
  if (online || globalThis.document?.visibilityState === "visible") woken(port, online);
}
var ports = { create: createPort, clock };

// src/web/port/session.js
async function setTokens(port, access3, refresh3, expiresIn, idToken) {
  const row = grant(access3, refresh3, expiresIn, [idToken]);
  if (!row[GRANT_ACCESS]) throw port.options.makeError(CODE_INVALID_OPTION);
  signedIn(port, row);
  await port.queue;
}
async function clear(port) {
  signedOut(port);
  await port.queue;
}
function close(port) {
  port.leave();
  if (!port.options.refresh.url) port.refresh?.controller.abort();
  closed(port);
}
function listen(port, singleCalls) {
  listening(port, singleCalls);
}
function access2(port) {
  look(port);
  accessAsked(port);
  const { access: access3 } = port;
  port.access = void 0;
  return access3;
}
var claims2 = (port) => claims(access2(port));
export {
  act2 as act,
  claims2 as claims,
  clear,
  close,
  fetch,
  gate,
  lease,
  listen,
  look,
  page,
  ports,
  refresh,
  setTokens,
  steady,
  token2 as token
};
