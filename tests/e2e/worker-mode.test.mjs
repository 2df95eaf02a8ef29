// relatch/worker: the session lives in a worker, and the page gets a fetch that never sees a token.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import test from "node:test";
import { world } from "./harness.mjs";
import { skipped } from "./worker-skips.mjs";

const w = world();

for (const kind of ["Worker", "SharedWorker"]) {
  test(`${kind}: login, a hundred calls on an expired token behind one refresh, logout`, async () => {
    const t = await w.open();
    const result = await t.page.evaluate(async (kind) => {
      const { connect } = await import("/pkg/dist/worker.js");
      const session = connect(
        new globalThis[kind](`/tests/e2e/session-worker.mjs${location.search}`, { type: "module" }),
      );
      const told = [];
      for (const type of ["refreshed", "expired"])
        session.addEventListener(type, ({ detail }) => told.push([type, detail.reason ?? detail.code]));
      await session.ready;
      const before = session.status;
      const login = await session.login({ name: "ada" });
      const status = session.status,
        { name } = session.claims;
      await expire();
      const counts = await burst(session, 100);
      await session.clear();
      return {
        before,
        login,
        status,
        name,
        counts,
        told,
        after: [session.status, session.claims, await burst(session, 2)],
      };
    }, kind);
    assert.deepEqual(result, {
      before: "signed-out",
      login: { name: "ada" },
      status: "fresh",
      name: "ada",
      counts: { 200: 100 },
      told: [["refreshed", "rejected"]],
      after: ["signed-out", null, { 401: 2 }],
    });
    const counters = await t.counters();
    assert.deepEqual([counters.refresh_calls, counters.reuse], [1, 0]);
    await t.close();
  });
}

test("two tabs share the session of a shared worker: one refresh, and a logout reaches both", async () => {
  const t = await w.open();
  const tabs = [t.page, await t.tab()];
  const join = async () => {
    const { connect } = await import("/pkg/dist/worker.js");
    globalThis.session = connect(
      new SharedWorker(`/tests/e2e/session-worker.mjs${location.search}`, { type: "module" }),
    );
    await session.ready;
  };
  for (const tab of tabs) await tab.evaluate(join);
  await t.page.evaluate(() => session.login({ name: "ada" }));
  await t.expire();
  const counts = await Promise.all(tabs.map((tab) => tab.evaluate(() => burst(session, 20))));
  assert.deepEqual(counts, [{ 200: 20 }, { 200: 20 }]);
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.page.evaluate(() => session.clear());
  assert.deepEqual(await tabs[1].evaluate(async () => [await burst(session, 1), session.status]), [
    { 401: 1 },
    "signed-out",
  ]);
  await t.close();
});

test("a shared worker forgets the pages that are gone, closed or crashed", async () => {
  const t = await w.open();
  const tabs = [t.page, await t.tab(), await t.tab()];
  for (const tab of tabs) {
    await tab.evaluate(async () => {
      const { connect } = await import("/pkg/dist/worker.js");
      globalThis.session = connect(
        new SharedWorker(`/tests/e2e/session-worker.mjs${location.search}`, { type: "module" }),
      );
      await session.ready;
    });
  }
  const [page] = tabs;
  /** How many pages the worker tells of a refresh. */
  const told = () =>
    page.evaluate(async () => {
      const channel = new BroadcastChannel(`posted-${new URLSearchParams(location.search).get("realm")}`);
      const count = () =>
        new Promise((resolve) => {
          channel.onmessage = ({ data }) => data !== "?" && resolve(data.refreshed ?? 0);
          channel.postMessage("?");
        });
      const before = await count();
      await session.refresh();
      return (await count()) - before;
    });
  await page.evaluate(() => session.login({ name: "ada" }));
  assert.equal(await told(), 3);
  await tabs[1].evaluate(() => session.close());
  await page.waitForTimeout(200);
  assert.equal(await told(), 2);
  await tabs[2].close();
  await page.waitForTimeout(500);
  assert.equal(await told(), 1);
  await t.close();
});

test("its fetch is fetch: bodies, headers, streams, aborts, errors, redirects", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { connect } = await import("/pkg/dist/worker.js");
    const session = connect(new Worker(`/tests/e2e/session-worker.mjs${location.search}`, { type: "module" }));
    await session.login({ name: "ada" });
    const echo = async (...call) => (await session.fetch(...call)).json();
    const bytes = new Uint8Array([1, 2, 3]);
    const sent = session.fetch(`${base}/echo`, { method: "POST", body: bytes, headers: { "x-a": "b" } });
    bytes.fill(0);
    const { length, sha256, headers } = await (await sent).json();
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array([1, 2, 3])));
    const form = new FormData();
    form.set("a", new Blob(["b"]), "c.txt");
    const { length: formLength } = await echo(new Request(`${base}/echo`, { method: "PUT", body: form }));
    const stream = await session.fetch(`${base}/stream?chunks=3&ms=50`);
    const chunks = [];
    for (const reader = stream.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value.length);
    }
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const slow = session.fetch(`${base}/slow`, { signal: controller.signal }).catch((error) => error === reason);
    setTimeout(() => controller.abort(reason), 50);
    const empty = await session.fetch(`${base}/status/204`);
    const redirected = await session.fetch(`${base}/redirect?to=${encodeURIComponent(`${base}/open/echo`)}`);
    const seen = {
      length,
      same: [...hash].map((b) => b.toString(16).padStart(2, "0")).join("") === sha256,
      header: headers["x-a"],
      form: formLength > 50,
      streamed: chunks.length > 1,
      aborted: await slow,
      empty: [empty.status, empty.body],
      url: [redirected.redirected, redirected.url.endsWith("/open/echo")],
      bad: await session.fetch("http://[").catch((error) => error.name),
      down: await session.fetch("http://127.0.0.1:1/").catch((error) => error.name),
      used: await session.refresh().then(() => "refreshed"),
    };
    session.close();
    return { ...seen, closed: await session.fetch("/").catch((error) => error.code) };
  });
  assert.deepEqual(result, {
    length: 3,
    same: true,
    header: "b",
    form: true,
    streamed: true,
    aborted: true,
    empty: [204, null],
    url: [true, true],
    bad: "TypeError",
    down: "TypeError",
    used: "refreshed",
    closed: "closed",
  });
  await t.close();
});

test("an injected script finds no token in stores, globals, events, messages, or by asking the worker", async () => {
  // It was there first: it sees every message, in both directions, and every response.
  const t = await w.open(undefined, {
    init: () => {
      globalThis.seen = [];
      const keep = (value) => globalThis.seen.push(value);
      for (const target of [Worker.prototype, MessagePort.prototype]) {
        const { postMessage } = target;
        target.postMessage = function (...call) {
          keep(call[0]);
          this.addEventListener("message", ({ data }) => keep(data));
          return postMessage.apply(this, call);
        };
      }
      const { dispatchEvent } = EventTarget.prototype;
      EventTarget.prototype.dispatchEvent = function (event) {
        keep(event.detail);
        return dispatchEvent.call(this, event);
      };
      const plain = fetch;
      globalThis.fetch = async (...call) => {
        const response = await plain(...call);
        response
          .clone()
          .text()
          .then(keep, () => {});
        return response;
      };
    },
  });
  const text = await t.page.evaluate(async () => {
    const { connect } = await import("/pkg/dist/worker.js");
    const worker = new Worker(`/tests/e2e/session-worker.mjs${location.search}`, { type: "module" });
    const session = connect(worker);
    Object.assign(globalThis, { worker, session });
    for (const type of ["refreshed", "held", "replayed", "expired", "failed"]) session.addEventListener(type, () => {});
    await session.login({ name: "ada" });
    await expire();
    await burst(session, 10);
    await session.refresh();
    // By asking: what the protocol has, what it has not, and the refresh itself through the session's fetch.
    const works = [
      "getAccessToken",
      "tokens",
      "record",
      "constructor",
      "__proto__",
      "toString",
      "login",
      "header",
      "port",
      "state",
    ];
    for (const work of works)
      worker.postMessage({ work, id: `evil-${work}`, given: { name: "ada" }, key: "relatch", minValidity: 0 });
    worker.postMessage({
      work: "fetch",
      id: "evil-refresh",
      url: `${base}/users/refresh`,
      init: { method: "POST", body: "{}" },
    });
    await sleep(500);
    const out = [
      JSON.stringify(globalThis.seen),
      document.cookie,
      JSON.stringify({ ...localStorage }),
      JSON.stringify({ ...sessionStorage }),
    ];
    for (const { name } of await indexedDB.databases()) out.push(name);
    for (const name of await caches.keys()) out.push(name);
    // Every own property that can be reached from the page's globals.
    const met = new Set();
    const walk = (value, depth) => {
      if (typeof value === "string") return void out.push(value);
      if (value === null || (typeof value !== "object" && typeof value !== "function") || met.has(value) || depth > 6)
        return;
      met.add(value);
      // Some getters of prototypes answer with a rejection, which is none of relatch's.
      if (value instanceof Promise) value.catch(() => {});
      for (const key of Reflect.ownKeys(value)) {
        try {
          walk(value[key], depth + 1);
        } catch {}
      }
    };
    walk(globalThis, 0);
    walk(session, 0);
    walk(Object.getPrototypeOf(session), 0);
    return out.join("\n");
  });
  const [worker] = t.page.workers();
  const tokens = await worker.evaluate(() => globalThis.tokens);
  assert.ok(tokens.length >= 6, "tokens were issued, and rotated");
  assert.match(text, /evil-refresh/, "the spy has seen messages");
  assert.match(text, /"event":"refreshed"/, "in both directions");
  for (const token of tokens) {
    for (const piece of [token, ...token.split(".").filter((part) => part.length > 40)]) {
      assert.ok(!text.includes(piece), "no token, and no piece of one");
    }
  }
  await t.close();
});

test("every test that is left out in worker mode exists", async () => {
  const folder = new URL(".", import.meta.url);
  const files = (await readdir(folder)).filter((name) => name.endsWith(".test.mjs") && name !== "worker-mode.test.mjs");
  const text = (await Promise.all(files.map((name) => readFile(new URL(name, folder), "utf8")))).join("\n");
  assert.deepEqual(
    skipped.filter((name) => !text.includes(name)),
    [],
  );
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
