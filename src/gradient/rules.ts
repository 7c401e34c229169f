/**
 * The gradient rule of every operation, graph to graph: from a node and the cotangent of its result (dL/dresult) to the
 * cotangents of its inputs. `undefined` says that no gradient flows to an input.
 */

import { GraphError } from "../errors.ts";
import {
  broadcast,
  constant,
  convert,
  divide,
  einsum,
  elementwise,
  full,
  gather,
  multiply,
  negate,
  pad,
  reshape,
  slice,
  subtract,
  sum,
  transpose,
  uniformValue,
} from "../graph/build.ts";
import { addDimensions, type Dimension, subtractDimensions } from "../graph/dimension.ts";
import { joinLabels, parseLabels } from "../graph/einsum.ts";
import { type Node, node } from "../graph/node.ts";
import type { Operation } from "../graph/operations.ts";

export type GradientRule<Op extends Operation> = (
  of: Node<Op>,
  cotangent: Node,
) => readonly (Node | undefined)[];

const none = () => [];
const blocked = (of: Node) => of.inputs.map(() => undefined);
const like = (value: number, { shape }: Node) => full(value, shape);
const input = (of: Node, index: number) => of.inputs[index] as Node;
const zeroWhere = (condition: Node, cotangent: Node) =>
  elementwise("select", condition, full(0, cotangent.shape), cotangent);
const keepWhere = (condition: Node, cotangent: Node) =>
  elementwise("select", condition, cotangent, full(0, cotangent.shape));

/** dL/da where `first` says that a was chosen; half to each where they are equal. */
function chosen(of: Node, cotangent: Node, larger: boolean): Node[] {
  const [a, b] = [input(of, 0), input(of, 1)];
  const half = multiply(cotangent, like(0.5, cotangent));
  const aWins = larger ? elementwise("less", b, a) : elementwise("less", a, b);
  const tie = elementwise("equal", a, b);
  return [
    elementwise("select", tie, half, keepWhere(aWins, cotangent)),
    elementwise("select", tie, half, zeroWhere(aWins, cotangent)),
  ];
}

/** y x^(y - 1), which is 0 where y is, at x = 0 too. */
function powerSlope(x: Node, y: Node): Node {
  const constantly = uniformValue(y);
  const lower =
    constantly === undefined
      ? elementwise("select", elementwise("equal", y, like(0, y)), like(1, y), subtract(y, like(1, y)))
      : like(constantly === 0 ? 1 : constantly - 1, y);
  return multiply(y, elementwise("power", x, lower));
}

/** 1 where a tensor is 0: its logarithm then is 0, and a power of 0 changes with a positive exponent as little as that. */
const oneForZero = (x: Node) => elementwise("select", elementwise("equal", x, like(0, x)), like(1, x), x);

/** A result that lost `axes`, repeated along them again. */
function restore(tensor: Node, of: Node, axes: readonly number[]): Node {
  const { shape } = input(of, 0);
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  return broadcast(tensor, shape, kept);
}

/** Scans are differentiated as a whole, by `scan.ts`; their outputs only collect cotangents. */
const asAWhole = (of: Node): never => {
  throw new GraphError(`the gradient of ${of.op} is taken by the rule of scan`);
};

export const gradientRules: { [Op in Operation]: GradientRule<Op> } = {
  variable: none,
  input: none,
  argument: none,
  constant: none,
  iota: none,
  dimension: none,
  past: blocked,

  negate: (_of, g) => [negate(g)],
  exp: (of, g) => [multiply(g, of)],
  log: (of, g) => [divide(g, input(of, 0))],
  tanh: (of, g) => [multiply(g, subtract(like(1, of), multiply(of, of)))],
  sigmoid: (of, g) => [multiply(g, multiply(of, subtract(like(1, of), of)))],
  sqrt: (of, g) => [divide(multiply(g, like(0.5, of)), of)],
  floor: blocked,
  sin: (of, g) => [multiply(g, elementwise("cos", input(of, 0)))],
  cos: (of, g) => [negate(multiply(g, elementwise("sin", input(of, 0))))],
  not: blocked,
  stopGradient: blocked,
  convert: (of, g) => [input(of, 0).dtype === "float32" ? convert(g, "float32") : undefined],
  add: (_of, g) => [g, g],
  subtract: (_of, g) => [g, negate(g)],
  multiply: (of, g) => [multiply(g, input(of, 1)), multiply(g, input(of, 0))],
  divide: (of, g) => {
    const quotient = divide(g, input(of, 1));
    return [quotient, negate(multiply(quotient, of))];
  },
  power: (of, g) => {
    const [x, y] = [input(of, 0), input(of, 1)];
    return [multiply(g, powerSlope(x, y)), multiply(g, multiply(of, elementwise("log", oneForZero(x))))];
  },
  maximum: (of, g) => chosen(of, g, true),
  minimum: (of, g) => chosen(of, g, false),
  less: blocked,
  lessEqual: blocked,
  equal: blocked,
  and: blocked,
  or: blocked,
  select: (of, g) => [undefined, keepWhere(input(of, 0), g), zeroWhere(input(of, 0), g)],
  random: blocked,

  sum: (of, g) => [restore(g, of, of.attributes.axes)],
  /** Shared equally among the elements that are the maximum. */
  max: (of, g) => {
    const { axes } = of.attributes;
    const isMaximum = elementwise("equal", input(of, 0), restore(of, of, axes));
    const count = sum(convert(isMaximum, "float32"), axes);
    return [keepWhere(isMaximum, restore(divide(g, count), of, axes))];
  },

  /** With every label in two of three places, each operand's gradient is the product of the other two. */
  einsum: (of, g) => {
    const { a, b, result } = parseLabels(of.attributes.labels);
    return [
      einsum(g, input(of, 1), joinLabels({ a: result, b, result: a })),
      einsum(input(of, 0), g, joinLabels({ a, b: result, result: b })),
    ];
  },

  reshape: (of, g) => [reshape(g, input(of, 0).shape)],
  transpose: (of, g) => [
    transpose(
      g,
      of.attributes.permutation.map((_, axis) => of.attributes.permutation.indexOf(axis)),
    ),
  ],
  broadcast: (of, g) => {
    const { axes, shape } = of.attributes;
    const summed = sum(
      g,
      shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)),
    );
    const order = [...axes].sort((a, b) => a - b);
    return [
      transpose(
        summed,
        axes.map((axis) => order.indexOf(axis)),
      ),
    ];
  },
  slice: (of, g) => {
    const { axis, start, size } = of.attributes;
    const whole = input(of, 0).shape[axis] as Dimension;
    return [pad(g, axis, start, subtractDimensions(whole, addDimensions(start, size)))];
  },
  pad: (of, g) => [
    slice(g, of.attributes.axis, of.attributes.before, input(of, 0).shape[of.attributes.axis] as Dimension),
  ],
  concat: (of, g) => {
    const { axis } = of.attributes;
    let start: Dimension = 0;
    return of.inputs.map((part) => {
      const size = part.shape[axis] as Dimension;
      const piece = slice(g, axis, start, size);
      start = addDimensions(start, size);
      return piece;
    });
  },
  flip: (of, g) => [node("flip", [g], of.attributes)],

  gather: (of, g) => {
    const [table, indices] = [input(of, 0), input(of, 1)];
    return [node("scatterAdd", [indices, g], { size: table.shape[0] as Dimension }), undefined];
  },
  scatterAdd: (of, g) => [undefined, gather(g, input(of, 0))],

  scan: asAWhole,
  output: asAWhole,
};

/** The cotangent to start from: dL/dL. */
export function one(): Node {
  return constant(1);
}
