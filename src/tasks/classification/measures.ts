/** How well labels are told. */

import { breather, type StopSignal } from "../../long-work.ts";
import type { TextClassifier } from "./model.ts";

export interface ClassificationMeasures {
  readonly rows: number;
  /** Mean negative log-likelihood of a row's label; a label that the model does not know counts as the least that it gives. */
  readonly loss: number;
  /** The share of rows whose likeliest label is theirs. */
  readonly accuracy: number;
  /** The same for always telling the commonest label of the training rows. */
  readonly baseline: number;
  /** Rows whose label the model does not know: none of them is told right. */
  readonly unknown: number;
}

/** What has no chance at all would make the loss infinite. */
const LEAST = 1e-12;

/** Rows that are told between two looks at the signal. */
const TOGETHER = 64;

interface MeasureOptions {
  /** Ends the work where it is aborted. */
  readonly signal?: StopSignal | undefined;
  /** Is given each row's number, in order, and how likely each label is found. */
  readonly each?: ((row: number, probabilities: Float64Array) => Promise<void>) | undefined;
}

/** The measures of rows with labels; undefined once the signal is aborted. Hands the thread back now and then. */
export async function measureRows(
  model: Pick<TextClassifier, "labels" | "probabilities">,
  rows: readonly { readonly text: string; readonly label: string }[],
  commonest: string,
  { signal, each }: MeasureOptions = {},
): Promise<ClassificationMeasures | undefined> {
  const breathe = breather();
  const size = model.labels.length;
  let [nats, right, baseline, unknown] = [0, 0, 0, 0];
  for (let start = 0; start < rows.length; start += TOGETHER) {
    await breathe();
    if (signal?.aborted) return undefined;
    const some = rows.slice(start, start + TOGETHER);
    const probabilities = model.probabilities(some.map(({ text }) => text));
    for (const [row, { label }] of some.entries()) {
      const own = probabilities.subarray(row * size, (row + 1) * size);
      const at = model.labels.indexOf(label);
      if (at < 0) unknown += 1;
      nats -= Math.log(Math.max(LEAST, own[at] ?? 0));
      if (at >= 0 && likeliest(own) === at) right += 1;
      if (label === commonest) baseline += 1;
      await each?.(start + row, own);
    }
  }
  const count = rows.length;
  return {
    rows: count,
    loss: nats / count,
    accuracy: right / count,
    baseline: baseline / count,
    unknown,
  };
}

/** The number of the likeliest label; among equals the first. */
export function likeliest(probabilities: ArrayLike<number>): number {
  let best = 0;
  for (let at = 1; at < probabilities.length; at++) {
    if ((probabilities[at] as number) > (probabilities[best] as number)) best = at;
  }
  return best;
}
