// Frames and workers of an origin.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

test("a page and a frame of its origin share one session and one refresh (G1)", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 200 });
  await t.page.evaluate(async () => {
    globalThis.session = make("bearer");
    await signIn(session);
    const frame = document.createElement("iframe");
    frame.src = location.href;
    document.body.append(frame);
  });
  const frame = await t.page.waitForSelector("iframe").then((element) => element.contentFrame());
  await frame.waitForFunction(() => globalThis.ready);
  await frame.evaluate(() => {
    globalThis.session = make("bearer");
    return session.ready;
  });
  await t.expire();
  const counts = await Promise.all([t.page, frame].map((place) => place.evaluate(() => burst(session, 20))));
  assert.deepEqual(counts, [{ 200: 20 }, { 200: 20 }]);
  const { refresh_calls, reuse } = await t.counters();
  assert.deepEqual({ refresh_calls, reuse }, { refresh_calls: 1, reuse: 0 });
  await frame.evaluate(() => session.clear());
  await t.page.waitForFunction(() => session.status === "signed-out");
  await t.close();
});

test("a frame that goes away in the middle of its refresh leaves the lock to the page (G1)", async () => {
  const t = await w.open();
  await t.page.evaluate(async () => {
    globalThis.session = make("bearer");
    await signIn(session);
    const frame = document.createElement("iframe");
    frame.src = location.href;
    document.body.append(frame);
  });
  const frame = await t.page.waitForSelector("iframe").then((element) => element.contentFrame());
  await frame.waitForFunction(() => globalThis.ready);
  await frame.evaluate(() => {
    globalThis.session = make("bearer");
    return session.ready;
  });
  await t.control({ refresh_fault: "hang", refresh_fault_count: 1 });
  await t.expire();
  const lost = frame.evaluate(() => burst(session, 3)).catch(() => {});
  while ((await t.counters()).refresh_calls < 1) await new Promise((resolve) => setTimeout(resolve, 10));
  const counts = await t.page.evaluate(() => {
    const calls = burst(session, 5);
    document.querySelector("iframe").remove();
    return calls;
  });
  assert.deepEqual(counts, { 200: 5 });
  await lost;
  await t.close();
});

test("a frame of an opaque origin has neither storage nor locks: it goes on in memory, and says so", async () => {
  const t = await w.open();
  await t.page.evaluate((api) => {
    const frame = document.createElement("iframe");
    frame.sandbox = "allow-scripts";
    frame.src = `${location.href}&api=${encodeURIComponent(api)}`;
    document.body.append(frame);
  }, w.server.main);
  const frame = await t.page.waitForSelector("iframe").then((element) => element.contentFrame());
  await frame.waitForFunction(() => globalThis.ready);
  const result = await frame.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const lock = await navigator.locks.request("x", () => {}).catch((error) => error.name);
    return {
      origin,
      lock,
      counts: await burst(session, 20),
      codes: session.told("failed").map((e) => e.code),
      status: session.status,
    };
  });
  assert.deepEqual(result, {
    origin: "null",
    lock: "SecurityError",
    counts: { 200: 20 },
    codes: ["storage_unavailable"],
    status: "fresh",
  });
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.close();
});

test("locks that are refused are as if there were none: the refresh happens", async () => {
  const t = await w.open(undefined, {
    init: () => {
      LockManager.prototype.request = () => Promise.reject(new DOMException("not here", "SecurityError"));
    },
  });
  const counts = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    return burst(session, 20);
  });
  assert.deepEqual(counts, { 200: 20 });
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.close();
});

test("a page, a worker and a shared worker over one own store: one refresh, a logout reaches all (G1)", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 200 });
  await t.page.evaluate(async () => {
    const { idb } = await import("/tests/e2e/idb.mjs");
    globalThis.session = make("bearer", { storage: idb });
    await signIn(session);
    const url = `/tests/e2e/worker.mjs${location.search}`;
    const worker = new Worker(url, { type: "module" });
    const { port } = new SharedWorker(url, { type: "module" });
    port.start();
    globalThis.ask = (of, n) =>
      new Promise((resolve, reject) => {
        of.onmessage = ({ data }) => resolve(data);
        of.onerror = (event) => reject(new Error(event.message));
        of.postMessage(n);
      });
    globalThis.workers = [worker, port];
  });
  const before = await t.page.evaluate(() => Promise.all(workers.map((worker) => ask(worker, 2))));
  assert.deepEqual(before, Array(2).fill({ counts: { 200: 2 }, status: "fresh" }));
  await t.expire();
  const during = await t.page.evaluate(async () => {
    const [mine, ...theirs] = await Promise.all([burst(session, 20), ...workers.map((worker) => ask(worker, 20))]);
    return [mine, ...theirs.map(({ counts }) => counts)];
  });
  assert.deepEqual(during, Array(3).fill({ 200: 20 }));
  const { refresh_calls, reuse } = await t.counters();
  assert.deepEqual({ refresh_calls, reuse }, { refresh_calls: 1, reuse: 0 });
  // A store of one's own has no events: the others hear of the logout under the lock, and the auth server is not asked.
  await t.page.evaluate(() => session.clear());
  await t.expire();
  const after = await t.page.evaluate(() => Promise.all(workers.map((worker) => ask(worker, 3))));
  assert.deepEqual(after, Array(2).fill({ counts: { 401: 3 }, status: "signed-out" }));
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
