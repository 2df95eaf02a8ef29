// Where a wrapper shows: connections that held answers keep, what is installed, when a rejection comes, how names are
// spelled, streams that are never sent, and answers of a test's own.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";
import { json, origin } from "./origin.mjs";

const w = world();
const browsers = { chromium: w, firefox: world({ browser: "firefox" }) };

/** An API whose 401 has the body that `unauthorized` writes. Its refresh answers with `status`. */
const api = (unauthorized, status = 200) =>
  origin((request, response, one) => {
    if (request.url === "/refresh") return json(response, status, { accessToken: "good", refreshToken: "r2" });
    if (one.token === "Bearer good") return json(response, 200, { path: request.url });
    response.writeHead(401, { "content-type": "text/plain", "x-own": "kept" });
    unauthorized(response);
  });

const session = `(url) => relatch.createSession({ origins: [url], refresh: { url: url + "/refresh" }, storage: "memory" })`;

const BODIES = {
  "5 MB": (response) => response.end("x".repeat(5_000_000)),
  "without an end": (response) => {
    const timer = setInterval(() => response.write("x".repeat(100_000)), 20);
    response.on("close", () => clearInterval(timer));
  },
  "without an end, and slow": (response) => {
    const timer = setInterval(() => response.write("x"), 50);
    response.on("close", () => clearInterval(timer));
  },
  "without an end, and silent": (response) => response.write("x"),
};
for (const [name, body] of Object.entries(BODIES)) {
  test(`eight 401s at once with a body ${name}: the refresh is not starved, all get a 200 (A7)`, async (t) => {
    const server = await api(body);
    const tab = await w.open();
    const [ms, statuses] = await tab.page.evaluate(
      async ([url, make]) => {
        const session = new Function(`return ${make}`)()(url);
        await session.setTokens({ accessToken: "old", refreshToken: "r1" });
        const start = performance.now();
        const calls = Array.from({ length: 8 }, (_, i) => session.fetch(`${url}/${i}`).then((r) => r.status));
        const statuses = await Promise.all(calls);
        return [performance.now() - start, statuses];
      },
      [server.url, session],
    );
    assert.deepEqual(statuses, Array(8).fill(200));
    t.diagnostic(`${Math.round(ms)} ms`);
    assert.ok(ms < 5_000, `${ms} ms`);
    assert.equal(server.seen.filter(({ url }) => url === "/refresh").length, 1);
    server.close();
    await tab.close();
  });
}

for (const [browser, world] of Object.entries(browsers)) {
  test(`${browser}: a held 401 is the caller's own when the refresh fails, readable up to 1 MB`, async () => {
    const sizes = [0, 10, 900_000, 5_000_000];
    let next = 0;
    const server = await api((response) => response.end("x".repeat(sizes[next++])), 503);
    const tab = await world.open();
    const rows = await tab.page.evaluate(
      async ([url, make, count]) => {
        const session = new Function(`return ${make}`)()(url);
        const rows = [];
        for (let i = 0; i < count; i++) {
          await session.setTokens({ accessToken: `old${i}`, refreshToken: `r${i}` });
          const response = await session.fetch(`${url}/${i}`);
          const { status, statusText, redirected, type, bodyUsed } = response;
          const told = [status, statusText, redirected, type, bodyUsed, response.url === `${url}/${i}`];
          const reader = response.body.getReader();
          let size = 0;
          const end = await (async () => {
            for (;;) {
              const { done, value } = await reader.read();
              if (done) return "ended";
              size += value.length;
            }
          })().catch((error) => error.name);
          rows.push([...told, response.headers.get("x-own"), size, end]);
        }
        return rows;
      },
      [server.url, session, sizes.length],
    );
    const told = [401, "Unauthorized", false, "cors", false, true, "kept"];
    for (const [i, row] of rows.slice(0, 3).entries()) assert.deepEqual(row, [...told, sizes[i], "ended"]);
    const [size, end] = rows[3].splice(-2);
    assert.deepEqual([rows[3], end], [told, "TypeError"]);
    assert.ok(size >= 1_000_000 && size < 5_000_000, String(size));
    server.close();
    await tab.close();
  });

  test(`${browser}: a rejection comes when fetch's comes, before any microtask queued after the call`, async () => {
    const tab = await world.open();
    const rows = await tab.page.evaluate(async () => {
      const order = async (fetch, ...call) => {
        const order = [];
        fetch(...call).catch((error) => order.push(error.name));
        queueMicrotask(() => order.push("later"));
        await sleep(20);
        return order.join();
      };
      const aborted = () => AbortSignal.abort();
      const calls = {
        aborted: () => ["/x", { signal: aborted() }],
        "aborted, with a body": () => ["/x", { method: "POST", body: new Uint8Array(3), signal: aborted() }],
        "an aborted Request": () => [new Request("/x", { signal: aborted() })],
        "aborted, a path": () => [`${base}/echo`, { signal: aborted() }],
        method: () => ["/x", { method: "a b" }],
        "a body with GET": () => ["/x", { body: "x" }],
        "a header's name": () => ["/x", { headers: { "a b": "1" } }],
        "a header's value": () => ["/x", { headers: { a: "1\\n2\n" + "x\0" } }],
        credentials: () => ["/x", { credentials: "bogus" }],
        cache: () => ["/x", { cache: "bogus" }],
        mode: () => ["/x", { mode: "bogus" }],
        signal: () => ["/x", { signal: {} }],
        "a URL that is none": () => ["http://["],
        "a symbol": () => [Symbol("x")],
        nothing: () => [],
        "an init that is none": () => ["/x", 5],
        "headers that are none": () => ["/x", { headers: 5 }],
        foreign: () => [`${second}/x`, { signal: aborted() }],
        "foreign, misused": () => [`${second}/x`, { method: "a b" }],
        "no-cors": () => ["/x", { mode: "no-cors", method: "PUT" }],
      };
      const rows = {};
      const early = make("bearer");
      const ready = make("bearer", { key: "ready" });
      await signIn(ready);
      const held = make("bearer", { key: "held" });
      await held.setTokens({ accessToken: "a", refreshToken: "b", expiresIn: 0.001 });
      await sleep(5);
      for (const [name, made] of Object.entries(calls)) {
        const native = await order(fetch, ...made());
        const ours = {
          early: await order(early.fetch, ...made()),
          ready: await order(ready.fetch, ...made()),
          held: await order(held.fetch, ...made()),
        };
        for (const [state, told] of Object.entries(ours))
          if (told !== native) rows[`${name}, ${state}`] = [native, told];
      }
      return rows;
    });
    assert.deepEqual(rows, {});
    await tab.close();
  });

  test(`${browser}: names of headers keep their spelling, first try and replay`, async () => {
    const server = await origin((request, response, one) => {
      if (request.url === "/refresh") return json(response, 200, { accessToken: "good", refreshToken: "r2" });
      json(response, one.token === "Bearer good" ? 200 : 401, {});
    });
    const tab = await world.open();
    await tab.page.evaluate(
      async ([url, make]) => {
        const frame = document.body.appendChild(document.createElement("iframe")).contentWindow;
        const given = {
          object: () => ["/object", { headers: { "X-Own": "1", "x-LOWER": "2" } }],
          pairs: () => [
            "/pairs",
            {
              headers: [
                ["X-Own", "1"],
                ["x-LOWER", "2"],
              ],
            },
          ],
          generator: () => ["/generator", { headers: new Map(Object.entries({ "X-Own": "1", "x-LOWER": "2" })) }],
          Headers: () => ["/Headers", { headers: new Headers({ "X-Own": "1", "x-LOWER": "2" }) }],
          bytes: () => ["/bytes", { method: "POST", body: new URLSearchParams("a=1"), headers: { "X-Own": "1" } }],
          typed: () => ["/typed", { method: "POST", body: new Uint8Array(2), headers: { "Content-type": "x/y" } }],
          keepalive: () => [
            "/keepalive",
            { method: "POST", body: new FormData(), headers: { "X-Own": "1" }, keepalive: true },
          ],
        };
        const Requests = {
          Request: () => [new Request(`${url}/Request`, { headers: { "X-Own": "1", "x-LOWER": "2" } })],
          Posted: () => [new Request(`${url}/Posted`, { method: "POST", body: "b", headers: { "X-Own": "1" } })],
          framed: () => [new frame.Request(`${url}/framed`, { headers: { "X-Own": "1" } })],
          over: () => [new Request(`${url}/over`, { headers: { "X-Own": "1" } }), { headers: { "X-OWN": "1" } }],
        };
        for (const state of ["native", "good", "rejected", "held"]) {
          for (const make_ of [...Object.values(given), ...Object.values(Requests)]) {
            const [input, init] = make_();
            const at = typeof input === "string" ? url + input : input;
            if (state === "native") {
              await fetch(at, init);
              continue;
            }
            const session = new Function(`return ${make}`)()(url);
            await session.setTokens({
              accessToken: state === "good" ? "good" : "old",
              refreshToken: "r1",
              expiresIn: state === "held" ? 0.001 : 100,
            });
            await sleep(3);
            await session.fetch(at, init);
            session.close();
          }
        }
      },
      [server.url, session],
    );
    const spelled = ({ rawHeaders }) =>
      rawHeaders.filter((name, i) => i % 2 === 0 && /own|lower|content-type/i.test(name)).sort();
    const sent = {};
    for (const one of server.seen.filter(({ url }) => url !== "/refresh")) {
      sent[one.url] ??= [];
      sent[one.url].push(one);
    }
    assert.equal(Object.keys(sent).length, 11);
    for (const [url, requests] of Object.entries(sent)) {
      const [native, ...ours] = requests.map(spelled);
      assert.equal(ours.length, 4, url);
      for (const names of ours) assert.deepEqual(names, native, url);
    }
    server.close();
    await tab.close();
  });
}

test("uninstallers: used twice, after a second install, in any order, after close", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const native = fetch;
    const rows = {};
    const token = async () => !!(await (await fetch(`${base}/open/echo`)).json()).headers.authorization;
    const a = make("bearer", { key: "a" });
    const b = make("article", { key: "b" });
    await signIn(a);
    await signIn(b);
    const first = a.install();
    first();
    const again = a.install();
    first();
    first();
    rows.stays = [fetch !== native, await token()];
    a.install();
    again();
    again();
    rows.gone = fetch === native;
    for (const order of ["ab", "ba"]) {
      const offs = { a: a.install(), b: b.install() };
      for (const name of order) offs[name]();
      rows[order] = fetch === native;
      // The other way round, and by closing.
      const more = { b: b.install(), a: a.install() };
      for (const name of order) more[name]();
      rows[`${order} again`] = fetch === native;
    }
    // Somebody's wrapper that stays, a thousand times: no tower of bare ways through.
    a.install();
    const ours = fetch;
    const wrapper = (...call) => ours(...call);
    globalThis.fetch = wrapper;
    a.install()();
    for (let i = 0; i < 20_000; i++) a.install()();
    rows.deep = [fetch === wrapper, (await fetch(`${base}/open/echo`)).status];
    // Who wrapped us puts us back: the next install does not stand on what is gone.
    globalThis.fetch = ours;
    for (let i = 0; i < 20_000; i++) {
      a.install();
      const mine = fetch;
      b.install();
      a.install()();
      b.install()();
      if (i % 2) globalThis.fetch = mine;
    }
    rows.tower = (await fetch(`${base}/open/echo`)).status;
    globalThis.fetch = native;
    const off = a.install();
    b.install();
    a.close();
    b.close();
    off();
    a.install()();
    rows.closed = fetch === native;
    return rows;
  });
  assert.deepEqual(result, {
    stays: [true, true],
    gone: true,
    ab: true,
    "ab again": true,
    ba: true,
    "ba again": true,
    deep: [true, 200],
    tower: 200,
    closed: true,
  });
  await t.close();
});

test("a stream that is never sent is cancelled with the reason", async () => {
  const t = await w.open();
  const rows = await t.page.evaluate(async () => {
    const rows = {};
    const told = (error) => (error instanceof Error ? (error.code ?? error.name) : String(error));
    for (const state of ["held", "early"]) {
      for (const end of ["abort", "close"]) {
        for (const form of ["init", "Request"]) {
          const session = make("bearer", { key: `${state}${end}${form}`, refresh: () => new Promise(() => {}) });
          if (state === "held") {
            await session.setTokens({ accessToken: "a", refreshToken: "b", expiresIn: 0.001 });
            await sleep(5);
          }
          let cancelled = "never";
          const body = new ReadableStream({
            cancel(reason) {
              cancelled = told(reason);
            },
          });
          const controller = new AbortController();
          const init = { method: "POST", body, duplex: "half", signal: controller.signal };
          const url = `${location.origin}${base}/echo`;
          const call = form === "init" ? session.fetch(url, init) : session.fetch(new Request(url, init));
          const outcome = call.then(
            ({ status }) => status,
            (error) => told(error),
          );
          if (state === "held") await sleep(20);
          if (end === "abort") controller.abort("enough");
          else session.close();
          const settled = await outcome;
          await sleep(20);
          rows[`${state}, ${end}, ${form}`] = [settled, cancelled];
        }
      }
    }
    return rows;
  });
  for (const [name, row] of Object.entries(rows))
    assert.deepEqual(row, name.includes("abort") ? ["enough", "enough"] : ["closed", "closed"], name);
  await t.close();
});

test("a fetch of a test's own answers with what it likes, on every path", async () => {
  const t = await w.open();
  const rows = await t.page.evaluate(async () => {
    const rows = {};
    const answers = {
      plain: (status) => new Response("{}", { status }),
      "without a body": (status) => new Response(null, { status }),
      "like one": (status) => ({ status, ok: status < 300, headers: new Map(), json: async () => ({}) }),
      "like one, bare": (status) => ({ status }),
      "of node": (status) => ({ status, headers: new Headers(), body: { pipe() {} }, redirected: true }),
      "redirected, no url": (status) => ({ status, headers: new Headers(), body: null, redirected: true, url: "" }),
    };
    for (const [name, answer] of Object.entries(answers)) {
      for (const way of ["promised", "at once", "thenable"]) {
        let good = "t1";
        const mock = (input, init) => {
          const headers = new Headers(init?.headers ?? input.headers);
          const made = answer(headers.get("authorization") === `Bearer ${good}` ? 200 : 401);
          if (way === "at once") return made;
          // biome-ignore lint/suspicious/noThenProperty: as old libraries have it.
          return way === "promised" ? Promise.resolve(made) : { then: (resolve) => resolve(made) };
        };
        let n = 1;
        const refresh = async () => {
          good = `t${++n}`;
          return { accessToken: good, refreshToken: "r" };
        };
        const session = relatch.createSession({ fetch: mock, refresh, storage: "memory" });
        const early = await session.fetch("/early").then((r) => r.status);
        await session.setTokens({ accessToken: "t1", refreshToken: "r" });
        const told = [early];
        told.push((await session.fetch("/fast")).status);
        told.push((await session.fetch("/slow", { mode: "cors" })).status);
        told.push((await session.fetch(new Request("/request"))).status);
        good = "gone";
        told.push((await session.fetch("/replayed")).status);
        await session.setTokens({ accessToken: good, refreshToken: "r", expiresIn: 0.001 });
        await sleep(5);
        told.push((await session.fetch("/held", { method: "POST", body: "b" })).status);
        told.push((await session.fetch("https://foreign.example/")).status);
        rows[`${name}, ${way}`] = told.join();
      }
    }
    return rows;
  });
  for (const [name, told] of Object.entries(rows)) assert.equal(told, "401,200,200,200,200,200,401", name);
  await t.close();
});

for (const [browser, world] of Object.entries(browsers))
  test(`${browser}: no page error, no unhandled rejection in all of this`, () => assert.deepEqual(world.errors, []));
