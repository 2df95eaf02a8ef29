// A store of the caller's own, made steady (G10): its operations come one after the other, none waits for ever, and a
// write that hung is made good. Loaded only where there is such a store.
import { ignore } from "./values.js";
import { REFRESH_TIMEOUT_DEFAULT_MS } from "./wire.js";

/** An operation takes no longer, nor longer than a refresh. */
const LIMIT_MS = 5_000;
/** A store that hung is asked again after this, then after twice as long, … */
const AGAIN_MS = 1_000;
/** … up to this. */
const AGAIN_MAX_MS = 60_000;
/** A session that is signed out looks for another hand's login no more often (S7). */
const SEEK_MS = 1_000;
/** Stands for an operation that has not answered in time. */
const LATE = Symbol("late");

/**
 * The store for the port. `set` and `remove` resolve for a write that hangs, too: until it is made good, no `get` shows
 * what was there before.
 * @param {{ store: import("../../../pkg/index.js").TokenStore, key: string, refreshTimeoutMs: number }} options
 */
export function steady({ store, key, refreshTimeoutMs }) {
  const limit = Math.min(refreshTimeoutMs || REFRESH_TIMEOUT_DEFAULT_MS, LIMIT_MS);
  /** @type {Promise<any>} the operation before */
  let before = Promise.resolve();
  /** @type {string | null | undefined} what the store should have, once something was written */
  let wanted;
  let isOwed = false;
  /** @type {(string | null | undefined)[]} what a write that hangs may be written over; undefined: anything */
  let bases = [];
  /** Writes that wait for their turn, and the last of them: what an earlier look finds is old. */
  let pending = 0;
  /** @type {string | null} */
  let newest = null;
  /** @type {string | null | undefined} what the store had at the latest look or write */
  let seen;
  let wait = AGAIN_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {() => any} */
  let changed = ignore;
  let soughtAt = -SEEK_MS;
  /** @type {any} the look then */
  let sought;
  /** The application is still to hear of a write that hangs: as of a store that is not there. */
  let isUntold = false;
  let isLooking = false;

  /**
   * @param {() => any} operation
   * @param {() => void} [late] it answered after all
   * @returns {Promise<any>}
   */
  const bounded = (operation, late = ignore) =>
    new Promise((resolve, reject) => {
      let isOver = false;
      const over = setTimeout(() => {
        isOver = true;
        again();
        reject(LATE);
      }, limit);
      // What throws rejects.
      new Promise((done) => done(operation())).then(resolve, reject).then(() => (isOver ? late() : clearTimeout(over)));
    });

  /** @param {() => Promise<any>} operation */
  function queue(operation) {
    const result = before.then(operation);
    before = result.catch(ignore);
    return result;
  }

  function again() {
    clearTimeout(timer);
    timer = setTimeout(() => get().then(changed, ignore), wait);
    // It does not keep Node.js from ending.
    /** @type {any} */ (timer).unref?.();
    wait = Math.min(wait * 2, AGAIN_MAX_MS);
  }

  /** @param {string | null} raw */
  const put = (raw) =>
    bounded(
      () => (raw === null ? store.remove(key) : store.set(key, raw)),
      () => {
        // It may have come over what was written since, here or by another hand.
        if (raw !== wanted) {
          isOwed = true;
          bases.push(raw);
        }
        changed();
      },
    );

  async function look() {
    seen =
      (await bounded(
        () => store.get(key),
        () => changed(),
      )) ?? null;
    wait = AGAIN_MS;
    return seen;
  }

  function get() {
    if (isUntold) {
      isUntold = false;
      return Promise.reject(LATE);
    }
    return queue(async () => {
      const raw = await look();
      // Somebody signed in or out here meanwhile.
      if (pending) return newest;
      if (!isOwed) return raw;
      if (raw !== wanted && (bases.includes(raw) || bases.includes(undefined))) {
        await put(/** @type {any} */ (wanted));
        seen = wanted;
      }
      // Else it has arrived, or another hand was faster.
      isOwed = false;
      bases = [];
      return seen;
    });
  }

  /** @param {string | null} raw */
  const write = (raw) => {
    pending++;
    newest = raw;
    return queue(async () => {
      pending--;
      wanted = raw;
      try {
        await put(raw);
      } catch (error) {
        if (error !== LATE) throw error;
        isOwed = true;
        bases.push(seen);
        // Once the session goes on with what was to be written.
        setTimeout(() => {
          isUntold = true;
          changed();
        });
        return;
      }
      isOwed = false;
      seen = raw;
    });
  };

  return {
    get,
    set: write,
    remove: () => write(null),
    /** @param {() => any} tell of changes by others, and of what came late; it gives when the session knows */
    subscribe(tell) {
      changed = tell;
      return store.subscribe?.(key, () => changed());
    },
    /**
     * S7: nobody is signed in, and a store that tells of no change may know better.
     * @param {AbortSignal | null} [signal]
     */
    async seek(signal) {
      if (store.subscribe || seen !== null) return;
      const now = performance.now();
      if (now - soughtAt >= SEEK_MS) {
        soughtAt = now;
        sought = changed();
      }
      await new Promise((done) => {
        signal?.addEventListener("abort", done);
        sought.then(done);
      });
    },
    /** G10: at each 401. */
    async look() {
      if (store.subscribe || isLooking) return;
      isLooking = true;
      await changed();
      isLooking = false;
    },
  };
}
