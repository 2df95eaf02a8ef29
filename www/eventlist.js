// What the session said and what the visitor did, newest first.
import { byId, clock, duration, el, plural } from "./dom.js";

const ITEMS_MAX = 200;
/** 200 requests make 400 events. Ones of a kind that come in a row share a line. */
const GROUP_MS = 1000;

const REASONS = {
  rejected: "the API rejected the access token",
  expired: "the access token was expired or gone",
  advisory: "the access token was near its end",
  forced: "it was asked for",
};

const CHANGES = {
  tokens: "Saw that the tokens in the store were changed by another tab or the developer tools.",
  "signed-in": "Another tab signed in.",
  "signed-out": "Another tab signed out.",
};

const SAY = {
  refreshed: (d) =>
    `Refreshed in ${duration(d.durationMs)}, because ${REASONS[d.reason] ?? d.reason}. ` +
    `${plural(d.waiting, "request")} waited. Generation ${d.generation}.`,
  adopted: (d) => `${CHANGES[d.change] ?? "The store changed."} Generation ${d.generation}.`,
  changed: (d) => (d.change === "signed-in" ? "Signed in." : "Signed out."),
  replayed: (_, n) => `${plural(n, "request")} sent again with the new token.`,
  held: (d, n) => `${plural(n, "request")} held behind the refresh, ${d.sent ? "with a 401" : "not yet sent"}.`,
  expired: (d) => `The session is over (the auth server answered ${d.status}). Sign in again.`,
  failed: (d) =>
    `${d.message} (${d.code})${d.retryInMs > 0 ? `. No refresh is tried for ${duration(d.retryInMs)}` : ""}.`,
  "step-up": (d) => `The server wants stronger authentication: ${d.acrValues ?? "unnamed"}.`,
};

const TYPES = Object.keys(SAY);

export class EventList {
  #list = byId("events");
  #empty = byId("events-empty");
  #last = null;

  /** Listens to a session until `signal` aborts. */
  listen(session, signal) {
    for (const type of TYPES) {
      session.addEventListener(type, ({ detail }) => this.#show(type, detail), { signal });
    }
  }

  /** What the visitor or the page did. `kind`: you or error. */
  add(kind, text) {
    this.#last = null;
    this.#put(kind, text);
  }

  #show(type, detail) {
    const now = performance.now();
    const key = `${type}/${detail.sent ?? ""}`;
    const last = this.#last;
    if ((type === "held" || type === "replayed") && last?.key === key && now - last.at < GROUP_MS) {
      last.n += 1;
      last.at = now;
      last.text.textContent = SAY[type](detail, last.n);
      last.item.dataset.count = last.n;
      return;
    }
    this.#last = { key, n: 1, at: now, ...this.#put(type, SAY[type](detail, 1)) };
  }

  #put(type, words) {
    this.#empty.hidden = true;
    const date = new Date();
    const text = el("span", { class: "words" }, words);
    const time = el("time", { datetime: date.toISOString() }, clock(date));
    const item = el("li", { "data-type": type, "data-count": 1 }, time, el("b", {}, type), text);
    this.#list.prepend(item);
    while (this.#list.children.length > ITEMS_MAX) this.#list.lastElementChild.remove();
    return { item, text };
  }
}
