// The record in localStorage, and what other hands do to it.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

test("the access token deleted by hand: the next call succeeds through a refresh", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("article");
    await signIn(session);
    const before = await burst(session, 1);
    const record = JSON.parse(localStorage.getItem("relatch"));
    delete record.accessToken;
    localStorage.setItem("relatch", JSON.stringify(record));
    await sleep(5);
    return { before, after: await burst(session, 1), back: !!JSON.parse(localStorage.getItem("relatch")).accessToken };
  });
  assert.deepEqual(result, { before: { 200: 1 }, after: { 200: 1 }, back: true });
  const counters = await t.counters();
  assert.equal(counters.refreshes, 1);
  assert.equal(counters.unauthorized, 0);
  await t.close();
});

test("a tampered access token is a 401, and then a refresh", async () => {
  const t = await w.open();
  const counts = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const record = JSON.parse(localStorage.getItem("relatch"));
    record.accessToken = record.accessToken.replace(/.$/, (c) => (c === "A" ? "B" : "A")).replace(/\.(.)/, ".$1$1");
    localStorage.setItem("relatch", JSON.stringify(record));
    await sleep(5);
    return burst(session, 3);
  });
  assert.deepEqual(counts, { 200: 3 });
  assert.equal((await t.counters()).refreshes, 1);
  await t.close();
});

for (const garbage of ["{", "null", "[]", '"x"', '{"v":1}', '{"v":99,"accessToken":"a"}', "\u0000\ud800", ""]) {
  test(`garbage in localStorage is signed out, and told: ${JSON.stringify(garbage)}`, async () => {
    const t = await w.open();
    const result = await t.page.evaluate(async (garbage) => {
      localStorage.setItem("relatch", garbage);
      const session = make("bearer");
      const counts = await burst(session, 2);
      const codes = session.told("failed").map((e) => e.code);
      const kept = localStorage.getItem("relatch") === garbage;
      await signIn(session);
      return { counts, codes, kept, state: session.status, after: await burst(session, 1) };
    }, garbage);
    assert.deepEqual(result, {
      counts: { 401: 2 },
      codes: ["storage_corrupt"],
      kept: true,
      state: "fresh",
      after: { 200: 1 },
    });
    await t.close();
  });
}

test("the session outlives the page, and a new tab takes it up", async () => {
  const t = await w.open();
  await t.page.evaluate(async () => signIn(make("bearer")));
  const tab = await t.tab();
  const result = await tab.evaluate(async () => {
    const session = make("bearer");
    await session.ready;
    return { state: session.status, name: session.claims.name, counts: await burst(session, 2) };
  });
  assert.deepEqual(result, { state: "fresh", name: "ada", counts: { 200: 2 } });
  await t.close();
});

test("logout and login in one tab reach the other", async () => {
  const t = await w.open();
  await t.page.evaluate(async () => {
    globalThis.session = make("bearer");
    await signIn(session);
  });
  const tab = await t.tab();
  await tab.evaluate(async () => {
    globalThis.session = make("bearer");
    await session.ready;
    await session.clear();
  });
  await t.page.waitForFunction(() => session.status === "signed-out");
  await tab.evaluate(() => signIn(session, "grace"));
  await t.page.waitForFunction(() => session.claims?.name === "grace");
  const changes = await t.page.evaluate(() => session.told("adopted").map((e) => e.change));
  assert.deepEqual(changes, ["signed-out", "signed-in"]);
  // Each tab's own doing is told there as such, before the promise resolves.
  const own = (page) => page.evaluate(() => session.told("changed").map((e) => e.change));
  assert.deepEqual(await own(tab), ["signed-out", "signed-in"]);
  assert.deepEqual(await own(t.page), ["signed-in"]);
  await t.close();
});

test("two tabs with an expired token share one refresh (G1)", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 200 });
  await t.page.evaluate(async () => {
    globalThis.session = make("bearer");
    await signIn(session);
  });
  const tab = await t.tab();
  await tab.evaluate(async () => {
    globalThis.session = make("bearer");
    await session.ready;
  });
  await t.expire();
  const counts = await Promise.all([t.page, tab].map((page) => page.evaluate(() => burst(session, 20))));
  assert.deepEqual(counts, [{ 200: 20 }, { 200: 20 }]);
  const counters = await t.counters();
  assert.equal(counters.refresh_calls, 1);
  assert.equal(counters.reuse, 0);
  await t.close();
});

test("a store that refuses writes: the session goes on in memory, and says so", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await session.ready;
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    await signIn(session);
    await expire();
    return {
      counts: await burst(session, 5),
      codes: [...new Set(session.told("failed").map((e) => e.code))],
      state: session.status,
    };
  });
  assert.deepEqual(result, { counts: { 200: 5 }, codes: ["storage_failed"], state: "fresh" });
  await t.close();
});

test("a storage that is really full: nothing is lost while the page lives, and what fits again is stored", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await session.ready;
    let size = 1 << 22;
    for (let i = 0; size >= 1; i++) {
      try {
        localStorage.setItem(`filler${i}`, "x".repeat(size));
      } catch {
        size >>= 1;
      }
    }
    await signIn(session);
    await expire();
    const full = [await burst(session, 5), session.told("failed").map((e) => e.code), localStorage.getItem("relatch")];
    for (let i = 0; i < 64; i++) localStorage.removeItem(`filler${i}`);
    await expire();
    const free = [await burst(session, 5), JSON.parse(localStorage.getItem("relatch"))?.generation];
    return { full, free };
  });
  assert.deepEqual(result.full[0], { 200: 5 });
  assert.deepEqual([...new Set(result.full[1])], ["storage_failed"]);
  assert.equal(result.full[2], null);
  assert.deepEqual(result.free, [{ 200: 5 }, 3]);
  await t.close();
});

test("sessionStorage, memory, and a store of one's own with promises", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const kept = new Map();
    const own = {
      get: async (key) => kept.get(key),
      set: async (key, value) => {
        await sleep(20);
        kept.set(key, value);
      },
      remove: async (key) => void kept.delete(key),
    };
    const results = [];
    for (const storage of ["session", "memory", own]) {
      const session = make("bearer", { storage });
      await signIn(session);
      await expire();
      results.push(await burst(session, 5));
      if (storage === "session") results.push(sessionStorage.getItem("relatch") !== null);
      if (storage === own) {
        results.push(JSON.parse(kept.get("relatch")).generation);
        const again = make("bearer", { storage });
        results.push(await burst(again, 2));
        await again.clear();
        results.push(kept.size);
      }
    }
    return [...results, localStorage.length];
  });
  assert.deepEqual(result, [{ 200: 5 }, true, { 200: 5 }, { 200: 5 }, 2, { 200: 2 }, 0, 0]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
