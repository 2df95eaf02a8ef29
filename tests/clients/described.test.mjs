// A refresh that is described by data, as back ends want it: what goes out, and what is read of the answer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "../../pkg/dist/index.js";

const BASE = "https://api.example";

/** Signs in, refreshes once, and gives what the back end saw and the token that the next call carries. */
async function refreshed(refresh, answer, options = {}) {
  const seen = [];
  let carried;
  const session = createSession({
    origins: [BASE],
    storage: "memory",
    refresh: { url: `${BASE}/renew`, ...refresh },
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (request.url.startsWith(`${BASE}/renew`)) {
        seen.push({
          method: request.method,
          url: request.url,
          headers: Object.fromEntries(request.headers),
          body: init.body === undefined ? undefined : await request.text(),
        });
        return answer(seen.length);
      }
      carried = request.headers.get("authorization");
      return new Response("{}");
    },
    ...options,
  });
  let failed;
  session.addEventListener("failed", ({ detail }) => (failed = detail));
  let expired = false;
  session.addEventListener("expired", () => (expired = true));
  await session.setTokens({ accessToken: "old", refreshToken: "r1", expiresIn: 1000 });
  const error = await session.refresh().then(() => undefined, String);
  if (!error) await session.fetch(`${BASE}/x`);
  const { status } = session;
  return { seen: seen[0], all: seen, carried, session, error, failed, expired, status };
}

const json = (body, init) => () => Response.json(body, init);

test("refresh by PUT, with a body, and nested paths with indices", async () => {
  const pick = { accessToken: "data.0.token", refreshToken: "data.1.token" };
  const { seen, carried } = await refreshed(
    { method: "PUT", pick },
    json({ data: [{ token: "new" }, { token: "r2" }] }),
  );
  assert.equal(seen.method, "PUT");
  assert.deepEqual(JSON.parse(seen.body), { refreshToken: "r1" });
  assert.equal(carried, "Bearer new");
});

test("refresh by GET: the token in a header with a scheme, no body, and no token in the URL", async () => {
  const send = { refreshToken: { header: "Authorization", scheme: "Bearer" } };
  const { seen, carried } = await refreshed({ method: "GET", send }, json({ accessToken: "new" }));
  assert.equal(seen.method, "GET");
  assert.equal(seen.url, `${BASE}/renew`);
  assert.equal(seen.body, undefined);
  assert.equal(seen.headers.authorization, "Bearer r1");
  assert.equal(seen.headers["content-type"], undefined);
  assert.equal(carried, "Bearer new");
});

test("tokens in and out by headers, with a 204", async () => {
  const send = { refreshToken: { header: "X-REFRESH-TOKEN" } };
  const pick = { accessToken: { header: "X-AUTH-TOKEN" }, refreshToken: { header: "X-REFRESH-TOKEN" } };
  const answer = (n) =>
    new Response(null, { status: 204, headers: { "x-auth-token": `Bearer new${n}`, "x-refresh-token": `r${n + 1}` } });
  const { seen, carried, session, all } = await refreshed({ send, pick }, answer);
  assert.equal(seen.headers["x-refresh-token"], "r1");
  assert.deepEqual(JSON.parse(seen.body), {});
  assert.equal(carried, "Bearer new1");
  await session.refresh();
  assert.equal(all[1].headers["x-refresh-token"], "r2");
});

test("a token as plain text", async () => {
  const pick = { accessToken: { body: "text" } };
  const { carried, status } = await refreshed({ pick }, () => new Response(" new\n"));
  assert.equal(carried, "Bearer new");
  assert.equal(status, "fresh");
});

test("no refresh token is sent where a cookie carries it", async () => {
  const { seen } = await refreshed({ send: { refreshToken: null }, method: "GET" }, json({ accessToken: "new" }));
  assert.equal(seen.body, undefined);
  assert.ok(!JSON.stringify(seen).includes("r1"));
});

test("headers and fields of functions are asked at each try, also those that are promises", async () => {
  let n = 0;
  const headers = { "X-CSRF": () => `csrf${++n}`, "X-Late": async () => `late${n}`, "X-None": () => undefined, a: "b" };
  const { all, session } = await refreshed({ headers, extra: { device: () => `d${n}` } }, json({ accessToken: "new" }));
  await session.refresh().catch(() => {});
  assert.deepEqual(
    all.map(({ headers: h, body }) => [h["x-csrf"], h["x-late"], h["x-none"], h.a, JSON.parse(body).device]),
    [
      ["csrf1", "late1", undefined, "b", "d0"],
      ["csrf2", "late2", undefined, "b", "d1"],
    ].slice(0, all.length),
  );
  assert.equal(all.length, 2);
});

test("a Content-Type of one's own stays", async () => {
  const headers = { "Content-Type": "application/vnd.api+json" };
  for (const rich of [{}, { method: "PUT" }]) {
    const { seen } = await refreshed({ headers, ...rich }, json({ accessToken: "new" }));
    assert.equal(seen.headers["content-type"], "application/vnd.api+json");
  }
});

const NOW = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
for (const [unit, value] of [
  ["s", 900],
  ["s", "900"],
  ["ms", 900_000],
  ["ms", "900000"],
  ["at-s", NOW / 1000 + 900],
  ["at-ms", NOW + 900_000],
  ["date", "2026-10-21T07:43:00Z"],
  ["date", "Wed, 21 Oct 2026 07:43:00 GMT"],
]) {
  test(`a lifetime of 15 minutes as ${unit}: ${value}, by the server's clock`, async () => {
    let record = null;
    const storage = { get: () => record, set: (_, next) => (record = next), remove: () => (record = null) };
    const pick = { expiresIn: { path: "left", unit } };
    const headers = { date: new Date(NOW).toUTCString() };
    await refreshed({ pick }, json({ accessToken: "new", left: value }, { headers }), { storage });
    const { accessToken, lifetime } = JSON.parse(record);
    assert.deepEqual([accessToken, lifetime], ["new", 900_000]);
  });
}

test("a lifetime that is none is as one that is not told", async () => {
  for (const left of [null, undefined, "soon", {}]) {
    const { status } = await refreshed(
      { pick: { expiresIn: { path: "left", unit: "date" } } },
      json({ accessToken: "n", left }),
    );
    assert.equal(status, "fresh");
  }
});

test("a 401 without a body ends the session; one with text or a page does not", async () => {
  const empty = await refreshed({}, () => new Response(null, { status: 401 }));
  assert.deepEqual([empty.expired, empty.status], [true, "signed-out"]);
  for (const rich of [{}, { method: "PUT" }]) {
    const text = await refreshed(rich, () => new Response("no", { status: 401 }));
    assert.deepEqual([text.expired, text.failed.code, text.status], [false, "refresh_failed", "fresh"]);
  }
  const forbidden = await refreshed({}, () => new Response(null, { status: 403 }));
  assert.equal(forbidden.expired, false);
});

test("what a script put on Object.prototype is no place, no scheme and no unit", async () => {
  const evil = { header: "X-Evil", scheme: "Evil", path: "evil", unit: "ms", method: "PUT" };
  for (const [name, value] of Object.entries(evil)) {
    Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: false, writable: true });
  }
  try {
    const send = { refreshToken: { header: "X-REFRESH-TOKEN" } };
    const { seen, carried } = await refreshed({ send }, json({ accessToken: "new", expiresIn: 900 }));
    assert.deepEqual([seen.method, seen.headers["x-refresh-token"], seen.headers["x-evil"]], ["POST", "r1", undefined]);
    assert.equal(carried, "Bearer new");
  } finally {
    for (const name of Object.keys(evil)) delete Object.prototype[name];
  }
});
