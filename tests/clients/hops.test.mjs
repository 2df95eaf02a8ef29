// Redirects by hand (S9), rule by rule of Fetch, over a fetch that is made up: what is asked of it is what is looked at.
import assert from "node:assert/strict";
import test from "node:test";
import { hops } from "../../src/web/port/hops.js";

const API = "https://api.example";
const TOKEN = { Authorization: "Bearer t", "X-Trace": "1" };

/** Sends it, and gives what was asked, hop by hop, with the answer or the error. `routes`: URL → [status, location]. */
async function follow(routes, input, init = {}, lower = "authorization") {
  const asked = [];
  const fetch = async (to, given) => {
    const request = typeof to === "string" ? undefined : to;
    const url = request?.url ?? to;
    asked.push({ url, ...given, headers: Object.fromEntries(new Headers(given.headers)) });
    const [status, location] = routes[url] ?? [200];
    const headers = location === undefined ? {} : { location };
    const response = new Response(status === 200 ? "done" : null, { status, headers });
    return Object.defineProperty(response, "url", { value: url });
  };
  const done = await hops({ fetch, lower }, input, { headers: TOKEN, ...init }).then(
    (response) => ({ response, asked }),
    (error) => ({ error: `${error.name}: ${error.message}`, asked }),
  );
  return done;
}

for (const status of [301, 302, 303, 307, 308]) {
  test(`${status} to another origin: the token and what else was for the first one stay behind`, async () => {
    const headers = { ...TOKEN, Cookie: "a=b", "Proxy-Authorization": "p", Host: "api.example" };
    const { response, asked } = await follow({ [`${API}/a`]: [status, "https://other.example/b"] }, `${API}/a`, {
      headers,
    });
    assert.deepEqual(
      asked.map(({ url, redirect }) => [url, redirect]),
      [
        [`${API}/a`, "manual"],
        ["https://other.example/b", "manual"],
      ],
    );
    assert.equal(asked[0].headers.authorization, "Bearer t");
    assert.deepEqual(asked[1].headers, { "x-trace": "1" });
    assert.deepEqual([response.redirected, response.url], [true, "https://other.example/b"]);
    assert.deepEqual([response.clone().redirected, await response.clone().text()], [true, "done"]);
  });

  test(`${status}: method and body of the next hop`, async () => {
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE"]) {
      const body = /GET|HEAD/.test(method) ? undefined : "kept";
      const headers = { ...TOKEN, "content-type": "text/plain", "content-language": "en" };
      const { asked } = await follow({ [`${API}/a`]: [status, "/b"] }, `${API}/a`, { method, body, headers });
      const changes = status === 303 ? !/GET|HEAD/.test(method) : status < 303 && method === "POST";
      const next = asked[1];
      assert.equal(next.url, `${API}/b`);
      assert.equal(next.headers.authorization, "Bearer t", "on its own origin the token goes along");
      assert.equal(next.method, changes ? "GET" : method);
      assert.equal(next.body ?? undefined, changes ? undefined : body);
      assert.equal(next.headers["content-type"], changes ? undefined : "text/plain");
      assert.equal(next.headers["content-language"], changes ? undefined : "en");
    }
  });
}

test("what was away once gets no token again, also where it leads home", async () => {
  const away = "https://other.example/b";
  const { asked } = await follow({ [`${API}/a`]: [307, away], [away]: [307, `${API}/c`] }, `${API}/a`);
  assert.deepEqual(
    asked.map(({ headers }) => headers.authorization),
    ["Bearer t", undefined, undefined],
  );
});

test("the same host in the clear, or at another port, is another origin", async () => {
  for (const to of ["http://api.example/b", "https://api.example:8443/b"]) {
    const { asked } = await follow({ [`${API}/a`]: [302, to] }, `${API}/a`);
    assert.equal(asked[1].headers.authorization, undefined, to);
  }
});

test("twenty hops, and no more", async () => {
  const routes = (n) => Object.fromEntries(Array.from({ length: n }, (_, i) => [`${API}/${i}`, [302, `/${i + 1}`]]));
  assert.equal((await follow(routes(20), `${API}/0`)).response.status, 200);
  const { error, asked } = await follow(routes(21), `${API}/0`);
  assert.match(error, /^TypeError: a redirect was refused: it is number 21$/);
  assert.equal(asked.length, 21);
});

test("where no redirect may lead", async () => {
  for (const to of ["data:,a", "javascript:1", "http://", "https://ada:latch@api.example/"]) {
    const { error, asked } = await follow({ [`${API}/a`]: [302, to] }, `${API}/a`);
    assert.match(error, /^TypeError/, to);
    assert.equal(asked.length, 1);
  }
});

test("redirect and mode are kept to: manual, error, same-origin", async () => {
  const routes = { [`${API}/a`]: [302, "https://other.example/b"], [`${API}/h`]: [302, "/b"] };
  const manual = await follow(routes, `${API}/a`, { redirect: "manual" });
  assert.deepEqual([manual.response.status, manual.asked.length, manual.response.redirected], [302, 1, false]);
  for (const path of ["/a", "/h"]) {
    const refused = await follow(routes, API + path, { redirect: "error" });
    assert.match(refused.error, /^TypeError/);
    assert.equal(refused.asked.length, 1);
  }
  const init = { mode: "same-origin", headers: { "X-Key": "t" } };
  const [away, home] = [
    await follow(routes, `${API}/a`, init, "x-key"),
    await follow(routes, `${API}/h`, init, "x-key"),
  ];
  assert.match(away.error, /^TypeError/);
  assert.deepEqual([away.asked.length, home.asked.length, home.asked[1].headers["x-key"]], [1, 2, "t"]);
});

test("a header of one's own stays behind as Authorization does", async () => {
  const headers = { "X-Key": "t", "X-Trace": "1" };
  const { asked } = await follow({ [`${API}/a`]: [308, "https://other.example/b"] }, `${API}/a`, { headers }, "x-key");
  assert.deepEqual(asked[1].headers, { "x-trace": "1" });
});

test("a stream cannot be sent twice, and is not; what is known of it goes to a 303", async () => {
  const stream = () => ({ method: "POST", duplex: "half", body: new Blob(["x"]).stream() });
  for (const status of [301, 302, 307, 308]) {
    const { error, asked } = await follow({ [`${API}/a`]: [status, "/b"] }, `${API}/a`, stream());
    assert.match(error, /a stream can be sent only once/);
    assert.equal(asked.length, 1);
  }
  const { asked } = await follow({ [`${API}/a`]: [303, "/b"] }, `${API}/a`, stream());
  assert.deepEqual([asked[1].method, asked[1].body ?? null, asked[1].duplex], ["GET", null, undefined]);
});

test("a Request's method, signal and kept body go along; so does what a platform's own fetch knows", async () => {
  const { signal } = new AbortController();
  const request = new Request(`${API}/a`, { method: "PUT", body: "kept", keepalive: true, signal });
  const { asked } = await follow({ [`${API}/a`]: [307, "/b"], [`${API}/b`]: [307, "/c"] }, request, { cf: 1 });
  for (const next of asked.slice(1)) {
    assert.deepEqual([next.method, next.cf, next.signal.aborted], ["PUT", 1, false]);
    assert.equal(new TextDecoder().decode(next.body), "kept");
  }
});

test("a fragment is handed on, and a Location in UTF-8 is read as such", async () => {
  const { asked } = await follow({ [`${API}/a#part`]: [302, "/b"] }, `${API}/a#part`);
  assert.equal(asked[1].url, `${API}/b#part`);
  const bytes = String.fromCharCode(...new TextEncoder().encode("/문"));
  const second = await follow({ [`${API}/a`]: [302, bytes] }, `${API}/a`);
  assert.equal(second.asked[1].url, `${API}/%EB%AC%B8`);
});

test("without a token, without a Location, and where the redirect is not shown", async () => {
  const routes = { [`${API}/a`]: [302, "https://other.example/b"], [`${API}/n`]: [302] };
  const bare = await follow(routes, `${API}/a`, { headers: {} });
  assert.deepEqual([bare.asked.length, bare.asked[0].redirect], [1, undefined]);
  assert.equal((await follow(routes, `${API}/n`)).response.status, 302);
  const fetch = async () => ({ type: "opaqueredirect", status: 0, headers: new Headers() });
  await assert.rejects(hops({ fetch, lower: "authorization" }, `${API}/a`, { headers: TOKEN }), TypeError);
});
