/** Classes that are prototypes in noise: each sequence is the pattern of its class plus normal noise. */

import { randomSource } from "../../nn/random.ts";
import { float32, int32, value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

export interface PrototypeSizes {
  readonly classes: number;
  readonly steps: number;
  readonly features: number;
  /** The standard deviation of the noise; that of the prototypes is 1. */
  readonly noise: number;
  readonly seed: number;
}

/** What a feature is, as a model sees it: feature `of`, times a factor (default 1), plus a number (default 0). */
export interface SeenFeature {
  readonly of: number;
  readonly times?: number;
  readonly plus?: number;
}

/** Sequences side by side (T, B, F), and their classes (B). */
export type PrototypeBatch = ReturnType<ReturnType<typeof prototypes>["draw"]>;

/** A problem: the prototypes of a seed, of which sequences are drawn. */
export function prototypes({ classes, steps, features, noise, seed }: PrototypeSizes) {
  const random = randomSource(seed, "prototypes");
  const patterns = Array.from({ length: classes }, () =>
    Float32Array.from({ length: steps * features }, () => random.normal()),
  );
  return {
    /** The types of a batch. */
    inputs: { x: float32(steps, "B", features), y: int32("B") },
    /** So many sequences, of classes at random; `seen` says what each feature is, in their order. */
    draw(random: RandomSource, rows: number, seen?: readonly SeenFeature[]) {
      const views = seen ?? Array.from({ length: features }, (_, of): SeenFeature => ({ of }));
      const x = new Float32Array(steps * rows * views.length);
      const y = Int32Array.from({ length: rows }, () => Math.floor(classes * random.uniform()));
      for (let row = 0; row < rows; row++) {
        const pattern = patterns[y[row] as number] as Float32Array;
        const whole = pattern.map((number) => number + noise * random.normal());
        for (let step = 0; step < steps; step++) {
          views.forEach(({ of, times = 1, plus = 0 }, feature) => {
            const number = whole[step * features + of] as number;
            x[(step * rows + row) * views.length + feature] = number * times + plus;
          });
        }
      }
      return { x: value(x, [steps, rows, views.length]), y: value(y, [rows]) };
    },
  };
}
