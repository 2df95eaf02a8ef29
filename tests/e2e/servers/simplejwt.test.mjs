// Django REST framework with SimpleJWT, written by others: rotation, and a blacklist of spent refresh tokens.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import test, { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { world } from "../harness.mjs";

const w = world();
const root = new URL("../../..", import.meta.url);
let child, origin;
before(async () => {
  const python = fileURLToPath(new URL("target/simplejwt/bin/python", root));
  child = spawn(python, ["tests/servers/simplejwt.py"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  ({ origin } = JSON.parse(line));
});
after(() => child?.stdin.end());

const stats = async () => (await fetch(`${origin}/stats`)).json();

async function prepare(page) {
  await page.evaluate((origin) => {
    const session = relatch.createSession({
      origins: [origin],
      refresh: {
        url: `${origin}/refresh`,
        send: { refreshToken: "refresh" },
        pick: { accessToken: "access", refreshToken: "refresh" },
      },
    });
    session.heard = [];
    for (const type of ["refreshed", "expired", "failed"])
      session.addEventListener(type, ({ detail }) => session.heard.push({ type, ...detail }));
    const post = (path, body) =>
      fetch(origin + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const login = async () => {
      const { access, refresh } = await (await post("/login", { username: "ada", password: "latch" })).json();
      await session.setTokens({ accessToken: access, refreshToken: refresh });
      return refresh;
    };
    const storm = async (n) => {
      const counts = {};
      const calls = Array.from({ length: n }, (_, i) =>
        session.fetch(`${origin}/item/${i}`).then(
          (r) => r.status,
          (e) => e.name,
        ),
      );
      for (const result of await Promise.all(calls)) counts[result] = (counts[result] ?? 0) + 1;
      return counts;
    };
    Object.assign(globalThis, { session, post, login, storm });
  }, origin);
}

test("login, expiry, a storm of a hundred, rotation, logout: one refresh, nothing refused", async () => {
  const t = await w.open();
  await prepare(t.page);
  const before = await stats();
  const result = await t.page.evaluate(async () => {
    const refresh = await login();
    const first = await storm(3);
    await sleep(4600);
    const counts = await storm(100);
    const record = JSON.parse(localStorage.getItem("relatch"));
    const spent = (await post("/refresh", { refresh })).status;
    const logout = (await post("/logout", { refresh: record.refreshToken })).status;
    await session.clear();
    return {
      first,
      counts,
      rotated: record.refreshToken !== refresh,
      spent,
      logout,
      told: session.heard.map((e) => e.type),
      after: await storm(1),
    };
  });
  assert.deepEqual(result, {
    first: { 200: 3 },
    counts: { 200: 100 },
    rotated: true,
    spent: 401,
    logout: 200,
    told: ["refreshed"],
    after: { 401: 1 },
  });
  const now = await stats();
  // The one that was refused is the test's own, to show that a spent token is.
  assert.deepEqual(
    [now.refresh_calls - before.refresh_calls, now.refreshes - before.refreshes, now.refused - before.refused],
    [2, 1, 1],
  );
  await t.close();
});

test("five tabs: a hundred calls, one refresh", async () => {
  const t = await w.open();
  const pages = [t.page];
  while (pages.length < 5) pages.push(await t.tab());
  await Promise.all(pages.map((page) => prepare(page)));
  const before = await stats();
  await t.page.evaluate(() => login());
  await t.page.evaluate(() => sleep(4600));
  const counts = await Promise.all(pages.map((page) => page.evaluate(() => storm(20))));
  assert.deepEqual(counts, Array(5).fill({ 200: 20 }));
  const now = await stats();
  assert.deepEqual([now.refresh_calls - before.refresh_calls, now.refused - before.refused], [1, 0]);
  await t.close();
});

test("the refresh token is on the blacklist: its 401 ends the session, said once (G6)", async () => {
  const t = await w.open();
  await prepare(t.page);
  const result = await t.page.evaluate(async () => {
    await post("/logout", { refresh: await login() });
    await sleep(4600);
    const counts = await storm(10);
    return {
      counts,
      told: session.heard.map(({ type, status }) => [type, status]),
      status: session.status,
      stored: localStorage.getItem("relatch"),
    };
  });
  assert.deepEqual(result, { counts: { 401: 10 }, told: [["expired", 401]], status: "signed-out", stored: null });
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
