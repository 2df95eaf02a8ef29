// Many tabs, frames and workers over one session, with Web Locks.
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

for (const scenario of [fiveTabs, closedTab, deafTab, rotatedForClosedTab, logoutElsewhere, otherUser]) scenario(w);

test("whoever has the lock next sees the record that was written under it, or sends nothing spent (G1)", async () => {
  const t = await tabsOf(w, 2);
  const [first, second] = t.tabs;
  await t.control({ refresh_delay_ms: 150 });
  // Handed on at once, the lock was faster than the record about one time in five: thirty rounds miss that hardly ever.
  for (let round = 0; round < 30; round++) {
    // A login a round, because refreshes without need are held up after the fifth (G2).
    await first.evaluate(() => signIn(session));
    await second.waitForFunction(() => JSON.parse(localStorage.getItem("relatch")).generation === 1);
    const refreshed = first.evaluate(() => session.refresh());
    await second.evaluate(async () => {
      while (!(await navigator.locks.query()).held.some((lock) => lock.name === "relatch:relatch")) await sleep(1);
      await session.refresh();
    });
    await refreshed;
    assert.equal((await t.counters()).reuse, 0, `round ${round}`);
    assert.ok((await second.evaluate(() => JSON.parse(localStorage.getItem("relatch")).generation)) > 1);
  }
  const adopted = await second.evaluate(() => session.told("adopted").length);
  assert.ok(adopted > 0, "the second tab never waited for the first one's refresh, and this shows nothing");
  await t.close();
});

test("the lock is held for the refresh alone, and each key has a lock of its own (G1)", async () => {
  const t = await tabsOf(w, 2);
  const held = () =>
    navigator.locks.query().then(({ held, pending }) => [...held, ...pending].map((lock) => lock.name));
  await t.control({ refresh_fault: "hang", refresh_fault_count: 1 });
  await t.expire();
  const calls = t.tabs[0].evaluate(() => burst(session, 1)).catch(() => {});
  await refreshCalls(t, 1);
  assert.deepEqual(await t.tabs[1].evaluate(held), ["relatch:relatch"]);
  // Another key's refresh does not wait for it.
  const other = await t.tabs[1].evaluate(async () => {
    const other = make("bearer", { key: "other" });
    await signIn(other);
    await other.refresh();
    return burst(other, 3);
  });
  assert.deepEqual(other, { 200: 3 });
  await t.tabs[0].close();
  assert.deepEqual(await t.tabs[1].evaluate(() => burst(session, 3)), { 200: 3 });
  await t.tabs[1].waitForFunction(async () => (await navigator.locks.query()).held.length === 0);
  await calls;
  await t.close();
});

test("a tab crashes in the middle of its refresh: the others succeed within 10 s (G1)", async () => {
  const t = await tabsOf(w, 3);
  await t.control({ refresh_fault: "hang", refresh_fault_count: 1 });
  await t.expire();
  const lost = t.tabs[0].evaluate(() => burst(session, 1)).catch(() => {});
  await refreshCalls(t, 1);
  const others = t.tabs.slice(1).map((tab) => tab.evaluate(() => burst(session, 20)));
  const start = Date.now();
  const crashed = new Promise((resolve) => t.tabs[0].on("crash", resolve));
  (await t.context.newCDPSession(t.tabs[0])).send("Page.crash").catch(() => {});
  await crashed;
  assert.deepEqual(await Promise.all(others), Array(2).fill({ 200: 20 }));
  assert.ok(Date.now() - start < 10_000, `${Date.now() - start} ms`);
  assert.equal((await t.counters()).reuse, 0);
  await lost;
  await t.close();
});

test("a tab freezes during its refresh: the others wait a bounded time, and go on once it thaws (G1, G3)", async () => {
  const t = await tabsOf(w, 2, { options: { refreshTimeout: 1_000 } });
  await t.control({ refresh_fault: "hang", refresh_fault_count: 1 });
  await t.expire();
  const frozen = t.tabs[0].evaluate(() => burst(session, 3));
  await refreshCalls(t, 1);
  const thaw = await freeze(t, t.tabs[0]);
  // The bound is the refresh's own and five seconds. The lock is not stolen, so each call gets its own 401.
  const start = Date.now();
  const result = await t.tabs[1].evaluate(async () => {
    const counts = await burst(session, 20);
    return { counts, codes: session.told("failed").map((e) => e.code), status: session.status };
  });
  assert.deepEqual(result, { counts: { 401: 20 }, codes: ["lock_timeout"], status: "expired" });
  assert.ok(Date.now() - start < 20_000, `${Date.now() - start} ms`);
  await thaw();
  assert.deepEqual(await frozen, { 401: 3 });
  assert.deepEqual(await t.tabs[1].evaluate(() => session.refresh().then(() => burst(session, 20))), { 200: 20 });
  assert.deepEqual(await t.tabs[0].evaluate(() => burst(session, 5)), { 200: 5 });
  assert.equal((await t.counters()).reuse, 0);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
