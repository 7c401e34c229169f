/** Measures of predicted labels where a row has several, or none: each label is a question of its own. */

import { checkOptions, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import {
  type ClassMeasureOptions,
  type ClassScores,
  checkClass,
  countedTargets,
  scoresOfCounts,
} from "./classes.ts";
import { checkSameLength } from "./lists.ts";

export interface MultiLabelReport {
  /** Of each label, with the number of rows that have it. */
  readonly labels: readonly (ClassScores & { readonly targets: number })[];
  /** The mean over the labels that occur, among the targets or the predictions; 0 where none does. */
  readonly macro: ClassScores;
  /** Of all labels of all rows together. */
  readonly micro: ClassScores;
  /** The part of rows of which every label was predicted as it is, from 0 to 1. */
  readonly exactMatch: number;
}

/**
 * Precision, recall and F1 of each label and of all, from predictions and targets (n, labels) in row-major order: 1 where a row
 * has the label, 0 where it has not. A target of -1, or of `ignore`, does not count, and neither does a row that has no others.
 * Throws DataError for lists of two lengths or that are no whole rows, for what is neither 0 nor 1, and where no target counts;
 * UsageError for labels that are no whole number from 1.
 */
export function multiLabelReport(
  predictions: ArrayLike<number>,
  targets: ArrayLike<number>,
  labels: number,
  options: ClassMeasureOptions = {},
): MultiLabelReport {
  const where = "multiLabelReport";
  checkOptions(where, options, { ignore: true });
  if (!(Number.isInteger(labels) && labels >= 1)) {
    throw new UsageError(`${where}: labels ${printGiven(labels)} given, a whole number from 1 expected`);
  }
  checkSameLength(where, predictions, targets);
  if (targets.length % labels !== 0) {
    throw new DataError(
      `${where}: ${targets.length} targets given for ${labels} labels, a multiple of that expected`,
    );
  }
  const none = () => Array<number>(labels).fill(0);
  const counts = { right: none(), predicted: none(), targets: none() };
  /** Of each row that counts whether all was right so far. */
  const rows = new Map<number, boolean>();
  for (const at of countedTargets(where, targets, options, 2)) {
    checkClass(where, "prediction", predictions[at], at, 2);
    const [label, row] = [at % labels, Math.floor(at / labels)];
    const [prediction, target] = [predictions[at] as number, targets[at] as number];
    const add = (to: number[], count: number) => {
      to[label] = (to[label] as number) + count;
    };
    add(counts.right, prediction * target);
    add(counts.predicted, prediction);
    add(counts.targets, target);
    rows.set(row, (rows.get(row) ?? true) && prediction === target);
  }
  const { classes, macro, micro } = scoresOfCounts(counts);
  const exact = [...rows.values()].filter((isRight) => isRight).length;
  return { labels: classes, macro, micro, exactMatch: exact / rows.size };
}
