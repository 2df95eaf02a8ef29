// The glue as the build writes it: the wasm's class, and what its loader needs.
import type { Port } from "../../../../src/web/port/port.js";
import type { PortOptions } from "../../../../src/web/port/options.js";

export class Core {
  constructor(
    options: PortOptions,
    shared: boolean,
    refreshTimeoutMs: number,
    maxWaitMs: number,
    maxReplays: number,
  );
  /** See src/web/export.rs. */
  ticket(wallMs: number): number;
  readonly port: Port;
}

export function imports(): WebAssembly.Imports;
export function start(made: { instance: WebAssembly.Instance }): void;
