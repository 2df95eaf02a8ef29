// What the soak and the measurements share: the server, a browser whose processes are ours, and what disturbs it.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { chromium, options } from "../e2e/chromium.mjs";
import { startServer } from "../e2e/server.mjs";

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A generator of numbers from 0 to below 1, the same for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The middle one. */
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Processes that do nothing but use the CPU, and what stops them. */
export function spin(n) {
  const children = Array.from({ length: n }, () => spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" }));
  const stop = () => {
    for (const child of children) child.kill("SIGKILL");
  };
  process.once("exit", stop);
  return stop;
}

/** Chromium as a process of ours: playwright's `launch` does not say which one it is. */
export async function launchChromium() {
  const server = await chromium.launchServer(options);
  const browser = await chromium.connect(server.wsEndpoint());
  return Object.assign(browser, {
    pid: server.process().pid,
    close: () => server.close(),
  });
}

/** The children of a process, and theirs. */
function descendants(pid) {
  const parents = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The fourth field, after a name in brackets that may hold anything.
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]));
    } catch {
      // It is gone already.
    }
  }
  const under = (child) => child === pid || (parents.has(child) && under(parents.get(child)));
  return [...parents.keys()].filter((child) => child !== pid && under(child));
}

/** The browser's storage service, through which localStorage gets from one process to another; undefined: none yet. */
export function storageService(browser) {
  return descendants(browser.pid).find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("storage.mojom.StorageService");
    } catch {
      return false;
    }
  });
}

/** Stops the storage service for so long. What was written meanwhile reaches other tabs when it goes on. */
export async function stopStorage(browser, ms) {
  const pid = storageService(browser);
  if (pid === undefined) throw new Error("the browser has no storage service: nothing would be disturbed");
  process.kill(pid, "SIGSTOP");
  try {
    await sleep(ms);
  } finally {
    process.kill(pid, "SIGCONT");
  }
}

let realms = 0;

/** A realm of the server's own, and how it is asked and told. */
export function realmOf(server) {
  const realm = `soak-${process.pid}-${++realms}`;
  const api = `${server.main}/t/${realm}`;
  const post = async (route, body = {}) => {
    const response = await fetch(api + route, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${route}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    realm,
    api,
    page: `${server.main}/tests/e2e/page.html?realm=${realm}`,
    control: (settings) => post("/control", settings),
    expire: () => post("/control/expire"),
    counters: async () => (await fetch(`${api}/control/counters`)).json(),
  };
}

/** Runs what is given with a server and a browser, and stops both whatever happens. */
export async function staged(run, launch = launchChromium) {
  const server = await startServer();
  try {
    const browser = await launch();
    try {
      return await run({ server, browser });
    } finally {
      await browser.close();
    }
  } finally {
    server.stop();
  }
}

/** `--name value` of the command line as a number. */
export function numberOf(name, fallback) {
  const at = process.argv.indexOf(`--${name}`);
  const value = at < 0 ? fallback : Number(process.argv[at + 1]);
  if (!(value >= 0)) throw new Error(`--${name} needs a number from 0`);
  return value;
}
