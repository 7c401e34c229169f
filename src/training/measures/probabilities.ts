/** Measures of predicted probabilities: how good they are, whether they keep what they promise, and a temperature that makes them. */

import { checkOptions, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { countedTargets } from "./classes.ts";
import { checkLists } from "./lists.ts";

/** Whether a row has one label of all, or each label is a question of its own. */
export type LabelCount = "one" | "several";

export interface TemperatureOptions {
  /**
   * "one": scores (n, K) and targets (n), each the class, from 0 to K-1, that the row is of. "several": scores and targets (n, K), each
   * target 1 or 0, whether the row has the label. Default "one".
   */
  readonly labels?: LabelCount | undefined;
  /** The target that does not count. Default -1, `IGNORED_TARGET`. */
  readonly ignore?: number | undefined;
}

export interface ProbabilityMeasureOptions extends TemperatureOptions {
  /** What the scores are. Logits are those of a softmax over the classes, or of a sigmoid where `labels` is "several". Default "probabilities". */
  readonly scores?: "probabilities" | "logits" | undefined;
}

export interface CalibrationOptions extends ProbabilityMeasureOptions {
  /** Into how many bins of one width the probabilities fall. Default 15. */
  readonly bins?: number | undefined;
}

/**
 * The mean of -log p in nats, of the probability p that was given to each target, from scores (n, K) in row-major order. With several
 * labels a row, the mean over all of them of -log p where the row has the label, else of -log(1 - p). Infinite where a target was
 * given the probability 0; of logits that is not.
 * Throws DataError for scores that do not fit, are not finite, or no probabilities, for what is no target, and where none counts.
 */
export function logLoss(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ProbabilityMeasureOptions = {},
): number {
  checkOptions("logLoss", options, { scores: true, labels: true, ignore: true });
  const rows = scoredRows("logLoss", scores, targets, options);
  const isLogits = options.scores === "logits";
  return meanOf(rows, ({ scores, target }) => {
    const own = scores[target] as number;
    if (!isLogits) return -Math.log(own);
    const greatest = scores.reduce((a, b) => Math.max(a, b));
    return Math.log(scores.reduce((sum, one) => sum + Math.exp(one - greatest), 0)) + greatest - own;
  });
}

/**
 * How far probabilities are from what comes true, from 0 to 1: predictions fall into bins by the probability of the class that is
 * predicted, ((b-1)/bins, b/bins], and it is the mean, over predictions, of |share that is right - mean probability| of their bin.
 * Guo, Pleiss, Sun and Weinberger, "On calibration of modern neural networks", 2017. With several labels a row, each with a bin by its
 * probability and the share of rows that have the label: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using
 * Bayesian binning", 2015. Throws as `logLoss` does, and UsageError for bins that are no whole number from 1.
 */
export function expectedCalibrationError(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: CalibrationOptions = {},
): number {
  const where = "expectedCalibrationError";
  checkOptions(where, options, { scores: true, labels: true, ignore: true, bins: true });
  const { bins = 15, ...others } = options;
  if (!(Number.isInteger(bins) && bins >= 1)) {
    throw new UsageError(`${where}: bins ${printGiven(bins)} given, a whole number from 1 expected`);
  }
  const rows = scoredRows(where, scores, targets, others);
  const gaps = new Float64Array(bins);
  for (const { scores, target } of rows) {
    const probabilities = others.scores === "logits" ? softmaxOf(scores, 1) : scores;
    // Of several labels each is told by the probability that there is one, of one label by the highest.
    const told = others.labels === "several" ? 1 : highest(probabilities);
    const probability = probabilities[told] as number;
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(probability * bins) - 1));
    gaps[bin] = (gaps[bin] as number) + Number(target === told) - probability;
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / rows.length;
}

/** What a temperature is at least and at most. */
const [COLDEST, HOTTEST] = [0.01, 100];
/** Halvings of the range alone would be done before. */
const STEPS = 200;

/**
 * The temperature T, from 0.01 to 100, by which logits are divided to give the least log loss: of probabilities that promise too much
 * it is above 1. Which class is the most probable stays as it is. Fitted on rows that were not trained on. The loss is convex in 1/T:
 * Newton's steps, and halvings of the range where one would leave it. Guo, Pleiss, Sun and Weinberger, 2017. Throws as `logLoss` does.
 *
 *     const temperature = measures.fitTemperature(logits, targets);
 *     const calibrated = softmax(logits.div(temperature));
 */
export function fitTemperature(
  logits: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: TemperatureOptions = {},
): number {
  checkOptions("fitTemperature", options, { labels: true, ignore: true });
  const rows = scoredRows("fitTemperature", logits, targets, { ...options, scores: "logits" });
  let [least, greatest, inverse] = [1 / HOTTEST, 1 / COLDEST, 1];
  if (slopeAt(rows, least).slope > 0) return HOTTEST;
  if (slopeAt(rows, greatest).slope < 0) return COLDEST;
  for (let step = 0; step < STEPS; step++) {
    const { slope, curvature } = slopeAt(rows, inverse);
    if (slope === 0) break;
    if (slope > 0) greatest = inverse;
    else least = inverse;
    const newton = inverse - slope / curvature;
    const next = newton > least && newton < greatest ? newton : Math.sqrt(least * greatest);
    if (Math.abs(next - inverse) <= 1e-12 * inverse) break;
    inverse = next;
  }
  return 1 / inverse;
}

/** The first and the second derivative of the log loss by the number that logits are multiplied by. */
function slopeAt(rows: readonly ScoredRow[], inverse: number): { slope: number; curvature: number } {
  let [slope, curvature] = [0, 0];
  for (const { scores, target } of rows) {
    const probabilities = softmaxOf(scores, inverse);
    const own = scores[target] as number;
    const mean = probabilities.reduce((sum, p, at) => sum + p * ((scores[at] as number) - own), 0);
    slope += mean;
    curvature += probabilities.reduce(
      (sum, p, at) => sum + p * ((scores[at] as number) - own - mean) ** 2,
      0,
    );
  }
  return { slope, curvature };
}

/** The scores of all classes, and which of them is right; of a label of several the classes are that there is none, and that there is. */
interface ScoredRow {
  readonly scores: Float64Array;
  readonly target: number;
}

/** The rows that count, or of several labels the labels that do. */
function scoredRows(
  where: string,
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  { scores: kind = "probabilities", labels = "one", ignore }: ProbabilityMeasureOptions,
): ScoredRow[] {
  if (kind !== "probabilities" && kind !== "logits") {
    throw new UsageError(`${where}: scores ${printGiven(kind)} given, "probabilities" or "logits" expected`);
  }
  if (labels !== "one" && labels !== "several") {
    throw new UsageError(`${where}: labels ${printGiven(labels)} given, "one" or "several" expected`);
  }
  checkLists(where, { scores, targets });
  const isOne = labels === "one";
  const classes = isOne ? scores.length / targets.length : 1;
  if (!Number.isInteger(classes) || (isOne ? classes < 2 : scores.length !== targets.length)) {
    const expected = isOne ? "the same multiple of two or more for each" : "as many";
    throw new DataError(
      `${where}: ${scores.length} scores given for ${targets.length} targets, ${expected} expected`,
    );
  }
  const isLogits = kind === "logits";
  const places = countedTargets(where, targets, { ignore }, isOne ? classes : 2);
  return places.map((at) => {
    const own = Float64Array.from({ length: classes }, (_, one) => {
      const score = scores[at * classes + one];
      const fits = Number.isFinite(score) && (isLogits || ((score as number) >= 0 && (score as number) <= 1));
      if (fits) return score as number;
      const [place, expected] = [isOne ? `[${at}][${one}]` : at, isLogits ? "a number" : "0 to 1"];
      throw new DataError(`${where}: score ${printGiven(score)} given at ${place}, ${expected} expected`);
    });
    if (isOne && !isLogits) checkSum(where, own, at);
    const [yes] = own as unknown as [number];
    const both = isOne ? own : Float64Array.of(isLogits ? 0 : 1 - yes, yes);
    return { scores: both, target: targets[at] as number };
  });
}

/** Probabilities that were rounded to be printed may be this far from 1 together. */
const ROUNDED = 0.02;

function checkSum(where: string, probabilities: Float64Array, row: number): void {
  const sum = probabilities.reduce((all, one) => all + one, 0);
  if (Math.abs(sum - 1) <= ROUNDED) return;
  throw new DataError(
    `${where}: probabilities of row ${row} add up to ${Number(sum.toPrecision(4))}, 1 expected`,
  );
}

function softmaxOf(logits: Float64Array, inverse: number): Float64Array {
  const greatest = logits.reduce((a, b) => Math.max(a, b));
  const powers = logits.map((one) => Math.exp(inverse * (one - greatest)));
  const all = powers.reduce((sum, one) => sum + one, 0);
  return powers.map((one) => one / all);
}

/** Where the highest stands; of equal ones the first. */
function highest(probabilities: Float64Array): number {
  return probabilities.reduce((best, one, at) => (one > (probabilities[best] as number) ? at : best), 0);
}

function meanOf(rows: readonly ScoredRow[], of: (row: ScoredRow) => number): number {
  return rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
}
