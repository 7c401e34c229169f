/**
 * Constructors of nodes that drop what does nothing: a transpose of a transpose, a slice of everything, a sum over no
 * axes. Tracing, gradients and rewrites build with these, so that graphs stay in one small normal form.
 */

import { addDimensions, type Dimension, type Shape, sameShape, subtractDimensions } from "./dimension.ts";
import { canonicalLabels, joinLabels, parseLabels } from "./einsum.ts";
import { isKind, isOp, type Node, node } from "./node.ts";
import {
  type Attributes,
  type DType,
  type Elementwise,
  factsOf,
  type Operation,
  typeOf,
} from "./operations.ts";

export function constant(value: number, dtype: DType = "float32"): Node {
  return node("constant", [], { value: dtype === "float32" ? Math.fround(value) : value, dtype });
}

/** A tensor of one repeated number. */
export function full(value: number, shape: Shape, dtype: DType = "float32"): Node {
  return broadcast(constant(value, dtype), shape, []);
}

/** The number that a tensor repeats, where the graph shows it. */
export function uniformValue(tensor: Node): number | undefined {
  if (isOp(tensor, "constant")) return tensor.attributes.value;
  const source = tensor.inputs[0];
  return isOp(tensor, "broadcast") && source ? uniformValue(source) : undefined;
}

/** An elementwise node without attributes; what an operation's neutral number does not change stands for the result. */
export function elementwise(op: Exclude<Elementwise, "convert">, ...inputs: Node[]): Node {
  const { neutral } = factsOf(op);
  const [a, b] = inputs;
  if (neutral && a && b) {
    if (neutral.left !== undefined && uniformValue(a) === neutral.left) return b;
    if (uniformValue(b) === neutral.right) return a;
  }
  return node(op, inputs, {});
}

export const add = (a: Node, b: Node) => elementwise("add", a, b);
export const subtract = (a: Node, b: Node) => elementwise("subtract", a, b);
export const multiply = (a: Node, b: Node) => elementwise("multiply", a, b);
export const divide = (a: Node, b: Node) => elementwise("divide", a, b);
export const negate = (a: Node) => elementwise("negate", a);

export function convert(tensor: Node, dtype: DType): Node {
  return tensor.dtype === dtype ? tensor : node("convert", [tensor], { dtype });
}

export function sum(tensor: Node, axes: readonly number[]): Node {
  return axes.length === 0 ? tensor : node("sum", [tensor], { axes: [...axes].sort((a, b) => a - b) });
}

/** The product of two tensors; transposes of its operands become an order of labels. */
export function einsum(a: Node, b: Node, labels: string): Node {
  // Refused in the words of the caller, before anything is folded.
  typeOf("einsum", [a, b], { labels });
  const parsed = parseLabels(labels);
  const [left, leftLabels] = foldTranspose(a, parsed.a);
  const [right, rightLabels] = foldTranspose(b, parsed.b);
  const canonical = canonicalLabels({ a: leftLabels, b: rightLabels, result: parsed.result });
  return node("einsum", [left, right], { labels: joinLabels(canonical) });
}

function foldTranspose(tensor: Node, labels: string): [Node, string] {
  if (!isOp(tensor, "transpose")) return [tensor, labels];
  const source = tensor.inputs[0] as Node;
  const { permutation } = tensor.attributes;
  return [source, source.shape.map((_, axis) => labels[permutation.indexOf(axis)] ?? "").join("")];
}

export function reshape(tensor: Node, shape: Shape): Node {
  const source = isOp(tensor, "reshape") ? (tensor.inputs[0] as Node) : tensor;
  return sameShape(source.shape, shape) ? source : node("reshape", [source], { shape });
}

export function transpose(tensor: Node, permutation: readonly number[]): Node {
  typeOf("transpose", [tensor], { permutation });
  if (permutation.every((axis, at) => axis === at)) return tensor;
  const source = tensor.inputs[0] as Node;
  if (isOp(tensor, "transpose")) {
    const inner = tensor.attributes.permutation;
    return transpose(
      source,
      permutation.map((axis) => inner[axis] as number),
    );
  }
  if (isOp(tensor, "einsum")) {
    const labels = parseLabels(tensor.attributes.labels);
    const result = permutation.map((axis) => labels.result[axis]).join("");
    return einsum(source, tensor.inputs[1] as Node, joinLabels({ ...labels, result }));
  }
  return node("transpose", [tensor], { permutation });
}

/** Axis i of the tensor becomes axis axes[i] of the result; all other axes repeat it. */
export function broadcast(tensor: Node, shape: Shape, axes: readonly number[]): Node {
  if (axes.length === shape.length && sameShape(tensor.shape, shape)) return tensor;
  if (isOp(tensor, "broadcast")) {
    const inner = tensor.attributes.axes.map((axis) => axes[axis] as number);
    return broadcast(tensor.inputs[0] as Node, shape, inner);
  }
  return node("broadcast", [tensor], { shape, axes });
}

/** `size` elements from `start` along an axis; a slice that is one part of a concatenation is that part. */
export function slice(tensor: Node, axis: number, start: Dimension, size: Dimension): Node {
  typeOf("slice", [tensor], { axis, start, size });
  if (start === 0 && size === tensor.shape[axis]) return tensor;
  if (isOp(tensor, "concat") && tensor.attributes.axis === axis) {
    let at: Dimension = 0;
    for (const part of tensor.inputs) {
      const whole = part.shape[axis] as Dimension;
      if (at === start && whole === size) return part;
      at = addDimensions(at, whole);
    }
  }
  if (isOp(tensor, "slice") && tensor.attributes.axis === axis && isWithin(tensor, start, size)) {
    return slice(tensor.inputs[0] as Node, axis, addDimensions(tensor.attributes.start, start), size);
  }
  return node("slice", [tensor], { axis, start, size });
}

/** Whether the graph shows that `size` elements from `start` do not leave a slice. */
function isWithin({ attributes }: Node<"slice">, start: Dimension, size: Dimension): boolean {
  const room = subtractDimensions(attributes.size, addDimensions(start, size));
  return typeof start === "number" && typeof room === "number" && room >= 0;
}

export function pad(tensor: Node, axis: number, before: Dimension, after: Dimension): Node {
  return before === 0 && after === 0 ? tensor : node("pad", [tensor], { axis, before, after });
}

/** Join along an axis; neighbouring slices of one tensor join to a slice of it. */
export function concat(parts: readonly Node[], axis: number): Node {
  const joined: Node[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last && isOp(last, "slice") && isOp(part, "slice") && last.inputs[0] === part.inputs[0]) {
      const [left, right] = [last.attributes, part.attributes];
      if (left.axis === axis && right.axis === axis && addDimensions(left.start, left.size) === right.start) {
        joined[joined.length - 1] = slice(
          part.inputs[0] as Node,
          axis,
          left.start,
          addDimensions(left.size, right.size),
        );
        continue;
      }
    }
    joined.push(part);
  }
  return joined.length === 1 ? (joined[0] as Node) : node("concat", joined, { axis });
}

/** The sum of tensors of one shape. Padded parts that fill an axis without a gap become one concatenation. */
export function sumOf(terms: readonly Node[]): Node {
  const [first, ...rest] = terms;
  if (first === undefined) throw new Error("a sum of nothing");
  const pads = terms.filter((term) => isOp(term, "pad"));
  const axis = pads[0]?.attributes.axis ?? 0;
  if (
    rest.length > 0 &&
    pads.length === terms.length &&
    pads.every((term) => term.attributes.axis === axis)
  ) {
    const left = [...pads];
    const parts: Node[] = [];
    let at: Dimension = 0;
    for (let found = true; found; ) {
      const index = left.findIndex((term) => term.attributes.before === at);
      found = index >= 0;
      const part = left.splice(index, found ? 1 : 0)[0]?.inputs[0];
      if (part) {
        parts.push(part);
        at = addDimensions(at, part.shape[axis] as Dimension);
      }
    }
    if (left.length === 0 && subtractDimensions(first.shape[axis] as Dimension, at) === 0)
      return concat(parts, axis);
  }
  return rest.reduce(add, first);
}

/** Rows of a table by index: gather(table (V, ...rest), indices (...n)) -> (...n, ...rest). */
export function gather(table: Node, indices: Node): Node {
  return node("gather", [table, indices], {});
}

type Constructor<Op extends Operation> = (inputs: readonly Node[], attributes: Attributes[Op]) => Node;

/** The operations whose constructors above know of a normal form. */
const constructors: { readonly [Op in Operation]?: Constructor<Op> } = {
  convert: ([source], { dtype }) => convert(source as Node, dtype),
  sum: ([source], { axes }) => sum(source as Node, axes),
  einsum: ([a, b], { labels }) => einsum(a as Node, b as Node, labels),
  reshape: ([source], { shape }) => reshape(source as Node, shape),
  transpose: ([source], { permutation }) => transpose(source as Node, permutation),
  broadcast: ([source], { shape, axes }) => broadcast(source as Node, shape, axes),
  slice: ([source], { axis, start, size }) => slice(source as Node, axis, start, size),
  pad: ([source], { axis, before, after }) => pad(source as Node, axis, before, after),
  concat: (parts, { axis }) => concat(parts, axis),
};

/** A node again over other inputs, in normal form. */
export function again(original: Node, inputs: readonly Node[]): Node {
  const make = constructors[original.op] as Constructor<Operation> | undefined;
  if (make) return make(inputs, original.attributes);
  return isKind(original, "elementwise")
    ? elementwise(original.op as "add", ...inputs)
    : node(original.op, inputs, original.attributes);
}
