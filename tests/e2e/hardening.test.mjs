// Hostile surroundings: a polluted Object.prototype, tokens that no header can carry, records of any size and version,
// a policy that forbids strings to become code.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

test("what another script put on Object.prototype changes neither options nor tokens nor the refresh", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const login = async () => {
      const response = await fetch(`${base}/users/sign-in`, {
        method: "POST",
        body: JSON.stringify({ name: "ada", password: "latch" }),
      });
      return (await response.json()).result;
    };
    const [first, second] = [await login(), await login()];
    const hits = [];
    const spy =
      (name, answer = true) =>
      () => {
        hits.push(name);
        return answer;
      };
    const evil = {
      skip: spy("skip"),
      isChallenge: spy("isChallenge"),
      said: spy("said"),
      terminal: spy("terminal"),
      lease: spy("lease"),
      hops: spy("hops"),
      listener: spy("listener"),
      fetch: spy("fetch", Promise.resolve(new Response("evil"))),
      origins: ["https://evil.example"],
      header: { name: "X-Evil" },
      name: "X-Evil",
      scheme: "Evil",
      storage: "memory",
      key: "evil",
      maxWait: 1,
      maxReplays: 3,
      refreshTimeout: 100,
      form: true,
      clientId: "evil",
      send: { refreshToken: "evil" },
      extra: { evil: "1" },
      credentials: "omit",
      accessToken: "evil",
      refreshToken: "evil",
      expiresIn: 1,
      exp: 1,
      iat: 0,
      error: "invalid_grant",
      minValidity: 1e6,
      signal: AbortSignal.abort(),
      got: "evil",
      own: false,
      v: 1,
      epoch: 1,
      generation: 9,
      mode: "no-cors",
      headers: { "x-evil": "1" },
      body: "form",
    };
    const seen = [];
    const plain = fetch;
    const spied = (...call) => {
      const { headers } = new Request(...call);
      seen.push([
        new URL(call[0], location).pathname.replace(/^.t.[^/]+/, ""),
        headers.get("authorization")?.slice(0, 7) ?? null,
        headers.get("x-evil"),
      ]);
      return plain(...call);
    };
    for (const [name, value] of Object.entries(evil)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true, enumerable: true, writable: true });
    }
    const refresh = {
      url: `${base}/users/refresh`,
      pick: Object.assign(Object.create(null), {
        accessToken: "result.accessToken",
        refreshToken: "result.refreshToken",
        expiresIn: "result.expiresIn",
      }),
    };
    const session = relatch.createSession(Object.assign(Object.create(null), { refresh, fetch: spied }));
    const told = [];
    for (const type of ["failed", "expired", "refreshed"]) session.addEventListener(type, () => told.push(type));
    await session.setTokens(first);
    await session.refresh();
    const token = await session.getAccessToken();
    const stored = Object.keys(localStorage);
    // A login without a refresh token does not find one on the prototype.
    const bare = relatch.createSession({ __proto__: null, refresh, storage: "memory", fetch: plain });
    await bare.setTokens({ accessToken: second.accessToken });
    const refused = await bare.refresh().catch((error) => error.code);
    // What fetch itself reads from the prototype of any init, relatch's or not, is not the question here.
    for (const name of ["headers", "body", "mode", "credentials", "signal"]) delete Object.prototype[name];
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await session.fetch(`${base}/home/review/detail/${i}`)).status);
    for (const name of Object.keys(evil)) delete Object.prototype[name];
    return { hits, seen, told, stored, refused, statuses, token: token.length > 100 };
  });
  assert.deepEqual(result, {
    hits: [],
    seen: [["/users/refresh", null, null], ...[0, 1, 2].map((i) => [`/home/review/detail/${i}`, "Bearer ", null])],
    told: ["refreshed"],
    stored: ["relatch"],
    refused: "signed_out",
    statuses: [200, 200, 200],
    token: true,
  });
  await t.close();
});

test("a failed refresh is not taken for invalid_grant because Object.prototype says so (G6, G7)", async () => {
  const t = await w.open();
  await t.control({ refresh_fault: "server_error" });
  const result = await t.page.evaluate(async () => {
    const session = make("bearer", {
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        return /refresh/.test(url) ? new Response('{"message":"no"}', { status: 400 }) : response;
      },
    });
    await signIn(session);
    await expire();
    Object.prototype.error = "invalid_grant";
    const counts = await burst(session, 3);
    delete Object.prototype.error;
    return { counts, expired: session.told("expired").length, kept: localStorage.getItem("relatch") !== null };
  });
  assert.deepEqual(result, { counts: { 401: 3 }, expired: 0, kept: true });
  await t.close();
});

test("an access token that no header can carry is refused by setTokens, changing nothing (RFC 6749 A.12)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const before = localStorage.getItem("relatch");
    const codes = [];
    const bad = [
      "",
      " ",
      " a",
      "a\nb",
      "a\r\nX-Evil: 1",
      "a\0",
      "tökén",
      "토큰",
      "\u{1f600}",
      "a\tb",
      "\u2028",
      "a\u007f",
      "x".repeat(65_537),
      undefined,
      null,
      7,
      {},
      ["a"],
      Object("a"),
    ];
    for (const accessToken of bad) codes.push(await session.setTokens({ accessToken }).catch((error) => error.code));
    codes.push(
      await session.setTokens({ accessToken: "a", refreshToken: "x".repeat(65_537) }).catch((error) => error.code),
    );
    for (const tokens of [null, undefined, "abc"])
      codes.push(await session.setTokens(tokens).catch((error) => error.code));
    return {
      codes: [...new Set(codes)],
      same: localStorage.getItem("relatch") === before,
      after: await burst(session, 2),
    };
  });
  assert.deepEqual(result, { codes: ["invalid_option"], same: true, after: { 200: 2 } });
  const longest = await t.page.evaluate(async () => {
    const sent = [];
    const session = make("bearer", {
      storage: "memory",
      fetch: async (_, { headers }) => {
        sent.push(new Headers(headers).get("authorization"));
        return new Response();
      },
    });
    await session.setTokens({ accessToken: "~".repeat(65_536) });
    await session.fetch(`${base}/echo`);
    await session.setTokens({ accessToken: "Prefix of.one's own==" });
    await session.fetch(`${base}/echo`);
    return sent.map((value) => [value.length, value.slice(0, 20)]);
  });
  assert.deepEqual(longest, [
    [65_543, "Bearer ~~~~~~~~~~~~~"],
    [28, "Bearer Prefix of.one"],
  ]);
  await t.close();
});

test("a refresh that answers with such a token has failed: tokens are kept (G4, G7)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const results = [];
    for (const [accessToken, refreshToken] of [
      ["a\r\nX-Evil: 1", "r"],
      ["tökén", "r"],
      ["x".repeat(65_537), "r"],
      ["good", "r".repeat(65_537)],
    ]) {
      const session = make("bearer", { storage: "memory", refresh: () => ({ accessToken, refreshToken }) });
      await signIn(session);
      const code = await session.refresh().catch((error) => error.code);
      results.push([code, session.status, session.told("expired").length, await burst(session, 1)]);
    }
    return results;
  });
  assert.deepEqual(result, Array(4).fill(["refresh_failed", "fresh", 0, { 200: 1 }]));
  await t.close();
});

test("a refresh that is redirected has failed, and its refresh token goes nowhere else (G7)", async () => {
  const t = await w.open();
  for (const status of [302, 307, 308]) {
    const result = await t.page.evaluate(
      async ([status, second]) => {
        const to = encodeURIComponent(`${second}/open/echo`);
        const session = make("bearer", {
          storage: "memory",
          refresh: { url: `${base}/redirect?status=${status}&to=${to}` },
        });
        await signIn(session);
        return [await session.refresh().catch((error) => error.code), session.status];
      },
      [status, t.second],
    );
    assert.deepEqual(result, ["refresh_failed", "fresh"]);
  }
  // The redirects themselves, and nothing behind them.
  assert.equal((await t.counters()).open, 3);
  await t.close();
});

test("an origin or a refresh in the clear is refused, this machine apart (RFC 6750 §5.3)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { createSession } = await import("/pkg/dist/index.development.js");
    const told = (options) => {
      try {
        createSession(options);
      } catch (error) {
        return [error.code, error.message.replace(/;.*/, "")];
      }
    };
    const refresh = { url: "https://a.example/r" };
    return [
      told({ refresh, origins: ["https://a.example", "http://a.example"] }),
      told({ refresh, origins: ["http://127.0.0.1.a.example"] }),
      told({ refresh, origins: ["ws://a.example"] }),
      told({ refresh: { url: "http://a.example/r" } }),
      told({ refresh, origins: ["https://a.example", "http://localhost:8080", "http://[::1]"] }) ?? "fine",
    ];
  });
  const https = (name) => ["invalid_option", `relatch: ${name} must be https (http only on localhost)`];
  assert.deepEqual(result, [
    https("origins[1]"),
    https("origins[0]"),
    https("origins[0]"),
    https("refresh.url"),
    "fine",
  ]);
  await t.close();
});

test("a form refresh sends what RFC 6749 §6 says, and what the application adds", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const sent = [];
    const spied = async (url, init) => {
      const request = new Request(url, init);
      sent.push([request.method, request.headers.get("content-type"), await request.text()]);
      return Response.json({ access_token: "b", token_type: "Bearer", expires_in: 60, more: ["ignored"] });
    };
    const url = `${base}/oauth/token`;
    for (const more of [{}, { clientId: "web", extra: { scope: "a b" } }]) {
      const session = make("bearer", { storage: "memory", fetch: spied, refresh: { url, body: "form", ...more } });
      await session.setTokens({ accessToken: "a", refreshToken: "r&é=1" });
      await session.refresh();
      sent.push(await session.getAccessToken());
    }
    return sent;
  });
  const type = "application/x-www-form-urlencoded;charset=UTF-8";
  assert.deepEqual(result, [
    ["POST", type, "grant_type=refresh_token&refresh_token=r%26%C3%A9%3D1"],
    "b",
    ["POST", type, "grant_type=refresh_token&client_id=web&refresh_token=r%26%C3%A9%3D1&scope=a+b"],
    "b",
  ]);
  await t.close();
});

test("claims are UTF-8, and nothing but text (RFC 7519 §3, RFC 8725 §3.7)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer", { storage: "memory" });
    const read = async (payload) => {
      const bytes = new TextEncoder().encode(payload);
      const text = btoa(String.fromCharCode(...bytes))
        .replace(/\+/g, "-")
        .replace(/\//g, "_")
        .replace(/=+$/, "");
      await session.setTokens({ accessToken: `e30.${text}.x` });
      return session.claims;
    };
    const claims = await read('{"name":"에이다 😀","__proto__":{"admin":true}}');
    return [claims.name, claims.admin ?? null, {}.admin ?? null, await read('"x"'), await read("{")];
  });
  assert.deepEqual(result, ["에이다 😀", null, null, null, null]);
  await t.close();
});

test("a stored access token that no header can carry is missing, and a refresh gets another", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const record = JSON.parse(localStorage.getItem("relatch"));
    localStorage.setItem("relatch", JSON.stringify({ ...record, accessToken: "a\nb" }));
    await sleep(5);
    return burst(session, 3);
  });
  assert.deepEqual(result, { 200: 3 });
  assert.equal((await t.counters()).refreshes, 1);
  await t.close();
});

test("a stored record of more than a million characters is not looked into", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const record = {
      v: 1,
      epoch: 1,
      generation: 1,
      accessToken: "a",
      refreshToken: "r",
      obtainedAt: 0,
      lifetime: null,
      more: "x".repeat(1_000_000),
    };
    localStorage.setItem("relatch", JSON.stringify(record));
    const session = make("bearer");
    const counts = await burst(session, 1);
    return {
      counts,
      status: session.status,
      codes: session.told("failed").map((e) => e.code),
      kept: localStorage.getItem("relatch").length > 1e6,
    };
  });
  assert.deepEqual(result, { counts: { 401: 1 }, status: "signed-out", codes: ["storage_corrupt"], kept: true });
  await t.close();
});

test("a record of a newer version is read by nobody and kept, until a login or a logout is asked for", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const newer = JSON.stringify({
      v: 2,
      sealed: "by a later version",
      accessToken: "a",
      refreshToken: "r",
      epoch: 1,
      generation: 1,
    });
    const kept = () => localStorage.getItem("relatch") === newer;
    const results = [];
    localStorage.setItem("relatch", newer);
    const session = make("bearer");
    results.push(await burst(session, 2), session.status, await session.refresh().catch((e) => e.code), kept());
    const other = make("bearer");
    await other.ready;
    other.close();
    results.push(kept());
    await signIn(session);
    results.push(session.status, JSON.parse(localStorage.getItem("relatch")).v);
    // Another tab, of a later version, takes the store over under a session in use.
    localStorage.setItem("relatch", newer);
    await sleep(5);
    results.push(session.status, await burst(session, 1), kept());
    await session.clear();
    results.push(localStorage.getItem("relatch"));
    return results;
  });
  assert.deepEqual(result, [
    { 401: 2 },
    "signed-out",
    "signed_out",
    true,
    true,
    "fresh",
    1,
    "signed-out",
    { 401: 1 },
    true,
    null,
  ]);
  await t.close();
});

test("Trusted Types are required and eval is forbidden: everything works, and no policy is violated", async () => {
  const t = await w.open();
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  await t.page.route("**/page.html?*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), "content-security-policy": policy } });
  });
  await t.page.reload();
  await t.page.waitForFunction(() => globalThis.ready);
  const result = await t.page.evaluate(async () => {
    const violations = [];
    document.addEventListener("securitypolicyviolation", (event) => violations.push(event.effectiveDirective));
    const session = make("bearer");
    await signIn(session);
    await expire();
    const counts = await burst(session, 20);
    const form = new FormData();
    form.set("a", new Blob(["b"]));
    const { status } = await session.fetch(`${base}/echo`, { method: "POST", body: form });
    const uninstall = session.install();
    uninstall();
    const before = violations.length;
    // The policy is in force: this is what it forbids.
    let forbidden = 0;
    for (const attempt of [() => (document.createElement("div").innerHTML = "<b>"), () => Function("return 1")()]) {
      try {
        attempt();
      } catch {
        forbidden++;
      }
    }
    return { counts, status, before, forbidden };
  });
  assert.deepEqual(result, { counts: { 200: 20 }, status: 200, before: 0, forbidden: 2 });
  assert.equal((await t.counters()).refresh_calls, 1);
  await t.close();
});

test("a base that moves while a proof is made changes neither the proof nor where the token goes", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { createDpop } = await import("/pkg/dist/dpop.js");
    const sent = [];
    const dpop = createDpop({
      keys: "memory",
      tokenEndpoints: ["/token"],
      fetch: async (input, init) => {
        const [, payload] = new Headers(init.headers).get("dpop").split(".");
        sent.push([String(input), JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))).htu, init.body]);
        return new Response("{}");
      },
    });
    const headers = { authorization: "DPoP abc" };
    const calls = [dpop.fetch("/x", { headers }), dpop.fetch("y?z", { method: "POST", body: "b", headers })];
    calls.push(dpop.fetch("/token", { method: "POST", body: "grant_type=authorization_code" }));
    const base = document.head.appendChild(document.createElement("base"));
    base.href = `${second}/`;
    await Promise.all(calls);
    base.remove();
    return { sent: sent.map(String).sort(), origin, here: new URL(".", location.href).href };
  });
  const { origin, here } = result;
  const own = [`${origin}/x,${origin}/x,`, `${here}y?z,${here}y,b`];
  assert.deepEqual(result.sent, [...own, `${origin}/token,${origin}/token,grant_type=authorization_code`].sort());
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
