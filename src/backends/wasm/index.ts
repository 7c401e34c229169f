/** The WebAssembly backend: float32 SIMD kernels for one thread or several, generated when a program is compiled. */

import { checkOptions, printGiven } from "../../checks.ts";
import { checker } from "../../compiler/check.ts";
import { type PassName, passes } from "../../compiler/passes/index.ts";
import { rewriteAndLower } from "../../compiler/pipeline.ts";
import { UsageError } from "../../errors.ts";
import { checkGraph } from "../../graph/check.ts";
import { type Backend, computedNodes } from "../backend.ts";
import { CompiledExecutable } from "../runtime/executable.ts";
import { threadObstacle } from "../runtime/workers.ts";
import { fusedAvailable } from "./engine.ts";
import { wasmMachine } from "./machine.ts";
import { wasmTarget } from "./target.ts";

const mostThreads = 64;
/** Multiply-adds and elements that are worth waking other threads for: about a tenth of a millisecond. */
const worthwhile = 4_000_000;

export interface WasmOptions {
  /** What the compiler leaves out, by the names in `passes`. */
  readonly without?: readonly PassName[];
  /**
   * Threads that share the work; default 1. Results are the same bits for any number. Fewer threads run if the platform has
   * no shared memory or no workers (`threadReport` says so), if a program is too small to gain by more, and until the workers
   * have started.
   */
  readonly threads?: number;
  /**
   * The least number of multiply-adds and elements that are worth sharing; default 4 million, 0 to share always. One thread
   * does everything if a call has fewer of them to share, or if they are less than half of its work. If calls follow each other
   * within a quarter of a millisecond and can share nearly everything, a fortieth of this number is enough.
   */
  readonly minimumWork?: number;
  /**
   * Whether a multiplication and the addition after it become one instruction, rounded once, where the engine has it
   * (relaxed SIMD); default true. Without it, results are the same bits in all engines and on all processors.
   */
  readonly fused?: boolean;
  /**
   * Whether the compiler checks the graph and the loops after each of its passes, for those who write one; default false.
   * Then compiling throws GraphError, with the pass, where something is not legal.
   */
  readonly check?: boolean;
}

/** A WebAssembly backend with options; `wasm` is the one with all passes. */
export function wasmBackend(options: WasmOptions = {}): Backend {
  checkOptions("wasmBackend", options, {
    without: true,
    threads: true,
    minimumWork: true,
    fused: true,
    check: true,
  });
  const {
    without = [],
    threads: wanted = 1,
    minimumWork = worthwhile,
    fused = true,
    check = false,
  } = options;
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > mostThreads) {
    throw new UsageError(`threads ${printGiven(wanted)}: expected a whole number from 1 to ${mostThreads}`);
  }
  if (!Array.isArray(without)) {
    throw new UsageError(`without ${printGiven(without)}: expected a list of the names of passes`);
  }
  if (!(typeof minimumWork === "number" && minimumWork >= 0)) {
    throw new UsageError(`minimumWork ${printGiven(minimumWork)}: expected a number from 0`);
  }
  const unknown = without.find((name) => !(name in passes));
  if (unknown !== undefined) {
    throw new UsageError(`without ${unknown}: expected ${Object.keys(passes).join(", ")}`);
  }
  const isShared = wanted > 1 && !without.includes("splitWork") && threadObstacle() === undefined;
  const threads = isShared ? wanted : 1;
  return {
    name: "wasm",
    compile(program) {
      const target = wasmTarget(fused && fusedAvailable());
      if (check) checkGraph(computedNodes(program));
      const lowered = rewriteAndLower(program, target, { without, threads }, check ? checker : {});
      return new CompiledExecutable(program, lowered, { machine: wasmMachine, threads, minimumWork });
    },
  };
}

export const wasm: Backend = wasmBackend();
