// Redirects (Fetch §4.4): the token never reaches another origin, in no style, by no status, with no method.
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

const w = world();

test("no redirect carries the token to another origin, allowed or not, whatever the header", async (t) => {
  const tab = await w.open();
  await tab.control({ trace: true });
  const rows = await tab.page.evaluate(async () => {
    const hosts = {
      own: location.origin,
      second: new URL(second).origin,
      foreign: new URL(second).origin.replace("127.0.0.1", "localhost"),
    };
    const rows = [];
    let id = 0;
    for (const style of ["bearer", "article"]) {
      const session = make(style, { key: style, origins: [hosts.own, hosts.second] });
      await signIn(session);
      for (const from of ["own", "second"]) {
        for (const to of ["own", "second", "foreign"]) {
          for (const status of [301, 302, 303, 307, 308]) {
            for (const method of ["GET", "POST"]) {
              for (const redirect of ["follow", "manual", "error"]) {
                const target = `${hosts[to]}${base}/echo?id=${++id}`;
                const url = `${hosts[from]}${base}/redirect?status=${status}&id=${id}&to=${encodeURIComponent(target)}`;
                const init = { method, redirect, body: method === "POST" ? "body" : undefined };
                const seen = await session.fetch(url, init).then(
                  (r) => (r.type === "opaqueredirect" ? r.type : r.status),
                  (e) => e.name,
                );
                rows.push({ id, style, from, to, redirect, seen });
              }
            }
          }
        }
      }
      session.told("refreshed").length && rows.push({ refreshed: style });
    }
    return rows;
  });
  const traces = await (await fetch(`${tab.api}/control/traces`, { method: "POST" })).json();
  const [main, second] = [w.server.main, w.server.second].map((url) => new URL(url).host);
  const hosts = { own: main, second, foreign: second.replace("127.0.0.1", "localhost") };
  let left = 0;
  for (const trace of traces.filter(({ path }) => path === "/echo")) {
    const { from, to, style } = rows.find(({ id }) => id === Number(trace.query.id));
    assert.equal(trace.headers.host, hosts[to]);
    if (from === to) continue;
    left += 1;
    assert.equal(trace.token, "none", `${style} from ${from} to ${to}`);
  }
  t.diagnostic(`${rows.length} redirects, ${left} requests arrived at another origin, none with a token`);
  assert.ok(left > 0);
  assert.equal(
    rows.filter(({ refreshed }) => refreshed).length,
    0,
    "a header that the browser stripped says nothing of the token",
  );
  for (const { style, from, to, redirect, seen, ...row } of rows) {
    const want =
      redirect === "manual"
        ? "opaqueredirect"
        : redirect === "error"
          ? "TypeError"
          : // A header of one's own: the redirect is refused, as browsers would let it travel along.
            style === "article" && (from === "second" || to !== "own")
            ? "TypeError"
            : from === to
              ? 200
              : 401;
    assert.equal(seen, want, JSON.stringify({ style, from, to, redirect, ...row }));
  }
  await tab.close();
});

test("an expired token behind a redirect on one's own origin: one refresh, and the whole call again", async () => {
  const tab = await w.open();
  const result = await tab.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    await expire();
    const to = encodeURIComponent(`${location.origin}${base}/echo`);
    const response = await session.fetch(`${base}/redirect?status=307&to=${to}`, { method: "POST", body: "kept" });
    return [response.status, response.redirected, (await response.json()).length, session.told("refreshed").length];
  });
  assert.deepEqual(result, [200, true, 4, 1]);
  await tab.close();
});

test("no-cors: the browser drops the header, so no 401 of it counts against the token", async () => {
  const tab = await w.open();
  const result = await tab.page.evaluate(async () => {
    const session = make("bearer");
    await signIn(session);
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await session.fetch(`${base}/echo`, { mode: "no-cors" })).status);
    statuses.push((await session.fetch(new Request(`${second}/echo`, { mode: "no-cors" }))).type);
    return [statuses, session.status, session.heard.filter(({ type }) => type !== "changed")];
  });
  assert.deepEqual(result, [[401, 401, 401, 401, 401, "opaque"], "fresh", []]);
  assert.equal((await tab.counters()).refresh_calls, 0);
  await tab.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
