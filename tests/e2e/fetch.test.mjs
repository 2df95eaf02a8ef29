// What is sent, and where the token goes.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();

const BODIES = ["string", "params", "blob", "form", "buffer", "view", "dataview", "request", "object"];

test("every kind of body is replayed byte for byte as it was when fetch was called", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async (kinds) => {
    const sha = async (bytes) =>
      Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)), (b) =>
        b.toString(16).padStart(2, "0"),
      ).join("");
    const session = make("bearer");
    const rows = [];
    for (const kind of kinds) {
      // A login for each, because so many refreshes in so short a time would be put on hold (G2).
      await signIn(session);
      await expire();
      const bytes = crypto.getRandomValues(new Uint8Array(4096));
      const copy = bytes.slice();
      const params = new URLSearchParams({ a: "1", b: "ü" });
      const form = new FormData();
      form.append("field", "value");
      form.append("file", new File([copy], "f.bin", { type: "application/x-test" }));
      const url = `${base}/echo`;
      const body = {
        string: "text: 한글",
        params,
        blob: new Blob([copy]),
        form,
        buffer: bytes.buffer,
        view: bytes.subarray(10, 100),
        dataview: new DataView(bytes.buffer, 5, 50),
        request: undefined,
        object: { toString: () => "object" },
      }[kind];
      const expected = {
        string: new TextEncoder().encode("text: 한글"),
        params: new TextEncoder().encode(params.toString()),
        blob: copy,
        buffer: copy,
        view: copy.slice(10, 100),
        dataview: copy.slice(5, 55),
        request: copy,
        object: new TextEncoder().encode("object"),
      }[kind];
      const call =
        kind === "request"
          ? session.fetch(new Request(url, { method: "POST", body: bytes }))
          : session.fetch(url, { method: "POST", body });
      // The caller goes on with its own objects at once.
      bytes.fill(0);
      params.set("a", "2");
      form.set("field", "other");
      const echo = await (await call).json();
      const right = expected
        ? echo.sha256 === (await sha(expected)) && echo.length === expected.length
        : echo.length > 4096;
      rows.push([kind, right, echo.headers["content-type"]?.split(/[;]/)[0] ?? null]);
    }
    return rows;
  }, BODIES);
  assert.deepEqual(result, [
    ["string", true, "text/plain"],
    ["params", true, "application/x-www-form-urlencoded"],
    ["blob", true, null],
    ["form", true, "multipart/form-data"],
    ["buffer", true, null],
    ["view", true, null],
    ["dataview", true, null],
    ["request", true, null],
    ["object", true, "text/plain"],
  ]);
  assert.equal((await t.counters()).refreshes, BODIES.length);
  await t.close();
});

test("the token goes to allowed origins only (S1)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const token = (echo) => echo.headers.authorization ?? echo.headers["x-auth-token"] ?? null;
    const read = async (call) => token(await (await call).json());
    const rows = {};
    for (const style of ["bearer", "article"]) {
      const session = make(style, { key: style });
      await signIn(session);
      const wide = make(style, { key: style, origins: [location.origin, new URL(second).origin] });
      await wide.ready;
      // In a worker each has a memory of its own.
      if (mode === "worker") await signIn(wide);
      rows[style] = [
        (await read(session.fetch(`${base}/open/echo`))) !== null,
        await read(session.fetch(`${second}/open/echo`)),
        await read(session.fetch(new URL(`${second}/open/echo`))),
        (await read(wide.fetch(`${second}/open/echo`))) !== null,
        // A redirect to a foreign origin: browsers strip Authorization, and nothing else.
        await read(session.fetch(`${base}/redirect?to=${encodeURIComponent(`${second}/open/echo`)}`)).catch(
          (e) => e.name,
        ),
      ];
    }
    return rows;
  });
  assert.deepEqual(result, {
    bearer: [true, null, null, true, null],
    article: [true, null, null, true, "TypeError"],
  });
  await t.close();
});

test("Authorization is Bearer unless told otherwise, another header has no scheme", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const sent = [];
    for (const header of [
      undefined,
      { name: "authorization" },
      { scheme: "Token" },
      { name: "X-AUTH-TOKEN" },
      { name: "X-Key", scheme: "K" },
    ]) {
      const session = make("bearer", { header, storage: "memory" });
      await session.setTokens({ accessToken: "opaque", refreshToken: "r" });
      const { headers } = await (await session.fetch(`${base}/open/echo`)).json();
      sent.push(headers.authorization ?? headers["x-auth-token"] ?? headers["x-key"]);
    }
    return sent;
  });
  assert.deepEqual(result, ["Bearer opaque", "Bearer opaque", "Token opaque", "opaque", "K opaque"]);
  await t.close();
});

test("a header of the caller's own, skip, and the refresh itself are left alone (S1, S2)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer", { skip: (input) => String(input).includes("skip=1") });
    await signIn(session);
    await expire();
    const own = await session.fetch(`${base}/echo`, { headers: { authorization: "Bearer mine" } });
    const skipped = await session.fetch(`${base}/echo?skip=1`);
    const refresh = await session.fetch(`${base}/users/refresh`, { method: "POST", body: "{}" });
    return [own.status, skipped.status, refresh.status];
  });
  assert.deepEqual(result, [401, 401, 401]);
  assert.equal((await t.counters()).refreshes, 0);
  await t.close();
});

test("install puts session.fetch in the place of fetch, and takes it away again", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const native = globalThis.fetch;
    const session = make("bearer");
    await signIn(session);
    await expire();
    const uninstall = session.install();
    const same = session.install() === uninstall;
    const { status } = await fetch(`${base}/home/review/detail/1`);
    uninstall();
    return { same, status, restored: globalThis.fetch === native };
  });
  assert.deepEqual(result, { same: true, status: 200, restored: true });
  await t.close();
});

test("misuse is told where it is made, with the option's name", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const builds = [await import("/pkg/dist/index.development.js"), relatch];
    const refresh = { url: "/r" };
    const options = [
      undefined,
      {},
      { refresh: { url: "http://example.com/refresh" } },
      { refresh: { url: "/r", body: "xml" } },
      { refresh, header: { name: "a b" } },
      { refresh, maxReplays: 9 },
      { refresh, storage: "disk" },
    ];
    return builds.map(({ createSession, RelatchError }) =>
      options.map((given) => {
        try {
          createSession(given);
          return "nothing";
        } catch (error) {
          return [error instanceof RelatchError, error.code, error.message];
        }
      }),
    );
  });
  const names = ["options", "refresh", "refresh.url", "refresh.body", "header.name", "maxReplays", "storage"];
  const [inWords, production] = result;
  inWords.forEach(([ours, code, message], i) => {
    assert.deepEqual([ours, code], [true, "invalid_option"]);
    assert.ok(message.startsWith(`relatch: ${names[i]} must be `), message);
  });
  assert.deepEqual(
    production,
    names.map((name) => [true, "invalid_option", `relatch: invalid option ${name}`]),
  );
  await t.close();
});

test("after close nothing is held for ever", async () => {
  const t = await w.open();
  await t.control({ refresh_delay_ms: 500 });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const sent = session.fetch(`${base}/home/review/detail/1`).then((r) => r.status);
    await sleep(200);
    const held = session.fetch(`${base}/home/review/detail/2`).catch((e) => e.code);
    session.close();
    return [
      await sent,
      await held,
      await session.fetch(`${base}/home/review/detail/3`).catch((e) => e.code),
      session.status,
    ];
  });
  assert.deepEqual(result, [401, "closed", "closed", "closed"]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
