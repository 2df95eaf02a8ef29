import init, { Session } from "./dist/relatch.js";
import { creator } from "./session.js";

export { RelatchError } from "./error.js";

let wasm;
let source;

export function setWasm(from) {
  source = from;
}

async function load() {
  if (source === undefined) throw new Error("say where the wasm is, by setWasm, before the first use");
  await init({ module_or_path: await source });
  return Session;
}

const once = () => (wasm ??= load().catch((error) => {
  wasm = undefined;
  throw error;
}));

export const createSession = creator(once);
