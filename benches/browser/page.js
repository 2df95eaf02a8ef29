// Runs in the page. The stubbed fetch answers at once, so that what is measured is the client and nothing else.
import { counted, watch } from "./crossings.js";
import { peers, requestPeers } from "./peers.js";

const ok = new Response(null, { status: 200 });
const denied = new Response(null, { status: 401 });
const url = `${location.origin}/api/item`;
const path = "/api/item";
const REFRESH_MS = 20;

/** A server in the page: it knows one good token, and says 401 to others if it is strict. */
function makeWorld() {
  const world = { good: "token-0", held: "token-0", strict: false, hangs: false, sent: 0, bad: 0, refreshes: 0 };
  const carried = (input, init) => {
    const headers = init?.headers ?? input.headers;
    return headers instanceof Headers
      ? headers.get("authorization")
      : (headers?.Authorization ?? headers?.authorization);
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
    await new Promise((resolve) => {
      if (world.hangs) world.answer = resolve;
      else setTimeout(resolve, REFRESH_MS);
    });
    world.held = world.good;
    return world.held;
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
const request = new Request(url, { headers: { Accept: "application/json" } });
const kinds = {
  get: (call) => call(url),
  path: (call) => call(path),
  post: (call) => call(url, json),
  request: (call) => call(request),
};
/** Some take no Request, some no path without an origin. */
const takes = (kind, name) =>
  kind === "request" ? requestPeers.includes(name) : kind !== "path" || !["ky", "openapi-fetch"].includes(name);

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
  for (const name of Object.keys(peers)) if (takes(kind, name)) made[name] = await make(name);
  const times = Object.fromEntries(Object.keys(made).map((name) => [name, []]));
  for (let round = -2; round < rounds; round++) {
    for (const name of Object.keys(made)) {
      const time = await shortRound(made[name], kind, n);
      if (round >= 0) times[name].push(time);
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
};

async function stormOnce(name, n) {
  const { world, call } = await make(name);
  await call(url);
  world.strict = true;
  world.good = "token-1";
  const start = performance.now();
  const results = await Promise.allSettled(Array.from({ length: n }, () => call(url)));
  const ms = performance.now() - start;
  const good = results.filter((r) => r.status === "fulfilled" && r.value.status === 200).length;
  return { ms, good, sent: world.sent, bad: world.bad, refreshes: world.refreshes };
}

/** N calls at once on a token that the server no longer takes; the median of the rounds, by time. */
globalThis.storm = async (name, n, rounds) => {
  const all = [];
  for (let round = 0; round < rounds; round++) all.push(await stormOnce(name, n));
  return all.toSorted((a, b) => a.ms - b.ms)[rounds >> 1];
};

/** N calls that wait for a refresh which does not answer until `release`. */
let release;
globalThis.hold = async (name, n) => {
  const { world, call } = await make(name);
  await call(url);
  Object.assign(world, { strict: true, hangs: true, good: "token-1" });
  const calls = Array.from({ length: n }, () => call(url));
  // All first tries are answered within a task: nothing here waits for a network.
  await new Promise((resolve) => setTimeout(resolve, 200));
  release = async () => {
    world.hangs = false;
    world.answer();
    return (await Promise.all(calls)).filter(({ status }) => status === 200).length;
  };
};
globalThis.release = () => release();
globalThis.wasmBytes = () => watch.memory?.buffer.byteLength ?? 0;

/** How often the wasm is entered and left: for a call that needs no refresh, and for each of n that wait for one. */
globalThis.crossings = async (n) => {
  const { world, call } = await make("relatch");
  await call(url);
  const short = await counted(async () => {
    for (let i = 0; i < n; i++) await call(url);
  });
  world.strict = true;
  world.good = "token-1";
  const held = await counted(() => Promise.all(Array.from({ length: n }, () => call(url))));
  const each = ({ into, out }) => ({ into: into / n, out: out / n });
  return { short: each(short), held: each(held) };
};

globalThis.names = Object.keys(peers);
