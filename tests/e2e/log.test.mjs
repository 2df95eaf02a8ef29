// session.log: what is printed at each level, and that no token is.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

/** A page whose console is kept: `printed()` gives all of it as one text, `tokens()` every token it was ever given. */
async function open() {
  const t = await w.open(undefined, {
    init: () => {
      globalThis.printed = [];
      for (const kind of ["log", "info", "groupCollapsed", "error", "warn", "debug"]) {
        console[kind] = (...given) => printed.push(`${kind} ${given.join(" ")}`);
      }
      globalThis.tokens = [];
      const plain = fetch;
      globalThis.fetch = async (...call) => {
        const response = await plain(...call);
        if (/sign-in|refresh|token/.test(String(call[0]))) {
          const body = await response
            .clone()
            .json()
            .catch(() => ({}));
          const { accessToken, refreshToken, access_token, refresh_token } = { ...body, ...body.result };
          tokens.push(...[accessToken, refreshToken, access_token, refresh_token].filter(Boolean));
        }
        return response;
      };
    },
  });
  await t.page.evaluate(() => {
    globalThis.logged = async (session, level) => {
      session.log = level;
      // Its module is loaded when a level is first set.
      for (let i = 0; i < 100 && session.log !== (level.level ?? level); i++) await sleep(20);
    };
    globalThis.lines = async (least) => {
      for (let i = 0; i < 100 && printed.length < least; i++) await sleep(20);
      return printed.splice(0);
    };
  });
  return t;
}

test("a 401 of an origin that is not allowed says so, because no error does", async () => {
  const t = await open();
  const lines = await t.page.evaluate(async () => {
    const session = make("bearer", { origins: ["https://api.example.com"] });
    await signIn(session);
    await logged(session, "basic");
    await session.fetch(`${base}/echo`);
    await session.fetch(`${base}/open/echo`);
    return lines(2);
  });
  assert.equal(lines.length, 2, lines.join("\n"));
  assert.ok(lines[0].endsWith(`; no token goes to ${new URL(t.api).origin}, which is not in origins)`), lines[0]);
  assert.ok(!lines[1].includes("origins"), lines[1]);
  await t.close();
});

test("basic: a line for each try, with the refresh between", async () => {
  const t = await open();
  const lines = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await logged(session, "basic");
    await expire();
    await session.fetch(`${base}/home/review/detail/151`);
    return lines(3);
  });
  const url = (path) => `${t.api}${path}`.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const shapes = [
    `^info relatch GET ${url("/home/review/detail/151")} → 401 \\(\\d+ ms, \\d+ B\\)$`,
    `^info relatch POST ${url("/users/refresh")} → 200 \\(\\d+ ms, \\d+ B\\)$`,
    `^info relatch GET ${url("/home/review/detail/151")} → 200 \\(\\d+ ms, \\d+ B\\)$`,
  ];
  assert.equal(lines.length, 3, lines.join("\n"));
  for (const [i, shape] of shapes.entries()) assert.match(lines[i], new RegExp(shape));
  await t.close();
});

for (const style of ["article", "bearer", "oauth"]) {
  test(`${style}, body: headers and bodies of request and answer, and no token in any of it`, async () => {
    const t = await open();
    const result = await t.page.evaluate(async (style) => {
      const session = make(style);
      await signIn(session);
      await logged(session, { level: "body", show: ["note"] });
      await expire();
      const calls = await Promise.all(
        Array.from({ length: 5 }, (_, i) =>
          session.fetch(`${base}/echo?n=${i}&access_token=${tokens[0]}`, {
            method: "POST",
            body: JSON.stringify({ note: `hello ${i}`, again: tokens[0] }),
          }),
        ),
      );
      const unread = calls.every((response) => !response.bodyUsed);
      const bodies = await Promise.all(calls.map((response) => response.json()));
      const text = (await lines(33)).join("\n");
      return {
        text,
        unread,
        right: bodies.every(({ method }) => method === "POST"),
        tokens: tokens.flatMap((token) => [token, ...token.split(".").filter((part) => part.length > 30)]),
      };
    }, style);
    assert.ok(result.unread, "the caller's bodies are unread");
    assert.ok(result.right);
    assert.ok(result.tokens.length >= 8);
    assert.equal((result.text.match(/→ 200/g) ?? []).length, 6, result.text);
    // Allowed by name; its neighbour is the token, under a name that nobody allowed.
    assert.match(result.text, /"note": "hello 3"/);
    assert.match(result.text, /"again": "‹redacted›"/);
    assert.match(result.text, /content-type: application\/json/i);
    assert.match(result.text, style === "article" ? /x-auth-token: ‹redacted›/i : /authorization: Bearer ‹redacted›/i);
    assert.match(result.text, style === "oauth" ? /refresh_token=‹redacted›/ : /"refreshToken": "‹redacted›"/);
    for (const token of result.tokens) assert.ok(!result.text.includes(token), "a token is printed");
    await t.close();
  });
}

test("headers: no bodies; none: nothing; install keeps the log; endless streams and failures are printed", async () => {
  const t = await open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await logged(session, "headers");
    await session.fetch(`${base}/echo`, { method: "POST", body: "a body that is not printed" });
    const headers = (await lines(3)).join("\n");
    session.log = "none";
    await sleep(50);
    await session.fetch(`${base}/echo`);
    const none = printed.splice(0);
    const uninstall = session.install();
    await logged(session, "basic");
    await fetch(`${base}/echo`);
    const installed = await lines(1);
    uninstall();
    await session.fetch(`${base}/echo`);
    const after = await lines(1);
    session.log = "body";
    await sleep(50);
    const controller = new AbortController();
    const slow = session.fetch(`${base}/slow`, { signal: controller.signal }).catch((error) => error.message);
    setTimeout(() => controller.abort(new Error("a reason of my own")), 50);
    const aborted = [await slow, ...(await lines(1))];
    return { headers, none, installed, after, aborted, level: session.log };
  });
  assert.match(result.headers, /content-type/i);
  assert.ok(!result.headers.includes("not printed"));
  assert.deepEqual(result.none, []);
  assert.equal(result.installed.length, 1);
  assert.equal(result.after.length, 1);
  assert.equal(result.aborted[0], "a reason of my own");
  assert.match(result.aborted[1], /→ Error/);
  assert.ok(!result.aborted[1].includes("my own"));
  assert.equal(result.level, "body");
  await t.close();
});

test("a level that there is not is told, and changes nothing", async () => {
  const t = await open();
  const [level, [line]] = await t.page.evaluate(async () => {
    const session = make("bearer");
    session.log = "loud";
    const told = await lines(1);
    return [session.log, told];
  });
  assert.equal(level, "none");
  assert.match(line, /^error relatch: session\.log must be "none", "basic", "headers", "body"; got loud$/);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
