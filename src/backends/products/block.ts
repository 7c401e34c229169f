/**
 * The product of A and the panels of one block of K: A in blocks of rows that fit the L2 cache, packed where its rows are
 * not contiguous, and the microkernels down each panel of B.
 */

import { elementBytes, type Target } from "../../compiler/target.ts";
import { type FunctionReference, f32, type I32, i32, select } from "../instructions/expressions.ts";
import type { ModuleBuilder } from "../instructions/functions.ts";
import { defineIntegers, increase, minimum, times } from "../instructions/integers.ts";
import { defineMicrokernel } from "./microkernel.ts";
import { panelRowBytes } from "./pack.ts";
import { divideRows } from "./strips.ts";

/** Bytes of a packed block of A. */
function leftBytes({ product: { block } }: Target): number {
  return block.rows * block.k * elementBytes;
}

/** Bytes of scratch memory of a block product: a packed block of A, and a column of tiles of C. */
export function blockScratchBytes(target: Target): number {
  return leftBytes(target) + target.product.block.rows * panelRowBytes(target);
}

const zero = i32.const(0);
const one = i32.const(1);

/** Takes a column of tiles, rows as wide as a panel, to where it belongs in C. */
function defineWriteTile(module: ModuleBuilder, rowBytes: number): FunctionReference {
  const parameters = ["tile", "c", "strideCm", "strideCn", "rows", "columns", "accumulate"] as const;
  return defineIntegers(module, "writeTile", parameters, (builder, given) => {
    const { tile, c, strideCm, strideCn, rows, columns, accumulate } = given;
    const from = builder.local("i32");
    const to = builder.local("i32");
    const left = builder.local("i32");
    builder.while(rows, () => {
      builder.set(from, tile);
      builder.set(to, c);
      builder.set(left, columns);
      builder.while(left, () => {
        const sum = f32.add(f32.load(to), f32.load(from));
        builder.emit(f32.store(to, select(accumulate, sum, f32.load(from))));
        increase(builder, from, elementBytes);
        increase(builder, to, strideCn);
        increase(builder, left, -1);
      });
      increase(builder, tile, rowBytes);
      increase(builder, c, strideCm);
      increase(builder, rows, -1);
    });
  });
}

/** The rows of a block of A times one panel. */
function definePanelProduct(module: ModuleBuilder, target: Target): FunctionReference {
  const { tileRows } = target.product;
  const tile = (rows: number, strips = false) =>
    defineMicrokernel(module, target, { rows, panels: 1, strips });
  const whole = new Map(tileRows.map((rows) => [rows, { packed: tile(rows, true), inRows: tile(rows) }]));
  const parts = Array.from({ length: Math.min(...tileRows) - 1 }, (_, index) => tile(index + 1));
  const parameters = ["a", "strideM", "packedLeft", "b", "c", "strideCm", "rows", "K", "accumulate"] as const;
  return defineIntegers(module, "panelProduct", parameters, (builder, given) => {
    const { a, strideM, packedLeft, b, c, strideCm, rows, K, accumulate } = given;
    const run = (kernel: FunctionReference, count: I32) =>
      builder.call(kernel, a, strideM, b, zero, c, strideCm, count, K, accumulate);
    const { tiles, rest } = divideRows(builder, rows, tileRows);
    for (const { rows: height, count } of tiles) {
      const kernels = whole.get(height) as { packed: FunctionReference; inRows: FunctionReference };
      builder.if(count, () => {
        builder.if(
          packedLeft,
          () => run(kernels.packed, count),
          () => run(kernels.inRows, count),
        );
        increase(builder, a, i32.mul(count, times(strideM, height)));
        increase(builder, c, i32.mul(count, times(strideCm, height)));
      });
    }
    parts.forEach((kernel, index) => {
      builder.if(i32.eq(rest, i32.const(index + 1)), () => run(kernel, one));
    });
  });
}

// biome-ignore format: one line for each operand
const blockParameters = [
  "a", "strideM", "strideK",
  "b", "panelBytes",
  "c", "strideCm", "strideCn",
  "M", "N", "K", "accumulate", "scratch",
] as const;

/**
 * Defines `(a, strideM, strideK, b, panelBytes, c, strideCm, strideCn, M, N, K, accumulate, scratch)`: C becomes, or is
 * increased by, A times the panels of B at b, b + panelBytes, ...; K is at most that of a block.
 */
export function defineBlockProduct(
  module: ModuleBuilder,
  target: Target,
  packLeft: FunctionReference,
): FunctionReference {
  const { panelColumns, wideTiles, block } = target.product;
  const rowBytes = panelRowBytes(target);
  const panelProduct = definePanelProduct(module, target);
  const wide = wideTiles.map(({ rows, panels: widths }) => ({
    height: rows,
    kernels: widths.map((panels) => ({
      panels,
      kernel: defineMicrokernel(module, target, { rows, panels, along: true }),
    })),
  }));
  const writeTile = defineWriteTile(module, rowBytes);
  return defineIntegers(module, "blockProduct", blockParameters, (builder, given) => {
    const { a, strideM, strideK, b, panelBytes, c, strideCm, strideCn, M, N, K, accumulate, scratch } = given;
    const tile = builder.local("i32", i32.add(scratch, i32.const(leftBytes(target))));
    const packedLeft = builder.local("i32", i32.ne(strideK, i32.const(elementBytes)));
    const contiguous = builder.local("i32", i32.eq(strideCn, i32.const(elementBytes)));
    const rows = builder.local("i32");
    const left = builder.local("i32");
    const leftStride = builder.local("i32");
    const panel = builder.local("i32");
    const to = builder.local("i32");
    const columns = builder.local("i32");
    const tiles = builder.local("i32");

    const next = (tiles: I32, panels: number) => {
      increase(builder, panel, i32.mul(tiles, times(panelBytes, panels)));
      increase(builder, to, i32.mul(tiles, times(strideCn, panels * panelColumns)));
      increase(builder, columns, times(tiles, -panels * panelColumns));
    };
    const onePanel = () => {
      const multiply = (result: I32, stride: I32, add: I32) =>
        builder.call(panelProduct, left, leftStride, packedLeft, panel, result, stride, rows, K, add);
      builder.if(
        i32.and(contiguous, i32.ge_s(columns, i32.const(panelColumns))),
        () => multiply(to, strideCm, accumulate),
        () => {
          multiply(tile, i32.const(rowBytes), zero);
          const width = minimum(columns, panelColumns);
          builder.call(writeTile, tile, to, strideCm, strideCn, rows, width, accumulate);
        },
      );
      next(one, 1);
    };

    builder.while(i32.gt_s(M, zero), () => {
      builder.set(rows, minimum(M, block.rows));
      builder.set(left, a);
      builder.set(leftStride, strideM);
      builder.if(packedLeft, () => {
        builder.call(packLeft, a, strideM, strideK, rows, K, scratch);
        builder.set(left, scratch);
        builder.set(leftStride, times(K, elementBytes));
      });
      builder.set(panel, b);
      builder.set(to, c);
      builder.set(columns, N);
      for (const { height, kernels } of wide) {
        builder.if(i32.and(contiguous, i32.eq(rows, i32.const(height))), () => {
          for (const { panels, kernel } of kernels) {
            builder.set(tiles, i32.div_u(columns, i32.const(panels * panelColumns)));
            builder.call(kernel, left, leftStride, panel, panelBytes, to, strideCm, tiles, K, accumulate);
            next(tiles, panels);
          }
        });
      }
      builder.while(i32.gt_s(columns, zero), onePanel);
      increase(builder, a, times(strideM, block.rows));
      increase(builder, c, times(strideCm, block.rows));
      increase(builder, M, -block.rows);
    });
  });
}
