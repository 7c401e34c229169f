/** The WebAssembly backend: float32 SIMD kernels for one thread or several, generated when a program is compiled. */

import type { Backend } from "../backend.ts";
import { compiledBackend } from "../compiled.ts";
import { type ExecutionOptions, settleExecution } from "../execution-options.ts";
import { fusedAvailable } from "./engine.ts";
import { wasmMachine } from "./machine.ts";
import { wasmTarget } from "./target.ts";

/** About a tenth of a millisecond. */
const worthwhile = 4_000_000;

export interface WasmOptions extends ExecutionOptions {
  /**
   * Whether a multiplication and the addition after it become one instruction, rounded once, where the engine has it
   * (relaxed SIMD); default true. Without it, results are the same bits in all engines and on all processors.
   */
  readonly fused?: boolean | undefined;
}

/** A WebAssembly backend with options; `wasm` is the one with all passes. */
export function wasmBackend(options: WasmOptions = {}): Backend {
  const settled = settleExecution("wasmBackend", options, { minimumWork: worthwhile, own: { fused: true } });
  const { fused = true } = options;
  return compiledBackend("wasm", settled, () => ({
    target: wasmTarget(fused && fusedAvailable()),
    machine: wasmMachine,
  }));
}

export const wasm: Backend = wasmBackend();
