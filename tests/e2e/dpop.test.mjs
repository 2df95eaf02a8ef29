// relatch/dpop against answers made by hand: what it learns, and of whom; what it sends is what it proves.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test from "node:test";
import { createDpop, DpopError } from "../../pkg/dpop.js";
import { listen } from "../servers/cors.mjs";

const claims = (proof) => JSON.parse(Buffer.from(proof.split(".")[1], "base64url"));
const A = "https://a.example";
const asks = { "www-authenticate": 'DPoP error="use_dpop_nonce"' };

/** An answer as if it had come from this URL. */
function from(url, { status = 200, headers = {}, body = "" } = {}) {
  const response = new Response(body, { status, headers });
  return Object.defineProperty(response, "url", { value: url });
}

/** A dpop whose fetch answers with `answers`, one after the other, and tells what was sent. */
function made(answers, options = {}) {
  const sent = [];
  const dpop = createDpop({
    keys: "memory",
    ...options,
    fetch: async (input, init) => {
      const proof = new Headers(init?.headers).get("dpop");
      sent.push({ input, init, proof: proof && claims(proof) });
      return answers.length > 1 ? answers.shift() : answers[0];
    },
  });
  const headers = { authorization: "DPoP abc" };
  return { dpop, sent, get: (url, init) => dpop.fetch(url, { headers, ...init }) };
}

test("what another origin says after a redirect is not learnt: neither its nonce nor its clock", async () => {
  const later = new Date(Date.now() + 600_000).toUTCString();
  const evil = from("https://evil.example/x", { headers: { "dpop-nonce": "evil", date: later } });
  const { sent, get } = made([evil, from(`${A}/`)]);
  await get(`${A}/x`);
  await get(`${A}/x`);
  assert.equal(sent[1].proof.nonce, undefined);
  assert.ok(Math.abs(sent[1].proof.iat - Date.now() / 1000) < 60);
});

test("a challenge by another origin is not answered by a second proof", async () => {
  const evil = from("https://evil.example/x", { status: 401, headers: { "dpop-nonce": "evil", ...asks } });
  const { sent, get } = made([evil]);
  assert.equal((await get(`${A}/x`)).status, 401);
  assert.equal(sent.length, 1);
});

test("the nonces and clocks of the own origin are learnt, also after a redirect within it", async () => {
  const date = new Date(Date.now() + 600_000).toUTCString();
  const { sent, get } = made([from(`${A}/elsewhere`, { headers: { "dpop-nonce": "n", date } }), from(`${A}/`)]);
  await get(`${A}/x`);
  await get(`${A}/x`);
  assert.equal(sent[1].proof.nonce, "n");
  assert.ok(Math.abs(sent[1].proof.iat - Date.now() / 1000 - 600) < 10);
});

test("a clock that is off by more than a day is no clock", async () => {
  for (const [ahead, learnt] of [
    [34 * 365 * 86_400, false],
    [-86_400 * 2, false],
    [86_400 + 60, false],
    [86_400 - 60, true],
    [-86_400 + 60, true],
  ]) {
    const date = new Date(Date.now() + ahead * 1000).toUTCString();
    const { sent, get } = made([from(`${A}/`, { headers: { date } })]);
    await get(`${A}/`);
    await get(`${A}/`);
    const off = sent[1].proof.iat - Date.now() / 1000;
    assert.ok(Math.abs(off - (learnt ? ahead : 0)) < 10, `${ahead}: ${off}`);
  }
});

test("a real redirect to another origin teaches nothing", async () => {
  const evil = createServer((_request, response) => {
    response.setHeader("dpop-nonce", "evil");
    response.end("stolen");
  });
  const other = await listen(evil);
  const own = await listen(
    createServer((request, response) => {
      if (request.url === "/to") response.writeHead(302, { location: `${other.origin}/` });
      response.end(request.headers.dpop);
    }),
  );
  const dpop = createDpop({ keys: "memory" });
  const headers = { authorization: "DPoP abc" };
  assert.equal(await (await dpop.fetch(`${own.origin}/to`, { headers })).text(), "stolen");
  const proof = await (await dpop.fetch(`${own.origin}/`, { headers })).text();
  assert.equal(claims(proof).nonce, undefined);
  await own.stop();
  await other.stop();
});

test("an answer of a JSON refresh that says another token type is a failure", async () => {
  const bad = [
    { accessToken: "a", refreshToken: "r", token_type: "Bearer" },
    { accessToken: "a", tokenType: "bearer" },
    { result: { accessToken: "a", token_type: "Bearer" } },
    { data: [{ tokens: { access: "a", "token-type": "mac" } }] },
    { accessToken: "a", token_type: null },
    { accessToken: "a", token_type: ["DPoP"] },
    { access_token: "a", token_type: "Bearer" },
    { access_token: "a" },
  ];
  const good = [
    { accessToken: "a", refreshToken: "r" },
    { accessToken: "a", tokenType: "DPoP" },
    { access_token: "a", token_type: "dpop" },
  ];
  for (const body of [...bad, ...good]) {
    const { dpop } = made([from(`${A}/login`, { body: JSON.stringify(body) })], { tokenEndpoints: [`${A}/login`] });
    const result = await dpop.fetch(`${A}/login`, { method: "POST", body: "{}" }).catch((error) => error);
    assert.equal(result instanceof DpopError && result.code === "not_dpop", bad.includes(body), JSON.stringify(body));
  }
});

test("htm is the method as fetch sends it, htu the URL that is sent", async () => {
  const { dpop, sent, get } = made([from(`${A}/`)]);
  const methods = {
    post: "POST",
    gEt: "GET",
    put: "PUT",
    delete: "DELETE",
    patch: "patch",
    PATCH: "PATCH",
    Own: "Own",
  };
  for (const [method, htm] of Object.entries(methods)) {
    await get(`${A}/x?q#f`, { method });
    const { init, input, proof } = sent.at(-1);
    assert.deepEqual([proof.htm, init.method, proof.htu, input], [htm, htm, `${A}/x`, `${A}/x?q#f`]);
    assert.equal(claims(await dpop.proof(method, `${A}/x`)).htm, htm);
    await dpop.fetch(new Request(`${A}/y`, { method, headers: { authorization: "DPoP abc" } }));
    assert.deepEqual([sent.at(-1).proof.htm, sent.at(-1).init.method], [htm, htm], `Request, ${method}`);
  }
  // The init's method goes out, not the Request's.
  await dpop.fetch(new Request(`${A}/y`, { method: "PUT", headers: { authorization: "DPoP abc" } }), { method: "get" });
  assert.equal(sent.at(-1).proof.htm, "GET");
});

test("a Request is proved for where it goes, whatever its url says; a URL object is read at the call", async () => {
  const { dpop, sent, get } = made([from(`${A}/`)]);
  const request = new Request("https://other.example/x", { headers: { authorization: "DPoP abc" } });
  Object.defineProperty(request, "url", { value: `${A}/x` });
  await dpop.fetch(request);
  assert.equal(sent[0].proof.htu, "https://other.example/x");
  const url = new URL(`${A}/first`);
  const init = { method: "PUT" };
  const call = get(url, init);
  url.pathname = "/second";
  init.method = "DELETE";
  await call;
  assert.deepEqual([sent[1].proof.htu, String(sent[1].input), sent[1].proof.htm], [`${A}/first`, `${A}/first`, "PUT"]);
});

test("nothing inherited is taken: of options, of init, of an answer, of a key", async () => {
  const names = ["key", "keys", "tokenEndpoints", "fetch", "method", "body", "headers", "url", "error", "access_token"];
  names.push("token_type", "tokenType", "bound", "jwk", "pair", "hash", "nonce", "ath", "toJSON", "namedCurve");
  names.push("status", "statusText", "referrer", "header", "refresh", "d");
  const { dpop, sent, get } = made([from(`${A}/`, { body: "{}" })], { tokenEndpoints: [`${A}/token`] });
  const plain = dpop.options({ refresh: () => null });
  for (const name of names)
    Object.defineProperty(Object.prototype, name, { value: "evil", configurable: true, writable: true });
  try {
    const response = await get(`${A}/x`);
    assert.equal(response.status, 200);
    await dpop.fetch(`${A}/token`, { __proto__: null, method: "POST", body: "grant_type=authorization_code" });
    const own = dpop.options({ refresh: () => null, header: undefined });
    assert.deepEqual(Object.keys(own).sort(), ["fetch", "header", "refresh"]);
  } finally {
    for (const name of names) delete Object.prototype[name];
  }
  assert.deepEqual(Object.keys(plain).sort(), ["fetch", "header", "refresh"]);
  assert.deepEqual(Object.keys(sent[0].proof).sort(), ["ath", "htm", "htu", "iat", "jti"]);
  assert.deepEqual([sent[0].proof.htm, sent[1].proof.htm], ["GET", "POST"]);
});
