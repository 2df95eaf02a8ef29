// What happens to the tabs in the soak, and how often.
import { sleep, spin, stopStorage } from "./stage.mjs";

const USERS = ["ada", "grace", "alan", "edsger"];
const KINDS = ["plain", "plain", "plain", "slow", "slow", "away"];
const MINUTE = 60_000;
/** A logout and a login of the same moment have no order that anybody could hold us to. */
const APART_MS = 1_500;
/** More starts without need than five in 30 s are held up by the guard (G2), which is no fault. */
const EXPIRE_APART_MS = 9_000;
/** Nobody's session for so long is enough. */
const NOBODY_MS = 2_000;
const SETTLE_MS = 1_000;
const SETTLED_MS = 25_000;
const LIMIT_MS = 20_000;

const between = ({ draw }, from, to) => from + draw() * (to - from);

/** Is it allowed again? One at a time, with so much between. */
function mayAgain(soak, name, apart) {
  const last = soak[name];
  if (last !== undefined && Date.now() - last < apart) return false;
  soak[name] = Date.now();
  return true;
}

const burst = (soak, from, to) =>
  Array.from({ length: Math.round(between(soak, from, to)) }, () => [soak.pick(KINDS), soak.draw() < 0.3]);

const storm = (soak) => {
  const tab = soak.tabs.any();
  if (!tab) return;
  const kinds = burst(soak, 1, 12);
  soak.tabs.begin(`${tab.id}: ${kinds.length} calls`, () => soak.tabs.storm(tab, kinds));
};

/** All tabs at once: each starts a refresh, if one is due. */
const storms = (soak) => {
  for (const tab of soak.tabs.open.filter(({ frozen, gone }) => !frozen && !gone)) {
    const kinds = burst(soak, 1, 4);
    soak.tabs.begin(`${tab.id}: ${kinds.length} calls, with the others`, () => soak.tabs.storm(tab, kinds));
  }
};

/** The user changes in one tab; what follows is not waited for. */
function identity(soak, name, words, run) {
  const tab = soak.tabs.any();
  if (!tab || soak.changing || !mayAgain(soak, "changed", APART_MS)) return;
  soak.changing = true;
  // Until it is done anything may be true.
  soak.expected = undefined;
  soak.tabs
    .begin(`${tab.id}: ${words}`, async () => {
      await run(tab.page);
      soak.expected = { name };
      soak.expectedSince = Date.now();
    })
    .finally(() => {
      soak.changing = false;
      soak.changed = Date.now();
    });
}

const login = (soak) => {
  const name = soak.pick(USERS);
  soak.server.set({ lifetimeMs: between(soak, 1_500, 5_000), refreshDelayMs: between(soak, 0, 400) });
  identity(soak, name, `login as ${name}`, (page) => page.evaluate((name) => signIn(name), name));
};

/** Nobody's session has nothing to break: soon after it ended, by a logout or by a spent token, somebody signs in. */
export function comeBack(soak) {
  const { expected, expectedSince } = soak;
  const ended = expected?.name ? soak.server.lastReuse() : expectedSince;
  const isOver = !expected || (ended >= expectedSince && Date.now() - ended > NOBODY_MS);
  if (isOver) login(soak);
}

const logout = (soak) => identity(soak, null, "logout", (page) => page.evaluate(() => signOut()));

/** Ends a tab, by one of the ways in which tabs end. */
const ending = (way) => (soak) => {
  const tab = soak.tabs.any();
  if (!tab || soak.tabs.open.length < 3) return;
  soak.tabs.begin(`${tab.id}: ${way}`, () => soak.tabs[way](tab));
};

/** The access tokens run out, all tabs ask at once, and one of them refreshes. */
function expire(soak) {
  if (!mayAgain(soak, "expired", EXPIRE_APART_MS)) return false;
  soak.note("the server lets every access token expire")();
  soak.server.expire();
  storms(soak);
  return true;
}

const stop = async (soak) => {
  if (soak.stopped) return;
  soak.stopped = true;
  const ms = between(soak, 200, 1_500);
  const words = `the storage service is stopped for ${Math.round(ms)} ms`;
  soak.tabs
    .begin(words, () => stopStorage(soak.browser, ms))
    .finally(() => {
      soak.stopped = false;
    });
};

export const ACTIONS = [
  { name: "calls", weight: 30, run: storm },
  { name: "storm", weight: 12, run: storms },
  { name: "login", weight: 2, run: login },
  { name: "logout", weight: 0.8, run: logout },
  { name: "close", weight: 2, run: ending("close") },
  { name: "reload", weight: 2, run: ending("reload") },
  { name: "crash", weight: 1, run: ending("crash"), only: "chromium" },
  { name: "expire", weight: 4, run: expire },
  {
    name: "expire-stop",
    weight: 4,
    only: "chromium",
    // The record of a refresh is written while nothing gets from one process to another.
    run(soak) {
      if (!expire(soak)) return;
      soak.tabs.begin("and soon …", async () => {
        await sleep(between(soak, 20, 400));
        await stop(soak);
      });
    },
  },
  {
    name: "freeze",
    weight: 2,
    only: "chromium",
    run(soak) {
      const tab = soak.tabs.any();
      if (!tab || soak.tabs.open.some(({ frozen }) => frozen)) return;
      const ms = between(soak, 300, 3_000);
      soak.tabs.begin(`${tab.id}: frozen for ${Math.round(ms)} ms`, () => soak.tabs.freeze(tab, ms));
    },
  },
  { name: "stop", weight: 3, only: "chromium", run: stop },
  {
    name: "jump",
    weight: 1,
    run(soak) {
      const ms = Math.round(between(soak, -60, 60)) * MINUTE;
      soak.tabs.begin(`the wall clock is ${ms / MINUTE} min off`, () => soak.tabs.jump(ms));
    },
  },
  {
    name: "base",
    weight: 3,
    run(soak) {
      const tab = soak.tabs.any();
      if (!tab) return;
      const kinds = burst(soak, 2, 6);
      const ms = between(soak, 50, 600);
      soak.tabs.begin(`${tab.id}: ${kinds.length} calls, then <base> moves for ${Math.round(ms)} ms`, async () => {
        const calls = soak.tabs.storm(tab, kinds);
        await Promise.all([calls, tab.page.evaluate((ms) => moveBase(ms), ms)]);
      });
    },
  },
  {
    name: "spin",
    weight: 1,
    run(soak) {
      if (soak.spinning) return;
      soak.spinning = true;
      const ms = between(soak, 1_000, 5_000);
      soak.tabs
        .begin(`two processes use the CPU for ${Math.round(ms)} ms`, async () => {
          const stop = spin(2);
          await sleep(ms);
          stop();
        })
        .finally(() => (soak.spinning = false));
    },
  },
];

/** Everything ends, and then every tab must be what the last login or logout made it. */
export async function rest(soak) {
  const { tabs } = soak;
  const over = soak.note("rest");
  while (tabs.busy.size) await Promise.all(tabs.busy);
  await sleep(SETTLE_MS);
  // Whose session a spent token has ended is not asked: that was a violation already, or is excused.
  const { expected, expectedSince } = soak;
  const isKnown = expected && !(soak.server.lastReuse() >= expectedSince);
  const until = Date.now() + SETTLED_MS;
  let wrong;
  do {
    wrong = [];
    for (const tab of [...tabs.open]) {
      const seen = await tab.page.evaluate((ms) => look(ms), LIMIT_MS).catch((error) => tabs.replace(tab, error));
      if (!seen) continue;
      tabs.judge(seen);
      const right = expected?.name ? seen.got === 200 && seen.user === expected.name : seen.status === "signed-out";
      if (isKnown && !right) wrong.push(`${tab.id} ${JSON.stringify(seen)}`);
    }
    if (wrong.length) await sleep(500);
  } while (wrong.length && Date.now() < until);
  if (wrong.length) {
    soak.violate(
      `the session should be ${expected.name ?? "nobody"}'s, and is not in ${wrong.join(", ")}`,
      expectedSince,
    );
  }
  soak.rests = (soak.rests ?? 0) + 1;
  over();
  if (!isKnown || wrong.length) login(soak);
}
