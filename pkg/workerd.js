// Cloudflare's workerd compiles no WebAssembly at run time; it takes a module that the bundle brings along.
import wasm from "./dist/relatch_bg.wasm";
import { createSession as create, setWasm } from "./slim.js";

export { RelatchError } from "./slim.js";

/**
 * workerd knows no `redirect: "error"`, by which tokens are kept from following a redirect.
 * @param {typeof globalThis.fetch} fetch
 * @returns {typeof globalThis.fetch}
 */
const refusing = (fetch) => async (input, init) => {
  if (init?.redirect !== "error") return fetch(input, init);
  const response = await fetch(input, { ...init, redirect: "manual" });
  if ([301, 302, 303, 307, 308].includes(response.status)) throw new TypeError("a redirect was refused");
  return response;
};

/** @param {import("./index.js").SessionOptions} options */
export function createSession(options) {
  // Said here and not beside the import, so that importing has no effect.
  setWasm(wasm);
  return create(options && { ...options, fetch: refusing(options.fetch ?? globalThis.fetch) });
}
