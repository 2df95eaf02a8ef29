// <relatch-inspector>: what a session is doing, for the page of who develops with it. It is made of the session's
// events and of its own `fetch`, so that nobody who does not import it pays for it. No markup from strings and no style
// attributes: it works under Trusted Types and a strict Content Security Policy.
import { el, line, mark, say, time } from "./inspector-parts.js";
import { sheet } from "./inspector-style.js";
import { EVENTS, STATUS_WORDS } from "./names.js";
import { own, reading } from "./reading.js";
import { isSafe, redactBody, redactHeaders, redactUrl, rules } from "./redact.js";

/** @import { Session, SessionEventMap } from "./index.js" */
/** @typedef {Pick<Session, "addEventListener" | "removeEventListener" | "status" | "claims">} Shown */
/** @typedef {{ kind: "held" | "refresh" | "failed", from: number, to: number }} Span */
/** @typedef {Record<"status" | "left" | "claims" | "events" | "log", HTMLElement>} Parts */

/** So much is kept: of events, and of requests. */
const ROWS_MAX = 200;
const WINDOW_MS = 30_000;
const TICK_MS = 250;
/** @type {Record<string, string>} */
const WORDS = STATUS_WORDS;
const TIMES = ["exp", "iat", "nbf", "auth_time"];

// A server has no elements; importing must do it no harm.
const Base = globalThis.HTMLElement ?? class {};

export class RelatchInspector extends Base {
  /** @type {Shown | null} */
  #session = null;
  /** @type {(() => void) | null} */
  #stop = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #timer;
  /** @type {Span[]} */
  #spans = [];
  /** @type {Map<number, number>} */
  #held = new Map();
  #allowed = rules();
  /** @type {readonly string[]} */
  #show = [];
  /** @type {Parts & { chart: SVGElement }} */
  #parts = /** @type {any} */ ({});

  constructor() {
    super();
    const part = (/** @type {keyof Parts | "chart"} */ name, /** @type {any} */ element) =>
      (this.#parts[name] = element);
    const box = (/** @type {string} */ title, /** @type {Node[]} */ ...children) =>
      el("section", {}, el("h2", {}, title), ...children);
    const chart = part("chart", mark("svg", { viewBox: "0 0 300 46", preserveAspectRatio: "none", role: "img" }));
    const root = this.attachShadow(/** @type {ShadowRootInit} */ ({ __proto__: null, mode: "open" }));
    root.adoptedStyleSheets = [sheet()];
    root.append(
      el("header", {}, part("status", el("p", { role: "status" })), part("left", el("p", { class: "left" }))),
      box(
        "Last 30 seconds",
        chart,
        el(
          "p",
          { class: "legend" },
          el("span", { class: "held" }, "held"),
          el("span", { class: "refresh" }, "refresh"),
          el("span", { class: "failed" }, "failed"),
        ),
      ),
      box("Access token, decoded, not verified", part("claims", el("dl"))),
      box("Events", part("events", el("ol", { tabindex: "0", "aria-label": "Events" }))),
      box(
        "Requests, tokens redacted",
        part("log", el("div", { class: "log", tabindex: "0", role: "group", "aria-label": "Requests" })),
      ),
    );
    /**
     * Give it to `createSession` as `fetch`, and its requests are shown: tries, replays and the refresh.
     * @type {typeof globalThis.fetch}
     */
    this.fetch = (...call) => this.#record(...call);
  }

  /** Names of fields and headers whose short values are shown. */
  get show() {
    return this.#show;
  }

  set show(names) {
    this.#show = [...names];
    this.#allowed = rules({ show: this.#show });
  }

  get session() {
    return this.#session;
  }

  set session(session) {
    this.#stop?.();
    this.#stop = null;
    this.#session = session ?? null;
    this.#held.clear();
    if (this.isConnected) this.#listen();
  }

  connectedCallback() {
    this.#listen();
    this.#timer = setInterval(() => document.visibilityState === "visible" && this.#draw(), TICK_MS);
  }

  disconnectedCallback() {
    clearInterval(this.#timer);
    this.#stop?.();
    this.#stop = null;
  }

  #listen() {
    const session = this.#session;
    if (session && !this.#stop) {
      /** @type {[string, EventListener][]} */
      const listeners = EVENTS.map((type) => [
        type,
        (event) => this.#hear(type, own(/** @type {CustomEvent} */ (event).detail)),
      ]);
      for (const [type, listener] of listeners) session.addEventListener(type, listener);
      this.#stop = () => {
        for (const [type, listener] of listeners) session.removeEventListener(type, listener);
      };
    }
    this.#draw();
  }

  /**
   * @param {string} type
   * @param {any} detail
   */
  #hear(type, detail) {
    const now = performance.now();
    if (type === "held") {
      this.#held.set(detail.call, now);
    } else if (type !== "replayed" && type !== "step-up") {
      for (const from of this.#held.values()) this.#spans.push({ kind: "held", from, to: now });
      const from = type === "refreshed" ? now - detail.durationMs : Math.min(now - 1, ...this.#held.values());
      if (type !== "adopted" && type !== "changed")
        this.#spans.push({ kind: type === "refreshed" ? "refresh" : "failed", from, to: now });
      this.#held.clear();
    }
    const row = el(
      "li",
      { "data-type": type },
      el("time", {}, time(new Date())),
      el("b", {}, type),
      el(
        "span",
        {},
        line(type, detail, (url) => redactUrl(url, this.#allowed)),
      ),
    );
    this.#parts.events.prepend(row);
    if (this.#parts.events.childElementCount > ROWS_MAX) this.#parts.events.lastElementChild?.remove();
    this.#draw();
  }

  #draw() {
    const { status, left, claims, chart } = this.#parts;
    const session = this.#session;
    const state = session?.status ?? "no session";
    status.dataset.status = state;
    say(status, `${state}: ${own(WORDS)[state] ?? "set the element's session property"}`);
    const decoded = session?.claims ? /** @type {Record<string, any>} */ (own(session.claims)) : null;
    const ends = typeof decoded?.exp === "number" ? Math.round(decoded.exp - Date.now() / 1000) : null;
    say(
      left,
      ends === null
        ? ""
        : ends > 0
          ? `${ends} s left by this machine's clock`
          : `over for ${-ends} s by this machine's clock`,
    );
    const text = JSON.stringify(decoded);
    if (claims.dataset.shown !== text) {
      claims.dataset.shown = text;
      claims.replaceChildren(
        ...Object.entries(decoded ?? { "–": "no JWT" }).flatMap(([name, value]) => {
          const shown =
            TIMES.includes(name) && typeof value === "number"
              ? `${value} (${new Date(value * 1000).toLocaleTimeString()})`
              : typeof value === "string"
                ? value
                : JSON.stringify(value);
          return [el("dt", {}, name), el("dd", {}, shown)];
        }),
      );
    }
    const now = performance.now();
    const x = (/** @type {number} */ at) => Math.max(300 * (1 - (now - at) / WINDOW_MS), 0);
    this.#spans = this.#spans.filter(({ to }) => now - to < WINDOW_MS).slice(-ROWS_MAX);
    const open = Array.from(this.#held.values(), (from) => ({ kind: "held", from, to: now }));
    const rows = [...this.#spans, ...open];
    const count = (/** @type {string} */ wanted) => rows.filter(({ kind }) => kind === wanted).length;
    chart.setAttribute(
      "aria-label",
      `${count("held")} calls held, ${count("refresh")} refreshes in the last 30 seconds`,
    );
    chart.replaceChildren(
      ...rows.map(({ kind, from, to }, i) =>
        mark("rect", {
          class: kind,
          x: x(from),
          width: Math.max(x(to) - x(from), 1),
          y: kind === "held" ? 20 + (i % 12) * 2 : 4,
          height: kind === "held" ? 1.6 : 10,
        }),
      ),
    );
  }

  /**
   * The global fetch, recorded. The caller gets the response with its body unread.
   * @param {RequestInfo | URL} input
   * @param {RequestInit} [init]
   */
  async #record(input, init) {
    let call;
    try {
      call = reading(input, init);
    } catch {
      // fetch says what is wrong with it.
      return globalThis.fetch(input, init);
    }
    const { headers, body } = call;
    const allowed = this.#allowed;
    const method = isSafe(call.method, /^[A-Za-z-]+$/, 20) ? call.method.toUpperCase() : "(method)";
    const url = () => redactUrl(call.url.href, allowed);
    const shown = (/** @type {Headers} */ all) => redactHeaders(all, allowed).join("\n");
    const form = "application/x-www-form-urlencoded";
    const type = typeof body === "string" ? (headers.get("content-type") ?? "") : form;
    const isText = typeof body === "string" || body instanceof URLSearchParams;
    const sent = () =>
      [shown(headers), isText ? redactBody(String(body), type, allowed) : ""].filter(Boolean).join("\n\n");
    const text = el("pre", {}, sent());
    const title = el("summary", {}, `${method} ${url()}`);
    const entry = el("details", {}, title, text);
    this.#parts.log.prepend(entry);
    if (this.#parts.log.childElementCount > ROWS_MAX) this.#parts.log.lastElementChild?.remove();
    const start = performance.now();
    const took = () => `${Math.round(performance.now() - start)} ms`;
    try {
      const response = await globalThis.fetch(input, init);
      entry.dataset.status = String(response.status);
      // All of it anew: what is a secret may have turned out by the answer.
      const answer = shown(response.headers);
      say(title, `${method} ${url()} → ${response.status} (${took()})`);
      say(text, `${sent()}\n\n← ${response.status}\n${answer}`);
      return response;
    } catch (error) {
      entry.dataset.status = "failed";
      const { name = "" } = /** @type {Error} */ (error) ?? {};
      say(title, `${method} ${url()} → ${isSafe(name, /^[A-Z]\w*$/, 40) ? name : "failed"} (${took()})`);
      throw error;
    }
  }
}

if (globalThis.customElements && !customElements.get("relatch-inspector"))
  customElements.define("relatch-inspector", RelatchInspector);
