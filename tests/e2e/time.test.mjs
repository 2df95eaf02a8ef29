// Clocks that are wrong, that jump and that stand still, and lifetimes from two seconds to thirty days. The page's
// clock is moved by a script that shifts Date (and performance.now where it says so); the server keeps the real time.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The page's clock is off by `clock.wall`, and its performance.now by `clock.mono`. */
const clock = (wall) => `() => {
  const Real = Date, now = performance.now.bind(performance);
  globalThis.clock = { wall: ${wall}, mono: 0 };
  globalThis.Date = class Date extends Real {
    constructor(...parts) {
      if (parts.length) super(...parts);
      else super(Real.now() + clock.wall);
    }
    static now() {
      return Real.now() + clock.wall;
    }
  };
  performance.now = () => now() + clock.mono;
}`;

for (const minutes of [10, -10]) {
  for (const expires_in of [true, false]) {
    const from = expires_in ? "expires_in" : "the token's own claims";
    test(`a clock that is ${minutes} minutes off, lifetimes from ${from}: no loop, no refused call`, async () => {
      const t = await w.open(undefined, { init: clock(minutes * MINUTE) });
      await t.control({ expires_in });
      const result = await t.page.evaluate(async () => {
        const session = make("bearer");
        await signIn(session);
        const fresh = [session.status, await burst(session, 20)];
        await expire();
        const results = [await burst(session, 20), session.status];
        for (let i = 0; i < 5; i++) results.push((await burst(session, 4))[200]);
        return { fresh, results, failed: session.told("failed").length };
      });
      assert.deepEqual(result, {
        fresh: ["fresh", { 200: 20 }],
        results: [{ 200: 20 }, "fresh", 4, 4, 4, 4, 4],
        failed: 0,
      });
      const { refresh_calls, unauthorized } = await t.counters();
      assert.equal(refresh_calls, 1);
      assert.ok(unauthorized <= 20, `${unauthorized} times 401`);
      await t.close();
    });
  }
}

for (const mono of [true, false]) {
  const where = mono ? "on both clocks" : "which the monotonic clock does not count";
  test(`eight hours of sleep, ${where}: 20 calls, 1 refresh, no 401 (S5)`, async () => {
    const t = await w.open(undefined, { init: clock(0) });
    await t.page.evaluate(async () => {
      globalThis.session = make("bearer");
      await signIn(session);
      await burst(session, 1);
    });
    await t.expire();
    const result = await t.page.evaluate(
      async ({ ms, mono }) => {
        clock.wall += ms;
        if (mono) clock.mono += ms;
        const before = session.status;
        // Waking makes the page visible, in the same breath as the calls.
        document.dispatchEvent(new Event("visibilitychange"));
        return { before, counts: await burst(session, 20), after: session.status };
      },
      { ms: 8 * HOUR, mono },
    );
    assert.deepEqual(result, { before: "expired", counts: { 200: 20 }, after: "fresh" });
    const { refresh_calls, unauthorized } = await t.counters();
    assert.deepEqual({ refresh_calls, unauthorized }, { refresh_calls: 1, unauthorized: 0 });
    await t.close();
  });
}

test("a page that becomes visible with an expired token refreshes before anybody asks", async () => {
  const t = await w.open(undefined, { init: clock(0) });
  const reasons = await t.page.evaluate(async (ms) => {
    const session = make("bearer");
    await signIn(session);
    clock.wall += ms;
    const refreshed = new Promise((resolve) => session.addEventListener("refreshed", resolve, { once: true }));
    document.dispatchEvent(new Event("visibilitychange"));
    await refreshed;
    return session.told("refreshed").map((e) => e.reason);
  }, HOUR);
  assert.deepEqual(reasons, ["expired"]);
  await t.close();
});

for (const ms of [HOUR, -HOUR, -8 * HOUR]) {
  test(`the clock jumps by ${ms / HOUR} h in the middle of a refresh: every call succeeds, no loop`, async () => {
    const t = await w.open(undefined, { init: clock(0) });
    await t.control({ refresh_delay_ms: 400 });
    const result = await t.page.evaluate(async (ms) => {
      const session = make("bearer");
      await signIn(session);
      await expire();
      const calls = burst(session, 20);
      await sleep(150);
      clock.wall += ms;
      const results = [await calls];
      for (let i = 0; i < 5; i++) results.push(await burst(session, 4));
      return { results, failed: session.told("failed").length };
    }, ms);
    assert.deepEqual(result, { results: [{ 200: 20 }, ...Array(5).fill({ 200: 4 })], failed: 0 });
    // A clock that jumped ahead makes the new token look old, once.
    const { refresh_calls, reuse } = await t.counters();
    assert.ok(refresh_calls <= 2, `${refresh_calls} refreshes`);
    assert.equal(reuse, 0);
    await t.close();
  });
}

test("tokens that live two seconds: six seconds of calls, none refused, no hold (G2)", async () => {
  const t = await w.open();
  await t.control({ access_lifetime_ms: 2_000 });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const end = performance.now() + 6_000;
    const counts = {};
    while (performance.now() < end) {
      for (const [status, n] of Object.entries(await burst(session, 2))) counts[status] = (counts[status] ?? 0) + n;
      await sleep(100);
    }
    return { kinds: Object.keys(counts), failed: session.told("failed").length };
  });
  assert.deepEqual(result, { kinds: ["200"], failed: 0 });
  const { refresh_calls } = await t.counters();
  assert.ok(refresh_calls >= 2 && refresh_calls <= 8, `${refresh_calls} refreshes`);
  await t.close();
});

test("a token that lives thirty days is not refreshed, and no timer is set beyond what timers can hold", async () => {
  const t = await w.open();
  await t.control({ access_lifetime_ms: 30 * 24 * HOUR });
  const result = await t.page.evaluate(async () => {
    const spans = [];
    const set = globalThis.setTimeout;
    globalThis.setTimeout = (what, ms, ...rest) => {
      spans.push(ms ?? 0);
      return set(what, ms, ...rest);
    };
    const session = make("bearer", { maxWait: 3_600_000, refreshTimeout: 600_000 });
    await signIn(session);
    const fresh = await burst(session, 5);
    await expire();
    const refreshed = await burst(session, 5);
    return { fresh, refreshed, status: session.status, set: spans.length > 0, max: Math.max(...spans) <= 2 ** 31 - 1 };
  });
  assert.deepEqual(result, { fresh: { 200: 5 }, refreshed: { 200: 5 }, status: "fresh", set: true, max: true });
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
