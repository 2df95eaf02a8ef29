// The tour, as a visitor takes it: every scenario by its button, what the page says, and that it is the server's word.
// With PICTURE=1 it renews docs/tour.png, the picture in the README.
import assert from "node:assert/strict";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();

/** What must come out: of relatch always, and of the usual wrapper where it is not left to chance. */
const EXPECTED = {
  one: {
    relatch: { right: "1 of 1", refreshes: "1", reuse: "0", signedIn: "yes" },
    naive: { right: "1 of 1", refreshes: "1" },
  },
  storm: { relatch: { right: "200 of 200", refreshes: "1", reuse: "0", signedIn: "yes" }, naive: { signedIn: "no" } },
  tabs: { relatch: { right: "20 of 20", refreshes: "1", reuse: "0", signedIn: "yes" }, naive: {} },
  logout: { relatch: { reuse: "0", signedIn: "no" }, naive: { signedIn: "yes" } },
  hung: { relatch: { right: "1 of 1", hung: "0", signedIn: "yes" }, naive: { hung: "3" } },
  offline: { relatch: { right: "1 of 1", signedIn: "yes" }, naive: { signedIn: "no" } },
  clock: { relatch: { right: "5 of 5", refreshes: "0", signedIn: "yes" }, naive: { right: "5 of 5", refreshes: "5" } },
};

async function open(t) {
  const page = await t.context.newPage();
  page.on("pageerror", (error) => w.errors.push(String(error)));
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto(`${w.server.main}/www/tour.html`);
  await page.waitForSelector("#run-clock");
  return page;
}

const figures = (page, id, kind) =>
  page.evaluate(
    ([id, kind]) =>
      Object.fromEntries(
        [...document.querySelectorAll(`#${id} [data-lane=${kind}]`)].map((cell) => [
          cell.dataset.figure,
          cell.textContent,
        ]),
      ),
    [id, kind],
  );

function check(id, shown) {
  for (const kind of ["relatch", "naive"]) {
    for (const [name, value] of Object.entries(EXPECTED[id][kind]))
      assert.equal(shown[kind][name], value, `${id}, ${kind}: ${name}`);
  }
}

for (const id of Object.keys(EXPECTED)) {
  test(`${id}: relatch comes through, and the figures are the server's`, async () => {
    const t = await w.open();
    const page = await open(t);
    const counted = [];
    page.on("response", async (response) => {
      if (response.url().endsWith("/control/counters")) counted.push([response.url(), await response.json()]);
    });
    // Looked at in the same turn: a short scenario is over before a second question reaches the page.
    const isBusy = (id) => {
      document.getElementById(`run-${id}`).click();
      return document.getElementById("all").getAttribute("aria-disabled");
    };
    assert.equal(await page.evaluate(isBusy, id), "true", "one at a time");
    await page.waitForFunction((id) => /^(good|bad)$/.test(document.getElementById(id).dataset.state), id);
    const state = await page.textContent(`#state-${id}`);
    assert.match(state, id === "one" ? /^Both come through/ : /^relatch comes through; the usual wrapper does not/);
    const shown = { relatch: await figures(page, id, "relatch"), naive: await figures(page, id, "naive") };
    check(id, shown);
    for (const [url, { refresh_calls, reuse, requests }] of counted) {
      const { refreshes, ...rest } = shown[url.includes("tour-relatch") ? "relatch" : "naive"];
      assert.deepEqual([refreshes, rest.reuse, rest.requests], [refresh_calls, reuse, requests].map(String));
    }
    assert.equal(counted.length, 2);
    // Nothing stays: no tokens, no frames.
    assert.deepEqual(
      await page.evaluate(() => [
        Object.keys(localStorage).filter((key) => key.startsWith("tour-")),
        document.querySelectorAll("iframe").length,
      ]),
      [[], 0],
    );
    await t.close();
  });
}

test("the whole tour, with one click", async () => {
  const t = await w.open();
  const page = await open(t);
  await page.click("#all");
  await page.waitForFunction(
    () =>
      document.querySelector("#clock").dataset.state &&
      document.querySelector("#all").getAttribute("aria-disabled") === "false",
  );
  const states = await page.evaluate(() =>
    [...document.querySelectorAll(".scenario")].map(({ dataset }) => dataset.state),
  );
  assert.deepEqual(
    states,
    Object.keys(EXPECTED).map(() => "good"),
  );
  if (process.env.PICTURE) {
    await page.evaluate(() => scrollTo(0, 0));
    // Buttons change their colour slowly.
    await page.waitForTimeout(300);
    await page.screenshot({
      path: new URL("../../docs/tour.png", import.meta.url).pathname,
      clip: { x: 0, y: 0, width: 1280, height: 945 },
      fullPage: true,
    });
  }
  await t.close();
});

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
