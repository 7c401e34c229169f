/** What is seen inside of a model: plain data by full names, made of what the compiled program gives. */

import { ENDED, type Squashing } from "../trace/observation.ts";

/** Values along time, row-major; NaN stands where a row has ended, and where a value is none. */
export interface Steps {
  /** The steps, the batch, and what the values have besides. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
  /** What gave the values, where that is sigmoid, from 0 to 1, or tanh. */
  readonly squashing?: Squashing | undefined;
}

/** Norms of dL/dh_t, Frobenius over the rows and units: total derivatives, through everything that comes later. */
export interface StepGradient {
  /** By step, t = 0 .. T - 1. */
  readonly steps: readonly number[];
  /** By how many steps lie between and the end of a row: at 0 stands its last step, or the first of a pass that goes backwards. */
  readonly lags: readonly number[];
}

/** How much of what a squashing function gives lies where its slope nearly vanishes. */
export interface Saturation {
  /** From 0 to 1: sigmoid below 0.01 or above 0.99, tanh beyond -0.99 and 0.99. */
  readonly share: number;
  readonly kind: Squashing;
}

/** Euclidean norms of all weights of a layer, or of a pass of it, together. */
export interface WeightNorms {
  readonly gradient: number;
  readonly value: number;
}

/**
 * What is inside of a model for one batch. Keys are full names: the path of the layer in the model, of a recurrent one the pass as PyTorch's
 * weights are named ("l0", "l0_reverse", "l1"), and the name within the cell. Of a layer that the loss runs a second time the
 * path ends with "#2".
 */
export interface Inspection {
  readonly loss: number;
  /** Parts of states after each step, (T, B, size): "rnn.l0.h". */
  readonly states: Readonly<Record<string, Steps>>;
  /** What else cells show, such as gates, (T, B, size): "rnn.l0.f". */
  readonly gates: Readonly<Record<string, Steps>>;
  /** What cells put out, (T, B, size), where it is no part of their state: "rnn.l0.output". */
  readonly outputs: Readonly<Record<string, Steps>>;
  /** What was attended to, (T, B, S): "decoder.rnn.l0.attention". With several heads (T, B, heads, S), T of the queries; of pooling (1, B, S). */
  readonly attention: Readonly<Record<string, Steps>>;
  /** Of the loss, with respect to parts of states and to what passes read: "rnn.l0.h", "rnn.l0.input". */
  readonly gradients: Readonly<Record<string, StepGradient>>;
  /** Of all that sigmoid or tanh gives: "rnn.l0.f". */
  readonly saturation: Readonly<Record<string, Saturation>>;
  /** Spectral radii of the square matrices that multiply a state, gate by gate in the order of the weight: "rnn.l0.weight_hh". */
  readonly radius: Readonly<Record<string, readonly number[]>>;
  /** By layer, or pass: "rnn.l0", "head". */
  readonly weights: Readonly<Record<string, WeightNorms>>;
}

/**
 * Norms along time from those of each step and row, (T, B), ENDED where a row has ended; NaN where one is.
 * @param reverse whether the pass ends at the first step
 */
export function stepGradient(
  norms: ArrayLike<number>,
  [steps, batch]: readonly [number, number],
  reverse: boolean,
): StepGradient {
  const bySteps = new Array<number>(steps).fill(0);
  const byLags = new Array<number>(steps).fill(0);
  for (let row = 0; row < batch; row++) {
    let length = 0;
    while (length < steps && norms[length * batch + row] !== ENDED) length += 1;
    for (let step = 0; step < length; step++) {
      const norm = norms[step * batch + row] as number;
      const lag = reverse ? step : length - 1 - step;
      bySteps[step] = Math.hypot(bySteps[step] as number, norm);
      byLags[lag] = Math.hypot(byLags[lag] as number, norm);
    }
  }
  return { steps: bySteps, lags: byLags };
}
