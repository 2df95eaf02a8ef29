// WebKit for the end-to-end tests: WebKitGTK's MiniBrowser by its own driver, on a display that nobody sees. It looks
// to the harness as a browser of playwright does, as far as the tests ask that run in it.
//
// The driver does one thing at a time for one window, and a command that waits for a promise would block all others. So
// a function is started in its page, and its page is asked now and then whether it has come to an end.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { Builder } from "selenium-webdriver";

const BROWSER = process.env.WEBKIT ?? "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const POLL_MS = 10;
const LIMIT_MS = 60_000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/**
 * In the page: starts a function, and keeps what it came to as JSON that also knows `undefined` and odd numbers. The
 * odd names are those that no test's function means otherwise.
 */
const START = (source) => `
  const $isOdd = (v) => v === undefined || (typeof v === "number" && !Number.isFinite(v));
  const $plain = (_key, v) => $isOdd(v) ? { $: String(v) } : v;
  const [$id, $given] = arguments;
  globalThis.$kept ??= new Map();
  $kept.set($id, null);
  (async () => (${source})(...$given))().then(
    (value) => $kept.set($id, JSON.stringify({ value }, $plain)),
    (error) => $kept.set($id, JSON.stringify({ error: String(error?.stack ? error + "\\n" + error.stack : error) })),
  );`;

const POLL = `
  const [id] = arguments;
  const kept = globalThis.$kept;
  if (!kept?.has(id)) return "gone";
  const result = kept.get(id);
  if (result !== null) kept.delete(id);
  return result;`;

function restored(value) {
  if (typeof value !== "object" || value === null) return value;
  if (Object.keys(value).join() === "$") return value.$ === "undefined" ? undefined : Number(value.$);
  for (const [key, inner] of Object.entries(value)) value[key] = restored(inner);
  return value;
}

/** Errors that nobody handled are asked for before a page goes. */
const WATCH = `
  if (globalThis.$errors) return;
  globalThis.$errors = [];
  addEventListener("error", ({ message }) => $errors.push(message));
  addEventListener("unhandledrejection", ({ reason }) => $errors.push(String(reason)));`;

class Page {
  #context;
  #handle;
  #ids = 0;
  #heard = () => {};

  constructor(context, handle) {
    this.#context = context;
    this.#handle = handle;
  }

  setDefaultTimeout() {}

  on(type, hear) {
    if (type === "pageerror") this.#heard = hear;
  }

  #run(what) {
    return this.#context.run(this.#handle, what);
  }

  async goto(url) {
    await this.#told();
    await this.#run((driver) => driver.get(url));
    await this.#run((driver) => driver.executeScript(WATCH));
  }

  async reload() {
    await this.goto(await this.evaluate(() => location.href));
  }

  async evaluate(what, ...given) {
    const id = `${this.#handle} ${++this.#ids}`;
    const source = typeof what === "function" ? String(what) : `() => (${what})`;
    await this.#run((driver) => driver.executeScript(START(source), id, given));
    for (;;) {
      const result = await this.#run((driver) => driver.executeScript(POLL, id));
      if (result === "gone") throw new Error("the page went away in the middle of it");
      if (result !== null) {
        const { value, error } = restored(JSON.parse(result));
        if (error !== undefined) throw new Error(error);
        return value;
      }
      await pause(POLL_MS);
    }
  }

  async waitForFunction(what, given) {
    const end = Date.now() + LIMIT_MS;
    while (!(await this.evaluate(what, given))) {
      if (Date.now() > end) throw new Error(`waited for in vain: ${what}`);
      await pause(POLL_MS);
    }
  }

  /** Hands over the page's errors. */
  async #told() {
    const errors = await this.#run((driver) => driver.executeScript("return globalThis.$errors?.splice(0) ?? []"));
    for (const error of errors) this.#heard(error);
  }

  async close() {
    await this.#told();
    await this.#context.closed(this.#handle);
  }

  told() {
    return this.#told();
  }
}

/** A profile of its own: a session of the driver's, which ends with it. */
class Context {
  #driver;
  #end;
  #pages = new Map();
  #current;
  #last = Promise.resolve();

  constructor(driver, end) {
    this.#driver = driver;
    this.#end = end;
  }

  /** One command after the other, each in its own window. */
  run(handle, what) {
    const result = this.#last.then(async () => {
      if (handle !== this.#current) await this.#driver.switchTo().window(handle);
      this.#current = handle;
      return what(this.#driver);
    });
    this.#last = result.catch(() => {});
    return result;
  }

  async newPage() {
    const opened = this.#last.then(async () => {
      if (this.#pages.size > 0) await this.#driver.switchTo().newWindow("tab");
      this.#current = await this.#driver.getWindowHandle();
      return this.#current;
    });
    this.#last = opened.catch(() => {});
    const handle = await opened;
    const page = new Page(this, handle);
    this.#pages.set(handle, page);
    return page;
  }

  async closed(handle) {
    await this.run(handle, (driver) => driver.close());
    this.#current = undefined;
    this.#pages.delete(handle);
  }

  async close() {
    for (const page of this.#pages.values()) await page.told();
    await this.#driver.quit();
    this.#end();
  }
}

export async function launchWebKit() {
  const display = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [number] = await once(createInterface({ input: display.stdout }), "line");
  const contexts = new Set();
  return {
    newContext: async () => {
      const port = await freePort();
      const env = { ...process.env, DISPLAY: `:${number}`, WEBKIT_DISABLE_COMPOSITING_MODE: "1" };
      // One driver has one session.
      const service = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], { env, stdio: "ignore" });
      const server = `http://127.0.0.1:${port}`;
      for (let i = 0; !(await fetch(`${server}/status`).catch(() => null)); i++) {
        if (i > 200) throw new Error("WebKitWebDriver does not answer");
        await pause(50);
      }
      const capabilities = {
        browserName: "MiniBrowser",
        "webkitgtk:browserOptions": { binary: BROWSER, args: ["--automation"] },
      };
      const driver = await new Builder().usingServer(server).withCapabilities(capabilities).build();
      const context = new Context(driver, () => {
        contexts.delete(context);
        service.kill();
      });
      contexts.add(context);
      return context;
    },
    close: async () => {
      for (const context of contexts) await context.close();
      display.kill();
    },
  };
}
