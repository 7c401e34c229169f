/** Sums in float64 of what was added up, a few numbers at a time, in float32: in registers, and in memory. */

import type { FunctionBuilder, ModuleBuilder } from "../assembler/encoder.ts";
import {
  type FunctionReference,
  f32x4,
  f64x2,
  type I32,
  i32,
  type Local,
  type V128,
  v128,
} from "../assembler/instructions.ts";
import { defineIntegers, increase } from "../assembler/integers.ts";
import { loopNest, type Pointer } from "./kernel.ts";

/** A vector's first and last two lanes change places. */
const swapped = (vector: V128) => v128.shuffle(vector, vector, [2, 3, 0, 1]);
const low = (vector: V128) => f64x2.promote_low_f32x4(vector);
const high = (vector: V128) => f64x2.promote_low_f32x4(swapped(vector));

/** Adds the lanes of `total` to those of `wide`, two float64, and starts it anew. */
export function widen(f: FunctionBuilder, wide: Local<"v128">, total: Local<"v128">): void {
  f.set(wide, f64x2.add(wide, f64x2.add(low(total), high(total))));
  f.set(total, f32x4.const(0));
}

/** The sum of the lanes of two float64, as float32 in the first lane. */
export function narrowed(wide: Local<"v128">): V128 {
  return f64x2.demote_to_f32x4(f64x2.add(wide, swapped(wide)));
}

/** Functions of (sums, stride, wide, count): float32 numbers `stride` bytes apart, and as many float64 in a row. */
export interface WideSums {
  /** Adds the numbers to those in float64 and sets them to zero. */
  readonly flush: FunctionReference;
  /** Adds those in float64 to the numbers. */
  readonly finish: FunctionReference;
}

export function defineWideSums(module: ModuleBuilder): WideSums {
  const add = (address: I32, vector: V128, offset: number) => f64x2.add(v128.load(address, offset), vector);
  return {
    flush: defineForEach(
      module,
      "flushSums",
      (f, sums, wide) => {
        f.emit(v128.store(wide, add(wide, low(v128.load(sums)), 0)));
        f.emit(v128.store(wide, add(wide, high(v128.load(sums)), 16), 16));
        f.emit(v128.store(sums, f32x4.const(0)));
      },
      (f, sums, wide) => {
        f.emit(v128.store64_low(wide, f64x2.add(v128.load64_zero(wide), low(v128.load32_zero(sums)))));
        f.emit(i32.store(sums, i32.const(0)));
      },
    ),
    finish: defineForEach(
      module,
      "finishSums",
      (f, sums, wide) => {
        const [first, last] = [
          f64x2.demote_to_f32x4(add(wide, low(v128.load(sums)), 0)),
          f64x2.demote_to_f32x4(add(wide, high(v128.load(sums)), 16)),
        ];
        f.emit(v128.store(sums, v128.shuffle(first, last, [0, 1, 4, 5])));
      },
      (f, sums, wide) => {
        const sum = f64x2.add(v128.load64_zero(wide), low(v128.load32_zero(sums)));
        f.emit(v128.store32_lane(sums, f64x2.demote_to_f32x4(sum), 0));
      },
    ),
  };
}

/** Runs one of these functions on all numbers of a tensor, of the given sizes and strides in bytes. */
export function runOnSums(
  f: FunctionBuilder,
  run: FunctionReference,
  sizes: readonly I32[],
  sums: Pointer,
  wide: Pointer,
): void {
  const [stride, count] = [sums.strides.at(-1) as I32, sizes.at(-1) as I32];
  loopNest(f, sizes.slice(0, -1), [sums, wide], ([from, to]) =>
    f.call(run, from as I32, stride, to as I32, count),
  );
}

type Step = (f: FunctionBuilder, sums: Local<"i32">, wide: Local<"i32">) => void;

/** Four numbers at a time where they stand in a row, else and at the end one. */
function defineForEach(module: ModuleBuilder, name: string, four: Step, one: Step): FunctionReference {
  return defineIntegers(module, name, ["sums", "stride", "wide", "count"], (f, given) => {
    const { sums, stride, wide, count } = given;
    const next = (step: number) => {
      increase(f, sums, i32.mul(stride, i32.const(step)));
      increase(f, wide, 8 * step);
      increase(f, count, -step);
    };
    f.if(i32.eq(stride, i32.const(4)), () => {
      f.while(i32.ge_s(count, i32.const(4)), () => {
        four(f, sums, wide);
        next(4);
      });
    });
    f.while(i32.gt_s(count, i32.const(0)), () => {
      one(f, sums, wide);
      next(1);
    });
  });
}
