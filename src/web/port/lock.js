// The origin's lock (G1): a Web Lock, or the lease where there are none. And the mark, which says what was done under
// it.
import * as inputs from "./inputs.js";
import { ignore } from "./values.js";

/** @typedef {import("./port.js").Port} Port */

/** Loaded when a refresh is due. A mark that cannot be kept is none. */
const marks = () => import("./mark.js");

/**
 * Asks for the lock. It is held until `unlock`; the engine keeps the bound.
 * @param {Port} port
 * @param {number} flight
 */
export function lock(port, flight) {
  const { key, lease, web } = port.options;
  // While the lock is waited for.
  if (web) marks().catch(ignore);
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
  if (!after) return release();
  setTimeout(release, after);
  port.marked?.then(release, ignore);
}

/**
 * @param {Port} port
 * @param {number} flight
 * @param {number} epoch
 */
export function readMark(port, flight, epoch) {
  const { key, web } = port.options;
  const read = (/** @type {number} */ generation) => inputs.marked(port, flight, generation);
  // A store of the caller's own, or none, has no tabs that see it late.
  if (!web) return void read(0);
  marks()
    .then((mark) => mark.read(key, epoch))
    .catch(() => 0)
    .then(read);
}

/**
 * @param {Port} port
 * @param {number} epoch
 * @param {number} generation
 */
export function leaveMark(port, epoch, generation) {
  const { key, web } = port.options;
  if (!web) return;
  port.marked = marks().then((mark) => mark.raise(key, epoch, generation));
  port.marked.catch(ignore);
}
