/** Trees side by side, as arrays of a program: which node is whose child. */

import { ShapeError, UsageError } from "../../errors.ts";
import {
  type Dimension,
  multiplyDimensions,
  printShape,
  sameShape,
  subtractDimensions,
} from "../../graph/dimension.ts";
import { node } from "../../graph/node.ts";
import { type InputType, int32 } from "../../program/compile.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { range, where } from "../../trace/functions.ts";
import { expectTensors, located, sizeTensor, Tensor } from "../../trace/tensor.ts";
import { rowsAt } from "../layers/history.ts";
import { checkLengths } from "../layers/sequence-layer.ts";

/**
 * B trees, the nodes of each numbered in post-order: children before their parent, the root last. T is the number of nodes
 * of the largest one. Where there is no such node, -1 stands.
 */
export interface TreeTensors {
  /** int32 (B), each from 1 to T: the nodes of each tree. */
  readonly lengths: Tensor;
  /** int32 (K, T, B): the children of each node in order; for cells with ordered children. */
  readonly children?: Tensor | undefined;
  /** int32 (T, B): the last child of each node, and the sibling before it; for cells that sum over children. */
  readonly lastChild?: Tensor | undefined;
  readonly previousSibling?: Tensor | undefined;
  /** int32 (T, B): the parent of each node; for the way down, and for cells that sum over children. */
  readonly parent?: Tensor | undefined;
  /** int32 (T, B), from 0: the type of each node, of a layer that has weights for each. */
  readonly types?: Tensor | undefined;
  /**
   * int32 (L, B) and (N, B): the nodes that are leaves, and those that are not, of each tree in order. With them leaves are
   * computed all at once, and only the others step by step; results are the same but for rounding.
   */
  readonly leaves?: Tensor | undefined;
  readonly inner?: Tensor | undefined;
}

/** The types of trees, as inputs of a program. */
export type TreeTypes = { readonly [Part in keyof TreeTensors]: InputType };

/** What trees have besides their lengths. */
export type TreePart = Exclude<keyof TreeTensors, "lengths">;

/** Of a node with K children, or of any number of them. */
type Arity = number | undefined;

function shapeOf(
  part: TreePart,
  arity: Arity,
  { steps, batch, count }: Record<string, Dimension>,
): Dimension[] {
  if (part === "children") return [arity ?? 1, steps as Dimension, batch as Dimension];
  const isList = part === "leaves" || part === "inner";
  return [(isList ? count : steps) as Dimension, batch as Dimension];
}

/** The types of these parts, with the symbols of `TreeTensors`. */
export function typesOf(parts: readonly TreePart[], arity: Arity): TreeTypes {
  const types = parts.map((part) => {
    const sizes = { steps: "T", batch: "B", count: part === "leaves" ? "L" : "N" };
    return [part, int32(...shapeOf(part, arity, sizes))] as const;
  });
  return { lengths: int32("B"), ...Object.fromEntries(types) };
}

/**
 * What a pass `reads` of the trees, and nothing else. Throws UsageError for arrays that are not there; ShapeError, with the line
 * of the user's code, for those of other shapes than x (T, B, ...) asks for. Numbers that a compiled function is given have to be
 * those of nodes, or -1; of `types` there are that many.
 */
export function treesFor(
  where: string,
  x: Tensor,
  trees: TreeTensors,
  {
    reads,
    arity,
    types,
  }: { readonly reads: readonly TreePart[]; readonly arity: Arity; readonly types: number },
): TreeTensors {
  if (typeof trees !== "object" || trees === null || trees instanceof Tensor || !trees.lengths) {
    throw new UsageError(`${where}: no trees given, { lengths, ${reads.join(", ")} } expected`);
  }
  checkLengths(where, trees.lengths, x);
  const [steps, batch] = x.shape as [Dimension, Dimension];
  const read = reads.map((part) => {
    const given = trees[part];
    const shape = shapeOf(part, arity, { steps, batch, count: given?.shape?.[0] ?? "N" });
    if (given === undefined) {
      throw new UsageError(`${where}: no ${part} given of the trees, int32 ${printShape(shape)} expected`);
    }
    expectTensors(`${where}: ${part}`, given);
    if (given.dtype !== "int32" || !sameShape(given.shape, shape)) {
      located(() => {
        const found = `${given.dtype} ${printShape(given.shape)}`;
        throw new ShapeError(`${where}: ${part} ${found} given, int32 ${printShape(shape)} expected`);
      });
    }
    expectWithin(given, 0, part === "types" ? types - 1 : subtractDimensions(steps, 1), -1);
    return [part, given] as const;
  });
  return { lengths: trees.lengths, ...Object.fromEntries(read) };
}

/** Leaves apart from other nodes. A place is the number of a leaf among leaves, or L and that of another node among those. */
export interface Places {
  /** int32 (L, B), without -1: where a tree has fewer leaves, its first one stands again. */
  readonly leaves: Tensor;
  /** int32 (N, B). */
  readonly inner: Tensor;
  /** int32 (B). */
  readonly innerLengths: Tensor;
  /** int32 (T, B): the place of each node, -1 for none. */
  readonly places: Tensor;
  /** Among leaves, the number of what stands at a place; -1 for what is none. */
  leafAt(place: Tensor): Tensor;
  /** Among nodes that are no leaves, likewise. */
  innerAt(place: Tensor): Tensor;
}

/** The places of B trees of up to `steps` nodes. */
export function placesOf(leaves: Tensor, inner: Tensor, steps: Dimension): Places {
  const count = sizeTensor(leaves.size(0)).convert("int32");
  // Places count from 1 in these sums, so that 0 is none.
  const numbered = (nodes: Tensor, start: Tensor | number) => {
    const [size, rows] = nodes.shape as [Dimension, Dimension];
    const places = range(size)
      .add(start)
      .add(1)
      .convert("float32")
      .reshape([size, 1])
      .broadcastTo([size, rows]);
    return addRows(nodes, places, steps);
  };
  return {
    leaves: where(leaves.less(0), leaves.at(0, 0).broadcastTo(leaves.shape), leaves),
    inner,
    innerLengths: where(inner.less(0), 0, 1).convert("int32").sum(0),
    places: numbered(leaves, 0).add(numbered(inner, count)).convert("int32").sub(1),
    leafAt: (place) => where(place.less(count), place, -1),
    innerAt: (place) => where(place.less(count), -1, place.sub(count)),
  };
}

/** Rows (N, B, ...) added up by step, int32 (N, B), in each column: (steps, B, ...). Those at -1 count for nothing. */
export function addRows(step: Tensor, rows: Tensor, steps: Dimension): Tensor {
  const [, batch, ...rest] = rows.shape as [Dimension, Dimension];
  const to = step.mul(sizeTensor(batch).convert("int32")).add(range(batch));
  const size = multiplyDimensions(steps, batch);
  return new Tensor(node("scatterAdd", [to.node, rows.node], { size })).reshape([steps, batch, ...rest]);
}

/** What a sequence of numbers int32 (T, B) has for the nodes (N, B); -1 where there is no node. */
export function numbersAt(sequence: Tensor, nodes: Tensor): Tensor {
  return where(nodes.less(0), -1, rowsAt(sequence, nodes));
}

/** (N, B, size) as (N * B, size). */
export function flat(sequence: Tensor): Tensor {
  const [steps, batch, ...rest] = sequence.shape as [Dimension, Dimension];
  return sequence.reshape([multiplyDimensions(steps, batch), ...rest]);
}
