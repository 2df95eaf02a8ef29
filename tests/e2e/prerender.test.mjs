// A page that is prerendered gets no Web Lock before it is shown: until then no deadline runs (S5, G1). The browser is
// started bare, because what drives it in the other tests knows no prerendering.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const DIST = new URL("../../pkg/dist/", import.meta.url);
const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Leaves an expired session in the store, has the other page prerendered, and goes there after a while. */
const START = (prerenderedMs) => `<!doctype html><title>start</title><script type="module">
  localStorage.relatch = JSON.stringify({ v: 1, epoch: 1, generation: 1, accessToken: "old", refreshToken: "r1",
    obtainedAt: Date.now() - 60_000, lifetime: 1_000 });
  const rules = document.createElement("script");
  rules.type = "speculationrules";
  rules.textContent = JSON.stringify({ prerender: [{ urls: ["/shown"], eagerness: "immediate" }] });
  document.head.append(rules);
  // From when the other page has made its calls.
  await fetch("/made?wait");
  setTimeout(() => { location.href = "/shown"; }, ${prerenderedMs});
</script>`;

const SHOWN = (options) => `<!doctype html><title>shown</title><script type="module">
  import { createSession } from "/dist/index.js";
  const wasPrerendered = document.prerendering;
  const session = createSession({ refresh: { url: "/refresh" }, ...${JSON.stringify(options)} });
  const failed = [];
  session.addEventListener("failed", ({ detail }) => failed.push(detail.code));
  let shownAt = 0;
  document.addEventListener("prerenderingchange", () => { shownAt = performance.now(); });
  const calls = [1, 2, 3].map((n) => session.fetch("/api/" + n).then(({ status }) => status, (e) => e.name));
  await session.ready;
  await fetch("/made");
  const statuses = await Promise.all(calls);
  const { activationStart } = performance.getEntriesByType("navigation")[0];
  await fetch("/report", { method: "POST", body: JSON.stringify({ wasPrerendered, statuses, failed, activationStart,
    lockMs: Math.round(performance.now() - shownAt) }) });
</script>`;

/** What the prerendered page reports. */
async function visit(prerenderedMs, options) {
  let report;
  const reported = new Promise((resolve) => {
    report = resolve;
  });
  let refreshes = 0;
  let made;
  const calls = new Promise((resolve) => {
    made = resolve;
  });
  const server = createServer((request, response) => {
    const { url, headers } = request;
    const html = { "content-type": "text/html" };
    if (url === "/start") return response.writeHead(200, html).end(START(prerenderedMs));
    if (url === "/shown") return response.writeHead(200, html).end(SHOWN(options));
    if (url.startsWith("/dist/")) {
      const type = { "content-type": "text/javascript" };
      return response.writeHead(200, type).end(readFileSync(new URL(url.slice("/dist/".length), DIST)));
    }
    if (url.startsWith("/made")) {
      if (url === "/made") made();
      return calls.then(() => response.end());
    }
    if (url === "/refresh") {
      refreshes++;
      const tokens = { accessToken: "new", refreshToken: "r2", expiresIn: 900 };
      return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(tokens));
    }
    if (url === "/report") {
      let text = "";
      request.on("data", (chunk) => {
        text += chunk;
      });
      request.on("end", () => {
        response.end();
        report({ ...JSON.parse(text), refreshes });
      });
      return;
    }
    const ok = headers.authorization === "Bearer new";
    response.writeHead(url.startsWith("/api/") ? (ok ? 200 : 401) : 404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const profile = mkdtempSync(join(tmpdir(), "relatch-prerender-"));
  const address = `http://127.0.0.1:${server.address().port}/start`;
  const browser = spawn(
    process.env.CHROMIUM ?? "/usr/bin/chromium",
    [...FLAGS, `--user-data-dir=${profile}`, address],
    {
      stdio: "ignore",
    },
  );
  const ended = new Promise((resolve) => {
    browser.on("exit", resolve);
  });
  const late = AbortSignal.timeout(60_000);
  try {
    return await Promise.race([
      reported,
      new Promise((_, reject) => {
        late.onabort = () => reject(new Error("the page never reported"));
      }),
    ]);
  } finally {
    browser.kill();
    await ended;
    server.closeAllConnections();
    server.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
  }
}

const CASES = [
  ["longer than a call may be held", 3_000, { maxWait: 1_000 }],
  ["longer than the lock may be waited for", 7_000, { refreshTimeout: 500 }],
];

for (const [name, prerenderedMs, options] of CASES) {
  test(`a page that is prerendered ${name}: its calls succeed once it is shown`, async () => {
    const { wasPrerendered, statuses, failed, activationStart, refreshes } = await visit(prerenderedMs, options);
    assert.ok(wasPrerendered, "the page was prerendered");
    assert.ok(activationStart >= prerenderedMs, `shown after ${activationStart} ms`);
    assert.deepEqual({ statuses, failed, refreshes }, { statuses: [200, 200, 200], failed: [], refreshes: 1 });
  });
}
