// The network between the page and the auth server: away and back, and answers that are not the server's last word.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();
const REFRESH = "**/users/refresh";

/** A signed-in page with an expired token, whose next refreshes are answered as told, once each. */
async function answered(...answers) {
  const t = await w.open();
  await t.page.evaluate(async () => {
    globalThis.session = make("bearer");
    await signIn(session);
  });
  await t.expire();
  await t.page.route(REFRESH, (route) => {
    const answer = answers.shift();
    if (!answer) return route.continue();
    return typeof answer === "string" ? route.abort(answer) : route.fulfill(answer);
  });
  return t;
}

const outcome = () => ({
  failed: session.told("failed").map(({ status, retryInMs }) => ({ status, retryInMs })),
  expired: session.told("expired").length,
  status: session.status,
  stored: kept(session),
});

const json = (status, body = {}, headers = {}) => ({
  status,
  contentType: "application/json",
  headers,
  body: JSON.stringify(body),
});
const html = (status) => ({ status, contentType: "text/html", body: "<!doctype html><p>sign in to the network</p>" });

const TRANSIENT = {
  "400 with another error than invalid_grant": json(400, { error: "invalid_request" }),
  "401 with a proxy's page": html(401),
  "404 with a page": html(404),
  408: json(408, { error: "timeout" }),
  "408 that says invalid_grant": json(408, { error: "invalid_grant" }),
  425: json(425, { error: "too_early" }),
  "502 with a page": html(502),
  "503 that says invalid_grant": json(503, { error: "invalid_grant" }),
  "204 without a body": { status: 204 },
  "401 with an empty object": json(401),
  "401 with an array": json(401, []),
  "a redirect to a login page": { status: 302, headers: { location: "/www/index.html" } },
  "a connection that breaks off": "connectionreset",
  "a name that is not found": "namenotresolved",
  "a connection that is refused": "connectionrefused",
};

for (const [name, answer] of Object.entries(TRANSIENT)) {
  test(`${name}: tokens are kept, and the next refresh succeeds (G7)`, async () => {
    const t = await answered(answer);
    assert.deepEqual(await t.page.evaluate(() => burst(session, 10)), { 401: 10 });
    const { failed, ...rest } = await t.page.evaluate(outcome);
    assert.deepEqual(rest, { expired: 0, status: "expired", stored: true });
    assert.deepEqual(
      failed.map(({ status }) => status),
      [typeof answer === "string" || answer.status === 302 ? 0 : answer.status],
    );
    assert.ok(failed[0].retryInMs <= 1_000, `${failed[0].retryInMs} ms`);
    // Once the first backoff is over, at most a second, an ordinary call refreshes again.
    const later = await t.page.evaluate(() => sleep(1_100).then(() => burst(session, 10)));
    assert.deepEqual(later, { 200: 10 });
    const { refreshes, reuse } = await t.counters();
    assert.deepEqual({ refreshes, reuse }, { refreshes: 1, reuse: 0 });
    await t.close();
  });
}

const date = (ms) => new Date(ms).toUTCString();
// The page's clock has no part in a wait that is given as a date: these answers come from 2001.
const THEN = Date.UTC(2001, 0, 1);
const RETRY = {
  seconds: [{ "retry-after": "7" }, 7_000],
  "a date, measured against the answer's own": [{ "retry-after": date(THEN + 9_000), date: date(THEN) }, 9_000],
  "a date in the past": [{ "retry-after": date(THEN - 9_000), date: date(THEN) }, 200],
  "a day, which is cut to an hour": [{ "retry-after": "86400" }, 3_600_000],
  "a date in a year, which is cut to an hour": [
    { "retry-after": date(THEN + 31_536_000_000), date: date(THEN) },
    3_600_000,
  ],
};

for (const status of [429, 503]) {
  for (const [name, [headers, wait]] of Object.entries(RETRY)) {
    test(`${status} with Retry-After as ${name} (G7)`, async () => {
      const t = await answered(json(status, { error: "later" }, headers));
      assert.deepEqual(await t.page.evaluate(() => burst(session, 3)), { 401: 3 });
      assert.deepEqual(await t.page.evaluate(outcome), {
        failed: [{ status, retryInMs: wait }],
        expired: 0,
        status: "expired",
        stored: true,
      });
      if (wait === 200) {
        assert.deepEqual(await t.page.evaluate(() => sleep(250).then(() => burst(session, 3))), { 200: 3 });
      } else {
        // Coming online does not cut short what the server asked for: until then the API alone is asked (S6).
        const during = await t.page.evaluate(() => {
          dispatchEvent(new Event("online"));
          return burst(session, 3);
        });
        assert.deepEqual(during, { 401: 3 });
        assert.equal((await t.counters()).refresh_calls, 0);
      }
      await t.close();
    });
  }
}

test("offline with an expired token: calls fail, tokens are kept, and `online` wakes the refresh (G7)", async () => {
  const t = await w.open();
  await t.page.evaluate(async () => {
    globalThis.session = make("bearer");
    await signIn(session);
  });
  await t.expire();
  // Known to be expired, so that nothing is sent before the refresh.
  assert.deepEqual(await t.page.evaluate(() => burst(session, 1)), { 200: 1 });
  await t.expire();
  await t.context.setOffline(true);
  const off = await t.page.evaluate(async () => {
    const status = await session.refresh().catch((error) => error.code);
    return { status, counts: await burst(session, 10), online: navigator.onLine, stored: kept(session) };
  });
  assert.deepEqual(off, { status: "refresh_failed", counts: { TypeError: 10 }, online: false, stored: true });
  await t.context.setOffline(false);
  assert.deepEqual(await t.page.evaluate(() => burst(session, 10)), { 200: 10 });
  assert.deepEqual(await t.page.evaluate(() => session.told("expired").length), 0);
  const { refreshes, reuse } = await t.counters();
  assert.deepEqual({ refreshes, reuse }, { refreshes: 2, reuse: 0 });
  await t.close();
});

test("back online after a night: the refresh happens by itself, behind no backoff (G7)", async () => {
  const t = await w.open(undefined, {
    init: () => {
      const now = Date.now.bind(Date);
      globalThis.ahead = 0;
      Date.now = () => now() + ahead;
    },
  });
  await t.page.evaluate(async () => {
    globalThis.session = make("bearer");
    await signIn(session);
    ahead = 8 * 3_600_000;
  });
  await t.context.setOffline(true);
  // Held calls that were never sent go out by S6 when the refresh has failed, and fail as the network does.
  assert.deepEqual(await t.page.evaluate(() => burst(session, 10)), { TypeError: 10 });
  assert.equal(await t.page.evaluate(() => session.status), "expired");
  await t.context.setOffline(false);
  await t.page.waitForFunction(() => session.status === "fresh");
  assert.deepEqual(await t.page.evaluate(() => session.told("refreshed").map((e) => e.reason)), ["expired"]);
  assert.deepEqual(await t.page.evaluate(() => burst(session, 10)), { 200: 10 });
  await t.close();
});

test("a server that takes back every fresh token is left alone after the third (G2)", async () => {
  const t = await w.open();
  await t.control({ reject_fresh: true });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const counts = [];
    for (let i = 0; i < 8; i++) counts.push(await burst(session, 5));
    return { counts, codes: session.told("failed").map((e) => e.code), stored: kept(session) };
  });
  assert.deepEqual(result, { counts: Array(8).fill({ 401: 5 }), codes: ["fresh_tokens_rejected"], stored: true });
  assert.ok((await t.counters()).refresh_calls <= 4);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
