/**
 * The microkernels of the matrix product: a tile of C, a few rows by 8 columns or a multiple of them, is summed over K
 * in registers. Every kernel sums in the order of k, so that an element of C does not depend on the tile it falls in.
 */

import {
  type FunctionBuilder,
  type FunctionReference,
  f32x4,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from "./encoder.ts";
import { floatBytes, increase, panelRowBytes, stripColumnBytes, times } from "./pack.ts";

/** Values of k that the inner loop takes at once. */
const unroll = 1;

export interface Tile {
  /** Rows of C, 1 to 4. */
  readonly rows: number;
  /** Panels of 8 columns. */
  readonly panels: number;
  /** Whether A is packed in strips [K][rows]; otherwise A[m][k] is at a + m strideM + 4 k. */
  readonly strips: boolean;
}

/**
 * Defines `(a, strideM, b, panelBytes, c, strideCm, count, K, accumulate)`: `count` tiles one below the other, each the
 * product of its rows of A and of the panels at b, b + panelBytes, ...; written to C, or added to it.
 */
export function defineMicrokernel(module: ModuleBuilder, tile: Tile): FunctionReference {
  const { rows, panels, strips } = tile;
  const name = `tile${rows}x${panels * 8}${strips ? "strips" : ""}`;
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  return module.function(
    name,
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    undefined,
    (builder, a, strideM, b, panelBytes, c, strideCm, count, K, accumulate) => {
      const left = range(strips ? 1 : rows).map(() => builder.local("i32"));
      const right = range(panels).map(() => builder.local("i32"));
      const end = builder.local("i32", i32.add(b, times(K, panelRowBytes)));
      const endOfUnrolled = builder.local(
        "i32",
        i32.add(b, times(i32.and(K, i32.const(-unroll)), panelRowBytes)),
      );
      const sums = range(rows).map(() => range(2 * panels).map(() => builder.local("v128")));
      const vectors = range(2 * panels).map(() => builder.local("v128"));
      const first = right[0] as Local<"i32">;

      const step = (k: number) => {
        vectors.forEach((vector, index) => {
          const pointer = right[index >> 1] as Local<"i32">;
          builder.set(vector, v128.load(pointer, k * panelRowBytes + 16 * (index & 1)));
        });
        sums.forEach((row, index) => {
          const pointer = (strips ? left[0] : left[index]) as Local<"i32">;
          const offset = strips ? (k * rows + index) * floatBytes : k * floatBytes;
          const element = builder.local("v128", v128.load32_splat(pointer, offset));
          row.forEach((sum, at) => {
            builder.set(sum, f32x4.add(sum, f32x4.mul(element, vectors[at] as Local<"v128">)));
          });
        });
      };
      const advance = (steps: number) => {
        for (const pointer of left) increase(builder, pointer, steps * floatBytes * (strips ? rows : 1));
        for (const pointer of right) increase(builder, pointer, steps * panelRowBytes);
      };
      const loop = (limit: I32, steps: number) =>
        builder.while(i32.lt_u(first, limit), () => {
          for (let k = 0; k < steps; k++) step(k);
          advance(steps);
        });

      builder.while(count, () => {
        setPointers(builder, left, a, strideM);
        setPointers(builder, right, b, panelBytes);
        for (const sum of sums.flat()) builder.set(sum, f32x4.const(0));
        loop(endOfUnrolled, unroll);
        loop(end, 1);
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
    },
  );
}

/** Sets the pointers to start, start + stride, ... */
function setPointers(builder: FunctionBuilder, pointers: Local<"i32">[], start: I32, stride: I32): void {
  pointers.forEach((pointer, index) => {
    const previous = pointers[index - 1];
    builder.set(pointer, previous ? i32.add(previous, stride) : start);
  });
}
