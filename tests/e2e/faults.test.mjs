// Every way a refresh can go wrong: every caller settles, and the session ends only when the server says so.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();

const FAULTS = [
  { fault: "invalid_grant", ends: true, code: null },
  { fault: "server_error", code: "refresh_failed", status: 500 },
  { fault: "unavailable", code: "refresh_failed", status: 503 },
  { fault: "too_many", code: "refresh_failed", status: 429 },
  { fault: "garbage", code: "refresh_failed", status: 200 },
  { fault: "html403", code: "refresh_failed", status: 403 },
  { fault: "html200", code: "refresh_failed", status: 200 },
  { fault: "blank", code: "refresh_failed", status: 200 },
  { fault: "same", code: "refresh_failed", status: 200 },
  { fault: "expired", code: "refresh_failed", status: 200 },
  { fault: "hang", code: "refresh_timeout", status: 0 },
  { fault: "drop_before", code: "refresh_failed", status: 0 },
];

for (const { fault, ends = false, code, status } of FAULTS) {
  const outcome = ends ? "the session ends, told once (G6)" : "tokens are kept (G7)";
  test(`the refresh answers ${fault}: ${outcome}`, async () => {
    const t = await w.open();
    await t.control({ refresh_fault: fault });
    const result = await t.page.evaluate(async () => {
      const session = make("bearer", { refreshTimeout: 700 });
      globalThis.session = session;
      await signIn(session);
      await expire();
      const counts = await burst(session, 20);
      return {
        counts,
        expired: session.told("expired").length,
        failed: session.told("failed").map(({ code, status }) => ({ code, status })),
        state: session.status,
        stored: kept(session),
      };
    });
    assert.deepEqual(result.counts, { 401: 20 });
    assert.equal(result.expired, ends ? 1 : 0);
    assert.equal(result.state, ends ? "signed-out" : "expired");
    assert.equal(result.stored, !ends);
    if (code) assert.deepEqual(result.failed, [{ code, status }]);
    if (ends) return t.close();
    // Once the server is well again, a later call succeeds.
    await t.control({ refresh_fault: null });
    const later = await t.page.evaluate(async () => {
      // The same stored session, seen by a page that knows of no backoff; one in a worker has to wait.
      const store = mode === "worker" ? globalThis.session : make("bearer");
      await store.refresh().catch(() => sleep(1_200));
      return burst(store, 5);
    });
    assert.deepEqual(later, { 200: 5 });
    assert.equal((await t.counters()).reuse, 0);
    await t.close();
  });
}

test("during the backoff the API decides and the auth server is left alone (S6); then a call succeeds", async () => {
  const t = await w.open();
  await t.control({ refresh_fault: "unavailable", refresh_fault_count: 1 });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const first = await burst(session, 1);
    const during = await burst(session, 3);
    await sleep(1200);
    return { first, during, after: await burst(session, 3), retry: session.told("failed")[0].retryInMs };
  });
  assert.deepEqual(result, { first: { 401: 1 }, during: { 401: 3 }, after: { 200: 3 }, retry: 1000 });
  assert.equal((await t.counters()).refresh_calls, 2);
  await t.close();
});

for (const grace_ms of [60_000, 0]) {
  const outcome = grace_ms ? "a server with a grace window gives it again" : "without a grace window the session ends";
  test(`the answer of a rotation is lost: ${outcome}`, async () => {
    const t = await w.open();
    await t.control({ refresh_fault: "drop", refresh_fault_count: 1, grace_ms });
    const result = await t.page.evaluate(async () => {
      const session = make("bearer");
      await signIn(session);
      await expire();
      const first = await burst(session, 3);
      const kept = session.status;
      const forced = await session.refresh().then(
        () => "refreshed",
        (e) => e.code,
      );
      return { first, kept, forced, later: await burst(session, 3) };
    });
    const later = grace_ms ? { 200: 3 } : { 401: 3 };
    assert.deepEqual(result, {
      first: { 401: 3 },
      kept: "expired",
      forced: grace_ms ? "refreshed" : "session_expired",
      later,
    });
    await t.close();
  });
}

test("abort of one held call: it rejects at once with its own reason, the others succeed (G3)", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 800 });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const controller = new AbortController();
    const others = burst(session, 10);
    const aborted = session.fetch(`${base}/home/review/detail/x`, { signal: controller.signal }).catch((e) => e);
    await sleep(200);
    const held = session.fetch(`${base}/home/review/detail/y`, { signal: controller.signal }).catch((e) => e);
    const start = performance.now();
    const reason = new Error("changed my mind");
    controller.abort(reason);
    const own = (await aborted) === reason && (await held) === reason;
    const quick = performance.now() - start < 300;
    return { own, quick, others: await others };
  });
  assert.deepEqual(result, { own: true, quick: true, others: { 200: 10 } });
  assert.equal((await t.counters()).refreshes, 1);
  await t.close();
});

test("logout during a refresh: nothing comes back, the late answer is discarded (G5)", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 500 });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const calls = burst(session, 5);
    await sleep(200);
    await session.clear();
    const counts = await calls;
    await sleep(700);
    return { counts, state: session.status, stored: kept(session) };
  });
  assert.deepEqual(result, { counts: { 401: 5 }, state: "signed-out", stored: false });
  await t.close();
});

test("your own refresh function: null ends the session, a throw keeps it, its fetch is not wrapped", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const results = [];
    let answer;
    const session = make("bearer", {
      refresh: async ({ refreshToken, fetch, signal, reason }) => {
        results.push([typeof refreshToken, signal instanceof AbortSignal, reason]);
        const response = await fetch(`${base}/users/refresh`, {
          method: "POST",
          body: JSON.stringify({ refreshToken }),
        });
        return answer((await response.json()).result);
      },
    });
    await signIn(session);
    answer = (tokens) => tokens;
    await expire();
    results.push(await burst(session, 3));
    answer = () => {
      throw new TypeError("not now");
    };
    results.push(await session.refresh().catch((e) => [e.code, e.cause?.message]), session.status);
    return results;
  });
  assert.deepEqual(result, [
    ["string", true, "rejected"],
    { 200: 3 },
    ["string", true, "forced"],
    ["refresh_failed", "not now"],
    "fresh",
  ]);
  await t.close();
  const u = await w.open();
  const ended = await u.page.evaluate(async () => {
    const session = make("bearer", { refresh: () => null });
    await signIn(session);
    await expire();
    return { counts: await burst(session, 3), expired: session.told("expired").length, status: session.status };
  });
  assert.deepEqual(ended, { counts: { 401: 3 }, expired: 1, status: "signed-out" });
  await u.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
