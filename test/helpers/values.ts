/** Numbers, values and rows of values that tests compute with. */

import type { Value } from "../../src/backends/backend.ts";
import { scalar, stack } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";

/** Numbers in (-1, 1) that depend on the seed alone. */
export function numbers(count: number, seed = 1): Float64Array {
  let state = seed * 7919 + 17;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  });
}

/** Random numbers in float64. */
export function randomValue(shape: readonly number[], seed = 1): Value {
  return { data: numbers(countOf(shape), seed), shape };
}

/** Random numbers in float32. */
export function floats(shape: readonly number[], seed = 1): Value {
  return { data: Float32Array.from(numbers(countOf(shape), seed)), shape };
}

/** These numbers in int32, as a vector or in another shape. */
export function integers(given: ArrayLike<number>, shape: readonly number[] = [given.length]): Value {
  return { data: Int32Array.from(given), shape };
}

/** The vector of these numbers in int32, as a constant of the graph. */
export function integerTensor(...given: number[]): Tensor {
  return stack(given.map((number) => scalar(number, "int32")));
}

/** All rows of a value: the numbers along the last axis. */
export function rowsOf({ data, shape }: Value): number[][] {
  const width = shape.at(-1) as number;
  return Array.from({ length: data.length / width }, (_, row) =>
    Array.from(data.slice(row * width, (row + 1) * width)),
  );
}

/** The row [first, second] of a value with three axes: of a sequence (T, B, size), or of a state (planes, B, size). */
export function rowAt({ data, shape }: Value, first: number, second: number): number[] {
  const [, rows = 0, size = 0] = shape;
  const start = (first * rows + second) * size;
  return Array.from(data.slice(start, start + size));
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
