// What a consumer's cases are given: a realm of the server of their own, commands, a web server, a page.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { BROWSERS } from "../e2e/harness.mjs";

/** Long enough for a cold build on a busy machine, short enough to be told. */
const LIMIT_MS = 300_000;
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
};

const start = (dir, program, args, env) =>
  spawn(program, args, {
    cwd: dir,
    // A group of its own, so that what it starts in turn ends with it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", CI: "1", NEXT_TELEMETRY_DISABLED: "1", NODE_OPTIONS: "", ...env },
  });

function stop(child) {
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** What the command prints; what it printed is in the error if it fails. */
export function exec(dir, program, args, env = {}) {
  return new Promise((resolve, reject) => {
    const child = start(dir, program, args, env);
    let out = "";
    let all = "";
    child.stdout.on("data", (data) => {
      out += data;
      all += data;
    });
    child.stderr.on("data", (data) => (all += data));
    const timer = setTimeout(() => {
      all += "\n(stopped: too slow)";
      stop(child);
    }, LIMIT_MS);
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(timer);
      if (code === 0) resolve(out);
      else reject(new Error(`${program} ${args.join(" ")} failed (${code}): ${all.trim().slice(-2000)}`));
    });
  });
}

/** The browser, started by the first who needs it. */
export function launch() {
  let browser;
  return { get: () => (browser ??= BROWSERS.chromium()), peek: async () => browser };
}

let realms = 0;

export class Case {
  #world;
  #ends = [];

  constructor(world, dir) {
    this.#world = world;
    this.dir = dir;
    const realm = `/t/consumer-${process.pid}-${++realms}`;
    this.api = world.main + realm;
    /** The same realm at another origin. */
    this.second = world.second + realm;
  }

  async end() {
    for (const end of this.#ends.reverse()) await end();
  }

  #env() {
    return { RELATCH_API: this.api, RELATCH_SECOND: this.second };
  }

  /** A tool of the project's node_modules, or a program. */
  #program(name) {
    return name === "node" ? process.execPath : join(this.dir, "node_modules/.bin", name);
  }

  exec(name, ...args) {
    return exec(this.dir, this.#program(name), args, this.#env());
  }

  /** The outcome that a program prints as its last line. */
  async outcome(name, ...args) {
    const lines = (await this.exec(name, ...args)).trim().split("\n");
    return JSON.parse(lines.at(-1));
  }

  /** A program that serves; PORT in its arguments is replaced. */
  async start(name, ...args) {
    const port = await freePort();
    const child = start(
      this.dir,
      this.#program(name),
      args.map((arg) => arg.replace("PORT", port)),
      this.#env(),
    );
    this.#ends.push(() => stop(child));
    let all = "";
    let ended = false;
    child.stdout.on("data", (data) => (all += data));
    child.stderr.on("data", (data) => (all += data));
    child.on("close", () => (ended = true));
    const origin = `http://127.0.0.1:${port}`;
    const until = Date.now() + LIMIT_MS;
    while (!ended && Date.now() < until) {
      if (
        await fetch(origin).then(
          () => true,
          () => false,
        )
      )
        return origin;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${name} does not serve: ${all.slice(-2000)}`);
  }

  /** The folder's files at a free port. */
  async serve(folder, headers = {}) {
    const root = join(this.dir, folder);
    const server = createServer(async (request, response) => {
      let file = join(root, normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)));
      if ((await stat(file).catch(() => null))?.isDirectory()) file = join(file, "index.html");
      const body = await readFile(file).catch(() => null);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      response.writeHead(body ? 200 : 404, { "content-type": type, ...headers }).end(body ?? "");
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#ends.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return `http://127.0.0.1:${server.address().port}`;
  }

  /** What the page at this address publishes. */
  async browse(origin, path = "/") {
    return this.use(
      origin,
      async (page) => {
        // Not waitForFunction, which a policy without unsafe-eval forbids.
        const until = Date.now() + 120_000;
        for (;;) {
          // A dev server may reload the page under our hands.
          const outcome = await page.evaluate(() => globalThis.outcome).catch(() => undefined);
          if (outcome) return outcome;
          if (Date.now() > until) throw new Error("the page publishes nothing");
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
      path,
    );
  }

  /** What is made of the page at this address. An error of the page's is the case's. */
  async use(origin, what, path = "/") {
    const browser = await this.#world.browser.get();
    const context = await browser.newContext();
    this.#ends.push(() => context.close());
    const page = await context.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    const url = new URL(path, origin);
    url.searchParams.set("api", this.api);
    await page.goto(url.href);
    // The twenty 401s are what the browser logs as errors too.
    const bad = () => errors.filter((text) => !/status of 401|favicon|status of 404/.test(text)).join("; ");
    try {
      const outcome = await what(page);
      return outcome.error || !bad() ? outcome : { ...outcome, error: bad(), right: 0 };
    } catch (error) {
      throw new Error(`${error.message}: ${bad()}`);
    }
  }
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
