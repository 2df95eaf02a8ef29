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
    // The refresh goes out when all of a burst are held: a 401 that came after it would be replayed at once.
    let [wanted, waiting] = [0, 0];
    const session = make("bearer", {
      fetch: async (...call) => {
        if (String(call[0]).includes("/users/refresh")) while (waiting < wanted) await sleep(10);
        return fetch(...call);
      },
    });
    session.addEventListener("held", () => (waiting += 1));
    const held = (n) => {
      [wanted, waiting] = [n, 0];
      return burst(session, n);
    };
    await signIn(session);
    const { accessToken, refreshToken } = JSON.parse(localStorage.relatch);
    const stop = timing(session);
    const observed = [];
    new PerformanceObserver((list) =>
      observed.push(...list.getEntries().filter(({ name }) => name.startsWith("relatch"))),
    ).observe({ type: "measure" });
    await expire();
    await held(20);
    await control({ refresh_fault: "server_error" });
    await expire();
    await held(3);
    stop();
    wanted = 0;
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
  assert.ok(result.long >= 200 && result.long < 20_000, `${result.long} ms`);
  // The first to be held waits for all of the refresh; others may have come late.
  assert.ok(result.longest >= 200, `${result.longest} ms`);
  assert.equal(result.secret, false);
  assert.ok(result.inside);
  await t.close();
});

test("a token in a URL is in no measure, and what stands on Object.prototype disturbs none", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { timing } = await import("/pkg/timing.js");
    const session = new EventTarget();
    timing(session);
    const tell = (type, detail) => session.dispatchEvent(new CustomEvent(type, { detail }));
    const names = ["duration", "start", "end", "detail", "outcome", "url", "sent", "status", "retryInMs", "generation"];
    for (const name of names)
      Object.defineProperty(Object.prototype, name, { value: "evil", configurable: true, writable: true });
    try {
      tell("held", {
        call: 1,
        sent: false,
        url: "https://api.example/users/5?access_token=opaque!secret&page=2#opaque!",
      });
      tell("refreshed", { generation: 1, reason: "rejected", durationMs: 5, waiting: 1 });
      tell("failed", { code: "refresh_failed" });
    } finally {
      for (const name of names) delete Object.prototype[name];
    }
    const entries = ["held", "refresh"].flatMap((name) => performance.getEntriesByName(`relatch: ${name}`));
    return { n: entries.length, text: JSON.stringify(entries.map(({ detail }) => detail)), url: entries[0].detail.url };
  });
  assert.equal(result.n, 3);
  assert.equal(result.url, "https://api.example/users/5?access_token=‹redacted›&page=2#‹redacted›");
  assert.ok(!/opaque|evil/.test(result.text), result.text);
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
