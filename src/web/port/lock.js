// The origin's lock (G1): a Web Lock, or the lease where there are none.
import * as inputs from "./inputs.js";
import { ignore } from "./values.js";

/** @typedef {import("./port.js").Port} Port */

/**
 * Asks for the lock. It is held until `unlock`; the engine keeps the bound.
 * @param {Port} port
 * @param {number} flight
 */
export function lock(port, flight) {
  const { key, lease } = port.options;
  const own = { flight, release: ignore };
  port.lock = own;
  const granted = () => port.lock === own && inputs.locked(port, flight);
  const locks = globalThis.navigator?.locks;
  if (lease) {
    own.release = lease(port.options, granted);
  } else if (locks) {
    const controller = new AbortController();
    /** @type {Promise<void>} */
    const held = new Promise((resolve) => {
      own.release = () => {
        resolve();
        controller.abort();
      };
    });
    // It rejects by our own abort, or because locks are forbidden in this document, which is as if there were none.
    locks
      .request(`relatch:${key}`, { signal: controller.signal }, () => {
        granted();
        return held;
      })
      .catch(granted);
  } else {
    granted();
  }
}

/**
 * @param {Port} port
 * @param {number} flight
 * @param {number} after in ms
 */
export function unlock(port, flight, after) {
  if (port.lock?.flight !== flight) return;
  const { release } = port.lock;
  port.lock = undefined;
  if (after) setTimeout(release, after);
  else release();
}
