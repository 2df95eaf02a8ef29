// The log, row by row, in the manner of OkHttp's BODY-level logging. Rows fold out; what is in them is built then.
import { byId, clock, duration, el, setText } from "./dom.js";

const ROWS_MAX = 500;
/** Rows are built in one go, a little later: built at once, they would slow down the very burst they show. */
const FLUSH_MS = 40;

export class LogView {
  #list;
  #empty;
  #scroll;
  #rows = new Map();
  #follow = true;
  #waiting = new Set();
  #timer = 0;
  #lastTop = 0;
  #newest = 0;
  #stop = null;

  constructor(recorder) {
    this.#list = byId("log");
    this.#empty = byId("log-empty");
    this.#scroll = byId("log-scroll");
    this.#scroll.addEventListener("scroll", () => {
      const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
      // Only a person scrolls up; rows that were added meanwhile are no reason to stay behind.
      if (scrollTop < this.#lastTop) this.#follow = false;
      if (scrollHeight - scrollTop - clientHeight < 40) this.#follow = true;
      this.#lastTop = scrollTop;
    });
    this.#list.addEventListener("keydown", (event) => this.#move(event));
    this.#list.addEventListener("focusin", ({ target }) => target.matches("summary") && this.#stopAt(target));
    for (const type of ["start", "end", "body"]) recorder.addEventListener(type, ({ detail }) => this.#later(detail));
  }

  #later(entry) {
    this.#waiting.add(entry);
    this.#timer ||= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Shows now what was recorded so far. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const fresh = document.createDocumentFragment();
    for (const entry of this.#waiting) {
      // One of before a clear has no row any more.
      if (!this.#rows.has(entry.id) && entry.id > this.#newest) fresh.append(this.#add(entry));
      this.#update(entry);
    }
    this.#waiting.clear();
    if (fresh.childElementCount === 0) return;
    this.#empty.hidden = true;
    this.#list.append(fresh);
    while (this.#rows.size > ROWS_MAX) {
      const [oldest] = this.#rows.keys();
      this.#rows.get(oldest).item.remove();
      this.#rows.delete(oldest);
    }
    // The newest row, but never away from where the reader is.
    if (!this.#list.contains(document.activeElement))
      this.#stopAt(this.#list.lastElementChild.querySelector("summary"));
    if (this.#follow) this.#toEnd();
  }

  /** One row alone is a stop for the Tab key: 500 would lock the rest of the page away. */
  #stopAt(summary) {
    this.#stop?.setAttribute("tabindex", "-1");
    summary.setAttribute("tabindex", "0");
    this.#stop = summary;
  }

  #move(event) {
    const row = event.target.matches("summary") && event.target.closest("li");
    const to =
      row &&
      {
        ArrowUp: row.previousElementSibling,
        ArrowDown: row.nextElementSibling,
        Home: this.#list.firstElementChild,
        End: this.#list.lastElementChild,
      }[event.key];
    if (!to) return;
    event.preventDefault();
    to.querySelector("summary").focus();
  }

  /** Goes along with what comes now, wherever the reader scrolled before. */
  follow() {
    this.#follow = true;
    this.#toEnd();
  }

  clear() {
    this.flush();
    this.#list.replaceChildren();
    this.#rows.clear();
    this.#stop = null;
    this.#empty.hidden = false;
    this.#follow = true;
  }

  #add(entry) {
    this.#newest = entry.id;
    const status = el("span", { class: "status-code" });
    const took = el("span", { class: "took" });
    const summary = el(
      "summary",
      { tabindex: -1 },
      el("time", { datetime: entry.date.toISOString() }, clock(entry.date)),
      el("span", { class: "method" }, entry.method),
      el("span", { class: "path" }, entry.path),
      status,
      took,
    );
    const details = el("details", {}, summary);
    const item = el("li", { "data-method": entry.method, "data-path": entry.path, "data-kind": entry.kind }, details);
    const row = { item, details, status, took };
    details.addEventListener("toggle", () => this.#unfolded(entry));
    this.#rows.set(entry.id, row);
    return item;
  }

  #update(entry) {
    const row = this.#rows.get(entry.id);
    if (!row) return;
    const status = String(entry.status ?? entry.error ?? "pending");
    row.item.dataset.status = status;
    row.item.dataset.class = /^\d/.test(status) ? `${status[0]}xx` : status;
    setText(row.status, status === "pending" ? "…" : status);
    setText(row.took, entry.endedAt === null ? "" : duration(entry.endedAt - entry.startedAt));
    this.#unfolded(entry);
  }

  #unfolded(entry) {
    const row = this.#rows.get(entry.id);
    if (!row) return;
    row.details.querySelector("pre")?.remove();
    if (row.details.open) row.details.append(el("pre", { tabindex: 0 }, asText(entry)));
  }

  /** The last row stays in sight unless the reader scrolled away. */
  #toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }
}

const block = (headers, body) => [...headers, ...(body ? ["", body] : [])].join("\n");

function asText(entry) {
  const { method, url } = entry;
  const request = `--> ${method} ${url}\n${block(entry.requestHeaders, entry.requestBody)}\n--> END ${method}`;
  if (entry.endedAt === null) return `${request}\n\n<-- no answer yet`;
  const took = duration(entry.endedAt - entry.startedAt);
  if (entry.status === null) return `${request}\n\n<-- HTTP ${entry.error.toUpperCase()} (${took})`;
  const head = `<-- ${entry.status} ${entry.url} (${took})`;
  return `${request}\n\n${head}\n${block(entry.responseHeaders, entry.responseBody)}\n<-- END HTTP`;
}
