// Without Web Locks: a page whose host is not trusted, so that it is no secure context, and an API that is.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";
import {
  closedTab,
  deafTab,
  fiveTabs,
  freeze,
  logoutElsewhere,
  otherUser,
  refreshCalls,
  rotatedForClosedTab,
  tabsOf,
} from "./scenarios/tabs.mjs";

const w = world();
const insecure = { insecure: true };
const lease = () => localStorage.getItem("relatch:lease");

test("the page has no Web Locks, and the lease is loaded only there", async () => {
  const loads = async (t) => {
    const loaded = [];
    t.page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    await t.page.evaluate(() => make("bearer").ready);
    await t.close();
    return loaded.filter((path) => path.startsWith("/pkg")).sort();
  };
  const t = await w.open(undefined, insecure);
  assert.deepEqual(await t.page.evaluate(() => [isSecureContext, "locks" in navigator]), [false, false]);
  assert.deepEqual(await loads(t), ["/pkg/dist/lease.js"]);
  assert.deepEqual(await loads(await w.open()), []);
});

for (const scenario of [fiveTabs, closedTab, deafTab, rotatedForClosedTab, logoutElsewhere, otherUser])
  scenario(w, insecure);

for (const freezes of [false, true]) {
  test(`a tab ${freezes ? "freezes" : "crashes"} while it has the lease: the others succeed in 10 s (G1)`, async () => {
    const t = await tabsOf(w, 3, insecure);
    await t.control({ refresh_fault: "hang", refresh_fault_count: 1 });
    await t.expire();
    const lost = t.tabs[0].evaluate(() => burst(session, 2)).catch(() => {});
    await refreshCalls(t, 1);
    assert.match(await t.tabs[1].evaluate(lease), / hold \d+$/);
    const others = t.tabs.slice(1).map((tab) => tab.evaluate(() => burst(session, 20)));
    const start = Date.now();
    let thaw;
    if (freezes) {
      thaw = await freeze(t, t.tabs[0]);
    } else {
      const crashed = new Promise((resolve) => t.tabs[0].on("crash", resolve));
      (await t.context.newCDPSession(t.tabs[0])).send("Page.crash").catch(() => {});
      await crashed;
    }
    assert.deepEqual(await Promise.all(others), Array(2).fill({ 200: 20 }));
    assert.ok(Date.now() - start < 10_000, `${Date.now() - start} ms`);
    const { refresh_calls, reuse } = await t.counters();
    assert.deepEqual({ refresh_calls, reuse }, { refresh_calls: 2, reuse: 0 });
    if (freezes) {
      // Back again: it neither takes the lease back nor sends its refresh token again, and it adopts what the others
      // have.
      await thaw();
      assert.deepEqual(await lost, { 200: 2 });
      assert.deepEqual(await t.tabs[0].evaluate(() => burst(session, 3)), { 200: 3 });
      assert.equal((await t.counters()).refresh_calls, 2);
    }
    await t.tabs[1].waitForFunction(() => localStorage.getItem("relatch:lease") === null);
    await t.close();
  });
}

test("of four tabs that all wake when the lease becomes free, one has it at a time (G1)", async () => {
  const t = await tabsOf(w, 4, insecure);
  const turns = await Promise.all(
    t.tabs.map((tab) =>
      tab.evaluate(async () => {
        const { lease } = await import("/pkg/dist/lease.js");
        const turns = [];
        for (let i = 0; i < 6; i++) {
          await new Promise((resolve) => {
            const release = lease({ web: localStorage, key: "contended", refreshTimeoutMs: 0 }, async () => {
              const from = Date.now();
              await sleep(30);
              turns.push({ from, to: Date.now() });
              release();
              resolve();
            });
          });
        }
        return turns;
      }),
    ),
  );
  const all = turns.flat().sort((a, b) => a.from - b.from);
  assert.equal(all.length, 24);
  const overlaps = all.filter((turn, i) => i > 0 && turn.from < all[i - 1].to);
  assert.deepEqual(overlaps, []);
  await t.close();
});

test("a refresh that takes longer than a dead lease lives is not disturbed: it shows signs of life (G1)", async () => {
  const t = await tabsOf(w, 3, insecure);
  await t.control({ refresh_delay_ms: 8_000 });
  await t.expire();
  const counts = await Promise.all(t.tabs.map((tab) => tab.evaluate(() => burst(session, 5))));
  assert.deepEqual(counts, Array(3).fill({ 200: 5 }));
  const { refresh_calls, reuse } = await t.counters();
  assert.deepEqual({ refresh_calls, reuse }, { refresh_calls: 1, reuse: 0 });
  await t.close();
});

test("a lease left behind long ago, and garbage in its place, are waited for once and then replaced (G1)", async () => {
  const t = await tabsOf(w, 1, insecure);
  for (const left of ["1234567890 hold 7", "garbage", ""]) {
    await t.page.evaluate((left) => localStorage.setItem("relatch:lease", left), left);
    await t.expire();
    const start = Date.now();
    assert.deepEqual(await t.page.evaluate(() => burst(session, 3)), { 200: 3 });
    assert.ok(Date.now() - start < 10_000, `${Date.now() - start} ms`);
    await t.page.waitForFunction(() => localStorage.getItem("relatch:lease") === null);
  }
  await t.close();
});

test("no sign of life goes beyond the refresh's own deadline; the wait for a lease is bounded (G1, G3)", async () => {
  const t = await tabsOf(w, 2, { ...insecure, options: { refreshTimeout: 500 } });
  // A living lease of nobody: it changes all the time.
  await t.tabs[0].evaluate(() => {
    let beat = 0;
    setInterval(() => localStorage.setItem("relatch:lease", `another hold ${++beat}`), 200);
  });
  await t.tabs[1].waitForFunction(() => localStorage.getItem("relatch:lease") !== null);
  await t.expire();
  const result = await t.tabs[1].evaluate(async () => {
    const counts = await burst(session, 5);
    return { counts, codes: session.told("failed").map((e) => e.code), status: session.status };
  });
  assert.deepEqual(result, { counts: { 401: 5 }, codes: ["lock_timeout"], status: "expired" });
  assert.equal((await t.counters()).refresh_calls, 0);
  assert.match(await t.tabs[1].evaluate(lease), /^another/);
  await t.close();
});

test("a full storage gives no lease: the refresh happens all the same, in memory", async () => {
  const t = await tabsOf(w, 1, insecure);
  await t.expire();
  const result = await t.page.evaluate(async () => {
    Storage.prototype.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    return {
      counts: await burst(session, 5),
      codes: session.told("failed").map((e) => e.code),
      status: session.status,
    };
  });
  assert.deepEqual(result, { counts: { 200: 5 }, codes: ["storage_failed"], status: "fresh" });
  await t.close();
});

test("sessionStorage and memory go on without Web Locks, too", async () => {
  const t = await w.open(undefined, insecure);
  const result = await t.page.evaluate(async () => {
    const results = [];
    const kept = new Map();
    const own = {
      get: (key) => kept.get(key),
      set: (key, value) => void kept.set(key, value),
      remove: (key) => void kept.delete(key),
    };
    for (const storage of ["session", "memory", own]) {
      const session = make("bearer", { storage });
      await signIn(session);
      await session.refresh();
      results.push(await burst(session, 3));
    }
    return [...results, localStorage.length];
  });
  assert.deepEqual(result, [{ 200: 3 }, { 200: 3 }, { 200: 3 }, 0]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
