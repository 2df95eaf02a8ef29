// Abort at every moment of a call's life (Fetch §5.6, DOM §3.1): the caller's own reason, at once, and nobody else's
// business (G3).
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();

/** The moments, each as what is set up before the call and when the abort comes after it. */
const MOMENTS = {
  before: { abortAfterMs: -1 },
  "while held": { deleted: true, refreshDelayMs: 400, abortAfterMs: 120 },
  "at the server": { abortAfterMs: 120 },
  "waiting for the refresh": { expired: true, refreshDelayMs: 400, abortAfterMs: 200 },
  "during the replay": { expired: true, abortAfterMs: 400 },
};

for (const [moment, { deleted, expired, refreshDelayMs = 0, abortAfterMs }] of Object.entries(MOMENTS)) {
  test(`abort ${moment}: the caller's own reason, at once, and the others go on`, async () => {
    const t = await w.open();
    await t.control({ refresh_delay_ms: refreshDelayMs });
    const result = await t.page.evaluate(
      async ({ deleted, expired, abortAfterMs }) => {
        const session = make("bearer");
        await signIn(session);
        if (expired) await expire();
        if (deleted) await outdate(session);
        const rows = {};
        const url = `${base}/slow?ms=1200`;
        const calls = {
          string: (signal) => [url, { signal }],
          Request: (signal) => [new Request(url, { signal })],
          "Request with a body": (signal) => [
            new Request(`${base}/slow?ms=1200`, { method: "POST", body: "x", signal }),
          ],
          any: (signal) => [
            url,
            { signal: AbortSignal.any([signal, new AbortController().signal]), headers: new Headers() },
          ],
        };
        // A POST to /slow is a 404, which is quick: it is for the moments before.
        if (abortAfterMs > 0 && !deleted) delete calls["Request with a body"];
        const other = session.fetch(`${base}/home/review/detail/1`).then((r) => r.status);
        await Promise.all(
          Object.entries(calls).map(async ([name, args]) => {
            const controller = new AbortController();
            const reason = new RangeError(name);
            let aborted;
            const abort = () => {
              aborted = performance.now();
              controller.abort(reason);
            };
            if (abortAfterMs < 0) abort();
            const call = session.fetch(...args(controller.signal));
            if (abortAfterMs >= 0) setTimeout(abort, abortAfterMs);
            const error = await call.then(
              (r) => r.status,
              (error) => error,
            );
            rows[name] = [error === reason, performance.now() - aborted < 100];
          }),
        );
        return { rows, other: await other, refreshed: session.told("refreshed").length };
      },
      { deleted, expired, abortAfterMs },
    );
    for (const [name, row] of Object.entries(result.rows)) assert.deepEqual(row, [true, true], name);
    assert.equal(result.other, 200);
    assert.equal(result.refreshed, deleted || expired ? 1 : 0);
    await t.close();
  });
}

test("abort while the body is read: the reader gets the reason, after a replay too", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const rows = [];
    for (const expired of [false, true]) {
      if (expired) await expire();
      const controller = new AbortController();
      const reason = new RangeError("enough");
      const response = await session.fetch(`${base}/stream?chunks=200&ms=20`, { signal: controller.signal });
      const reader = response.body.getReader();
      const { value } = await reader.read();
      controller.abort(reason);
      const error = await (async () => {
        for (;;) if ((await reader.read()).done) return "ended";
      })().catch((error) => error);
      rows.push([value.length > 0, error === reason]);
    }
    return [rows, session.told("refreshed").length];
  });
  assert.deepEqual(result, [
    [
      [true, true],
      [true, true],
    ],
    1,
  ]);
  await t.close();
});

test("AbortSignal.timeout tells a TimeoutError from an AbortError, held and sent", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 500 });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const sent = await session
      .fetch(`${base}/slow?ms=1000`, { signal: AbortSignal.timeout(50) })
      .catch((e) => [e.name, e.constructor.name]);
    await expire();
    const waiting = await session
      .fetch(`${base}/echo`, { signal: AbortSignal.timeout(100) })
      .catch((e) => [e.name, e.constructor.name]);
    const held = await session
      .fetch(`${base}/echo`, { signal: AbortSignal.abort() })
      .catch((e) => [e.name, e.constructor.name]);
    return [sent, waiting, held];
  });
  assert.deepEqual(result, [
    ["TimeoutError", "DOMException"],
    ["TimeoutError", "DOMException"],
    ["AbortError", "DOMException"],
  ]);
  await t.close();
});

test("signal: null takes a Request's signal away (Fetch, the Request constructor)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    const early = make("bearer", { key: "early" });
    const request = () => new Request(`${base}/open/echo`, { signal: AbortSignal.abort() });
    const calls = [early.fetch(request(), { signal: null })];
    await session.ready;
    calls.push(session.fetch(request(), { signal: null }));
    return (await Promise.all(calls)).map((r) => r.status);
  });
  assert.deepEqual(result, [200, 200]);
  await t.close();
});

test("a signal that serves many calls keeps no listener of any of them", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = AbortSignal.prototype;
    AbortSignal.prototype.addEventListener = function (...args) {
      listeners += 1;
      return addEventListener.apply(this, args);
    };
    AbortSignal.prototype.removeEventListener = function (...args) {
      listeners -= 1;
      return removeEventListener.apply(this, args);
    };
    const early = make("bearer");
    // In a worker each has a memory of its own.
    if (mode === "worker") await signIn(early);
    const calls = [early.fetch(`${base}/echo`, { signal })];
    await calls[0];
    await expire();
    for (let i = 0; i < 20; i++)
      calls.push(session.fetch(i % 2 ? `${base}/echo` : new Request(`${base}/echo`), { signal }));
    const responses = await sleep(100).then(() => Promise.all(calls));
    const most = responses.map((r) => r.status);
    // A body may be aborted until it is read.
    for (const response of responses) await response.arrayBuffer();
    return [new Set(most).size, most[0], listeners];
  });
  assert.deepEqual(result, [1, 200, 0]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
