export * from "./index.js";

/**
 * Says where the WebAssembly comes from, before the first use: a URL, a `Response` (or its promise), bytes or a
 * compiled module. The file is exported as `relatch/relatch.wasm`. Without it calls reject with `wasm_unavailable`.
 */
export function setWasm(
  from:
    | string
    | URL
    | Response
    | BufferSource
    | WebAssembly.Module
    | Promise<Response | BufferSource | WebAssembly.Module>,
): void;
