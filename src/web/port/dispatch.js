// Carries out the engine's effects: one handler for each.
import * as calls from "./calls.js";
import { dispatch } from "./events.js";
import * as inputs from "./inputs.js";
import { leaveMark, lock, readMark, unlock } from "./lock.js";
import { abortRefresh, refresh } from "./refresher.js";
import { read, remove, restore, write } from "./store.js";
import * as wire from "./wire.js";

/** @typedef {import("./port.js").Port} Port */

/** Browsers' timers take 31 bits; a longer one would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * @param {Port} port
 * @param {number} _
 * @param {number} ms below 0: no timer
 */
function arm(port, _, ms) {
  clearTimeout(port.timer);
  if (ms >= 0) port.timer = setTimeout(() => inputs.timerFired(port), Math.min(ms, TIMER_MAX_MS));
}

/** @param {Port} port */
function schedule(port) {
  queueMicrotask(() => inputs.scheduled(port));
}

/**
 * @param {Port} port
 * @param {number} _
 * @param {number} _n
 * @param {string | undefined} access
 */
function access(port, _, _n, access) {
  port.access = access;
}

/** @type {Record<number, (port: Port, subject: number, n: number, value: any) => void>} */
const HANDLERS = {
  [wire.EFFECT_SEND]: calls.send,
  [wire.EFFECT_WAIT]: calls.wait,
  [wire.EFFECT_SETTLE]: calls.settle,
  [wire.EFFECT_LOCK]: lock,
  [wire.EFFECT_UNLOCK]: unlock,
  [wire.EFFECT_READ_MARK]: readMark,
  [wire.EFFECT_MARK]: leaveMark,
  [wire.EFFECT_READ]: read,
  [wire.EFFECT_REFRESH]: refresh,
  [wire.EFFECT_ABORT_REFRESH]: abortRefresh,
  [wire.EFFECT_WRITE]: write,
  [wire.EFFECT_REMOVE]: remove,
  [wire.EFFECT_RESTORE]: restore,
  [wire.EFFECT_DISPATCH]: dispatch,
  [wire.EFFECT_ARM]: arm,
  [wire.EFFECT_SCHEDULE]: schedule,
  [wire.EFFECT_ACCESS]: access,
};

/**
 * Carries out one effect.
 * @param {Port} port
 * @param {number} effect
 * @param {number} subject
 * @param {number} n
 * @param {unknown} value
 */
export function act(port, effect, subject, n, value) {
  HANDLERS[effect](port, subject, n, value);
}
