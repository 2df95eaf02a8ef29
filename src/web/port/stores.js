// What only some places of the record need: a store of the caller's own, and sessionStorage. Loaded for these only.
import { steady } from "./own.js";
import { alone } from "./tab.js";

/**
 * Resolves when the place can be used.
 * @param {import("./options.js").PortOptions} options
 */
export async function prepare(options) {
  const { store } = options;
  if (store) options.store = steady({ ...options, store: /** @type {any} */ (store) });
  else await alone(options);
}
