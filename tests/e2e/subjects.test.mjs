// G9: a refresh that brings tokens of another user is another session.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { after, before } from "node:test";
import { world } from "./harness.mjs";

const w = world();

/**
 * An API and a token endpoint with the refresh token in a cookie: whoever signed in last is who the cookie is of.
 * Opaque tokens say nothing of their user, JWTs do, or an ID token beside them.
 */
let server;
const seen = [];
let delay = 0;
before(async () => {
  let user = "";
  let count = 0;
  const live = new Map();
  const jwt = (sub) =>
    `e30.${Buffer.from(JSON.stringify({ iss: "https://issuer.test", sub })).toString("base64url")}.x${++count}`;
  const issue = (kind) => {
    const access = kind === "jwt" ? jwt(user) : `opaque-${++count}`;
    live.set(access, user);
    return { access_token: access, ...(kind === "id" && { id_token: jwt(user) }) };
  };
  server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://x");
    response.setHeader("access-control-allow-origin", request.headers.origin ?? "*");
    response.setHeader("access-control-allow-headers", "authorization, content-type");
    response.setHeader("access-control-allow-credentials", "true");
    if (request.method === "OPTIONS") return response.writeHead(204).end();
    let body = "";
    for await (const chunk of request) body += chunk;
    const json = (status, value) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (pathname === "/sign-in") {
      user = searchParams.get("name");
      return json(200, issue(searchParams.get("kind")));
    }
    if (pathname === "/refresh" && delay) await new Promise((resolve) => setTimeout(resolve, delay));
    if (pathname === "/refresh") return json(200, issue(searchParams.get("kind")));
    if (pathname === "/revoke") return json(200, live.clear() ?? null);
    const token = request.headers.authorization?.slice(7);
    seen.push(`${request.method} ${live.get(token) ?? "nobody"} ${body}`);
    return json(live.has(token) ? 200 : 401, { user: live.get(token) ?? null });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
});
after(() => server?.close());

const open = async (page, kind, mode) =>
  page.evaluate(
    async ({ origin, kind, mode }) => {
      const { cookie, IN_COOKIE } = await import("/pkg/cookie.js");
      const refresh = { url: `${origin}/refresh?kind=${kind}`, pick: { accessToken: "access_token" } };
      const session = relatch.createSession({
        origins: [origin],
        ...(mode === "cookie" ? cookie(refresh) : { refresh, key: `of-${kind}` }),
      });
      const heard = [];
      for (const type of ["changed", "refreshed", "adopted"]) {
        session.addEventListener(type, ({ detail }) => heard.push(detail.change ? `${type} ${detail.change}` : type));
      }
      Object.assign(globalThis, {
        session,
        heard,
        async enter(name) {
          const answer = await (await fetch(`${origin}/sign-in?name=${name}&kind=${kind}`)).json();
          await session.setTokens({
            accessToken: answer.access_token,
            idToken: answer.id_token,
            refreshToken: IN_COOKIE,
          });
        },
        revoke: () => fetch(`${origin}/revoke`),
        post: async (text) => (await session.fetch(`${origin}/api`, { method: "POST", body: text })).status,
        who: async () => (await (await session.fetch(`${origin}/api`)).json()).user,
      });
    },
    { origin: `http://127.0.0.1:${server.address().port}`, kind, mode },
  );

for (const kind of ["jwt", "id", "opaque"]) {
  test(`cookie mode, ${kind}: B signs in in another tab, and A's POST does not go out as B`, async () => {
    const t = await w.open();
    await open(t.page, kind, "cookie");
    await t.page.evaluate(() => enter("a"));
    const tab = await t.tab();
    await open(tab, kind, "cookie");
    await t.page.evaluate(() => revoke());
    seen.length = 0;
    // Held before B comes, or only after: with opaque tokens the page has heard of the login by then.
    const held = kind === "opaque";
    delay = held ? 600 : 0;
    const early = held && t.page.evaluate(() => post("of a"));
    if (held) await t.page.waitForTimeout(200);
    await tab.evaluate(() => enter("b"));
    assert.equal(await (early || t.page.evaluate(() => post("of a"))), 401);
    delay = 0;
    assert.deepEqual(
      seen.filter((line) => line.startsWith("POST b")),
      [],
    );
    // From then on it is B's session here, too.
    assert.equal(await t.page.evaluate(() => who()), "b");
    assert.equal(await tab.evaluate(() => who()), "b");
    await t.close();
  });
}

test("cookie mode: a logout in one tab is one in the other; no token is in any store", async () => {
  const t = await w.open();
  await open(t.page, "jwt", "cookie");
  await t.page.evaluate(() => enter("a"));
  const tab = await t.tab();
  await open(tab, "jwt", "cookie");
  assert.equal(await tab.evaluate(() => who()), "a");
  await t.page.evaluate(() => session.clear());
  await tab.waitForFunction(() => session.status === "signed-out");
  assert.deepEqual(await tab.evaluate(() => [localStorage.length, sessionStorage.length, heard.at(-1)]), [
    0,
    0,
    "adopted signed-out",
  ]);
  // Whoever signs in again is heard of by both.
  await tab.evaluate(() => enter("b"));
  await t.page.waitForFunction(() => heard.at(-1) === "adopted signed-in");
  assert.equal(await t.page.evaluate(() => who()), "b");
  await t.close();
});

for (const kind of ["jwt", "id"]) {
  test(`localStorage, ${kind}: another user's answer is a new session, told to both tabs`, async () => {
    const t = await w.open();
    await open(t.page, kind, "local");
    await t.page.evaluate(() => enter("a"));
    const tab = await t.tab();
    await open(tab, kind, "local");
    await tab.evaluate(() => session.ready);
    await t.page.evaluate(() => Promise.all([revoke(), fetch(new URL("/config.json", location.href))]));
    await t.page.evaluate(async ({ origin }) => fetch(`${origin}/sign-in?name=b&kind=jwt`), {
      origin: `http://127.0.0.1:${server.address().port}`,
    });
    seen.length = 0;
    assert.equal(await t.page.evaluate(() => post("of a")), 401);
    assert.deepEqual(
      seen.filter((line) => line.startsWith("POST b")),
      [],
    );
    assert.deepEqual(await t.page.evaluate(() => heard), ["changed signed-in", "changed signed-in"]);
    await tab.waitForFunction(() => heard.at(-1) === "adopted signed-in");
    assert.deepEqual(await Promise.all([t.page, tab].map((page) => page.evaluate(() => who()))), ["b", "b"]);
    await t.close();
  });
}

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
