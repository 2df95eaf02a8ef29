// A slow store of the application's own (G10).
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "../../pkg/dist/index.js";

const BASE = "https://api.example";
const after = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));

test("G10: who signs in while the store is looked at stays signed in, and is nobody else", async () => {
  let record = null;
  const storage = {
    get: () => after(20, record),
    set: (_, next) => after(5).then(() => (record = next)),
    remove: () => after(5).then(() => (record = null)),
  };
  const carried = [];
  const fetch = async (_, init) => {
    carried.push(new Headers(init?.headers).get("authorization"));
    return new Response("{}");
  };
  const open = () => createSession({ origins: [BASE], storage, fetch, refresh: async () => null });
  const [session, other] = [open(), open()];
  await session.ready;
  await other.ready;
  // Another hand signs in as A; this session, which is signed out, is used, and so the store is looked at again.
  await other.setTokens({ accessToken: "of-a", refreshToken: "r-a", expiresIn: 3600 });
  await after(1_100);
  const first = session.fetch(`${BASE}/x`);
  await after(5);
  await session.setTokens({ accessToken: "of-b", refreshToken: "r-b", expiresIn: 3600 });
  await first;
  await session.fetch(`${BASE}/y`);
  assert.equal(carried.at(-1), "Bearer of-b");
  assert.equal(await session.getAccessToken(), "of-b");
  assert.equal(JSON.parse(record).accessToken, "of-b");
});
