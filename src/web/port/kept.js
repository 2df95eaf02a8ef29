// The answer of a refresh that nobody waited for any more (G7).
import * as inputs from "./inputs.js";
import { record } from "./tokens.js";
import * as wire from "./wire.js";

/**
 * Keeps it for the flight that is about to send the same token. That token is spent, so nothing is sent. A call under
 * way with the same token may do better.
 * @param {import("./port.js").Port} port
 * @param {string} spent
 * @param {any} row
 * @param {() => Promise<unknown>} refresh begins a flight
 */
export function keep(port, spent, row, refresh) {
  const before = port.last;
  const isHeld = record(`${before}`)?.[wire.RECORD_REFRESH] === spent;
  // There is one place, and what a session of before asked for is worth less than what this one did.
  if (port.late && !isHeld) return;
  const next = row[wire.GRANT_REFRESH];
  const isSpent = next && next !== spent;
  port.late = (flight, sent) => {
    if (sent !== spent) return false;
    port.late = undefined;
    // A server that does not rotate takes the same token again, and what it gave then is old once another came.
    if (!isSpent && port.last !== before) return false;
    // Its life began when it was asked for, so it may be over early: then a 401 tells.
    inputs.answered(port, flight, 0, row);
    return true;
  };
  if (isHeld && !port.refresh) {
    refresh().catch(() => {
      // Not now. What is not spent after all needs nothing kept for later.
      if (!isSpent) port.late = undefined;
    });
  }
}
