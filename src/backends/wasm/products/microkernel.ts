/**
 * The microkernels of the matrix product: a tile of C, a few rows by 8 columns or a multiple of them, is summed over K
 * in registers, of which V8 hands out 15. Every kernel sums in the order of k, so that an element of C does not depend on
 * the tile it falls in.
 */

import type { FunctionBuilder, ModuleBuilder } from "../assembler/encoder.ts";
import { type FunctionReference, f32x4, type I32, i32, type Local, v128 } from "../assembler/instructions.ts";
import { defineIntegers, type Integer, increase, times } from "../assembler/integers.ts";
import { floatBytes, panelRowBytes } from "./pack.ts";

/**
 * Values of k that the inner loop takes at once. It may end after any of them, which spares a loop for the remainder, and
 * keeps V8 from loading the operands of all of them first, for which there are not enough registers.
 */
const unroll = 4;
/** Sums of a tile, in vectors, that leave registers for the operands of several rows or panels at once. */
const roomySums = 8;

export interface Tile {
  /** Rows of C. */
  readonly rows: number;
  /** Panels of 8 columns. */
  readonly panels: number;
  /** Whether A is packed in a strip [K][rows]; otherwise A[m][k] is at a + m strideM + 4 k. */
  readonly strips?: boolean;
  /** Whether the next tile is the one to the right, and not the one below. */
  readonly along?: boolean;
}

const tileParameters = [
  "a",
  "strideM",
  "b",
  "panelBytes",
  "c",
  "strideCm",
  "count",
  "K",
  "accumulate",
] as const;

/**
 * Defines `(a, strideM, b, panelBytes, c, strideCm, count, K, accumulate)`: `count` tiles one below the other, or side by
 * side, each the product of its rows of A and of its panels, which follow each other at a distance of panelBytes; written
 * to C, or added to it.
 */
export function defineMicrokernel(module: ModuleBuilder, tile: Tile): FunctionReference {
  const { rows, panels, strips = false, along = false } = tile;
  const name = `tile${rows}x${panels * 8}${strips ? "strips" : ""}${along ? "along" : ""}`;
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  return defineIntegers(module, name, tileParameters, (builder, given) => {
    const { a, strideM, b, panelBytes, c, strideCm, count, K, accumulate } = given;
    // A pointer for each row, of strips too: their loads then share one constant offset, which V8 adds by an instruction.
    const left = range(rows).map(() => builder.local("i32"));
    const stepOfK = floatBytes * (strips ? rows : 1);
    const right = range(panels).map(() => builder.local("i32"));
    const end = builder.local("i32");
    const ends = range(unroll - 1).map(() => builder.local("i32"));
    const sums = range(rows).map(() => range(2 * panels).map(() => builder.local("v128")));
    const vectors = range(2 * panels).map(() => builder.local("v128"));
    const elements = range(rows).map(() => builder.local("v128"));
    const first = right[0] as Integer;
    const isRoomy = 2 * rows * panels <= roomySums;
    const [rowsAtOnce, panelsAtOnce] = isRoomy ? [rows, 2] : [1, 1];
    // Else one register serves several rows, and an element is loaded again for each panel.
    const isKept = isRoomy || rows === 1;
    let branches = 0;

    const multiply = (rowFrom: number, panelFrom: number, k: number) => {
      const own = range(2 * panels).slice(2 * panelFrom, 2 * (panelFrom + panelsAtOnce));
      for (const at of rowFrom === 0 ? own : []) {
        const pointer = right[at >> 1] as Integer;
        builder.set(vectors[at] as Local<"v128">, v128.load(pointer, k * panelRowBytes + 16 * (at & 1)));
      }
      for (const index of range(rows).slice(rowFrom, rowFrom + rowsAtOnce)) {
        const element = elements[index] as Local<"v128">;
        if (panelFrom === 0 || !isKept)
          builder.set(element, v128.load32_splat(left[index] as Integer, k * stepOfK));
        for (const at of own) {
          const sum = sums[index]?.[at] as Local<"v128">;
          builder.set(sum, builder.multiplyAdd(element, vectors[at] as Local<"v128">, sum));
        }
      }
    };
    const step = (k: number) => {
      for (let panel = 0; panel < panels; panel += panelsAtOnce) {
        for (let row = 0; row < rows; row += rowsAtOnce) {
          // V8 loads what is needed up to the next branch first, and drops a branch on the same condition as one before it.
          // These are never taken: no panel stands that low.
          if (panel + row > 0) {
            branches += 1;
            builder.leaveIf(i32.eq(first, i32.const(branches)), 1);
          }
          multiply(row, panel, k);
        }
      }
    };
    const sumOverK = () =>
      builder.doWhile(i32.ne(first, end), () => {
        for (let k = 0; k < unroll; k++) {
          step(k);
          if (k < unroll - 1) builder.leaveIf(i32.eq(first, ends[k] as Integer), 1);
        }
        for (const pointer of left) increase(builder, pointer, unroll * stepOfK);
        for (const pointer of right) increase(builder, pointer, unroll * panelRowBytes);
      });

    builder.while(count, () => {
      setPointers(builder, left, a, strips ? i32.const(floatBytes) : strideM);
      setPointers(builder, right, b, panelBytes);
      builder.set(end, i32.add(b, times(K, panelRowBytes)));
      ends.forEach((after, k) => {
        builder.set(after, i32.sub(end, i32.const((k + 1) * panelRowBytes)));
      });
      for (const sum of sums.flat()) builder.set(sum, f32x4.const(0));
      builder.if(K, sumOverK);
      const target = builder.local("i32", c);
      builder.if(accumulate, () => {
        for (const row of sums) {
          row.forEach((sum, at) => {
            builder.set(sum, f32x4.add(v128.load(target, 16 * at), sum));
          });
          increase(builder, target, strideCm);
        }
        builder.set(target, c);
      });
      for (const row of sums) {
        row.forEach((sum, at) => {
          builder.emit(v128.store(target, sum, 16 * at));
        });
        increase(builder, target, strideCm);
      }
      if (along) {
        increase(builder, b, times(panelBytes, panels));
        increase(builder, c, panels * panelRowBytes);
      } else {
        builder.set(c, target);
        increase(builder, a, strips ? times(K, stepOfK) : times(strideM, rows));
      }
      increase(builder, count, -1);
    });
  });
}

/** Sets the pointers to start, start + stride, ... */
function setPointers(builder: FunctionBuilder, pointers: Integer[], start: I32, stride: I32): void {
  pointers.forEach((pointer, index) => {
    const previous = pointers[index - 1];
    builder.set(pointer, previous ? i32.add(previous, stride) : start);
  });
}
