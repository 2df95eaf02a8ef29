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

// src/web/port/values.js
function hash(text3) {
  let hash2 = 0;
  for (const c of text3) hash2 = Math.imul(hash2, 16777619) + c.charCodeAt(0);
  return hash2;
}
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
var ignore, page, is, isPlain, isObject, own, number;
var init_values = __esm({
  "src/web/port/values.js"() {
    "use strict";
    ignore = () => {
    };
    page = () => globalThis.document?.baseURI ?? globalThis.location?.href;
    is = (value, name) => {
      const type = (
        /** @type {any} */
        globalThis[name]
      );
      return typeof type === "function" && value instanceof type;
    };
    isPlain = (value) => {
      const prototype = Object.getPrototypeOf(value);
      return prototype === Object.prototype || prototype === null;
    };
    isObject = (value) => typeof value === "object" && value !== null;
    own = (given) => (
      /** @type {any} */
      { __proto__: null, .../** @type {any} */
      given }
    );
    number = (value) => typeof value === "number" ? value : NaN;
  }
});

// src/web/port/wire.js
var INPUT_OPEN, INPUT_TOKEN, INPUT_REFRESH, INPUT_ACCESS, INPUT_RESPONDED, INPUT_REJECTED, INPUT_ABORTED, INPUT_LOCKED, INPUT_TIMER, INPUT_SCHEDULED, INPUT_WOKEN, INPUT_LEAVING, INPUT_LISTENING, INPUT_SET_TOKENS, INPUT_CLEAR, INPUT_CLOSE, INPUT_STORED, INPUT_RESTORED, INPUT_REPLACED, INPUT_WRITTEN, INPUT_MARKED, INPUT_ANSWERED, EFFECT_SEND, EFFECT_WAIT, EFFECT_SETTLE, EFFECT_LOCK, EFFECT_UNLOCK, EFFECT_READ_MARK, EFFECT_MARK, EFFECT_READ, EFFECT_REFRESH, EFFECT_ABORT_REFRESH, EFFECT_WRITE, EFFECT_REMOVE, EFFECT_RESTORE, EFFECT_DISPATCH, EFFECT_ARM, EFFECT_SCHEDULE, EFFECT_ACCESS, OUTCOME_RESPONSE, OUTCOME_FAILURE, OUTCOME_ABORTED, OUTCOME_VALUE, OUTCOME_ERROR, FOUND_RECORD, FOUND_ABSENT, FOUND_UNREADABLE, FOUND_UNAVAILABLE, GRANT_ACCESS, GRANT_REFRESH, GRANT_EXPIRES_IN, GRANT_ISSUED_AT, GRANT_EXPIRES, GRANT_STATUS, GRANT_RETRY_AFTER, GRANT_RETRY_AT, GRANT_DATE, GRANT_SUBJECT, RECORD_EPOCH, RECORD_GENERATION, RECORD_OBTAINED_AT, RECORD_LIFETIME, RECORD_ACCESS, RECORD_REFRESH, RECORD_SUBJECT, REPLACED_BEFORE, REPLACED_AFTER, EVENT_HELD, EVENT_EXPIRED, EVENT_FAILED, EVENT_STEP_UP, CODE_INVALID_OPTION, CODE_QUEUE_FULL, REPLY_CHALLENGE, REPLY_LEFT_ORIGIN, ANSWER_WELL_FORMED, ANSWER_INVALID_GRANT, ANSWER_ASKED, ANSWER_TERMINAL, ANSWER_EMPTY, FULL, ROUTE, PLACE, TOKEN_MAX, REFRESH_TIMEOUT_DEFAULT_MS, EVENTS;
var init_wire = __esm({
  "src/web/port/wire.js"() {
    "use strict";
    INPUT_OPEN = 0;
    INPUT_TOKEN = 2;
    INPUT_REFRESH = 3;
    INPUT_ACCESS = 5;
    INPUT_RESPONDED = 6;
    INPUT_REJECTED = 7;
    INPUT_ABORTED = 8;
    INPUT_LOCKED = 9;
    INPUT_TIMER = 10;
    INPUT_SCHEDULED = 11;
    INPUT_WOKEN = 12;
    INPUT_LEAVING = 13;
    INPUT_LISTENING = 15;
    INPUT_SET_TOKENS = 16;
    INPUT_CLEAR = 17;
    INPUT_CLOSE = 18;
    INPUT_STORED = 19;
    INPUT_RESTORED = 20;
    INPUT_REPLACED = 21;
    INPUT_WRITTEN = 22;
    INPUT_MARKED = 23;
    INPUT_ANSWERED = 24;
    EFFECT_SEND = 0;
    EFFECT_WAIT = 1;
    EFFECT_SETTLE = 2;
    EFFECT_LOCK = 3;
    EFFECT_UNLOCK = 4;
    EFFECT_READ_MARK = 5;
    EFFECT_MARK = 6;
    EFFECT_READ = 7;
    EFFECT_REFRESH = 8;
    EFFECT_ABORT_REFRESH = 9;
    EFFECT_WRITE = 10;
    EFFECT_REMOVE = 11;
    EFFECT_RESTORE = 12;
    EFFECT_DISPATCH = 13;
    EFFECT_ARM = 14;
    EFFECT_SCHEDULE = 15;
    EFFECT_ACCESS = 16;
    OUTCOME_RESPONSE = 0;
    OUTCOME_FAILURE = 1;
    OUTCOME_ABORTED = 2;
    OUTCOME_VALUE = 3;
    OUTCOME_ERROR = 4;
    FOUND_RECORD = 0;
    FOUND_ABSENT = 1;
    FOUND_UNREADABLE = 2;
    FOUND_UNAVAILABLE = 3;
    GRANT_ACCESS = 0;
    GRANT_REFRESH = 1;
    GRANT_EXPIRES_IN = 2;
    GRANT_ISSUED_AT = 3;
    GRANT_EXPIRES = 4;
    GRANT_STATUS = 5;
    GRANT_RETRY_AFTER = 6;
    GRANT_RETRY_AT = 7;
    GRANT_DATE = 8;
    GRANT_SUBJECT = 9;
    RECORD_EPOCH = 0;
    RECORD_GENERATION = 1;
    RECORD_OBTAINED_AT = 2;
    RECORD_LIFETIME = 3;
    RECORD_ACCESS = 4;
    RECORD_REFRESH = 5;
    RECORD_SUBJECT = 6;
    REPLACED_BEFORE = 0;
    REPLACED_AFTER = 1;
    EVENT_HELD = 3;
    EVENT_EXPIRED = 4;
    EVENT_FAILED = 5;
    EVENT_STEP_UP = 6;
    CODE_INVALID_OPTION = 0;
    CODE_QUEUE_FULL = 8;
    REPLY_CHALLENGE = 1;
    REPLY_LEFT_ORIGIN = 2;
    ANSWER_WELL_FORMED = 1;
    ANSWER_INVALID_GRANT = 2;
    ANSWER_ASKED = 4;
    ANSWER_TERMINAL = 8;
    ANSWER_EMPTY = 16;
    FULL = -1;
    ROUTE = 4;
    PLACE = 67108864;
    TOKEN_MAX = 65536;
    REFRESH_TIMEOUT_DEFAULT_MS = 3e4;
    EVENTS = [
      ["refreshed", "generation", "durationMs", "reason", "waiting"],
      ["adopted", "generation", "change"],
      ["replayed", "call", "generation"],
      ["held", "call", "sent"],
      ["expired", "status"],
      ["failed", "status", "retryInMs", "code"],
      ["step-up", "error", "scope", "acrValues", "maxAge"],
      ["changed", "change"]
    ];
  }
});

// src/web/port/inputs.js
var NONE2, opened, tokenWanted, refreshWanted, accessAsked, responded, rejected, aborted, locked, marked, scheduled, timerFired, woken, leaving, listening, signedIn, signedOut, closed, looked, replaced, written, answered;
var init_inputs = __esm({
  "src/web/port/inputs.js"() {
    "use strict";
    init_wire();
    NONE2 = 0;
    opened = (port, replayable) => port.inbox(INPUT_OPEN, replayable ? 1 : 0, 0);
    tokenWanted = (port, minValidity) => port.inbox(INPUT_TOKEN, minValidity, 0);
    refreshWanted = (port) => port.inbox(INPUT_REFRESH, NONE2, 0);
    accessAsked = (port) => port.inbox(INPUT_ACCESS, NONE2, 0);
    responded = (port, call, verdict2, route2) => port.inbox(INPUT_RESPONDED, call, verdict2 ? route2 | verdict2.bits : route2, void 0, verdict2?.asks);
    rejected = (port, call) => port.inbox(INPUT_REJECTED, call, 0);
    aborted = (port, call) => port.inbox(INPUT_ABORTED, call, 0);
    locked = (port, flight) => port.inbox(INPUT_LOCKED, flight, 1);
    marked = (port, flight, generation) => port.inbox(INPUT_MARKED, flight, generation);
    scheduled = (port) => port.inbox(INPUT_SCHEDULED, NONE2, 0);
    timerFired = (port) => port.inbox(INPUT_TIMER, NONE2, 0);
    woken = (port, online) => port.inbox(INPUT_WOKEN, NONE2, online ? 1 : 0);
    leaving = (port) => port.inbox(INPUT_LEAVING, NONE2, 0);
    listening = (port, singleCalls) => port.inbox(INPUT_LISTENING, NONE2, singleCalls ? 1 : 0);
    signedIn = (port, grant2) => port.inbox(INPUT_SET_TOKENS, NONE2, 0, grant2);
    signedOut = (port) => port.inbox(INPUT_CLEAR, NONE2, 0);
    closed = (port) => port.inbox(INPUT_CLOSE, NONE2, 0);
    looked = (port, input, flight, found, record2) => port.inbox(input, flight, found, record2);
    replaced = (port, before, after) => port.inbox(INPUT_REPLACED, NONE2, 0, { [REPLACED_BEFORE]: before, [REPLACED_AFTER]: after });
    written = (port, flight, ok) => port.inbox(INPUT_WRITTEN, flight, ok ? 1 : 0);
    answered = (port, flight, bits, grant2) => port.inbox(INPUT_ANSWERED, flight, bits, grant2);
  }
});

// src/web/port/form.js
function form(entries) {
  const copy = new FormData();
  for (const [name, value] of entries) copy.append(name, value);
  return copy;
}
var init_form = __esm({
  "src/web/port/form.js"() {
    "use strict";
  }
});

// src/web/port/held.js
function hold(got, instead) {
  let reader;
  try {
    reader = got.clone().body.getReader();
  } catch {
    return ignore;
  }
  const parts = [];
  let size = 0;
  const drop = () => {
    clearTimeout(timer);
    reader.cancel().catch(ignore);
  };
  const giveUp = () => {
    drop();
    got.body?.cancel().catch(ignore);
    const body = new ReadableStream({
      pull(controller) {
        const part = parts.shift();
        if (part) controller.enqueue(part);
        else controller.error(new TypeError("not kept"));
      }
    });
    const kept = new Response(body, got);
    for (const name of ["url", "redirected", "type"]) {
      Object.defineProperty(
        kept,
        name,
        /** @type {any} */
        { __proto__: null, value: got[name] }
      );
    }
    instead(kept);
  };
  const timer = setTimeout(giveUp, WAIT_MAX_MS);
  const read4 = () => reader.read().then(({ done, value }) => {
    if (done) return clearTimeout(timer);
    parts.push(value);
    size += value.byteLength;
    if (size > KEPT_MAX) giveUp();
    else read4();
  }, ignore);
  read4();
  return drop;
}
var KEPT_MAX, WAIT_MAX_MS;
var init_held = __esm({
  "src/web/port/held.js"() {
    "use strict";
    init_values();
    KEPT_MAX = 1e6;
    WAIT_MAX_MS = 1e3;
  }
});

// src/web/port/tokens.js
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
var VERSION, RECORD_MAX, JWT_MAX, text, token, epochOf;
var init_tokens = __esm({
  "src/web/port/tokens.js"() {
    "use strict";
    init_values();
    init_wire();
    VERSION = 1;
    RECORD_MAX = 1e6;
    JWT_MAX = 16384;
    text = (value) => typeof value === "string" && value.trim() ? value : void 0;
    token = (value) => typeof value === "string" && value.length <= TOKEN_MAX && /^[!-~][ -~]*$/.test(value) ? value : void 0;
    epochOf = (raw) => record(raw ?? "")?.[RECORD_EPOCH] ?? NaN;
  }
});

// src/web/port/kept.js
function keep(port, spent, row, refresh3) {
  const before = port.last;
  const isHeld = record(`${before}`)?.[RECORD_REFRESH] === spent;
  if (port.late && !isHeld) return;
  const next = row[GRANT_REFRESH];
  const isSpent = next && next !== spent;
  port.late = (flight, sent) => {
    if (sent !== spent) return false;
    port.late = void 0;
    if (!isSpent && port.last !== before) return false;
    answered(port, flight, 0, row);
    return true;
  };
  if (isHeld && !port.refresh) {
    refresh3().catch(() => {
      if (!isSpent) port.late = void 0;
    });
  }
}
var init_kept = __esm({
  "src/web/port/kept.js"() {
    "use strict";
    init_inputs();
    init_tokens();
    init_wire();
  }
});

// src/web/port/mark.js
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
async function guard(key, own2, heir, found, settle2) {
  const [ours, theirs] = [heir, found].map((raw) => (
    /** @type {any} */
    json(raw ?? "") ?? {}
  ));
  const [mark, other] = await within("readonly", (cells, give) => {
    const requests = [ours, theirs].map(({ epoch = -1 }) => cells.get([key, epoch]));
    requests[1].onsuccess = () => give(requests.map(({ result }) => result?.generation ?? 0));
  }).catch(() => new Promise((resolve) => setTimeout(resolve, 0, [0, 0])));
  const late2 = key + theirs.epoch;
  const again = own2 && fought === late2;
  if (own2) fought = late2;
  if (again && ours.epoch < theirs.epoch && other !== ENDED) settle2(found);
  else if (heir === null || mark <= ours.generation) settle2(heir);
  else if (own2 && mark === ENDED && ours.epoch !== theirs.epoch) settle2(found);
}
var DATABASE, CELLS, ENDED, KEEP_MS, fought, database, read2, raise;
var init_mark = __esm({
  "src/web/port/mark.js"() {
    "use strict";
    init_values();
    DATABASE = "relatch";
    CELLS = "cells";
    ENDED = 2 ** 32 - 1;
    KEEP_MS = 30 * 864e5;
    fought = "";
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

// src/web/port/retry.js
function when(headers) {
  const retryAfter = `${headers.get("retry-after")}`;
  return [/^\d+$/.test(retryAfter) ? +retryAfter : NaN, date(retryAfter), date(`${headers.get("date")}`)];
}
var DATE, date;
var init_retry = __esm({
  "src/web/port/retry.js"() {
    "use strict";
    DATE = /^(\w{3}, \d\d \w{3} \d{4}|\w+day, \d\d-\w{3}-\d\d) [\d:]{8} GMT$|^\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}$/;
    date = (text3) => DATE.test(text3) ? Date.parse(text3.replace(/\d{4}$/, "$& GMT")) : NaN;
  }
});

// src/web/port/late.js
var late_exports = {};
__export(late_exports, {
  form: () => form,
  guard: () => guard,
  hold: () => hold,
  keep: () => keep,
  raise: () => raise,
  read: () => read2,
  when: () => when
});
var init_late = __esm({
  "src/web/port/late.js"() {
    "use strict";
    init_form();
    init_held();
    init_kept();
    init_mark();
    init_retry();
  }
});

// src/web/port/origins.js
init_values();
var OWN = 1;
var ALLOWED = 0;
var FOREIGN = -1;
var SLASH = 47;
var LOWER_CASE = 32;
var BEFORE_A = 96;
var AFTER_Z = 123;
var base;
var baseOrigin = "";
var href = "";
function covers({ origins, ownOrigin, refresh: refresh3 }, url) {
  const { tail } = refresh3;
  href = url;
  if (tail === void 0 || !url.endsWith(tail)) {
    const second = url.charCodeAt(1) | LOWER_CASE;
    if (url.charCodeAt(0) === SLASH && second > BEFORE_A && second < AFTER_Z) {
      moved();
      if (!origins.includes(baseOrigin)) return FOREIGN;
      href = baseOrigin + url;
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
    const { href: at } = new URL(url, base);
    const origin = origins.find((allowed) => at.startsWith(`${allowed}/`));
    if (origin !== void 0 && at !== refresh3.url) {
      href = at;
      return origin === ownOrigin ? OWN : ALLOWED;
    }
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

// src/web/port/given.js
init_values();
var isRare;
function read(init) {
  const { body, cache, credentials, duplex, headers: given } = init;
  let headers = given;
  if (isObject(given)) {
    const iterate = (
      /** @type {any} */
      given[Symbol.iterator]
    );
    headers = iterate ? pairs(given, iterate) : { ...given };
  }
  const { integrity, keepalive, method, mode, priority, redirect, referrer, referrerPolicy, signal, window } = init;
  isRare = cache || duplex || integrity || mode || priority || redirect || referrer || referrerPolicy;
  return {
    body,
    cache,
    credentials,
    duplex,
    headers,
    integrity,
    keepalive,
    method,
    mode,
    priority,
    redirect,
    referrer,
    referrerPolicy,
    signal,
    window
  };
}
var NONE = read({ __proto__: null });
var bare = () => Object.create(NONE);
var pairs = (given, iterate) => Array.from(
  { [Symbol.iterator]: () => iterate.call(given) },
  (pair) => isObject(pair) ? [.../** @type {any} */
  pair] : pair
);
var brand = Object.getOwnPropertyDescriptor(globalThis.Request?.prototype ?? NONE, "url")?.get;
var joined = (headers, name, value) => Array.isArray(headers) ? [...headers, [name, value]] : { ...headers, [name]: value };
function others(init, to) {
  for (let at = init; at && (at === init || Object.getPrototypeOf(at)); at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) {
      if (name in to) continue;
      const property = { __proto__: null, ...Object.getOwnPropertyDescriptor(at, name) };
      property.get &&= property.get.bind(init);
      Object.defineProperty(to, name, property);
    }
  }
  return to;
}
function begin(options, next, input, given) {
  const { skip, fetch: fetch2 } = options;
  let of;
  if (typeof input !== "string") {
    try {
      of = /** @type {any} */
      brand.call(input);
    } catch {
      if (is(input, "Request")) of = input.url;
    }
  }
  const sent = of === void 0 ? `${input}` : input;
  const whose = covers(options, of ?? sent);
  const at = href;
  const isPlainly = given === void 0 || given === null || isPlain(given);
  let init = given;
  if (given && isPlainly && (whose !== FOREIGN || skip)) {
    init = read(given);
    for (const name in given) {
      if (name !== "method" && name !== "body" && name !== "headers" && name !== "signal" && name !== "credentials") {
        isRare = others(given, init);
        break;
      }
    }
  }
  if (skip?.(input, init) || whose === FOREIGN) return fetch2.call(void 0, sent, init);
  if (isPlainly && of === void 0) return next(at, whose, init ?? void 0);
  const request = new Request(of === void 0 ? at : input, init);
  return next(at, whose, given ? others(given, bare()) : void 0, request);
}
var beside = ({ referrer, referrerPolicy, keepalive }, init) => Object.assign(init, NONE, { referrer, referrerPolicy, keepalive });

// src/web/port/lock.js
init_inputs();
init_values();
var loading;
var late = () => {
  loading ??= Promise.resolve().then(() => (init_late(), late_exports)).catch((error) => {
    loading = void 0;
    throw error;
  });
  return loading;
};
function lock(port, flight) {
  const { key, lease: lease2, web } = port.options;
  if (web) late().catch(ignore);
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
    locks.request(
      `relatch:${key}`,
      /** @type {LockOptions} */
      { __proto__: null, signal: controller.signal },
      () => {
        granted();
        return held;
      }
    ).catch(granted);
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
  const marked2 = (generation) => marked(port, flight, generation);
  if (!web) return void marked2(0);
  late().then(({ read: read4 }) => read4(key, epoch)).catch(() => 0).then(marked2);
}
function leaveMark(port, epoch, generation) {
  const { key, web } = port.options;
  if (!web) return;
  port.marked = late().then(({ raise: raise2 }) => raise2(key, epoch, generation));
  port.marked.catch(ignore);
}

// src/web/port/body.js
init_values();
var TEXT = /json|text|url/;
function takeBody(call, request, init, ours) {
  const { headers, keepalive } = request;
  const { body } = init;
  const given = call.headers;
  const entries = is(body, "FormData") && [...body];
  try {
    const taken = ours && !(is(body, "ReadableStream") && request.body) && // With keepalive the page may be gone before a body is read: it is sent as it is, and a clone is kept.
    new Request(
      keepalive ? request.clone() : request,
      /** @type {RequestInit} */
      { __proto__: null, mode: "no-cors", method: "POST" }
    );
    call.body = taken && (keepalive || taken[TEXT.test(
      /** @type {any} */
      headers.get("content-type")
    ) ? "arrayBuffer" : "blob"]().catch(
      async (error) => {
        if (!entries) throw error;
        headers.delete("content-type");
        call.headers = given;
        return (await late()).form(entries);
      }
    ));
    call.body.catch?.(ignore);
  } catch {
  }
  const once = !call.body;
  if (once || keepalive) call.input = request;
  delete init.body;
  const type = headers.get("content-type");
  if (type && !new Headers(given).has("content-type")) call.headers = joined(given, "Content-Type", type);
  return once;
}

// src/web/port/calls.js
init_inputs();

// src/web/port/reply.js
init_values();
init_wire();
var FORBIDDEN = 403;
var UNAUTHORIZED = 401;
function route(method, url) {
  const [path] = url.split(/[?#]/);
  return Math.imul(hash(method + path), ROUTE);
}
function verdict({ said }, response, url) {
  const { status } = response;
  const told = said?.(response);
  const challenge = told ?? status === UNAUTHORIZED;
  if (!challenge && status !== FORBIDDEN) return;
  const left = response.redirected && response.url && new URL(response.url).origin !== new URL(url).origin;
  const asks2 = told ? null : response.headers?.get?.("www-authenticate");
  return {
    bits: (challenge ? REPLY_CHALLENGE : 0) | (left ? REPLY_LEFT_ORIGIN : 0),
    // Header values have a character for each byte.
    asks: asks2 ? Uint8Array.from(asks2, (c) => c.charCodeAt(0)) : void 0
  };
}

// src/web/port/store.js
init_inputs();
init_tokens();
init_values();
init_wire();
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
function report(port, flight, raw, heir = raw === port.last ? port.heir : port.last, input = INPUT_STORED) {
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
function read3(port, flight) {
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
  const { web, key } = port.options;
  const heir = row ? stored(row, null) : port.heir;
  const found = port.last;
  const settle2 = (raw) => {
    look(port);
    if (port.last === found) put(port, raw, () => report(port, flight, raw, raw, INPUT_RESTORED));
  };
  if (flight || !web) return settle2(heir);
  late().then(
    (mark) => mark.guard(key, row, heir, found, settle2),
    () => {
      settle2(port.fought === found ? found : heir);
      port.fought = found;
    }
  );
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
init_values();
init_wire();
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
  /** Ends the reading of a held response. */
  drop: ignore,
  /** @type {(value: any) => void} */
  resolve: ignore,
  /** @type {(reason: unknown) => void} */
  reject: ignore,
  /** @type {(() => void) | undefined} */
  listener: void 0
});
var fetch = async (port, input, init) => begin(port.options, (url, _, init2, request) => slow(port.options, port, ignore, url, init2, request), input, init);
function slow(options, port, load, url, init = bare(), given = void 0) {
  const { fetch: fetch2, lower, store } = options;
  const request = given ?? new Request(url, init);
  const { headers, url: at } = request;
  const signal = given ? request.signal : init.signal;
  const call = entry(signal, at, given ?? at, init, covers(options, at), init.headers);
  const ours = call.whose !== FOREIGN && request.mode !== "no-cors" && !headers.has(lower) && !signal?.aborted;
  const body = given ? !/^(GET|HEAD)$/.test(request.method) : init.body;
  const once = !!body && typeof body !== "string" && !is(body, "Blob") && takeBody(call, request, init, ours);
  if (call.input === request) beside(request, init);
  if (!ours) return fetch2.call(
    void 0,
    /** @type {RequestInfo} */
    call.input,
    init
  );
  const open2 = (port2) => {
    look(port2);
    return enter(port2, opened(port2, !once), call);
  };
  if (port && !store) return open2(port);
  return new Promise((resolve, reject) => {
    call.reject = reject;
    watch(call, () => fail(call, signal?.reason));
    (port ? (
      /** @type {any} */
      store.seek(signal).then(() => port)
    ) : load()).then(
      (port2) => {
        unwatch(call);
        if (!signal?.aborted) resolve(open2(port2));
      },
      (error) => fail(call, error)
    );
  });
}
function dress({ input, init, headers }, header, value) {
  if (typeof input === "string") init.headers = value ? joined(headers, header, value) : headers;
  else if (value) input.headers.set(header, value);
}
function fail(call, reason) {
  call.input?.body?.cancel(reason).catch(ignore);
  call.reject(reason);
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
  const promise = new Promise((resolve, reject) => {
    call.resolve = resolve;
    call.reject = reject;
  });
  if (id !== FULL) port.calls.set(id, call);
  else if (call.got) call.resolve(call.got);
  else fail(call, port.options.makeError(CODE_QUEUE_FULL));
  return promise;
}
function send(port, id, _, access3) {
  const call = port.calls.get(id);
  const { header, prefix, lower } = port.options;
  unwatch(call);
  call.got?.body?.cancel?.()?.catch(ignore);
  call.got = void 0;
  dress(call, header, access3 && prefix + access3);
  if (access3) confine(lower, call.whose, call.init, call.input.redirect);
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
  const { got } = call;
  if (got) {
    let isHeld = true;
    call.drop = () => {
      isHeld = false;
    };
    late().then(({ hold: hold2 }) => {
      if (!isHeld) return;
      call.drop = hold2(got, (kept) => {
        call.got = kept;
      });
    }, ignore);
  }
  watch(call, () => aborted(port, id));
}
function watch(call, listener) {
  call.listener = listener;
  if (call.signal?.aborted) listener();
  else call.signal?.addEventListener("abort", listener);
}
function unwatch(call) {
  call.drop();
  if (call.listener) call.signal?.removeEventListener("abort", call.listener);
  call.listener = void 0;
}
function settle(port, id, outcome, value) {
  const call = port.calls.get(id);
  port.calls.delete(id);
  unwatch(call);
  if (outcome === OUTCOME_RESPONSE) call.resolve(call.got);
  else if (outcome === OUTCOME_FAILURE) call.reject(call.got);
  else if (outcome === OUTCOME_ABORTED) fail(call, call.signal.reason);
  else if (outcome === OUTCOME_VALUE) call.resolve(value);
  else fail(call, port.options.makeError(outcome - OUTCOME_ERROR, port.cause));
}

// src/web/port/asked.js
init_values();
var BODY_MAX = 65536;
async function text2(response) {
  const { headers, body, bodyUsed } = response;
  const isEndless = /event-stream/i.test(`${headers.get("content-type")}`);
  if (!body || bodyUsed || isEndless || Number(headers.get("content-length")) > BODY_MAX) return;
  const reader = (
    /** @type {ReadableStream<Uint8Array>} */
    response.clone().body.getReader()
  );
  const decoder = new TextDecoder();
  let read4 = 0;
  let all = "";
  for (; ; ) {
    const { done, value } = await reader.read();
    if (done) return all + decoder.decode();
    read4 += value.length;
    if (read4 > BODY_MAX) {
      reader.cancel().catch(() => {
      });
      return;
    }
    all += decoder.decode(value, { stream: true });
  }
}
function asks(options) {
  const { isChallenge, hops } = options;
  const said = /* @__PURE__ */ new WeakMap();
  options.said = (response) => said.get(response);
  options.hops = async (options2, input, init) => {
    const response = await (hops ? hops(options2, input, init) : options2.fetch.call(void 0, input, init));
    let reading;
    const read4 = () => reading ??= text2(response);
    const context = { __proto__: null, text: read4, json: async () => json(await read4() ?? "") };
    const answer = await /** @type {any} */
    isChallenge(response, context);
    said.set(response, answer ?? void 0);
    return response;
  };
}

// src/web/port/events.js
init_values();
init_wire();
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
    const [begin2, length] = [detail[name] / PLACE, detail[name] % PLACE];
    detail[name] = challenge.substr(begin2, length).replace(QUOTES, "$1") || null;
  }
  detail.maxAge = /^\d+$/.test(detail.maxAge) ? Number(detail.maxAge) : null;
}

// src/web/port/dispatch.js
init_inputs();

// src/web/port/refresher.js
init_inputs();
init_tokens();
init_values();
init_wire();
function abortRefresh(port, flight) {
  if (port.refresh?.flight !== flight) return;
  port.refresh.controller.abort();
  port.refresh = void 0;
}
async function refresh2(port, flight, reason, refreshToken) {
  if (port.late?.(flight, refreshToken)) return;
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
        refreshToken: next,
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
      row = grant(accessToken, next, expiresIn, [idToken]);
      if (false) port.told = port.options.explain?.({ hasToken: !!row[GRANT_ACCESS], refresh: refresh3, tokens });
    }
  } catch (error) {
    port.cause = error;
    if (false) port.told = port.options.explain?.({ hasToken: false, refresh: refresh3, error });
  }
  row ??= grant(void 0, void 0, void 0);
  const access3 = row[GRANT_ACCESS];
  if (port.refresh?.flight === flight) {
    port.refresh = void 0;
    if (!access3 && port.late?.(flight, refreshToken)) return;
    port.late = void 0;
    answered(port, flight, bits, row);
  } else if (access3) {
    late().then(({ keep: keep2 }) => keep2(port, refreshToken, row, () => refresh(port)), ignore);
  }
}
function ask({ form: form2, send: send2, clientId, extra, headers: more }, refreshToken) {
  const fields = {
    ...form2 && { grant_type: "refresh_token", client_id: clientId },
    [
      /** @type {string} */
      send2
    ]: refreshToken,
    ...extra
  };
  if (form2 && clientId === void 0) delete fields.client_id;
  const headers = new Headers(
    /** @type {any} */
    more
  );
  if (!form2 && !headers.has("content-type")) headers.set("content-type", "application/json");
  return { method: "POST", headers, body: form2 ? new URLSearchParams(fields) : JSON.stringify(fields) };
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
  const text3 = await response.text();
  const body = json(text3);
  const [after = NaN, again = NaN, at = NaN] = await late().then(
    ({ when: when2 }) => when2(response.headers),
    () => []
  );
  const { places } = refresh3;
  const [access3, next, lifetime] = ok ? described?.read(places, response, text3, at) ?? places.map((path) => pick(
    body,
    /** @type {string} */
    path
  )) : [];
  const idTokens = [pick(body, `${places[0]}`.replace(/access/i, "id")), pick(body, "id_token")];
  const row = grant(access3, next, lifetime, idTokens, status, after, again, at);
  if (false) {
    port.told = port.options.explain?.({ hasToken: !!row[GRANT_ACCESS], refresh: refresh3, response, body, text: text3 });
  }
  let bits = isObject(body) && Object.keys(body).length > 0 ? ANSWER_WELL_FORMED : 0;
  if (bits && pick(body, "error") === "invalid_grant") bits |= ANSWER_INVALID_GRANT;
  if (!text3) bits |= ANSWER_EMPTY;
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
init_wire();
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
  [EFFECT_READ]: read3,
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
init_values();
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
  const hold2 = (id, signal) => new Promise((granted, refused) => {
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
    addEventListener("pageshow", ({ persisted }) => persisted && hold2(id).catch(ignore));
  };
  const begin2 = () => {
    const id = draw();
    web.setItem(place, id);
    live(id);
    hold2(id).catch(ignore);
  };
  try {
    const id = web.getItem(place);
    const copied = web.getItem(key);
    if (id === null) return begin2();
    if (HELD.has(id)) return;
    const controller = new AbortController();
    const mine = hold2(id, controller.signal);
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
    begin2();
  } catch {
  }
}

// src/web/port/gate.js
init_values();
init_wire();
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
init_wire();
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
    state = hold2;
    until = now() + span;
    hold2();
    granted();
  }
  function hold2() {
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
      const waits = state !== hold2;
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
init_values();
init_wire();
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
  let pending = 0;
  let newest = null;
  let seen;
  let wait2 = AGAIN_MS;
  let timer;
  let changed2 = ignore;
  let soughtAt = -SEEK_MS;
  let sought;
  let isUntold = false;
  let isLooking = false;
  const bounded = (operation, late2 = ignore) => new Promise((resolve, reject) => {
    let isOver = false;
    const over = setTimeout(() => {
      isOver = true;
      again();
      reject(LATE);
    }, limit);
    new Promise((done) => done(operation())).then(resolve, reject).then(() => isOver ? late2() : clearTimeout(over));
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
      if (pending) return newest;
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
  const write2 = (raw) => {
    pending++;
    newest = raw;
    return queue(async () => {
      pending--;
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
  };
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
init_inputs();
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
    /** @type {((flight: number, sent: string) => boolean) | undefined} gives an answer that came too late */
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
    /** @type {string | null | undefined} what was written over last without asking for its mark */
    fought: void 0,
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
  const unsubscribe = options.store?.subscribe(() => read3(port, 0));
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
init_inputs();
init_tokens();
init_wire();
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

// src/web/port/crate.js
init_values();
export {
  act2 as act,
  asks,
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
