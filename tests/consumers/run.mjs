// Builds and runs one small project for each way to import relatch, from the packed tarball, as a user would.
//
//   node tests/consumers/run.mjs [--fast] [--readme] [name …]
//
// --fast: only those that take seconds. --readme: writes the table in README.md.
import { mkdir, readdir, readFile, rm, writeFile, cp, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { startServer } from "../e2e/harness.mjs";
import { Case, exec, launch } from "./tools.mjs";

const here = new URL(".", import.meta.url);
const root = new URL("../..", here);
const work = new URL("target/consumers/", root);
const path = (url) => fileURLToPath(url);

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith("--"));
const named = args.filter((arg) => !arg.startsWith("--"));
const isFast = options.includes("--fast");

async function pack() {
  await mkdir(work, { recursive: true });
  await exec(path(root), "npm", ["pack", "--silent", "--pack-destination", path(work), "./pkg"]);
  const { version } = JSON.parse(await readFile(new URL("pkg/package.json", root), "utf8"));
  return `relatch-${version}.tgz`;
}

/** The folders here, and the examples that say how they are used. */
async function places() {
  const found = new Map();
  for (const parent of [here, new URL("examples/", root)]) {
    for (const name of await readdir(parent)) {
      const place = new URL(`${name}/`, parent);
      if (await stat(new URL("consumer.mjs", place)).catch(() => null)) found.set(name, place);
    }
  }
  return found;
}

/** A copy outside of the repository's packages, with the tarball and the dependencies installed. */
async function install(name, place, tarball) {
  const dir = new URL(`${name}/`, work);
  const modules = new URL("node_modules/", dir);
  const manifest = JSON.parse(await readFile(new URL("package.json", place), "utf8"));
  // What is already there is taken if it is of the same versions; relatch itself never is.
  const stamp = JSON.stringify(manifest.dependencies);
  const isThere = (await readFile(new URL("stamp", modules), "utf8").catch(() => "")) === stamp;
  for (const entry of await readdir(dir).catch(() => [])) {
    if (entry !== "node_modules" || !isThere) await rm(new URL(entry, dir), { recursive: true });
  }
  await cp(place, dir, { recursive: true, filter: (source) => !/node_modules|dist$/.test(source) });
  // An example takes relatch from beside it.
  if (manifest.dependencies?.relatch) {
    manifest.dependencies.relatch = `file:../${tarball}`;
    await writeFile(new URL("package.json", dir), JSON.stringify(manifest));
  }
  for (const file of ["scenario.js", "redirects.js"]) await cp(new URL(file, here), new URL(file, dir));
  const common = ["--no-audit", "--no-fund", "--no-package-lock", "--silent"];
  if (isThere) {
    // What npm does with a package that has neither dependencies nor scripts.
    await rm(new URL("relatch", modules), { recursive: true, force: true });
    await mkdir(new URL("relatch", modules));
    await exec(path(dir), "tar", ["-xzf", `../${tarball}`, "--strip-components=1", "-C", "node_modules/relatch"]);
  } else {
    await exec(path(dir), "npm", ["install", "--no-save", ...common, `../${tarball}`]);
    await writeFile(new URL("stamp", modules), stamp);
  }
  return path(dir);
}

async function versionOf(dir, name) {
  const manifest = await readFile(`${dir}/node_modules/${name}/package.json`, "utf8").catch(() => "{}");
  return JSON.parse(manifest).version;
}

/** One row: 20 right answers, as the consumer saw it; 1 refresh, as the server saw it. */
async function check(world, dir, title, run) {
  const t = new Case(world, dir);
  const start = Date.now();
  let verdict = "ok";
  try {
    const outcome = await run(t);
    const counters = await (await fetch(`${t.api}/control/counters`)).json();
    const seen = { right: outcome?.right, refreshes: counters.refresh_calls, error: outcome?.error };
    seen.inWords = outcome?.inWords;
    const isRight = seen.right === 20 && seen.refreshes === 1;
    // The build in words is for development servers alone; it costs visitors bytes. (Rust frontends have one build, and
    // Vitest takes the one or the other by the environment's mode.)
    const isBuild = (seen.inWords ?? false) === title.endsWith(", dev") || title.startsWith("Vitest");
    if (!isRight || !isBuild) verdict = `not as it should be: ${JSON.stringify(seen)}`;
  } catch (error) {
    verdict = error.message;
  }
  await t.end();
  console.log(`${title.padEnd(52)}${((Date.now() - start) / 1000).toFixed(1).padStart(7)} s  ${verdict}`);
  return { title, verdict };
}

async function main() {
  const all = await places();
  const names = [...all.keys()];
  const unknown = named.filter((name) => !names.includes(name));
  if (unknown.length) throw new Error(`no consumer is called ${unknown}; there are ${names.join(", ")}`);
  const tarball = await pack();
  const world = { ...(await startServer()), browser: launch() };
  const rows = [];
  try {
    for (const name of names.filter((name) => !named.length || named.includes(name))) {
      const consumer = await import(new URL("consumer.mjs", all.get(name)));
      if (isFast && !consumer.fast) continue;
      const installed = () => install(name, all.get(name), tarball);
      // A registry that does not answer once is no fault of ours.
      const dir = await installed()
        .catch(installed)
        .catch((error) => error);
      const version = typeof dir === "string" && consumer.tool && (await versionOf(dir, consumer.tool));
      for (const [title, run] of Object.entries(consumer.cases)) {
        const full = version ? title.replace("%", version) : title.replace("%", process.versions.node);
        rows.push(await check(world, dir, full, typeof dir === "string" ? run : () => Promise.reject(dir)));
      }
    }
  } finally {
    await (await world.browser.peek())?.close();
    world.stop();
  }
  const failed = rows.filter(({ verdict }) => verdict !== "ok");
  console.log(`${rows.length - failed.length} passed, ${failed.length} failed`);
  if (options.includes("--readme")) await writeReadme(rows);
  if (!rows.length || failed.length) process.exitCode = 1;
}

async function writeReadme(rows) {
  if (named.length || isFast) throw new Error("--readme is for a run of all consumers");
  const [open, shut] = ["<!-- consumers: written by `cargo xtask consumers --readme` -->\n", "<!-- /consumers -->"];
  const file = new URL("README.md", root);
  const text = await readFile(file, "utf8");
  const [before, rest] = text.split(open);
  const after = rest?.split(shut)[1];
  if (after === undefined) throw new Error("README.md has no place for the table");
  const line = ({ title, verdict }) =>
    `| ${title} | ${verdict === "ok" ? "works" : `**does not:** ${verdict.split("\n")[0]}`} |\n`;
  await writeFile(file, `${before}${open}\n| imported by | |\n|---|---|\n${rows.map(line).join("")}\n${shut}${after}`);
}

await main();
