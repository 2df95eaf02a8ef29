// One press of a send button: N requests at once, and what became of each. The timeline draws it.
import { plural, duration } from "./dom.js";

export class Batch {
  lanes = [];
  refreshes = [];
  startedAt = performance.now();
  endedAt = null;
  #byPath = new Map();

  /** `paths`: one for each request, no two alike, so that what the log and the events say can be told apart. */
  constructor(paths) {
    for (const path of paths) {
      const lane = {
        path,
        calledAt: 0,
        heldAt: null,
        heldWith401: false,
        tries: [],
        doneAt: null,
        ok: false,
        outcome: "",
      };
      this.lanes.push(lane);
      this.#byPath.set(path, lane);
    }
  }

  async run(fetch) {
    this.startedAt = performance.now();
    await Promise.all(this.lanes.map((lane) => this.#one(lane, fetch)));
    this.endedAt = performance.now();
  }

  async #one(lane, fetch) {
    lane.calledAt = performance.now();
    try {
      const response = await fetch(lane.path);
      // Read to its end: an unread body keeps its connection.
      await response.text();
      lane.ok = response.ok;
      lane.outcome = String(response.status);
    } catch (error) {
      // A network error is a bare TypeError; an error of relatch's own has a code.
      lane.outcome = typeof error?.code === "string" ? error.code : "network error";
    }
    lane.doneAt = performance.now();
  }

  #lane(url) {
    return this.#byPath.get(new URL(url, location.href).pathname);
  }

  /** A request has left the page. `true` if it belongs here. */
  sent(entry) {
    if (entry.kind === "refresh") {
      this.refreshes.push(entry);
      return true;
    }
    const lane = this.#lane(entry.url);
    lane?.tries.push(entry);
    return lane !== undefined;
  }

  /** The session says that a call waits: `sent` after it got a 401, or else before it ever went out. */
  held({ url, sent }) {
    const lane = this.#lane(url);
    if (!lane) return;
    if (sent) lane.heldWith401 = true;
    else lane.heldAt = performance.now();
  }

  /** The session says how a refresh went; its status alone would not tell, for a 200 may carry garbage. */
  landed(good) {
    const refresh = this.refreshes.at(-1);
    if (refresh) refresh.good = good;
  }

  get refreshed() {
    return this.refreshes.filter((refresh) => refresh.good).length;
  }

  /** `20 of 20 succeeded, 1 refresh`, and what went wrong. */
  get result() {
    const good = this.lanes.filter((lane) => lane.ok).length;
    const bad = new Map();
    for (const lane of this.lanes) {
      if (!lane.ok && lane.doneAt !== null) bad.set(lane.outcome, (bad.get(lane.outcome) ?? 0) + 1);
    }
    const reasons = [...bad].map(([outcome, n]) => `${n} × ${outcome}`);
    const head = `${good} of ${this.lanes.length} succeeded, ${plural(this.refreshed, "refresh", "refreshes")}`;
    return reasons.length ? `${head}; ${reasons.join(", ")}` : head;
  }

  /** The drawing in words. */
  get summary() {
    const challenged = this.lanes.filter((lane) => lane.tries.some((t) => t.status === 401)).length;
    const heldFirst = this.lanes.filter((lane) => lane.heldAt !== null).length;
    const replayed = this.lanes.filter((lane) => lane.tries.length > 1).length;
    const [refresh] = this.refreshes;
    const parts = [plural(this.lanes.length, "request")];
    if (heldFirst) parts.push(`${heldFirst} held before ${heldFirst === 1 ? "it was" : "they were"} ever sent`);
    if (challenged) parts.push(`${challenged} answered with 401`);
    if (refresh?.endedAt) {
      const took = duration(refresh.endedAt - refresh.startedAt);
      const failed = this.refreshed === 0 ? " that failed" : "";
      parts.push(
        this.refreshes.length === 1 ? `one refresh${failed} (${took})` : `${this.refreshes.length} refresh calls`,
      );
    }
    if (replayed) parts.push(`${replayed} replayed`);
    if (this.endedAt) parts.push(`all settled after ${duration(this.endedAt - this.startedAt)}`);
    return `${parts.join(" · ")}.`;
  }
}
