// G1: sessionStorage is one tab's, but a window that a page opens begins with a copy of it.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

const begin = (page) =>
  page.evaluate(async () => {
    globalThis.session = make("bearer", { storage: "session" });
    await session.ready;
    return session.status;
  });

test("a window that the page opens drops its copy, and one refresh token is spent once", async () => {
  const t = await w.open();
  await begin(t.page);
  await t.page.evaluate(() => signIn(session));
  const [popup] = await Promise.all([
    t.context.waitForEvent("page"),
    t.page.evaluate(() => void window.open(location.href)),
  ]);
  await popup.waitForFunction(() => globalThis.ready);
  assert.equal(await popup.evaluate(() => sessionStorage.getItem("relatch") !== null), true, "it has a copy");
  assert.equal(await begin(popup), "signed-out");
  await t.expire();
  const calls = await Promise.all([t.page, popup].map((page) => page.evaluate(() => burst(session, 3))));
  assert.deepEqual(calls, [{ 200: 3 }, { 401: 3 }]);
  const { refreshes, reused } = await t.counters();
  assert.deepEqual([refreshes, reused ?? 0], [1, 0]);
  // It can sign in for itself, and both live on.
  await popup.evaluate(() => signIn(session));
  await t.expire();
  const both = await Promise.all([t.page, popup].map((page) => page.evaluate(() => burst(session, 3))));
  assert.deepEqual(both, [{ 200: 3 }, { 200: 3 }]);
  await t.close();
});

test("a reload, a second session and a frame of the same tab have the session", async () => {
  const t = await w.open();
  await begin(t.page);
  await t.page.evaluate(() => signIn(session));
  for (let i = 0; i < 3; i++) {
    await t.page.reload();
    await t.page.waitForFunction(() => globalThis.ready);
    assert.equal(await begin(t.page), "fresh");
  }
  assert.equal(await begin(t.page), "fresh", "a second session object");
  await t.page.evaluate(() => {
    const frame = document.createElement("iframe");
    frame.src = location.href;
    document.body.append(frame);
  });
  const frame = await (await t.page.waitForSelector("iframe")).contentFrame();
  await frame.waitForFunction(() => globalThis.ready);
  assert.equal(await begin(frame), "fresh", "a frame");
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
