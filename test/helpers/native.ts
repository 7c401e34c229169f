/** Machine code in all its forms, WebAssembly that it must agree with, and what it means that two results are the same bits. */

import type { Backend, Value } from "../../src/backends/backend.ts";
import { compiledBackend } from "../../src/backends/compiled.ts";
import { type ExecutionOptions, settleExecution } from "../../src/backends/execution-options.ts";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import type { InstructionSet } from "../../src/backends/x86/assembler/assembler.ts";
import { nativeMachine } from "../../src/backends/x86/machine.ts";
import { nativeObstacle } from "../../src/backends/x86/runtime/obstacle.ts";
import { instructionSets } from "../../src/backends/x86/runtime/processor.ts";
import { nativeTarget } from "../../src/backends/x86/target.ts";
import { compile, type InputType } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";

/** The instruction sets to test: none where no machine code runs. */
export const sets: readonly InstructionSet[] = nativeObstacle() === undefined ? [...instructionSets()] : [];

export interface Registers {
  readonly general: number;
  readonly vector: number;
}

/** The fewest registers that kernels find room in. */
export const fewest: Registers = { general: 4, vector: 4 };

/** Machine code of one set, and with few registers, so that values are spilled. */
export function nativeWith(
  set: InstructionSet,
  options: ExecutionOptions = {},
  registers?: Registers,
): Backend {
  const settled = settleExecution("nativeWith", options, { minimumWork: 0 });
  const [target, machine] = [nativeTarget(set), nativeMachine(set, registers)];
  return compiledBackend("native", settled, () => ({ target, machine }));
}

/** WebAssembly that multiplies and adds in one instruction. */
export const fused: Backend = wasmBackend({ fused: true });

/** The backends whose results are the same bits as those of `fused`, by name. */
export const natives: Readonly<Record<string, Backend>> = Object.fromEntries([
  ...sets.map((set) => [set, nativeWith(set)]),
  ...sets.map((set) => [`${set} with few registers`, nativeWith(set, {}, fewest)]),
]);

export interface Computation {
  readonly types: Readonly<Record<string, InputType>>;
  readonly build: (inputs: Record<string, Tensor>) => Tensor | Tensor[];
  /** The data of each call. */
  readonly inputs: readonly Readonly<Record<string, Value>>[];
}

export function resultsOf({ build, types, inputs }: Computation, backend: Backend): readonly Value[][] {
  const compiled = compile((tensors: Record<string, Tensor>) => [build(tensors)].flat(), {
    inputs: types,
    backend,
  });
  return inputs.map((given) => compiled(given as never) as Value[]);
}

/** The first element that is not the same, in words; NaN is NaN whatever its bits. */
export function firstDifference(given: Value, wanted: Value): string | undefined {
  if (given.shape.join() !== wanted.shape.join()) return `shape ${given.shape}, not ${wanted.shape}`;
  for (let at = 0; at < wanted.data.length; at += 1) {
    if (!Object.is(given.data[at], wanted.data[at]))
      return `element ${at} of ${wanted.shape} is ${given.data[at]}, not ${wanted.data[at]}`;
  }
  return undefined;
}

/** Where results are not the same bits as fused WebAssembly's; nowhere, it is hoped. */
export function differences(computation: Computation, backends = natives): string[] {
  const wanted = resultsOf(computation, fused);
  return Object.entries(backends).flatMap(([name, backend]) =>
    resultsOf(computation, backend).flatMap((results, call) =>
      results.flatMap((value, index) => {
        const difference = firstDifference(value, wanted[call]?.[index] as Value);
        return difference ? [`${name}, call ${call}, result ${index}: ${difference}`] : [];
      }),
    ),
  );
}
