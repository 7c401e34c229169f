/** Doing statements in parts: along which axis, and whether rows can then be worked on in any order. */

import { type Dimension, divideWithRemainder } from "../../graph/dimension.ts";
import { readViews, writtenBuffers } from "./effects.ts";
import {
  type BlocksStatement,
  type Buffer,
  type Offset,
  type ProductAxis,
  type ProductStatement,
  type Simple,
  type Split,
  type Statement,
  simpleStatements,
  type View,
} from "./program.ts";

/** The split of a statement along its axis of `rows`, in lots of `grain`; undefined where it has none, or sums over it. */
export function splitAlong(statement: Simple, rows: Dimension, grain: number): Split | undefined {
  switch (statement.kind) {
    case "map": {
      const axis = statement.space.indexOf(rows);
      return axis < 0 || statement.reduced.includes(axis) ? undefined : { axis, grain };
    }
    case "product": {
      const outer = statement.outer.findIndex(({ size, c }) => size === rows && c !== 0);
      if (outer >= 0) return { axis: { outer }, grain };
      return statement.m.size === rows ? { axis: "m", grain } : undefined;
    }
    case "pack":
      return undefined;
    default: {
      const axis = statement.index.shape.indexOf(rows);
      return axis < 0 ? undefined : { axis, grain };
    }
  }
}

/**
 * Whether no row touches what another row writes, in statements that are all split along rows: there, all accesses to a
 * buffer that is written must go by the same stride from the same row.
 */
export function staysInRows(statements: readonly Statement[]): boolean {
  const simple = simpleStatements(statements);
  const written = writtenBuffers(simple);
  const ways = new Map<Buffer, string>();
  return simple.every((inner) =>
    accesses(inner).every(({ view, rows, stride }) => {
      if (!view.buffer || !written.has(view.buffer)) return true;
      const row = firstRow(view.offset, rows, stride);
      const way = `${stride} from ${row === undefined ? `element ${view.offset.base}` : `row ${row}`}`;
      const known = ways.get(view.buffer) ?? way;
      ways.set(view.buffer, known);
      return stride !== 0 && known === way;
    }),
  );
}

/**
 * The row at which a view starts, of buffers that hold one row after another, perhaps for many steps; undefined where it
 * is another one for other sizes.
 */
export function firstRow({ base }: Offset, rows: Dimension, stride: Dimension): Dimension | undefined {
  const fromStart = divideWithRemainder(base, stride)?.quotient;
  return fromStart === undefined ? undefined : divideWithRemainder(fromStart, rows)?.remainder;
}

interface Access {
  readonly view: View;
  /** Size of the split axis, and the view's stride along it. */
  readonly rows: Dimension;
  readonly stride: Dimension;
}

/** The views that a statement touches. */
function accesses(statement: Simple): Access[] {
  const { split } = statement;
  if (!split || statement.kind === "pack") return [];
  const rows = splitSize(statement, split.axis);
  if (statement.kind === "product") {
    const { a, b, c, packed } = statement;
    const axis = splitAxis(statement, split.axis);
    return [
      { view: a, rows, stride: axis?.a ?? 0 },
      ...(packed ? [] : [{ view: b, rows, stride: axis?.b ?? 0 }]),
      { view: c, rows, stride: axis?.c ?? 0 },
    ];
  }
  const axis = split.axis as number;
  const along = (view: View) => ({ view, rows, stride: view.strides[axis] ?? 0 });
  if (statement.kind !== "map") return [statement.table, statement.index, statement.rows].map(along);
  const { reduced, writes, space } = statement;
  return [
    ...readViews(statement)
      .filter((view) => view.shape.length === space.length)
      .map(along),
    ...writes.map(({ to, from }) => {
      const isReduction = "op" in from && reduced.length > 0 && to.shape.length < space.length;
      const position = isReduction ? axis - reduced.filter((other) => other < axis).length : axis;
      return { view: to, rows, stride: to.strides[position] ?? 0 };
    }),
  ];
}

/** The axis of a product that is split. */
export function splitAxis({ m, n, outer }: ProductStatement, axis: Split["axis"]): ProductAxis | undefined {
  return axis === "m" ? m : axis === "n" ? n : outer[(axis as { outer: number }).outer];
}

/** The size of the axis along which a statement is split. */
export function splitSize(statement: Simple | BlocksStatement, axis: Split["axis"]): Dimension {
  switch (statement.kind) {
    case "blocks":
      return statement.rows;
    case "pack":
      return statement.n.size;
    case "product":
      return splitAxis(statement, axis)?.size ?? 1;
    case "map":
      return statement.space[axis as number] ?? 1;
    default:
      return statement.index.shape[axis as number] ?? 1;
  }
}
