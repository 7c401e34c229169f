/** What a step computes from its memory alone is computed once, before all steps: found in the graph, whatever the step is. */

import { isOp, type Node, node } from "../graph/node.ts";
import { factsOf, type Kind } from "../graph/operations.ts";
import { dependents, rebuild } from "../graph/traverse.ts";
import { rowAxes } from "./row-wise.ts";

export interface Split {
  /** What depends on memory and weights alone, row by row. */
  readonly kept: readonly Node[];
  /** The inputs by which the step is given them. */
  readonly inputs: readonly Node<"input">[];
  /** The results of the step, over these inputs. */
  readonly results: readonly Node[];
}

/**
 * Part a step in two. Kept is work, such as products, not views of it; what is random is drawn anew at every step, and what
 * mixes the rows of the batch stays in the step. `memory` are its inputs that are the same at every step.
 */
export function splitSteady(results: readonly Node[], memory: readonly Node[], rows: string): Split {
  const isMemory = (candidate: Node) => memory.includes(candidate);
  const changing = dependents(
    results,
    (candidate) => (isOp(candidate, "input") && !isMemory(candidate)) || isOp(candidate, "random"),
  );
  const ofMemory = dependents(results, isMemory);
  const axes = rowAxes(results, rows);
  const inputs = new Map<Node, Node<"input">>();
  const visited = new Set<Node>();
  const visit = (candidate: Node) => {
    if (visited.has(candidate)) return;
    visited.add(candidate);
    const isSteady = ofMemory.has(candidate) && !changing.has(candidate) && axes.get(candidate) !== undefined;
    if (!isSteady || !isWork(candidate)) candidate.inputs.forEach(visit);
    else inputs.set(candidate, inputOf(candidate, inputs.size));
  };
  results.forEach(visit);
  return {
    kept: [...inputs.keys()],
    inputs: [...inputs.values()],
    results: rebuild(results, undefined, new Map<Node, Node>(inputs)),
  };
}

function inputOf({ shape, dtype }: Node, number: number): Node<"input"> {
  return node("input", [], { name: `kept.${number}`, shape, dtype });
}

/** Whether a node computes or copies something that an input can bring: no truth values. */
function isWork({ op, dtype }: Node): boolean {
  return dtype !== "bool" && work.has(factsOf(op).kind);
}
const work: ReadonlySet<Kind> = new Set(["contraction", "elementwise", "reduction", "assembly", "indexing"]);
