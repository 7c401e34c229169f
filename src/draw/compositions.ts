/** Compositions that textbooks print as one thing, or otherwise than they are computed. */

import * as build from "../graph/build.ts";
import { isOp, type Node } from "../graph/node.ts";
import type { Operation } from "../graph/operations.ts";
import { logSigmoid, softplus } from "../trace/activations.ts";
import { abs } from "../trace/functions.ts";
import { Tensor } from "../trace/tensor.ts";
import { bare } from "./names.ts";

/** A function of one operand, and of weights. */
export interface Composition {
  readonly text: string;
  readonly input: Node;
  readonly weights: readonly Node[];
}

/** The operands of a node if it is this operation. */
function operands(node: Node, op: Operation): readonly Node[] | undefined {
  return isOp(node, op) ? node.inputs.map(bare) : undefined;
}

/** What is divided or multiplied so that the mean of it is the node. */
export function meanOf(node: Node): Node | undefined {
  const [total, count] = operands(node, "divide") ?? [];
  const isCount = count && !count.inputs.some((input) => input.inputs.length > 0);
  return total && isCount ? operands(total, "sum")?.[0] : undefined;
}

const relu = (node: Node): Node | undefined => {
  const [condition, zero, x] = operands(node, "select") ?? [];
  const [left, right] = (condition && operands(condition, "lessEqual")) ?? [];
  const fits = zero && right && build.uniformValue(zero) === 0 && build.uniformValue(right) === 0;
  return fits && left === x ? x : undefined;
};

const square = (node: Node): Node | undefined => {
  const [a, b] = operands(node, "multiply") ?? [];
  return a && a === b ? a : undefined;
};

/** What a function of one tensor was applied to, if the node is that: nodes are interned, so that the same equations are the same node. */
const appliedTo =
  (of: (x: Tensor) => Tensor, find: (node: Node) => Node | undefined) =>
  (node: Node): Node | undefined => {
    const x = find(node);
    return x && of(new Tensor(x)).node === node ? bare(x) : undefined;
  };

/** The last operand of the select at the left of a sum is x, at the right of which stands what falls away from it. */
const softplusOf = appliedTo(softplus, (node) => {
  const [largest] = isOp(node, "add") ? node.inputs : [];
  return largest && isOp(largest, "select") ? largest.inputs[2] : undefined;
});

const logSigmoidOf = appliedTo(logSigmoid, (node) => {
  const negative = operands(node, "negate")?.[0];
  const inner = negative && softplusOf(negative);
  return inner && operands(inner, "negate") && inner.inputs[0];
});

/** (x - mean) / sqrt(variance + epsilon). */
const standardized = (node: Node): Node | undefined => {
  const [centred, deviation] = operands(node, "divide") ?? [];
  const [x, mean] = (centred && operands(centred, "subtract")) ?? [];
  const [shifted] = (deviation && operands(deviation, "sqrt")) ?? [];
  const [variance] = (shifted && operands(shifted, "add")) ?? [];
  const squared = variance && meanOf(variance);
  const fits = mean && meanOf(mean) === x && squared && square(squared) === centred;
  return fits ? x : undefined;
};

/** e^(x - max) / sum of the same. */
const softmax = (node: Node): Node | undefined => {
  const [above, below] = operands(node, "divide") ?? [];
  const [summed] = (below && operands(below, "sum")) ?? [];
  const [shifted] = (above && operands(above, "exp")) ?? [];
  const [x, largest] = (shifted && operands(shifted, "subtract")) ?? [];
  const fits = summed === above && largest && operands(largest, "max")?.[0] === x;
  return fits ? x : undefined;
};

const magnitude = appliedTo(abs, (node) => (isOp(node, "maximum") ? node.inputs[0] : undefined));

const functions: readonly (readonly [text: string, match: (node: Node) => Node | undefined])[] = [
  ["relu", relu],
  ["norm", standardized],
  ["softmax", softmax],
  ["mean", meanOf],
  ["square", square],
  ["log σ", logSigmoidOf],
  ["softplus", softplusOf],
  ["abs", magnitude],
];

/** The composition that a node completes, if it does. `isFixed` says what comes from weights alone. */
export function compositionOf(node: Node, isFixed: (node: Node) => boolean): Composition | undefined {
  for (const [text, match] of functions) {
    const input = match(node);
    if (input) return { text, input, weights: [] };
  }
  // The gain and the shift of a normalisation.
  if (!isOp(node, "multiply") && !isOp(node, "add")) return undefined;
  const around = node.inputs.map(bare);
  const weight = around.find(isFixed);
  const inner = around.find((operand) => operand !== weight && !isFixed(operand));
  if (!weight || !inner) return undefined;
  const found = compositionOf(inner, isFixed);
  return found?.text === "norm" ? { ...found, weights: [...found.weights, weight] } : undefined;
}

/** The node as textbooks print it: a + w (b - a) is (1 - w) a + w b, and -a + 1 is 1 - a. */
export function asPrinted(node: Node): Node {
  if (!isOp(node, "add")) return node;
  for (const [a, b] of [node.inputs, node.inputs.toReversed()] as [Node, Node][]) {
    if (isOp(a, "negate") && build.uniformValue(b) === 1) return complement(a.inputs[0] as Node);
    if (!isOp(b, "multiply")) continue;
    for (const [weight, difference] of [b.inputs, b.inputs.toReversed()] as [Node, Node][]) {
      const [to, from] = isOp(difference, "subtract") ? difference.inputs : [];
      if (!to || from !== a) continue;
      return build.add(build.multiply(complement(weight), from), build.multiply(weight, to));
    }
  }
  return node;
}

function complement(weight: Node): Node {
  return build.subtract(build.full(1, weight.shape), weight);
}
