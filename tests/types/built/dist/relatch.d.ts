// The glue that wasm-bindgen writes, as xtask/src/glue.rs leaves it.
import type { PortOptions } from "../../../../src/web/port/options.js";

/** The engine in the wasm. */
export class Session {
  constructor(options: PortOptions, ...args: PortOptions["args"]);
  readonly port: unknown;
  ticket(now: number): number;
}
/** What the wasm is instantiated with. */
export function imports(): WebAssembly.Imports;
export function start(made: { instance: WebAssembly.Instance }): void;
