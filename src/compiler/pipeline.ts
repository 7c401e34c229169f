/** The whole way from a traced program to statements: the rewrites, then lowering. */

import type { Node } from "../graph/node.ts";
import type { LoweredProgram } from "./loops.ts";
import { lower } from "./lower.ts";
import { type PassName, rewrite } from "./passes/index.ts";

/** Rewrite and lower a program, without the passes named in `off`; `watch` sees the graph after each pass. */
export function rewriteAndLower(
  { inputs, results, updates }: Parameters<typeof lower>[0],
  off: readonly PassName[] = [],
  watch?: (pass: PassName, nodes: readonly Node[]) => void,
): LoweredProgram {
  const rewritten = rewrite([...results, ...updates.map(([, value]) => value)], off, watch);
  return lower({
    inputs,
    results: rewritten.slice(0, results.length),
    updates: updates.map(([variable], index) => [variable, rewritten[results.length + index] as Node]),
  });
}
