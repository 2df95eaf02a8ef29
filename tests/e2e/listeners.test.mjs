// What an application does inside its own listeners, in the middle of the session's work.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();

test("a listener may call the session, abort a call and log out: every call settles (G8)", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 200 });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const calls = [];
    const controller = new AbortController();
    const status = (promise) =>
      promise.then(
        (r) => r.status,
        (e) => e.name,
      );
    const again = (name) => calls.push(status(session.fetch(new Request(`${base}/home/review/detail/${name}`))));
    for (const type of ["held", "refreshed", "replayed"]) {
      session.addEventListener(type, () => again(type), { once: true });
    }
    // Aborted from inside an event of the session, and answered by another call from inside the abort.
    session.addEventListener("held", () => controller.abort(), { once: true });
    controller.signal.addEventListener("abort", () => again("abort"));
    const aborted = status(session.fetch(new Request(`${base}/home/review/detail/x`), { signal: controller.signal }));
    const counts = await burst(session, 5);
    const first = [await aborted, counts, await Promise.all(calls)];
    calls.length = 0;
    session.addEventListener(
      "refreshed",
      () => {
        again("late");
        session.clear();
      },
      { once: true },
    );
    await session.refresh();
    return [...first, await Promise.all(calls), session.status];
  });
  assert.deepEqual(result, ["AbortError", { 200: 5 }, [200, 200, 200, 200], [200], "signed-out"]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
