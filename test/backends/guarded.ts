/**
 * Programs whose buffers end, one after the other, where the memory ends: behind the last element stand as many numbers as a vector
 * has lanes, as the plan promises, and then nothing that may be touched. Machine code that goes beyond is killed by the system,
 * so that this runs in a process of its own.
 */

import fc from "fast-check";
import type { Program, Value } from "../../src/backends/backend.ts";
import { CompiledExecutable } from "../../src/backends/runtime/executable.ts";
import type { Machine } from "../../src/backends/runtime/machine.ts";
import { wasmMachine } from "../../src/backends/wasm/machine.ts";
import { wasmTarget } from "../../src/backends/wasm/target.ts";
import { nativeMachine } from "../../src/backends/x86/machine.ts";
import { nativeTarget } from "../../src/backends/x86/target.ts";
import { rewriteAndLower } from "../../src/compiler/pipeline.ts";
import type { Target } from "../../src/compiler/target.ts";
import { ShapeError } from "../../src/errors.ts";
import type { Variable } from "../../src/trace/variable.ts";
import { build, data, programs, types } from "../compiler/random-plans.ts";
import { type Build, programOf } from "../compiler/trace.ts";
import { fewest, firstDifference, sets } from "../helpers/native.ts";
import { cases } from "./cases.ts";

interface Way {
  readonly name: string;
  readonly target: Target;
  readonly machine: Machine;
}

const ways: readonly Way[] = [
  { name: "4 lanes", target: wasmTarget(true), machine: wasmMachine },
  ...sets.flatMap((set) => [
    { name: set, target: nativeTarget(set), machine: nativeMachine(set) },
    { name: `${set}, few registers`, target: nativeTarget(set), machine: nativeMachine(set, fewest) },
  ]),
];

/** A NaN that no kernel makes. */
const guardWord = 0x7fc12345;

/** Runs a program once with each of its buffers at the end; what is wrong, if anything is. */
function runGuarded(
  program: Program,
  { target, machine }: Way,
  given: Readonly<Record<string, Value>>,
  weights: readonly Variable[],
): string | undefined {
  let [buffers, last] = [1, -1];
  const atEnd = (count: number) => {
    buffers = count;
    return last;
  };
  const executable = new CompiledExecutable(program, rewriteAndLower(program, target), {
    ...{ machine, threads: 1, minimumWork: 0, atEnd },
  });
  const before = weights.map(({ value }) => value);
  let wanted: Value[] | undefined;
  for (; last < buffers; last += 1) {
    // The first and the last time, all stand where they always do.
    const prepared = executable.prepare(given);
    for (const [name, place] of Object.entries(prepared.inputs)) place.set((given[name] as Value).data);
    const { buffer } =
      [...prepared.results, ...Object.values(prepared.inputs)].find(({ length }) => length > 0) ?? {};
    const isGuarded = buffer !== undefined && last >= 0 && last < buffers;
    const guard = isGuarded
      ? new Uint32Array(buffer, buffer.byteLength - 4 * target.lanes)
      : new Uint32Array();
    guard.fill(guardWord);
    prepared.run();
    weights.forEach((weight, index) => {
      weight.value = before[index] as Float32Array;
    });
    if (guard.some((word) => word !== guardWord)) return `buffer ${last}: written beyond its end`;
    const results = prepared.results.map((data) => ({ data: data.slice(), shape: [data.length] }));
    wanted ??= results;
    for (const [index, value] of wanted.entries()) {
      const difference = firstDifference(results[index] as Value, value);
      if (difference) return `buffer ${last}, result ${index}: ${difference}`;
    }
  }
  return undefined;
}

function report(
  what: string,
  program: Program,
  given: Readonly<Record<string, Value>>,
  weights: readonly Variable[] = [],
): void {
  for (const way of ways) {
    // Told before it runs: if it is killed, this is the last that is heard.
    console.log(`${what}, ${way.name}`);
    try {
      const problem = runGuarded(program, way, given, weights);
      if (problem) console.log(`WRONG ${problem}`);
    } catch (error) {
      if (!(error instanceof ShapeError)) console.log(`WRONG ${error}`);
    }
  }
}

export function runCases(): void {
  for (const { name, types, build, inputs } of cases) {
    // The sizes that fit no vector are in the second call, where there is one.
    report(name, programOf(build, types), (inputs[1] ?? inputs[0]) as Record<string, Value>);
  }
}

export function runRandom(count: number, seed: number): void {
  fc.sample(programs, { numRuns: count, seed }).forEach(({ calls, without, changes, ...plan }, index) => {
    const weights = new Map<string, Variable>();
    const program = programOf(build(plan, weights) as unknown as Build, types);
    report(`random program ${index}`, program, data(calls[0] as [number, number]), [...weights.values()]);
  });
}
