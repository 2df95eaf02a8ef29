// The page: wires the controls to the session, the recorder and the panels.
import "/pkg/dist/inspector.js";
import { STATUS_WORDS } from "/pkg/names.js";
import { Batch } from "./batch.js";
import { byId, el, isUsable, setText, setUsable } from "./dom.js";
import { EventList } from "./eventlist.js";
import { JwtView } from "./jwt.js";
import { LogView } from "./logview.js";
import { Recorder } from "./recorder.js";
import * as server from "./server.js";
import { deleteAccessToken, keyOf, makeSession, record, signOut, styles } from "./styles.js";
import { Timeline } from "./timeline.js";

const STYLE_KEY = "relatch-demo-style";
/** The article's request; every further one counts on, so that no two are alike. */
const FIRST_ID = 151;
const TICK_MS = 250;
const COUNTERS_EVERY_MS = 3000;

const STATUS = { ...STATUS_WORDS, broken: "relatch could not be loaded" };

/** `/oauth/token` serves the sign-in as well: the form says which it is. */
function classify(url, body, shownUrl) {
  const path = shownUrl(url.origin === location.origin ? server.routeOf(url.pathname) : url.href);
  const isRefresh =
    path === "/users/refresh" || (path === "/oauth/token" && /grant_type=refresh_token/.test(String(body)));
  return { path, kind: isRefresh ? "refresh" : "request" };
}

const recorder = new Recorder(classify, byId("inspector").fetch);
const log = new LogView(recorder);
const events = new EventList();
const jwt = new JwtView(byId("jwt"));
const timeline = new Timeline(byId("timeline"), byId("timeline-text"));

let createSession = null;
let session = null;
let listening = null;
let style = "article";
let batch = null;
let nextId = FIRST_ID;
let signingIn = false;
/** The auth server ended the session: the visitor should hear why there is none. */
let over = false;

// ---- The session ---------------------------------------------------------------------------------------------------

function openSession(wanted) {
  listening?.abort();
  session?.close();
  style = wanted;
  byId("style").value = style;
  sessionStorage.setItem(STYLE_KEY, style);
  byId("second-tab").href = `/?realm=${server.realm}&style=${style}`;
  document.body.dataset.key = keyOf(style);
  listening = new AbortController();
  session = makeSession(createSession, style, recorder.fetch);
  byId("inspector").session = session;
  const { signal } = listening;
  events.listen(session, signal);
  session.addEventListener("held", ({ detail }) => batch?.held(detail), { signal });
  session.addEventListener("expired", () => (over = true), { signal });
  for (const type of ["refreshed", "adopted", "changed", "expired", "failed"]) {
    session.addEventListener(type, () => changed(type), { signal });
  }
  const mine = session;
  session.ready.then(showState, (error) => {
    // One that was closed while it loaded is nobody's concern.
    if (mine !== session) return;
    problem("broken", `${error.message} (${error.code ?? error.name}).`);
    showState();
  });
  showState();
}

function changed(type) {
  if (type !== "adopted" && type !== "changed") batch?.landed(type === "refreshed");
  timeline.changed();
  showState();
}

/** By a timer as well as by events: some changes have no event. */
function showState() {
  const broken = problems.has("broken");
  // Asking a session whose module failed for its status would load it again, at every tick.
  const status = broken ? "broken" : (session?.status ?? "loading");
  const box = byId("status");
  if (status !== "signed-out") over = false;
  const words = over ? "the auth server ended the session: sign in again" : STATUS[status];
  if (box.dataset.status !== status || box.lastElementChild?.textContent !== words) {
    box.dataset.status = status;
    box.replaceChildren(el("b", {}, status), el("span", {}, words ?? ""));
  }
  const stored = session ? record(keyOf(style)) : null;
  jwt.show(stored);
  const ready = session !== null && !broken;
  setUsable(byId("sign-in"), ready && !signingIn);
  setUsable(byId("sign-out"), ready && stored !== null);
  setUsable(byId("delete-access"), ready && Boolean(stored?.accessToken));
  for (const id of ["expire", "revoke"]) setUsable(byId(id), ready && stored !== null);
  for (const n of [1, 20, 200]) setUsable(byId(`send-${n}`), ready && (batch === null || batch.endedAt !== null));
}

// ---- Errors and counters -------------------------------------------------------------------------------------------

const problems = new Map();

/** `kind`: what is wrong; `text`: `null` once it is well again. */
function problem(kind, text) {
  if (text) problems.set(kind, text);
  else problems.delete(kind);
  byId("problem").hidden = problems.size === 0;
  setText(byId("problem-text"), [...problems.values()].join(" "));
}

let asked = 0;

async function showCounters() {
  const mine = ++asked;
  try {
    const counted = await server.counters();
    // An older answer that came late knows less.
    if (mine !== asked) return;
    for (const cell of document.querySelectorAll("[data-counter]")) {
      setText(cell, String(counted[cell.dataset.counter] ?? "–"));
    }
    problem("server", null);
  } catch (error) {
    problem("server", error.message);
  }
}

// ---- What the visitor does -----------------------------------------------------------------------------------------

/** A button's handler: never twice at once, because the button is disabled, and no error is lost. */
function on(id, type, handler) {
  const target = byId(id);
  target.addEventListener(type, async (event) => {
    if (type !== "change") event.preventDefault();
    if (!isUsable(event.submitter ?? target)) return;
    try {
      await handler(event);
    } catch (error) {
      if (error instanceof server.ServerError) problem("server", error.message);
      events.add("error", error.message);
    }
    showState();
    showCounters();
  });
}

on("sign-in-form", "submit", async () => {
  if (!isUsable(byId("sign-in"))) return;
  const name = byId("name").value.trim() || "ada";
  const target = session;
  signingIn = true;
  showState();
  try {
    await target.setTokens(await styles[style].signIn(name, recorder.fetch));
    events.add("you", `Signed in as ${name} (${styles[style].label} style).`);
  } finally {
    signingIn = false;
  }
});

on("sign-out", "click", async () => {
  const told = signOut(keyOf(style), recorder.fetch);
  // Here at once, whether the server can be told or not.
  await session.clear();
  events.add("you", "Signed out.");
  showState();
  await told;
});

on("delete-access", "click", () => {
  deleteAccessToken(keyOf(style));
  events.add("you", "Deleted the access token from localStorage. The refresh token is still there.");
});

on("expire", "click", async () => {
  await server.order("expire");
  events.add("you", "The server rejects every access token issued so far. This page does not know yet.");
});

on("revoke", "click", async () => {
  await server.order("revoke");
  events.add("you", "The server revoked the session: the next refresh ends it.");
});

for (const n of [1, 20, 200]) on(`send-${n}`, "click", () => send(n));

async function send(n) {
  const paths = Array.from({ length: n }, () => server.api(`/home/review/detail/${nextId++}`));
  const mine = new Batch(paths);
  // A refresh that is under way already is part of the picture.
  for (const entry of refreshing) mine.sent(entry);
  batch = mine;
  log.follow();
  setText(byId("result"), `Sending ${n}…`);
  byId("result").dataset.state = "running";
  timeline.show(mine);
  timeline.changed();
  showState();
  await mine.run(session.fetch);
  log.flush();
  setText(byId("result"), mine.result);
  byId("result").dataset.state = mine.lanes.every((lane) => lane.ok) ? "good" : "bad";
  timeline.show(mine);
}

on("style", "change", (event) => {
  openSession(event.target.value);
  events.add("you", `Changed to the ${styles[style].label} style: a new session object with a key of its own.`);
});

on("fault", "change", async (event) => {
  const { label, settings } = server.faults.find(({ id }) => id === event.target.value);
  await server.configure(settings);
  events.add("you", `Fault on the server: ${label.toLowerCase()}.`);
});

on("lifetime", "change", async (event) => {
  await server.configure({ access_lifetime_ms: Number(event.target.value) });
  events.add("you", `New access tokens live ${event.target.selectedOptions[0].textContent}.`);
});

byId("clear-log").addEventListener("click", () => log.clear());
byId("retry").addEventListener("click", () => {
  // A module that failed to load is not asked for again by the browser; only a new page does that.
  if (problems.has("broken") || !session) location.reload();
  else showCounters();
});

// ---- Start ---------------------------------------------------------------------------------------------------------

const refreshing = new Set();
recorder.addEventListener("start", ({ detail: entry }) => {
  if (entry.kind === "refresh") refreshing.add(entry);
  if (batch && batch.endedAt === null && batch.sent(entry)) timeline.changed();
});
recorder.addEventListener("end", ({ detail: entry }) => {
  refreshing.delete(entry);
  timeline.changed();
});

async function start() {
  byId("fault").append(...server.faults.map(({ id, label }) => el("option", { value: id }, label)));
  showState();
  const wanted = new URLSearchParams(location.search).get("style") ?? sessionStorage.getItem(STYLE_KEY);
  try {
    ({ createSession } = await import("/pkg/dist/index.js"));
    openSession(Object.hasOwn(styles, wanted ?? "") ? wanted : "article");
  } catch (error) {
    problem("broken", `relatch could not be loaded: ${error.message}`);
    showState();
  }
  server.config().catch((error) => problem("server", error.message));
  await showCounters();
  setInterval(showState, TICK_MS);
  setInterval(() => document.visibilityState === "visible" && showCounters(), COUNTERS_EVERY_MS);
}

start();
