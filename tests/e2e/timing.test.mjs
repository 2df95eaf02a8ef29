// relatch/timing: holds and refreshes as User Timing measures.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

test("holds and refreshes are measured, with figures and without tokens, until it is stopped", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 200 });
  const result = await t.page.evaluate(async () => {
    const { timing } = await import("/pkg/timing.js");
    const session = make("bearer");
    await signIn(session);
    const { accessToken, refreshToken } = JSON.parse(localStorage.relatch);
    const stop = timing(session);
    const observed = [];
    new PerformanceObserver((list) =>
      observed.push(...list.getEntries().filter(({ name }) => name.startsWith("relatch"))),
    ).observe({ type: "measure" });
    await expire();
    await burst(session, 20);
    await control({ refresh_fault: "server_error" });
    await expire();
    await burst(session, 3);
    stop();
    await session.refresh().catch(() => {});
    await sleep(50);
    const of = (name) => observed.filter((entry) => entry.name === `relatch: ${name}`);
    return {
      held: of("held").map(({ duration, detail }) => [
        duration > 0,
        detail.outcome,
        detail.sent,
        detail.devtools.track,
      ]),
      refresh: of("refresh").map(({ duration, detail }) => [
        duration > 0,
        detail.outcome,
        detail.waited,
        detail.reason ?? null,
      ]),
      long: of("refresh")[0].duration,
      longest: Math.max(...of("held").map(({ duration }) => duration)),
      secret:
        JSON.stringify(observed.map(({ detail }) => detail)).includes(accessToken.split(".")[2]) ||
        JSON.stringify(observed.map(({ detail }) => detail)).includes(refreshToken),
      inside: of("held")
        .slice(0, 20)
        .every((entry) => entry.startTime + entry.duration <= performance.now()),
    };
  });
  assert.deepEqual(result.held.slice(0, 20), Array(20).fill([true, "refreshed", true, "relatch"]));
  assert.deepEqual(
    result.held.slice(20).map(([, outcome]) => outcome),
    Array(3).fill("refresh_failed"),
  );
  assert.deepEqual(result.refresh, [
    [true, "refreshed", 20, "rejected"],
    [true, "refresh_failed", 3, null],
  ]);
  assert.ok(result.long >= 200 && result.long < 2000, `${result.long} ms`);
  // The first to be held waits for all of the refresh; others may have come late.
  assert.ok(result.longest >= 200, `${result.longest} ms`);
  assert.equal(result.secret, false);
  assert.ok(result.inside);
  await t.close();
});

test("a storm is a hundred measures and a figure, and the page's list does not grow for ever", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { timing } = await import("/pkg/timing.js");
    const session = new EventTarget();
    timing(session);
    const tell = (type, detail) => session.dispatchEvent(new CustomEvent(type, { detail }));
    const entries = (name) => performance.getEntriesByName(`relatch: ${name}`);
    const storm = () => {
      for (let call = 0; call < 5000; call++) tell("held", { call, sent: true, url: "/" });
      tell("refreshed", { generation: 1, reason: "rejected", durationMs: 5, waiting: 5000 });
    };
    storm();
    const first = [entries("held").length, entries("refresh").map(({ detail }) => detail.waited)];
    performance.measure("of the application's own", { start: 0, end: 1 });
    for (let i = 0; i < 30; i++) storm();
    return {
      first,
      most: entries("held").length + entries("refresh").length,
      own: performance.getEntriesByName("of the application's own").length,
    };
  });
  assert.deepEqual(result.first, [100, [5000]]);
  assert.ok(result.most <= 1000, `${result.most} entries`);
  assert.equal(result.own, 1);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
