// Bundles the page, runs it in Chromium, prints the tables and writes them into benches/results.
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const option = (name, otherwise) => Number(process.argv.find((a) => a.startsWith(`--${name}=`))?.split("=")[1] ?? otherwise);
const [rounds, calls, largest] = [option("rounds", 9), option("calls", 2000), option("largest", 100_000)];
const check = process.argv.includes("--check");

const { outputFiles } = await build({
  entryPoints: [new URL("page.js", import.meta.url).pathname],
  bundle: true, minify: true, format: "esm", write: false, logLevel: "error",
});
const server = createServer((request, response) => {
  // An isolated page has a clock of 5 µs instead of 100.
  response.setHeader("cross-origin-opener-policy", "same-origin");
  response.setHeader("cross-origin-embedder-policy", "require-corp");
  const script = request.url === "/page.js";
  response.setHeader("content-type", script ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8");
  response.end(script ? outputFiles[0].text : '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>');
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
const broken = [];
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(600_000);
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.waitForFunction(() => globalThis.names);
  const names = await page.evaluate(() => names);
  const short = {};
  for (const kind of ["get", "post"]) {
    short[kind] = await page.evaluate(([k, r, n]) => globalThis.short(k, r, n), [kind, rounds, calls]);
  }
  const storms = {};
  for (const name of names.filter((n) => n !== "native")) {
    storms[name] = {};
    for (const n of [100, 1_000, 10_000, 100_000].filter((n) => n <= largest)) {
      // Peers without a single flight are not made to refresh a hundred thousand times.
      if (n > 1_000 && !["hand-written", "relatch"].includes(name)) continue;
      storms[name][n] = await page.evaluate(([name, n]) => storm(name, n), [name, n]);
    }
  }

  let text = "## Added to a call with a good token\n\nMicroseconds over native fetch with a header, the same stubbed fetch; medians.\n\n";
  text += "| | GET | POST JSON |\n|---|---|---|\n";
  const added = (kind, name) => short[kind][name] - short[kind].native;
  for (const name of names) text += `| ${name} | ${added("get", name).toFixed(2)} | ${added("post", name).toFixed(2)} |\n`;
  text += "\n## Calls at once on an expired token\n\nThe refresh takes 20 ms; requests are answered at once.\n\n";
  text += "| | calls | settled after ms | answered 200 | requests sent | sent with the bad token | refreshes |\n|---|---|---|---|---|---|---|\n";
  for (const [name, sizes] of Object.entries(storms)) {
    for (const [n, s] of Object.entries(sizes)) {
      text += `| ${name} | ${n} | ${s.ms.toFixed(0)} | ${s.good} | ${s.sent} | ${s.bad} | ${s.refreshes} |\n`;
    }
  }
  console.log(text);
  // Ratios only: times differ from machine to machine.
  const claim = (what, holds) => holds || broken.push(what);
  for (const [n, s] of Object.entries(storms.relatch)) {
    claim(`${n} calls: one refresh`, s.refreshes === 1);
    claim(`${n} calls: all answered`, s.good === Number(n));
  }
  for (const kind of ["get", "post"]) {
    claim(`${kind}: at most 3 times the hand-written wrapper`, added(kind, "relatch") <= 3 * Math.max(added(kind, "hand-written"), 0.1));
    for (const name of names.slice(3)) claim(`${kind}: less than ${name}`, added(kind, "relatch") < added(kind, name));
  }
  broken.forEach((what) => console.log(`broken: ${what}`));
  if (!check) {
    const folder = new URL("../results/", import.meta.url);
    await mkdir(folder, { recursive: true });
    await writeFile(new URL("browser.json", folder), `${JSON.stringify({ rounds, calls, short, storms, broken }, null, 2)}\n`);
    await writeFile(new URL("browser.md", folder), `# In the browser\n\nMade by \`cargo xtask bench\`.\n\n${text}`);
  }
} finally {
  await browser.close();
  server.close();
}
if (check && broken.length) process.exitCode = 1;
