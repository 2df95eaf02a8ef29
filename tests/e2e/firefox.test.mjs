// The same tabs in Firefox, with Web Locks and without.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";
import { closedTab, deafTab, fiveTabs, logoutElsewhere, otherUser, rotatedForClosedTab } from "./scenarios/tabs.mjs";

const w = world({ browser: "firefox" });

test("it is Firefox, and only the page of a trusted host has Web Locks", async () => {
  const seen = [];
  for (const insecure of [false, true]) {
    const t = await w.open(undefined, { insecure });
    seen.push(
      await t.page.evaluate(() => [/Firefox/.test(navigator.userAgent), isSecureContext, "locks" in navigator]),
    );
    await t.close();
  }
  assert.deepEqual(seen, [
    [true, true, true],
    [true, false, false],
  ]);
});

for (const where of [{}, { insecure: true }]) {
  const name = where.insecure ? "without Web Locks" : "with Web Locks";
  test(name, async (t) => {
    for (const scenario of [fiveTabs, closedTab, deafTab, rotatedForClosedTab, logoutElsewhere, otherUser]) {
      await scenario(w, where, (title, run) => t.test(title, run));
    }
  });
}

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
