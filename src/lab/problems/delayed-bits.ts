/** A delayed copy: random bits come in, and at every step the one that came `delay` steps ago is asked for. Chance is half. */

import type { Value } from "../../backends/backend.ts";
import { randomSource } from "../../nn/random.ts";

/** What stands for the answer at the first steps, when nothing is asked for yet: `binaryCrossEntropy` ignores it. */
export const NOT_ASKED = -1;

/**
 * `rows` sequences: x (T, B, 1), bits of +1 and -1; y (T, B, 1), the bit `delay` steps ago as 0 or 1, `NOT_ASKED` at the first `delay` steps.
 * They depend on the seed and the name of the batch alone.
 */
export function delayedBits(
  { length, rows, delay }: { readonly length: number; readonly rows: number; readonly delay: number },
  seed: number,
  batch: string | number,
): { x: Value; y: Value } {
  const random = randomSource(seed, `bits.${batch}`);
  const shape = [length, rows, 1];
  const before = delay * rows;
  const x = Float32Array.from({ length: length * rows }, () => (random.uniform() < 0.5 ? -1 : 1));
  const y = x.map((_, at) => (at < before ? NOT_ASKED : Number((x[at - before] as number) > 0)));
  return { x: { data: x, shape }, y: { data: y, shape } };
}
