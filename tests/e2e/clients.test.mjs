// session.fetch as the `fetch` of real clients, unchanged.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();

test("ky, with session.fetch as its fetch: twenty calls on an expired token, one refresh", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { default: ky } = await import("/node_modules/ky/distribution/index.js");
    const session = make("bearer");
    await signIn(session);
    await expire();
    const api = ky.create({ fetch: session.fetch, retry: 0 });
    const reviews = await Promise.all(
      Array.from({ length: 20 }, (_, i) => api.get(`${location.origin}${base}/home/review/detail/${i}`).json()),
    );
    const echo = await api.post(`${location.origin}${base}/echo`, { json: { text: "한글" } }).json();
    return { ids: reviews.map((r) => Number(r.result.reviewId)), method: echo.method, length: echo.length };
  });
  assert.deepEqual(result, { ids: Array.from({ length: 20 }, (_, i) => i), method: "POST", length: 17 });
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.close();
});

test("axios' fetch adapter, with session.fetch in its env: twenty calls on an expired token, one refresh", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { default: axios } = await import("/node_modules/axios/dist/esm/axios.js");
    const session = make("article");
    await signIn(session);
    await expire();
    const api = axios.create({ adapter: "fetch", env: { fetch: session.fetch }, baseURL: base });
    const reviews = await Promise.all(Array.from({ length: 20 }, (_, i) => api.get(`/home/review/detail/${i}`)));
    await expire();
    const echo = await api.post("/echo", { text: "한글" });
    return {
      ids: reviews.map((r) => Number(r.data.result.reviewId)),
      method: echo.data.method,
      length: echo.data.length,
    };
  });
  assert.deepEqual(result, { ids: Array.from({ length: 20 }, (_, i) => i), method: "POST", length: 17 });
  assert.equal((await t.counters()).refresh_calls, 2);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
