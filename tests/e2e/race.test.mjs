// localStorage has no compare-and-set: a tab that is busy writes what it refreshed over a logout or a login that it has
// not yet heard of. An epoch that has ended stays ended all the same (G5).
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

for (const browser of ["chromium", "firefox"]) {
  const w = world({ browser });

  for (const [what, user] of [["logs out", undefined], ["signs in as another user", "grace"]]) {
    for (const leaves of [false, true]) {
      test(`${browser}: a tab ${what}${leaves ? " and goes away" : ""} while another, deaf, commits its refresh`, async () => {
        const t = await w.open();
        await t.page.evaluate(() => {
          globalThis.session = make("bearer", {
            refresh: async ({ refreshToken, fetch }) => {
              const response = await fetch(`${base}/users/refresh`, { method: "POST", body: JSON.stringify({ refreshToken }) });
              const { result } = await response.json();
              localStorage.setItem("deaf", "yes");
              // What other tabs write in this time reaches this one only after it has written itself.
              const end = performance.now() + 1_000;
              while (performance.now() < end);
              return result;
            },
          });
          return signIn(session);
        });
        const [other, third] = [await t.tab(), await t.tab()];
        for (const tab of [other, third]) await tab.evaluate(() => (globalThis.session = make("bearer")).ready);
        await t.expire();
        const body = JSON.stringify({ name: "grace", password: "latch" });
        const { result } = await (await fetch(`${t.api}/users/sign-in`, { method: "POST", body })).json();
        const acted = other.evaluate(async ({ user, result }) => {
          while (localStorage.getItem("deaf") === null) await sleep(1);
          if (user) await session.setTokens(result);
          else await session.clear();
        }, { user, result });
        const calls = t.page.evaluate(() => burst(session, 3));
        await acted;
        if (leaves) await other.close();
        await calls;
        const tabs = leaves ? [t.page, third] : [t.page, other, third];
        for (const tab of tabs) {
          await tab.waitForFunction((name) => (session.claims?.name ?? "nobody") === name, ...arg(browser, user ?? "nobody"));
        }
        await new Promise((resolve) => setTimeout(resolve, 300));
        for (const tab of tabs) {
          const seen = await tab.evaluate(async () => {
            const kept = JSON.parse(localStorage.getItem("relatch"));
            const response = await session.fetch(`${base}/echo`);
            return [kept && kept.accessToken, response.ok ? (await response.json()).user : response.status];
          });
          assert.deepEqual(seen, user ? [result.accessToken, user] : [null, 401]);
        }
        await t.close();
      });
    }
  }

  test(`${browser}: no page error, no unhandled rejection in all of this`, () => {
    assert.deepEqual(w.errors, []);
  });
}

/** The drivers take a function's argument in different places. */
function arg(browser, value) {
  return browser === "firefox" ? [{}, value] : [value];
}
