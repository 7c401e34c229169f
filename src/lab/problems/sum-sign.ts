/** The sign of a sum: whether the first two features of a sequence add up to more than 0 over all steps; some labels are wrong. */

import { float32, int32, value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

export interface SumSignSizes {
  readonly steps: number;
  /** Two or more: what stands in the others tells nothing. */
  readonly features: number;
  /** The share of labels that are the opposite of what is right. */
  readonly flipped: number;
}

/** The types of `sumSign`. */
export const sumSignInputs = ({ steps, features }: SumSignSizes) => ({
  x: float32(steps, "B", features),
  y: int32("B"),
});

/** So many sequences drawn from a source: x (T, B, F), normal, and y (B), int32, 1 or 0. */
export function sumSign(random: RandomSource, rows: number, { steps, features, flipped }: SumSignSizes) {
  const x = Float32Array.from({ length: steps * rows * features }, () => random.normal());
  const y = Int32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      const at = (step * rows + row) * features;
      sum += (x[at] as number) + (x[at + 1] as number);
    }
    const isRight = random.uniform() >= flipped;
    return sum > 0 === isRight ? 1 : 0;
  });
  return { x: value(x, [steps, rows, features]), y: value(y, [rows]) };
}
