/** Scheduled sampling (Bengio et al. 2015): how likely a decoder still reads the true token, from update to update. */

export const SCHEDULED_SAMPLINGS = ["none", "linear", "exponential", "inverse-sigmoid"] as const;
export type ScheduledSampling = (typeof SCHEDULED_SAMPLINGS)[number];

/** What decays from 1, or nearly 1, to `end` in a number of updates. */
type Decay = (updates: number, end: number) => (update: number) => number;

const decays: Readonly<Record<ScheduledSampling, Decay>> = {
  none: () => () => 1,
  linear: (updates, end) => (update) => 1 - ((1 - end) * update) / updates,
  exponential: (updates, end) => (update) => end ** (update / updates),
  "inverse-sigmoid": (updates, end) => {
    // The k of the paper's k / (k + exp(update / k)) that comes to `end`: the larger, the slower.
    const decay = (k: number, update: number) => 1 / (1 + Math.exp(update / k - Math.log(k)));
    let [low, high] = [Number.MIN_VALUE, 1];
    while (decay(high, updates) < end) [low, high] = [high, 2 * high];
    for (let halving = 0; halving < 60; halving++) {
      const middle = (low + high) / 2;
      if (decay(middle, updates) < end) low = middle;
      else high = middle;
    }
    return (update) => decay(high, update);
  },
};

/**
 * The probability that the decoder reads the true token, in place of one that it wrote itself, at an update from 0 on. After so many
 * `updates` it is `end`, and stays.
 */
export function truthProbability(
  {
    scheduledSampling,
    samplingEnd,
  }: { readonly scheduledSampling: ScheduledSampling; readonly samplingEnd: number },
  updates: number,
): (update: number) => number {
  const last = Math.max(1, updates);
  const decay = decays[scheduledSampling](last, samplingEnd);
  return (update) => decay(Math.min(update, last));
}
