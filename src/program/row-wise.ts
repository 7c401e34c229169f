/** Which nodes are computed row by row of the batch: the same for a row whatever rows stand beside it, and however many. */

import { type Dimension, type Shape, sizeOf, symbolsOf } from "../graph/dimension.ts";
import { parseLabels } from "../graph/einsum.ts";
import { isOp, type Node } from "../graph/node.ts";
import { factsOf, type Kind } from "../graph/operations.ts";
import { topologicalOrder } from "../graph/traverse.ts";

/** Of what has no rows: it is the same for all of them. */
export const NO_ROWS = -1;

/**
 * For each node that the results need, the axis along which its rows stand, whose size is the symbol `rows`; NO_ROWS for what
 * does not depend on them; undefined where rows may be mixed, or counted.
 */
export function rowAxes(results: readonly Node[], rows: string): Map<Node, number | undefined> {
  const axes = new Map<Node, number | undefined>();
  for (const node of topologicalOrder(results)) {
    const below = node.inputs.map((input) => axes.get(input));
    const axis = below.includes(undefined) || mentions(node, rows) ? undefined : axisOf(node, below, rows);
    axes.set(node, hasRowsAt(node.shape, axis, rows) ? axis : undefined);
  }
  return axes;
}

/** The axis of a shape that is the rows'; NO_ROWS where there is none. */
export function axisOfRows(shape: Shape, rows: string): number {
  return shape.indexOf(rows);
}

/** Whether the number of rows is in a shape as the size of that axis, and nowhere else. */
export function hasRowsAt(shape: Shape, axis: number | undefined, rows: string): boolean {
  return shape.every((size, at) => (at === axis ? size === rows : !symbolsOf(size).includes(rows)));
}

/** Whether an operation looks at the number of rows itself. */
function mentions({ attributes }: Node, rows: string): boolean {
  const { start, before, after, dimension } = attributes as Readonly<Record<string, Dimension | undefined>>;
  return [start, before, after, dimension].some((size) => symbolsOf(size ?? 0).includes(rows));
}

/** Where the rows of a node stand, if its inputs' rows stand at `below`. */
function axisOf(node: Node, below: readonly (number | undefined)[], rows: string): number | undefined {
  const found = [...new Set(below as readonly number[])];
  const [axis = NO_ROWS] = found;
  if (isOp(node, "einsum")) return axisOfProduct(node, below as readonly number[]);
  if (isOp(node, "gather")) return axisOfRowsFound(node, below as readonly number[]);
  if (found.length > 1) return undefined;
  const kind: Kind = factsOf(node.op).kind;
  if (kind === "given") return axisOfRows(node.shape, rows);
  if (kind === "number" || kind === "positions") return NO_ROWS;
  if (kind === "elementwise") return axis;
  if (isOp(node, "broadcast"))
    return axis === NO_ROWS ? axisOfRows(node.shape, rows) : node.attributes.axes[axis];
  if (axis === NO_ROWS) return kind === "scan" || kind === "output" ? undefined : NO_ROWS;
  if (isOp(node, "sum") || isOp(node, "max")) {
    const { axes } = node.attributes;
    return axes.includes(axis) ? undefined : axis - axes.filter((summed) => summed < axis).length;
  }
  if (isOp(node, "transpose")) return node.attributes.permutation.indexOf(axis);
  if (isOp(node, "reshape")) {
    const { shape } = node.inputs[0] as Node;
    const at = node.shape.indexOf(rows);
    return sizeBefore(shape, axis) === sizeBefore(node.shape, at) ? at : undefined;
  }
  if (isOp(node, "slice") || isOp(node, "flip") || isOp(node, "pad") || isOp(node, "concat"))
    return node.attributes.axis === axis ? undefined : axis;
  return undefined;
}

const sizeBefore = (shape: Shape, axis: number) => sizeOf(shape.slice(0, axis));

/** Rows of a product are those of its result: their label is the same in both inputs. */
function axisOfProduct(node: Node<"einsum">, [a, b]: readonly number[]): number | undefined {
  const labels = parseLabels(node.attributes.labels);
  const [left, right] = [labels.a[a as number], labels.b[b as number]];
  if (left === undefined && right === undefined) return NO_ROWS;
  if (left !== undefined && right !== undefined && left !== right) return undefined;
  const at = labels.result.indexOf((left ?? right) as string);
  return at < 0 ? undefined : at;
}

/** Rows of what is found in a table stand where those of the indices or of the table's entries do. */
function axisOfRowsFound(
  { inputs }: Node<"gather">,
  [table, indices]: readonly number[],
): number | undefined {
  if (table === NO_ROWS) return indices;
  if (table === 0 || indices !== NO_ROWS) return undefined;
  return (inputs[1] as Node).shape.length + (table as number) - 1;
}
