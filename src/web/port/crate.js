// What the shell's Rust half imports, from one place. The crate takes one file along, src/web/port.js, which
// `cargo xtask build` bundles of this: a page that asks for sixteen modules at once waits for them, and a small
// development server may not answer that many connections (wasm-bindgen's test server hung).
export { fetch, refresh, token } from "./calls.js";
export { asks } from "./asked.js";
export { act, gate } from "./gate.js";
export { lease } from "./lease.js";
export { steady } from "./own.js";
export { ports } from "./port.js";
export { claims, clear, close, listen, setTokens } from "./session.js";
export { look } from "./store.js";
export { page } from "./values.js";
