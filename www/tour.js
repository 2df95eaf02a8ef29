// The tour's page: a card for each scenario, one running at a time, both lanes side by side.
import { byId, el, isUsable, setText, setUsable } from "./dom.js";
import { Lane } from "./lane.js";
import { scenarios } from "./scenarios.js";

/** Rows of a card's table: a figure's name, its title, and what makes it good; `null`: neither good nor bad. */
const ROWS = [
  ["right", "calls answered as sent", (f) => f.right === f.calls],
  ["requests", "requests to the API", null],
  ["unauthorized", "of these, answered 401", null],
  ["refreshes", "refreshes", null],
  ["reuse", "refresh tokens used twice", (f) => f.reuse === 0],
  ["hung", "calls that hung", (f) => f.hung === 0],
  ["signedIn", "signed in afterwards", null],
];
const KINDS = ["relatch", "naive"];
let running = false;

const shown = (figures, name) =>
  name === "right"
    ? `${figures.right} of ${figures.calls}`
    : typeof figures[name] === "boolean"
      ? figures[name]
        ? "yes"
        : "no"
      : String(figures[name]);

class Card {
  constructor(scenario) {
    this.scenario = scenario;
    this.button = el(
      "button",
      { type: "button", id: `run-${scenario.id}`, "aria-describedby": `words-${scenario.id}` },
      "Run",
    );
    this.button.addEventListener("click", () => isUsable(this.button) && runAll([this]));
    this.state = el("p", { class: "state", role: "status", id: `state-${scenario.id}` });
    this.why = el("p", { class: "why", hidden: true }, scenario.why);
    this.cells = {};
    const rows = ROWS.filter(([name]) => name !== "hung" || scenario.id === "hung").map(([name, title]) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, title),
        ...KINDS.map(
          (kind) => (this.cells[`${kind}-${name}`] = el("td", { "data-lane": kind, "data-figure": name }, "–")),
        ),
      ),
    );
    const head = el(
      "tr",
      {},
      el("td", {}),
      el("th", { scope: "col" }, "relatch"),
      el("th", { scope: "col" }, "usual wrapper"),
    );
    this.element = el(
      "section",
      { class: "card scenario", id: scenario.id, "aria-labelledby": `title-${scenario.id}` },
      el(
        "div",
        {},
        el("h2", { id: `title-${scenario.id}` }, scenario.title),
        el("p", { id: `words-${scenario.id}` }, scenario.words),
        this.button,
        this.state,
        this.why,
      ),
      el("table", { class: "lanes" }, el("thead", {}, head), el("tbody", {}, ...rows)),
    );
  }

  async run() {
    this.element.dataset.state = "running";
    setText(this.state, "Running …");
    this.why.hidden = true;
    try {
      const [relatch, naive] = await Promise.all(KINDS.map((kind) => this.#lane(kind)));
      const ok = this.scenario.ok(relatch);
      this.element.dataset.state = ok ? "good" : "bad";
      setText(
        this.state,
        ok
          ? this.scenario.ok(naive)
            ? "Both come through."
            : "relatch comes through; the usual wrapper does not."
          : "relatch did not come through: please report this.",
      );
      this.why.hidden = false;
    } catch (error) {
      this.element.dataset.state = "bad";
      setText(this.state, `It could not be run: ${error.message}.`);
    }
  }

  async #lane(kind) {
    const { scenario } = this;
    const lane = new Lane(kind, { ...scenario.client, ...(kind === "naive" && scenario.naive) });
    try {
      if (scenario.before) await lane.control(scenario.before);
      await lane.signIn();
      await scenario.run(lane);
      const figures = { ...(await lane.figures()), hung: lane.hung ?? 0 };
      this.#show(kind, figures);
      return figures;
    } finally {
      lane.end();
    }
  }

  #show(kind, figures) {
    for (const [name, , isGood] of ROWS) {
      const cell = this.cells[`${kind}-${name}`];
      if (!cell) continue;
      setText(cell, shown(figures, name));
      // After a logout nobody should be signed in, and everywhere else the user should.
      const good =
        name === "signedIn"
          ? figures.signedIn !== (this.scenario.id === "logout")
          : name === "right" && this.scenario.id === "logout"
            ? null
            : isGood?.(figures);
      if (typeof good === "boolean") cell.dataset.good = String(good);
    }
  }
}

const cards = scenarios.map((scenario) => new Card(scenario));
byId("scenarios").append(...cards.map(({ element }) => element));

/** One after the other: they would disturb each other's times. */
async function runAll(which) {
  if (running) return;
  running = true;
  const buttons = [byId("all"), ...cards.map(({ button }) => button)];
  for (const button of buttons) setUsable(button, false);
  for (const card of which) {
    if (which.length > 1) card.element.scrollIntoView({ block: "nearest" });
    await card.run();
  }
  for (const button of buttons) setUsable(button, true);
  running = false;
}

byId("all").addEventListener("click", () => isUsable(byId("all")) && runAll(cards));
try {
  const response = await fetch("/config.json");
  if (!response.ok) throw new Error(`it answered ${response.status}`);
} catch (error) {
  byId("problem").hidden = false;
  setText(byId("problem"), `The demo server cannot be reached: ${error.message}. Start it again and reload this page.`);
}
