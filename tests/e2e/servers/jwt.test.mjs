// Express with express-jwt and jsonwebtoken, in the style of the article's back end.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { start } from "../../servers/jwt.mjs";
import { world } from "../harness.mjs";

const w = world();
let server;
before(async () => {
  server = await start();
});
after(() => server?.stop());

for (const told of [true, false]) {
  const where = told ? "in the token" : "hidden from us";
  test(`login, expiry, a storm, rotation, logout: one refresh, no reuse; the lifetime is ${where}`, async () => {
    const t = await w.open();
    Object.assign(server.stats, { refreshes: 0, reused: 0, unauthorized: 0, ok: 0 });
    const result = await t.page.evaluate(
      async ([origin, told]) => {
        const pick = { accessToken: "result.accessToken", refreshToken: "result.refreshToken" };
        const session = relatch.createSession({ origins: [origin], refresh: { url: `${origin}/users/refresh`, pick } });
        const post = (path, body) =>
          fetch(origin + path, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          });
        const storm = async (n) => {
          const counts = {};
          const calls = Array.from({ length: n }, (_, i) =>
            session.fetch(`${origin}/home/review/detail/${i}`).then(
              (r) => r.status,
              (e) => e.name,
            ),
          );
          for (const result of await Promise.all(calls)) counts[result] = (counts[result] ?? 0) + 1;
          return counts;
        };
        const { result: tokens } = await (await post("/users/sign-in", { name: "ada" })).json();
        // A day: the server's 401 is the first to say that the token is over.
        await session.setTokens({ ...tokens, ...(!told && { expiresIn: 86_400 }) });
        const first = await storm(3);
        await sleep(4600);
        const counts = await storm(100);
        const record = JSON.parse(localStorage.getItem("relatch"));
        await post("/users/sign-out", { refreshToken: record.refreshToken });
        await session.clear();
        return {
          first,
          counts,
          name: session.claims,
          rotated: record.refreshToken !== tokens.refreshToken,
          after: await storm(1),
        };
      },
      [server.origin, told],
    );
    assert.deepEqual(result, { first: { 200: 3 }, counts: { 200: 100 }, name: null, rotated: true, after: { 401: 1 } });
    assert.deepEqual([server.stats.refreshes, server.stats.reused, server.stats.ok], [1, 0, 103]);
    // Held before they were sent, or all of them refused and replayed; the last is the one after logout.
    if (told) assert.equal(server.stats.unauthorized, 1);
    else assert.ok(server.stats.unauthorized > 1);
    await t.close();
  });
}

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
