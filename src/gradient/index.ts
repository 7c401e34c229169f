/** Gradients of traced tensors. */

import { printGiven } from "../checks.ts";
import { GraphError, UsageError } from "../errors.ts";
import { uniformValue } from "../graph/build.ts";
import { isOp, type Node } from "../graph/node.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { printType } from "../graph/types.ts";
import { atCaller } from "../trace/caller.ts";
import { currentTrace } from "../trace/current.ts";
import { checkInputs } from "../trace/own.ts";
import { requireDropped } from "../trace/randomness.ts";
import { expectTensors, Tensor } from "../trace/tensor.ts";
import { leaves, type MapTree, mapTree } from "../trace/tree.ts";
import { gradientNodes } from "./gradient.ts";

const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;

/**
 * dL/ds for every tensor s of a tree (a tensor, a list, a record, a whole model), in the same tree. Zeros where L does
 * not depend on s. Gradients are tensors: they can be used further and differentiated again.
 * Throws GraphError where `loss` is not a float32 scalar, a tensor of the tree is not float32, or a tensor that was computed
 * is no part of the loss's graph; UsageError where the loss depends on a layer that should drop and has no key.
 */
export function gradient<Sources>(loss: Tensor, sources: Sources): MapTree<Sources, Tensor, Tensor> {
  expectTensors("gradient", loss);
  const wanted = [...new Set(leaves(sources, isTensor).map(([, tensor]) => tensor.node))];
  const isEmpty = typeof sources === "object" && sources !== null && Object.keys(sources).length === 0;
  if (wanted.length === 0 && !isEmpty) {
    throw new UsageError(
      `gradient: ${printGiven(sources)} without tensors given, a tensor or a tree of them expected`,
    );
  }
  const trace = currentTrace();
  if (trace) checkInputs(wanted, trace);
  requireDropped(loss.node);
  requireSources(loss.node, wanted);
  const nodes = gradientNodes(loss.node, wanted);
  return mapTree(
    sources,
    isTensor,
    (tensor: Tensor) => new Tensor(nodes[wanted.indexOf(tensor.node)] as (typeof nodes)[0]),
  ) as MapTree<Sources, Tensor, Tensor>;
}

/**
 * Throws GraphError for a source whose gradient the graph cannot tell: a constant, or something computed that the loss does
 * not read. What changes nothing, such as adding 0 or a reshape back, is not in the graph at all, so that 0 may be wrong.
 */
function requireSources(loss: Node, sources: readonly Node[]): void {
  const reached = new Set(topologicalOrder([loss]));
  for (const source of sources) {
    const isLeaf = isOp(source, "variable") || isOp(source, "input") || isOp(source, "argument");
    if (isLeaf || (reached.has(source) && uniformValue(source) === undefined)) continue;
    const what =
      uniformValue(source) === undefined ? "which the loss does not read as it stands" : "a constant";
    throw new GraphError(
      `gradient: a source ${printType(source)} given, ${what}: an input or a variable expected, or a tensor that the loss was computed from${atCaller()}`,
    );
  }
}
