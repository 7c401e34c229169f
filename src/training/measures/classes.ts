/** Measures of predicted classes: accuracy, confusion, precision, recall, F1. */

import { checkOptions, printGiven } from "../../checks.ts";
import { IGNORED_TARGET } from "../../data/windows.ts";
import { DataError, UsageError } from "../../errors.ts";
import { checkLists, checkSameLength } from "./lists.ts";

export interface ClassMeasureOptions {
  /** The target that does not count, whatever was predicted there. Default -1, `IGNORED_TARGET`. */
  readonly ignore?: number | undefined;
}

/** How often each class was predicted where another, or it, was right: counts[target][prediction]. */
export type ConfusionTable = readonly (readonly number[])[];

/** From 0 to 1. */
export interface ClassScores {
  /** Of what was predicted to be of the class, the part that is. 0 where nothing was. */
  readonly precision: number;
  /** Of what is of the class, the part that was predicted to be. 0 where nothing is. */
  readonly recall: number;
  /** Their harmonic mean, 2 right / (predicted + targets). 0 where the class is neither. */
  readonly f1: number;
}

export interface ClassReport {
  /** Of each class, with the number of targets that are of it. */
  readonly classes: readonly (ClassScores & { readonly targets: number })[];
  /** The mean over the classes that occur, among the targets or the predictions. */
  readonly macro: ClassScores;
  /** Of all predictions together. As each is of one class, all three are the accuracy. */
  readonly micro: ClassScores;
}

/**
 * The part of predicted classes that are the targets, from 0 to 1.
 * Throws DataError for lists of two lengths, for what is no class, and where no target counts.
 */
export function accuracy(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: ClassMeasureOptions = {},
): number {
  checkSameLength("accuracy", predictions, targets);
  const places = countedTargets("accuracy", targets, options);
  for (const at of places) checkClass("accuracy", "prediction", predictions[at], at);
  return places.filter((at) => predictions[at] === targets[at]).length / places.length;
}

/**
 * The part of targets that are among the k classes of the highest scores, from scores (n, V) such as logits and targets (n).
 * Of equal scores the lower class is the higher one, as in `topK`.
 * Throws DataError for scores that do not fit or are NaN, for what is no class, and where no target counts; UsageError for a
 * k that is no whole number from 1 to V.
 */
export function topKAccuracy(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  k: number,
  options: ClassMeasureOptions = {},
): number {
  const where = "topKAccuracy";
  checkLists(where, { scores, targets });
  const classes = scores.length / targets.length;
  if (!Number.isInteger(classes) || classes === 0) {
    throw new DataError(
      `${where}: ${scores.length} scores given for ${targets.length} targets, a multiple of that expected`,
    );
  }
  if (!(Number.isInteger(k) && k >= 1 && k <= classes)) {
    throw new UsageError(`${where}: k ${printGiven(k)} given, a whole number from 1 to ${classes} expected`);
  }
  const places = countedTargets(where, targets, options, classes);
  const isAmong = (at: number) => {
    const target = targets[at] as number;
    const own = scores[at * classes + target] as number;
    let before = 0;
    for (let other = 0; other < classes; other++) {
      const score = scores[at * classes + other] as number;
      if (Number.isNaN(score)) throw new DataError(`${where}: score NaN given at [${at}][${other}]`);
      if (score > own || (score === own && other < target)) before += 1;
    }
    return before < k;
  };
  return places.filter(isAmong).length / places.length;
}

/**
 * How often each of the classes was predicted where each was right: counts[target][prediction].
 * Throws DataError for lists of two lengths and for what is none of the classes; where no target counts, all counts are 0.
 */
export function confusionTable(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  classes: number,
  options: ClassMeasureOptions = {},
): ConfusionTable {
  const where = "confusionTable";
  if (!(Number.isInteger(classes) && classes >= 1)) {
    throw new UsageError(`${where}: classes ${printGiven(classes)} given, a whole number from 1 expected`);
  }
  checkSameLength(where, predictions, targets);
  const counts = Array.from({ length: classes }, () => Array<number>(classes).fill(0));
  for (const at of placesOf(where, targets, options, classes)) {
    checkClass(where, "prediction", predictions[at], at, classes);
    const row = counts[targets[at] as number] as number[];
    row[predictions[at] as number] = (row[predictions[at] as number] as number) + 1;
  }
  return counts;
}

/**
 * Precision, recall and F1 of each class, their means over classes, and those of all predictions together, from a
 * `confusionTable`. Figures of a class that does not occur are 0, and left out of the means. Throws DataError for a table
 * that is not square, or has other numbers than counts, or only zeros.
 */
export function classReport(table: ConfusionTable): ClassReport {
  checkTable(table);
  const targets = table.map(sum);
  const predicted = table.map((_, column) => sum(table.map((row) => row[column] as number)));
  const right = table.map((row, at) => row[at] as number);
  return scoresOfCounts({ right, predicted, targets });
}

/** Of each class how often it was right, predicted, and a target. */
interface ClassCounts {
  readonly right: readonly number[];
  readonly predicted: readonly number[];
  readonly targets: readonly number[];
}

/** The report of counts, whatever they were counted over; means over classes of which none occurs are 0. */
export function scoresOfCounts({ right, predicted, targets }: ClassCounts): ClassReport {
  const scores = (hits: number, ofPredicted: number, ofTargets: number): ClassScores => ({
    precision: part(hits, ofPredicted),
    recall: part(hits, ofTargets),
    f1: part(2 * hits, ofPredicted + ofTargets),
  });
  const classes = right.map((hits, at) => ({
    ...scores(hits, predicted[at] as number, targets[at] as number),
    targets: targets[at] as number,
  }));
  const occurring = classes.filter((_, at) => (predicted[at] as number) + (targets[at] as number) > 0);
  const mean = (name: keyof ClassScores) => part(sum(occurring.map((one) => one[name])), occurring.length);
  return {
    classes,
    macro: { precision: mean("precision"), recall: mean("recall"), f1: mean("f1") },
    micro: scores(sum(right), sum(predicted), sum(targets)),
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const part = (count: number, all: number) => (all === 0 ? 0 : count / all);

/** The places of the targets that count, of which there is at least one. */
export function countedTargets(
  where: string,
  targets: ArrayLike<number>,
  options: ClassMeasureOptions,
  classes?: number,
): number[] {
  const places = placesOf(where, targets, options, classes);
  if (places.length === 0)
    throw new DataError(`${where}: no target that counts given, at least one expected`);
  return places;
}

/** The places of the targets that count, each of which is a class. */
function placesOf(
  where: string,
  targets: ArrayLike<number>,
  options: ClassMeasureOptions,
  classes?: number,
): number[] {
  checkOptions(where, options, { ignore: true });
  const { ignore = IGNORED_TARGET } = options;
  const places = Array.from(targets, (_, at) => at).filter((at) => targets[at] !== ignore);
  for (const at of places) checkClass(where, "target", targets[at], at, classes);
  return places;
}

/** Throws DataError for what is no class. */
export function checkClass(where: string, what: string, given: unknown, at: number, classes?: number): void {
  const isClass = Number.isInteger(given) && (given as number) >= 0;
  if (isClass && (classes === undefined || (given as number) < classes)) return;
  const expected = classes === undefined ? "a whole number from 0" : `0 to ${classes - 1}`;
  throw new DataError(`${where}: ${what} ${printGiven(given)} given at ${at}, ${expected} expected`);
}

function checkTable(table: ConfusionTable): void {
  const isCount = (count: unknown) => Number.isInteger(count) && (count as number) >= 0;
  const isTable =
    Array.isArray(table) &&
    table.every((row) => Array.isArray(row) && row.length === table.length && row.every(isCount));
  if (!isTable) throw new DataError("classReport: a table of counts expected, as many columns as rows");
  if (!table.flat().some((count) => count > 0))
    throw new DataError("classReport: a table without a count given, at least one expected");
}
