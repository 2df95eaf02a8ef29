// <relatch-inspector>: what it shows of a session, and that no token is in it.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

const open = async (t) =>
  t.page.evaluate(async () => {
    await import("/pkg/dist/inspector.js");
    const inspector = document.body.appendChild(document.createElement("relatch-inspector"));
    globalThis.inspector = inspector;
    globalThis.session = make("bearer", { fetch: inspector.fetch });
    inspector.session = session;
    globalThis.shown = () => inspector.shadowRoot.textContent;
    await session.ready;
  });

test("status, claims, time left, holds, refreshes, events and requests, and no token", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 300 });
  await open(t);
  const result = await t.page.evaluate(async () => {
    await sleep(300);
    const before = shown();
    await signIn(session);
    await sleep(300);
    const signedIn = shown();
    const first = JSON.parse(localStorage.relatch);
    await expire();
    const calls = burst(session, 20);
    await sleep(200);
    const during = [
      inspector.shadowRoot.querySelectorAll("rect.held").length,
      inspector.shadowRoot.querySelector("[role=img]").getAttribute("aria-label"),
    ];
    const counts = await calls;
    await sleep(300);
    const second = JSON.parse(localStorage.relatch);
    const types = [...inspector.shadowRoot.querySelectorAll("li")].map(({ dataset }) => dataset.type);
    const summaries = [...inspector.shadowRoot.querySelectorAll("summary")].map(({ textContent }) => textContent);
    const tokens = [first, second].flatMap(({ accessToken, refreshToken }) => [
      accessToken,
      refreshToken,
      accessToken.split(".")[2],
    ]);
    return {
      before,
      signedIn,
      during,
      counts,
      types,
      summaries,
      bars: inspector.shadowRoot.querySelectorAll("rect.refresh").length,
      leaks: tokens.filter((token) => shown().includes(token)).length,
    };
  });
  assert.match(result.before, /signed-out: requests go out without a token/);
  assert.match(result.signedIn, /fresh: the access token is good/);
  assert.match(result.signedIn, /\d+ s left/);
  assert.match(result.signedIn, /subada|nameada|ada/);
  assert.deepEqual(result.during, [20, "20 calls held, 0 refreshes in the last 30 seconds"]);
  assert.deepEqual(result.counts, { 200: 20 });
  const count = (type) => result.types.filter((t) => t === type).length;
  assert.deepEqual([count("held"), count("replayed"), count("refreshed")], [20, 20, 1]);
  assert.equal(result.summaries.length, 41);
  assert.equal(result.summaries.filter((text) => / → 401 /.test(text)).length, 20);
  assert.ok(result.summaries.some((text) => /^POST .*users\/refresh → 200/.test(text)));
  assert.equal(result.bars, 1);
  assert.equal(result.leaks, 0);
  await t.close();
});

test("taken out of the page it hears nothing; a session replaces another; what fetch throws is thrown", async () => {
  const t = await w.open();
  await open(t);
  const result = await t.page.evaluate(async () => {
    await signIn(session);
    const rows = () => inspector.shadowRoot.querySelectorAll("li").length;
    await session.refresh();
    const heard = rows();
    inspector.remove();
    await session.refresh();
    const away = rows();
    document.body.append(inspector);
    inspector.session = null;
    await session.refresh();
    const none = [rows(), /no session/.test(shown())];
    const error = await inspector.fetch("http://127.0.0.1:1/").catch((error) => error.name);
    return { heard, away, none, error, failed: /→ TypeError/.test(shown()) };
  });
  assert.deepEqual(result, { heard: 2, away: 2, none: [2, true], error: "TypeError", failed: true });
  await t.close();
});

test("it works where scripts, styles and strings that become markup are forbidden", async () => {
  const t = await w.open();
  await t.page.route("**/page.html?*", async (route) => {
    const response = await route.fetch();
    const policy =
      "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'none'; require-trusted-types-for 'script'";
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  const complaints = [];
  t.page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await t.page.reload();
  await t.page.waitForFunction(() => globalThis.ready);
  await open(t);
  const background = await t.page.evaluate(async () => {
    await signIn(session);
    await sleep(300);
    return [getComputedStyle(inspector).borderTopWidth, /fresh/.test(shown())];
  });
  assert.deepEqual(background, ["1px", true]);
  assert.deepEqual(complaints, []);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
