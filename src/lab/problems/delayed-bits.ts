/** A delayed copy: random bits come in, and at every step the one that came `delay` steps ago is asked for. Chance is half. */

import type { Value } from "../../backends/backend.ts";
import type { RandomSource } from "../../trace/variable.ts";

/** What stands for the answer at the first steps, when nothing is asked for yet: `binaryCrossEntropy` ignores it. */
export const NOT_ASKED = -1;

/**
 * `batch` sequences: x (T, B, 1), bits of +1 and -1; y (T, B, 1), the bit `delay` steps ago as 0 or 1, `NOT_ASKED` at the first `delay` steps.
 */
export function delayedBits(
  random: RandomSource,
  { length, batch, delay }: { readonly length: number; readonly batch: number; readonly delay: number },
): { x: Value; y: Value } {
  const shape = [length, batch, 1];
  const before = delay * batch;
  const x = Float32Array.from({ length: length * batch }, () => (random.uniform() < 0.5 ? -1 : 1));
  const y = x.map((_, at) => (at < before ? NOT_ASKED : Number((x[at - before] as number) > 0)));
  return { x: { data: x, shape }, y: { data: y, shape } };
}
