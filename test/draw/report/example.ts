// An inspection that is made up: numbers that are known at every place.
import type { Inspection, Steps } from "../../../src/inspect/index.ts";

/** Values (T, B, H) from what each is. */
export function steps(
  [T, B, H]: readonly [number, number, number],
  of: (t: number, b: number, unit: number) => number,
): Steps {
  const data = new Float32Array(T * B * H);
  for (let at = 0; at < data.length; at++) {
    data[at] = of(Math.floor(at / (B * H)), Math.floor(at / H) % B, at % H);
  }
  return { shape: [T, B, H], data };
}

export const nothing: Inspection = {
  loss: 0.5,
  states: {},
  gates: {},
  outputs: {},
  attention: {},
  gradients: {},
  saturation: {},
  radius: {},
  weights: {},
};

/** Norms that fall by a factor a step. */
export const falling = (count: number, factor: number) => {
  const lags = Array.from({ length: count }, (_, lag) => factor ** lag);
  return { lags, steps: lags.toReversed() };
};
