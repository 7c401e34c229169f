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
  checkSamples("resample", samples);
  checkRate("resample: from", from);
  checkRate("resample: to", to);
  if (from === to) return samples.slice();
  const divisor = greatestDivisor(from, to);
  const [up, down] = [to / divisor, from / divisor];
  const length = Math.ceil((samples.length * up) / down);
  if (length > 2 ** 30) {
    throw new UsageError(`resample: ${length} samples asked for, at most 2^30 expected`);
  }
  const cutoff = CUTOFF * Math.min(1, up / down);
  const reach = Math.ceil(ZEROS / cutoff);
  // The weights depend on nothing but how far after a sample the instant is: on one of `up` phases.
  const phases = new Map<number, Float64Array>();
  const resampled = new Float32Array(length);
  for (let m = 0; m < length; m++) {
    const phase = (m * down) % up;
    const first = (m * down - phase) / up - reach;
    let weights = phases.get(phase);
    if (weights === undefined) {
      weights = weightsAt(phase / up, cutoff, reach);
      phases.set(phase, weights);
    }
    let sum = 0;
    const end = Math.min(weights.length, samples.length - first);
    for (let at = Math.max(0, -first); at < end; at++) {
      sum += (weights[at] as number) * (samples[first + at] as number);
    }
    resampled[m] = sum;
  }
  return resampled;
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
