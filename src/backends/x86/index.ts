/** The native backend: machine code for x86-64, written when a program is compiled and called from Node. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Backend } from "../backend.ts";
import { compiledBackend } from "../compiled.ts";
import { type ExecutionOptions, settleExecution } from "../execution-options.ts";
import type { InstructionSet } from "./assembler/assembler.ts";
import { nativeMachine } from "./machine.ts";
import { nativeObstacle } from "./runtime/obstacle.ts";
import { instructionSets } from "./runtime/processor.ts";
import { nativeTarget } from "./target.ts";

/** About a tenth of a millisecond. */
const worthwhile = 10_000_000;

export interface NativeOptions extends ExecutionOptions {
  /** Those of the processor: "avx2" has vectors of 8 floats, "avx512" of 16. Default is the widest that there are. */
  readonly instructions?: InstructionSet | undefined;
}

/** The widest instructions that there are; there are some where `nativeObstacle` finds nothing. */
export function widestInstructions(): InstructionSet {
  return instructionSets().has("avx512") ? "avx512" : "avx2";
}

/**
 * A backend of machine code with options. Throws UsageError where machine code cannot run, with the reason, and for instructions
 * that the processor has not. Its results are the bits of WebAssembly with `fused`.
 */
export function nativeBackend(options: NativeOptions = {}): Backend {
  const settled = settleExecution("nativeBackend", options, {
    ...{ minimumWork: worthwhile, own: { instructions: true } },
  });
  const obstacle = nativeObstacle(settled.threads);
  if (obstacle !== undefined) throw new UsageError(`nativeBackend: ${obstacle}`);
  const { instructions = widestInstructions() } = options;
  if (!instructionSets().has(instructions)) {
    const there = [...instructionSets()].join(" or ");
    throw new UsageError(`nativeBackend: instructions ${printGiven(instructions)} given, ${there} expected`);
  }
  const [target, machine] = [nativeTarget(instructions), nativeMachine(instructions)];
  return compiledBackend("native", settled, () => ({ target, machine }));
}
