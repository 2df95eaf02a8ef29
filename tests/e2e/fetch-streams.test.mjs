// Bodies that are streams, and answers that are: nothing is read to its end behind anybody's back.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();
const entry = new URL("../../pkg/dist/index.js", import.meta.url);
const pick = { accessToken: "result.accessToken", refreshToken: "result.refreshToken", expiresIn: "result.expiresIn" };

/** Node's fetch sends a stream over HTTP/1.1, which no browser does. */
async function nodeSession(t, options = {}) {
  const { createSession } = await import(entry);
  const session = createSession({
    origins: [w.server.main],
    refresh: { url: `${t.api}/users/refresh`, pick },
    ...options,
  });
  const login = await fetch(`${t.api}/users/sign-in`, {
    method: "POST",
    body: JSON.stringify({ name: "ada", password: "latch" }),
  });
  await session.setTokens((await login.json()).result);
  return session;
}

const traces = async (t) =>
  (await (await fetch(`${t.api}/control/traces`, { method: "POST" })).json()).filter(({ path }) => path === "/echo");

const stream = () => {
  let pulls = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        if (++pulls > 3) controller.close();
        else controller.enqueue(new TextEncoder().encode(`part ${pulls};`));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, pulls: () => pulls };
};
const TEXT = "part 1;part 2;part 3;";

const FORMS = {
  "a stream": (url, body) => [url, { method: "POST", body, duplex: "half" }],
  "a Request made of a stream": (url, body) => [new Request(url, { method: "POST", body, duplex: "half" })],
  "an async iterable": (url, body) => [url, { method: "POST", body: body.values(), duplex: "half" }],
};

for (const [name, make] of Object.entries(FORMS)) {
  test(`${name}: its 401 is returned and starts the refresh; it is never sent again, empty or cut`, async () => {
    const t = await w.open();
    await t.control({ trace: true });
    const session = await nodeSession(t);
    await t.expire();
    const first = await session.fetch(...make(`${t.api}/echo`, stream().body));
    assert.equal(first.status, 401);
    assert.match(await first.text(), /isSuccess/, "its body is unread");
    // The token is known to be bad now: this one waits for the flight and is sent once, whole.
    const second = await session.fetch(...make(`${t.api}/echo`, stream().body));
    assert.deepEqual([second.status, (await second.json()).length], [200, TEXT.length]);
    assert.deepEqual(
      (await traces(t)).map(({ token, length }) => [token, length]),
      [
        ["expired", TEXT.length],
        ["good", TEXT.length],
      ],
    );
    assert.equal((await t.counters()).refresh_calls, 1);
    session.close();
    await t.close();
  });

  test(`${name}: while it is held, nothing of it is read`, async () => {
    const t = await w.open();
    await t.control({ refresh_delay_ms: 300 });
    const session = await nodeSession(t);
    await t.expire();
    const held = new Promise((resolve) => session.addEventListener("held", resolve, { once: true }));
    const other = session.fetch(`${t.api}/echo`);
    await held;
    const { body, pulls } = stream();
    const call = session.fetch(...make(`${t.api}/echo`, body));
    await new Promise((resolve) => setTimeout(resolve, 100));
    // Node's Request, made of another, asks for a first part at once.
    assert.ok(pulls() <= (name.includes("Request") ? 1 : 0), `${pulls()} parts were read`);
    const response = await call;
    assert.deepEqual([response.status, (await response.json()).length, pulls()], [200, TEXT.length, 4]);
    assert.equal((await other).status, 200);
    session.close();
    await t.close();
  });
}

test("a stream that cannot be sent (no duplex, HTTP/1.1, already read) is refused as fetch refuses it", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const pull = (c) => {
      c.enqueue(new Uint8Array(1));
      c.close();
    };
    const stream = () => new ReadableStream({ pull });
    const used = stream();
    used.getReader();
    const told = (f) =>
      Promise.all(
        [
          f(`${base}/echo`, { method: "POST", body: stream() }),
          f(`${base}/echo`, { method: "POST", body: stream(), duplex: "half" }),
          f(`${base}/echo`, { method: "POST", body: used, duplex: "half" }),
        ].map((call) => call.catch((error) => `${error.constructor.name}`)),
      );
    return [await told(session.fetch), await told(fetch)];
  });
  assert.deepEqual(result[0], result[1]);
  await t.close();
});

test("server-sent events come one by one, after a replay too", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const rows = [];
    for (const expired of [false, true]) {
      if (expired) await expire();
      const response = await session.fetch(`${base}/sse?n=6&ms=60`, { headers: { accept: "text/event-stream" } });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const at = [];
      let text = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        at.push(performance.now());
        text += part.value;
      }
      rows.push([text.match(/data: tick/g).length, at.length > 3, at.at(-1) - at[0] > 150]);
    }
    return rows;
  });
  assert.deepEqual(result, [
    [6, true, true],
    [6, true, true],
  ]);
  await t.close();
});

test("a large answer is the browser's own Response: read in parts, cloned, cancelled, as bytes", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const url = `${base}/stream?chunks=5000&ms=0`;
    const response = await session.fetch(url);
    const copy = response.clone();
    const { length } = await response.text();
    const bytes = copy.bytes ? (await copy.bytes()).length : (await copy.arrayBuffer()).byteLength;
    const cancelled = await session.fetch(url);
    const reader = cancelled.body.getReader();
    await reader.read();
    await reader.cancel();
    return [
      Object.getPrototypeOf(response) === Response.prototype,
      new URL(response.url).pathname.endsWith("/stream"),
      length === bytes,
      length > 40_000,
      response.bodyUsed,
    ];
  });
  assert.deepEqual(result, [true, true, true, true, true]);
  await t.close();
});

test("the 401 that a replay replaces frees its connection; a 401 that is returned is unread", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const answers = [];
    const native = fetch;
    const session = make("bearer", {
      fetch: async (...call) => {
        const response = await native(...call);
        if (response.status === 401) answers.push(response);
        return response;
      },
    });
    await signIn(session);
    await expire();
    const { status } = await session.fetch(`${base}/echo`, { headers: new Headers() });
    const replaced = answers[0].bodyUsed;
    const returned = await session.fetch(`${base}/step-up`);
    return [
      status,
      answers.length,
      replaced,
      returned === answers[1],
      returned.bodyUsed,
      (await returned.json()).error,
    ];
  });
  assert.deepEqual(result, [200, 2, true, true, false, "challenge"]);
  await t.close();
});

test("a server that answers 401 to a good token: one refresh, one more try, and the 401 is the caller's", async () => {
  const t = await w.open();
  const result = await t.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const response = await session.fetch(`${base}/status/401`, { method: "POST", body: "body" });
    return [
      response.status,
      response.bodyUsed,
      (await response.json()).status,
      (await session.fetch(`${base}/echo`)).status,
    ];
  });
  assert.deepEqual(result, [401, false, 401, 200]);
  const { refresh_calls, unauthorized } = await t.counters();
  assert.deepEqual([refresh_calls, unauthorized], [1, 2]);
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
