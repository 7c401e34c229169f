/**
 * Another rate for samples: a windowed sinc as the low-pass filter. Smith and Gossett, "A flexible sampling-rate conversion
 * method", 1984; the window: Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", 1974.
 */
import { UsageError } from "../../errors.ts";
import { sine } from "../../nn/portable.ts";
import { checkRate, checkSamples } from "./samples.ts";

/** How many zeros of the sinc stand on each side. */
const ZEROS = 32;
/** The window's shape: what is filtered out is 90 dB lower. */
const BETA = 8.96;
/** Where the filter is at half, as a share of half the lower rate: at the whole of it, it is closed. */
const CUTOFF = 0.917;

/**
 * The samples at another rate: ceil(n to / from) of them, the first at the same instant. With c = 0.917 min(1, to / from) and
 * z = 32,
 *
 *     y[m] = sum_k x[k] h(m from / to - k) / sum_k h(m from / to - k)
 *     h(t) = sinc(c t) w(c t / z),  sinc(u) = sin(pi u) / (pi u)
 *     w(v) = I0(8.96 sqrt(1 - v^2)) / I0(8.96) for |v| < 1, else 0
 *
 * where k goes over all whole numbers, and x is 0 before its start and after its end. What is above half of the lower rate goes,
 * by 90 dB; what is below 0.83 of that half stays. The same bits on every platform.
 *
 * @param from samples a second, a whole number
 * @throws UsageError for what is no Float32Array and for rates that are none
 * @throws DataError for a sample that is no finite number
 */
export function resample(samples: Float32Array, from: number, to: number): Float32Array {
  const stream = resampleStream(from, to);
  const first = stream.push(samples);
  const rest = stream.end();
  if (rest.length === 0) return first;
  const resampled = new Float32Array(first.length + rest.length);
  resampled.set(first);
  resampled.set(rest, first.length);
  return resampled;
}

export interface ResampleStream {
  /**
   * More samples: those at the other rate that no later ones can change, which is all but about 35 periods of the lower rate.
   * After an error it is as it was before.
   *
   * @throws UsageError for what is no Float32Array, for too many samples, and after the end
   * @throws DataError for a sample that is not finite or beyond 2^40
   */
  push(samples: Float32Array): Float32Array;
  /** The last samples: silence follows. */
  end(): Float32Array;
}

/**
 * As `resample`, to the bit, of samples that come in pieces of any size.
 *
 *     const stream = resampleStream(44100, 16000);
 *     for (const piece of pieces) use(stream.push(piece));
 *     use(stream.end());
 *
 * @param from samples a second, a whole number
 * @throws UsageError for rates that are none
 */
export function resampleStream(from: number, to: number): ResampleStream {
  checkRate("resample: from", from);
  checkRate("resample: to", to);
  const divisor = greatestDivisor(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const cutoff = CUTOFF * Math.min(1, up / down);
  const reach = Math.ceil(ZEROS / cutoff);
  const width = 2 * reach + 2;
  // The weights depend on nothing but how far after a sample the instant is: on one of `up` phases.
  const phases = new Map<number, Float64Array>();
  // Silence stands before the start. The next instant is phase / up after the sample `reach` of what is pending.
  let pending = new Float32Array(reach);
  let phase = 0;
  let before = 0;
  let ended = false;

  const instants = (samples: Float32Array): Float32Array => {
    const all = new Float32Array(pending.length + samples.length);
    all.set(pending);
    all.set(samples, pending.length);
    const count = Math.ceil(((all.length - width + 1) * up - phase) / down);
    const found = new Float32Array(Math.max(0, count));
    let first = 0;
    for (let m = 0; m < found.length; m++) {
      let weights = phases.get(phase);
      if (weights === undefined) {
        weights = weightsAt(phase / up, cutoff, reach);
        phases.set(phase, weights);
      }
      let sum = 0;
      for (let at = 0; at < width; at++) sum += (weights[at] as number) * (all[first + at] as number);
      found[m] = sum;
      phase += down;
      first += Math.floor(phase / up);
      phase %= up;
    }
    // An instant reaches further than to the next one's first sample, so that there is one left.
    pending = all.slice(first);
    return found;
  };
  return {
    push(samples) {
      if (ended) throw new UsageError("resample: samples given after the end, none expected");
      checkSamples("resample", samples, before);
      const asked = Math.ceil((samples.length * up) / down);
      if (asked > 2 ** 30) {
        throw new UsageError(`resample: ${asked} samples asked for, at most 2^30 expected`);
      }
      const found = from === to ? samples.slice() : instants(samples);
      before += samples.length;
      return found;
    },
    end() {
      const found = ended || from === to ? new Float32Array(0) : instants(new Float32Array(reach + 1));
      ended = true;
      return found;
    },
  };
}

/** h at `after` + reach, ..., `after` - reach - 1, with the sum 1. */
function weightsAt(after: number, cutoff: number, reach: number): Float64Array {
  const weights = new Float64Array(2 * reach + 2);
  let sum = 0;
  for (let at = 0; at < weights.length; at++) {
    const u = cutoff * (after + reach - at);
    const v = u / ZEROS;
    const inside = 1 - v * v;
    // All windows have the factor 1 / I0(8.96), which the sum takes away again.
    if (inside > 0) weights[at] = sinc(u) * bessel(BETA * Math.sqrt(inside));
    sum += weights[at] as number;
  }
  return weights.map((weight) => weight / sum);
}

function sinc(u: number): number {
  return u === 0 ? 1 : sine(Math.PI * u) / (Math.PI * u);
}

/** I0, the modified Bessel function: the sum of ((x / 2)^k / k!)^2. */
function bessel(x: number): number {
  const square = (x * x) / 4;
  let [sum, term] = [1, 1];
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= square / (k * k);
    sum += term;
  }
  return sum;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
