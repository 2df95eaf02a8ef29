// For Rust frontends, which have their session at once. Until it is known that the record in sessionStorage is this
// tab's (tab.js), the port finds nothing there but what it has written itself, and no look counts.
import { act as carryOut } from "./dispatch.js";
import { alone } from "./tab.js";
import { ignore } from "./values.js";
import { EFFECT_READ } from "./wire.js";

/** @param {import("./options.js").PortOptions} options */
export function gate(options) {
  const { web } = options;
  if (!web) return;
  /** @type {string | null} */
  let written = null;
  options.web = /** @type {any} */ ({
    __proto__: null,
    getItem: () => written,
    setItem(/** @type {string} */ key, /** @type {string} */ raw) {
      web.setItem(key, raw);
      written = raw;
    },
    removeItem(/** @type {string} */ key) {
      written = null;
      web.removeItem(key);
    },
  });
  options.gate = alone({ ...options, web }).then(() => {
    options.web = web;
    options.gate = undefined;
  });
}

/**
 * Carries out one effect: a look, when it counts.
 * @type {typeof carryOut}
 */
export function act(port, effect, subject, n, value) {
  const { gate } = port.options;
  if (!gate || effect !== EFFECT_READ) return carryOut(port, effect, subject, n, value);
  port.queue = gate.then(() => carryOut(port, effect, subject, n, value)).catch(ignore);
}
