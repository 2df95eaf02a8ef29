// The developer commands' auth server, and a page of its origin with the built package on it.
import { startServer } from "../../tests/e2e/server.mjs";

export async function world(browser) {
  const server = await startServer();
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(600_000);
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(`${server.main}/tests/e2e/page.html?realm=bench-${process.pid}`);
  await page.waitForFunction(() => globalThis.ready);
  const close = async () => {
    await context.close();
    return server.stop();
  };
  return { page, close };
}
