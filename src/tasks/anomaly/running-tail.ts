/**
 * The running distribution of a stream of numbers, of which large ones are remarkable: how improbable is it that one is as
 * large as the newest? What was seen lately is kept sorted. What lies beyond is extrapolated by a generalised Pareto tail.
 */

/** Numbers that a distribution needs before it says anything. */
export const LEAST_SEEN = 50;
/** The largest share of what is kept that the tail is fitted to. */
const TAIL = 0.05;
/** Numbers of a tail, at least. */
const LEAST_TAIL = 5;
/** Shapes from an exponential tail to one whose variance is just infinite. */
const HEAVIEST = 0.5;
/** The score up to which a number counts: what is more improbable is kept as if it were just this large. */
const BOUND = 4;
/** No probability is told that is less than 1 in 10^300: numbers have no smaller ones. */
const MOST = 300;
/** A tail of equal numbers has no width; this is next to none. */
const NARROWEST = 1e-9;

/** A generalised Pareto tail. Plain JSON. */
export interface TailFit {
  /** How many numbers there were, and how many of them it is fitted to. */
  readonly seen: number;
  readonly count: number;
  /** Where it begins. */
  readonly from: number;
  readonly shape: number;
  readonly scale: number;
}

/** JSON: the kept numbers, the oldest first. */
export type RunningTailState = readonly number[];

/**
 * Siffer et al., "Anomaly detection in streams with extreme value theory", 2017, with a window instead of all that ever was:
 * the distribution follows a stream whose spread changes. The tail is fitted by probability-weighted moments (Hosking and
 * Wallis 1987). A number enters only as far as a probability of 1 in 10,000, so that an anomaly does not widen what it is
 * measured against; many of them do, so that nothing is an anomaly for ever.
 */
export class RunningTail {
  /** How many numbers are kept. */
  readonly capacity: number;
  /** The kept numbers as they came, and in rising order. */
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #count = 0;
  /** Where in the ring the next one goes. */
  #next = 0;
  #tail: TailFit | undefined;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#ring = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
  }

  /** -log10 of the probability of a number as large as `value`, or larger; NaN while too little was seen. */
  score(value: number): number {
    if (this.#count < LEAST_SEEN) return Number.NaN;
    const { count, from, shape, scale } = this.#fitted();
    if (value > from) {
      const excess = (value - from) / scale;
      const nats = shape > 0 ? Math.log1p(shape * excess) / shape : excess;
      return Math.min(MOST, (Math.log(this.#count / count) + nats) * Math.LOG10E);
    }
    const least = this.#count - this.#rank(value);
    return Math.max(0, Math.log10(this.#count / Math.max(1, least)));
  }

  /** Takes a number in; the oldest one is forgotten where there is no room. */
  push(value: number): void {
    const kept = this.#count < LEAST_SEEN ? value : Math.min(value, this.#bound());
    if (this.#count === this.capacity) this.#remove(this.#ring[this.#next] as number);
    const at = this.#rank(kept);
    this.#sorted.copyWithin(at + 1, at, this.#count);
    this.#sorted[at] = kept;
    this.#count += 1;
    this.#ring[this.#next] = kept;
    this.#next = (this.#next + 1) % this.capacity;
    this.#tail = undefined;
  }

  save(): RunningTailState {
    const first = this.#count === this.capacity ? this.#next : 0;
    return Array.from({ length: this.#count }, (_, at) => this.#ring[(first + at) % this.capacity] as number);
  }

  /** Goes on from what was saved, as it is: nothing is bounded again. */
  restore(kept: RunningTailState): void {
    this.#count = kept.length;
    this.#next = kept.length % this.capacity;
    this.#ring.set(kept);
    this.#sorted.set(Float64Array.from(kept).sort());
    this.#tail = undefined;
  }

  /** The number that scores `BOUND`. */
  #bound(): number {
    return tailQuantile(this.#fitted(), 10 ** -BOUND);
  }

  #fitted(): TailFit {
    this.#tail ??= fitTail(this.#sorted.subarray(0, this.#count));
    return this.#tail;
  }

  /** How many of the kept numbers are smaller. */
  #rank(value: number): number {
    let [low, high] = [0, this.#count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #remove(value: number): void {
    const at = this.#rank(value);
    this.#sorted.copyWithin(at, at + 1, this.#count);
    this.#count -= 1;
  }
}

/** The tail of `LEAST_SEEN` numbers or more, in rising order. */
export function fitTail(sorted: Float64Array): TailFit {
  const count = Math.max(LEAST_TAIL, Math.floor(sorted.length * TAIL));
  const start = sorted.length - count;
  const from = sorted[start - 1] as number;
  let [mean, weighted] = [0, 0];
  for (let at = 0; at < count; at++) {
    const excess = (sorted[start + at] as number) - from;
    mean += excess;
    weighted += (excess * (count - 1 - at)) / (count - 1);
  }
  mean /= count;
  weighted /= count;
  const ratio = mean > 0 ? 2 - mean / (mean - 2 * weighted) : 0;
  const shape = Math.max(0, Math.min(HEAVIEST, ratio));
  return { seen: sorted.length, count, from, shape, scale: Math.max(NARROWEST, mean * (1 - shape)) };
}

/** The number that is exceeded with a probability, which is a smaller one than that of the tail's beginning. */
export function tailQuantile({ seen, count, from, shape, scale }: TailFit, probability: number): number {
  const nats = Math.log(count / seen / probability);
  return from + scale * (shape > 0 ? Math.expm1(shape * nats) / shape : nats);
}
