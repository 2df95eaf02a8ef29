// What counts as a challenge (A1), whatever scheme the server names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { backend, storm } from "./backend.mjs";

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
