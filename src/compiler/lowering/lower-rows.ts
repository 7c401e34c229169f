/** Lowering of what is read and written by index: gather, scatterAdd, and reads of the past by index. */

import { type Dimension, sizeOf } from "../../graph/dimension.ts";
import type { Node } from "../../graph/node.ts";
import type { OfKind, Operation } from "../../graph/operations.ts";
import type { Offset, RowsStatement, Statement, View } from "../loops/program.ts";
import { isLong, wideRowsSize } from "../loops/sums.ts";
import { start } from "../loops/view.ts";
import { copyStatement, type EnclosingLoop, type StatementContext } from "./block.ts";

const fixed = (base: Dimension): Offset => ({ base, counters: [] });

type Lowering<Op extends Operation> = (
  context: StatementContext,
  node: Node<Op>,
  inputs: readonly View[],
  to: View,
) => Statement[];

/** What is read or written by index, and the statements that do it. */
const lowerings: { readonly [Op in OfKind<"indexing"> | "past"]: Lowering<Op> } = {
  past({ loop }, { attributes }, [index], to) {
    const around = loop as EnclosingLoop;
    const sequence = around.history.get(attributes.output) as View;
    const [first, end] = doneSteps(around);
    return [byPosition("gather", sequence, index as View, to, first, end)];
  },
  gather: (_context, _node, [table, index], to) => [rowsOfTable("gather", table as View, index as View, to)],
  scatterAdd({ lowering }, _node, inputs, to) {
    const [index, updates] = inputs as [View, View];
    const count = sizeOf(index.shape);
    const wide = isLong(count) ? lowering.buffer(wideRowsSize(to.shape, count), "wide") : undefined;
    const zero = copyStatement({ scalar: 0, dtype: "float32" }, to);
    return [zero, { ...rowsOfTable("scatter", to, index, updates), wide }];
  },
};

/** Append the statements of a gather, a scatterAdd or an indexed read of the past. */
export function lowerRows(
  context: StatementContext,
  node: Node<keyof typeof lowerings>,
  inputs: readonly View[],
  to: View,
): void {
  context.statements.push(...(lowerings[node.op] as Lowering<Operation>)(context, node, inputs, to));
}

/** Rows (...n, ...rest) of one table (V, ...rest) for all positions of the index (...n). */
function rowsOfTable(kind: RowsStatement["kind"], table: View, index: View, rows: View): RowsStatement {
  const [size = 0, ...rest] = table.shape;
  const [stride = 0, ...strides] = table.strides;
  return {
    kind,
    table: { ...table, shape: [...index.shape, ...rest], strides: [...index.shape.map(() => 0), ...strides] },
    stride,
    first: start,
    end: fixed(size),
    index,
    rows,
  };
}

/** Adds rows (B, ...) to a sequence (T, B, ...): row b goes to step index[b]. */
export function sendStatement(sequence: View, index: View, rows: View): RowsStatement {
  return byPosition("scatter", sequence, index, rows, start, fixed(sequence.shape[0] as Dimension));
}

/** Rows (B, ...) of a sequence (T, B, ...): row b comes from, or goes to, step index[b]. */
function byPosition(
  kind: RowsStatement["kind"],
  sequence: View,
  index: View,
  rows: View,
  first: Offset,
  end: Offset,
): RowsStatement {
  const [stride = 0, ...strides] = sequence.strides;
  return {
    kind,
    table: { ...sequence, shape: sequence.shape.slice(1), strides },
    stride,
    first,
    end,
    index,
    rows,
  };
}

/** The steps that have run when a step runs, as a range of t. */
function doneSteps({
  loop,
  reverse,
  length,
}: Pick<EnclosingLoop, "loop" | "reverse" | "length">): [Offset, Offset] {
  const counters = [{ loop, stride: 1 }];
  return reverse ? [{ base: 1, counters }, fixed(length)] : [start, { base: 0, counters }];
}
