/** Views: layout operations as arithmetic on offsets and strides, which move nothing. */

import {
  addDimensions,
  type Dimension,
  multiplyDimensions,
  type Shape,
  stridesOf,
  subtractDimensions,
} from "../../graph/dimension.ts";
import type { Node } from "../../graph/node.ts";
import type { DType, OfKind, Operation } from "../../graph/operations.ts";
import type { Buffer, Offset, View } from "./program.ts";

export const start: Offset = { base: 0, counters: [] };

export function wholeBuffer(buffer: Buffer | undefined, shape: Shape, dtype: DType): View {
  return { buffer, offset: start, shape, strides: stridesOf(shape), dtype };
}

export function moveOffset(offset: Offset, by: Dimension): Offset {
  return { ...offset, base: addDimensions(offset.base, by) };
}

/** The part of a view at position `at` of its first axis, which vanishes. */
export function sliceFirst(view: View, at: Dimension): View {
  const [stride = 0, ...strides] = view.strides;
  return {
    ...view,
    offset: moveOffset(view.offset, multiplyDimensions(at, stride)),
    shape: view.shape.slice(1),
    strides,
  };
}

/** The part of a view at the counter of a loop, plus `shift`, along its first axis. */
export function sliceAtCounter(view: View, loop: number, shift: Dimension = 0): View {
  const moved = sliceFirst(view, shift);
  const stride = view.strides[0] ?? 0;
  return { ...moved, offset: { ...moved.offset, counters: [...moved.offset.counters, { loop, stride }] } };
}

/** The view of which this is the part at the counter of a loop. */
export function alongCounter(view: View, loop: number, count: Dimension): View {
  const { base, counters } = view.offset;
  const stride = counters.find((counter) => counter.loop === loop)?.stride ?? 0;
  return {
    ...view,
    offset: { base, counters: counters.filter((counter) => counter.loop !== loop) },
    shape: [count, ...view.shape],
    strides: [stride, ...view.strides],
  };
}

/** `size` positions from `from` along an axis. */
export function sliceAxis(view: View, axis: number, from: Dimension, size: Dimension): View {
  const stride = view.strides[axis] ?? 0;
  return {
    ...view,
    offset: moveOffset(view.offset, multiplyDimensions(from, stride)),
    shape: view.shape.map((dimension, other) => (other === axis ? size : dimension)),
  };
}

/** Whether the view's elements follow each other without gaps, in row-major order. */
export function isContiguous(view: View): boolean {
  let expected: Dimension = 1;
  for (let axis = view.shape.length - 1; axis >= 0; axis -= 1) {
    if (view.shape[axis] !== 1 && view.strides[axis] !== expected) return false;
    expected = multiplyDimensions(expected, view.shape[axis] as Dimension);
  }
  return true;
}

/** The strides of the same elements under another shape; undefined where they must be copied first. */
export function reshapeView(view: View, shape: Shape): View | undefined {
  if (isContiguous(view)) return { ...view, shape, strides: stridesOf(shape) };
  // Axes are taken over one by one; axes of size 1 come and go freely.
  const strides: Dimension[] = [];
  const kept = view.shape.map((_, axis) => axis).filter((axis) => view.shape[axis] !== 1);
  for (const dimension of shape) {
    if (dimension === 1) {
      strides.push(0);
      continue;
    }
    const axis = kept.shift();
    if (axis === undefined || view.shape[axis] !== dimension) return splitOrMerge(view, shape);
    strides.push(view.strides[axis] as Dimension);
  }
  return kept.length === 0 ? { ...view, shape, strides } : splitOrMerge(view, shape);
}

/** Reshapes that only split or merge axes between which there is no gap, such as (T*B, 4, H) of (T*B, 4*H). */
function splitOrMerge(view: View, shape: Shape): View | undefined {
  const strides: Dimension[] = [];
  let target = 0;
  for (let axis = 0; axis < view.shape.length; axis += 1) {
    let size = view.shape[axis] as Dimension;
    let last = axis;
    let wanted: Dimension = shape[target] ?? 1;
    let end = target + 1;
    while (size !== wanted) {
      const grown = multiplyDimensions(wanted, shape[end] ?? 0);
      const wider = multiplyDimensions(size, view.shape[last + 1] ?? 0);
      if (end < shape.length && canReach(grown, size)) {
        wanted = grown;
        end += 1;
      } else if (last + 1 < view.shape.length && joins(view, last)) {
        size = wider;
        last += 1;
      } else return undefined;
    }
    const part = shape.slice(target, end);
    const inner = stridesOf(part);
    strides.push(...inner.map((stride) => multiplyDimensions(stride, view.strides[last] as Dimension)));
    target = end;
    axis = last;
  }
  return target === shape.length || shape.slice(target).every((dimension) => dimension === 1)
    ? { ...view, shape, strides: [...strides, ...shape.slice(target).map(() => 0)] }
    : undefined;
}

/** Whether a product of sizes may still grow to `size`: numbers by magnitude, symbols by trial. */
function canReach(product: Dimension, size: Dimension): boolean {
  if (product === size) return true;
  return typeof product === "number" && typeof size === "number"
    ? product <= size && product > 0
    : typeof size === "string" && product !== 0;
}

/** Whether an axis and the next are one run of memory. */
function joins(view: View, axis: number): boolean {
  const inner = multiplyDimensions(view.strides[axis + 1] as Dimension, view.shape[axis + 1] as Dimension);
  return view.strides[axis] === inner;
}

type ViewRule<Op extends Operation> = (node: Node<Op>, view: View) => View | undefined;

/** What each operation that views makes of its input's view. */
const viewRules: { readonly [Op in OfKind<"view">]: ViewRule<Op> } = {
  reshape: ({ shape }, view) => reshapeView(view, shape),
  transpose: ({ shape, attributes: { permutation } }, view) => ({
    ...view,
    shape,
    strides: permutation.map((axis) => view.strides[axis] as Dimension),
  }),
  broadcast({ shape, attributes: { axes } }, view) {
    const strides = shape.map((_, axis) =>
      axes.includes(axis) ? (view.strides[axes.indexOf(axis)] as Dimension) : 0,
    );
    return { ...view, shape, strides };
  },
  slice: ({ attributes: { axis, start, size } }, view) => sliceAxis(view, axis, start, size),
  flip({ attributes: { axis } }, view) {
    const last = subtractDimensions(view.shape[axis] as Dimension, 1);
    const stride = view.strides[axis] as Dimension;
    return {
      ...view,
      offset: moveOffset(view.offset, multiplyDimensions(last, stride)),
      strides: view.strides.map((other, at) => (at === axis ? multiplyDimensions(-1, stride) : other)),
    };
  },
};

/** A node that views as a view of its input's view; undefined where the elements must be copied to be laid out so. */
export function layoutView(node: Node<OfKind<"view">>, view: View): View | undefined {
  return (viewRules[node.op] as ViewRule<Operation>)(node, view);
}

type PartsRule<Op extends Operation> = (node: Node<Op>, whole: View) => View[];

/** Where the parts of each assembly stand in it. */
const partsRules: { readonly [Op in OfKind<"assembly">]: PartsRule<Op> } = {
  pad({ inputs, attributes: { axis, before } }, whole) {
    return [sliceAxis(whole, axis, before, (inputs[0] as Node).shape[axis] as Dimension)];
  },
  concat({ inputs, attributes: { axis } }, whole) {
    let at: Dimension = 0;
    return inputs.map((part) => {
      const size = part.shape[axis] as Dimension;
      const view = sliceAxis(whole, axis, at, size);
      at = addDimensions(at, size);
      return view;
    });
  },
};

/** The views that the parts of an assembly have of the whole. */
export function partViews(node: Node<OfKind<"assembly">>, whole: View): View[] {
  return (partsRules[node.op] as PartsRule<Operation>)(node, whole);
}

/** A text that is equal for equal views. */
export function viewKey({ buffer, offset, shape, strides }: View): string {
  const counters = offset.counters.map(({ loop, stride }) => `${loop}:${stride}`).join("+");
  return `${buffer?.id ?? "iota"}@${offset.base}+${counters}(${shape.join()})[${strides.join()}]`;
}
