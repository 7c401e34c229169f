/** Sums in float64 of what was added up, a few numbers at a time, in float32: in registers, and in memory. */

import {
  type FunctionReference,
  f32xN,
  f64xN,
  type I32,
  i32,
  type Local,
  type Vector,
  vectors,
} from "../instructions/expressions.ts";
import type { FunctionBuilder, ModuleBuilder } from "../instructions/functions.ts";
import { defineIntegers, increase } from "../instructions/integers.ts";
import { loopNest, type Pointer } from "./kernel.ts";

const { promote_low_f32xN: low, promote_high_f32xN: high, demote_to_f32xN: demote } = f64xN;

/**
 * Adds partial results to sums in float64, and starts them anew: the lanes of both halves of `parts`, one after the other, meet in one
 * float64 each, in as many vectors as `parts` are.
 */
export function widen(
  f: FunctionBuilder,
  wide: readonly Local<"vector">[],
  parts: readonly Local<"vector">[],
): void {
  const halves = parts.flatMap((part) => [low(part), high(part)]);
  wide.forEach((own, at) => {
    const [a, b] = [halves[at], halves[at + wide.length]] as [Vector, Vector];
    f.set(own, f64xN.add(own, f64xN.add(a, b)));
  });
  for (const part of parts) f.set(part, f32xN.const(0));
}

/** The sum of vectors of float64, as float32 in the first lane. */
export function narrowed(f: FunctionBuilder, wide: readonly Local<"vector">[]): Vector {
  const [first] = wide as readonly [Local<"vector">];
  for (let half = wide.length / 2; half >= 1; half /= 2) {
    for (const [at, own] of wide.slice(0, half).entries()) {
      f.set(own, f64xN.add(own, wide[at + half] as Vector));
    }
  }
  // A float64 takes two lanes.
  for (let distance = f.lanes / 2; distance >= 2; distance /= 2) {
    f.set(first, f64xN.add(first, vectors.exchange(first, distance)));
  }
  return demote(first, first);
}

/** Functions of (sums, stride, wide, count): float32 numbers `stride` bytes apart, and as many float64 in a row. */
export interface WideSums {
  /** Adds the numbers to those in float64 and sets them to zero. */
  readonly flush: FunctionReference;
  /** Adds those in float64 to the numbers. */
  readonly finish: FunctionReference;
}

export function defineWideSums(module: ModuleBuilder): WideSums {
  const add = (address: I32, vector: Vector, offset: number) =>
    f64xN.add(vectors.load(address, offset), vector);
  return {
    flush: defineForEach(
      module,
      "flushSums",
      (f, sums, wide) => {
        f.emit(vectors.store(wide, add(wide, low(vectors.load(sums)), 0)));
        const half = vectorBytesOf(f);
        f.emit(vectors.store(wide, add(wide, high(vectors.load(sums)), half), half));
        f.emit(vectors.store(sums, f32xN.const(0)));
      },
      (f, sums, wide) => {
        f.emit(
          vectors.store64_low(wide, f64xN.add(vectors.load64_zero(wide), low(vectors.load32_zero(sums)))),
        );
        f.emit(i32.store(sums, i32.const(0)));
      },
    ),
    finish: defineForEach(
      module,
      "finishSums",
      (f, sums, wide) => {
        const total = f.local("vector", vectors.load(sums));
        const last = add(wide, high(total), vectorBytesOf(f));
        f.emit(vectors.store(sums, demote(add(wide, low(total), 0), last)));
      },
      (f, sums, wide) => {
        const sum = f64xN.add(vectors.load64_zero(wide), low(vectors.load32_zero(sums)));
        const total = f.local("vector", sum);
        f.emit(vectors.store32_lane(sums, demote(total, total), 0));
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

/** Bytes of a vector: of half as many numbers in float64 too. */
const vectorBytesOf = ({ lanes }: FunctionBuilder) => 4 * lanes;

type Step = (f: FunctionBuilder, sums: Local<"i32">, wide: Local<"i32">) => void;

/** A vector of numbers at a time where they stand in a row, else and at the end one. */
function defineForEach(module: ModuleBuilder, name: string, vector: Step, one: Step): FunctionReference {
  return defineIntegers(module, name, ["sums", "stride", "wide", "count"], (f, given) => {
    const { sums, stride, wide, count } = given;
    const next = (step: number) => {
      increase(f, sums, i32.mul(stride, i32.const(step)));
      increase(f, wide, 8 * step);
      increase(f, count, -step);
    };
    f.if(i32.eq(stride, i32.const(4)), () => {
      f.while(i32.ge_s(count, i32.const(f.lanes)), () => {
        vector(f, sums, wide);
        next(f.lanes);
      });
    });
    f.while(i32.gt_s(count, i32.const(0)), () => {
      one(f, sums, wide);
      next(1);
    });
  });
}
