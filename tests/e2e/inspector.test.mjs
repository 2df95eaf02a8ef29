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
    /** Waits for what is drawn by a timer, however busy the machine is. */
    globalThis.until = async (is) => {
      for (let i = 0; i < 1000 && !is(); i++) await sleep(20);
      return is();
    };
    await session.ready;
  });

test("status, claims, time left, holds, refreshes, events and requests, and no token", async () => {
  const t = await w.open();
  await open(t);
  const result = await t.page.evaluate(async () => {
    await until(() => shown().includes("signed-out"));
    const before = shown();
    await signIn(session);
    await until(() => shown().includes("s left"));
    const signedIn = shown();
    const first = JSON.parse(localStorage.relatch);
    await expire();
    // The refresh goes out when all twenty are held: a 401 that came after it would be replayed at once.
    const plain = fetch;
    let letGo;
    const go = new Promise((resolve) => (letGo = resolve));
    globalThis.fetch = async (...call) => {
      if (String(call[0]).includes("/users/refresh")) await go;
      return plain(...call);
    };
    const calls = burst(session, 20);
    const rects = (kind) => inspector.shadowRoot.querySelectorAll(`rect.${kind}`).length;
    await until(() => rects("held") === 20);
    const during = [rects("held"), inspector.shadowRoot.querySelector("[role=img]").getAttribute("aria-label")];
    letGo();
    const counts = await calls;
    await until(() => rects("refresh") === 1);
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

test("no raw token, whatever headers, fields and paths are called", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    await import("/pkg/dist/inspector.js");
    const inspector = document.body.appendChild(document.createElement("relatch-inspector"));
    const tokens = ["opaque-access-token-1!", "opaque-refresh-token-1!", "opaque-access-token-2!", "rotated~refresh~2"];
    globalThis.fetch = async (input, init) => {
      const url = String(input);
      const told = new Headers(init?.headers).get("x-session-key");
      if (url.includes("/turn"))
        return Response.json({ d: { k: tokens[2], r: tokens[3] } }, { headers: { "x-next-key": tokens[2] } });
      return new Response(null, { status: told === tokens[2] ? 200 : 401 });
    };
    const session = relatch.createSession({
      key: "own-names",
      header: { name: "X-Session-Key" },
      refresh: { url: "/turn", send: { refreshToken: "rt" }, pick: { accessToken: "d.k", refreshToken: "d.r" } },
      fetch: inspector.fetch,
    });
    inspector.session = session;
    await session.setTokens({ accessToken: tokens[0], refreshToken: tokens[1] });
    const { status } = await session.fetch(`/users/5?kind=draft&t=${encodeURIComponent(tokens[0])}#${tokens[1]}`);
    await session.fetch("/x", {
      method: "POST",
      body: JSON.stringify({ rt: tokens[1], kind: "draft", id: 7, pin: 1234 }),
    });
    const text = () => inspector.shadowRoot.textContent;
    const first = text();
    inspector.show = ["kind"];
    await session.fetch("/x?kind=draft", { method: "POST", body: JSON.stringify({ kind: "draft" }) });
    const found = tokens.filter((token) =>
      [token, encodeURIComponent(token), btoa(token)].some((x) => text().includes(x)),
    );
    return { status, found, first, last: text() };
  });
  assert.deepEqual([result.status, result.found], [200, []]);
  for (const part of [
    "x-session-key: ‹redacted›",
    '"rt": "‹redacted›"',
    '"id": 7',
    "/users/5?kind=‹redacted›&t=‹redacted›",
  ])
    assert.ok(result.first.includes(part), `${part} in ${result.first}`);
  for (const part of ["draft", "1234"]) assert.ok(!result.first.includes(part), part);
  assert.ok(result.last.includes("/x?kind=draft"));
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
