// A server that rotates strictly, and looks at everything that reaches it: a page's origin with its API and its auth
// server, and a foreign origin that must never see a token.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { sleep } from "./stage.mjs";

const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm" };
const root = new URL("../..", import.meta.url);
const text = (bytes) => randomBytes(bytes).toString("base64url");
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const listen = async (server) => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}`;
};

/**
 * `violate(what, from)`: an invariant is broken; `from` is when it began, by Date.now. `isExcused(use)`: the answer to
 * this use of a refresh token may have been lost with its page. `draw`: the generator of the run.
 */
export async function startServer({ violate, isExcused, draw }) {
  const access = new Map();
  const refresh = new Map();
  /** Of each call, by its id: whose tokens it was seen with. */
  const users = new Map();
  const counts = { calls: 0, unauthorized: 0, refreshes: 0, signIns: 0, reuse: 0, excused: 0, foreign: 0 };
  let lifetimeMs = 4_000;
  let refreshDelayMs = 100;
  let reused = 0;

  const issue = (family) => {
    const now = Date.now();
    const [iat, exp] = [now / 1000, (now + lifetimeMs) / 1000];
    const claims = { iss: "https://soak.example", sub: family.name, name: family.name, jti: text(6), iat, exp };
    const accessToken = `${encoded({ alg: "none" })}.${encoded(claims)}.${text(9)}`;
    access.set(accessToken, { family, until: now + lifetimeMs });
    const refreshToken = `r.${text(18)}`;
    refresh.set(refreshToken, { family, use: undefined });
    return { accessToken, refreshToken, expiresIn: lifetimeMs / 1000 };
  };

  const rotate = (given, page) => {
    counts.refreshes++;
    const known = refresh.get(given);
    if (!known) violate(`a refresh token that this server never gave was sent by ${page}`);
    if (!known || known.family.revoked) return [400, { error: "invalid_grant" }];
    if (known.use) {
      known.family.revoked = true;
      reused = Date.now();
      if (isExcused(known.use)) counts.excused++;
      else {
        counts.reuse++;
        const ago = Date.now() - known.use.at;
        violate(
          `a spent refresh token of ${known.family.name} was sent by ${page}: ${known.use.page} spent it ${ago} ms ago`,
          known.use.at,
        );
      }
      return [400, { error: "invalid_grant" }];
    }
    known.use = { page, at: Date.now() };
    return [200, issue(known.family)];
  };

  /** Either header may carry the token; a session uses one. */
  const tokenOf = ({ headers }) => headers["x-auth-token"] ?? headers.authorization?.replace(/^Bearer /, "");

  const main = createServer(async (request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    const body = await read(request).catch(() => "");
    const answer = (status, value, headers = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));
    if (url.pathname === "/sign-in") {
      counts.signIns++;
      return answer(200, issue({ name: JSON.parse(body).name, revoked: false }));
    }
    if (url.pathname === "/refresh") {
      const [status, value] = rotate(JSON.parse(body).refreshToken, request.headers["x-page"]);
      await sleep(draw() * refreshDelayMs);
      return answer(status, value);
    }
    if (url.pathname.startsWith("/api/")) {
      counts.calls++;
      const id = url.searchParams.get("call");
      const known = access.get(tokenOf(request));
      // It is judged when it comes in: what becomes of the token afterwards is another call's affair.
      const isGood = known && !known.family.revoked && known.until > Date.now();
      if (known) users.set(id, (users.get(id) ?? new Set()).add(known.family.name));
      if (url.pathname === "/api/slow") await sleep(draw() * 400);
      if (!isGood) {
        counts.unauthorized++;
        return answer(401, { error: "unauthorized" });
      }
      if (url.pathname === "/api/away") {
        return answer(draw() < 0.5 ? 302 : 307, {}, { location: `${foreignOrigin}/caught?call=${id}` });
      }
      return answer(200, { user: known.family.name, body });
    }
    const name = url.pathname === "/" ? "tests/soak/page.html" : url.pathname.slice(1);
    const file =
      /^(tests\/soak\/page\.html|pkg\/dist\/[\w-]+\.\w+)$/.test(name) &&
      (await readFile(new URL(name, root)).catch(() => null));
    response
      .writeHead(file ? 200 : 404, { "content-type": TYPES[name.split(".").at(-1)] ?? "text/plain" })
      .end(file || "");
  });

  const foreign = createServer(async (request, response) => {
    counts.foreign++;
    const body = await read(request).catch(() => "");
    const seen = `${JSON.stringify(request.headers)}${request.url}${body}`;
    const asked = request.headers["access-control-request-headers"] ?? "";
    const leaked = [...access.keys(), ...refresh.keys()].some((token) => seen.includes(token));
    if (leaked || /authorization|x-auth-token/.test(asked)) {
      violate(`a token ${leaked ? "reached" : "was announced to"} another origin: ${request.method} ${request.url}`);
    }
    const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    response.writeHead(200, headers).end("{}");
  });

  const origin = await listen(main);
  const foreignOrigin = await listen(foreign);
  return {
    origin,
    foreignOrigin,
    counts,
    users,
    /** When a spent token was last sent: its session has ended, rightly or not. */
    lastReuse: () => reused,
    set(settings) {
      ({ lifetimeMs = lifetimeMs, refreshDelayMs = refreshDelayMs } = settings);
    },
    /** Every access token runs out, and only the server knows. */
    expire() {
      for (const token of access.values()) token.until = 0;
    },
    stop() {
      for (const server of [main, foreign]) {
        server.closeAllConnections();
        server.close();
      }
    },
  };
}
