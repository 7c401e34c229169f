/** Holding a value: at some steps a signal says that the number beside it is to be kept, and at every step the kept one is asked for. */

import type { Value } from "../../backends/backend.ts";
import type { RandomSource } from "../../trace/variable.ts";

/**
 * `batch` sequences: x (T, B, 2), each step a number v from (-1, 1) and a signal s, which is 1 at the first step and at others with
 * `probability`, otherwise 0; y (T, B, 1), the number at the latest signal.
 */
export function holding(
  random: RandomSource,
  {
    length,
    batch,
    probability,
  }: { readonly length: number; readonly batch: number; readonly probability: number },
): { x: Value; y: Value } {
  const x = new Float32Array(length * batch * 2);
  const y = new Float32Array(length * batch);
  for (let row = 0; row < batch; row++) {
    let held = 0;
    for (let t = 0; t < length; t++) {
      const at = t * batch + row;
      const number = 2 * random.uniform() - 1;
      const isSignal = random.uniform() < probability || t === 0;
      if (isSignal) held = number;
      x.set([number, Number(isSignal)], 2 * at);
      y[at] = held;
    }
  }
  return { x: { data: x, shape: [length, batch, 2] }, y: { data: y, shape: [length, batch, 1] } };
}
