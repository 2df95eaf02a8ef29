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
  port.late = (flight, sent) => {
    if (sent !== spent) return false;
    port.late = undefined;
    // Its life began when it was asked for, so it may be over early: then a 401 tells.
    inputs.answered(port, flight, 0, row);
    return true;
  };
  const isHeld = record(`${port.last}`)?.[wire.RECORD_REFRESH] === spent;
  if (isHeld && !port.refresh) {
    refresh().catch(() => {
      // Not now. What is not spent after all needs nothing kept for later.
      if (!row[wire.GRANT_REFRESH]) port.late = undefined;
    });
  }
}
