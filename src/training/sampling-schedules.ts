/**
 * Schedules of scheduled sampling (Bengio et al. 2015): how likely a step reads its own input, at an update from 0 on. Each is a plain function
 * of the update's number; the paper has the probability of the true input, which is 1 minus this. Each throws
 * UsageError for an update that is no number from 0.
 */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";

export interface LinearSamplingOptions {
  /** The updates until `end`. */
  readonly updates: number;
  /** The highest probability, from 0 to 1; default 1. */
  readonly end?: number | undefined;
}

/** end min(1, u / updates): rises in equal parts, and stays. Throws UsageError for options out of range. */
export function linearSampling(options: LinearSamplingOptions): (update: number) => number {
  checkOptions("linearSampling", options, { updates: "a number above 0", end: true });
  const { updates, end = 1 } = options;
  checkAbove("linearSampling: updates", updates);
  if (!(Number.isFinite(end) && end >= 0 && end <= 1)) {
    throw new UsageError(`linearSampling: end ${printGiven(end)} given, a number from 0 to 1 expected`);
  }
  return (update) => end * Math.min(1, updateFrom0("linearSampling", update) / updates);
}

export interface DecaySamplingOptions {
  /** The paper's k. */
  readonly k: number;
}

/** 1 - k^u, where k from 0 to below 1 is the share of true inputs that each update leaves. Throws UsageError for another k. */
export function exponentialSampling(options: DecaySamplingOptions): (update: number) => number {
  checkOptions("exponentialSampling", options, { k: "a number from 0 to below 1" });
  const { k } = options;
  if (!(Number.isFinite(k) && k >= 0 && k < 1)) {
    throw new UsageError(
      `exponentialSampling: k ${printGiven(k)} given, a number from 0 to below 1 expected`,
    );
  }
  return (update) => 1 - k ** updateFrom0("exponentialSampling", update);
}

/**
 * 1 - k / (k + e^(u / k)): a few at first, half of all after k ln k updates, and from then on nearly all: the larger k, the slower. Throws
 * UsageError for a k that is not above 0.
 */
export function inverseSigmoidSampling(options: DecaySamplingOptions): (update: number) => number {
  checkOptions("inverseSigmoidSampling", options, { k: "a number above 0" });
  const { k } = options;
  checkAbove("inverseSigmoidSampling: k", k);
  return (update) => 1 - 1 / (1 + Math.exp(updateFrom0("inverseSigmoidSampling", update) / k - Math.log(k)));
}

function updateFrom0(where: string, update: number): number {
  if (typeof update === "number" && update >= 0) return update;
  throw new UsageError(`${where}: update ${printGiven(update)} given, a number from 0 expected`);
}

function checkAbove(what: string, given: number): void {
  if (Number.isFinite(given) && given > 0) return;
  throw new UsageError(`${what} ${printGiven(given)} given, a number above 0 expected`);
}
