/** Equations of nodes where some of what they read is zeros, such as the children of a leaf: what that makes zero is not computed. */

import * as build from "../../graph/build.ts";
import { isKind, isOp, type Node } from "../../graph/node.ts";
import { rebuild, withInputs } from "../../graph/traverse.ts";
import { refill, tensorsOf } from "../../trace/step.ts";
import { Tensor } from "../../trace/tensor.ts";

/** The results, a tree of tensors, in which products with zeros are zeros. */
export function withoutZeros<Results>(results: Results): Results {
  const rebuilt = rebuild(
    tensorsOf(results).map(({ node }) => node),
    (original, inputs) =>
      original.dtype === "float32" && isZero(original, inputs)
        ? build.full(0, original.shape)
        : withInputs(original, inputs),
  );
  return refill(
    results,
    rebuilt.map((node) => new Tensor(node)),
  );
}

function isZero(original: Node, inputs: readonly Node[]): boolean {
  const zeros = inputs.map((input) => build.uniformValue(input) === 0);
  if (isKind(original, "contraction") || isOp(original, "multiply")) return zeros.includes(true);
  return inputs.length > 0 && isLayout(original) && !zeros.includes(false);
}

const isLayout = (node: Node) => isKind(node, "view") || isKind(node, "assembly");
