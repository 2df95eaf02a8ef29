// First mistakes: what the development build says of each, once, and that production refuses the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as development from "../../pkg/dist/index.development.js";
import * as production from "../../pkg/dist/index.js";

const BASE = "https://api.example";
const REFRESH = { url: `${BASE}/renew` };
const builds = [development, production];

/** What both builds throw for these options: the words of one, and the name of the option of the other. */
function thrown(options) {
  return builds.map(({ createSession, RelatchError }) => {
    let told;
    try {
      createSession({ origins: [BASE], storage: "memory", refresh: REFRESH, ...options });
    } catch (error) {
      told = error;
    }
    assert.ok(told instanceof RelatchError);
    assert.equal(told.code, "invalid_option");
    return told.message;
  });
}

for (const [title, options, name, words] of [
  ["an option that is misspelt", { orgins: [BASE] }, "orgins", "is no option; did you mean origins?"],
  ["another misspelt one", { isChalenge: () => true }, "isChalenge", "is no option; did you mean isChallenge?"],
  ["what other libraries call it", { baseURL: BASE }, "baseURL", "is no option; did you mean origins?"],
  ["an option that nothing is like", { x: 1 }, "x", /^is no option; there are refresh, origins, header, /],
  ["an option in a prototype's name", { constructor: 1 }, "constructor", /^is no option; /],
  [
    "a member of refresh",
    { refresh: { ...REFRESH, verb: "GET" } },
    "refresh.verb",
    /^is no option; there are url, method/,
  ],
  ["a member of send", { refresh: { ...REFRESH, send: { token: "x" } } }, "refresh.send.token", /^is no option; /],
  [
    "a member of pick",
    { refresh: { ...REFRESH, pick: { acessToken: "x" } } },
    "refresh.pick.acessToken",
    /accessToken\?$/,
  ],
  ["a member of header", { header: { nmae: "X" } }, "header.nmae", "is no option; did you mean name?"],
  [
    "credentials",
    { refresh: { ...REFRESH, credentials: "yes" } },
    "refresh.credentials",
    'must be "omit", "same-origin" or "include"; got yes',
  ],
  ["a method", { refresh: { ...REFRESH, method: "get" } }, "refresh.method", 'must be "POST", "PUT" or "GET"; got get'],
  ["null where a group is", { header: null }, "header", "must be an object; got null"],
  ["a number in words", { maxWait: "5" }, "maxWait", "must be from 1 to 3600000 ms; got string"],
  ["a list of one origin as a string", { origins: BASE }, "origins", "must be an array of origins"],
  [
    "an origin without a scheme",
    { origins: ["api.example.com"] },
    "origins[0]",
    /^must be an origin, .*; got api\.example\.com$/,
  ],
  ["any origin", { origins: ["*"] }, "origins[0]", /^must be an origin/],
  ["an empty origin", { origins: [""] }, "origins[0]", /^must be an origin/],
  ["an origin with a path", { origins: [`${BASE}/v1`] }, "origins[0]", /^must be an origin, without a path/],
  ["an origin with a password", { origins: ["https://a:b@api.example"] }, "origins[0]", /^must be an origin/],
  ["an origin with a query", { origins: [`${BASE}/?x`] }, "origins[0]", /^must be an origin/],
  ["no origin at all", { origins: [null] }, "origins[0]", /^must be an origin/],
  ["a function that is none", { skip: true }, "skip", "must be a function; got boolean"],
  ["no refresh", { refresh: undefined }, "refresh", "must be a function or an object with a url"],
]) {
  test(`${title} is told at once`, () => {
    const [inWords, short] = thrown(options);
    const begin = `relatch: ${name} `;
    assert.ok(inWords.startsWith(begin), inWords);
    const rest = inWords.slice(begin.length);
    if (words instanceof RegExp) assert.match(rest, words);
    else assert.equal(rest, words);
    assert.equal(short, `relatch: invalid option ${name}`);
  });
}

for (const [title, refresh, message] of [
  [
    "a place of no name",
    { pick: { accessToken: { haeder: "X" } } },
    /refresh\.pick\.accessToken\.haeder is no option; did you mean header/,
  ],
  ["a header that is none", { pick: { accessToken: { header: "X Y" } } }, /accessToken\.header must be a header name/],
  [
    "a unit that is none",
    { pick: { expiresIn: { path: "e", unit: "min" } } },
    /expiresIn\.unit must be "s", "ms", .* got min/,
  ],
  ["GET with a refresh token in the URL", { method: "GET" }, /refreshToken must be \{ header \}, or null .* GET/],
]) {
  test(`${title} is told by the development build`, () => {
    const { createSession } = development;
    assert.throws(() => createSession({ refresh: { ...REFRESH, ...refresh } }), { code: "invalid_option", message });
  });
}

const options = { origins: [BASE], storage: "memory", refresh: REFRESH };
for (const [title, given, words] of [
  ["a Response", new Response("{}"), /got a Response: give what `await response\.json\(\)` gives/],
  ["a promise", Promise.resolve({}), /got a promise: await it/],
  ["a string", "eyJ.x.y", /got a string: write \{ accessToken: … \}/],
  ["nothing", undefined, /got undefined/],
  ["snake_case", { access_token: "a", refresh_token: "b" }, /got access_token: write \{ accessToken: ….access_token/],
  ["an envelope", { result: { accessToken: "a" } }, /got them in result: give \.result/],
  ["something else", { jwt: "a", user: { id: 1 } }, /there is jwt, user\.id$/],
  [
    "a refresh token that is no string",
    { accessToken: "a", refreshToken: 123 },
    /tokens\.refreshToken must be a string; got number/,
  ],
  ["a lifetime in words", { accessToken: "a", expiresIn: "abc" }, /tokens\.expiresIn must be seconds from 0; got abc/],
  [
    "a token with its scheme",
    { accessToken: "Bearer a" },
    /tokens\.accessToken must be without "Bearer ", which is put/,
  ],
]) {
  test(`setTokens given ${title}`, async () => {
    const session = development.createSession(options);
    await assert.rejects(session.setTokens(given), { code: "invalid_option", message: words });
    const other = production.createSession(options);
    await assert.rejects(other.setTokens(given), { code: "invalid_option" });
    assert.ok(["loading", "signed-out"].includes(session.status));
  });
}

/** The `failed` event of a refresh. */
async function failure(given) {
  const { createSession } = development;
  const session = createSession({ ...options, ...given });
  const failed = new Promise((resolve) => session.addEventListener("failed", ({ detail }) => resolve(detail)));
  await session.setTokens({ accessToken: "secret-a", refreshToken: "secret-r" });
  await session.refresh().catch(() => {});
  return failed;
}

const page = () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } });
for (const [title, given, words] of [
  [
    "a wrong `pick`",
    { fetch: async () => Response.json({ data: { token: "secret-n", left: 9 } }) },
    /POST https:\/\/api\.example\/renew answered 200 .*nothing at accessToken \(refresh\.pick\.accessToken\): there is data\.token, data\.left$/,
  ],
  [
    "a wrong URL",
    { fetch: async () => new Response("no", { status: 404 }) },
    /renew answered 404 .*unless refresh\.terminal says so$/,
  ],
  [
    "a page",
    { fetch: async () => page() },
    /answered 200 \(text\/html\), which is not JSON: is it a page for unknown paths\?$/,
  ],
  [
    "no network",
    {
      fetch: async () => {
        throw new TypeError("Failed to fetch");
      },
    },
    /renew got no answer \(TypeError: no network, no CORS/,
  ],
  [
    "a function without a return",
    { refresh: async () => {} },
    /returned undefined: is a return missing\? \(null would end/,
  ],
  [
    "a function that returns the Response",
    { refresh: async () => new Response() },
    /what the refresh function returns must be .*got a Response/,
  ],
  [
    "a function that returns snake_case",
    { refresh: async () => ({ access_token: "x" }) },
    /returns must be .*got access_token/,
  ],
]) {
  test(`a refresh that fails for ${title} says so`, async () => {
    const { code, message } = await failure(given);
    assert.equal(code, "refresh_failed");
    assert.match(message, words);
    assert.doesNotMatch(message, /secret/);
  });
}

/** What is printed while `act` runs. */
async function warnings(t, act) {
  const print = t.mock.method(console, "warn", () => {});
  try {
    await act();
    return print.mock.calls.map((call) => String(call.arguments[0]));
  } finally {
    print.mock.restore();
  }
}

/** A build whose warnings nobody has heard yet: each is told once. */
const fresh = async () => import(`../../pkg/dist/index.development.js?${Math.random()}`);

for (const [title, act, words] of [
  [
    "an event that there is none of",
    (s) => s.addEventListener("expire", () => {}),
    /there is no event "expire"; did you mean "expired"\?/,
  ],
  [
    "no refresh token",
    (s) => s.setTokens({ accessToken: "a" }),
    /setTokens got no refreshToken: the session ends with the access token/,
  ],
  [
    "a lifetime in milliseconds",
    (s) => s.setTokens({ accessToken: "a", refreshToken: "r", expiresIn: 900_000 }),
    /expiresIn is in seconds: 900000 are 10 days/,
  ],
  [
    "a server's session",
    (s) => s.setTokens({ accessToken: "a", refreshToken: "r" }),
    /on a server: all visitors share this session/,
  ],
  [
    "a rotated token that is not found",
    async (s) => {
      await s.setTokens({ accessToken: "a", refreshToken: "r" });
      await s.refresh();
    },
    /answered a data\.refresh_token, but refresh\.pick\.refreshToken looks at refreshToken: the old one is kept/,
  ],
]) {
  test(`${title} is warned of once, in development alone`, async (t) => {
    const answer = { accessToken: "secret-n", data: { refresh_token: "secret-x" } };
    const given = { ...options, fetch: async () => Response.json(answer) };
    const { createSession } = await fresh();
    const twice = async (create) => {
      for (const session of [create(given), create(given)]) await act(session);
    };
    const told = (await warnings(t, () => twice(createSession))).filter((line) => words.test(line));
    assert.equal(told.length, 1);
    assert.doesNotMatch(told[0], /secret/);
    assert.deepEqual(await warnings(t, () => twice(production.createSession)), []);
  });
}

test("in a page: a refresh elsewhere without `origins`, and a page in the clear", async (t) => {
  const at = async (href, refresh) => {
    globalThis.location = new URL(href);
    const { createSession } = await fresh();
    return warnings(t, () => createSession({ refresh, storage: "memory" }));
  };
  try {
    assert.match(
      (await at("https://app.example/", REFRESH))[0],
      /refresh is at https:\/\/api\.example, but only https:\/\/app\.example gets/,
    );
    assert.match(
      (await at("http://app.example/", async () => null))[0],
      /no token goes out: .*http:\/\/app\.example is not https/,
    );
    assert.deepEqual(await at("https://api.example/", REFRESH), []);
    assert.deepEqual(await at("http://localhost:3000/", async () => null), []);
  } finally {
    delete globalThis.location;
  }
});
