// What the end-to-end tests share: the server, the browser, and a page with the built package on it.
import nodeTest, { after, before } from "node:test";
import { chromium, options } from "./chromium.mjs";
import { launchFirefox } from "./firefox.mjs";
import { startServer } from "./server.mjs";
import { launchWebKit } from "./webkit.mjs";
import { notInWebKit } from "./webkit-skips.mjs";
import { notInWorker } from "./worker-skips.mjs";

export { startServer };

/**
 * With RELATCH_MODE=worker the page's sessions live in workers (`relatch/worker`), and the same tests run over them.
 */
const inWorker = process.env.RELATCH_MODE === "worker";

/** Tests that say no browser run in this one. */
const browserOfAll = process.env.RELATCH_BROWSER ?? "chromium";

/**
 * A test that runs in both modes and in all browsers, unless worker-skips.mjs or webkit-skips.mjs says why it cannot.
 */
export const test = (name, what) =>
  nodeTest(name, { skip: (inWorker && notInWorker(name)) || (browserOfAll === "webkit" && notInWebKit(name)) }, what);

export const BROWSERS = {
  chromium: () => chromium.launch(options),
  firefox: launchFirefox,
  webkit: launchWebKit,
};

/**
 * Starts server and browser ("chromium", "firefox" or "webkit") before the file's tests. `world.open()` gives a page in
 * a profile of its own, in a realm of the server of its own. It takes `insecure`: the page comes from a host that is
 * not trusted, so without Web Locks, and calls the API across origins; and `init`, a function to run in each page
 * before its scripts.
 */
export function world({ browser = browserOfAll } = {}) {
  const world = { errors: [] };
  before(async () => {
    world.server = await startServer();
    world.browser = await BROWSERS[browser]();
  });
  after(async () => {
    await world.browser?.close();
    world.server?.stop();
  });
  let realms = 0;
  world.open = async (path = "/tests/e2e/page.html", { insecure = false, init } = {}) => {
    const context = await world.browser.newContext();
    if (init) await context.addInitScript(`(${init})();`);
    const realm = `e2e-${process.pid}-${++realms}`;
    const { main } = world.server;
    const worker = inWorker ? "&mode=worker" : "";
    const address = insecure
      ? `${main.replace("127.0.0.1", "relatch.test")}${path}?realm=${realm}&api=${encodeURIComponent(main)}`
      : `${main}${path}?realm=${realm}${worker}`;
    const page = await world.tab(context, address);
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
      tab: () => world.tab(context, address),
      close: () => context.close(),
    };
  };
  world.tab = async (context, address) => {
    const page = await context.newPage();
    page.setDefaultTimeout(60_000);
    page.on("pageerror", (error) => world.errors.push(String(error)));
    await page.goto(address);
    await page.waitForFunction(() => globalThis.ready);
    return page;
  };
  return world;
}
