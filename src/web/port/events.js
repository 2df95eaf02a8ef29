// Events: the engine's figures under their names.
import { ignore } from "./values.js";
import * as wire from "./wire.js";

/** @typedef {import("./port.js").Port} Port */

/** What stands around a quoted value, and before an escaped character (RFC 9110 §5.6.4). */
const QUOTES = /^"|"$|\\(.)/g;

/**
 * A listener's error is the application's; the session goes on.
 * @param {Port} port
 * @param {number} id the call that the event is about, 0 for none
 * @param {number} event
 * @param {number[]} row
 */
export function dispatch({ options, calls, told }, id, event, row) {
  const { names, onEvent = ignore } = options;
  const [type, ...figures] = wire.EVENTS[event];
  /** @type {Record<string, any>} */
  const detail = {};
  // Some of the figures have names: reasons, changes, codes.
  figures.forEach((name, place) => {
    detail[name] = /** @type {any} */ (names)[`${name}s`]?.[row[place]] ?? row[place];
  });
  if (id) {
    const call = calls.get(id);
    detail.url = call.url;
    if (event === wire.EVENT_STEP_UP) stepUp(detail, call.got.headers.get("www-authenticate"));
  }
  if (event === wire.EVENT_HELD) detail.sent = !!detail.sent;
  if (event === wire.EVENT_EXPIRED) detail.code = "session_expired";
  if (event === wire.EVENT_FAILED) {
    detail.message = names.messages[names.codes.indexOf(detail.code)];
    // What is known of the refresh; a store that fails, or a deadline, says all by its code.
    if (DEVELOPMENT && told && detail.code === "refresh_failed") detail.message += `: ${told}`;
  }
  try {
    onEvent(type, detail);
  } catch {}
}

/**
 * The figures are places in the challenge: turned into what stands there.
 * @param {Record<string, any>} detail
 * @param {string} challenge
 */
function stepUp(detail, challenge) {
  for (const name of ["error", "scope", "acrValues", "maxAge"]) {
    const [begin, length] = [detail[name] / wire.PLACE, detail[name] % wire.PLACE];
    detail[name] = challenge.substr(begin, length).replace(QUOTES, "$1") || null;
  }
  detail.maxAge = /^\d+$/.test(detail.maxAge) ? Number(detail.maxAge) : null;
}
