// Real tabs, a server that rotates strictly, and everything at once, by seed. Needs `cargo xtask build`.
//
//   node tests/soak/soak.mjs --minutes N [--seed S] [--browser chromium|firefox] [--tabs 7] [--without NAME,…]
//
// --without: leaves these actions out, by their names in actions.mjs; to look for what a violation hides.
// The seed decides which actions follow each other; what the machine makes of them is its own. A violation is printed
// with the actions that led there. What must hold, and is looked at in the server:
//
//   - no spent refresh token is sent, but where the answer may have been lost with its page;
//   - no call of one user carries another's token;
//   - nobody is signed out wrongly: at each rest every tab is what the last login or logout made it;
//   - every call settles in time;
//   - no token reaches another origin.
import { launchFirefox } from "../e2e/firefox.mjs";
import { ACTIONS, comeBack, rest } from "./actions.mjs";
import { startServer } from "./server.mjs";
import { launchChromium, numberOf, random, sleep } from "./stage.mjs";
import { Tabs } from "./tabs.mjs";

/** The longest pause between two actions. */
const PAUSE_MS = 300;
const REST_EVERY_MS = 20_000;
/** An action is printed with a violation if it began so long before what led there. */
const BEFORE_MS = 6_000;
const VIOLATIONS_MAX = 5;
const KEPT = 2_000;
/** What follows a violation so closely has the same cause, and the actions are not printed again. */
const SAME_MS = 2_000;

const textOf = (name, fallback) => process.argv[process.argv.indexOf(`--${name}`) + 1 || Infinity] ?? fallback;

const minutes = numberOf("minutes", 3);
const seed = numberOf("seed", Date.now() % 2 ** 32);
const kind = textOf("browser", "chromium");
const without = textOf("without", "").split(",");
const draw = random(seed);
const start = Date.now();
const actions = [];
const violations = [];
let latest = -SAME_MS;
const again = `node tests/soak/soak.mjs --minutes ${minutes} --seed ${seed} --browser ${kind}`;

const at = (time) => `${((time - start) / 1000).toFixed(2).padStart(8)} s`;

/** Remembers what was done, and gives what says that it is over. */
function note(words) {
  const entry = { from: Date.now(), to: undefined, words };
  actions.push(entry);
  if (actions.length > KEPT) actions.shift();
  return () => (entry.to ??= Date.now());
}

function violate(what, from = Date.now()) {
  violations.push(what);
  console.log(`\nVIOLATION at ${at(Date.now())}: ${what}`);
  const isSame = Date.now() - latest < SAME_MS;
  latest = Date.now();
  if (isSame) return;
  console.log("What led there:");
  for (const { from: began, to, words } of actions) {
    if ((to ?? Infinity) < from - BEFORE_MS) continue;
    console.log(`${at(began)} … ${to ? at(to) : "   still on"}  ${words}`);
  }
  console.log(`Again: ${again}\n`);
}

console.log(`soak: ${again}`);
const browser = await { chromium: launchChromium, firefox: launchFirefox }[kind]();
const soak = { browser, draw, note, violate, start, pick: (list) => list[Math.floor(draw() * list.length)] };
// A generator of its own: the server's draws are as many as its requests, and must not move the order of actions.
soak.server = await startServer({ violate, isExcused: (use) => soak.tabs.mayHaveLost(use), draw: random(seed + 1) });
try {
  soak.tabs = new Tabs(soak, await browser.newContext(), numberOf("tabs", 6 + Math.floor(draw() * 3)));
  await soak.tabs.fill();
  const able = ACTIONS.filter(({ name, only }) => (!only || only === kind) && !without.includes(name));
  const weights = able.reduce((sum, { weight }) => sum + weight, 0);
  let rested = Date.now();
  while (Date.now() < start + minutes * 60_000 && violations.length < VIOLATIONS_MAX) {
    let left = draw() * weights;
    const action = able.find(({ weight }) => {
      left -= weight;
      return left < 0;
    });
    await action.run(soak);
    await sleep(draw() * PAUSE_MS);
    comeBack(soak);
    if (Date.now() - rested > REST_EVERY_MS) {
      await rest(soak);
      rested = Date.now();
    }
  }
  await rest(soak);
} finally {
  soak.tabs?.stop();
  soak.server.stop();
  await browser.close();
}
const figures = { seed, seconds: Math.round((Date.now() - start) / 1000), violations: violations.length };
console.log(`soak: ${JSON.stringify({ ...figures, rests: soak.rests, ...soak.tabs.counts, ...soak.server.counts })}`);
if (!soak.rests || !soak.server.counts.refreshes)
  violate("the soak did nothing: no rest was reached, or no refresh made");
process.exit(violations.length ? 1 : 0);
