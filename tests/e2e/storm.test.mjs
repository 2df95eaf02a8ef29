// The main job: many requests, one refresh.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();

for (const style of ["article", "bearer", "oauth"]) {
  test(`${style}: a hundred calls on an expired token succeed behind one refresh (A4, G1)`, async () => {
    const t = await w.open();
    const result = await t.page.evaluate(async (style) => {
      const session = make(style);
      await signIn(session);
      await expire();
      return { counts: await burst(session, 100), refreshed: session.told("refreshed").length, status: session.status };
    }, style);
    assert.deepEqual(result, { counts: { 200: 100 }, refreshed: 1, status: "fresh" });
    const counters = await t.counters();
    assert.equal(counters.refreshes, 1);
    assert.equal(counters.refresh_calls, 1);
    assert.equal(counters.reuse, 0);
    assert.ok(counters.requests <= 201, `${counters.requests} requests`);
    const header = style === "article" ? "x-auth-token" : "authorization";
    const used = (await t.log()).filter((e) => e.path.startsWith("/home")).map((e) => e.header);
    assert.deepEqual([...new Set(used)], [header]);
    await t.close();
  });
}

test("calls made during the refresh are held: no further 401 (S5)", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 400 });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const first = burst(session, 1);
    await sleep(150);
    const during = burst(session, 50);
    return { first: await first, during: await during, held: session.told("held").length };
  });
  assert.deepEqual(result, { first: { 200: 1 }, during: { 200: 50 }, held: 51 });
  const counters = await t.counters();
  assert.equal(counters.unauthorized, 1);
  assert.equal(counters.refreshes, 1);
  await t.close();
});

test("a 401 that arrives after the refresh is replayed without another (A3)", async () => {
  const t = await w.open();
  const statuses = await t.page.evaluate(async () => {
    // The answer to the slow request is withheld until the refresh is over.
    let release;
    const gate = new Promise((resolve) => (release = resolve));
    const late = async (input, init) => {
      const response = await fetch(input, init);
      if (String(input).endsWith("/late") && response.status === 401) await gate;
      return response;
    };
    const session = make("bearer", { fetch: late });
    await signIn(session);
    await expire();
    const slow = session.fetch(`${base}/home/review/detail/late`);
    const quick = await session.fetch(`${base}/home/review/detail/1`);
    release();
    return [quick.status, (await slow).status];
  });
  assert.deepEqual(statuses, [200, 200]);
  const counters = await t.counters();
  assert.equal(counters.refreshes, 1);
  assert.equal(counters.unauthorized, 2);
  await t.close();
});

test("a fresh token that gets a 401 too: two sends, one refresh, and the caller has the 401 (A5)", async () => {
  const t = await w.open();
  await t.control({ reject_fresh: true });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const response = await session.fetch(`${base}/home/review/detail/1`);
    return {
      status: response.status,
      unread: !response.bodyUsed,
      code: (await response.json()).code,
      state: session.status,
    };
  });
  assert.deepEqual(result, { status: 401, unread: true, code: "2001", state: "fresh" });
  const counters = await t.counters();
  assert.equal(counters.requests, 2);
  assert.equal(counters.refreshes, 1);
  await t.close();
});

test("a 403 and a step-up are never answered by a refresh (A1)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const statuses = [];
    for (const path of ["/forbidden", "/step-up", "/scope"]) statuses.push((await session.fetch(base + path)).status);
    // The long way hears the same.
    statuses.push((await session.fetch(new Request(`${base}/scope`))).status);
    return {
      statuses,
      told: session
        .told("step-up")
        .map((event) => ({ ...event, url: event.url.slice(location.origin.length + base.length) })),
    };
  });
  const scope = {
    type: "step-up",
    url: "/scope",
    error: "insufficient_scope",
    scope: "review:write review:delete",
    acrValues: null,
    maxAge: null,
  };
  assert.deepEqual(result, {
    statuses: [403, 401, 403, 403],
    told: [
      {
        ...scope,
        url: "/step-up",
        error: "insufficient_user_authentication",
        scope: null,
        acrValues: "urn:example:gold",
        maxAge: 300,
      },
      scope,
      scope,
    ],
  });
  assert.equal((await t.counters()).refresh_calls, 0);
  await t.close();
});

test("isChallenge widens what counts as a challenge, to a 403 and a 200 too (A1)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const asked = [];
    const isChallenge = async (response, { json }) => {
      asked.push(response.status);
      return [403, 419].includes((await json()).status) || undefined;
    };
    const session = make("bearer", { isChallenge });
    await signIn(session);
    const statuses = [];
    for (const code of [403, 419, 200]) {
      statuses.push((await session.fetch(`${base}/status/${code}`)).status);
      // The long way, too.
      const response = await session.fetch(new Request(`${base}/status/${code}`));
      statuses.push((await response.json()).status);
    }
    return { statuses, asked };
  });
  assert.deepEqual(result.statuses, [403, 403, 419, 419, 200, 200]);
  // A challenge is asked about twice, with its replay; an odd route only once it is known to be odd (A6).
  assert.ok(result.asked.length >= 8, `${result.asked}`);
  assert.ok((await t.counters()).refreshes >= 2);
  await t.close();
});

test("calls made before the wasm is there wait for it; a signed-out call goes out without a header (S7)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    const before = session.status;
    const response = await session.fetch(`${base}/open/echo`, { method: "POST", body: new Uint8Array([1, 2, 3]) });
    const echo = await response.json();
    return { before, after: session.status, header: echo.headers.authorization ?? null, length: echo.length };
  });
  assert.deepEqual(result, { before: "loading", after: "signed-out", header: null, length: 3 });
  await t.close();
});

test("getAccessToken, claims and a forced refresh", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    const none = await session.getAccessToken().catch((e) => e.code);
    await signIn(session);
    const first = await session.getAccessToken({ minValidity: 30 });
    const same = await session.getAccessToken();
    const longer = await session.getAccessToken({ minValidity: 3600 });
    await session.refresh();
    const { name, exp, iat } = session.claims;
    return {
      none,
      same: first === same,
      renewed: first !== longer,
      name,
      lifetime: exp - iat,
      parts: longer.split(".").length,
    };
  });
  assert.deepEqual(result, { none: "signed_out", same: true, renewed: true, name: "ada", lifetime: 60, parts: 3 });
  assert.equal((await t.counters()).refreshes, 2);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
