/** What the functions of sound expect of samples and rates. */
import { printGiven, tagOf } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";

/** The squares of louder samples, summed over a window, would not fit into a float32; full scale is 1. */
export const LOUDEST = 2 ** 40;
/** The highest rate that anybody records at is far below. */
export const HIGHEST_RATE = 1e7;

/**
 * Throws UsageError for what is no Float32Array, DataError for a sample that is not finite or beyond 2^40.
 *
 * @param before how many samples were given before, for messages
 */
export function checkSamples(where: string, samples: Float32Array, before = 0): void {
  if (tagOf(samples) !== "Float32Array") {
    throw new UsageError(`${where}: ${printGiven(samples)} given, a Float32Array of samples expected`);
  }
  const at = samples.findIndex((sample) => !(Math.abs(sample) <= LOUDEST));
  if (at < 0) return;
  const expected = "a finite number expected, -1 to 1 at full scale";
  throw new DataError(`${where}: sample ${before + at}: ${samples[at]} given, ${expected}`);
}

/** Throws UsageError unless a rate is a whole number of samples a second. */
export function checkRate(where: string, rate: number): void {
  if (Number.isInteger(rate) && rate >= 1 && rate <= HIGHEST_RATE) return;
  throw new UsageError(
    `${where} ${printGiven(rate)} given, a whole number of samples a second from 1 to ${HIGHEST_RATE} expected`,
  );
}
