// Holds and refreshes as User Timing measures, so that they stand in the browser's Performance panel beside the
// requests they belong to. Made of the session's events; no token is in those, but in a URL there may be one.
import { own } from "./reading.js";
import { redactUrl, rules } from "./redact-words.js";

const [HELD, REFRESH] = ["relatch: held", "relatch: refresh"];
/** So many held calls of one refresh are measured one by one; the rest are in the refresh's figures. */
const EACH_MAX = 100;
/** The page's own list of entries does not grow without end. A recording that runs has them already. */
const ENTRIES_MAX = 1000;
/** Failures of something else than a refresh: nobody is released by them. */
const OTHER = ["storage_failed", "storage_corrupt", "storage_unavailable"];

/** Only names are allowed here. */
const ALLOWED = rules();

/** @import { SessionEventMap } from "./index.js" */

/**
 * Measures until the function that it gives is called.
 * @type {typeof import("./timing.js").timing}
 */
export function timing(session) {
  /** @type {Map<number, { at: number, url: string, sent: boolean }>} */
  const held = new Map();
  let [entries, more] = [0, 0];

  /**
   * @param {string} name
   * @param {number} start
   * @param {string} color
   * @param {string} tooltipText
   * @param {object} properties
   */
  function measure(name, start, color, tooltipText, properties) {
    entries += 1;
    if (entries > ENTRIES_MAX) {
      performance.clearMeasures(HELD);
      performance.clearMeasures(REFRESH);
      entries = 1;
    }
    // The panel's own extension fields; other browsers keep them as any detail.
    const devtools = {
      __proto__: null,
      dataType: "track-entry",
      track: "relatch",
      color,
      tooltipText,
      properties: Object.entries(properties).map(([k, v]) => [k, String(v)]),
    };
    const detail = { __proto__: null, ...properties, devtools };
    // A duration beside a start and an end would be refused, wherever it came from.
    const measured = { __proto__: null, start, end: performance.now(), detail };
    performance.measure(name, /** @type {PerformanceMeasureOptions} */ (measured));
  }

  /** @param {string} outcome */
  function release(outcome) {
    for (const [call, { at, url, sent }] of held)
      measure(HELD, at, "secondary", `${outcome}: ${url}`, { call, url, sent, outcome });
    const waited = held.size + more;
    held.clear();
    more = 0;
    return waited;
  }

  /** @type {{ [E in keyof SessionEventMap]?: (detail: SessionEventMap[E]["detail"]) => void }} */
  const heard = {
    held({ call, sent, url }) {
      if (held.size < EACH_MAX) held.set(call, { at: performance.now(), url: redactUrl(url, ALLOWED), sent });
      else more += 1;
    },
    refreshed({ generation, reason, durationMs }) {
      const start = Math.max(performance.now() - durationMs, 0);
      const waited = release("refreshed");
      measure(REFRESH, start, "primary", `refreshed: ${waited} calls waited`, {
        outcome: "refreshed",
        generation,
        reason,
        waited,
      });
    },
    failed({ code, status, retryInMs }) {
      if (OTHER.includes(code)) return;
      // How long a failed refresh took is not known; it took at least as long as the first call waited.
      const start = Math.min(performance.now(), ...Array.from(held.values(), ({ at }) => at));
      const waited = release(code);
      measure(REFRESH, start, "error", `${code}: ${waited} calls waited`, { outcome: code, status, retryInMs, waited });
    },
    adopted: () => release("adopted"),
    changed: () => release("changed"),
    expired: () => release("expired"),
  };
  /** @type {[string, EventListener][]} */
  const listeners = Object.entries(heard).map(([type, hear]) => [
    type,
    (event) => hear(/** @type {any} */ (own(/** @type {CustomEvent} */ (event).detail))),
  ]);
  for (const [type, listener] of listeners) session.addEventListener(type, listener);
  return () => {
    for (const [type, listener] of listeners) session.removeEventListener(type, listener);
    held.clear();
  };
}
