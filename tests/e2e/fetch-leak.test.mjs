// Nothing stays behind: after many calls the heap, the wasm's memory and the live handles are where they were.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

const KINDS = ["Promise", "Request", "Response", "Headers", "AbortSignal", "AbortController", "Blob", "Map"];

test("20,000 calls and 2,000 with a refresh each leave nothing behind", async (t) => {
  const tab = await w.open("/tests/e2e/page.html", {
    // The package keeps its instance to itself; what instantiates it is looked over the shoulder.
    init: () => {
      const { Instance } = WebAssembly;
      // biome-ignore lint/complexity/useArrowFunction: it is called with new
      WebAssembly.Instance = function (module, imports) {
        const made = new Instance(module, imports);
        globalThis.wasm = made.exports;
        return made;
      };
    },
  });
  const cdp = await tab.context.newCDPSession(tab.page);
  await cdp.send("Runtime.enable");
  const count = async (kind) => {
    const { result } = await cdp.send("Runtime.evaluate", { expression: `${kind}.prototype`, objectGroup: "leak" });
    const { objects } = await cdp.send("Runtime.queryObjects", {
      prototypeObjectId: result.objectId,
      objectGroup: "leak",
    });
    const { result: length } = await cdp.send("Runtime.callFunctionOn", {
      objectId: objects.objectId,
      functionDeclaration: "function () { return this.length }",
    });
    await cdp.send("Runtime.releaseObjectGroup", { objectGroup: "leak" });
    return length.value;
  };
  const measure = async () => {
    for (let i = 0; i < 3; i++) await cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = await cdp.send("Runtime.getHeapUsage");
    const inWasm = await tab.page.evaluate(() => {
      const parts = Object.values(wasm);
      const memory = parts.find((part) => part instanceof WebAssembly.Memory);
      // The handles' table. A free slot is null; one that is held without need may be undefined.
      const table = parts.find((part) => part instanceof WebAssembly.Table);
      let live = 0;
      for (let i = 0; i < table.length; i++) if (table.get(i) !== null) live += 1;
      return { memory: memory.buffer.byteLength, slots: table.length, live };
    });
    const objects = {};
    for (const kind of KINDS) objects[kind] = await count(kind);
    return { heap: usedSize, ...inWasm, objects };
  };

  await tab.page.evaluate(async () => {
    // The server's answers, without the network: what is measured is the session.
    let good = "";
    globalThis.session = relatch.createSession({
      storage: "memory",
      fetch: async (input, init) => {
        const token = new Headers(init?.headers ?? input.headers).get("authorization");
        return token === `Bearer ${good}` ? new Response("ok") : new Response("expired", { status: 401 });
      },
      refresh: async () => ({ accessToken: good, refreshToken: "r" }),
    });
    let n = 0;
    globalThis.rotate = () => (good = `token-${++n}`);
    globalThis.login = () => session.setTokens({ accessToken: rotate(), refreshToken: "r" });
    await login();
    const controller = new AbortController();
    globalThis.plain = async (count) => {
      for (let i = 0; i < count; i++) {
        const url = `${base}/echo?${i % 7}`;
        const call = [
          () => session.fetch(url),
          () => session.fetch(url, { headers: { a: "1" }, signal: controller.signal }),
          () => session.fetch(new Request(url, { method: "POST", body: "body" })),
          () => session.fetch(url, { method: "POST", body: new Uint8Array(64), signal: controller.signal }),
        ][i % 4];
        const response = await call();
        if (response.status !== 200 || (await response.text()) !== "ok") throw new Error(`${i}: ${response.status}`);
      }
    };
    globalThis.refreshed = async (count) => {
      let refreshes = 0;
      const told = () => (refreshes += 1);
      session.addEventListener("refreshed", told);
      for (let i = 0; i < count; i++) {
        // A login, or so many refreshes would be put on hold (G2); then the token expires at the server.
        await login();
        rotate();
        const calls = [
          session.fetch(`${base}/echo`, { signal: controller.signal }),
          session.fetch(new Request(`${base}/echo`, { method: "POST", body: "body" })),
        ];
        for (const response of await Promise.all(calls))
          if (response.status !== 200) throw new Error(`${i}: ${response.status}`);
      }
      session.removeEventListener("refreshed", told);
      return refreshes;
    };
    // Whatever is made once is made now: code that the browser compiles when it has run often is on the heap too.
    await plain(20_000);
    await refreshed(2_000);
  });
  const before = await measure();
  const started = Date.now();
  await tab.page.evaluate(() => plain(20_000));
  const refreshes = await tab.page.evaluate(() => refreshed(2_000));
  const after = await measure();
  t.diagnostic(`before ${JSON.stringify(before)}`);
  t.diagnostic(`after  ${JSON.stringify(after)} in ${((Date.now() - started) / 1000).toFixed(1)} s`);
  assert.equal(refreshes, 2_000);
  assert.equal(after.memory, before.memory, "wasm memory");
  assert.equal(after.slots, before.slots, "externref table");
  assert.equal(after.live, before.live, "live handles");
  for (const kind of KINDS)
    assert.ok(
      after.objects[kind] <= before.objects[kind] + 3,
      `${kind}: ${before.objects[kind]} then ${after.objects[kind]}`,
    );
  // Two bytes for each call.
  assert.ok(after.heap < before.heap + 48_000, `heap: ${before.heap} then ${after.heap}`);
  await tab.close();
});
