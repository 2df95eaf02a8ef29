// The lock of an origin that has no Web Locks: a plain-http page, an old browser. Loaded only there.
//
// localStorage knows no compare-and-set, and a write reaches other processes a little later. So this is Fischer's
// algorithm, with a sign of life:
//
//   look     until the lease is free, or its value has not changed for DEAD_MS;
//   claim    write a value of one's own, wait SETTLE_MS, read again: if it is still there, the lease is held;
//   hold     write a new value every BEAT_MS; whoever finds a claim over a living lease writes the lease over it.
//
// It excludes as long as a write is seen everywhere within half of SETTLE_MS (measured: about 1 ms), and a holder's
// timers are not late by DEAD_MS. Of two writes at once all tabs come to see the same one. A tab that dies is waited
// for DEAD_MS, whatever its clock said: what counts is that its value stands still, on the clock of the one who waits.
// So a wall clock that jumps, or a value left behind years ago, does not matter. The lease lies in the same storage as
// the session's record, and whoever sees it free sees the record that was written before.
import { REFRESH_TIMEOUT_DEFAULT_MS } from "./wire.js";

const SETTLE_MS = 100;
const POLL_MS = 250;
const BEAT_MS = 1_000;
/** Hidden tabs' timers fire once a second, so a living lease changes every two. */
const DEAD_MS = 5_000;
/** A look that comes later than this says nothing about the time before it: perhaps everybody was asleep. */
const GAP_MS = 1_500;

/**
 * Calls `granted` once the lease is held, and gives the function that releases it or takes the request back.
 * @param {{ web: Storage, key: string, refreshTimeoutMs: number }} options
 * @param {() => void} granted
 */
export function lease({ web: store, key, refreshTimeoutMs }, granted) {
  const name = `${key}:lease`;
  const own = `${crypto.getRandomValues(new Uint32Array(2)).join("")} `;
  // Beyond the refresh's own deadline no sign of life is given: what hangs then is no refresh.
  const span = refreshTimeoutMs || REFRESH_TIMEOUT_DEFAULT_MS;
  const now = () => performance.now();
  /** @type {(() => void) | undefined} */
  let state = look;
  let beats = 0;
  /** @type {string | null | undefined} the value at the latest look */
  let last;
  /** For how long that value has stood still, in ms. */
  let quiet = 0;
  let looked = 0;
  let written = 0;
  let until = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  // A browser slows down timers that start each other in a hidden page to one a minute; behind a message they do not.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => step();
  const arm = (/** @type {number} */ ms) => {
    clearTimeout(timer);
    timer = setTimeout(() => port2.postMessage(0), ms);
  };
  const write = (/** @type {string} */ word) => {
    written = now();
    store.setItem(name, `${own}${word} ${++beats}`);
  };
  const isOwn = () => !!store.getItem(name)?.startsWith(own);

  function look() {
    const value = store.getItem(name);
    const at = now();
    if (value !== last) quiet = 0;
    else quiet += Math.min(at - looked, GAP_MS);
    last = value;
    looked = at;
    if (value !== null && quiet < DEAD_MS) return arm(POLL_MS);
    write("claim");
    state = confirm;
    arm(SETTLE_MS);
  }

  function confirm() {
    // A timer may fire a little early, and nothing else would come.
    const left = SETTLE_MS - (now() - written);
    if (left > 0) return arm(left);
    if (!isOwn()) {
      state = look;
      return look();
    }
    state = hold;
    until = now() + span;
    hold();
    granted();
  }

  function hold() {
    const value = store.getItem(name);
    // Somebody claims what they saw as free: this lease had not reached them. If it had lapsed, they are right.
    const isMistaken = value?.includes(" claim ") && now() - written < DEAD_MS;
    if (now() > until || !(isOwn() || isMistaken)) return;
    write("hold");
    arm(BEAT_MS);
  }

  function step() {
    try {
      state?.();
    } catch {
      // A storage that cannot be written to has no lease to give, and no record to spoil either.
      const waits = state !== hold;
      release();
      if (waits) granted();
    }
  }

  const changed = (/** @type {StorageEvent} */ event) => {
    if (event.key !== name || state === confirm) return;
    // One's own beat is no event here, so this is another tab's claim, or its end.
    step();
  };
  function release() {
    if (!state) return;
    state = undefined;
    clearTimeout(timer);
    port1.close();
    removeEventListener("storage", changed);
    removeEventListener("pagehide", release);
    try {
      if (isOwn()) store.removeItem(name);
    } catch {
      // It lapses by itself.
    }
  }
  addEventListener("storage", changed);
  addEventListener("pagehide", release);
  // Not at once: who asks has not yet heard how to release it.
  arm(0);
  return release;
}
