/** Kernels of rows by index: gather, and scatter, which adds up the rows that fall to one row of a table. */

import type { RowsStatement, View } from "../../compiler/loops/program.ts";
import { blockTerms } from "../../compiler/loops/sums.ts";
import { type Dimension, multiplyDimensions, sizeOf, stridesOf } from "../../graph/dimension.ts";
import { f32, f32xN, type I32, i32, type Local, vectors } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import { increase } from "../instructions/integers.ts";
import {
  addressOf,
  type Counters,
  type KernelContext,
  loopNest,
  moved,
  offsetOf,
  type Part,
} from "./kernel.ts";
import { runOnSums } from "./sums.ts";

const bytes = (stride: Dimension) => multiplyDimensions(4, stride);

export function emitRows(
  context: KernelContext,
  f: FunctionBuilder,
  statement: RowsStatement,
  around: Counters,
  part: Part,
): void {
  const { table } = context;
  const { kind, index, rows, stride, split } = statement;
  const value = (dimension: Dimension) => table.value(dimension);
  const rank = index.shape.length;
  const positions = index.shape.map((_, axis) => axis).filter((axis) => index.shape[axis] !== 1);
  const range = split && part;
  const first = f.local("i32", offsetOf(table, statement.first, around));
  const end = f.local("i32", offsetOf(table, statement.end, around));
  const strideAlong = (view: View, axis: number) => value(bytes(view.strides[axis] as Dimension));
  const pointers = [index, statement.table, rows].map((view) => ({
    start: moved(
      addressOf(table, view, around),
      range?.begin,
      split ? strideAlong(view, split.axis as number) : i32.const(0),
    ),
    strides: positions.map((axis) => strideAlong(view, axis)),
  }));
  const sizes = positions.map((axis) =>
    range && axis === split?.axis ? range.count : value(index.shape[axis] as Dimension),
  );
  const row = rowAxes(statement.table, rows, rank);
  const wide = kind === "scatter" ? wideRows(context, f, statement, row, around) : undefined;
  wide?.start();
  loopNest(f, sizes, pointers, ([indexAt, tableAt, rowAt]) => {
    const at = f.local("i32", i32.load(indexAt as I32));
    const exists = i32.and(i32.ge_s(at, first), i32.lt_s(at, end));
    const inTable = f.local("i32", i32.add(tableAt as I32, i32.mul(at, value(bytes(stride)))));
    f.if(
      exists,
      () => {
        wide?.beforeAdding(at, inTable);
        if (kind === "gather") copyRow(f, row, inTable, rowAt as I32, value);
        else addRow(f, row, rowAt as I32, inTable, value);
      },
      () => {
        if (kind === "gather") clearRow(f, row, rowAt as I32, value);
      },
    );
  });
  wide?.finish();
}

/**
 * Long sums of rows. Each row of the table has two numbers: how many rows its block has by now, and where its sums in
 * float64 stand, 0 while it has none. A row gets those when its first block is full, so that they are few.
 */
function wideRows(
  context: KernelContext,
  f: FunctionBuilder,
  { wide, table, stride, end }: RowsStatement,
  { sizes, table: strides }: RowAxes,
  around: Counters,
) {
  if (!wide) return undefined;
  const value = (dimension: Dimension) => context.table.value(dimension);
  const axes = sizes.length > 0 ? { sizes, strides } : { sizes: [1], strides: [1] };
  const rowBytes = value(multiplyDimensions(8, sizeOf(sizes)));
  const numbers = f.local("i32", context.table.address(wide));
  const count = f.local("i32", offsetOf(context.table, end, around));
  const free = f.local("i32", i32.add(numbers, i32.mul(count, i32.const(8))));
  const run = (name: "flush" | "finish", row: I32, entry: I32) => {
    const sums = { start: row, strides: axes.strides.map((own) => value(bytes(own))) };
    const own = stridesOf(axes.sizes).map((size) => value(multiplyDimensions(8, size)));
    const to = { start: i32.load(entry, 4), strides: own };
    runOnSums(f, context.wideSums()[name], axes.sizes.map(value), sums, to);
  };
  return {
    start: () => f.fillMemory(numbers, i32.const(0), i32.mul(count, i32.const(8))),
    beforeAdding(at: I32, row: I32) {
      const entry = f.local("i32", i32.add(numbers, i32.mul(at, i32.const(8))));
      const terms = f.local("i32", i32.load(entry));
      f.if(i32.eq(terms, i32.const(blockTerms)), () => {
        f.if(i32.eqz(i32.load(entry, 4)), () => {
          f.emit(i32.store(entry, free, 4));
          f.fillMemory(free, i32.const(0), rowBytes);
          increase(f, free, rowBytes);
        });
        run("flush", row, entry);
        f.set(terms, i32.const(0));
      });
      f.emit(i32.store(entry, i32.add(terms, i32.const(1))));
    },
    finish() {
      const entry = f.local("i32", numbers);
      const row = f.local("i32", addressOf(context.table, table, around));
      f.while(i32.gt_s(count, i32.const(0)), () => {
        f.if(i32.load(entry, 4), () => run("finish", row, entry));
        increase(f, entry, 8);
        increase(f, row, value(bytes(stride)));
        increase(f, count, -1);
      });
    },
  };
}

interface RowAxes {
  readonly sizes: Dimension[];
  readonly table: Dimension[];
  readonly rows: Dimension[];
}

/** The axes of one row; axes without a gap between them become one. */
function rowAxes(table: View, rows: View, rank: number): RowAxes {
  const axes: RowAxes = { sizes: [], table: [], rows: [] };
  for (let axis = rank; axis < rows.shape.length; axis += 1) {
    const size = rows.shape[axis] as Dimension;
    const [own, other] = [table.strides[axis] as Dimension, rows.strides[axis] as Dimension];
    const last = axes.sizes.length - 1;
    if (size === 1) continue;
    if (
      last >= 0 &&
      axes.table[last] === multiplyDimensions(own, size) &&
      axes.rows[last] === multiplyDimensions(other, size)
    ) {
      axes.sizes[last] = multiplyDimensions(axes.sizes[last] as Dimension, size);
      axes.table[last] = own;
      axes.rows[last] = other;
    } else {
      axes.sizes.push(size);
      axes.table.push(own);
      axes.rows.push(other);
    }
  }
  return axes;
}

type Value = (dimension: Dimension) => I32;

/** Copy one row of the table to one of the rows. */
function copyRow(
  f: FunctionBuilder,
  { sizes, table, rows }: RowAxes,
  from: I32,
  to: I32,
  value: Value,
): void {
  const ways = [
    { start: from, strides: table },
    { start: to, strides: rows },
  ] as const;
  walkRow(f, sizes, ways, value, {
    vector: (read, written) => f.emit(vectors.store(written, vectors.load(read))),
    one: (read, written) => f.emit(f32.store(written, f32.load(read))),
  });
}

/** Add one of the rows to a row of the table. */
function addRow(f: FunctionBuilder, { sizes, table, rows }: RowAxes, from: I32, to: I32, value: Value): void {
  const ways = [
    { start: from, strides: rows },
    { start: to, strides: table },
  ] as const;
  walkRow(f, sizes, ways, value, {
    vector: (read, written) =>
      f.emit(vectors.store(written, f32xN.add(vectors.load(written), vectors.load(read)))),
    one: (read, written) => f.emit(f32.store(written, f32.add(f32.load(written), f32.load(read)))),
  });
}

interface Way {
  readonly start: I32;
  readonly strides: readonly Dimension[];
}

/** All elements of a row on two ways, a vector at a time where they follow each other on both. */
function walkRow(
  f: FunctionBuilder,
  sizes: readonly Dimension[],
  ways: readonly [Way, Way],
  value: Value,
  { vector, one }: Record<"vector" | "one", (read: I32, written: I32) => void>,
): void {
  const inRow = sizes.length > 0 && ways.every(({ strides }) => strides.at(-1) === 1);
  const outer = inRow ? sizes.slice(0, -1) : sizes;
  const pointers = ways.map(({ start, strides }) => ({
    start,
    strides: outer.map((_, axis) => value(bytes(strides[axis] as Dimension))),
  }));
  loopNest(f, outer.map(value), pointers, (at) => {
    const [from, to] = at as [Local<"i32">, Local<"i32">];
    if (!inRow) {
      one(from, to);
      return;
    }
    const left = f.local("i32", value(sizes.at(-1) as Dimension));
    const [read, written] = [f.local("i32", from), f.local("i32", to)];
    const next = (count: number) => {
      for (const pointer of [read, written]) increase(f, pointer, 4 * count);
      increase(f, left, -count);
    };
    f.while(i32.ge_s(left, i32.const(f.lanes)), () => {
      vector(read, written);
      next(f.lanes);
    });
    f.while(i32.gt_s(left, i32.const(0)), () => {
      one(read, written);
      next(1);
    });
  });
}

function clearRow(f: FunctionBuilder, { sizes, rows }: RowAxes, to: I32, value: Value): void {
  const pointers = [{ start: to, strides: rows.map((stride) => value(bytes(stride))) }];
  loopNest(f, sizes.map(value), pointers, ([written]) => {
    f.emit(f32.store(written as I32, f32.const(0)));
  });
}
