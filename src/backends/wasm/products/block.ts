/**
 * The product of A and the panels of one block of K: A in blocks of rows that fit the L2 cache, packed where its rows are
 * not contiguous, and the microkernels down each panel of B.
 */

import type { ModuleBuilder } from "../assembler/encoder.ts";
import { type FunctionReference, f32, type I32, i32, select } from "../assembler/instructions.ts";
import { defineIntegers, increase, minimum, times } from "../assembler/integers.ts";
import { defineMicrokernel } from "./microkernel.ts";
import { floatBytes, panelColumns, panelRowBytes } from "./pack.ts";
import { blockRows, divideRows, tileHeights } from "./strips.ts";

/**
 * The largest K of a block. A panel of as many rows is a whole L1 cache, but a core fetches what it reads in order as fast
 * as the tiles take it, and fewer blocks read and write C less often.
 */
export const blockK = 1024;
/**
 * Tiles of one to three rows, for products that have no more: as many panels at once as it takes to hide the latency of one
 * addition behind the others, the widest first.
 */
const wideTiles = (fused: boolean) =>
  fused
    ? [
        { rows: 1, widths: [6, 4, 2] },
        { rows: 2, widths: [2] },
        { rows: 3, widths: [2] },
      ]
    : [
        { rows: 1, widths: [4, 2] },
        { rows: 2, widths: [2] },
      ];

const leftBytes = blockRows * blockK * floatBytes;
const tileBytes = blockRows * panelRowBytes;

/** Bytes of scratch memory of a block product: a packed block of A, and a column of tiles of C. */
export const blockScratchBytes = leftBytes + tileBytes;

const zero = i32.const(0);
const one = i32.const(1);

/** Takes a column of tiles, rows of 8 floats, to where it belongs in C. */
function defineWriteTile(module: ModuleBuilder): FunctionReference {
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
        increase(builder, from, floatBytes);
        increase(builder, to, strideCn);
        increase(builder, left, -1);
      });
      increase(builder, tile, panelRowBytes);
      increase(builder, c, strideCm);
      increase(builder, rows, -1);
    });
  });
}

/** The rows of a block of A times one panel. */
function definePanelProduct(module: ModuleBuilder): FunctionReference {
  const tile = (rows: number, strips = false) => defineMicrokernel(module, { rows, panels: 1, strips });
  const whole = new Map(
    tileHeights(module.fused).map((rows) => [rows, { packed: tile(rows, true), inRows: tile(rows) }]),
  );
  const parts = [1, 2, 3].map((rows) => tile(rows));
  const parameters = ["a", "strideM", "packedLeft", "b", "c", "strideCm", "rows", "K", "accumulate"] as const;
  return defineIntegers(module, "panelProduct", parameters, (builder, given) => {
    const { a, strideM, packedLeft, b, c, strideCm, rows, K, accumulate } = given;
    const run = (kernel: FunctionReference, count: I32) =>
      builder.call(kernel, a, strideM, b, zero, c, strideCm, count, K, accumulate);
    const { tiles, rest } = divideRows(builder, rows);
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
 * increased by, A times the panels of B at b, b + panelBytes, ...; K is at most `blockK`.
 */
export function defineBlockProduct(module: ModuleBuilder, packLeft: FunctionReference): FunctionReference {
  const panelProduct = definePanelProduct(module);
  const wide = wideTiles(module.fused).map(({ rows, widths }) => ({
    height: rows,
    kernels: widths.map((panels) => ({
      panels,
      kernel: defineMicrokernel(module, { rows, panels, along: true }),
    })),
  }));
  const writeTile = defineWriteTile(module);
  return defineIntegers(module, "blockProduct", blockParameters, (builder, given) => {
    const { a, strideM, strideK, b, panelBytes, c, strideCm, strideCn, M, N, K, accumulate, scratch } = given;
    const tile = builder.local("i32", i32.add(scratch, i32.const(leftBytes)));
    const packedLeft = builder.local("i32", i32.ne(strideK, i32.const(floatBytes)));
    const contiguous = builder.local("i32", i32.eq(strideCn, i32.const(floatBytes)));
    const rows = builder.local("i32");
    const left = builder.local("i32");
    const leftStride = builder.local("i32");
    const panel = builder.local("i32");
    const target = builder.local("i32");
    const columns = builder.local("i32");
    const tiles = builder.local("i32");

    const next = (tiles: I32, panels: number) => {
      increase(builder, panel, i32.mul(tiles, times(panelBytes, panels)));
      increase(builder, target, i32.mul(tiles, times(strideCn, panels * panelColumns)));
      increase(builder, columns, times(tiles, -panels * panelColumns));
    };
    const onePanel = () => {
      const multiply = (to: I32, stride: I32, add: I32) =>
        builder.call(panelProduct, left, leftStride, packedLeft, panel, to, stride, rows, K, add);
      builder.if(
        i32.and(contiguous, i32.ge_s(columns, i32.const(panelColumns))),
        () => multiply(target, strideCm, accumulate),
        () => {
          multiply(tile, i32.const(panelRowBytes), zero);
          const width = minimum(columns, panelColumns);
          builder.call(writeTile, tile, target, strideCm, strideCn, rows, width, accumulate);
        },
      );
      next(one, 1);
    };

    builder.while(i32.gt_s(M, zero), () => {
      builder.set(rows, minimum(M, blockRows));
      builder.set(left, a);
      builder.set(leftStride, strideM);
      builder.if(packedLeft, () => {
        builder.call(packLeft, a, strideM, strideK, rows, K, scratch);
        builder.set(left, scratch);
        builder.set(leftStride, times(K, floatBytes));
      });
      builder.set(panel, b);
      builder.set(target, c);
      builder.set(columns, N);
      for (const { height, kernels } of wide) {
        builder.if(i32.and(contiguous, i32.eq(rows, i32.const(height))), () => {
          for (const { panels, kernel } of kernels) {
            builder.set(tiles, i32.div_u(columns, i32.const(panels * panelColumns)));
            builder.call(kernel, left, leftStride, panel, panelBytes, target, strideCm, tiles, K, accumulate);
            next(tiles, panels);
          }
        });
      }
      builder.while(i32.gt_s(columns, zero), onePanel);
      increase(builder, a, times(strideM, blockRows));
      increase(builder, c, times(strideCm, blockRows));
      increase(builder, M, -blockRows);
    });
  });
}
