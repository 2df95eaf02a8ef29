// G10: a store of one's own that takes its time, hangs, or is changed by another hand.
import assert from "node:assert/strict";
import nodeTest from "node:test";
import { world } from "./harness.mjs";

const w = world();

/** A page with a shared store of its own whose operations can be told to hang. */
const prepare = (page) =>
  page.evaluate(() => {
    const records = new Map();
    const hangs = new Set();
    const ears = new Set();
    const held = [];
    const run = (name, what) =>
      new Promise((resolve) => {
        const go = () => resolve(what());
        if (hangs.has(name)) held.push(go);
        else setTimeout(go, 20);
      });
    const store = {
      get: (key) => run("get", () => records.get(key)),
      set: (key, record) => run("set", () => void records.set(key, record)),
      remove: (key) => run("remove", () => void records.delete(key)),
    };
    const telling = {
      ...store,
      subscribe(_key, changed) {
        ears.add(changed);
        return () => ears.delete(changed);
      },
    };
    const own = (storage, options = {}) => make("bearer", { storage, refreshTimeout: 400, ...options });
    const tell = () => {
      for (const changed of ears) changed();
    };
    Object.assign(globalThis, { records, hangs, held, ears, store, telling, own, tell });
  });

const test = (title, what) =>
  nodeTest(title, async () => {
    const t = await w.open();
    await prepare(t.page);
    await what(t);
    await t.close();
  });

test("`ready` is the first look done, also of a store that is slow, empty, fails or hangs", async (t) => {
  const result = await t.page.evaluate(async () => {
    const statuses = [];
    const see = async (session) => {
      await session.ready;
      statuses.push(session.status);
      session.close();
    };
    await see(own(store));
    const first = own(store);
    await signIn(first);
    first.close();
    await see(own(store));
    await see(own({ ...store, get: () => Promise.reject(new Error("no")) }));
    await see(
      own({
        ...store,
        get: () => {
          throw new Error("no");
        },
      }),
    );
    hangs.add("get");
    await see(own(store));
    return statuses;
  });
  assert.deepEqual(result, ["signed-out", "fresh", "signed-out", "signed-out", "signed-out"]);
});

test("a `set` that hangs: `setTokens` settles, it is told, and made good when the store answers again", async (t) => {
  const result = await t.page.evaluate(async () => {
    const session = own(store);
    await session.ready;
    hangs.add("set");
    await signIn(session);
    const counts = await burst(session, 2);
    const codes = session.told("failed").map((event) => event.code);
    const before = records.size;
    hangs.clear();
    while (!records.size) await sleep(50);
    const next = own(store);
    await next.ready;
    return { counts, codes, before, status: next.status, mine: session.status };
  });
  assert.deepEqual(result, {
    counts: { 200: 2 },
    codes: ["storage_unavailable"],
    before: 0,
    status: "fresh",
    mine: "fresh",
  });
});

test("a `set` of a refresh that hangs: the spent token is not sent again, by nobody", async (t) => {
  const result = await t.page.evaluate(async () => {
    const session = own(store);
    await signIn(session);
    await expire();
    hangs.add("set");
    const first = await burst(session, 3);
    await expire();
    await sleep(600);
    hangs.clear();
    const second = await burst(session, 3);
    while (session.status === "refreshing") await sleep(20);
    const next = own(store);
    await next.ready;
    await expire();
    return { first, second, third: await burst(next, 3) };
  });
  assert.deepEqual(result, { first: { 200: 3 }, second: { 200: 3 }, third: { 200: 3 } });
  assert.equal((await t.counters()).reused ?? 0, 0);
});

test("a `remove` that hangs: `clear` settles, and the record goes when the store answers again", async (t) => {
  const result = await t.page.evaluate(async () => {
    const session = own(store);
    await signIn(session);
    hangs.add("remove");
    await session.clear();
    const out = session.status;
    hangs.clear();
    while (records.size) await sleep(50);
    await signIn(session);
    return { out, status: session.status, stored: records.size };
  });
  assert.deepEqual(result, { out: "signed-out", status: "fresh", stored: 1 });
});

test("a write that hung and arrives late does not come over a newer one", async (t) => {
  const result = await t.page.evaluate(async () => {
    const session = own(store);
    await session.ready;
    hangs.add("set");
    await signIn(session, "ada");
    hangs.clear();
    await signIn(session, "grace");
    const latest = records.get("relatch");
    for (const go of held.splice(0)) go();
    while (records.get("relatch") !== latest) await sleep(50);
    await sleep(200);
    return { same: records.get("relatch") === latest, name: session.claims.name };
  });
  assert.deepEqual(result, { same: true, name: "grace" });
});

test("what another hand stored while a write hung is not overwritten", async (t) => {
  const result = await t.page.evaluate(async () => {
    const session = own(store);
    const other = own({ ...store });
    await session.ready;
    const before = records.size;
    hangs.add("set");
    await signIn(session, "ada");
    hangs.clear();
    await signIn(other, "grace");
    while (session.claims?.name !== "grace") await sleep(50);
    return { before, stored: JSON.parse(records.get("relatch")).epoch, name: session.claims.name };
  });
  assert.equal(result.name, "grace");
});

test("a `get` that never settles does not kill the session", async (t) => {
  const result = await t.page.evaluate(async () => {
    const session = own(store);
    await signIn(session);
    await expire();
    hangs.add("get");
    const first = await burst(session, 2);
    hangs.clear();
    await sleep(500);
    await expire();
    return { first, second: await burst(session, 2), status: session.status };
  });
  assert.deepEqual(result.second, { 200: 2 });
});

test("signed out: a login by another page is found when the session is used, and told by `subscribe`", async (t) => {
  const result = await t.page.evaluate(async () => {
    const [silent, told] = [own(store), own(telling)];
    await Promise.all([silent.ready, told.ready]);
    await burst(silent, 1);
    await signIn(own({ ...store }));
    tell();
    await sleep(1_100);
    const heard = told.told("adopted").map((event) => event.change);
    const before = silent.status;
    const counts = await burst(silent, 5);
    told.close();
    return { before, counts, after: silent.status, heard, told: silent.told("adopted").length, ears: ears.size };
  });
  assert.deepEqual(result, {
    before: "signed-out",
    counts: { 200: 5 },
    after: "fresh",
    heard: ["signed-in"],
    told: 1,
    ears: 0,
  });
});

test("after an account switch elsewhere a 401 shows it, and nothing is replayed as the new user", async (t) => {
  const result = await t.page.evaluate(async () => {
    const session = own(store);
    await signIn(session, "ada");
    await signIn(own({ ...store }), "grace");
    await session.fetch(`${base}/home/review/detail/1`);
    const before = session.claims.name;
    await expire();
    await burst(session, 1);
    const counts = await burst(session, 1);
    return { before, after: session.claims.name, counts };
  });
  assert.deepEqual(result, { before: "ada", after: "grace", counts: { 200: 1 } });
});

nodeTest("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
