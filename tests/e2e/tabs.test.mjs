// Many tabs, frames and workers over one session, with Web Locks.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";
import { closedTab, fiveTabs, logoutElsewhere, otherUser, refreshCalls, rotatedForClosedTab, tabsOf } from "./scenarios/tabs.mjs";

const w = world();

for (const scenario of [fiveTabs, closedTab, rotatedForClosedTab, logoutElsewhere, otherUser]) scenario(w);

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
