import text from "./dist/inline.js";
import { Core, imports, start } from "./dist/relatch.js";
import { creator } from "./session.js";

export { RelatchError } from "./error.js";

let wasm;

/**
 * The wasm travels as text in a module of its own, which works in every bundler, and is decoded and compiled on first
 * use. One character is one byte (its low eight bits, with ` for 0, which HTML would not keep): compressed, that is a
 * fifth less than base64.
 */
async function load() {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 96) bytes[i] = code;
  }
  let made;
  try {
    // So little is compiled sooner here than by a trip to another thread and back.
    made = { instance: new WebAssembly.Instance(new WebAssembly.Module(bytes), imports()) };
  } catch {
    // Chromium before 115 compiles no more than 4 kB in the page's own thread.
    made = await WebAssembly.instantiate(bytes, imports());
  }
  start(made);
  return Core;
}

const once = () =>
  (wasm ??= load().catch((error) => {
    wasm = undefined;
    throw error;
  }));

export const createSession = creator(once);
