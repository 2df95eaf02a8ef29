// Runs described calls in the page, through native fetch and through relatch, and tells what the caller saw.
import { createSession } from "/pkg/dist/index.js";
import { isNative, make, mutate } from "./make.js";

const pick = { accessToken: "result.accessToken", refreshToken: "result.refreshToken", expiresIn: "result.expiresIn" };
const HEADER = { bearer: "Authorization", article: "X-AUTH-TOKEN" };
const native = globalThis.fetch;
const { second } = await (await native("/config.json")).json();
const origins = { own: location.origin, second, foreign: second.replace("127.0.0.1", "localhost") };

/** Modes: how the call is made. Each has a realm of its own, with names of one length. */
const MODES = ["native", "valid", "expired", "deleted"];
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

class Mode {
  constructor(name, prefix) {
    this.name = name;
    this.world = { origins, realm: `${prefix}-${name[0]}` };
    this.base = `/t/${this.world.realm}`;
    this.sessions = {};
    this.tokens = {};
    if (name === "native") return;
    for (const style of ["bearer", "article"]) {
      this.sessions[style] = createSession({
        origins: [origins.own, origins.second],
        refresh: { url: `${this.base}/users/refresh`, pick },
        header: { name: HEADER[style] },
        key: `${name}-${style}`,
      });
    }
  }

  async post(route, body = {}) {
    const response = await native(this.base + route, { method: "POST", body: JSON.stringify(body) });
    return response.json();
  }

  async start() {
    // Tokens that live long, so that only this file makes one expire; and some time for a call to be caught waiting.
    await this.post("/control", { trace: true, access_lifetime_ms: 3_600_000, refresh_delay_ms: 30 });
    await this.signIn();
  }

  async signIn() {
    for (const style of ["bearer", "article"]) {
      const { result } = await this.post("/users/sign-in", { name: "ada", password: "latch" });
      this.tokens[style] = result;
      // A login for each batch, because so many refreshes in so short a time would be put on hold (G2).
      await this.sessions[style]?.setTokens(result);
    }
  }

  async prepare() {
    if (this.name === "expired" || this.name === "deleted") await this.signIn();
    if (this.name === "expired") await this.post("/control/expire");
    if (this.name !== "deleted") return;
    for (const style of ["bearer", "article"]) {
      const record = JSON.parse(localStorage.getItem(`deleted-${style}`));
      delete record.accessToken;
      localStorage.setItem(`deleted-${style}`, JSON.stringify(record));
    }
    await sleep(2);
  }

  /** Runs a call and tells what its caller saw. */
  async run(call, id) {
    const allowed = call.origin !== "foreign" && !hasOwnAuth(call);
    const value =
      call.style === "bearer" ? `Bearer ${this.tokens.bearer.accessToken}` : this.tokens.article.accessToken;
    const auth = this.name === "native" && allowed ? [HEADER[call.style], value] : undefined;
    const fetch = this.name === "native" ? native : this.sessions[call.style].fetch;
    let made;
    try {
      made = make(call, id, this.world, auth);
    } catch (error) {
      // The caller's own mistake, before any fetch: a Request that cannot be made.
      return { unmade: error.name };
    }
    return observe(call, made, fetch);
  }
}

/** Members that this browser has no use for, and reads from nobody: `window` in Chromium, `duplex` in Firefox. */
const strange = ["window", "duplex"].filter((name) => {
  let reads = 0;
  const init = Object.defineProperty({}, name, { get: () => void reads++ });
  new Request("/", init);
  return reads === 0;
});

function hasOwnAuth({ request, init, initForm, style }) {
  // A Request given as init always has headers, which take the place of the input's.
  const list = (initForm === "request" ? init.headers : (init.headers ?? request.headers))?.list ?? [];
  return list.some(([name]) => name.toLowerCase() === HEADER[style].toLowerCase());
}

async function observe(call, made, fetch) {
  const seen = {};
  const { input, args, abort } = made;
  const used = () => (isNative(input, "Request") ? input.bodyUsed : undefined);
  const keys = made.init && typeof made.init === "object" ? Object.keys(made.init).join() : undefined;
  const list = made.members.headers instanceof Headers ? [...made.members.headers].join("|") : undefined;
  let promise;
  try {
    promise = fetch(...args);
  } catch (error) {
    return { threw: error.name };
  }
  seen.promise = promise instanceof Promise;
  // What is wrong with the arguments is told before any microtask that the caller queues after the call.
  let microtasks = 0;
  promise?.then(undefined, () => {
    seen.atOnce = microtasks === 0;
  });
  queueMicrotask(() => microtasks++);
  seen.usedAtOnce = used();
  seen.untouched =
    (made.init && typeof made.init === "object" ? Object.keys(made.init).join() : undefined) === keys &&
    (list === undefined || [...made.members.headers].join("|") === list);
  if (call.mutate) mutate(made);
  if (call.abort?.when === "at once") abort.abort();
  if (call.abort?.when === "soon") setTimeout(() => abort.abort(), 15);
  try {
    seen.response = await tellResponse(await promise, call, abort);
  } catch (error) {
    seen.error = tellError(error, abort);
  }
  seen.usedAfter = used();
  const { told, asked, iterated, cancelled } = made.counts;
  Object.assign(seen, { told, asked, iterated });
  // A stream that was never sent is given up with the reason; of one under way it is chance what is left.
  if (call.abort?.when === "before") seen.cancelled = cancelled.map((reason) => reason === abort.signal.reason);
  // The header set by hand may be the only one.
  seen.reads = made.init?.reads?.filter((name) => name !== "headers" && !strange.includes(name)).join();
  return seen;
}

function tellError(error, abort) {
  return {
    name: error?.name ?? String(error),
    type: error?.constructor?.name,
    isReason: !!abort?.signal.aborted && error === abort.signal.reason,
  };
}

const shorten = async (bytes) => {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `${bytes.byteLength}:${Array.from(hash.subarray(0, 6), (b) => b.toString(16).padStart(2, "0")).join("")}`;
};

async function tellResponse(response, call, abort) {
  const seen = {
    native: Object.getPrototypeOf(response) === Response.prototype,
    status: response.status,
    statusText: response.statusText,
    ok: response.ok,
    type: response.type,
    redirected: response.redirected,
    url: response.url,
    headers: Object.fromEntries(
      [...response.headers].filter(([name]) => !/^(date|x-request-number|content-length)$/.test(name)),
    ),
    used: response.bodyUsed,
    hasBody: response.body !== null,
  };
  if (call.abort?.when === "body" && response.body) {
    const reader = response.body.getReader();
    const { done } = await reader.read();
    seen.first = !done;
    abort.abort();
    seen.broke = await (async () => {
      // How many chunks were in between is chance.
      for (;;) if ((await reader.read()).done) return "ended";
    })().catch((error) => tellError(error, abort));
    return seen;
  }
  const copy = response.clone();
  const text = await response.text();
  seen.usedAfter = response.bodyUsed;
  seen.sameCopy = (await copy.text()) === text;
  // What differs from run to run: who the token is, which request it was, a boundary. The server's trace has the rest.
  seen.body = text.includes('"sha256"')
    ? tellEcho(text)
    : await shorten(new TextEncoder().encode(text.replace(/"n":\d+/, '"n":0')));
  return seen;
}

function tellEcho(text) {
  const { headers, jti, length, sha256, ...rest } = JSON.parse(text);
  delete headers["content-type"];
  delete headers["content-length"];
  // A token of the server's own; the caller's own header stays.
  for (const name of ["authorization", "x-auth-token"]) if (/eyJ/.test(headers[name])) delete headers[name];
  return { ...rest, known: jti !== null, headers };
}

// What nobody handled. Browsers tell of refused loads as of errors of the page, so page errors alone say too much.
const unhandled = [];
for (const type of ["error", "unhandledrejection"]) {
  addEventListener(type, (event) => unhandled.push(`${type}: ${event.message ?? event.reason}`));
}

Object.assign(globalThis, {
  unhandled,
  async start(prefix) {
    globalThis.modes = MODES.map((name) => new Mode(name, prefix));
    await Promise.all(modes.map((mode) => mode.start()));
  },
  /** Runs a batch in each mode, one mode after the other, its calls side by side. */
  async batch(calls, first) {
    const result = {};
    for (const mode of modes) {
      await mode.prepare();
      await mode.post("/control/traces");
      const before = (await (await native(`${mode.base}/control/counters`)).json()).refresh_calls;
      const seen = await Promise.all(calls.map((call, i) => mode.run(call, first + i)));
      const refreshes = (await (await native(`${mode.base}/control/counters`)).json()).refresh_calls - before;
      // Realms differ in their names only.
      const text = JSON.stringify({ seen, traces: await mode.post("/control/traces"), refreshes });
      result[mode.name] = text.replaceAll(mode.world.realm, "REALM");
    }
    return result;
  },
  ready: true,
});
