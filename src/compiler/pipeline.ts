/** The whole way from a traced program to statements with a memory plan: rewrites of the graph, lowering, rewrites of the loops. */

import type { Node } from "../graph/node.ts";
import { computeOnce } from "./loop-passes/compute-once.ts";
import { fuseTails } from "./loop-passes/fuse-tails.ts";
import { packMatrices } from "./loop-passes/pack-matrices.ts";
import { shareMemory } from "./loop-passes/share-memory.ts";
import { splitWork } from "./loop-passes/split-work.ts";
import type { LoweredProgram } from "./loops/program.ts";
import type { LoweringOptions } from "./lowering/block.ts";
import { type LoweredFrom, lower } from "./lowering/lower.ts";
import { type GraphPassName, type PassName, rewrite } from "./passes/index.ts";
import type { Target } from "./target.ts";

export interface PipelineOptions {
  /** Passes that are left out. */
  readonly without?: readonly PassName[] | undefined;
  /** How many threads will share the work; default 1. */
  readonly threads?: number | undefined;
}

/** Sees what each pass made. */
export interface Watcher {
  graph?(pass: GraphPassName, results: readonly Node[]): void;
  loops?(pass: LoopPassName, program: LoweredProgram): void;
}

/** What lowering itself does, in order. */
const loweringPasses = [
  "fuseLoops",
  "cutLoops",
  "reuseSlots",
] as const satisfies readonly (keyof LoweringOptions)[];

/** The rewrites of the loops after that, in order. */
const loopPasses = {
  computeOnce,
  fuseTails,
  packMatrices,
  splitWork,
  shareMemory,
} satisfies Partial<Record<PassName, (program: LoweredProgram, threads: number) => LoweredProgram>>;

export type LoopPassName = (typeof loweringPasses)[number] | keyof typeof loopPasses;
const laterPasses = Object.keys(loopPasses) as (keyof typeof loopPasses)[];
export const loopPassNames: readonly LoopPassName[] = [...loweringPasses, ...laterPasses];

/** Rewrite and lower a program for a machine. */
export function rewriteAndLower(
  { inputs, steady = [], results, updates }: LoweredFrom,
  target: Target,
  { without = [], threads = 1 }: PipelineOptions = {},
  watcher: Watcher = {},
): LoweredProgram {
  const isOn = (name: PassName) => !without.includes(name) && (name !== "splitWork" || threads > 1);
  const rewritten = rewrite([...results, ...updates.map(([, value]) => value)], without, watcher.graph);
  const from: LoweredFrom = {
    inputs,
    steady,
    results: rewritten.slice(0, results.length),
    updates: updates.map(([variable], index) => [variable, rewritten[results.length + index] as Node]),
  };
  const options = { fuseLoops: false, cutLoops: false, reuseSlots: false };
  for (const name of loweringPasses.filter(isOn)) {
    options[name] = true;
    watcher.loops?.(name, lower(from, target, options));
  }
  let program = lower(from, target, options);
  for (const name of laterPasses) {
    if (!isOn(name)) continue;
    program = loopPasses[name](program, threads);
    watcher.loops?.(name, program);
  }
  return program;
}
