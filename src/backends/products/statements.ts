/** Kernels of the statements that multiply and pack: what the products of a module are called with. */

import type { PackStatement, ProductAxis, ProductStatement } from "../../compiler/loops/program.ts";
import { splitAxis } from "../../compiler/loops/split.ts";
import { type Dimension, multiplyDimensions } from "../../graph/dimension.ts";
import { type I32, i32 } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import {
  addressOf,
  beginIn,
  type Counters,
  type KernelContext,
  loopNest,
  moved,
  type Part,
} from "../kernels/kernel.ts";
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
  // Panels of k rows follow each other, so columns from `begin` start begin * k elements further.
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
  const scratch = moved(
    i32.const(context.scratch),
    part.thread,
    i32.const(productUnpackedScratchBytes(context.target)),
  );
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
