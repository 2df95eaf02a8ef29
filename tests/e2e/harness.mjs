// What the end-to-end tests share: the server, the browser, and a page with the built package on it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { chromium } from "playwright-core";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const root = new URL("../..", import.meta.url);

/** The server's two origins: those of `cargo xtask test`, or of a server started here. */
async function startServer() {
  if (process.env.RELATCH_TEST_MAIN) {
    return { main: process.env.RELATCH_TEST_MAIN, second: process.env.RELATCH_TEST_SECOND, stop() {} };
  }
  const child = spawn("cargo", ["xtask", "serve", "--until-stdin-closes"], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { ...JSON.parse(line), stop: () => child.stdin.end() };
}

/**
 * Starts server and browser before the file's tests. `world.open()` gives a page in a profile of its own, in a realm of
 * the server of its own.
 */
export function world() {
  const world = { errors: [] };
  before(async () => {
    world.server = await startServer();
    world.browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
  });
  after(async () => {
    await world.browser?.close();
    world.server?.stop();
  });
  let realms = 0;
  world.open = async (path = "/tests/e2e/page.html") => {
    const context = await world.browser.newContext();
    const realm = `e2e-${process.pid}-${++realms}`;
    const page = await world.tab(context, realm, path);
    const api = `${world.server.main}/t/${realm}`;
    const post = async (route, body) => {
      const response = await fetch(api + route, { method: "POST", body: JSON.stringify(body ?? {}) });
      if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
      return response.json();
    };
    return {
      page,
      context,
      realm,
      api,
      second: `${world.server.second}/t/${realm}`,
      control: (settings) => post("/control", settings),
      expire: () => post("/control/expire"),
      revoke: () => post("/control/revoke"),
      counters: async () => (await fetch(`${api}/control/counters`)).json(),
      log: async () => (await fetch(`${api}/control/log?tail=1000`)).json(),
      tab: () => world.tab(context, realm, path),
      close: () => context.close(),
    };
  };
  world.tab = async (context, realm, path) => {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => world.errors.push(String(error)));
    await page.goto(`${world.server.main}${path}?realm=${realm}`);
    await page.waitForFunction(() => globalThis.ready);
    return page;
  };
  return world;
}
