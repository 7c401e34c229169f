/**
 * The microkernels of the matrix product: a tile of C, a few rows by 8 columns or a multiple of them, is summed over K
 * in registers. Every kernel sums in the order of k, so that an element of C does not depend on the tile it falls in.
 */

import type { FunctionBuilder, ModuleBuilder } from "./encoder.ts";
import { type FunctionReference, f32x4, type I32, i32, type Local, v128 } from "./instructions.ts";
import { defineIntegers, type Integer, increase, times } from "./integers.ts";
import { floatBytes, panelRowBytes, stripColumnBytes } from "./pack.ts";

/**
 * Values of k that the inner loop takes at once. It may end after any of them, which spares a loop for the remainder, and
 * keeps V8 from loading the operands of all of them first, for which there are not enough registers.
 */
const unroll = 4;

export interface Tile {
  /** Rows of C, 1 to 4. */
  readonly rows: number;
  /** Panels of 8 columns. */
  readonly panels: number;
  /** Whether A is packed in strips [K][rows]; otherwise A[m][k] is at a + m strideM + 4 k. */
  readonly strips: boolean;
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
 * Defines `(a, strideM, b, panelBytes, c, strideCm, count, K, accumulate)`: `count` tiles one below the other, each the
 * product of its rows of A and of the panels at b, b + panelBytes, ...; written to C, or added to it.
 */
export function defineMicrokernel(module: ModuleBuilder, tile: Tile): FunctionReference {
  const { rows, panels, strips } = tile;
  const name = `tile${rows}x${panels * 8}${strips ? "strips" : ""}`;
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  return defineIntegers(module, name, tileParameters, (builder, given) => {
    const { a, strideM, b, panelBytes, c, strideCm, count, K, accumulate } = given;
    const left = range(strips ? 1 : rows).map(() => builder.local("i32"));
    const right = range(panels).map(() => builder.local("i32"));
    const end = builder.local("i32", i32.add(b, times(K, panelRowBytes)));
    const ends = range(unroll - 1).map((k) =>
      builder.local("i32", i32.sub(end, i32.const((k + 1) * panelRowBytes))),
    );
    const sums = range(rows).map(() => range(2 * panels).map(() => builder.local("v128")));
    const vectors = range(2 * panels).map(() => builder.local("v128"));
    const first = right[0] as Integer;

    const step = (k: number) => {
      vectors.forEach((vector, index) => {
        const pointer = right[index >> 1] as Integer;
        builder.set(vector, v128.load(pointer, k * panelRowBytes + 16 * (index & 1)));
      });
      sums.forEach((row, index) => {
        const pointer = (strips ? left[0] : left[index]) as Integer;
        const offset = strips ? (k * rows + index) * floatBytes : k * floatBytes;
        const element = builder.local("v128", v128.load32_splat(pointer, offset));
        row.forEach((sum, at) => {
          builder.set(sum, f32x4.add(sum, f32x4.mul(element, vectors[at] as Local<"v128">)));
        });
      });
    };
    const sumOverK = () =>
      builder.doWhile(i32.ne(first, end), () => {
        for (let k = 0; k < unroll; k++) {
          step(k);
          if (k < unroll - 1) builder.leaveIf(i32.eq(first, ends[k] as Integer), 1);
        }
        for (const pointer of left) increase(builder, pointer, unroll * floatBytes * (strips ? rows : 1));
        for (const pointer of right) increase(builder, pointer, unroll * panelRowBytes);
      });

    builder.while(count, () => {
      setPointers(builder, left, a, strideM);
      setPointers(builder, right, b, panelBytes);
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
      builder.set(c, target);
      increase(builder, a, strips ? times(K, stripColumnBytes) : times(strideM, rows));
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
