import { creator } from "./session.js";

export { RelatchError } from "./error.js";

let wasm;

/** The wasm travels as text in a module of its own, which works in every bundler; it is fetched on first use. */
async function load() {
  const [glue, { default: text }] = await Promise.all([import("./dist/relatch.js"), import("./dist/inline.js")]);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  await glue.default({ module_or_path: bytes });
  return glue;
}

const once = () => (wasm ??= load().catch((error) => {
  wasm = undefined;
  throw error;
}));

export const createSession = creator(once);
