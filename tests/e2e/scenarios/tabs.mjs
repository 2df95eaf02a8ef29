// What must hold for the tabs of any browser, with Web Locks or without: each function defines one test over a world,
// by `define` where it is part of another.
import assert from "node:assert/strict";
import test from "node:test";

/** Opens n tabs over one signed-in session; in each it is the global `session`. */
export async function tabsOf(w, n, { options = {}, ...where } = {}) {
  const t = await w.open(undefined, where);
  const tabs = [t.page];
  await t.page.evaluate((options) => {
    globalThis.session = make("bearer", options);
    return signIn(session);
  }, options);
  while (tabs.length < n) {
    const tab = await t.tab();
    tabs.push(tab);
    await tab.evaluate((options) => {
      globalThis.session = make("bearer", options);
      return session.ready;
    }, options);
  }
  return { ...t, tabs };
}

/** Waits until the server has counted n of these. */
async function counted(t, name, n) {
  const end = Date.now() + 30_000;
  while ((await t.counters())[name] < n) {
    assert.ok(Date.now() < end, `${name} did not come to ${n} within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until the server has been asked for a refresh n times. */
export const refreshCalls = (t, n) => counted(t, "refresh_calls", n);

/**
 * Stops a tab as a frozen one is stopped: no timer, event or promise of it runs, and it keeps its locks. By the
 * debugger, because headless Chromium ignores Page.setWebLifecycleState. Gives what thaws it.
 */
export async function freeze(t, tab) {
  const cdp = await t.context.newCDPSession(tab);
  await cdp.send("Debugger.enable");
  // Answered only when there is something to stop at.
  const paused = new Promise((resolve) => cdp.once("Debugger.paused", resolve));
  cdp.send("Debugger.pause").catch(() => {});
  cdp.send("Runtime.evaluate", { expression: "0" }).catch(() => {});
  await paused;
  return async () => {
    await cdp.send("Debugger.resume");
    await cdp.send("Debugger.disable");
  };
}

const stored = () => localStorage.getItem("relatch");

export function fiveTabs(w, where, define = test) {
  return define(
    "5 tabs × 20 calls on an expired token of a rotating server: 1 refresh, no reuse, 100 × 200 (G1)",
    async () => {
      const t = await tabsOf(w, 5, where);
      for (let round = 1; round <= 3; round++) {
        await t.expire();
        const counts = await Promise.all(t.tabs.map((tab) => tab.evaluate(() => burst(session, 20))));
        assert.deepEqual(counts, Array(5).fill({ 200: 20 }));
        const { refresh_calls, refreshes, reuse } = await t.counters();
        assert.deepEqual({ refresh_calls, refreshes, reuse }, { refresh_calls: round, refreshes: round, reuse: 0 });
      }
      // A hidden tab takes up to a second to give back a lease.
      await t.page.waitForFunction(() => localStorage.getItem("relatch:lease") === null);
      await t.close();
    },
  );
}

export function closedTab(w, where, define = test) {
  return define("a tab is closed in the middle of its refresh: the others succeed within 10 s (G1)", async () => {
    const t = await tabsOf(w, 3, where);
    // The server holds the closed tab's call for ever, and never rotates for it.
    await t.control({ refresh_fault: "hang", refresh_fault_count: 1 });
    await t.expire();
    const lost = t.tabs[0].evaluate(() => burst(session, 1)).catch(() => {});
    await refreshCalls(t, 1);
    const others = t.tabs.slice(1).map((tab) => tab.evaluate(() => burst(session, 20)));
    const start = Date.now();
    await t.tabs[0].close();
    assert.deepEqual(await Promise.all(others), Array(2).fill({ 200: 20 }));
    assert.ok(Date.now() - start < 10_000, `${Date.now() - start} ms`);
    const { refresh_calls, reuse } = await t.counters();
    assert.deepEqual({ refresh_calls, reuse }, { refresh_calls: 2, reuse: 0 });
    await lost;
    await t.close();
  });
}

export function rotatedForClosedTab(w, where, define = test) {
  return define(
    "a tab is closed and the server rotates for it all the same: a grace window gives the others the same answer",
    async () => {
      const t = await tabsOf(w, 2, where);
      await t.control({ refresh_delay_ms: 1_000, grace_ms: 60_000 });
      await t.expire();
      const lost = t.tabs[0].evaluate(() => burst(session, 1)).catch(() => {});
      await refreshCalls(t, 1);
      const other = t.tabs[1].evaluate(() => burst(session, 20));
      await t.tabs[0].close();
      assert.deepEqual(await other, { 200: 20 });
      assert.equal((await t.counters()).reuse, 0);
      await lost;
      await t.close();
    },
  );
}

export function logoutElsewhere(w, where, define = test) {
  return define(
    "logout in one tab during another's refresh: the store stays empty, the session is not resurrected (G5)",
    async () => {
      const t = await tabsOf(w, 2, where);
      await t.control({ refresh_delay_ms: 1_000 });
      await t.expire();
      const calls = t.tabs[0].evaluate(() => burst(session, 5));
      await refreshCalls(t, 1);
      const cleared = await t.tabs[1].evaluate(async () => {
        await session.clear();
        return localStorage.getItem("relatch");
      });
      assert.equal(cleared, null);
      assert.deepEqual(await calls, { 401: 5 });
      // The answer with the new tokens is here now, whoever it was for.
      while ((await t.counters()).refreshes < 1) await new Promise((resolve) => setTimeout(resolve, 20));
      const { n } = (await t.log()).at(-1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (const tab of t.tabs) {
        assert.equal(await tab.evaluate(stored), null);
        assert.equal(await tab.evaluate(() => session.status), "signed-out");
        assert.deepEqual(await tab.evaluate(() => burst(session, 3)), { 401: 3 });
      }
      const after = (await t.log()).filter((entry) => entry.n > n);
      assert.deepEqual([...new Set(after.map((entry) => entry.header))], ["none"]);
      assert.equal((await t.counters()).refresh_calls, 1);
      await t.close();
    },
  );
}

export function otherUser(w, where, define = test) {
  return define(
    "sign-in as B in one tab during A's refresh in another: B's tokens survive, no A token is sent afterwards (G5, A2)",
    async () => {
      const t = await tabsOf(w, 2, where);
      // Long enough for a sign-in on a busy machine: the refresh must land after it.
      await t.control({ refresh_delay_ms: 3_000 });
      await t.expire();
      const calls = t.tabs[0].evaluate(() => burst(session, 5));
      await refreshCalls(t, 1);
      // A's calls were sent together, and the first 401 starts the refresh: the others may still be on their way to the
      // server, with A's token, and come in after B's sign-in. That says nothing of what was sent after it.
      await counted(t, "requests", 5);
      const before = await t.tabs[1].evaluate(async () => {
        await signIn(session, "grace");
        return localStorage.getItem("relatch");
      });
      const { n } = (await t.log()).at(-1);
      assert.equal((await t.counters()).refreshes, 0, "the refresh landed before the sign-in, and this shows nothing");
      // They were A's calls: they must not go out again as B's.
      assert.deepEqual(await calls, { 401: 5 });
      while ((await t.counters()).refreshes < 1) await new Promise((resolve) => setTimeout(resolve, 20));
      await new Promise((resolve) => setTimeout(resolve, 500));
      for (const tab of t.tabs) {
        assert.equal(await tab.evaluate(stored), before);
        assert.equal(await tab.evaluate(() => session.claims.name), "grace");
        const user = await tab.evaluate(async () => (await (await session.fetch(`${base}/echo`)).json()).user);
        assert.equal(user, "grace");
      }
      // The log names tokens by their ids: only B's is used from then on.
      const id = JSON.parse(
        atob(JSON.parse(before).accessToken.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")),
      ).jti;
      const used = (await t.log())
        .filter((entry) => entry.n > n && entry.path !== "/users/refresh")
        .map((entry) => entry.jti);
      assert.deepEqual(used, [id, id]);
      assert.equal((await t.counters()).reuse, 0);
      await t.close();
    },
  );
}

export function deafTab(w, where, define = test) {
  return define(
    "a tab that is too busy to hear of another's refresh adopts it, and does not send the spent token (G1)",
    async () => {
      const t = await tabsOf(w, 2, where);
      await t.control({ refresh_delay_ms: 600 });
      await t.expire();
      const first = t.tabs[0].evaluate(() => burst(session, 5));
      await refreshCalls(t, 1);
      const second = await t.tabs[1].evaluate(async () => {
        const calls = burst(session, 5);
        // By then it has its 401s and waits for the lock. The other tab is done before this one hears anything again.
        await sleep(200);
        const end = performance.now() + 1_500;
        while (performance.now() < end);
        return calls;
      });
      assert.deepEqual([await first, second], [{ 200: 5 }, { 200: 5 }]);
      const { refresh_calls, reuse } = await t.counters();
      assert.deepEqual({ refresh_calls, reuse }, { refresh_calls: 1, reuse: 0 });
      await t.close();
    },
  );
}
