// The place of the record: localStorage or sessionStorage, the caller's own store, or none.
import * as inputs from "./inputs.js";
import { late } from "./lock.js";
import { epochOf, record, stored } from "./tokens.js";
import { ignore } from "./values.js";
import * as wire from "./wire.js";

/** @typedef {import("./port.js").Port} Port */

/** A look that no flight asked for. */
const NOBODY = 0;

/**
 * Looks whether another tab or the developer tools changed the record, at most once in this millisecond for the sake of
 * storms, if one is given. A tab gets no `storage` event for a change by its own scripts or its developer tools.
 * @param {Port} port
 * @param {number} [now] in ms
 * @param {string | null} [heir] given by who knows of a change: what may be put back
 */
export function look(port, now, heir) {
  const { web, key } = port.options;
  if (!web || (now && now === port.lookedAt)) return;
  port.lookedAt = now;
  let raw;
  try {
    raw = web.getItem(key);
  } catch {
    // A store that fails now will say so when it matters: at the next write.
    return;
  }
  if (raw !== port.last || (heir !== undefined && raw !== heir)) report(port, NOBODY, raw, heir);
}

/**
 * The browser's `storage` event: its two values say who signed out or in elsewhere.
 * @param {Port} port
 * @param {StorageEvent} event
 */
export function changed(port, { storageArea, key, oldValue, newValue }) {
  const { options } = port;
  // A null key: the whole storage was cleared.
  if (!options.web || storageArea !== options.web || (key !== null && key !== options.key)) return;
  inputs.replaced(port, epochOf(oldValue), epochOf(newValue));
  look(port, undefined, newValue);
}

/**
 * @param {Port} port
 * @param {number} flight
 * @param {string | null | undefined} raw
 * @param {string | null} [heir]
 */
function report(port, flight, raw, heir = raw === port.last ? port.heir : port.last, input = wire.INPUT_STORED) {
  port.heir = heir;
  port.last = raw ?? null;
  const row = port.last !== null && record(port.last);
  inputs.looked(
    port,
    input,
    flight,
    row ? wire.FOUND_RECORD : row === false ? wire.FOUND_ABSENT : wire.FOUND_UNREADABLE,
    row,
  );
}

/**
 * @param {Port} port
 * @param {number} flight
 */
export function read(port, flight) {
  const { web, store, key } = port.options;
  const unavailable = () => inputs.looked(port, wire.INPUT_STORED, flight, wire.FOUND_UNAVAILABLE);
  if (store) return busy(port, store.get()).then((raw) => report(port, flight, raw), unavailable);
  if (!web) {
    // Memory: nothing at the start, and later nothing that the engine does not know. A blocked storage: never anything.
    return port.options.storage === "memory" && !flight ? report(port, NOBODY, null) : unavailable();
  }
  let raw;
  try {
    raw = web.getItem(key);
  } catch {
    return unavailable();
  }
  report(port, flight, raw);
}

/**
 * Puts back what followed an ended session (G5), over what a slow tab wrote. It is reported even if it cannot be
 * written. Without a flight the marks say first what is over, and a store that changed meanwhile is left alone.
 * @param {Port} port
 * @param {number} flight
 * @param {number} _
 * @param {any} row what followed, where the engine knows
 */
export function restore(port, flight, _, row) {
  const { web, key } = port.options;
  const heir = row ? stored(row, null) : port.heir;
  const found = port.last;
  /** @param {string | null} raw */
  const settle = (raw) => {
    look(port);
    if (port.last === found) put(port, raw, () => report(port, flight, raw, raw, wire.INPUT_RESTORED));
  };
  if (flight || !web) return settle(heir);
  late().then(
    (mark) => mark.guard(key, row, heir, found, settle),
    () => {
      // Once, so that two tabs never undo each other's writes in turn.
      settle(port.fought === found ? found : heir);
      port.fought = found;
    },
  );
}

/**
 * @param {Port} port
 * @param {number} flight
 * @param {number} _
 * @param {any} row
 */
export function write(port, flight, _, row) {
  put(port, stored(row, port.last), (ok) => inputs.written(port, flight, ok));
}

/**
 * A record that cannot be removed is found again at the next start, and the server refuses it then.
 * @param {Port} port
 */
export function remove(port) {
  put(port, null);
}

/**
 * Writes, or removes for `null`. `done` hears whether that worked: at once, or when the own store has answered.
 * @param {Port} port
 * @param {string | null} raw
 * @param {(ok: boolean) => void} [done]
 */
function put(port, raw, done = ignore) {
  const { web, store, key } = port.options;
  if (store) {
    port.last = raw;
    return void busy(port, raw === null ? store.remove() : store.set(raw)).then(
      () => done(true),
      () => done(false),
    );
  }
  let ok = true;
  try {
    if (raw === null) {
      // Also where it stays: what was removed must not be put back later.
      port.last = null;
      web?.removeItem(key);
    } else {
      web?.setItem(key, raw);
      port.last = raw;
    }
  } catch {
    ok = false;
  }
  done(ok);
}

/**
 * An operation of the caller's own store is under way: `setTokens` and others wait for it.
 * @template T
 * @param {Port} port
 * @param {Promise<T>} operation
 */
function busy(port, operation) {
  port.queue = operation.catch(ignore);
  return operation;
}
