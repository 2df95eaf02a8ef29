// session.fetch in the place of globalThis.fetch, among others who do the same; and before the wasm is there.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

test("installed, it looks like fetch: name, length, no constructor, no argument, any this", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const native = fetch;
    const describe = (f) => {
      let built = "built";
      try {
        new f("/");
      } catch (error) {
        built = error.name;
      }
      return [typeof f, f.name, f.length, built];
    };
    const session = make("bearer");
    const before = Object.getOwnPropertyDescriptor(globalThis, "fetch");
    const uninstall = session.install();
    const during = Object.getOwnPropertyDescriptor(globalThis, "fetch");
    const none = await fetch().catch((error) => error.constructor.name);
    const rows = [describe(fetch), describe(session.fetch)];
    uninstall();
    const flags = ({ writable, enumerable, configurable }) => [writable, enumerable, configurable].join();
    return { native: describe(native), rows, none, flags: flags(before) === flags(during), restored: fetch === native };
  });
  assert.deepEqual(result.rows, [result.native, result.native]);
  assert.deepEqual([result.none, result.flags, result.restored], ["TypeError", true, true]);
  await t.close();
});

test("twice is once; what others put there keeps working; uninstalling is complete in any order", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const native = fetch;
    const seen = [];
    const patch = (name) => {
      const before = globalThis.fetch;
      globalThis.fetch = (...call) => {
        seen.push(name);
        return before(...call);
      };
    };
    const token = async (f = fetch) => {
      const { headers } = await (await f(`${base}/open/echo`)).json();
      return [headers.authorization ? "bearer" : "", headers["x-auth-token"] ? "article" : ""].join("");
    };
    const a = make("bearer", { key: "a" });
    const b = make("article", { key: "b" });
    await Promise.all([signIn(a), signIn(b)]);
    const rows = {};
    patch("between");
    const off = a.install();
    rows.twice = a.install() === off;
    rows.between = [await token(), seen.splice(0).join()];
    patch("after");
    rows.after = [await token(), seen.splice(0).join()];
    const offB = b.install();
    rows.both = [await token(), seen.splice(0).join()];
    off();
    rows.onlyB = [await token(), seen.splice(0).join()];
    offB();
    rows.none = [await token(), seen.splice(0).join()];
    off();
    offB();
    globalThis.fetch = native;
    rows.itself = [await token(a.fetch), seen.splice(0).join()];
    // Once more, and closing takes it away.
    a.install();
    rows.again = await token();
    a.close();
    rows.closed = [await token(), fetch === native];
    return rows;
  });
  assert.deepEqual(result, {
    twice: true,
    between: ["bearer", "between"],
    after: ["bearer", "after,between"],
    both: ["bearerarticle", "after,between"],
    onlyB: ["article", "after,between"],
    none: ["", "after,between"],
    itself: ["bearer", ""],
    again: "bearer",
    closed: ["", true],
  });
  await t.close();
});

test("what the caller said to wrap stays wrapped under install", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    let count = 0;
    const native = fetch;
    const counting = (...call) => {
      count++;
      return native(...call);
    };
    const session = make("bearer", { fetch: counting });
    await session.ready;
    const uninstall = session.install();
    await fetch(`${base}/open/echo`);
    uninstall();
    return count;
  });
  assert.equal(result, 1);
  await t.close();
});

test("in a worker: install, a refresh for all, uninstall", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const source = `
      import { createSession } from "${location.origin}/pkg/dist/index.js";
      const base = "${location.origin}${base}";
      const path = (name) => [name, "result." + name];
      const pick = Object.fromEntries(["accessToken", "refreshToken", "expiresIn"].map(path));
      const native = fetch;
      const refresh = { url: base + "/users/refresh", pick };
      const session = createSession({ origins: ["${location.origin}"], refresh });
      const body = JSON.stringify({ name: "ada", password: "latch" });
      const login = await fetch(base + "/users/sign-in", { method: "POST", body });
      await session.setTokens((await login.json()).result);
      await fetch(base + "/control/expire", { method: "POST" });
      const uninstall = session.install();
      const during = await Promise.all([1, 2, 3].map(async () => (await fetch(base + "/echo")).status));
      uninstall();
      postMessage([during, (await fetch(base + "/echo")).status, fetch === native]);
    `;
    const worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })), { type: "module" });
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  });
  assert.deepEqual(result, [[200, 200, 200], 401, true]);
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.close();
});

test("before the wasm is there: what was given then is sent, whatever becomes of it meanwhile", async () => {
  const t = await w.open();
  await t.page.evaluate(async () => signIn(make("bearer")));
  const result = await t.page.evaluate(async () => {
    let skips = 0;
    const skip = (input) => {
      skips++;
      return String(input).endsWith("?skip=1");
    };
    const session = make("bearer", { skip });
    const bytes = new TextEncoder().encode("bytes");
    const headers = new Headers({ "x-own": "1" });
    const init = { method: "POST", body: bytes, headers };
    const url = new URL(`${base}/echo`, location.href);
    const used = new Request(url, { method: "PUT", body: "of a Request" });
    const controller = new AbortController();
    const calls = [
      session.fetch(url, init),
      session.fetch(used),
      session.fetch(`../../t/${base.slice(3)}/echo`),
      session.fetch(`${base}/echo?skip=1`),
      session.fetch(`${base}/echo`, { signal: controller.signal }).catch((error) => error.name),
      session.fetch(Symbol("no url")).catch((error) => error.name),
      session.fetch(`${base}/echo`, { method: "a b" }).catch((error) => error.name),
      session.fetch().catch((error) => error.name),
    ];
    const usedAtOnce = used.bodyUsed;
    const skipsAtOnce = skips;
    bytes.fill(0);
    headers.set("x-own", "2");
    init.method = "DELETE";
    url.pathname = "/elsewhere";
    document.head.append(Object.assign(document.createElement("base"), { href: "https://elsewhere.example/" }));
    controller.abort();
    const told = async (answer) => {
      if (typeof answer === "string") return answer;
      const { method, length, headers } = await answer.json().catch(() => ({}));
      return [answer.status, method, length, headers?.["x-own"]].join(" ");
    };
    const rows = await Promise.all((await Promise.all(calls)).map(told));
    document.querySelector("base").remove();
    return { rows, usedAtOnce, skipsAtOnce, skips };
  });
  assert.deepEqual(result, {
    rows: ["200 POST 5 1", "200 PUT 12 ", "200 GET 0 ", "401   ", "AbortError", "TypeError", "TypeError", "TypeError"],
    usedAtOnce: true,
    skipsAtOnce: 6,
    skips: 6,
  });
  await t.close();
});

test("where the wasm cannot be had, calls to other origins go through all the same (S1)", async () => {
  const init = () => delete globalThis.WebAssembly;
  const t = await w.open(undefined, { init });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    session.install();
    const away = await fetch(`${second}/open/echo`);
    const ours = await fetch(`${base}/open/echo`).catch((error) => error.code);
    return [away.status, ours];
  });
  assert.deepEqual(result, [200, "wasm_unavailable"]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
