// The Rust frontend of examples/yew, as a visitor uses it: calls by the session and by gloo-net, which knows nothing of
// it.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "../harness.mjs";

const w = world();
// The harness waits for this of pages with its own script.
const init = () => (globalThis.ready = true);
const open = () => w.open("/examples/yew/dist/index.html", { init });

const shows = (page, id, text) =>
  page.waitForFunction(([id, text]) => document.getElementById(id)?.textContent.includes(text), [id, text]);

test("twenty calls on an expired token, one refresh; a reload keeps the session, a logout ends it", async () => {
  const t = await open();
  await shows(t.page, "status", "signed-out");
  await t.page.click("#send");
  await shows(t.page, "result", "0 of 20 succeeded");
  await t.page.click("#sign-in");
  await shows(t.page, "result", "signed in as ada");
  await shows(t.page, "status", "fresh");
  await t.page.click("#expire");
  await shows(t.page, "result", "expired");
  await t.page.click("#send");
  await shows(t.page, "result", "20 of 20 succeeded");
  const counters = await t.counters();
  assert.equal(counters.refreshes, 1);
  assert.equal(counters.reuse, 0);
  await shows(t.page, "events", "refreshed: generation 2");
  await shows(t.page, "events", "replayed: call");

  await t.page.reload();
  await shows(t.page, "status", "fresh");
  await t.page.click("#send");
  await shows(t.page, "result", "20 of 20 succeeded");
  assert.equal((await t.counters()).refreshes, 1);
  await t.page.click("#sign-out");
  await shows(t.page, "status", "signed-out");
  assert.equal(await t.page.evaluate(() => localStorage.length), 0);
});

test("a session that the server ends is told, and the calls get their own 401s", async () => {
  const t = await open();
  await t.page.click("#sign-in");
  await shows(t.page, "status", "fresh");
  await t.revoke();
  await t.page.click("#send");
  await shows(t.page, "result", "0 of 20 succeeded");
  await shows(t.page, "status", "signed-out");
  await shows(t.page, "events", "expired: 401");
});

test("two tabs refresh once between them", async () => {
  const t = await open();
  const other = await t.tab();
  await t.page.click("#sign-in");
  await shows(other, "status", "fresh");
  await t.expire();
  await Promise.all([t.page.click("#send"), other.click("#send")]);
  await Promise.all([t.page, other].map((page) => shows(page, "result", "20 of 20 succeeded")));
  const counters = await t.counters();
  assert.equal(counters.refreshes, 1);
  assert.equal(counters.reuse, 0);
});

test("no page error, no unhandled rejection in all of this", () => assert.deepEqual(w.errors, []));
