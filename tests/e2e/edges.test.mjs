// The refresh's signal and headers, and a record that a later version wrote.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

test("close() aborts the signal of a refresh function, and what it brings all the same is stored (G7)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    let aborted = false;
    let started;
    const begun = new Promise((resolve) => {
      started = resolve;
    });
    const session = relatch.createSession({
      async refresh({ refreshToken, fetch, signal }) {
        started();
        await sleep(200);
        aborted = signal.aborted;
        const response = await fetch(`${base}/users/refresh`, {
          method: "POST",
          body: JSON.stringify({ refreshToken }),
        });
        return (await response.json()).result;
      },
    });
    await signIn(session);
    const before = localStorage.relatch;
    await expire();
    const call = session.fetch(`${base}/home/review/detail/1`).then((response) => response.status);
    await begun;
    session.close();
    const status = await call;
    while (localStorage.relatch === before) await sleep(20);
    const next = relatch.createSession({ refresh: { url: "/none" } });
    return { aborted, status, next: await burst(next, 1) };
  });
  assert.deepEqual(result, { aborted: true, status: 401, next: { 200: 1 } });
  await t.close();
});

test("close() does not abort a refresh that is described: its tokens are stored", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const before = localStorage.relatch;
    await expire();
    await control({ refresh_delay_ms: 200 });
    const call = burst(session, 1);
    await sleep(100);
    session.close();
    const counts = await call;
    while (localStorage.relatch === before) await sleep(20);
    return { counts, next: await burst(make("bearer"), 1) };
  });
  assert.deepEqual(result, { counts: { 401: 1 }, next: { 200: 1 } });
  await t.close();
});

test("a Content-Type of the caller's stays, for JSON and for a form", async () => {
  const t = await w.open();
  const types = await t.page.evaluate(async () => {
    const types = [];
    for (const body of ["json", "form"]) {
      for (const headers of [{}, { "Content-Type": "application/vnd.api+json" }, { "content-TYPE": "text/plain" }]) {
        const session = relatch.createSession({
          storage: "memory",
          refresh: { url: "/refresh", body, headers },
          fetch: async (_url, init) => {
            types.push(new Request("/", { method: "POST", ...init }).headers.get("content-type"));
            return Response.json({ accessToken: "b", access_token: "b" });
          },
        });
        await session.setTokens({ accessToken: "a", refreshToken: "r" });
        await session.refresh();
      }
    }
    return types;
  });
  assert.deepEqual(types, [
    "application/json",
    "application/vnd.api+json",
    "text/plain",
    "application/x-www-form-urlencoded;charset=UTF-8",
    "application/vnd.api+json",
    "text/plain",
  ]);
  await t.close();
});

test("members that only a later version knows stay when this one refreshes, and go with their session", async () => {
  const t = await w.open();
  await t.page.evaluate(async () => {
    globalThis.session = make("bearer");
    await signIn(session);
  });
  // The other tab has a later version.
  const tab = await t.tab();
  await tab.evaluate(() => {
    const record = JSON.parse(localStorage.relatch);
    localStorage.relatch = JSON.stringify({ ...record, generation: record.generation + 1, later: { kept: [1] } });
  });
  await t.expire();
  const result = await t.page.evaluate(async () => {
    const counts = await burst(session, 3);
    const { later, generation } = JSON.parse(localStorage.relatch);
    await signIn(session, "grace");
    return { counts, later, generation, after: JSON.parse(localStorage.relatch).later ?? null };
  });
  assert.deepEqual(result, { counts: { 200: 3 }, later: { kept: [1] }, generation: 3, after: null });
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
