// What the port reports to the engine: one function for each input, so that a number has one meaning.
import * as wire from "./wire.js";

/** @typedef {import("./port.js").Port} Port */

/** The subject of an input that has none. */
const NONE = 0;

/**
 * @param {Port} port
 * @param {boolean} replayable
 */
export const opened = (port, replayable) => port.inbox(wire.INPUT_OPEN, replayable ? 1 : 0, 0);

/**
 * @param {Port} port
 * @param {number} stamp
 * @param {import("./reply.js").Verdict} verdict
 * @param {number} route
 */
export const challenged = (port, stamp, { bits, asks }, route) =>
  port.inbox(wire.INPUT_CHALLENGED, stamp, route | bits, undefined, asks);

/**
 * @param {Port} port
 * @param {number} minValidity in ms
 */
export const tokenWanted = (port, minValidity) => port.inbox(wire.INPUT_TOKEN, minValidity, 0);

/** @param {Port} port */
export const refreshWanted = (port) => port.inbox(wire.INPUT_REFRESH, NONE, 0);

/** @param {Port} port */
export const statusAsked = (port) => port.inbox(wire.INPUT_STATUS, NONE, 0);

/** @param {Port} port */
export const accessAsked = (port) => port.inbox(wire.INPUT_ACCESS, NONE, 0);

/**
 * @param {Port} port
 * @param {number} call
 * @param {import("./reply.js").Verdict | undefined} verdict
 * @param {number} route
 */
export const responded = (port, call, verdict, route) =>
  port.inbox(wire.INPUT_RESPONDED, call, verdict ? route | verdict.bits : route, undefined, verdict?.asks);

/**
 * @param {Port} port
 * @param {number} call
 */
export const rejected = (port, call) => port.inbox(wire.INPUT_REJECTED, call, 0);

/**
 * @param {Port} port
 * @param {number} call
 */
export const aborted = (port, call) => port.inbox(wire.INPUT_ABORTED, call, 0);

/**
 * @param {Port} port
 * @param {number} flight
 */
export const locked = (port, flight) => port.inbox(wire.INPUT_LOCKED, flight, 1);

/**
 * @param {Port} port
 * @param {number} flight
 * @param {number} generation the epoch's mark, 0 for none
 */
export const marked = (port, flight, generation) => port.inbox(wire.INPUT_MARKED, flight, generation);

/** @param {Port} port */
export const scheduled = (port) => port.inbox(wire.INPUT_SCHEDULED, NONE, 0);

/** @param {Port} port */
export const timerFired = (port) => port.inbox(wire.INPUT_TIMER, NONE, 0);

/**
 * @param {Port} port
 * @param {boolean} online
 */
export const woken = (port, online) => port.inbox(wire.INPUT_WOKEN, NONE, online ? 1 : 0);

/** @param {Port} port */
export const leaving = (port) => port.inbox(wire.INPUT_LEAVING, NONE, 0);

/**
 * @param {Port} port
 * @param {number} stamp
 * @param {number} route
 */
export const proven = (port, stamp, route) => port.inbox(wire.INPUT_PROVEN, stamp, route);

/**
 * @param {Port} port
 * @param {boolean} singleCalls
 */
export const listening = (port, singleCalls) => port.inbox(wire.INPUT_LISTENING, NONE, singleCalls ? 1 : 0);

/**
 * @param {Port} port
 * @param {object} grant
 */
export const signedIn = (port, grant) => port.inbox(wire.INPUT_SET_TOKENS, NONE, 0, grant);

/** @param {Port} port */
export const signedOut = (port) => port.inbox(wire.INPUT_CLEAR, NONE, 0);

/** @param {Port} port */
export const closed = (port) => port.inbox(wire.INPUT_CLOSE, NONE, 0);

/**
 * A look into the store: what was found, by wire.FOUND_…, for a flight or for nobody.
 * @param {Port} port
 * @param {number} input wire.INPUT_STORED, or INPUT_RESTORED after an EFFECT_RESTORE
 * @param {number} flight
 * @param {number} found
 * @param {object | false} [record]
 */
export const looked = (port, input, flight, found, record) => port.inbox(input, flight, found, record);

/**
 * One record followed another in the store.
 * @param {Port} port
 * @param {number} before an epoch, NaN for none
 * @param {number} after
 */
export const replaced = (port, before, after) =>
  port.inbox(wire.INPUT_REPLACED, NONE, 0, { [wire.REPLACED_BEFORE]: before, [wire.REPLACED_AFTER]: after });

/**
 * @param {Port} port
 * @param {number} flight
 * @param {boolean} ok
 */
export const written = (port, flight, ok) => port.inbox(wire.INPUT_WRITTEN, flight, ok ? 1 : 0);

/**
 * @param {Port} port
 * @param {number} flight
 * @param {number} bits
 * @param {object} grant
 */
export const answered = (port, flight, bits, grant) => port.inbox(wire.INPUT_ANSWERED, flight, bits, grant);
