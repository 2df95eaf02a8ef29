// Every input, effect and event crosses the real border once: the staged modules, not yet bundled, over the shipped
// wasm. What crosses is compared by name with src/web/port/wire.js, which the build writes from src/web/wire.rs.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

// What the bundler writes in.
globalThis.DEVELOPMENT = true;
const stage = new URL("../../target/npm/", import.meta.url);
const wire = await import(new URL("src/web/port/wire.js", stage));
const { ports } = await import(new URL("src/web/port/port.js", stage));

/** The names of a list of wire.js, by their numbers. */
const list = (prefix) =>
  new Map(
    Object.entries(wire).flatMap(([name, n]) =>
      name.startsWith(`${prefix}_`) ? [[n, name.slice(prefix.length + 1)]] : [],
    ),
  );

const INPUTS = list("INPUT");
const EFFECTS = list("EFFECT");
const seen = { inputs: new Set(), effects: new Set(), events: new Map() };

// ---- What the border is watched by ----------------------------------------------------------------------------------

const { create } = ports;
ports.create = (options, inbox) =>
  create(options, (input, ...rest) => {
    seen.inputs.add(INPUTS.get(input));
    return inbox(input, ...rest);
  });

/** `act` is the one import of five parameters. */
const ACT_LENGTH = 5;
const { instantiate } = WebAssembly;
WebAssembly.instantiate = (bytes, imports) => {
  for (const group of Object.values(imports)) {
    for (const [name, act] of Object.entries(group)) {
      if (typeof act !== "function" || act.length !== ACT_LENGTH) continue;
      group[name] = (port, effect, ...rest) => {
        seen.effects.add(EFFECTS.get(effect));
        return act(port, effect, ...rest);
      };
    }
  }
  return instantiate(bytes, imports);
};

// ---- A page, as far as the port looks at it
// --------------------------------------------------------------------------

const page = new EventTarget();
const stored = new Map();
globalThis.addEventListener = page.addEventListener.bind(page);
globalThis.removeEventListener = page.removeEventListener.bind(page);
globalThis.location = new URL("https://app.example/");
globalThis.document = Object.assign(new EventTarget(), { baseURI: location.href, visibilityState: "visible" });
globalThis.localStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, value) => stored.set(key, value),
  removeItem: (key) => stored.delete(key),
};

/** Another tab wrote: the storage event as browsers have it. `found`: what stands there when it is heard. */
function byAnotherTab(newValue, found = newValue) {
  const oldValue = stored.get("relatch") ?? null;
  stored.set("relatch", found);
  const event = { storageArea: localStorage, key: "relatch", oldValue, newValue };
  page.dispatchEvent(Object.assign(new Event("storage"), event));
}

const record = (epoch, generation, token) =>
  JSON.stringify({
    v: 1,
    epoch,
    generation,
    accessToken: token,
    refreshToken: `refresh-${token}`,
    obtainedAt: Date.now(),
    lifetime: 3_600_000,
  });

const ORIGIN = "https://app.example";
const answer = (status, body = null, headers = {}) => new Response(body, { status, headers });
const bearer = (init) => new Headers(init?.headers).get("authorization");

const { createSession, setWasm } = await import(new URL("pkg/slim.js", stage));
setWasm(await readFile(new URL("pkg/dist/small.wasm", stage)));

/** A session whose API and refresh are given here. */
function open({ api, refresh, ...options }) {
  const session = createSession({
    origins: ["https://app.example"],
    // The headers of a Request are its own, unless an init has others.
    fetch: async (input, init) => api(String(input.url ?? input), init?.headers ? init : input),
    refresh,
    ...options,
  });
  for (const [kind, ...figures] of wire.EVENTS) {
    session.addEventListener(kind, ({ detail }) => {
      for (const figure of figures) assert.ok(Object.hasOwn(detail, figure), `${kind} has its ${figure}`);
      assert.ok(!Object.hasOwn(detail, "undefined"));
      seen.events.set(kind, detail);
    });
  }
  return session;
}

test("a call, its challenge, the refresh and the replay", async () => {
  const session = open({
    api: async (_, init) => answer(bearer(init) === "Bearer good" ? 200 : 401),
    refresh: async () => ({ accessToken: "good", refreshToken: "next", expiresIn: 3600 }),
  });
  assert.equal(session.status, "loading");
  await session.setTokens({ accessToken: "bad", refreshToken: "first", expiresIn: 3600 });
  assert.equal(seen.events.get("changed").change, "signed-in");
  assert.equal((await session.fetch(`${ORIGIN}/x`)).status, 200);
  assert.deepEqual(seen.events.get("held"), {
    call: seen.events.get("held").call,
    sent: true,
    url: "https://app.example/x",
  });
  assert.equal(seen.events.get("replayed").generation, 2);
  const { generation, reason, durationMs, waiting } = seen.events.get("refreshed");
  assert.deepEqual([generation, reason, waiting], [2, "rejected", 1]);
  assert.ok(durationMs >= 0 && durationMs < 60_000);
  assert.equal((await session.fetch(`${ORIGIN}/x`)).status, 200, "the fast path");
  assert.equal((await session.fetch(new Request("https://app.example/x", { method: "POST", body: "b" }))).status, 200);
  assert.equal(await session.getAccessToken(), "good");
  assert.equal(session.status, "fresh");
  await session.refresh();
  session.close();
});

test("what goes wrong: the network, an abort, a failure, the end", async () => {
  let fails = 503;
  const session = open({
    api: async (url) => {
      if (url.endsWith("/down")) throw new TypeError("no network");
      const asks = 'Bearer error="insufficient_scope", scope="write all"';
      return url.endsWith("/more") ? answer(403, null, { "www-authenticate": asks }) : answer(401);
    },
    refresh: async ({ signal }) => {
      if (fails === 0) await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      if (fails === 503) throw new Error("not now");
      return null;
    },
    refreshTimeout: 100,
  });
  await session.setTokens({ accessToken: "bad", refreshToken: "first", expiresIn: 3600 });
  await assert.rejects(session.fetch(`${ORIGIN}/down`, { body: new Uint8Array(1), method: "POST" }), /no network/);
  await session.fetch(`${ORIGIN}/more`);
  const { error, scope, acrValues, maxAge, url } = seen.events.get("step-up");
  assert.deepEqual([error, scope, acrValues, maxAge], ["insufficient_scope", "write all", null, null]);
  assert.equal(url, "https://app.example/more");
  assert.equal((await session.fetch(`${ORIGIN}/x`)).status, 401);
  const { code, message, retryInMs } = seen.events.get("failed");
  assert.equal(code, "refresh_failed");
  assert.match(message, /kept/);
  assert.ok(retryInMs >= 200);
  fails = 0;
  const controller = new AbortController();
  const forced = session.refresh();
  const waits = session.getAccessToken({ minValidity: 7200, signal: controller.signal });
  setTimeout(() => controller.abort(new Error("mine")), 10);
  await assert.rejects(waits, /mine/);
  await assert.rejects(forced, { code: "refresh_timeout" });
  fails = 401;
  await assert.rejects(session.refresh(), { code: "session_expired" });
  assert.deepEqual(seen.events.get("expired"), { status: 0, code: "session_expired" });
  session.close();
});

/** What `look` gives, as soon as it gives something; the test's own deadline bounds it. */
async function until(look) {
  for (;;) {
    const found = look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("other tabs, the page, and the end of the object", async () => {
  const session = open({ api: async () => answer(200), refresh: async () => null });
  await session.ready;
  byAnotherTab(record(7, 1, "theirs"));
  assert.deepEqual(seen.events.get("adopted"), { generation: 1, change: "signed-in" });
  // Another tab signed in, and a slow one, of the session before, wrote over it.
  byAnotherTab(record(8, 1, "others"), record(7, 2, "late"));
  // G5: what followed is put back, once the marks do not say that it is over; there are none here.
  const { epoch } = await until(() => {
    const now = JSON.parse(stored.get("relatch"));
    return now.epoch === 8 && now;
  });
  assert.equal(epoch, 8);
  assert.equal(await session.getAccessToken(), "others");
  page.dispatchEvent(new Event("pagehide"));
  page.dispatchEvent(new Event("online"));
  document.dispatchEvent(new Event("visibilitychange"));
  assert.equal((await session.fetch(`${ORIGIN}/x`)).status, 200);
  await session.clear();
  assert.equal(seen.events.get("changed").change, "signed-out");
  assert.equal(stored.has("relatch"), false);
  assert.equal(
    (await session.fetch(`${ORIGIN}/x`)).status,
    200,
    "signed out: the engine is asked, and nothing is sent along",
  );
  session.close();
});

test("A1: each response is judged once, on the fast path and on the slow one", async () => {
  const asked = [];
  const session = open({
    api: async (_, init) => answer(bearer(init) === "Bearer good" ? 200 : 419),
    refresh: async () => ({ accessToken: "good", expiresIn: 3600 }),
    isChallenge: (response) => asked.push(response) > 0 && response.status === 419,
    storage: "memory",
  });
  await session.setTokens({ accessToken: "bad", refreshToken: "first", expiresIn: 3600 });
  assert.equal((await session.fetch(`${ORIGIN}/x`)).status, 200, "the fast path's challenge, and its replay");
  const slow = { method: "POST", body: new Uint8Array(1) };
  assert.equal((await session.fetch(`${ORIGIN}/x`, slow)).status, 200);
  assert.equal(asked.length, 3);
  assert.equal(new Set(asked).size, 3);
  session.close();
});

test("every event is declared for TypeScript", async () => {
  const types = await readFile(new URL("../../pkg/index.d.ts", import.meta.url), "utf8");
  const map = types.slice(types.indexOf("interface SessionEventMap"));
  const declared = (kind) => map.includes(`  ${kind}: CustomEvent<`) || map.includes(`  "${kind}": CustomEvent<`);
  assert.deepEqual(
    wire.EVENTS.map(([kind]) => kind).filter((kind) => !declared(kind)),
    [],
  );
});

test("nothing of the border's vocabulary was left out", () => {
  assert.deepEqual(
    [...INPUTS.values()].filter((name) => !seen.inputs.has(name)),
    [],
  );
  assert.deepEqual(
    [...EFFECTS.values()].filter((name) => !seen.effects.has(name)),
    [],
  );
  assert.deepEqual(
    wire.EVENTS.map(([kind]) => kind).filter((kind) => !seen.events.has(kind)),
    [],
  );
});
