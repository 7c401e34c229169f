/** Whose a leaf of the graph is: what a trace computes reads its own inputs alone, and nothing from inside of a step. */

import { GraphError } from "../errors.ts";
import { isOp, type Node } from "../graph/node.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { printType } from "../graph/types.ts";

/**
 * Throws GraphError where the nodes of a trace depend on the input of another one, such as a tensor that was kept from a
 * function traced before, or on a state or slice of a scan outside of its step.
 */
export function checkOwn(computed: readonly Node[], inputs: readonly Node[]): void {
  const own = new Set(inputs);
  for (const leaf of topologicalOrder(computed)) {
    if (isOp(leaf, "input") && !own.has(leaf)) {
      const name = leaf.attributes.name === "input" ? "" : ` ${leaf.attributes.name}`;
      throw new GraphError(
        `the input${name}, ${printType(leaf)}, of another function is used in this one: its numbers can be an input here, the tensor cannot`,
      );
    }
    if (isOp(leaf, "argument") || isOp(leaf, "past")) {
      const what = isOp(leaf, "argument") ? "a state or an input" : "the past";
      throw new GraphError(
        `${what} of a scan's step, ${printType(leaf)}, is used outside of that step: the step can return it, as state or output`,
      );
    }
  }
}
