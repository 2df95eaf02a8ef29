export * from "./index.js";

/**
 * Says where the WebAssembly comes from, before the first use: a URL, a `Response` (or its promise), bytes or a compiled
 * module. Default: `dist/relatch_bg.wasm` beside the package's files; the file is exported as `relatch/relatch.wasm`.
 */
export function setWasm(
  from: string | URL | Response | BufferSource | WebAssembly.Module | Promise<Response | BufferSource | WebAssembly.Module>,
): void;
