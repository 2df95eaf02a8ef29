import { creator } from "./session.js";

export { RelatchError } from "./error.js";

let wasm;
let source = () => new URL("./dist/relatch_bg.wasm", import.meta.url);

export function setWasm(from) {
  source = () => from;
}

const once = () => (wasm ??= import("./dist/relatch.js")
  .then(async (glue) => {
    await glue.default({ module_or_path: await source() });
    return glue;
  })
  .catch((error) => {
    wasm = undefined;
    throw error;
  }));

export const createSession = creator(once);
