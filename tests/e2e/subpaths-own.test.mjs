// What another script put on Object.prototype is nothing to a subpath: no option, no token, no field of an answer, and no
// setting of the platform. relatch/dpop has its own in dpop.test.mjs, relatch/timing in timing.test.mjs.
import assert from "node:assert/strict";
import test from "node:test";
import { cookie } from "../../pkg/cookie.js";
import { createSession } from "../../pkg/dist/index.js";
import { line } from "../../pkg/inspector-parts.js";
import { decodeJwt } from "../../pkg/jwt.js";
import { oauth, toTokens } from "../../pkg/oauth.js";
import { redactBody, redactHeaders, rules } from "../../pkg/redact.js";
import { world } from "./harness.mjs";

const w = world();
const EVIL = "evil-and-inherited";

/** Runs `work` with each name on Object.prototype, one after the other and all at once. */
function polluted(names, work, value = EVIL) {
  for (const some of [...names.map((name) => [name]), names]) {
    for (const name of some) {
      Object.defineProperty(Object.prototype, name, { __proto__: null, value, configurable: true, writable: true });
    }
    try {
      work(some.join());
    } finally {
      for (const name of some) delete Object.prototype[name];
    }
  }
}

test("nothing that stands on Object.prototype is an option of relatch/oauth, or a token of an answer", () => {
  const options = { url: "https://id.example/token", clientId: "web" };
  const names = ["url", "clientId", "scope", "extra", "credentials", "headers", "send", "pick", "terminal", "body"];
  polluted(names, (name) => {
    const made = oauth(options);
    assert.deepEqual(
      Object.entries(made).filter(([, value]) => value === EVIL || (typeof value === "object" && value.scope === EVIL)),
      [],
      name,
    );
    assert.deepEqual([made.url, made.clientId, made.body, made.extra], [options.url, "web", "form", undefined], name);
    assert.equal(oauth({}).url, undefined, name);
  });
  polluted(["access_token", "refresh_token", "expires_in", "error", "error_description"], (name) => {
    assert.deepEqual(toTokens({ access_token: "a" }), {
      accessToken: "a",
      refreshToken: undefined,
      expiresIn: undefined,
    });
    for (const answer of [{}, null, undefined, [], "html", { error: "x" }]) {
      assert.throws(
        () => toTokens(answer),
        (error) => error instanceof TypeError && !error.message.includes(EVIL),
        name,
      );
    }
  });
  polluted(["expires_in"], () => assert.equal(toTokens({ access_token: "a" }).expiresIn, undefined), 5);
});

test("… of relatch/cookie or relatch/jwt, also by a hole in an array", () => {
  polluted(["url", "credentials", "get", "set", "remove", "subscribe"], (name) => {
    const { refresh, storage } = cookie({ url: "/refresh" });
    assert.deepEqual([refresh.url, refresh.credentials], ["/refresh", "include"], name);
    assert.deepEqual(Object.keys(storage), ["get", "set", "remove", "subscribe"], name);
    assert.equal(storage.toString, undefined, name);
  });
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  polluted(["0", "1", "2", "fatal", "ignoreBOM", "header", "claims"], (name) => {
    const { header, claims } = decodeJwt(`${part({ alg: "x" })}.${part({ sub: "a" })}.c`);
    assert.deepEqual([Object.entries(header), Object.entries(claims)], [[["alg", "x"]], [["sub", "a"]]], name);
    for (const bad of ["", "a", "a.b", "a.b.c"]) assert.equal(decodeJwt(bad), null, name);
  });
});

test("… of the redactor: what may be shown, and what an event says", () => {
  polluted(["show", "secret", "auth", "kind", "0", "1", "toJSON", "value"], (name) => {
    const allowed = rules({});
    assert.deepEqual([[...allowed.show], [...allowed.secret], allowed.auth], [[], [], "authorization"], name);
    assert.equal(redactBody('{"kind":"draft","n":1}', "", allowed), '{\n  "kind": "‹redacted›",\n  "n": 1\n}', name);
    assert.deepEqual(redactHeaders([["x-kind", "draft"]], allowed), ["x-kind: ‹redacted›"], name);
  });
  polluted(["generation", "url", "status", "code", "message", "retryInMs", "scope", "error"], (name) => {
    for (const type of ["refreshed", "adopted", "replayed", "held", "expired", "failed"]) {
      assert.ok(!line(type, { __proto__: null }, String).includes(EVIL), `${type}, ${name}`);
    }
  });
});

test("… of relatch/worker, on either side", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const { connect, serve } = await import("/pkg/dist/worker.js");
    const session = Object.assign(new EventTarget(), { status: "fresh", claims: null, ready: Promise.resolve() });
    const calls = [];
    session.fetch = async (...call) => {
      calls.push(call);
      return new Response("b", { __proto__: null, headers: { a: "b" } });
    };
    session.setTokens = async (tokens) => void calls.push(tokens);
    globalThis.onconnect = null;
    serve(session);
    const { port1, port2 } = new MessageChannel();
    globalThis.onconnect({ ports: [port2] });
    const remote = connect(Object.assign(new EventTarget(), { port: port1 }));
    const names = [
      "login",
      "id",
      "work",
      "lock",
      "type",
      "status",
      "statusText",
      "headers",
      "value",
      "error",
      "signal",
    ];
    names.push(
      "method",
      "body",
      "mode",
      "detail",
      "claims",
      "accessToken",
      "refreshToken",
      "code",
      "bubbles",
      "message",
    );
    await remote.ready;
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        __proto__: null,
        value: "evil",
        configurable: true,
        writable: true,
      });
    }
    let answers;
    try {
      answers = await Promise.all([
        remote.fetch("https://api.example/x", { __proto__: null, headers: [["a", "b"]] }),
        remote.login({}).catch((error) => [error.name, error.message]),
        remote.setTokens({ accessToken: "a" }),
      ]);
    } finally {
      for (const name of names) delete Object.prototype[name];
    }
    const [response, login] = answers;
    const [[url, init], tokens] = calls;
    remote.close();
    return {
      response: [response.status, response.statusText, await response.text()],
      login,
      sent: [url, init.method, init.body === undefined, init.mode, Object.getPrototypeOf(init) === null],
      tokens: Object.entries(tokens),
    };
  });
  assert.deepEqual(result, {
    response: [200, "", "b"],
    login: ["TypeError", "serve was given no login"],
    sent: ["https://api.example/x", "GET", true, "cors", true],
    tokens: [["accessToken", "a"]],
  });
  await t.close();
});

test("… of session.log", async () => {
  const lines = [];
  const kept = { ...console };
  for (const kind of ["log", "info", "groupCollapsed", "error"])
    console[kind] = (...given) => lines.push(given.join(" "));
  try {
    const session = createSession({
      origins: ["https://api.example"],
      refresh: { url: "https://api.example/refresh" },
      fetch: async () => new Response('{"kind":"draft"}', { headers: { "content-type": "application/json" } }),
    });
    const names = ["show", "level", "value", "get", "set", "kind", "accessToken", "stream", "method", "body"];
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        __proto__: null,
        value: ["kind"],
        configurable: true,
        writable: true,
      });
    }
    try {
      session.log = { level: "body" };
      for (let i = 0; session.log === "none" && i < 1000; i++) await new Promise((resolve) => setTimeout(resolve, 1));
    } finally {
      for (const name of names) delete Object.prototype[name];
    }
    await session.fetch("https://api.example/x");
    await new Promise((resolve) => setTimeout(resolve, 20));
    session.close();
  } finally {
    Object.assign(console, kept);
  }
  assert.match(lines.join("\n"), /GET https:\/\/api\.example\/x → 200[\s\S]*"kind": "‹redacted›"/);
});

test("… of relatch/inspector in a page", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    await import("/pkg/dist/inspector.js");
    const names = [
      "delegatesFocus",
      "slotAssignment",
      "exp",
      "signed-out",
      "no session",
      "url",
      "kind",
      "show",
      "name",
    ];
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        __proto__: null,
        value: "evil",
        configurable: true,
        writable: true,
      });
    }
    try {
      const inspector = document.body.appendChild(document.createElement("relatch-inspector"));
      const session = Object.assign(new EventTarget(), { status: "signed-out", claims: {} });
      inspector.session = session;
      session.dispatchEvent(new CustomEvent("held", { detail: { __proto__: null, call: 1, sent: true } }));
      session.dispatchEvent(new CustomEvent("failed", { detail: { code: "refresh_failed" } }));
      return inspector.shadowRoot.textContent;
    } finally {
      for (const name of names) delete Object.prototype[name];
    }
  });
  assert.ok(!result.includes("evil"), result);
  assert.match(result, /signed-out: requests go out without a token/);
  await t.close();
});
