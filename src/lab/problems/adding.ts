/**
 * The adding problem: of T random numbers two are marked, and their sum is to be told after the last one. Always to say 1 leaves a mean
 * squared error of 1/6. Hochreiter and Schmidhuber, "Long short-term memory", 1997, in the form of Le, Jaitly and Hinton, "A simple way to
 * initialize recurrent networks of rectified linear units", 2015.
 */

import type { Value } from "../../backends/backend.ts";
import type { RandomSource } from "../../trace/variable.ts";

/**
 * `batch` sequences: x (T, B, 2), each step a number from [0, 1) and a mark, 1 once in each half; y (B, 1), the sum of the two numbers that are
 * marked.
 */
export function adding(
  random: RandomSource,
  { length, batch }: { readonly length: number; readonly batch: number },
): { x: Value; y: Value } {
  const x = new Float32Array(length * batch * 2);
  const y = new Float32Array(batch);
  const half = Math.floor(length / 2);
  for (let row = 0; row < batch; row++) {
    for (let t = 0; t < length; t++) x[(t * batch + row) * 2] = random.uniform();
    const first = Math.floor(random.uniform() * half);
    const second = half + Math.floor(random.uniform() * (length - half));
    for (const t of [first, second]) {
      x[(t * batch + row) * 2 + 1] = 1;
      y[row] = (y[row] as number) + (x[(t * batch + row) * 2] as number);
    }
  }
  return { x: { data: x, shape: [length, batch, 2] }, y: { data: y, shape: [batch, 1] } };
}
