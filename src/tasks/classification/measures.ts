/** How well labels are told. */

import { breather, type StopSignal } from "../../long-work.ts";
import { expectedCalibrationError, fitTemperature } from "../../training/measures/index.ts";
import { type ClassifierModel, probabilitiesOf } from "./model.ts";
import type { LabelledRow } from "./split.ts";

export interface ClassificationMeasures {
  readonly rows: number;
  /**
   * Mean negative log-likelihood of a row's label; a label that the model does not know counts as the least that it gives. Where a row can
   * have several labels: of whether a row has a label or not, the mean over all labels that the model knows.
   */
  readonly loss: number;
  /** The share of rows whose likeliest label is theirs; where a row can have several, of rows that are told all of theirs and no other. */
  readonly accuracy: number;
  /** The same for always telling what the training rows had most often. */
  readonly baseline: number;
  /** Rows with a label that the model does not know: none of them is told right. */
  readonly unknown: number;
  /** How far probabilities are from what comes true, from 0 to 1; 0 where every label is unknown. */
  readonly calibrationError: number;
}

/** What scores mean. */
export type Labelling = Pick<ClassifierModel, "labels" | "several" | "temperature">;

/** What has no chance at all would make the loss infinite. */
const LEAST = 1e-12;

/** Rows that are told between two looks at the signal. */
const TOGETHER = 256;

/** The scores of rows, (rows, labels); undefined once the signal is aborted. Hands the thread back now and then. */
export async function scoreRows(
  model: Pick<ClassifierModel, "labels" | "scores">,
  rows: readonly LabelledRow[],
  signal?: StopSignal | undefined,
): Promise<Float64Array | undefined> {
  const breathe = breather();
  const size = model.labels.length;
  const scores = new Float64Array(rows.length * size);
  for (let start = 0; start < rows.length; start += TOGETHER) {
    await breathe();
    if (signal?.aborted) return undefined;
    const some = rows.slice(start, start + TOGETHER);
    scores.set(model.scores(some.map(({ content }) => content)), start * size);
  }
  return scores;
}

/** What is right: the number of each row's label (rows), -1 for one that is not known; or whether it has each label (rows, labels). */
export function targetsOf(
  { labels, several }: Pick<Labelling, "labels" | "several">,
  rows: readonly LabelledRow[],
): Int32Array {
  const places = new Map(labels.map((label, at) => [label, at]));
  if (!several) return Int32Array.from(rows, (row) => places.get(row.labels[0] as string) ?? -1);
  const targets = new Int32Array(rows.length * labels.length);
  for (const [row, { labels: own }] of rows.entries()) {
    for (const label of own) {
      const at = places.get(label);
      if (at !== undefined) targets[row * labels.length + at] = 1;
    }
  }
  return targets;
}

/** The figures of scored rows. `commonest` are the labels of most of the rows that were trained on. */
export function measureScores(
  model: Labelling,
  rows: readonly LabelledRow[],
  scores: Float64Array,
  commonest: readonly string[],
): ClassificationMeasures {
  const { labels, several } = model;
  const probabilities = probabilitiesOf(model, scores);
  const targets = targetsOf(model, rows);
  const known = new Set(labels);
  let [nats, right, baseline, unknown] = [0, 0, 0, 0];
  for (const [row, { labels: own }] of rows.entries()) {
    const ofRow = probabilities.subarray(row * labels.length, (row + 1) * labels.length);
    const isKnown = own.every((label) => known.has(label));
    if (!isKnown) unknown += 1;
    if (isKnown && isSame(toldLabels(model, ofRow), own)) right += 1;
    if (isSame(own, commonest)) baseline += 1;
    if (several) {
      for (const [at, p] of ofRow.entries()) {
        const chance = targets[row * labels.length + at] === 1 ? p : 1 - p;
        nats -= Math.log(Math.max(LEAST, chance)) / labels.length;
      }
    } else nats -= Math.log(Math.max(LEAST, ofRow[targets[row] as number] ?? 0));
  }
  const count = rows.length;
  return {
    rows: count,
    loss: nats / count,
    accuracy: right / count,
    baseline: baseline / count,
    unknown,
    calibrationError: calibrationErrorOf(model, rows, scores),
  };
}

/** How far the probabilities of scored rows are from what comes true; 0 where every label is unknown. */
export function calibrationErrorOf(
  model: Labelling,
  rows: readonly LabelledRow[],
  scores: Float64Array,
): number {
  const targets = targetsOf(model, rows);
  if (targets.every((target) => target < 0)) return 0;
  const labels = model.several ? "several" : "one";
  return expectedCalibrationError(probabilitiesOf(model, scores), targets, { labels });
}

/** Fewer rows say little of how sure a model may be. */
const ENOUGH_ROWS = 20;

/**
 * The temperature that makes scores of held-out rows honest probabilities: 1 where there are too few rows, or all are told right, which would
 * make a model as sure as can be.
 */
export function temperatureOf(
  model: Pick<Labelling, "labels" | "several">,
  rows: readonly LabelledRow[],
  scores: Float64Array,
): number {
  const { labels, several } = model;
  const targets = targetsOf(model, rows);
  const size = labels.length;
  const isWrong = rows.some(({ labels: own }, row) => {
    // Of a label that is as likely as not the score is 0.
    const told = toldLabels(model, scores.subarray(row * size, (row + 1) * size), 0);
    return own.every((label) => labels.includes(label)) && !isSame(told, own);
  });
  if (rows.length < ENOUGH_ROWS || !isWrong) return 1;
  return fitTemperature(scores, targets, { labels: several ? "several" : "one" });
}

/** The labels that are told: the likeliest one; or where a row can have several, all from a threshold on. */
export function toldLabels(
  { labels, several }: Pick<Labelling, "labels" | "several">,
  likelihoods: ArrayLike<number>,
  threshold = 0.5,
): readonly string[] {
  if (!several) return [labels[likeliest(likelihoods)] as string];
  return labels.filter((_, at) => (likelihoods[at] as number) >= threshold);
}

/** Whether two lists have the same labels, in whatever order. */
function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((label) => others.includes(label));
}

/** The number of the likeliest label; among equals the first. */
export function likeliest(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < probabilities.length; at++) {
    if ((probabilities[at] as number) > (probabilities[best] as number)) best = at;
  }
  return best;
}
