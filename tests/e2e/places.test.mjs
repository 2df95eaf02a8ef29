// Where the package is loaded: Node, a worker, a page whose policy forbids WebAssembly, a page without a network.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();
const entry = new URL("../../pkg/dist/index.js", import.meta.url);

test("Node: a hundred calls on an expired token, in memory, one refresh", async () => {
  const { createSession } = await import(entry);
  const t = await w.open();
  const pick = {
    accessToken: "result.accessToken",
    refreshToken: "result.refreshToken",
    expiresIn: "result.expiresIn",
  };
  const session = createSession({ origins: [w.server.main], refresh: { url: `${t.api}/users/refresh`, pick } });
  const login = await fetch(`${t.api}/users/sign-in`, {
    method: "POST",
    body: JSON.stringify({ name: "ada", password: "latch" }),
  });
  await session.setTokens((await login.json()).result);
  await t.expire();
  const calls = Array.from({ length: 100 }, (_, i) => session.fetch(`${t.api}/home/review/detail/${i}`));
  const statuses = (await Promise.all(calls)).map((response) => response.status);
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.equal((await t.counters()).refresh_calls, 1);
  session.close();
  await t.close();
});

test("Node: importing does nothing, and an explicit localStorage is told to be missing", async () => {
  const { createSession, RelatchError } = await import(new URL("index.development.js", entry));
  assert.throws(
    () =>
      createSession({ origins: ["https://api.example"], refresh: { url: "https://api.example/r" }, storage: "local" }),
    (error) => error instanceof RelatchError && error.code === "storage_unavailable" && /memory/.test(error.message),
  );
});

test("a module worker: the session lives in memory, one refresh", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const source = `
      import { createSession } from "${location.origin}/pkg/dist/index.js";
      const base = "${location.origin}${base}";
      const path = (name) => [name, "result." + name];
      const pick = Object.fromEntries(["accessToken", "refreshToken", "expiresIn"].map(path));
      const refresh = { url: base + "/users/refresh", pick };
      const session = createSession({ origins: ["${location.origin}"], refresh });
      const body = JSON.stringify({ name: "ada", password: "latch" });
      const login = await fetch(base + "/users/sign-in", { method: "POST", body });
      await session.setTokens((await login.json()).result);
      await fetch(base + "/control/expire", { method: "POST" });
      const calls = Array.from({ length: 20 }, (_, i) => session.fetch(base + "/home/review/detail/" + i));
      postMessage((await Promise.all(calls)).map((r) => r.status));
    `;
    const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  });
  assert.deepEqual([...new Set(result)], [200]);
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.close();
});

test("a policy without wasm-unsafe-eval: every call says wasm_unavailable, and why", async () => {
  const t = await w.open();
  await t.page.route("**/page.html?*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({
      response,
      headers: { ...response.headers(), "content-security-policy": "script-src 'self' 'unsafe-inline'" },
    });
  });
  await t.page.reload();
  await t.page.waitForFunction(() => globalThis.ready);
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    const told = (error) => [error.code, error.cause?.name, /wasm-unsafe-eval/.test(error.message)];
    return [await session.fetch(`${base}/echo`).catch(told), await session.ready.catch(told)];
  });
  assert.deepEqual(result, Array(2).fill(["wasm_unavailable", "CompileError", true]));
  await t.close();
});

test("where little is compiled in the page's own thread, it is compiled in another", async () => {
  // As Chromium before 115 did.
  const init = () => {
    // biome-ignore lint/complexity/useArrowFunction: it is called with new
    WebAssembly.Module = function () {
      throw new RangeError(
        "WebAssembly.Module is disallowed on the main thread, if the buffer size is larger than 4KB",
      );
    };
  };
  const t = await w.open(undefined, { init });
  const status = await t.page.evaluate(async () => (await make("bearer").fetch(`${base}/open/echo`)).status);
  assert.equal(status, 200);
  await t.close();
});

test("the wasm cannot be loaded: the call says so, and the next one tries again", async () => {
  const init = () => {
    const { Module, instantiate } = WebAssembly;
    WebAssembly.Module = WebAssembly.instantiate = () => {
      throw new RangeError("out of memory");
    };
    globalThis.mend = () => Object.assign(WebAssembly, { Module, instantiate });
  };
  const t = await w.open(undefined, { init });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    const first = await session.fetch(`${base}/open/echo`).catch((error) => [error.code, error.cause.message]);
    mend();
    return [...first, (await session.fetch(`${base}/open/echo`)).status];
  });
  assert.deepEqual(result, ["wasm_unavailable", "out of memory", 200]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
