// oidc-provider, written by others: rotation with reuse detection, DPoP with nonces (RFC 9449), through relatch/dpop.
import assert from "node:assert/strict";
import test, { after, before } from "node:test";
import { CLIENT, REDIRECT, start } from "../../servers/oidc.mjs";
import { world } from "../harness.mjs";

const w = world();
let server;
before(async () => {
  server = await start();
});
after(() => server?.stop());

/** Puts a session with DPoP on the page, and a login through the token endpoint. */
async function prepare(page, options = {}) {
  await page.evaluate(
    async ([origin, clientId, redirectUri, options]) => {
      const { createDpop, DpopError } = await import("/pkg/dist/dpop.js");
      const dpop = createDpop({ tokenEndpoints: [`${origin}/token`] });
      const session = relatch.createSession(
        dpop.options({
          origins: [origin],
          refresh: { url: `${origin}/token`, body: "form", clientId },
          ...options,
        }),
      );
      session.heard = [];
      for (const type of ["refreshed", "adopted", "expired", "failed"]) {
        session.addEventListener(type, ({ detail }) => session.heard.push({ type, ...detail }));
      }
      const base64url = (bytes) =>
        btoa(String.fromCharCode(...bytes))
          .replace(/\+/g, "-")
          .replace(/\//g, "_")
          .replace(/=+$/, "");
      const login = async () => {
        const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
        const code = await (await fetch(`${origin}/test/code?challenge=${base64url(digest)}`)).text();
        const body = new URLSearchParams({
          grant_type: "authorization_code",
          client_id: clientId,
          redirect_uri: redirectUri,
          code,
          code_verifier: verifier,
        });
        const response = await dpop.fetch(`${origin}/token`, { method: "POST", body });
        const tokens = await response.json();
        if (!response.ok) throw new Error(JSON.stringify(tokens));
        await session.setTokens({
          accessToken: tokens.access_token,
          refreshToken: tokens.refresh_token,
          expiresIn: tokens.expires_in,
        });
        return tokens;
      };
      const storm = async (n) => {
        const counts = {};
        const calls = Array.from({ length: n }, () =>
          session.fetch(`${origin}/me`).then(
            (r) => r.status,
            (e) => e.name,
          ),
        );
        for (const result of await Promise.all(calls)) counts[result] = (counts[result] ?? 0) + 1;
        return counts;
      };
      Object.assign(globalThis, { dpop, DpopError, session, login, storm, issuer: origin });
    },
    [server.origin, CLIENT, REDIRECT, options],
  );
}

const forget = () =>
  Object.assign(server.stats, { token: 0, refreshes: 0, failed: [], revoked: 0, me: {}, repeated: 0, bearer: 0 });

test("login, expiry, a storm of a hundred, rotation, logout: one refresh, no reuse, a proof each time", async () => {
  const t = await w.open();
  await prepare(t.page);
  forget();
  const result = await t.page.evaluate(async () => {
    const tokens = await login();
    const first = await storm(3);
    await sleep(4600);
    const counts = await storm(100);

    await session.refresh();
    const again = await storm(10);
    const record = JSON.parse(localStorage.getItem("relatch"));
    await session.clear();
    return {
      type: tokens.token_type,
      first,
      counts,
      again,
      refreshed: session.heard.filter((event) => event.type === "refreshed").map((event) => event.generation),
      rotated: record.refreshToken !== tokens.refresh_token,
      failed: session.heard.filter((event) => event.type === "failed"),
      status: session.status,
      stored: localStorage.getItem("relatch"),
      after: await storm(2),
    };
  });
  assert.deepEqual(result, {
    type: "DPoP",
    first: { 200: 3 },
    counts: { 200: 100 },
    again: { 200: 10 },
    refreshed: [2, 3],
    rotated: true,
    failed: [],
    status: "signed-out",
    stored: null,
    after: { 401: 2 },
  });
  const { stats } = server;
  assert.deepEqual([stats.refreshes, stats.failed, stats.revoked], [2, [], 0]);
  assert.equal(stats.me[200], 113);
  assert.equal(stats.repeated, 0, "no proof is used twice");
  assert.equal(stats.bearer, 0, "no token is sent as Bearer");
  await t.close();
});

test("tokens of unknown lifetime: a hundred 401s, one refresh, all replayed with new proofs", async () => {
  const t = await w.open();
  await prepare(t.page);
  forget();
  const result = await t.page.evaluate(async () => {
    const tokens = await login();
    await session.setTokens({ accessToken: tokens.access_token, refreshToken: tokens.refresh_token });
    await sleep(4600);
    return storm(100);
  });
  assert.deepEqual(result, { 200: 100 });
  const { stats } = server;
  assert.deepEqual([stats.refreshes, stats.failed, stats.revoked, stats.repeated, stats.me[200]], [1, [], 0, 0, 100]);
  assert.ok(stats.me[401] >= 1, "the server did say 401");
  await t.close();
});

test("five tabs share key and refresh: a hundred calls, one refresh, no reuse", async () => {
  const t = await w.open();
  const pages = [t.page];
  while (pages.length < 5) pages.push(await t.tab());
  await Promise.all(pages.map((page) => prepare(page)));
  forget();
  await t.page.evaluate(() => login());
  const prints = await Promise.all(pages.map((page) => page.evaluate(() => dpop.thumbprint())));
  assert.equal(new Set(prints).size, 1);
  await t.page.evaluate(() => sleep(4600));
  const counts = await Promise.all(pages.map((page) => page.evaluate(() => storm(20))));
  assert.deepEqual(counts, Array(5).fill({ 200: 20 }));
  const { stats } = server;
  assert.deepEqual([stats.refreshes, stats.failed, stats.revoked, stats.repeated], [1, [], 0, 0]);
  await t.close();
});

test("a refresh token that is spent twice ends the session at the server: the tests before would see it", async () => {
  const t = await w.open();
  await prepare(t.page);
  forget();
  const result = await t.page.evaluate(async (clientId) => {
    const { refresh_token } = await login();
    await session.refresh();
    const body = new URLSearchParams({ grant_type: "refresh_token", client_id: clientId, refresh_token });
    const again = await dpop.fetch(`${issuer}/token`, { method: "POST", body });
    const code = await session.refresh().catch((error) => error.code);
    return {
      again: (await again.json()).error,
      code,
      told: session.heard.map(({ type, status }) => [type, status]),
      status: session.status,
    };
  }, CLIENT);
  assert.deepEqual(result, {
    again: "invalid_grant",
    code: "session_expired",
    told: [
      ["refreshed", undefined],
      ["expired", 400],
    ],
    status: "signed-out",
  });
  assert.ok(server.stats.revoked >= 1);
  await t.close();
});

test("the key cannot be exported, and is not in localStorage", async () => {
  const t = await w.open();
  await prepare(t.page);
  const result = await t.page.evaluate(async () => {
    await login();
    const db = await new Promise(
      (resolve) => (indexedDB.open("relatch-dpop").onsuccess = (event) => resolve(event.target.result)),
    );
    const { pair } = await new Promise((resolve) => {
      db.transaction("keys").objectStore("keys").get("relatch").onsuccess = (event) => resolve(event.target.result);
    });
    const refused = await crypto.subtle.exportKey("jwk", pair.privateKey).catch((error) => error.name);
    return [pair.privateKey.extractable, refused, Object.keys(localStorage)];
  });
  assert.deepEqual(result, [false, "InvalidAccessError", ["relatch"]]);
  await t.close();
});

test("the key is lost and the tokens are not: the session ends, said once, and a login begins a new one", async () => {
  const t = await w.open();
  await prepare(t.page);
  await t.page.evaluate(() => login());
  await t.page.evaluate(() => session.close());
  const page = await t.tab();
  await t.page.close();
  await page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const request = indexedDB.deleteDatabase("relatch-dpop");
        request.onsuccess = resolve;
        request.onblocked = reject;
      }),
  );
  await prepare(page);
  forget();
  const result = await page.evaluate(async () => {
    const counts = await storm(5);
    const told = session.heard.map((event) => event.type);
    const { status } = session;
    await login();
    return { counts, told, status, after: await storm(3) };
  });
  assert.deepEqual(result, { counts: { 401: 5 }, told: ["expired"], status: "signed-out", after: { 200: 3 } });
  assert.deepEqual(server.stats.failed, [], "no refresh token was spent with a wrong key");
  await t.close();
});

test("a proof says what RFC 9449 §4.2 wants, of this request and no other", async () => {
  const t = await w.open();
  await prepare(t.page);
  const result = await t.page.evaluate(async () => {
    const read = async (...of) => {
      const proof = await dpop.proof(...of);
      const [header, payload, signature] = proof.split(".");
      const part = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt());
      const json = (text) => JSON.parse(new TextDecoder().decode(part(text)));
      const { jwk } = json(header);
      const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, true, ["verify"]);
      const signed = new TextEncoder().encode(`${header}.${payload}`);
      const good = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, part(signature), signed);
      return { ...json(header), ...json(payload), good };
    };
    const one = await read("get", "https://api.example:8443/a/b?c=d#e", "token");
    const two = await read("GET", "https://api.example:8443/a/b?c=d#e");
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("token")));
    const ath = btoa(String.fromCharCode(...hash))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
    return {
      names: Object.keys(one.jwk).sort(),
      kind: [one.typ, one.alg, one.jwk.kty, one.jwk.crv],
      htm: one.htm,
      htu: one.htu,
      ath: one.ath === ath,
      bare: "ath" in two,
      unique: one.jti !== two.jti,
      good: one.good && two.good,
      now: Math.abs(one.iat - Date.now() / 1000) < 3,
    };
  });
  assert.deepEqual(result, {
    names: ["crv", "kty", "x", "y"],
    kind: ["dpop+jwt", "ES256", "EC", "P-256"],
    htm: "GET",
    htu: "https://api.example:8443/a/b",
    ath: true,
    bare: false,
    unique: true,
    good: true,
    now: true,
  });
  await t.close();
});

test("the client's clock is ten minutes wrong: the server's nonces take its place (RFC 9449 §8)", async () => {
  for (const skew of [-600_000, 600_000]) {
    const t = await w.open(undefined, {
      init: Function(`
      const now = Date.now;
      Date.now = () => now() + ${skew};
    `),
    });
    await prepare(t.page);
    forget();
    const result = await t.page.evaluate(async () => {
      await login();
      return storm(3);
    });
    assert.deepEqual(result, { 200: 3 }, `${skew}`);
    await t.close();
  }
});

test("a server without nonces that shows its clock: the proof is made again with its time, once", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { createDpop } = await import("/pkg/dist/dpop.js");
    const ages = [];
    const dpop = createDpop({
      keys: "memory",
      fetch: async (_, init) => {
        const { iat } = JSON.parse(
          atob(new Headers(init.headers).get("dpop").split(".")[1].replace(/-/g, "+").replace(/_/g, "/")),
        );
        const server = Date.now() + 3_600_000;
        ages.push(Math.round((server / 1000 - iat) / 60));
        const good = Math.abs(server / 1000 - iat) < 60;
        const headers = {
          date: new Date(server).toUTCString(),
          ...(!good && { "www-authenticate": 'DPoP error="invalid_dpop_proof"' }),
        };
        return new Response("", { status: good ? 200 : 401, headers });
      },
    });
    const statuses = [];
    for (let i = 0; i < 2; i++)
      statuses.push((await dpop.fetch("https://a.example/", { headers: { authorization: "DPoP abc" } })).status);
    return { statuses, ages };
  });
  assert.deepEqual(result, { statuses: [200, 200], ages: [60, 0, 0] });
  await t.close();
});

test("a token endpoint that gives Bearer tokens is refused: no falling back (RFC 9449 §5)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { createDpop, DpopError } = await import("/pkg/dist/dpop.js");
    const sent = [];
    const dpop = createDpop({
      keys: "memory",
      tokenEndpoints: ["/token"],
      fetch: async (_, init) => {
        sent.push([new Headers(init.headers).has("dpop"), init.method]);
        return Response.json({ access_token: "a", token_type: "Bearer" });
      },
    });
    const error = await dpop.fetch("/token", { method: "POST", body: "grant_type=authorization_code" }).catch((e) => e);
    return [error instanceof DpopError, error.code, sent];
  });
  assert.deepEqual(result, [true, "not_dpop", [[true, "POST"]]]);
  await t.close();
});

test("nonces are kept by origin, the newest wins, use_dpop_nonce is answered once (RFC 9449 §8, §9)", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { createDpop } = await import("/pkg/dist/dpop.js");
    const sent = [];
    const answers = [
      [401, { "dpop-nonce": "n1", "www-authenticate": 'DPoP error="use_dpop_nonce"' }],
      [200, { "dpop-nonce": "n2" }],
      [200, {}],
      [200, {}],
      [401, { "dpop-nonce": "n3", "www-authenticate": 'DPoP error="use_dpop_nonce"' }],
      [401, { "dpop-nonce": "n4", "www-authenticate": 'DPoP error="use_dpop_nonce"' }],
      [401, { "dpop-nonce": "n5", "www-authenticate": 'DPoP error="invalid_token"' }],
    ];
    const dpop = createDpop({
      keys: "memory",
      fetch: async (input, init) => {
        const payload = JSON.parse(
          atob(new Headers(init.headers).get("dpop").split(".")[1].replace(/-/g, "+").replace(/_/g, "/")),
        );
        sent.push([new URL(input).host, payload.nonce ?? null, init.body]);
        const [status, headers] = answers.shift();
        return new Response("", { status, headers });
      },
    });
    const headers = { Authorization: "DPoP abc" };
    const post = (url) => dpop.fetch(url, { method: "POST", body: "x", headers }).then((r) => r.status);
    const statuses = [
      await post("https://a.example/1"),
      await post("https://b.example/"),
      await post("https://a.example/2"),
      await post("https://a.example/3"),
      await post("https://a.example/4"),
    ];
    return { statuses, sent, left: answers.length };
  });
  const a = (nonce) => ["a.example", nonce, "x"];
  assert.deepEqual(result, {
    statuses: [200, 200, 200, 401, 401],
    sent: [a(null), a("n1"), ["b.example", null, "x"], a("n2"), a("n2"), a("n3"), a("n4")],
    left: 0,
  });
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
