// relatch/cookie: the refresh token in an HttpOnly cookie that rotates, of which each value is good once.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { start } from "../../servers/jwt.mjs";
import { world } from "../harness.mjs";

const w = world();
let server;
before(async () => {
  server = await start({ lifetime: 2 });
});
after(() => server?.stop());

const reset = () => Object.assign(server.stats, { refreshes: 0, reused: 0, unauthorized: 0, ok: 0 });

/** The session of a page that was just loaded. */
const open = (page) =>
  page.evaluate(async (origin) => {
    const { cookie, IN_COOKIE } = await import("/pkg/cookie.js");
    const pick = { accessToken: "result.accessToken" };
    const session = relatch.createSession({ ...cookie({ url: `${origin}/cookie/refresh`, pick }), origins: [origin] });
    const told = [];
    for (const type of ["refreshed", "expired", "failed"]) session.addEventListener(type, () => told.push(type));
    const post = (path, body) =>
      fetch(origin + path, {
        method: "POST",
        credentials: "include",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body ?? {}),
      });
    Object.assign(globalThis, {
      session,
      told,
      async signIn() {
        await session.setTokens({
          ...(await (await post("/cookie/sign-in", { name: "ada" })).json()).result,
          refreshToken: IN_COOKIE,
        });
      },
      async signOut() {
        await post("/cookie/sign-out");
        await session.clear();
      },
      async storm(n) {
        const counts = {};
        const calls = Array.from({ length: n }, (_, i) =>
          session.fetch(`${origin}/home/review/detail/${i}`).then((r) => r.status),
        );
        for (const status of await Promise.all(calls)) counts[status] = (counts[status] ?? 0) + 1;
        return counts;
      },
    });
  }, server.origin);

test("a storm on an expired token makes one refresh by the cookie; no script reads what it was spent for", async () => {
  const t = await w.open();
  reset();
  await open(t.page);
  const counts = await t.page.evaluate(async () => {
    await signIn();
    await sleep(2600);
    return storm(100);
  });
  assert.deepEqual(counts, { 200: 100 });
  assert.deepEqual([server.stats.refreshes, server.stats.reused], [1, 0]);
  const readable = await t.page.evaluate(() => ({
    cookie: document.cookie,
    stored: localStorage.length,
    name: session.claims.name,
  }));
  assert.deepEqual(readable, { cookie: "", stored: 0, name: "ada" });
  await t.close();
});

test("five tabs that open at once are signed in by the cookie in turn, and it is never spent twice", async () => {
  const t = await w.open();
  await open(t.page);
  await t.page.evaluate(() => signIn());
  reset();
  const tabs = await Promise.all(Array.from({ length: 5 }, () => t.tab()));
  await Promise.all(tabs.map(open));
  const counts = await Promise.all(tabs.map((tab) => tab.evaluate(() => storm(20))));
  assert.deepEqual(
    counts,
    Array.from({ length: 5 }, () => ({ 200: 20 })),
  );
  assert.deepEqual([server.stats.refreshes, server.stats.reused, server.stats.unauthorized], [5, 0, 0]);
  await t.close();
});

test("without the cookie a call gets its own 401 and `expired` is told once, also after logout, reload", async () => {
  const t = await w.open();
  await open(t.page);
  const visit = () => t.page.evaluate(async () => [await storm(3), await storm(1), told, session.status]);
  assert.deepEqual(await visit(), [{ 401: 3 }, { 401: 1 }, ["expired"], "signed-out"]);
  assert.deepEqual(await t.page.evaluate(() => signIn().then(() => storm(1))), { 200: 1 });
  await t.page.evaluate(() => signOut());
  await t.page.reload();
  await t.page.waitForFunction(() => globalThis.ready);
  await open(t.page);
  assert.deepEqual(await visit(), [{ 401: 3 }, { 401: 1 }, ["expired"], "signed-out"]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
