/** A vector of elements from memory and to memory, along the innermost axis of a nest: all lanes, or as many as there are elements left. */

import { type I32, i32, i32xN, type Local, type Vector, vectors } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";

/** Where they stand. */
export interface Row {
  /** Of the first element; or that element itself, of numbers that are positions. */
  readonly pointer: Local<"i32">;
  /** In bytes. */
  readonly offset: number;
  /** From one to the next, in bytes or in positions. */
  readonly stride: I32;
  readonly isContiguous: boolean;
  /** How many there are, where that is fewer than lanes. */
  readonly count: Local<"i32"> | undefined;
}

const lanesOf = ({ lanes }: FunctionBuilder) => Array.from({ length: lanes }, (_, lane) => lane);

/** Numbers that are positions. */
export function positions({ pointer, stride }: Row): Vector {
  return i32xN.add(i32xN.splat(pointer), i32xN.mul(i32xN.iota(), i32xN.splat(stride)));
}

/** What stands in lanes beyond `count` may be anything. */
export function loadElements(f: FunctionBuilder, row: Row): Vector {
  const { pointer, offset, stride, isContiguous, count } = row;
  if (isContiguous) return vectors.load(pointer, offset);
  // Past the end the last one is read again.
  const at = (lane: number) => {
    const clamped = count ? minimum(f, i32.const(lane), i32.sub(count, i32.const(1))) : i32.const(lane);
    return i32.add(pointer, i32.mul(clamped, stride));
  };
  return lanesOf(f)
    .slice(1)
    .reduce<Vector>(
      (vector, lane) => vectors.load32_lane(at(lane), vector, lane, offset),
      vectors.load32_zero(pointer, offset),
    );
}

export function storeElements(f: FunctionBuilder, row: Row, value: Vector): void {
  const { pointer, offset, stride, isContiguous, count } = row;
  if (isContiguous && !count) {
    f.emit(vectors.store(pointer, value, offset));
    return;
  }
  const vector = f.local("vector", value);
  if (isContiguous && count && f.masked) {
    f.emit(vectors.store_first(i32.add(pointer, i32.const(offset)), vector, count));
    return;
  }
  const storeLane = (lane: number) => {
    const isAt = isContiguous || lane === 0;
    const address = isAt ? pointer : i32.add(pointer, i32.mul(i32.const(lane), stride));
    f.emit(vectors.store32_lane(address, vector, lane, offset + (isContiguous ? 4 * lane : 0)));
  };
  if (!count) {
    for (const lane of lanesOf(f)) storeLane(lane);
    return;
  }
  const storeFrom = (lane: number) => {
    storeLane(lane);
    if (lane + 2 < f.lanes) f.if(i32.gt_s(count, i32.const(lane + 1)), () => storeFrom(lane + 1));
  };
  storeFrom(0);
}

function minimum(f: FunctionBuilder, a: I32, b: I32): I32 {
  const [left, right] = [f.local("i32", a), f.local("i32", b)];
  const smaller = f.local("i32", right);
  f.if(i32.lt_s(left, right), () => f.set(smaller, left));
  return smaller;
}
