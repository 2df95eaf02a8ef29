// relatch/oauth and relatch/jwt.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { createSession } from "../../pkg/dist/index.js";
import { decodeJwt } from "../../pkg/jwt.js";
import { oauth, toTokens } from "../../pkg/oauth.js";
import { world } from "../e2e/harness.mjs";

const w = world();

async function login(api) {
  const body = new URLSearchParams({ grant_type: "password", username: "에이다", password: "latch" });
  return (await fetch(`${api}/oauth/token`, { method: "POST", body })).json();
}

test("oauth: a token endpoint's tokens go in, and twenty calls on an expired token make one refresh", async () => {
  const t = await w.open();
  const sent = [];
  const session = createSession({
    origins: [w.server.main],
    refresh: oauth({ url: `${t.api}/oauth/token`, clientId: "web", scope: "profile" }),
    async fetch(input, init) {
      if (init?.body) sent.push([init.credentials, Object.fromEntries(new URLSearchParams(String(init.body)))]);
      return fetch(input, init);
    },
  });
  const tokens = toTokens(await login(t.api));
  await session.setTokens(tokens);
  await t.expire();
  const calls = Array.from({ length: 20 }, (_, i) => session.fetch(`${t.api}/home/review/detail/${i}`));
  assert.deepEqual([...new Set((await Promise.all(calls)).map(({ status }) => status))], [200]);
  assert.equal((await t.counters()).refresh_calls, 1);
  const form = { grant_type: "refresh_token", refresh_token: tokens.refreshToken, client_id: "web", scope: "profile" };
  assert.deepEqual(sent, [["omit", form]]);
  session.close();
  await t.close();
});

test("toTokens: a lifetime as a string is a number, none is none, and an error is told in the endpoint's words", () => {
  assert.deepEqual(toTokens({ access_token: "a", refresh_token: "r", expires_in: "3599" }), {
    accessToken: "a",
    refreshToken: "r",
    expiresIn: 3599,
  });
  assert.deepEqual(toTokens({ access_token: "a", expires_in: "soon" }), {
    accessToken: "a",
    refreshToken: undefined,
    expiresIn: undefined,
  });
  assert.equal(toTokens({ access_token: "a", expires_in: null }).expiresIn, undefined);
  assert.throws(
    () => toTokens({ error: "invalid_grant", error_description: "the password is wrong" }),
    /invalid_grant: the password is wrong/,
  );
  for (const bad of [null, undefined, "html", {}, { access_token: " " }]) assert.throws(() => toTokens(bad), TypeError);
});

test("decodeJwt: header and claims of the server's own token, names in any script; null for all else", async () => {
  const t = await w.open();
  const { header, claims } = decodeJwt(toTokens(await login(t.api)).accessToken);
  assert.equal(header.alg, "HS256");
  assert.equal(claims.name, "에이다");
  assert.equal(typeof claims.exp, "number");
  const part = (value) => Buffer.from(value).toString("base64url");
  const good = part('{"alg":"none"}');
  const bad = [
    "",
    "opaque",
    "a.b",
    "a.b.c",
    `${good}.${part("[1]")}.`,
    `${good}.${part("null")}.`,
    `${good}.${part(Buffer.from([0x22, 0xff, 0x22]))}.`,
    `${good}.!.`,
    `${good}.${good}`,
  ];
  for (const token of [...bad, null, undefined, 5]) assert.equal(decodeJwt(token), null, String(token));
  assert.deepEqual(decodeJwt(`${good}.${part('{"__proto__":{"admin":true}}')}.`).claims.admin, undefined);
  await t.close();
});

test("each is as small as the document says", async () => {
  const page = await readFile(new URL("../../docs/getting-started.md", import.meta.url), "utf8");
  for (const name of ["oauth", "cookie", "jwt"]) {
    const entryPoints = [fileURLToPath(new URL(`../../pkg/${name}.js`, import.meta.url))];
    const { outputFiles } = await build({ entryPoints, bundle: true, minify: true, format: "esm", write: false });
    const said = new RegExp(`\`relatch/${name}\` \\((\\d+) bytes, minified\\)`).exec(page)?.[1];
    assert.equal(outputFiles[0].contents.length, Number(said));
  }
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("../../pkg/timing.js", import.meta.url))],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
  });
  const kilobytes = /Its size is ([\d.]+) kB, minified/.exec(
    await readFile(new URL("../../docs/observing.md", import.meta.url), "utf8"),
  )[1];
  assert.equal((outputFiles[0].contents.length / 1000).toFixed(1), kilobytes);
});
