// What counts as a challenge (A1), whatever scheme the server names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { anyOf, envelope, graphql, opaqueRedirect, redirectedTo, status } from "../../pkg/challenge.js";
import { backend, storm } from "./strict.mjs";

const refusing = (field) => ({
  refuse: () => new Response("no", { status: 401, headers: { "www-authenticate": field } }),
});

for (const field of [
  'Basic realm="api"',
  "JWT",
  "Token",
  "Session",
  'xBasic realm="x"',
  "OAuth",
  "null",
  "Negotiate",
]) {
  test(`a 401 that names ${field} to our token is answered by one refresh`, async () => {
    const b = await backend(refusing(field));
    const statuses = (await storm(b)).map(({ status }) => status);
    assert.deepEqual([...new Set(statuses)], [200]);
    assert.deepEqual([b.seen.refreshes, b.seen.reuse], [1, 0]);
    b.session.close();
  });
}

for (const field of [
  'Bearer error="insufficient_scope"',
  'Basic realm="x", Bearer error="insufficient_scope", scope="a"',
  'DPoP error="insufficient_user_authentication", acr_values="gold"',
]) {
  test(`a 401 that says ${field} is the caller's, and a step-up is told`, async () => {
    const b = await backend(refusing(field));
    let told = 0;
    b.session.addEventListener("step-up", () => told++);
    const statuses = (await storm(b, 3)).map(({ status }) => status);
    assert.deepEqual(statuses, [401, 401, 401]);
    assert.deepEqual([b.seen.refreshes, told], [0, 3]);
    b.session.close();
  });
}

test("a server that names another scheme to a good token is asked once more, and no more", async () => {
  const b = await backend();
  b.answer = ({ url }) =>
    url.endsWith("/legacy") ? new Response("no", { status: 401, headers: { "www-authenticate": "Basic" } }) : undefined;
  for (let i = 0; i < 10; i++) {
    assert.equal((await b.session.fetch("https://api.example/legacy")).status, 401);
    assert.equal((await b.session.fetch("https://api.example/other")).status, 200);
  }
  assert.equal(b.seen.refreshes, 1);
  b.session.close();
});

// ---- What the application says ---------------------------------------------------------------------------------------

const json = (body, init) => () => Response.json(body, init);
const UNAUTHENTICATED = { data: null, errors: [{ message: "no", extensions: { code: "UNAUTHENTICATED" } }] };

/** How often a body was read by the predicate, of a response whose body counts. */
function watched(response, seen) {
  const { clone } = response;
  response.clone = function () {
    seen.clones = (seen.clones ?? 0) + 1;
    return clone.call(this);
  };
  return response;
}

for (const [title, isChallenge, refuse] of [
  ["GraphQL's error in a 200", graphql("UNAUTHENTICATED"), json(UNAUTHENTICATED)],
  [
    "GraphQL's error in its own media type",
    graphql(),
    () =>
      new Response(JSON.stringify(UNAUTHENTICATED), {
        headers: { "content-type": "application/graphql-response+json" },
      }),
  ],
  [
    "an envelope in a 200",
    envelope({ path: "code", values: ["4010"] }),
    json({ isSuccess: false, code: 4010, result: null }),
  ],
  [
    "a nested envelope",
    envelope({ path: "error.reason", values: ["expired"] }),
    json({ error: { reason: "expired" } }),
  ],
  ["a 403", status(403, 419, 498), json({}, { status: 403 })],
  ["a 419", status(403, 419, 498), json({}, { status: 419 })],
  ["a 400 by a predicate of one's own", (r) => r.status === 400 || undefined, json({}, { status: 400 })],
  [
    "a 401 with insufficient_scope that means something else",
    (r) => r.status === 401 || undefined,
    json({}, { status: 401, headers: { "www-authenticate": 'Bearer error="insufficient_scope"' } }),
  ],
  [
    "the second of two",
    anyOf(status(498), graphql("EXPIRED")),
    json({ errors: [{ extensions: { code: "EXPIRED" } }] }),
  ],
]) {
  test(`isChallenge: ${title}: twenty calls, one refresh, twenty answers`, async () => {
    for (const init of [undefined, { method: "POST", body: "{}" }]) {
      const b = await backend({ refuse, isChallenge });
      const answers = await Promise.all((await storm(b, 20, init)).map((response) => response.json()));
      assert.ok(answers.every(({ ok }) => ok));
      assert.deepEqual([b.seen.refreshes, b.seen.reuse], [1, 0]);
      b.session.close();
    }
  });
}

test("isChallenge: false of a 401 stops the refresh, undefined leaves it to the rule", async () => {
  for (const [said, expected, refreshes] of [
    [false, 401, 0],
    [undefined, 200, 1],
    [null, 200, 1],
  ]) {
    const b = await backend({ isChallenge: async () => said });
    const statuses = (await storm(b, 3)).map((response) => response.status);
    assert.deepEqual([...new Set(statuses)], [expected]);
    assert.equal(b.seen.refreshes, refreshes);
    b.session.close();
  }
});

test("isChallenge: a promise of undefined is no challenge, so a POST that worked is sent once", async () => {
  const b = await backend({ isChallenge: async () => undefined });
  const before = b.seen.requests;
  const response = await b.session.fetch("https://api.example/order", { method: "POST", body: "1" });
  assert.equal(response.status, 200);
  assert.equal(b.seen.requests, before + 1);
  assert.equal(b.seen.refreshes, 0);
});

test("isChallenge: it is asked once for each response, and what it throws rejects that call alone", async () => {
  const asked = [];
  const b = await backend({
    isChallenge: (response) => {
      asked.push(response.status);
      if (response.status === 418) throw new Error("mine");
    },
  });
  b.answer = ({ url }) => (url.endsWith("/tea") ? new Response("", { status: 418 }) : undefined);
  asked.length = 0;
  await assert.rejects(b.session.fetch("https://api.example/tea"), /mine/);
  assert.equal((await b.session.fetch("https://api.example/x")).status, 200);
  assert.deepEqual(asked, [418, 200]);
});

test("isChallenge: nothing is read that is too long, endless, or not asked for, and the body stays the caller's", async () => {
  const seen = {};
  const b = await backend({ isChallenge: graphql() });
  const long = "x".repeat(200_000);
  b.answer = ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/text") return watched(new Response(long), seen);
    if (pathname === "/sse") {
      const headers = { "content-type": "text/event-stream; not json" };
      return watched(
        new Response(new ReadableStream({ pull: (c) => c.enqueue(new TextEncoder().encode("data: 1\n\n")) }), {
          headers,
        }),
        seen,
      );
    }
    if (pathname === "/said") {
      const headers = { "content-type": "application/json", "content-length": "3000000000" };
      return watched(new Response("{}", { headers }), seen);
    }
    if (pathname === "/long") return watched(Response.json({ errors: [], pad: long }), seen);
  };
  const get = (path) => b.session.fetch(`https://api.example${path}`);
  assert.equal((await (await get("/text")).text()).length, long.length);
  (await get("/sse")).body.cancel();
  assert.equal(await (await get("/said")).text(), "{}");
  assert.equal(seen.clones, undefined);
  assert.equal((await (await get("/long")).json()).pad.length, long.length);
  assert.equal(seen.clones, 1);
  assert.equal(b.seen.refreshes, 0);
});

test("graphql: a mutation with partial data has had its effect, and is not repeated", async () => {
  const b = await backend({
    isChallenge: graphql(),
    refuse: json({ ...UNAUTHENTICATED, data: { pay: { id: 1 }, me: null } }),
  });
  const [response] = await storm(b, 1, { method: "POST", body: "{}" });
  assert.deepEqual((await response.json()).data.pay, { id: 1 });
  assert.equal(b.seen.refreshes, 0);
});

test("redirectedTo and opaqueRedirect read what the platform says", () => {
  const response = (given) =>
    Object.defineProperties(
      new Response(),
      Object.fromEntries(Object.entries(given).map(([k, value]) => [k, { value }])),
    );
  const at = (url, redirected = true) => redirectedTo("/login")(response({ url, redirected }));
  assert.equal(at("https://a.example/login?next=x"), true);
  assert.equal(at("https://a.example/login/sso"), true);
  assert.equal(at("https://a.example/logins"), undefined);
  assert.equal(at("https://a.example/login", false), undefined);
  assert.equal(opaqueRedirect()(response({ type: "opaqueredirect" })), true);
  assert.equal(opaqueRedirect()(new Response()), undefined);
});

test("an asynchronous skip is an error of the call, and turns nothing off", async () => {
  const b = await backend({ skip: async () => false }).catch((error) => error);
  assert.equal(b.code, "invalid_option");
});
