import { Core, imports, start } from "./dist/relatch.js";
import { creator } from "./session.js";

export { RelatchError } from "./error.js";

let wasm;
/** @type {any} what `setWasm` takes */
let source;

/** @param {unknown} from */
export function setWasm(from) {
  source = from;
}

async function load() {
  if (source === undefined) throw new Error("say where the wasm is, by setWasm, before the first use");
  let given = await source;
  if (typeof given === "string" || given instanceof URL) given = await fetch(given);
  if (given instanceof Response) {
    if (!given.ok) throw new Error(`the WebAssembly could not be fetched: ${given.status} for ${given.url}`);
    // Not instantiateStreaming, which refuses what is served under another media type than application/wasm.
    given = await given.arrayBuffer();
  }
  // A compiled module gives the instance itself.
  /** @type {any} */
  const made = await WebAssembly.instantiate(given, imports());
  start(made.instance ? made : { instance: made });
  return Core;
}

const once = () =>
  (wasm ??= load().catch((error) => {
    wasm = undefined;
    throw error;
  }));

export const createSession = creator(once);
