/**
 * The shape and dtype of every operation's result, from its inputs and attributes: the rules of what is well formed.
 * A rule throws ShapeError naming the operation, what it was given and what it expected.
 */

import { ShapeError } from "../errors.ts";
import { addDimensions, type Dimension, printShape, type Shape, sameShape, sizeOf } from "./dimension.ts";
import { parseLabels } from "./einsum.ts";
import type { Node, TensorType } from "./node.ts";
import type { Attributes, DType, Operation } from "./operations.ts";

type TypeRule<Op extends Operation> = (inputs: readonly Node[], attributes: Attributes[Op]) => TensorType;
type Rule = (inputs: readonly Node[], attributes: never, op: Operation) => TensorType;

function fail(op: string, problem: string): never {
  throw new ShapeError(`${op}: ${problem}`);
}

export function printType({ shape, dtype }: TensorType): string {
  return `${dtype} ${printShape(shape)}`;
}

function input(op: string, inputs: readonly Node[], index: number): Node {
  return inputs[index] ?? fail(op, `${inputs.length} inputs given, at least ${index + 1} expected`);
}

function axisOf(op: string, type: TensorType, axis: number): Dimension {
  return type.shape[axis] ?? fail(op, `axis ${axis} does not exist in ${printShape(type.shape)}`);
}

const given = (_inputs: readonly Node[], { shape, dtype }: TensorType): TensorType => ({ shape, dtype });

/** Inputs of one shape and one of the allowed dtypes; the result has that shape, and that dtype unless told. */
function elementwise(op: string, count: number, allowed: readonly DType[], result?: DType) {
  return (inputs: readonly Node[]): TensorType => {
    const first = input(op, inputs, 0);
    if (inputs.length !== count) fail(op, `${inputs.length} inputs given, ${count} expected`);
    for (const other of inputs) {
      if (!sameShape(first.shape, other.shape)) {
        fail(op, `shapes ${inputs.map(({ shape }) => printShape(shape)).join(" and ")} differ`);
      }
      if (other.dtype !== first.dtype || !allowed.includes(other.dtype)) {
        fail(
          op,
          `${inputs.map(({ dtype }) => dtype).join(" and ")} given, all ${allowed.join(" or ")} expected`,
        );
      }
    }
    return { shape: first.shape, dtype: result ?? first.dtype };
  };
}

/** Throws ShapeError for positions and sizes that are numbers but not whole ones. */
function requireWhole(op: string, sizes: readonly Dimension[], shape: Shape): void {
  const wrong = sizes.find((size) => typeof size === "number" && !Number.isInteger(size));
  if (wrong !== undefined)
    fail(op, `${wrong} given for an axis of ${printShape(shape)}, a whole number expected`);
}

const real: readonly DType[] = ["float32"];
const numeric: readonly DType[] = ["float32", "int32"];

function reduction(op: string) {
  return (inputs: readonly Node[], { axes }: { readonly axes: readonly number[] }): TensorType => {
    const { shape, dtype } = input(op, inputs, 0);
    if (dtype === "bool") fail(op, "bool given, a number expected");
    axes.forEach((axis, at) => {
      axisOf(op, { shape, dtype }, axis);
      if (at > 0 && axis <= (axes[at - 1] ?? -1)) fail(op, `axes ${axes.join(", ")} are not ascending`);
    });
    return { shape: shape.filter((_, axis) => !axes.includes(axis)), dtype };
  };
}

/** The shape rule of each operation; an operation without one does not compile. */
export const typeRules = {
  variable: given,
  input: given,
  argument: given,
  constant: (_inputs, { dtype }) => ({ shape: [], dtype }),
  iota: (_inputs, { size }) => ({ shape: [size], dtype: "int32" }),
  dimension: () => ({ shape: [], dtype: "float32" }),
  past(inputs, { shape, dtype }) {
    for (const index of inputs) {
      if (index.dtype !== "int32" || index.shape.length !== 1 || index.shape[0] !== shape[0]) {
        fail(
          "past",
          `an index ${printType(index)} given, int32 (${shape[0] ?? ""}) expected, one for each row`,
        );
      }
    }
    return { shape, dtype };
  },

  negate: elementwise("negate", 1, numeric),
  exp: elementwise("exp", 1, real),
  log: elementwise("log", 1, real),
  tanh: elementwise("tanh", 1, real),
  sigmoid: elementwise("sigmoid", 1, real),
  sqrt: elementwise("sqrt", 1, real),
  not: elementwise("not", 1, ["bool"]),
  stopGradient: elementwise("stopGradient", 1, ["float32", "int32", "bool"]),
  convert: (inputs, { dtype }) => ({ shape: input("convert", inputs, 0).shape, dtype }),
  add: elementwise("add", 2, numeric),
  subtract: elementwise("subtract", 2, numeric),
  multiply: elementwise("multiply", 2, numeric),
  divide: elementwise("divide", 2, real),
  maximum: elementwise("maximum", 2, numeric),
  minimum: elementwise("minimum", 2, numeric),
  less: elementwise("less", 2, numeric, "bool"),
  lessEqual: elementwise("lessEqual", 2, numeric, "bool"),
  equal: elementwise("equal", 2, numeric, "bool"),
  and: elementwise("and", 2, ["bool"]),
  or: elementwise("or", 2, ["bool"]),
  select(inputs) {
    const condition = input("select", inputs, 0);
    if (condition.dtype !== "bool") fail("select", `a condition of ${condition.dtype} given, bool expected`);
    const value = elementwise("select", 2, ["float32", "int32", "bool"])(inputs.slice(1));
    if (!sameShape(condition.shape, value.shape)) {
      fail(
        "select",
        `a condition ${printShape(condition.shape)} given for values ${printShape(value.shape)}`,
      );
    }
    return value;
  },
  random: elementwise("random", 3, ["int32"], "float32"),

  sum: reduction("sum"),
  max: reduction("max"),

  einsum(inputs, { labels }) {
    const operands = parseLabels(labels);
    const sizes = new Map<string, Dimension>();
    [operands.a, operands.b].forEach((axes, side) => {
      const { shape, dtype } = input("einsum", inputs, side);
      if (dtype !== "float32") fail("einsum", `${dtype} given, float32 expected`);
      if (shape.length !== axes.length) fail("einsum", `${printShape(shape)} given for the labels "${axes}"`);
      [...axes].forEach((label, axis) => {
        const size = shape[axis] as Dimension;
        if (sizes.has(label) && sizes.get(label) !== size) {
          const shapes = inputs.map((node) => printShape(node.shape)).join(" and ");
          fail("product", `${shapes} do not fit: ${sizes.get(label)} against ${size} in "${labels}"`);
        }
        sizes.set(label, size);
      });
    });
    return { shape: [...operands.result].map((label) => sizes.get(label) as Dimension), dtype: "float32" };
  },

  reshape(inputs, { shape }) {
    const from = input("reshape", inputs, 0);
    if (sizeOf(from.shape) !== sizeOf(shape)) {
      fail("reshape", `${printShape(from.shape)} does not have the elements of ${printShape(shape)}`);
    }
    return { shape, dtype: from.dtype };
  },
  transpose(inputs, { permutation }) {
    const { shape, dtype } = input("transpose", inputs, 0);
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== shape.length || sorted.some((axis, at) => axis !== at)) {
      fail("transpose", `the permutation (${permutation.join(", ")}) does not fit ${printShape(shape)}`);
    }
    return { shape: permutation.map((axis) => shape[axis] as Dimension), dtype };
  },
  broadcast(inputs, { shape, axes }) {
    const from = input("broadcast", inputs, 0);
    const fits =
      axes.length === from.shape.length && axes.every((axis, at) => shape[axis] === from.shape[at]);
    if (!fits)
      fail(
        "broadcast",
        `${printShape(from.shape)} does not fit axes (${axes.join(", ")}) of ${printShape(shape)}`,
      );
    return { shape, dtype: from.dtype };
  },
  slice(inputs, { axis, start, size }) {
    const { shape, dtype } = input("slice", inputs, 0);
    const whole = axisOf("slice", { shape, dtype }, axis);
    requireWhole("slice", [start, size], shape);
    const negative = [start, size].some((value) => typeof value === "number" && value < 0);
    const end = addDimensions(start, size);
    if (negative || (typeof end === "number" && typeof whole === "number" && end > whole)) {
      fail("slice", `${start} to ${end} of axis ${axis} lies outside of ${printShape(shape)}`);
    }
    return { shape: shape.map((dimension, at) => (at === axis ? size : dimension)), dtype };
  },
  pad(inputs, { axis, before, after }) {
    const { shape, dtype } = input("pad", inputs, 0);
    const whole = axisOf("pad", { shape, dtype }, axis);
    if (dtype === "bool") fail("pad", "bool given, a number expected");
    requireWhole("pad", [before, after], shape);
    if ([before, after].some((zeros) => typeof zeros === "number" && zeros < 0))
      fail("pad", `${before} before and ${after} after axis ${axis} of ${printShape(shape)} given`);
    const padded = addDimensions(addDimensions(before, whole), after);
    return { shape: shape.map((dimension, at) => (at === axis ? padded : dimension)), dtype };
  },
  concat(inputs, { axis }) {
    const { shape, dtype } = input("concat", inputs, 0);
    axisOf("concat", { shape, dtype }, axis);
    const fits = inputs.every(
      (other) =>
        other.dtype === dtype &&
        other.shape.length === shape.length &&
        other.shape.every((dimension, at) => at === axis || dimension === shape[at]),
    );
    if (!fits) fail("concat", `${inputs.map(printType).join(" and ")} do not fit along axis ${axis}`);
    const whole = inputs.reduce<Dimension>(
      (sum, other) => addDimensions(sum, other.shape[axis] as Dimension),
      0,
    );
    return { shape: shape.map((dimension, at) => (at === axis ? whole : dimension)), dtype };
  },
  flip(inputs, { axis }) {
    const from = input("flip", inputs, 0);
    axisOf("flip", from, axis);
    return { shape: from.shape, dtype: from.dtype };
  },

  gather(inputs) {
    const table = input("gather", inputs, 0);
    const indices = input("gather", inputs, 1);
    if (indices.dtype !== "int32") fail("gather", `indices of ${indices.dtype} given, int32 expected`);
    if (table.shape.length === 0) fail("gather", "a scalar given, a table (V, ...) expected");
    return { shape: [...indices.shape, ...table.shape.slice(1)], dtype: table.dtype };
  },
  scatterAdd(inputs, { size }) {
    const indices = input("scatterAdd", inputs, 0);
    const updates = input("scatterAdd", inputs, 1);
    const rank = indices.shape.length;
    if (indices.dtype !== "int32") fail("scatterAdd", `indices of ${indices.dtype} given, int32 expected`);
    if (updates.dtype !== "float32" || !sameShape(updates.shape.slice(0, rank), indices.shape)) {
      fail("scatterAdd", `updates ${printType(updates)} do not fit the indices ${printShape(indices.shape)}`);
    }
    return { shape: [size, ...updates.shape.slice(rank)], dtype: "float32" };
  },

  scan(inputs, { body, length }) {
    const sequence = (type: TensorType): TensorType => ({
      shape: [length, ...type.shape],
      dtype: type.dtype,
    });
    const expected = [...body.states, ...body.sequences.map(sequence), ...body.captures];
    if (inputs.length !== expected.length)
      fail("scan", `${inputs.length} inputs given, ${expected.length} expected`);
    expected.forEach((type, index) => {
      const actual = input("scan", inputs, index);
      if (actual.dtype !== type.dtype || !sameShape(actual.shape, type.shape)) {
        fail("scan", `input ${index} is ${printType(actual)}, ${printType(type)} expected`);
      }
    });
    body.next.forEach((next, index) => {
      const state = body.states[index];
      if (!state || state.dtype !== next.dtype || !sameShape(state.shape, next.shape)) {
        fail(
          "scan",
          `state ${index} is ${state ? printType(state) : "missing"}, but the step gives ${printType(next)}`,
        );
      }
    });
    for (const { inbox, index, value } of body.sends) {
      const type = body.inboxes[inbox];
      if (!type || !sameShape(type.shape, value.shape) || index.dtype !== "int32")
        fail("scan", `send to inbox ${inbox} does not fit`);
    }
    return { shape: [], dtype: "float32" };
  },
  output(inputs, { index }) {
    const scan = input("output", inputs, 0) as Node<"scan">;
    if (scan.op !== "scan") fail("output", `an output of ${scan.op} asked for, only a scan has outputs`);
    const { body, length } = scan.attributes;
    const state = body.next[index];
    if (state) return { shape: state.shape, dtype: state.dtype };
    const output =
      body.outputs[index - body.next.length] ?? fail("output", `the scan has no output ${index}`);
    return { shape: [length, ...output.shape], dtype: output.dtype };
  },
} satisfies { [Op in Operation]: TypeRule<Op> } as Record<Operation, Rule> as {
  [Op in Operation]: TypeRule<Op>;
};
