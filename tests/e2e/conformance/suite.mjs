// The differential test of one browser: native fetch with a token set by hand, against session.fetch with a valid, an
// expired and a deleted one.
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { world } from "../harness.mjs";
import { CALL } from "./calls.mjs";
import { compare, EXCEPTIONS, split } from "./compare.mjs";

const BATCH = 60;
const SHRINKS = 6;

/** Where CI goes: the same calls each time, so that it fails for what a change did and not for what it drew. */
const CI_SEED = 20_261_125;

/** An abort some milliseconds after the call races with the answer; a difference that is one shows again. */
const isRace = ({ abort }) => abort?.when === "soon";

/** `cases` are so many calls, each made four times. RELATCH_SEED and RELATCH_PATH make a failing one again. */
export function differential(browser, cases) {
  const w = world({ browser });
  const seed = Number(process.env.RELATCH_SEED ?? (process.env.CI ? CI_SEED : (Date.now() ^ (process.pid << 8)) >>> 1));
  const path = process.env.RELATCH_PATH;

  test(`${browser}: ${cases} generated calls are to caller and server what fetch makes of them`, async (t) => {
    t.diagnostic(`RELATCH_SEED=${seed}`);
    const tab = await w.open("/tests/e2e/conformance/page.html");
    await tab.page.evaluate((prefix) => start(prefix), tab.realm);
    let id = 0;
    const exceptions = EXCEPTIONS.filter(({ only = browser }) => only === browser);
    const met = Object.fromEntries(exceptions.map(({ name }) => [name, 0]));
    const outcomes = { response: 0, error: 0, unmade: 0 };
    const run = async (calls) => {
      const first = id;
      id += calls.length;
      const { rows, refreshes } = split(
        await tab.page.evaluate(([calls, first]) => batch(calls, first), [calls, first]),
        calls,
        first,
      );
      const failed = rows.map((row, i) => {
        const { seen } = row.native;
        if (first < cases) outcomes[seen.response ? "response" : seen.error ? "error" : "unmade"] += 1;
        const { differences, met: names } = compare(calls[i], row);
        for (const name of names) met[name] += 1;
        return differences;
      });
      // Two sessions in each mode, one for each header.
      const most = { native: 0, valid: 0, expired: 2, deleted: 2 };
      for (const [mode, count] of Object.entries(refreshes)) {
        assert.ok(count <= most[mode], `${mode}: ${count} refreshes for one batch`);
      }
      return failed;
    };
    const report = (call, differences) => `${JSON.stringify(call)}\n    ${differences.join("\n    ")}`;
    const alone = async (call) => {
      const [differences] = await run([call]);
      assert.equal(differences.length, 0, report(call, differences));
    };
    const again = (at) => fc.check(fc.asyncProperty(CALL, alone), { seed, path: at, numRuns: 1, endOnFailure: !!path });

    if (path) {
      const result = await again(path);
      assert.ok(!result.failed, String(result.errorInstance?.message));
      return;
    }
    const failures = [];
    const calls = fc.sample(CALL, { seed, numRuns: cases });
    for (let at = 0; at < calls.length; at += BATCH) {
      const failed = await run(calls.slice(at, at + BATCH));
      for (const [i, differences] of failed.entries()) {
        if (!differences.length) continue;
        const stays =
          !isRace(calls[at + i]) || ((await run([calls[at + i]]))[0].length && (await run([calls[at + i]]))[0].length);
        if (stays) failures.push([at + i, differences]);
        else t.diagnostic(`a race, not met again: ${report(calls[at + i], differences)}`);
      }
    }
    t.diagnostic(`native outcomes ${JSON.stringify(outcomes)}; exceptions ${JSON.stringify(met)}`);
    const told = [];
    for (const [at, differences] of failures.slice(0, SHRINKS)) {
      const result = await again(String(at));
      const path = result.counterexamplePath ?? at;
      const file = `tests/e2e/conformance-${browser}.test.mjs`;
      const command = `RELATCH_SEED=${seed} RELATCH_PATH=${path} node --test ${file}`;
      told.push(
        result.failed
          ? `${command}\n    ${result.errorInstance.message}`
          : `${command} (only beside others)\n    ${report(calls[at], differences)}`,
      );
    }
    const kinds = new Set(failures.flatMap(([, differences]) => differences.map((text) => text.replace(/:.*/s, ""))));
    assert.equal(
      failures.length,
      0,
      `${[...kinds].join("; ")}\n${failures.length} of ${calls.length} calls differ\n${told.join("\n\n")}`,
    );
    const shown = await run(exceptions.map(({ example }) => example));
    assert.deepEqual(shown.flat(), []);
    for (const [name, count] of Object.entries(met)) assert.ok(count > 0, `no call met the exception: ${name}`);
    assert.deepEqual(await tab.page.evaluate(() => unhandled), [], "errors and rejections that nobody handled");
    await tab.close();
  });
}
