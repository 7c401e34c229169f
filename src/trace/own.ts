/** Whose a leaf of the graph is: what a trace computes reads its own inputs alone, and nothing from inside of a step. */

import { GraphError } from "../errors.ts";
import { isOp, type Node } from "../graph/node.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { printType } from "../graph/types.ts";
import type { Trace } from "./current.ts";

/**
 * Throws GraphError where nodes depend on an input of another trace than `own`, such as a tensor that was kept from a
 * function traced before.
 */
export function checkInputs(nodes: readonly Node[], own: Trace): void {
  for (const leaf of topologicalOrder(nodes)) {
    if (!isOp(leaf, "input")) continue;
    const { scope } = leaf.attributes;
    if (scope !== undefined && scope !== own.id) refuseInput(leaf);
  }
}

/**
 * Throws GraphError where what a trace computes depends on anything but its own inputs: on those of another one, on the
 * placeholders of a cell, on a state or input of a scan's step.
 */
export function checkComputed(nodes: readonly Node[], own: Trace): void {
  for (const leaf of topologicalOrder(nodes)) {
    if (isOp(leaf, "input") && leaf.attributes.scope !== own.id) refuseInput(leaf);
    if (!isOp(leaf, "argument") && !isOp(leaf, "past")) continue;
    const what = isOp(leaf, "argument") ? "a state or an input" : "the past";
    throw new GraphError(
      `${what} of a scan's step, ${printType(leaf)}, is used outside of that step: the step can return it, as state or output`,
    );
  }
}

function refuseInput(leaf: Node<"input">): never {
  const name = leaf.attributes.name === "input" ? "" : ` ${leaf.attributes.name}`;
  throw new GraphError(
    `the input${name}, ${printType(leaf)}, of another function is used in this one: its numbers can be an input here, the tensor cannot`,
  );
}
