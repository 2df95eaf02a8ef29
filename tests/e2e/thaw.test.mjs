// A tab that was frozen hears of minutes at once. Before it puts anything back over a slow tab's record it asks the mark
// whether that is over (G5). The events are made by hand here, so that each order of them is the test's.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

/** A page that was in epoch 7 and has heard of a login, 8; `hear` is another tab's write, and its event. */
async function open(marks) {
  const t = await w.open();
  await t.page.evaluate(async (marks) => {
    const record = (epoch, generation) =>
      JSON.stringify({
        v: 1,
        epoch,
        generation,
        accessToken: `a${epoch}`,
        refreshToken: `r${epoch}`,
        obtainedAt: Date.now(),
        lifetime: 3_600_000,
      });
    const cells = new Promise((resolve, reject) => {
      const request = indexedDB.open("relatch");
      request.onupgradeneeded = () => request.result.createObjectStore("cells");
      request.onsuccess = () => resolve(request.result);
      request.onerror = reject;
    });
    const transaction = (await cells).transaction("cells", "readwrite");
    for (const [epoch, generation] of marks) {
      transaction.objectStore("cells").put({ generation, at: Date.now() }, ["relatch", epoch]);
    }
    await new Promise((resolve) => {
      transaction.oncomplete = resolve;
    });
    Object.assign(globalThis, {
      record,
      hear(newValue) {
        const oldValue = localStorage.getItem("relatch");
        if (newValue === null) localStorage.removeItem("relatch");
        else localStorage.setItem("relatch", newValue);
        dispatchEvent(new StorageEvent("storage", { storageArea: localStorage, key: "relatch", oldValue, newValue }));
      },
      async rest() {
        await sleep(500);
        const stored = JSON.parse(localStorage.getItem("relatch"));
        return { stored: stored && [stored.epoch, stored.generation], status: session.status };
      },
    });
    localStorage.setItem("relatch", record(7, 1));
    globalThis.session = make("bearer");
    await session.ready;
    hear(record(8, 1));
  }, marks);
  return t;
}

const ENDED = 2 ** 32 - 1;

for (const [what, marks, stored] of [
  ["what followed is put back over a slow tab's record", [[7, ENDED]], [8, 1]],
  ["without a mark, too", [], [8, 1]],
  [
    "a session that the mark says is over is not put back",
    [
      [7, ENDED],
      [8, ENDED],
    ],
    [7, 2],
  ],
  [
    "nor is a generation that is not the latest",
    [
      [7, ENDED],
      [8, 2],
    ],
    [7, 2],
  ],
]) {
  test(what, async () => {
    const t = await open(marks);
    const result = await t.page.evaluate(() => {
      hear(record(7, 2));
      return rest();
    });
    assert.deepEqual(result.stored, stored);
    await t.close();
  });
}

test("what comes while the mark is asked is news, and nothing is put back over it", async () => {
  const t = await open([]);
  const login = await t.page.evaluate(() => {
    hear(record(7, 2));
    hear(record(9, 1));
    return rest();
  });
  assert.deepEqual(login, { stored: [9, 1], status: "fresh" });
  const logout = await t.page.evaluate(() => {
    hear(record(8, 2));
    hear(null);
    return rest();
  });
  assert.deepEqual(logout, { stored: null, status: "signed-out" });
  await t.close();
});

test("without the module of the marks what followed is put back once, and then what comes is believed", async () => {
  const t = await open([[8, ENDED]]);
  await t.context.route(/late\.js/, (route) => route.abort());
  const result = await t.page.evaluate(async () => {
    const late = record(7, 2);
    hear(late);
    const first = await rest();
    hear(late);
    return [first.stored, (await rest()).stored];
  });
  assert.deepEqual(result, [
    [8, 1],
    [7, 2],
  ]);
  await t.close();
});
