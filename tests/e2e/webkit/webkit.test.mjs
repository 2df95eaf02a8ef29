// WebKit, Safari's engine: the tabs of one origin, and every kind of body.
import assert from "node:assert/strict";
import test from "node:test";
import { bodies } from "../conformance/bodies.mjs";
import { world } from "../harness.mjs";
import { closedTab, fiveTabs, logoutElsewhere, otherUser, rotatedForClosedTab } from "../scenarios/tabs.mjs";

const w = world({ browser: "webkit" });

test("it is WebKit, with Web Locks", async () => {
  const t = await w.open();
  const seen = await t.page.evaluate(() => [
    /AppleWebKit/.test(navigator.userAgent) && !/Chrom/.test(navigator.userAgent),
    isSecureContext,
    "locks" in navigator,
  ]);
  assert.deepEqual(seen, [true, true, true]);
  await t.close();
});

test("tabs", async (t) => {
  for (const scenario of [fiveTabs, closedTab, rotatedForClosedTab, logoutElsewhere, otherUser]) {
    await scenario(w, {}, (title, run) => t.test(title, run));
  }
});

bodies("webkit");

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
