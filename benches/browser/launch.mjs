// The bundled page, a server for it, and Chromium.
import { createServer } from "node:http";
import { build } from "esbuild";
import { chromium } from "playwright-core";

const TIMEOUT_MS = 600_000;

export async function open() {
  const { outputFiles } = await build({
    entryPoints: [new URL("page.js", import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    logLevel: "error",
  });
  const server = createServer((request, response) => {
    // An isolated page has a clock of 5 µs instead of 100.
    response.setHeader("cross-origin-opener-policy", "same-origin");
    response.setHeader("cross-origin-embedder-policy", "require-corp");
    const script = request.url === "/page.js";
    response.setHeader("content-type", script ? "text/javascript; charset=utf-8" : "text/html; charset=utf-8");
    response.end(
      script
        ? outputFiles[0].text
        : '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

  /** A page of its own, in a profile of its own. */
  async function fresh(query = "") {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on("pageerror", (error) => console.error(String(error)));
    await page.goto(`http://127.0.0.1:${server.address().port}/${query}`);
    await page.waitForFunction(() => globalThis.names);
    const cdp = await context.newCDPSession(page);
    const heap = async () => {
      for (let i = 0; i < 3; i++) await cdp.send("HeapProfiler.collectGarbage");
      return (await cdp.send("Runtime.getHeapUsage")).usedSize;
    };
    return { page, heap, close: () => context.close() };
  }

  const { page } = await fresh();
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { browser, page, fresh, close };
}
