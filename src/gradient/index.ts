/** Gradients of traced tensors. */

import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
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
 * Throws GraphError where `loss` is not a float32 scalar, or a tensor of the tree is not float32; UsageError where the loss
 * depends on a layer that should drop and has no key.
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
  const nodes = gradientNodes(loss.node, wanted);
  return mapTree(
    sources,
    isTensor,
    (tensor: Tensor) => new Tensor(nodes[wanted.indexOf(tensor.node)] as (typeof nodes)[0]),
  ) as MapTree<Sources, Tensor, Tensor>;
}
