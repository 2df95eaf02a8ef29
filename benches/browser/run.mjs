// What `cargo xtask bench` runs: each section in Chromium, then the tables. --only=NAME runs the sections whose names
// contain it and writes nothing; --check writes nothing either, and fails if a claim is broken or a ratio is much worse
// than the recorded one.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { bytes } from "./bytes.mjs";
import { open } from "./launch.mjs";
import { real } from "./real.mjs";
import { claims, markdown, readme } from "./report.mjs";
import { firstFetch } from "./start.mjs";

const option = (name, otherwise) => process.argv.find((a) => a.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise;
const rounds = Number(option("rounds", 31));
const only = option("only", "");
const check = process.argv.includes("--check");

const KINDS = ["get", "path", "post", "request"];
const SIZES = [100, 1_000, 10_000, 100_000];
const CALLS = 2_000;
const HELD = 100_000;
/** Peers that are not linear are not asked for more than this, or a round would take minutes. */
const FEW = 1_000;
const UNBOUNDED = ["hand-written", "relatch"];
/** Held calls are counted for these: they have one refresh for all, so that all wait. */
const HOLDERS = ["hand-written", "relatch", "alova", "@badgateway/oauth2-client"];

const sections = {
  async short({ page, results }) {
    results.short = {};
    for (const kind of KINDS)
      results.short[kind] = await page.evaluate(([k, r, n]) => short(k, r, n), [kind, rounds, CALLS]);
  },
  async storms({ page, results }) {
    results.storms = {};
    for (const name of (await page.evaluate(() => names)).filter((n) => n !== "native")) {
      const sizes = SIZES.filter((n) => n <= FEW || UNBOUNDED.includes(name));
      results.storms[name] = {};
      for (const n of sizes) {
        // The first run warms up; a hundred thousand take long enough to be their own median.
        const often = n > 10_000 ? 3 : 7;
        results.storms[name][n] = await page.evaluate((args) => storm(...args), [name, n, often]);
      }
    }
  },
  async memory({ fresh, results }) {
    results.memory = {};
    for (const name of HOLDERS) {
      const n = UNBOUNDED.includes(name) ? HELD : FEW;
      const { page, heap, close } = await fresh();
      // Warm, so that what is loaded and compiled once is not counted.
      await page.evaluate(([name]) => storm(name, 100, 1), [name]);
      const before = { heap: await heap(), wasm: await page.evaluate(() => wasmBytes()) };
      await page.evaluate(([name, n]) => hold(name, n), [name, n]);
      const after = { heap: await heap(), wasm: await page.evaluate(() => wasmBytes()) };
      const good = await page.evaluate(() => release());
      await close();
      results.memory[name] = {
        calls: n,
        good,
        heap: (after.heap - before.heap) / n,
        wasm: (after.wasm - before.wasm) / n,
      };
    }
  },
  async crossings({ fresh, results }) {
    const { page, close } = await fresh("?count");
    results.crossings = await page.evaluate((n) => crossings(n), 1_000);
    await close();
  },
  async start({ browser, results }) {
    results.start = await firstFetch(browser, Math.max(rounds, 15));
  },
  async real({ browser, results }) {
    results.real = await real(browser, Math.min(rounds, 9));
  },
  async bytes({ results }) {
    results.bytes = await bytes();
  },
};

const world = await open();
try {
  world.results = { rounds };
  for (const [name, section] of Object.entries(sections)) {
    if (!name.includes(only)) continue;
    console.error(`${name} …`);
    await section(world);
  }
} finally {
  await world.close();
}
const { results } = world;
const recorded = check
  ? JSON.parse(await readFile(new URL("../results/browser.json", import.meta.url), "utf8"))
  : undefined;
const rows = claims(results, recorded);
results.ratios = Object.fromEntries(
  rows.filter(({ ratio }) => ratio !== undefined).map(({ what, ratio }) => [what, ratio]),
);
results.broken = rows.filter(({ holds }) => !holds).map(({ what }) => what);
const text = markdown(results, rows);
console.log(text);
if (!check && !only) {
  const folder = new URL("../results/", import.meta.url);
  await mkdir(folder, { recursive: true });
  await writeFile(new URL("browser.json", folder), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(new URL("README.md", folder), text);
  const path = new URL("../../README.md", import.meta.url);
  const [begin, end] = ["<!-- bench: written by `cargo xtask bench` -->\n", "<!-- /bench -->"];
  const [before, rest] = (await readFile(path, "utf8")).split(begin);
  if (!rest?.includes(end)) throw new Error("the README has no place for the table");
  await writeFile(path, before + begin + readme(results) + rest.slice(rest.indexOf(end)));
}
if (results.broken.length) {
  console.error(`broken: ${results.broken.join("; ")}`);
  if (check) process.exitCode = 1;
}
