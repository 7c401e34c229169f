/** Recall after a delay: the first symbol of a sequence is one of four cues, and after all others, which tell nothing, the network says which. */

import { float32, int32, value } from "../../program/compile.ts";
import type { RandomSource } from "../../trace/variable.ts";

/** How many symbols there are: the cues, and behind them as many distractors. */
export const RECALL_SYMBOLS = 8;
/** How many cues there are: who guesses is right once in so many times. */
export const RECALL_CUES = RECALL_SYMBOLS / 2;

export interface RecallOptions {
  /** D, from 1: the steps between the cue and the end. */
  readonly delay: number;
  /** B, the sequences. */
  readonly batch: number;
}

/** The types of a batch with this delay. */
export const recallTypes = (delay: number) => ({
  x: float32(delay + 1, "B", RECALL_SYMBOLS),
  y: int32("B"),
});

/**
 * Sequences drawn from a source: x (D + 1, B, 8), float32, symbols one-hot, a cue 0 to 3 first and D distractors 4 to 7 after it, and
 * y (B), int32, the cue. Who has forgotten it is right once in four times.
 */
export function recall(random: RandomSource, { delay, batch }: RecallOptions) {
  const steps = delay + 1;
  const draw = () => Math.floor(RECALL_CUES * random.uniform());
  const cues = Int32Array.from({ length: batch }, draw);
  const x = new Float32Array(steps * batch * RECALL_SYMBOLS);
  for (let row = 0; row < steps * batch; row++) {
    const symbol = row < batch ? (cues[row] as number) : RECALL_CUES + draw();
    x[row * RECALL_SYMBOLS + symbol] = 1;
  }
  return { x: value(x, [steps, batch, RECALL_SYMBOLS]), y: value(cues, [batch]) };
}
