/** Kernels of products and of rows by index; map statements have a file of their own. */

import type {
  PackStatement,
  ProductAxis,
  ProductStatement,
  RowsStatement,
  View,
} from "../../compiler/loops.ts";
import { splitAxis } from "../../compiler/split.ts";
import { type Dimension, multiplyDimensions, sizeOf, stridesOf } from "../../graph/dimension.ts";
import type { FunctionBuilder } from "./encoder.ts";
import { f32, f32x4, type I32, i32, type Local, v128 } from "./instructions.ts";
import {
  addressOf,
  beginIn,
  type Counters,
  type KernelContext,
  loopNest,
  offsetOf,
  type Part,
} from "./kernel.ts";
import { productUnpackedScratchBytes } from "./product.ts";

const bytes = (stride: Dimension) => multiplyDimensions(4, stride);

export function emitPack(
  { table, product }: KernelContext,
  f: FunctionBuilder,
  { b, k, n, packed, split }: PackStatement,
  around: Counters,
  part: Part,
): void {
  const value = (dimension: Dimension) => table.value(dimension);
  const range = split && part;
  f.call(
    product.pack,
    moved(addressOf(table, b, around), range?.begin, value(bytes(n.b))),
    value(bytes(k.b)),
    value(bytes(n.b)),
    value(k.size),
    range?.count ?? value(n.size),
    moved(table.address(packed), range?.begin, value(bytes(k.size))),
  );
}

/** An address some positions further. */
function moved(address: I32, positions: I32 | undefined, stride: I32): I32 {
  return positions ? i32.add(address, i32.mul(positions, stride)) : address;
}

export function emitProduct(
  context: KernelContext,
  f: FunctionBuilder,
  statement: ProductStatement,
  around: Counters,
  part: Part,
): void {
  const { table, product } = context;
  const { a, b, c, outer, m, n, k, accumulate, packed, split } = statement;
  const value = (dimension: Dimension) => table.value(dimension);
  const along = split && splitAxis(statement, split.axis);
  const range = along && part;
  const isSplit = (axis: ProductAxis) => range !== undefined && axis === along;
  const size = (axis: ProductAxis) => (range && isSplit(axis) ? range.count : value(axis.size));
  // Panels of 8 columns and k rows follow each other, so columns from `begin` start begin * k elements further.
  const stepOfB = isSplit(n) && packed ? k.size : (along?.b ?? 0);
  const pointer = (start: I32, side: "a" | "b" | "c", step: Dimension) => ({
    start: moved(start, range && beginIn(statement[side], range), value(bytes(step))),
    strides: outer.map((axis) => value(bytes(axis[side]))),
  });
  const pointers = [
    pointer(addressOf(table, a, around), "a", along?.a ?? 0),
    pointer(packed ? table.address(packed) : addressOf(table, b, around), "b", stepOfB),
    pointer(addressOf(table, c, around), "c", along?.c ?? 0),
  ];
  const scratch = moved(i32.const(context.scratch), part.thread, i32.const(productUnpackedScratchBytes));
  loopNest(f, outer.map(size), pointers, ([left, right, result]) => {
    const common = [
      result as I32,
      value(bytes(m.c)),
      value(bytes(n.c)),
      size(m),
      size(n),
      value(k.size),
      i32.const(accumulate ? 1 : 0),
      scratch,
    ];
    const leftSide = [left as I32, value(bytes(m.a)), value(bytes(k.a))];
    if (packed) f.call(product.product, ...leftSide, right as I32, ...common);
    else
      f.call(
        product.productUnpacked,
        ...leftSide,
        right as I32,
        value(bytes(k.b)),
        value(bytes(n.b)),
        ...common,
      );
  });
}

export function emitRows(
  { table }: KernelContext,
  f: FunctionBuilder,
  statement: RowsStatement,
  around: Counters,
  part: Part,
): void {
  const { kind, index, rows, stride, split, lost } = statement;
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
  const row = rowAxes(statement.table, rows, rank);
  const lostRow = lost && { start: addressOf(table, lost, around), bytes: value(bytes(sizeOf(row.sizes))) };
  const sizes = positions.map((axis) =>
    range && axis === split?.axis ? range.count : value(index.shape[axis] as Dimension),
  );
  const forEach = (body: (at: I32, exists: I32, tableAt: I32, rowAt: I32) => void) =>
    loopNest(f, sizes, pointers, ([indexAt, tableAt, rowAt]) => {
      const at = f.local("i32", i32.load(indexAt as I32));
      const exists = i32.and(i32.ge_s(at, first), i32.lt_s(at, end));
      body(at, exists, i32.add(tableAt as I32, i32.mul(at, value(bytes(stride)))), rowAt as I32);
    });
  if (kind === "gather") {
    forEach((_at, exists, from, to) => {
      f.if(
        exists,
        () => copyRow(f, row, from, to, value),
        () => clearRow(f, row, to, value),
      );
    });
    return;
  }
  const lostAt = (at: I32) => lostRow && i32.add(lostRow.start, i32.mul(at, lostRow.bytes));
  // Only rows that something is added to have anything to lose.
  if (lostRow) {
    forEach((at, exists) => {
      f.if(exists, () => f.fillMemory(lostAt(at) as I32, i32.const(0), lostRow.bytes));
    });
  }
  forEach((at, exists, to, from) => {
    f.if(exists, () => addRow(f, row, from, to, lostAt(at), value));
  });
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
  walkRow(
    f,
    sizes,
    [
      { start: from, strides: table },
      { start: to, strides: rows },
    ],
    value,
    {
      four: ([read, written]) => f.emit(v128.store(written as I32, v128.load(read as I32))),
      one: ([read, written]) => f.emit(f32.store(written as I32, f32.load(read as I32))),
    },
  );
}

/**
 * Add one of the rows to a row of the table. What its elements lost in rounding so far, if that is kept, is added with the
 * next row (Kahan 1965).
 */
function addRow(
  f: FunctionBuilder,
  { sizes, table, rows }: RowAxes,
  from: I32,
  to: I32,
  lost: I32 | undefined,
  value: Value,
): void {
  const add = (load: typeof v128.load, store: typeof v128.store) => (at: readonly I32[]) => {
    const [read, written, lostAt] = at as [I32, I32, I32 | undefined];
    if (!lostAt) {
      f.emit(store(written, f32x4.add(load(written), load(read))));
      return;
    }
    const old = f.local("v128", load(written));
    const term = f.local("v128", f32x4.sub(load(read), load(lostAt)));
    const sum = f.local("v128", f32x4.add(old, term));
    const excess = f.local("v128", f32x4.sub(f32x4.sub(sum, old), term));
    const isNumber = f32x4.eq(f32x4.sub(excess, excess), f32x4.const(0));
    f.emit(store(written, sum));
    f.emit(store(lostAt, v128.and(excess, isNumber)));
  };
  const ways = [
    { start: from, strides: rows },
    { start: to, strides: table },
    ...(lost ? [{ start: lost, strides: stridesOf(sizes) }] : []),
  ];
  walkRow(f, sizes, ways, value, {
    four: add(v128.load, v128.store),
    one: add(v128.load32_zero, (address, vector) => v128.store32_lane(address, vector, 0)),
  });
}

/** All elements of a row, four at a time where they follow each other on all ways. */
function walkRow(
  f: FunctionBuilder,
  sizes: readonly Dimension[],
  ways: readonly { readonly start: I32; readonly strides: readonly Dimension[] }[],
  value: Value,
  { four, one }: Record<"four" | "one", (at: readonly Local<"i32">[]) => void>,
): void {
  const inRow = sizes.length > 0 && ways.every(({ strides }) => strides.at(-1) === 1);
  const outer = inRow ? sizes.slice(0, -1) : sizes;
  const pointers = ways.map(({ start, strides }) => ({
    start,
    strides: outer.map((_, axis) => value(bytes(strides[axis] as Dimension))),
  }));
  loopNest(f, outer.map(value), pointers, (at) => {
    if (!inRow) {
      one(at);
      return;
    }
    const left = f.local("i32", value(sizes.at(-1) as Dimension));
    const own = at.map((pointer) => f.local("i32", pointer));
    const step = (count: number) => {
      for (const pointer of own) f.set(pointer, i32.add(pointer, i32.const(4 * count)));
      f.set(left, i32.sub(left, i32.const(count)));
    };
    f.while(i32.ge_s(left, i32.const(4)), () => {
      four(own);
      step(4);
    });
    f.while(i32.gt_s(left, i32.const(0)), () => {
      one(own);
      step(1);
    });
  });
}

function clearRow(f: FunctionBuilder, { sizes, rows }: RowAxes, to: I32, value: Value): void {
  const pointers = [{ start: to, strides: rows.map((stride) => value(bytes(stride))) }];
  loopNest(f, sizes.map(value), pointers, ([written]) => {
    f.emit(f32.store(written as I32, f32.const(0)));
  });
}
