/** Dense float64 arrays with shapes, and walking their indices: all that the reference backend computes with. */

import { countOf } from "../../numbers.ts";

export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function empty(shape: readonly number[]): Dense {
  return { shape, data: new Float64Array(countOf(shape)) };
}

export function strides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => countOf(shape.slice(axis + 1)));
}

/** Calls `visit` with every index of a shape, in row-major order; the index array is reused. */
export function forEachIndex(shape: readonly number[], visit: (index: number[], flat: number) => void): void {
  const count = countOf(shape);
  const index = shape.map(() => 0);
  for (let flat = 0; flat < count; flat += 1) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
}

/** The result whose element at an index is the source's at `from(index)`; undefined gives 0. */
export function remap(
  source: Dense,
  shape: readonly number[],
  from: (index: number[]) => number[] | undefined,
): Dense {
  const result = empty(shape);
  const step = strides(source.shape);
  forEachIndex(shape, (index, flat) => {
    const origin = from(index);
    if (origin)
      result.data[flat] = source.data[
        origin.reduce((sum, at, axis) => sum + at * (step[axis] as number), 0)
      ] as number;
  });
  return result;
}

/** Row `index` along the first axis. */
export function row(source: Dense, index: number): Dense {
  const shape = source.shape.slice(1);
  const size = countOf(shape);
  return { shape, data: source.data.subarray(index * size, (index + 1) * size) };
}
