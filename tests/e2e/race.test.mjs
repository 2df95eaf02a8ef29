// localStorage has no compare-and-set: a tab that is busy writes what it refreshed over a logout or a login that it has
// not yet heard of. An epoch that has ended stays ended all the same (G5).
import assert from "node:assert/strict";
import { test, world } from "./harness.mjs";

/** Signs in; the page's next refresh keeps it from hearing anything until it has written, and says so in `deaf`. */
async function deafAndOther(t) {
  await t.page.evaluate(() => {
    globalThis.session = make("bearer", {
      refresh: async ({ refreshToken, fetch }) => {
        const response = await fetch(`${base}/users/refresh`, {
          method: "POST",
          body: JSON.stringify({ refreshToken }),
        });
        const { result } = await response.json();
        localStorage.setItem("deaf", "yes");
        const end = performance.now() + 1_000;
        while (performance.now() < end);
        return result;
      },
    });
    return signIn(session);
  });
  const other = await t.tab();
  await other.evaluate(() => {
    globalThis.session = make("bearer");
    return session.ready;
  });
  await t.expire();
  return other;
}

/** Tokens of another user. */
async function login(t) {
  const body = JSON.stringify({ name: "grace", password: "latch" });
  return (await (await fetch(`${t.api}/users/sign-in`, { method: "POST", body })).json()).result;
}

for (const browser of ["chromium", "firefox"]) {
  const w = world({ browser });

  for (const [what, user] of [
    ["logs out", undefined],
    ["signs in as another user", "grace"],
  ]) {
    for (const leaves of [false, true]) {
      const does = `${what}${leaves ? " and goes away" : ""}`;
      test(`${browser}: a tab ${does} while another, deaf, commits its refresh`, async () => {
        const t = await w.open();
        const other = await deafAndOther(t);
        const third = await t.tab();
        await third.evaluate(() => {
          globalThis.session = make("bearer");
          return session.ready;
        });
        const result = await login(t);
        const acted = other.evaluate(
          async ({ user, result }) => {
            while (localStorage.getItem("deaf") === null) await sleep(1);
            if (user) await session.setTokens(result);
            else await session.clear();
          },
          { user, result },
        );
        const calls = t.page.evaluate(() => burst(session, 3));
        await acted;
        if (leaves) await other.close();
        await calls;
        const tabs = leaves ? [t.page, third] : [t.page, other, third];
        for (const tab of tabs) {
          await tab.waitForFunction(
            (name) => (session.claims?.name ?? "nobody") === name,
            ...arg(browser, user ?? "nobody"),
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 300));
        for (const tab of tabs) {
          const seen = await tab.evaluate(async () => {
            const kept = JSON.parse(localStorage.getItem("relatch"));
            const response = await session.fetch(`${base}/echo`);
            return [kept?.accessToken ?? null, response.ok ? (await response.json()).user : response.status];
          });
          assert.deepEqual(seen, user ? [result.accessToken, user] : [null, 401]);
        }
        await t.close();
      });
    }
  }

  test(`${browser}: a tab logs out and in at once while another, deaf, commits: the old one stays gone`, async () => {
    const t = await w.open();
    const other = await deafAndOther(t);
    const acted = other.evaluate(
      async (result) => {
        while (localStorage.getItem("deaf") === null) await sleep(1);
        session.clear();
        await session.setTokens(result);
      },
      await login(t),
    );
    const calls = t.page.evaluate(() => burst(session, 3));
    await Promise.all([acted, calls]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const names = [];
    for (const tab of [t.page, other]) names.push(await tab.evaluate(() => session.claims?.name ?? "nobody"));
    // The login may be lost with the logout.
    assert.ok(names[0] === names[1] && ["grace", "nobody"].includes(names[0]), names.join());
    await t.close();
  });

  test(`${browser}: no page error, no unhandled rejection in all of this`, () => {
    assert.deepEqual(w.errors, []);
  });
}

/** The drivers take a function's argument in different places. */
function arg(browser, value) {
  return browser === "firefox" ? [{}, value] : [value];
}
