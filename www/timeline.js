// The drawing of a batch: a lane for each request, the refresh as one bar above them and a band behind all who wait.
import { duration, setText, svg } from "./dom.js";

const AXIS = 22;
const REFRESH = 22;
const RIGHT = 14;
/** Redrawing 200 lanes at every change would be slower than the requests. */
const REDRAW_MS = 80;

export class Timeline {
  #root;
  #text;
  #batch = null;
  #timer = 0;

  constructor(root, text) {
    this.#root = root;
    this.#text = text;
    new ResizeObserver(() => this.changed()).observe(root);
  }

  show(batch) {
    this.#batch = batch;
    this.#draw();
  }

  changed() {
    if (!this.#batch || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#draw();
      // Bars grow while something is under way.
      if (this.#batch.endedAt === null) this.changed();
    }, REDRAW_MS);
  }

  #draw() {
    const batch = this.#batch;
    const scale = new Scale(batch, this.#root.clientWidth);
    const { width, height, gutter } = scale;
    const drawing = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": batch.summary,
    });
    for (const refresh of batch.refreshes) drawing.append(band(refresh, scale));
    drawing.append(...ticks(scale));
    drawing.append(svg("text", { x: gutter - 8, y: AXIS + 15, class: "label strong" }, "refresh"));
    for (const refresh of batch.refreshes) drawing.append(refreshBar(refresh, scale));
    drawing.append(...batch.lanes.map((lane, i) => laneOf(lane, i, scale)));
    this.#root.replaceChildren(drawing);
    this.#root.dataset.lanes = batch.lanes.length;
    this.#root.dataset.running = batch.endedAt === null;
    setText(this.#text, batch.summary);
  }
}

class Scale {
  constructor(batch, clientWidth) {
    this.width = Math.max(300, clientWidth);
    this.gutter = this.width < 520 ? 62 : 84;
    const ends = [...batch.refreshes.map((r) => r.endedAt), batch.endedAt];
    this.now = ends.includes(null) ? performance.now() : Math.max(...ends);
    // A refresh may have begun before the batch that waits for it.
    this.from = Math.min(batch.startedAt, ...batch.refreshes.map((r) => r.startedAt));
    this.span = Math.max(this.now - this.from, 20);
    const n = batch.lanes.length;
    this.lane = n <= 5 ? 24 : n <= 30 ? 18 : n <= 60 ? 8 : 3;
    this.bar = n <= 30 ? 10 : this.lane - (this.lane > 4 ? 2 : 1);
    // Few enough to read; the first is always named.
    this.labelEach = n <= 30 ? 1 : n <= 60 ? 5 : 20;
    this.top = AXIS + REFRESH + 6;
    this.height = this.top + n * this.lane + 6;
    this.unit = (this.width - this.gutter - RIGHT) / this.span;
  }

  x(at) {
    return this.gutter + (Math.max(at, this.from) - this.from) * this.unit;
  }

  /** A bar between two moments; one that is too short to see gets a pixel. */
  rect(from, to, y, height, className) {
    const x = this.x(from);
    const width = Math.max(this.x(to ?? this.now) - x, 1);
    return svg("rect", { x: x.toFixed(1), y, width: width.toFixed(1), height, class: className });
  }
}

const band = (refresh, scale) => scale.rect(refresh.startedAt, refresh.endedAt, AXIS, scale.height - AXIS, "band");

function refreshBar(refresh, scale) {
  const state = refresh.good === false || refresh.error ? "failed" : "refresh";
  const bar = scale.rect(refresh.startedAt, refresh.endedAt, AXIS + 4, 15, `k-${state}`);
  const took = refresh.endedAt === null ? "…" : duration(refresh.endedAt - refresh.startedAt);
  const what = `${refresh.method} ${refresh.path}`;
  const answer = refresh.status ?? refresh.error ?? "under way";
  const group = svg("g", { "data-refresh": answer }, bar, svg("title", {}, `${what}: ${answer}, ${took}`));
  // The words stand where there is room: in the bar, or after it, or before it.
  const words = answer === 200 ? took : refresh.endedAt === null ? answer : `${answer}, ${took}`;
  const need = words.length * 7 + 10;
  const left = Number(bar.getAttribute("x"));
  const right = left + Number(bar.getAttribute("width"));
  const place =
    right - left > need
      ? { x: (left + right) / 2, class: "in" }
      : scale.width - right > need
        ? { x: right + 5, class: "after" }
        : { x: left - 5, class: "label" };
  group.append(svg("text", { ...place, y: AXIS + 15.5 }, words));
  return group;
}

function laneOf(lane, index, scale) {
  const y = scale.top + index * scale.lane;
  const middle = y + scale.lane / 2;
  const barY = scale.bar > 8 ? middle - scale.bar / 2 : y;
  const group = svg("g", { "data-lane": index, "data-path": lane.path, "data-state": stateOf(lane) });
  group.append(svg("title", {}, describe(lane)));
  if (index % scale.labelEach === 0) {
    const name = `GET ${lane.path.split("/").at(-1)}`;
    group.append(svg("text", { x: scale.gutter - 8, y: middle + 4, class: "label" }, name));
  }
  const waiting = (from, to) => {
    if (from === null || (to ?? scale.now) - from < 0.5) return;
    const height = scale.bar > 8 ? 4 : scale.bar;
    group.append(scale.rect(from, to, scale.bar > 8 ? middle - 2 : barY, height, "k-held"));
  };
  const [first, second] = lane.tries;
  if (lane.heldAt !== null) waiting(lane.heldAt, first?.startedAt ?? lane.doneAt);
  lane.tries.forEach((one, i) => {
    group.append(scale.rect(one.startedAt, one.endedAt, barY, scale.bar, i ? "k-replay" : "k-sent"));
  });
  if (first?.status === 401) {
    if (second || lane.heldWith401) waiting(first.endedAt, second?.startedAt ?? lane.doneAt);
    const mark = scale.rect(
      first.endedAt,
      first.endedAt,
      barY - (scale.bar > 8 ? 2 : 0),
      scale.bar + (scale.bar > 8 ? 4 : 0),
      "k-401",
    );
    mark.setAttribute("width", 3);
    group.append(mark);
  }
  const last = lane.tries.at(-1);
  // The head of the answer is there; its body is being read.
  if (last?.endedAt && lane.doneAt !== null) {
    group.append(
      scale.rect(
        last.endedAt,
        lane.doneAt,
        scale.bar > 8 ? middle - 1 : barY,
        scale.bar > 8 ? 2 : 1,
        last === first ? "k-sent" : "k-replay",
      ),
    );
  }
  if (lane.doneAt !== null) group.append(end(lane, scale, barY, middle));
  return group;
}

/** A dot for success, a cross for the rest; where lanes are thin, a block of the colour. */
function end(lane, scale, barY, middle) {
  const x = scale.x(lane.doneAt);
  const kind = lane.ok ? "k-done" : "k-failed";
  if (scale.bar <= 8) return svg("rect", { x, y: barY, width: 5, height: scale.bar, class: kind });
  if (lane.ok) return svg("circle", { cx: x + 4, cy: middle, r: 4, class: kind });
  return svg("path", { d: `M${x + 1} ${middle - 4}l8 8m0-8l-8 8`, class: `${kind} cross` });
}

function stateOf(lane) {
  if (lane.doneAt !== null) return lane.ok ? "done" : "failed";
  if (lane.tries.length > 1) return "replayed";
  if (lane.tries.length) return lane.heldWith401 ? "held" : "sent";
  return lane.heldAt !== null ? "held" : "called";
}

function describe(lane) {
  const steps = [];
  if (lane.heldAt !== null) steps.push("held");
  const tries = lane.tries.map((one, i) => `${i ? "replayed" : "sent"} → ${one.status ?? one.error ?? "…"}`);
  steps.push(...tries);
  if (lane.doneAt !== null)
    steps.push(`${lane.ok ? "done" : lane.outcome} after ${duration(lane.doneAt - lane.calledAt)}`);
  return `${lane.path.split("/").slice(3).join("/")}: ${steps.join(", ")}`;
}

function ticks(scale) {
  const wanted = Math.max(2, Math.floor((scale.width - scale.gutter) / 110));
  const rough = scale.span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const made = [];
  for (let ms = 0; ms <= scale.span; ms += step) {
    const x = scale.x(scale.from + ms).toFixed(1);
    made.push(svg("line", { x1: x, x2: x, y1: AXIS - 4, y2: scale.height, class: "grid" }));
    // One too near the edge would be cut.
    if (scale.width - x > 24) made.push(svg("text", { x, y: AXIS - 8, class: "tick" }, ms === 0 ? "0" : duration(ms)));
  }
  return made;
}
