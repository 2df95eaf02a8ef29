// The tabs of the soak: opened, lost, asked, and what is known of each.
import { freeze } from "../e2e/scenarios/tabs.mjs";
import { sleep } from "./stage.mjs";

/** A page that is ended may lose the answer to a refresh, or the record that it wrote of it, for so long after it. */
const LOST_MS = 3_000;
/** Beyond the refresh's deadline, the lock's, and what stands still meanwhile. */
const LIMIT_MS = 40_000;
const OPEN_MS = 30_000;
const GONE =
  /is not defined|closed|crash|destroyed|detached|navigat|Target|not attached|no such|discarded|BrowsingContext/i;

export class Tabs {
  #soak;
  #context;
  #wanted;
  #made = 0;
  /** When each page that is gone was ended. */
  #ended = new Map();
  #wall = 0;
  /** @type {{ id: string, page: any, frozen: boolean, gone: boolean }[]} */
  open = [];
  /** Everything under way that a rest waits for. */
  busy = new Set();
  counts = { settled: 0, ok: 0, opened: 0, ended: 0 };
  #own;

  constructor(soak, context, wanted) {
    this.#soak = soak;
    this.#context = context;
    this.#wanted = wanted;
    this.#own = soak.draw() < 0.3;
  }

  /** Does it while other things happen; a rest waits for it. */
  begin(words, run) {
    const over = this.#soak.note(words);
    const doing = run()
      .catch((error) => {
        // A page that ends under our hands is the soak's own doing; Firefox may ask the one that follows it.
        if (!GONE.test(String(error))) throw error;
      })
      .catch((error) => this.#soak.violate(`${words}: ${error.stack ?? error}`))
      .finally(() => {
        over();
        this.busy.delete(doing);
      });
    this.busy.add(doing);
    return doing;
  }

  async fill() {
    while (this.open.length < this.#wanted) await this.add();
  }

  #address(id) {
    const { origin, foreignOrigin } = this.#soak.server;
    // The same in all tabs: whose header it is belongs to the application. That `fetch` awaits is a tab's own.
    const query = {
      page: id,
      foreign: foreignOrigin,
      own: Number(this.#own),
      waits: this.#made % 2,
      clock: this.#wall,
    };
    return `${origin}/?${new URLSearchParams(query)}`;
  }

  async #load(page) {
    const id = `p${++this.#made}`;
    this.counts.opened++;
    await page.goto(this.#address(id));
    await page.waitForFunction(() => globalThis.ready, { timeout: OPEN_MS });
    return id;
  }

  async add() {
    const page = await this.#context.newPage();
    const id = await this.#load(page);
    this.open.push({ id, page, frozen: false, gone: false });
    return id;
  }

  /** One that is there and runs. */
  any() {
    return this.#soak.pick(this.open.filter(({ frozen, gone }) => !frozen && !gone));
  }

  /** From now on its answers may be lost. */
  #ends(tab) {
    tab.gone = true;
    this.counts.ended++;
    this.#ended.set(tab.id, Date.now());
  }

  #drop(tab) {
    this.open.splice(this.open.indexOf(tab), 1);
  }

  async close(tab) {
    this.#ends(tab);
    this.#drop(tab);
    await tab.page.close();
    await this.add();
  }

  async crash(tab) {
    this.#ends(tab);
    this.#drop(tab);
    const crashed = new Promise((resolve) => tab.page.on("crash", resolve));
    (await this.#context.newCDPSession(tab.page)).send("Page.crash").catch(() => {});
    await crashed;
    await tab.page.close();
    await this.add();
  }

  /** One that the driver has lost: Firefox gives a page another frame now and then. Any other error is one. */
  async replace(tab, error) {
    if (!GONE.test(String(error))) throw error;
    this.#ends(tab);
    this.#drop(tab);
    await tab.page.close().catch(() => {});
    await this.fill();
  }

  async reload(tab) {
    this.#ends(tab);
    this.#drop(tab);
    const id = await this.#load(tab.page);
    this.open.push({ ...tab, id, gone: false });
  }

  async freeze(tab, ms) {
    tab.frozen = true;
    const thaw = await freeze({ context: this.#context }, tab.page);
    await sleep(ms);
    await thaw();
    tab.frozen = false;
  }

  /** The wall clock of the machine jumps: each tab hears of it a little later. */
  async jump(ms) {
    this.#wall = ms;
    await Promise.all(
      this.open.map(({ page }) => page.evaluate((ms) => Object.assign(globalThis, { ahead: ms }) && undefined, ms)),
    );
  }

  /** May the answer to this use of a refresh token have been lost with its page? */
  mayHaveLost({ page, at }) {
    const ended = this.#ended.get(page);
    return ended !== undefined && ended < at + LOST_MS;
  }

  async storm(tab, kinds) {
    const results = await tab.page.evaluate(([kinds, ms]) => storm(kinds, ms), [kinds, LIMIT_MS]);
    for (const result of results) this.judge(result);
  }

  /** What must hold of every call that came back. */
  judge({ id, kind, intent, got, user, ms }) {
    const { violate, server } = this.#soak;
    this.counts.settled++;
    if (got === 200) this.counts.ok++;
    if (got === "late") violate(`${id} (${kind}) has not settled within ${LIMIT_MS} ms`, Date.now() - LIMIT_MS);
    if (/another body/.test(got)) violate(`${id} (${kind}): ${got}`);
    const others = [...(server.users.get(id) ?? [])].filter((name) => name !== intent);
    server.users.delete(id);
    if (intent !== null && others.length) {
      violate(
        `${id} (${kind}) was ${intent}'s, and carried a token of ${others}; it got ${got} of ${user}`,
        Date.now() - ms,
      );
    }
  }

  stop() {
    this.busy.clear();
  }
}
