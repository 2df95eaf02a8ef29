// A thousand calls over a real server on this machine: the developer commands' auth server, by the page of the
// end-to-end tests. The floor is the same requests by native fetch, plus one refresh by native fetch.
import { world } from "./server.mjs";

const CALLS = 1_000;
/** As long as a round trip to a server elsewhere. */
const REFRESH_MS = 50;
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** In the page. `known`: the page knows that the token is over; otherwise only the server does. */
async function round({ n, known, refreshMs }) {
  await control({ access_lifetime_ms: 3_600_000, refresh_delay_ms: refreshMs });
  const session = make("bearer", { key: `bench-${Math.random()}` });
  const url = (i) => `${base}/home/review/detail/${i}`;
  const timed = async (what) => {
    const start = performance.now();
    await what();
    return performance.now() - start;
  };
  const all = (call) =>
    Promise.all(
      Array.from({ length: n }, async (_, i) => {
        const response = await call(url(i));
        await response.arrayBuffer();
        return response.status;
      }),
    );
  const expect = (statuses, status) => {
    if (statuses.some((s) => s !== status)) throw new Error(`not all were answered ${status}`);
  };
  const native = (token) => (url) => fetch(url, { headers: { Authorization: `Bearer ${token}` } });

  const sign = async () =>
    (
      await (
        await fetch(`${base}/users/sign-in`, {
          method: "POST",
          body: JSON.stringify({ name: "ada", password: "latch" }),
        })
      ).json()
    ).result;
  const tokens = await sign();
  // Connections are open and code is compiled.
  expect(await all(native(tokens.accessToken)), 200);
  const good = await timed(async () => expect(await all(native(tokens.accessToken)), 200));
  const refresh = await timed(async () => {
    const body = JSON.stringify({ refreshToken: tokens.refreshToken });
    const response = await fetch(`${base}/users/refresh`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    if (!response.ok) throw new Error(`the refresh answered ${response.status}`);
    await response.arrayBuffer();
  });
  const bad = await timed(async () => expect(await all(native("no-token")), 401));

  const mine = await sign();
  await session.setTokens({ ...mine, ...(known && { expiresIn: 0.001 }) });
  if (known) await sleep(50);
  else await expire();
  const relatch = await timed(async () => expect(await all(session.fetch), 200));
  const fresh = await timed(async () => expect(await all(session.fetch), 200));
  const refreshes = session.told("refreshed").length;
  session.close();
  return { relatch, fresh, good, floor: refresh + good + (known ? 0 : bad), refreshes };
}

export async function real(browser, rounds) {
  const { page, close } = await world(browser);
  const rows = { known: [], unknown: [] };
  try {
    for (let i = 0; i < rounds; i++) {
      for (const kind of ["known", "unknown"]) {
        rows[kind].push(await page.evaluate(round, { n: CALLS, known: kind === "known", refreshMs: REFRESH_MS }));
      }
    }
  } finally {
    await close();
  }
  const summary = (all) => ({
    floor: median(all.map((r) => r.floor)),
    relatch: median(all.map((r) => r.relatch)),
    // Of each round by itself, so that what slows the machine slows both sides.
    ratio: median(all.map((r) => r.relatch / r.floor)),
    refreshes: Math.max(...all.map((r) => r.refreshes)),
    freshRatio: median(all.map((r) => r.fresh / r.good)),
  });
  return { calls: CALLS, refreshMs: REFRESH_MS, known: summary(rows.known), unknown: summary(rows.unknown) };
}
