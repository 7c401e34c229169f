/** A sine in noise, whose next value is to be told, without the noise. */

import { value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

export interface NoisySineOptions {
  /** T. */
  readonly steps: number;
  /** B, the sequences. */
  readonly batch: number;
  /** Standard deviation of the noise; default 0.1. */
  readonly noise?: number | undefined;
}

/**
 * Sines drawn from a source, each with a phase of its own and an angular frequency uniform in 0.1 to 0.5: x (T, B, 1) with normal noise
 * added, and y (T, B, 1), the sine at the next step. Foretelling well means to find frequency and phase from all that came.
 */
export function noisySine(random: RandomSource, { steps, batch, noise = 0.1 }: NoisySineOptions) {
  const x = new Float32Array(steps * batch);
  const y = new Float32Array(steps * batch);
  for (let row = 0; row < batch; row++) {
    const frequency = 0.1 + 0.4 * random.uniform();
    const phase = 2 * Math.PI * random.uniform();
    for (let t = 0; t < steps; t++) {
      x[t * batch + row] = Math.sin(frequency * t + phase) + noise * random.normal();
      y[t * batch + row] = Math.sin(frequency * (t + 1) + phase);
    }
  }
  return { x: value(x, [steps, batch, 1]), y: value(y, [steps, batch, 1]) };
}
