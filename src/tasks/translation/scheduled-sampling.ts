/** Scheduled sampling (Bengio et al. 2015): how likely a decoder reads what it wrote itself, from update to update. */

import {
  exponentialSampling,
  inverseSigmoidSampling,
  linearSampling,
} from "../../training/sampling-schedules.ts";

export const SCHEDULED_SAMPLINGS = ["none", "linear", "exponential", "inverse-sigmoid"] as const;
export type ScheduledSampling = (typeof SCHEDULED_SAMPLINGS)[number];

/** What rises from 0, or nearly 0, in a number of updates until only `truth` are true tokens. */
type Rise = (updates: number, truth: number) => (update: number) => number;

const rises: Readonly<Record<ScheduledSampling, Rise>> = {
  none: () => () => 0,
  linear: (updates, truth) => linearSampling({ updates, end: 1 - truth }),
  exponential: (updates, truth) => exponentialSampling({ k: truth ** (1 / updates) }),
  "inverse-sigmoid": (updates, truth) => inverseSigmoidSampling({ k: slowness(updates, truth) }),
};

/** The k of the paper's k / (k + exp(update / k)) that comes to `truth`: the larger, the slower. */
function slowness(updates: number, truth: number): number {
  const isTooFast = (k: number) => 1 - inverseSigmoidSampling({ k })(updates) < truth;
  let [low, high] = [Number.MIN_VALUE, 1];
  while (isTooFast(high)) [low, high] = [high, 2 * high];
  for (let halving = 0; halving < 60; halving++) {
    const middle = (low + high) / 2;
    if (isTooFast(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/**
 * The probability that the decoder reads a token that it wrote itself, in place of the true one, at an update from 0 on. After so many `updates` that
 * of the true one is `samplingEnd`, and stays.
 */
export function ownProbability(
  {
    scheduledSampling,
    samplingEnd,
  }: { readonly scheduledSampling: ScheduledSampling; readonly samplingEnd: number },
  updates: number,
): (update: number) => number {
  const last = Math.max(1, updates);
  const rise = rises[scheduledSampling](last, samplingEnd);
  return (update) => rise(Math.min(update, last));
}
