/** Parity: at every step, whether the ones so far are odd in number. Each bit counts, however long ago it came. */

import { value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

export interface ParityOptions {
  /** T. */
  readonly steps: number;
  /** B, the sequences. */
  readonly batch: number;
}

/**
 * Random bits drawn from a source: x (T, B, 1), float32, 0 or 1, and y (T, B), int32, 1 where the sum of the bits up to that step is odd. Who
 * misses a single bit is right half of the time.
 */
export function parity(random: RandomSource, { steps, batch }: ParityOptions) {
  const bits = Float32Array.from({ length: steps * batch }, () => Math.floor(2 * random.uniform()));
  const odd = Int32Array.from(bits);
  for (let at = batch; at < odd.length; at++)
    odd[at] = ((odd[at] as number) + (odd[at - batch] as number)) % 2;
  return { x: value(bits, [steps, batch, 1]), y: value(odd, [steps, batch]) };
}
