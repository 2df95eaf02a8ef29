// The pages that people meet: no violation that axe-core finds, in each colour scheme and width, at rest and at work.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import test from "node:test";
import { world } from "./harness.mjs";

const w = world();
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function violations(page) {
  // Buttons change their colour slowly.
  await page.waitForTimeout(300);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
}

test("the search finds a violation where there is one", async () => {
  const t = await w.open();
  await t.page.evaluate(() => document.body.append(document.createElement("button")));
  assert.match((await violations(t.page)).join(), /button-name/);
  await t.close();
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [390, 1280]) {
    const open = async (t, path) => {
      const page = await t.context.newPage();
      page.on("pageerror", (error) => w.errors.push(String(error)));
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.goto(`${w.server.main}${path}`);
      return page;
    };

    test(`the demo, ${colorScheme}, ${width} px`, async () => {
      const t = await w.open();
      const page = await open(t, `/?realm=${t.realm}`);
      await page.waitForFunction(() => /signed-out/.test(document.querySelector("#status").textContent));
      assert.deepEqual(await violations(page), []);
      await page.click("#sign-in");
      await page.waitForFunction(() => /fresh/.test(document.querySelector("#status").textContent));
      await page.click("#expire");
      await page.click("#send-20");
      await page.waitForFunction(() => document.querySelector("#result").textContent.startsWith("20 of 20"));
      assert.deepEqual(await violations(page), []);
      await t.close();
    });

    test(`the tour, ${colorScheme}, ${width} px`, async () => {
      const t = await w.open();
      const page = await open(t, "/www/tour.html");
      await page.waitForSelector("#run-clock");
      assert.deepEqual(await violations(page), []);
      await page.click("#run-storm");
      await page.waitForFunction(() => document.querySelector("#all").getAttribute("aria-disabled") === "false");
      assert.deepEqual(await violations(page), []);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      await t.close();
    });

    test(`the benchmarks' page, ${colorScheme}, ${width} px`, async () => {
      const t = await w.open();
      const page = await open(t, "/www/bench.html");
      await page.waitForFunction(() => document.querySelectorAll("#charts section").length > 0);
      assert.deepEqual(await violations(page), []);
      // Each chart has a row of relatch's, and each row says its figure.
      const rows = await page.evaluate(() =>
        [...document.querySelectorAll("#charts section")].map((chart) => [
          chart.querySelectorAll(".own").length,
          [...chart.querySelectorAll("svg")].every((svg) => /\d/.test(svg.textContent)),
        ]),
      );
      assert.ok(rows.length >= 8, `${rows.length} charts`);
      assert.deepEqual(
        rows,
        rows.map(() => [1, true]),
      );
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      await t.close();
    });
  }
}

test("no page error, no unhandled rejection in all of this", () => {
  assert.deepEqual(w.errors, []);
});
