/**
 * The rules of what is well formed: the shape and dtype of an operation's result, from its inputs and attributes. A rule
 * throws ShapeError naming the operation, what it was given and what it expected; how many inputs there are was looked at
 * before.
 */

import { ShapeError } from "../errors.ts";
import { addDimensions, type Dimension, printShape, type Shape, sameShape, sizeOf } from "./dimension.ts";
import { parseLabels } from "./einsum.ts";
import type { Node, TensorType } from "./node.ts";
import type { Attributes, DType, Operation } from "./operations.ts";

export type TypeRule<Op extends Operation> = (
  inputs: readonly Node[],
  attributes: Attributes[Op],
  op: Op,
) => TensorType;

function fail(op: string, problem: string): never {
  throw new ShapeError(`${op}: ${problem}`);
}

export function printType({ shape, dtype }: TensorType): string {
  return `${dtype} ${printShape(shape)}`;
}

function axisOf(op: string, type: TensorType, axis: number): Dimension {
  return type.shape[axis] ?? fail(op, `axis ${axis} does not exist in ${printShape(type.shape)}`);
}

/** Throws ShapeError for positions and sizes that are numbers but not whole ones. */
function requireWhole(op: string, sizes: readonly Dimension[], shape: Shape): void {
  const wrong = sizes.find((size) => typeof size === "number" && !Number.isInteger(size));
  if (wrong !== undefined)
    fail(op, `${wrong} given for an axis of ${printShape(shape)}, a whole number expected`);
}

export const all: readonly DType[] = ["float32", "int32", "bool"];
export const numeric: readonly DType[] = ["float32", "int32"];
export const real: readonly DType[] = ["float32"];

/** Inputs of one shape and one of the allowed dtypes; the result has that shape, and that dtype unless told. */
export function alike(allowed: readonly DType[], result?: DType) {
  return (inputs: readonly Node[], _attributes: unknown, op: Operation): TensorType => {
    const [first] = inputs as [Node];
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

/** Of a leaf that carries its type. */
export const given = (_inputs: readonly Node[], { shape, dtype }: TensorType): TensorType => ({
  shape,
  dtype,
});
export const constant: TypeRule<"constant"> = (_inputs, { dtype }) => ({ shape: [], dtype });
export const dimension: TypeRule<"dimension"> = () => ({ shape: [], dtype: "float32" });
export const iota: TypeRule<"iota"> = (_inputs, { size }) => ({ shape: [size], dtype: "int32" });

export const past: TypeRule<"past"> = (inputs, { shape, dtype }) => {
  for (const index of inputs) {
    if (index.dtype !== "int32" || index.shape.length !== 1 || index.shape[0] !== shape[0]) {
      fail(
        "past",
        `an index ${printType(index)} given, int32 (${shape[0] ?? ""}) expected, one for each row`,
      );
    }
  }
  return { shape, dtype };
};

export const convert: TypeRule<"convert"> = ([source], { dtype }) => ({
  shape: (source as Node).shape,
  dtype,
});

export const select: TypeRule<"select"> = (inputs) => {
  const condition = inputs[0] as Node;
  if (condition.dtype !== "bool") fail("select", `a condition of ${condition.dtype} given, bool expected`);
  const value = alike(all)(inputs.slice(1), {}, "select");
  if (!sameShape(condition.shape, value.shape)) {
    fail("select", `a condition ${printShape(condition.shape)} given for values ${printShape(value.shape)}`);
  }
  return value;
};

/** Without its axes, which ascend. */
export const reduction: TypeRule<"sum" | "max"> = (inputs, { axes }, op) => {
  const [{ shape, dtype }] = inputs as [Node];
  if (dtype === "bool") fail(op, "bool given, a number expected");
  axes.forEach((axis, at) => {
    axisOf(op, { shape, dtype }, axis);
    if (at > 0 && axis <= (axes[at - 1] ?? -1)) fail(op, `axes ${axes.join(", ")} are not ascending`);
  });
  return { shape: shape.filter((_, axis) => !axes.includes(axis)), dtype };
};

export const einsum: TypeRule<"einsum"> = (inputs, { labels }) => {
  const operands = parseLabels(labels);
  const sizes = new Map<string, Dimension>();
  [operands.a, operands.b].forEach((axes, side) => {
    const { shape, dtype } = inputs[side] as Node;
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
};

export const reshape: TypeRule<"reshape"> = (inputs, { shape }) => {
  const from = inputs[0] as Node;
  if (sizeOf(from.shape) !== sizeOf(shape)) {
    fail("reshape", `${printShape(from.shape)} does not have the elements of ${printShape(shape)}`);
  }
  return { shape, dtype: from.dtype };
};

export const transpose: TypeRule<"transpose"> = (inputs, { permutation }) => {
  const { shape, dtype } = inputs[0] as Node;
  const sorted = [...permutation].sort((a, b) => a - b);
  if (sorted.length !== shape.length || sorted.some((axis, at) => axis !== at)) {
    fail("transpose", `the permutation (${permutation.join(", ")}) does not fit ${printShape(shape)}`);
  }
  return { shape: permutation.map((axis) => shape[axis] as Dimension), dtype };
};

export const broadcast: TypeRule<"broadcast"> = (inputs, { shape, axes }) => {
  const from = inputs[0] as Node;
  const fits = axes.length === from.shape.length && axes.every((axis, at) => shape[axis] === from.shape[at]);
  if (!fits)
    fail(
      "broadcast",
      `${printShape(from.shape)} does not fit axes (${axes.join(", ")}) of ${printShape(shape)}`,
    );
  return { shape, dtype: from.dtype };
};

export const slice: TypeRule<"slice"> = (inputs, { axis, start, size }) => {
  const { shape, dtype } = inputs[0] as Node;
  const whole = axisOf("slice", { shape, dtype }, axis);
  requireWhole("slice", [start, size], shape);
  const negative = [start, size].some((value) => typeof value === "number" && value < 0);
  const end = addDimensions(start, size);
  if (negative || (typeof end === "number" && typeof whole === "number" && end > whole)) {
    fail("slice", `${start} to ${end} of axis ${axis} lies outside of ${printShape(shape)}`);
  }
  return { shape: shape.map((dimension, at) => (at === axis ? size : dimension)), dtype };
};

export const pad: TypeRule<"pad"> = (inputs, { axis, before, after }) => {
  const { shape, dtype } = inputs[0] as Node;
  const whole = axisOf("pad", { shape, dtype }, axis);
  if (dtype === "bool") fail("pad", "bool given, a number expected");
  requireWhole("pad", [before, after], shape);
  if ([before, after].some((zeros) => typeof zeros === "number" && zeros < 0))
    fail("pad", `${before} before and ${after} after axis ${axis} of ${printShape(shape)} given`);
  const padded = addDimensions(addDimensions(before, whole), after);
  return { shape: shape.map((dimension, at) => (at === axis ? padded : dimension)), dtype };
};

export const concat: TypeRule<"concat"> = (inputs, { axis }) => {
  const { shape, dtype } = inputs[0] as Node;
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
};

export const flip: TypeRule<"flip"> = (inputs, { axis }) => {
  const from = inputs[0] as Node;
  axisOf("flip", from, axis);
  return { shape: from.shape, dtype: from.dtype };
};

export const gather: TypeRule<"gather"> = (inputs) => {
  const table = inputs[0] as Node;
  const indices = inputs[1] as Node;
  if (indices.dtype !== "int32") fail("gather", `indices of ${indices.dtype} given, int32 expected`);
  if (table.shape.length === 0) fail("gather", "a scalar given, a table (V, ...) expected");
  return { shape: [...indices.shape, ...table.shape.slice(1)], dtype: table.dtype };
};

export const scatterAdd: TypeRule<"scatterAdd"> = (inputs, { size }) => {
  const indices = inputs[0] as Node;
  const updates = inputs[1] as Node;
  const rank = indices.shape.length;
  if (indices.dtype !== "int32") fail("scatterAdd", `indices of ${indices.dtype} given, int32 expected`);
  if (updates.dtype !== "float32" || !sameShape(updates.shape.slice(0, rank), indices.shape)) {
    fail("scatterAdd", `updates ${printType(updates)} do not fit the indices ${printShape(indices.shape)}`);
  }
  return { shape: [size, ...updates.shape.slice(rank)], dtype: "float32" };
};

export const scan: TypeRule<"scan"> = (inputs, { body, length }) => {
  const sequence = (type: TensorType): TensorType => ({
    shape: [length, ...type.shape],
    dtype: type.dtype,
  });
  const expected = [...body.states, ...body.sequences.map(sequence), ...body.captures];
  if (inputs.length !== expected.length)
    fail("scan", `${inputs.length} inputs given, ${expected.length} expected`);
  expected.forEach((type, index) => {
    const actual = inputs[index] as Node;
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
};

export const output: TypeRule<"output"> = (inputs, { index }) => {
  const scan = inputs[0] as Node as Node<"scan">;
  if (scan.op !== "scan") fail("output", `an output of ${scan.op} asked for, only a scan has outputs`);
  const { body, length } = scan.attributes;
  const state = body.next[index];
  if (state) return { shape: state.shape, dtype: state.dtype };
  const output = body.outputs[index - body.next.length] ?? fail("output", `the scan has no output ${index}`);
  return { shape: [length, ...output.shape], dtype: output.dtype };
};
