// The demo page, as a visitor uses it. With PICTURE=1 it renews docs/demo.png, the picture in the README.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

async function demo(t, style) {
  const page = await t.context.newPage();
  page.on("pageerror", (error) => w.errors.push(String(error)));
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${w.server.main}/?realm=${t.realm}`);
  await page.selectOption("#style", style);
  await page.click("#sign-in");
  await page.waitForFunction(() => document.querySelector("#status").textContent.includes("fresh"));
  return {
    page,
    async send(n, expected) {
      await page.click(`#send-${n}`);
      await page.waitForFunction((text) => document.querySelector("#result").textContent.startsWith(text), expected);
    },
    rows: (filter) => page.locator(`#log ${filter}`).count(),
    /** The log is drawn a frame later, which a busy machine may take its time for. */
    shows: (least, filter) =>
      page.waitForFunction(([n, rows]) => document.querySelectorAll(rows).length >= n, [least, `#log ${filter}`]),
  };
}

for (const [style, refresh] of [
  ["article", "/users/refresh"],
  ["oauth", "/oauth/token"],
]) {
  test(`${style}: the access token is deleted, and everything goes on working`, async () => {
    const t = await w.open();
    const d = await demo(t, style);
    await d.send(1, "1 of 1 succeeded");
    await d.page.click("#delete-access");
    await d.send(20, "20 of 20 succeeded");
    assert.equal((await t.counters()).refreshes, 1);
    assert.equal((await t.counters()).unauthorized, 0);
    await d.page.click("#expire");
    await d.send(200, "200 of 200 succeeded");
    const counters = await t.counters();
    assert.equal(counters.refreshes, 2);
    assert.equal(counters.reuse, 0);
    // GET → 401, POST → 200, GET again → 200, as the log shows it.
    await d.shows(1, "[data-method=GET][data-status='401']");
    await d.shows(2, `[data-method=POST][data-status='200'][data-path$='${refresh}']`);
    await d.shows(21, "[data-method=GET][data-status='200']");
    if (process.env.PICTURE && style === "article") {
      await d.page.click("#expire");
      await d.send(20, "20 of 20 succeeded");
      await d.page.screenshot({
        path: new URL("../../docs/demo.png", import.meta.url).pathname,
        clip: { x: 0, y: 0, width: 1280, height: 1360 },
        fullPage: true,
      });
    }
    await t.close();
  });
}

test("no token is shown in the log or in the events", async () => {
  const t = await w.open();
  const d = await demo(t, "article");
  await d.page.click("#expire");
  await d.send(20, "20 of 20 succeeded");
  const found = await d.page.evaluate(() => {
    for (const row of document.querySelectorAll("#log details")) row.open = true;
    const shown = document.querySelector("#log").textContent + document.querySelector("#events").textContent;
    const record = Object.values(localStorage)
      .map((value) => JSON.parse(value))
      .find((value) => value.refreshToken);
    return [record.accessToken, record.refreshToken].filter((token) => shown.includes(token)).length;
  });
  assert.equal(found, 0);
  await t.close();
});

test("a revoked session ends, and the page says so", async () => {
  const t = await w.open();
  const d = await demo(t, "oauth");
  await d.page.click("#revoke");
  await d.send(1, "0 of 1 succeeded");
  await d.page.waitForFunction(() => document.querySelector("#status").textContent.includes("signed-out"));
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
