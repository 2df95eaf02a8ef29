// When not to refresh: refreshes that worked count for nothing (G2), and one endpoint's own 401 is nobody else's (A6).
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();
const ROUNDS = 20;

/** A signed-in page. Whatever is asked of /picky is refused, whoever asks. */
async function signedIn(options = {}) {
  const t = await w.open();
  await t.page.route("**/picky*", (route) => route.fulfill({ status: 401, body: "not you" }));
  await t.page.evaluate(async (options) => {
    globalThis.session = make("bearer", options);
    await signIn(session);
    globalThis.ask = (path, init) => session.fetch(base + path, init).then((response) => response.status);
  }, options);
  return t;
}

const failures = (t) => t.page.evaluate(() => session.told("failed").map(({ code }) => code));

test("tokens that are revoked one after the other, one call each, twenty times: all 200 (G2)", async () => {
  const t = await signedIn();
  const statuses = [];
  for (let n = 0; n < ROUNDS; n++) {
    await t.expire();
    statuses.push(await t.page.evaluate((n) => ask(`/home/review/detail/${n}`), n));
  }
  assert.deepEqual(statuses, Array(ROUNDS).fill(200));
  assert.deepEqual(await failures(t), []);
  const { refreshes, reuse } = await t.counters();
  assert.deepEqual({ refreshes, reuse }, { refreshes: ROUNDS, reuse: 0 });
  await t.close();
});

test("delete the access token, send one call, twenty times: all 200 (G2)", async () => {
  const t = await signedIn();
  const statuses = [];
  for (let n = 0; n < ROUNDS; n++) {
    statuses.push(await t.page.evaluate((n) => outdate(session).then(() => ask(`/home/review/detail/${n}`)), n));
  }
  assert.deepEqual(statuses, Array(ROUNDS).fill(200));
  assert.deepEqual(await failures(t), []);
  await t.close();
});

for (const together of [false, true]) {
  const how = together ? "at the same time" : "one after the other";
  test(`a route that refuses every token, polled beside others ${how}, is no series of refreshes (A6)`, async () => {
    const t = await signedIn();
    const statuses = await t.page.evaluate(async (together) => {
      const seen = new Set();
      for (let n = 0; n < 25; n++) {
        const bad = ask(`/picky?n=${n}`);
        if (!together) await bad;
        const good = ask(`/home/review/detail/${n}`);
        seen.add(`${await bad} ${await good}`);
      }
      return [...seen];
    }, together);
    assert.deepEqual(statuses, ["401 200"]);
    const before = (await t.counters()).refreshes;
    assert.ok(before <= 3, `${before} refreshes`);
    // A real expiry is everybody's at once.
    await t.expire();
    assert.deepEqual(await t.page.evaluate(() => burst(session, 10)), { 200: 10 });
    assert.equal((await t.counters()).refreshes, before + 1);
    await t.close();
  });
}

test("a route that recovers is forgotten, also by the short way, and asks for a refresh as before (A6)", async () => {
  const t = await signedIn();
  await t.page.evaluate(async () => {
    await ask("/picky");
    await ask("/home/review/detail/1");
    await ask("/picky");
  });
  assert.equal((await t.counters()).refreshes, 1);
  await t.page.unroute("**/picky*");
  await t.page.route("**/picky*", async (route) => {
    const response = await route.fetch({ url: `${t.api}/home/review/detail/1` });
    await route.fulfill({ response });
  });
  assert.equal(await t.page.evaluate(() => ask("/picky")), 200);
  await t.expire();
  assert.equal(await t.page.evaluate(() => ask("/picky")), 200);
  assert.equal((await t.counters()).refreshes, 2);
  await t.close();
});

test("a POST to the same path is another route (A6)", async () => {
  const t = await signedIn();
  await t.page.unroute("**/picky*");
  await t.page.route("**/echo", (route) =>
    route.request().method() === "GET" ? route.fulfill({ status: 401 }) : route.continue(),
  );
  await t.page.evaluate(async () => {
    await ask("/echo");
    await ask("/home/review/detail/1");
    await ask("/echo");
  });
  assert.equal((await t.counters()).refreshes, 1);
  await t.expire();
  assert.equal(await t.page.evaluate(() => ask("/echo", { method: "POST", body: "x" })), 200);
  assert.equal((await t.counters()).refreshes, 2);
  await t.close();
});

test("two step-up answers in one turn, each with its own details (A1)", async () => {
  const t = await w.open();
  const told = await t.page.evaluate(async () => {
    const challenges = {
      "/a": 'Bearer error="insufficient_scope", scope="read"',
      "/longer": 'Bearer realm="of some length", error="insufficient_user_authentication", acr_values="gold"',
      "/c": 'Bearer error="insufficient_scope", scope="one two three"',
    };
    const answers = [];
    // All are answered in one task: nothing is carried out between them.
    const fetch = (url) =>
      new Promise((resolve) => {
        const challenge = challenges[new URL(url, location.href).pathname];
        const headers = challenge ? { "www-authenticate": challenge } : {};
        answers.push(() => resolve(new Response("", { status: challenge ? 403 : 200, headers })));
        if (!challenge || answers.length === 3) for (const answer of answers.splice(0)) answer();
      });
    const session = make("bearer", { fetch });
    await signIn(session);
    await session.fetch("/ok");
    await Promise.all(Object.keys(challenges).map((path) => session.fetch(path)));
    return session
      .told("step-up")
      .map(({ url, error, scope, acrValues }) => [new URL(url).pathname, error, scope, acrValues]);
  });
  assert.deepEqual(told, [
    ["/a", "insufficient_scope", "read", null],
    ["/longer", "insufficient_user_authentication", null, "gold"],
    ["/c", "insufficient_scope", "one two three", null],
  ]);
  await t.close();
});

const THEN = "Mon, 01 Jan 2001 00:00:00 GMT";
const HOUR = 3_600_000;
/** The answer's Retry-After and Date, and the wait; `undefined`: drawn, as if there were none. */
const WAITS = [
  ["7", THEN, 7_000],
  ["0", THEN, 200],
  ["007", undefined, 7_000],
  ["99999999999999999999", THEN, HOUR],
  ["Mon, 01 Jan 2001 00:00:09 GMT", THEN, 9_000],
  ["Monday, 01-Jan-01 00:00:09 GMT", THEN, 9_000],
  ["Mon Jan  1 00:00:09 2001", THEN, 9_000],
  ["Mon Jan 01 00:00:09 2001", "Mon Jan  1 00:00:00 2001", 9_000],
  ["Sun, 31 Dec 2000 00:00:00 GMT", THEN, 200],
  ["Fri, 01 Jan 2100 00:00:00 GMT", "-1", HOUR],
  ...[
    "-99999",
    "-1",
    "+7",
    "3600.5",
    "7.0",
    "1e3",
    "0x10",
    "7s",
    "7, 8",
    "soon",
    "null",
    "NaN",
    "Infinity",
    "2100-01-01",
    "2100-01-01T00:00:00Z",
    "01 Jan 2100",
    "Jan 2100",
    "Fri, 01 Jan 2100 00:00:00 PST",
    "Fri, 01 Jan 2100 00:00:00 +0100",
    "Fri, 01 Jan 2100 00:00:00",
    "12/31/2099",
    "2100",
  ].map((value) => [value, THEN, value === "2100" ? 2_100_000 : undefined]),
];

test("Retry-After is whole seconds or a date of RFC 9110, and whatever else it says is nothing (G7)", async () => {
  const t = await w.open();
  const waits = await t.page.evaluate(async (given) => {
    const waits = [];
    for (const [retryAfter, date] of given) {
      const headers = { "retry-after": retryAfter, ...(date && { date }) };
      const fetch = async (url) =>
        `${url}`.endsWith("/refresh")
          ? new Response("{}", { status: 429, headers })
          : new Response("", { status: 401 });
      const session = make("bearer", { fetch, storage: "memory", refresh: { url: "/refresh" } });
      await session.setTokens({ accessToken: "a", refreshToken: "r" });
      await session.fetch("/x");
      waits.push(session.told("failed")[0].retryInMs);
      session.close();
    }
    return waits;
  }, WAITS);
  for (const [n, [value, , wait]] of WAITS.entries()) {
    if (wait === undefined) assert.ok(waits[n] >= 200 && waits[n] <= 1_000, `${value}: ${waits[n]} ms`);
    else assert.equal(waits[n], wait, value);
  }
  await t.close();
});
