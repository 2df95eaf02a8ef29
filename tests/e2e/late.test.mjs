// G7: a refresh function that does not hear its signal, and answers when nobody waits for it any more.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

/** A session whose first refresh takes longer than its deadline, whatever its signal says. */
const slow = async (page, { takes, store }) =>
  page.evaluate(
    async ({ takes, store }) => {
      const state = { calls: 0, aborted: false };
      const session = relatch.createSession({
        storage: store,
        refreshTimeout: 300,
        async refresh({ refreshToken, fetch, signal }) {
          const first = ++state.calls === 1;
          const response = await fetch(`${base}/users/refresh`, {
            method: "POST",
            body: JSON.stringify({ refreshToken }),
          });
          const { result } = await response.json();
          if (first) await sleep(takes);
          state.aborted ||= signal.aborted;
          return result ?? null;
        },
      });
      const heard = [];
      for (const type of ["refreshed", "failed", "expired"]) session.addEventListener(type, () => heard.push(type));
      await signIn(session);
      await expire();
      Object.assign(globalThis, { session, state, heard });
    },
    { takes, store },
  );

for (const store of ["local", "memory"]) {
  test(`a refresh that ignores its signal and answers late is believed, nothing is spent twice: ${store}`, async () => {
    const t = await w.open();
    await slow(t.page, { takes: 600, store });
    const result = await t.page.evaluate(async () => {
      const first = await burst(session, 3);
      while (!heard.includes("refreshed")) await sleep(20);
      return { first, after: await burst(session, 3), state, heard };
    });
    assert.deepEqual(result, {
      first: { 401: 3 },
      after: { 200: 3 },
      state: { calls: 1, aborted: true },
      heard: ["failed", "refreshed"],
    });
    const { refreshes, reused } = await t.counters();
    assert.deepEqual([refreshes, reused ?? 0], [1, 0]);
    await t.close();
  });
}

test("a late answer of a session that was logged out meanwhile is discarded", async () => {
  const t = await w.open();
  await slow(t.page, { takes: 600, store: "local" });
  const result = await t.page.evaluate(async () => {
    const first = await burst(session, 1);
    await session.clear();
    await sleep(600);
    return { first, stored: localStorage.getItem("relatch"), status: session.status, calls: state.calls };
  });
  assert.deepEqual(result, { first: { 401: 1 }, stored: null, status: "signed-out", calls: 1 });
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
