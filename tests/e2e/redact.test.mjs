// What session.log prints, shape by shape: no secret of any of them, whatever it is called and however it is written.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { createSession } from "../../pkg/dist/index.js";

const S = "hunter2-opaque!";
const NUMBER = 48151623;
const form = { "content-type": "application/x-www-form-urlencoded" };
const json = { "content-type": "application/json" };
const text = { "content-type": "text/plain" };
const b64 = (value) => Buffer.from(value).toString("base64");
const every = (value) => [...value].map((c) => `%${c.charCodeAt(0).toString(16)}`).join("");
const body = (value) => ({ body: typeof value === "string" ? value : JSON.stringify(value) });
const answer = (value, headers = json) => ({
  answer: typeof value === "string" ? value : JSON.stringify(value),
  back: headers,
});

/** What is sent or answered, and what must be seen of it all the same. Each holds the secret, or the number. */
const SHAPES = {
  "a password": [body({ user: "ada", password: S }), /"password"/],
  newPassword: [body({ newPassword: S }), /"newPassword"/],
  new_password: [body({ new_password: S }), /"new_password"/],
  PASSWORD: [body({ PASSWORD: S }), /"PASSWORD"/],
  passwd: [body({ passwd: S }), /"passwd"/],
  pwd: [body({ pwd: S }), /"pwd"/],
  "a numeric password": [body({ password: NUMBER }), /"password"/],
  "a numeric pin": [body({ pin: NUMBER }), /"pin"/],
  "a numeric otp": [body({ otp: NUMBER }), /"otp"/],
  "a code as a number": [body({ code: NUMBER }), /"code"/],
  "a card's number": [body({ cardNumber: NUMBER }), /"cardNumber"/],
  "a list of passwords": [body({ passwords: [S, NUMBER] }), /"passwords"/],
  "a password in an object": [body({ password: { value: S, length: NUMBER } }), /"value"/],
  "refreshToken: { value }": [body({ refreshToken: { value: S } }), /"refreshToken"[\s\S]*"value"/],
  "tokens under harmless names in a token": [body({ token: { id: NUMBER, at: { v: S } } }), /"id"/],
  "a name that nobody knows": [body({ rt: S }), /"rt"/],
  "a note": [body({ note: S }), /"note"/],
  "nested JSON": [body({ payload: JSON.stringify({ password: S }) }), /"payload"/],
  "nested twice": [body({ a: JSON.stringify({ b: JSON.stringify({ refreshToken: S }) }) }), /"a"/],
  "JSON that is a string": [body(JSON.stringify(S)), /redacted/],
  "JSON that is a number": [body(String(NUMBER)), /redacted/],
  "a list of strings": [body([S, S]), /redacted/],
  "a list of lists": [body([[S], [NUMBER]]), /redacted/],
  "a secret as a name": [body({ [`token ${S}`]: 1 }), /redacted/],
  "names of a dictionary, known": [body({ password: S, [S]: 1 }), /redacted/],
  "escaped in JSON": [
    body(`{"password": "${[...S].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"}`),
    /"password"/,
  ],
  "broken JSON": [body(`{"password": "${S}`), /characters/],
  "JSON that is none": [body(`password=${S}`), /characters/],
  "plain text": [{ ...body(`the password is ${S}`), headers: text }, /characters/],
  "text without a type": [{ ...body(`x ${S}`), headers: {} }, /characters/],
  XML: [{ ...body(`<p>${S}</p>`), headers: { "content-type": "text/xml" } }, /characters/],
  "a form": [{ ...body(`username=ada&password=${encodeURIComponent(S)}`), headers: form }, /username=[\s\S]*password=/],
  "a form's userPassword": [{ ...body(`userPassword=${encodeURIComponent(S)}`), headers: form }, /userPassword=/],
  "a form with an escaped name": [{ ...body(`user%50assword=${every(S)}`), headers: form }, /userPassword=/],
  "a form's unknown name": [{ ...body(`rt=${every(S)}`), headers: form }, /rt=/],
  "a form's number": [{ ...body(`pin=${NUMBER}`), headers: form }, /pin=/],
  URLSearchParams: [
    { headers: {}, body: new URLSearchParams({ refresh_token: S, client_secret: S }) },
    /refresh_token=[\s\S]*client_secret=/,
  ],
  "bytes of JSON": [{ body: new TextEncoder().encode(JSON.stringify({ password: S })).buffer }, /"password"/],
  "?password=": [{ query: `?password=${encodeURIComponent(S)}` }, /\?password=/],
  "?userPassword=": [{ query: `?userPassword=${encodeURIComponent(S)}` }, /\?userPassword=/],
  "?access_token=": [{ query: `?access_token=${every(S)}` }, /\?access_token=/],
  "?q=": [{ query: `?q=${encodeURIComponent(S)}` }, /\?q=/],
  "?pin=": [{ query: `?pin=${NUMBER}` }, /\?pin=/],
  "a query that is a secret": [{ query: `?${encodeURIComponent(S)}` }, /\?/],
  "a fragment": [{ query: `#access_token=${S}` }, /#/],
  "a query's name, escaped": [{ query: `?%70assword=${every(S).toUpperCase()}` }, /\?password=/],
  "a path after reset": [{ query: "/reset/hunter2-opaque!" }, /\/reset\//],
  "a path after token": [{ query: `/token/${encodeURIComponent(S)}` }, /\/token\//],
  "a path after otp": [{ query: `/otp/${NUMBER}` }, /\/otp\//],
  "a matrix parameter": [{ query: `/x;password=${encodeURIComponent(S)}` }, /redacted/],
  "Authorization: Bearer": [{ headers: { ...json, authorization: `Bearer ${S}` } }, /authorization: Bearer/],
  "Authorization: Basic": [{ headers: { ...json, authorization: `Basic ${b64(`ada:${S}`)}` } }, /authorization: Basic/],
  "Authorization without a scheme": [{ headers: { ...json, authorization: `${S} more` } }, /authorization:/],
  "Authorization of a scheme of one's own": [{ headers: { ...json, authorization: `${S}x abc` } }, /authorization:/],
  "Proxy-Authorization": [
    { headers: { ...json, "proxy-authorization": `Basic ${b64(S)}` } },
    /proxy-authorization: Basic/,
  ],
  "X-Session-Key": [{ headers: { ...json, "x-session-key": S } }, /x-session-key:/],
  "X-Api-Key": [{ headers: { ...json, "x-api-key": S } }, /x-api-key:/],
  "a header that nobody knows": [{ headers: { ...json, "x-ours": S } }, /x-ours:/],
  "X-Custom with blanks": [{ headers: { ...json, "x-custom": `a ${S} b` } }, /x-custom:/],
  Cookie: [{ headers: { ...json, cookie: `a=b; sid=${S}` } }, /cookie:/],
  "Cookie with a blank first": [{ headers: { ...json, cookie: `${S} more=1; sid=${S}` } }, /cookie:/],
  "Set-Cookie": [answer({}, { ...json, "set-cookie": `sid=${S}; Path=/; HttpOnly` }), /set-cookie:/],
  "two of Set-Cookie": [
    {
      answer: "{}",
      back: [
        ["set-cookie", `a=1; Path=/`],
        ["set-cookie", `b=${S}`],
      ],
    },
    /set-cookie:/,
  ],
  Location: [answer({}, { ...json, location: `https://x.example/?token=${S}` }), /location:/],
  "Content-Disposition": [answer({}, { ...json, "content-disposition": `filename=${S}` }), /content-disposition:/],
  "a boundary": [
    { ...body("--x"), headers: { "content-type": `multipart/form-data; boundary=${S}` } },
    /multipart\/form-data/,
  ],
  "a charset": [
    { ...body("{}"), headers: { "content-type": `application/json; charset="${S}"` } },
    /application\/json/,
  ],
  "WWW-Authenticate": [
    answer({}, { ...json, "www-authenticate": `Bearer error="invalid_token", error_description="${S}"` }),
    /error="invalid_token"/,
  ],
  ETag: [answer({}, { ...json, etag: `"${S}"` }), /etag:/],
  "an answer's tokens": [answer({ result: { accessToken: S, refreshToken: S } }), /"accessToken"/],
  "an answer's id_token": [answer({ id_token: S }), /"id_token"/],
  "an answer's own name": [answer({ t: S }), /"t"/],
  "an answer's numbers": [answer({ secret: NUMBER, account: NUMBER }), /"secret"/],
  "a message": [answer({ error: S, message: S, error_description: S }), /"message"/],
  "an answer that is a page": [answer(`<html>${S}</html>`, { "content-type": "text/html" }), /characters/],
  "an echo of what was sent": [
    { ...body({ password: S }), ...answer({ headers: { [S]: S }, status: 1 }) },
    /"status": 1/,
  ],
  "an echo in base64": [
    { ...body({ password: S }), ...answer({ [b64(`x:${S}`).replaceAll("=", "")]: 1 }) },
    /"password"/,
  ],
  "an echo, escaped": [{ ...body({ password: S }), query: `?${every(S)}=1` }, /\?/],
  "an echo, escaped twice": [{ ...body({ password: S }), query: `/${encodeURIComponent(every(S))}` }, /redacted/],
  "a number that is echoed": [{ ...body({ pin: NUMBER }), ...answer({ count: NUMBER }) }, /"count"/],
};

async function printed(run, options = {}, log = "body") {
  const lines = [];
  const kept = { ...console };
  for (const kind of ["log", "info", "groupCollapsed", "error", "warn", "debug"]) {
    console[kind] = (...given) => lines.push(given.join(" "));
  }
  try {
    const session = createSession({
      origins: ["https://api.example"],
      refresh: { url: "https://api.example/refresh" },
      ...options,
    });
    session.log = log;
    while (session.log === "none") await new Promise((resolve) => setTimeout(resolve, 1));
    await run(session);
    await new Promise((resolve) => setTimeout(resolve, 5));
    session.close();
  } finally {
    Object.assign(console, kept);
  }
  return lines.join("\n");
}

/** Every way in which a text can be written that this test thinks of. */
function ways(secret) {
  const url = encodeURIComponent(secret);
  return [
    secret,
    url,
    url.toLowerCase(),
    url.replaceAll("%20", "+"),
    every(secret),
    every(secret).toUpperCase(),
    JSON.stringify(secret).slice(1, -1),
    b64(secret).replaceAll("=", ""),
    Buffer.from(secret).toString("base64url"),
    b64(`ada:${secret}`).replaceAll("=", ""),
    Buffer.from(secret).toString("hex"),
  ];
}

let unique = 0;
for (const [name, [shape, seen]] of Object.entries(SHAPES)) {
  test(`in sight: ${name}`, async () => {
    const { query = "", headers = json, body, answer = "{}", back = json } = shape;
    const out = await printed(
      (session) =>
        session.fetch(`https://api.example/x${query}`, { method: "POST", headers, body }).then((r) => r.text()),
      { fetch: async () => new Response(answer, { headers: back }) },
    );
    assert.match(out, /^relatch POST https:\/\/api\.example\//);
    assert.match(out, seen, out);
    unique += 1;
    for (const way of [...ways(S), S.slice(0, 9), String(NUMBER)]) assert.ok(!out.includes(way), `${way} in\n${out}`);
  });
}

test("there are sixty shapes and more", () => assert.ok(unique >= 60, String(unique)));

test("what is harmless is shown, and what the application allows by name", async () => {
  const sent = {
    id: 151,
    count: 3,
    done: true,
    createdAt: "2026-11-27T21:00:00.000Z",
    expires_in: 900,
    kind: "draft",
    Status: "IN_PROGRESS",
    none: null,
    list: [],
    error: "invalid_grant",
    token_type: "DPoP",
  };
  const show = ["kind", "status", "x-region"];
  const headers = { ...json, "x-region": "eu-1", "x-request-number": "7" };
  const fetch = async () => Response.json({ refreshToken: "draft-draft", kind: "draft-draft", n: 1 }, { headers });
  const run = (session) =>
    session.fetch("https://api.example/home/review/detail/151?page=2&kind=draft", {
      method: "POST",
      body: JSON.stringify(sent),
      headers,
    });
  const out = await printed(run, { fetch }, { level: "body", show });
  const parts = [
    "/home/review/detail/151?page=2&kind=draft",
    '"id": 151',
    '"count": 3',
    '"done": true',
    '"none": null',
  ];
  parts.push('"createdAt": "2026-11-27T21:00:00.000Z"', '"expires_in": 900', '"kind": "draft"', '"list": []');
  parts.push('"Status": "IN_PROGRESS"', '"error": "invalid_grant"', '"token_type": "DPoP"', "x-region: eu-1");
  parts.push("content-type: application/json", "x-request-number: 7", '"n": 1');
  for (const part of parts) assert.ok(out.includes(part), `${part} in\n${out}`);
  // Allowed by name, and yet the session's own.
  assert.ok(!out.includes("draft-draft"), out);
  const hidden = await printed(run, { fetch });
  for (const part of ["draft", "IN_PROGRESS", "eu-1"]) assert.ok(!hidden.includes(part), `${part} in\n${hidden}`);
});

test("a log that is set wrongly says so, without what was set", async () => {
  const out = await printed(async (session) => {
    for (const log of ["loud", { level: `x ${S}` }, { level: "body", show: "kind" }, null]) session.log = log;
    await new Promise((resolve) => setTimeout(resolve, 20));
  });
  assert.equal(out.match(/^relatch: session\.log/gm).length, 4, out);
  assert.ok(!out.includes(S));
});

const letters = (alphabet) => (min) => fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: 60 });
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const ALNUM = `${LOWER}${LOWER.toUpperCase()}0123456789`;
const token = fc.oneof(
  ...[
    LOWER,
    "0123456789",
    "0123456789abcdef",
    ALNUM,
    `${ALNUM}-_`,
    `${ALNUM}+/=`,
    `${ALNUM}!#$%&'()*;<>[]^{|}~"\\:,@?`,
  ].map((alphabet) => letters(alphabet)(12)),
);
/** Where and how a token turns up; each gives what is sent and what is answered. */
const place = fc.constantFrom(
  (t) => ({ path: `/${encodeURIComponent(t)}` }),
  (t) => ({ path: `/a/${every(t)}/b` }),
  (t) => ({ path: `?${encodeURIComponent(t)}` }),
  (t) => ({ path: `?page=${encodeURIComponent(t)}&kind=${encodeURIComponent(t)}` }),
  (t) => ({ path: `?${b64(t)}=1&x=${b64(`u:${t}`)}` }),
  (t) => ({ path: `#${encodeURIComponent(t)}` }),
  (t) => ({ body: JSON.stringify({ [t]: 1, kind: t, count: t, n: { [`x-${t}`]: t } }) }),
  (t) => ({ body: JSON.stringify({ kind: encodeURIComponent(t), [b64(t)]: b64(t), list: [t, `${t}`] }) }),
  (t) => ({ body: JSON.stringify({ kind: JSON.stringify({ t }), note: `say ${t}` }) }),
  (t) => ({ body: JSON.stringify(Number(t) ? { count: Number(t), id: Number(t) } : t) }),
  (t) => ({ body: t }),
  (t) => ({ body: new URLSearchParams({ kind: t, [t]: "1", page: t }) }),
  (t) => ({ headers: { "x-ours": t, "accept-language": t, "x-kind": encodeURIComponent(t) } }),
  (t) => ({ headers: { cookie: `${t} a=b`, "x-basic": `Basic ${b64(`u:${t}`)}` } }),
  (t) => ({ answer: JSON.stringify({ accessToken: t, kind: t, [t]: { kind: every(t) } }) }),
  (t) => ({
    answer: `{"kind": "${[...t].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"}`,
  }),
  (t) => ({ answer: t, back: { "content-type": "text/html", etag: encodeURIComponent(t) } }),
  (t) => ({ answer: "{}", back: { ...json, vary: encodeURIComponent(t), location: `/${encodeURIComponent(t)}` } }),
  (t) => ({ method: t.replace(/[^a-z]/gi, "") || "POST", answer: "{}" }),
);

test("random tokens, in any place and any writing, are in no line of the log", async () => {
  const property = fc.asyncProperty(token, token, place, async (access, refresh, where) => {
    fc.pre(!/^\s|\s$/.test(access));
    const answers = [];
    const send = async (session, secret) => {
      const { path = "", method = "POST", headers, body, answer = "{}", back = json } = where(secret);
      answers.push({ answer, back });
      const type = body instanceof URLSearchParams ? {} : json;
      const init = { method, headers: { ...type, ...headers }, body };
      await session.fetch(`https://api.example/x${path}`, init).then(
        (response) => response.text(),
        () => {},
      );
    };
    const out = await printed(
      async (session) => {
        await session.setTokens({ accessToken: access, refreshToken: refresh });
        await send(session, access);
        await send(session, refresh);
        await session.refresh().catch(() => {});
        await send(session, refresh);
      },
      {
        header: { name: "X-Session-Key" },
        refresh: {
          url: "https://api.example/refresh",
          send: { refreshToken: "rt" },
          pick: { accessToken: "a.t", refreshToken: "a.r" },
        },
        fetch: async (input) => {
          if (String(input.url ?? input).endsWith("/refresh")) {
            return Response.json({ a: { t: `${access}2`, r: refresh } });
          }
          const { answer, back } = answers.shift() ?? { answer: "{}", back: json };
          return new Response(answer, { headers: back });
        },
      },
      { level: "body", show: ["kind", "x-kind"] },
    );
    assert.match(out, /POST https:\/\/api\.example\/refresh → 200/);
    for (const secret of [access, refresh]) {
      for (const way of ways(secret)) assert.ok(!out.includes(way), `${way}, of ${secret}, in\n${out}`);
    }
  });
  await fc.assert(property, { numRuns: 400 });
});
