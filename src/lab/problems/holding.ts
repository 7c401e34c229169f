/** Holding a value: at some steps a signal says that the number beside it is to be kept, and at every step the kept one is asked for. */

import type { Value } from "../../backends/backend.ts";
import { randomSource } from "../../nn/random.ts";

/**
 * `rows` sequences: x (T, B, 2), each step a number v from (-1, 1) and a signal s, which is 1 at the first step and at others with
 * `probability`, otherwise 0; y (T, B, 1), the number at the latest signal. They depend on the seed and the name of the batch alone.
 */
export function holding(
  {
    length,
    rows,
    probability,
  }: { readonly length: number; readonly rows: number; readonly probability: number },
  seed: number,
  batch: string | number,
): { x: Value; y: Value } {
  const random = randomSource(seed, `holding.${batch}`);
  const x = new Float32Array(length * rows * 2);
  const y = new Float32Array(length * rows);
  for (let row = 0; row < rows; row++) {
    let held = 0;
    for (let t = 0; t < length; t++) {
      const at = t * rows + row;
      const number = 2 * random.uniform() - 1;
      const isSignal = random.uniform() < probability || t === 0;
      if (isSignal) held = number;
      x.set([number, Number(isSignal)], 2 * at);
      y[at] = held;
    }
  }
  return { x: { data: x, shape: [length, rows, 2] }, y: { data: y, shape: [length, rows, 1] } };
}
