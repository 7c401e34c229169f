/** A sequence of letters with a marker here and there: each step's tag is the kind of the next marker, so that what comes later decides. */

import { value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

/** Four letters, and behind them two markers. */
export const MARKER_SYMBOLS = 6;
const LETTERS = 4;

export interface NextMarkerOptions {
  /** T. */
  readonly steps: number;
  /** B, the sequences. */
  readonly batch: number;
  /** How likely a step has a marker; default 0.2. The last one always has. */
  readonly marked?: number | undefined;
}

/**
 * Sequences drawn from a source: x (T, B, 6), float32, symbols one-hot, and y (T, B), int32, 0 or 1: the kind of the next marker, which is a
 * marker's own. Who sees only what came before knows the tags of the markers themselves, and of all others half.
 */
export function nextMarker(random: RandomSource, { steps, batch, marked = 0.2 }: NextMarkerOptions) {
  const x = new Float32Array(steps * batch * MARKER_SYMBOLS);
  const y = new Int32Array(steps * batch);
  for (let row = 0; row < batch; row++) {
    let kind = 0;
    for (let t = steps - 1; t >= 0; t--) {
      const at = t * batch + row;
      const isMarker = random.uniform() < marked || t === steps - 1;
      if (isMarker) kind = Math.floor(2 * random.uniform());
      const symbol = isMarker ? LETTERS + kind : Math.floor(LETTERS * random.uniform());
      x[at * MARKER_SYMBOLS + symbol] = 1;
      y[at] = kind;
    }
  }
  return { x: value(x, [steps, batch, MARKER_SYMBOLS]), y: value(y, [steps, batch]) };
}
