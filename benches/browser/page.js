// Runs in the page. The stubbed fetch answers at once, so that what is measured is the client and nothing else.
import { peers } from "./peers.js";

const ok = new Response(null, { status: 200 });
const denied = new Response(null, { status: 401 });
const url = `${location.origin}/api/item`;

/** A server in the page: it knows one good token, and says 401 to others if it is strict. */
function makeWorld() {
  const world = { good: "token-0", held: "token-0", strict: false, sent: 0, bad: 0, refreshes: 0 };
  const carried = (input, init) => {
    const headers = init?.headers ?? input.headers;
    return headers instanceof Headers ? headers.get("authorization") : (headers?.Authorization ?? headers?.authorization);
  };
  world.fetch = (input, init) => {
    if (!world.strict) return Promise.resolve(ok);
    world.sent++;
    if (carried(input, init) === `Bearer ${world.good}`) return Promise.resolve(ok);
    world.bad++;
    return Promise.resolve(denied);
  };
  world.refresh = async () => {
    world.refreshes++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    return (world.held = world.good);
  };
  return world;
}

async function make(name) {
  const world = makeWorld();
  // Some peers have no option for it.
  globalThis.fetch = world.fetch;
  return { world, call: await peers[name](world) };
}

const json = { method: "POST", body: '{"a":1}', headers: { "Content-Type": "application/json" } };
const kinds = {
  get: (call) => call(url),
  post: (call) => call(url, json),
};

/** Microseconds for each call, one after the other, in one round. */
async function shortRound({ world, call }, kind, n) {
  globalThis.fetch = world.fetch;
  const one = kinds[kind];
  const start = performance.now();
  for (let i = 0; i < n; i++) await one(call);
  return ((performance.now() - start) / n) * 1000;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Every peer in every round, so that what disturbs the machine disturbs all. */
globalThis.short = async (kind, rounds, n) => {
  const made = {};
  for (const name of Object.keys(peers)) made[name] = await make(name);
  const times = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const name of Object.keys(peers)) {
      const time = await shortRound(made[name], kind, n);
      if (round >= 0) times[name].push(time);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
};

/** N calls at once on a token that the server no longer takes. */
globalThis.storm = async (name, n) => {
  const { world, call } = await make(name);
  await call(url);
  world.strict = true;
  world.good = "token-1";
  const start = performance.now();
  const results = await Promise.allSettled(Array.from({ length: n }, () => call(url)));
  const ms = performance.now() - start;
  const good = results.filter((r) => r.status === "fulfilled" && r.value.status === 200).length;
  return { ms, good, sent: world.sent, bad: world.bad, refreshes: world.refreshes };
};
globalThis.names = Object.keys(peers);
