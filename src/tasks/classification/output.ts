/** What a classifier says of a row, in a line of text and as JSON. */

import type { Prediction } from "../task.ts";
import { inLine } from "../text-table.ts";
import { type Labelling, likeliest, toldLabels } from "./measures.ts";

/** What a classifier says of one row. */
export interface Classification {
  /** The likeliest label. */
  readonly label: string;
  /** How likely it is found. */
  readonly probability: number;
  /** How likely each label is found; they sum to 1 unless a row can have several. */
  readonly probabilities: Readonly<Record<string, number>>;
  /** Where a row can have several labels: those that are as likely as not, or likelier. */
  readonly labels?: readonly string[] | undefined;
}

/** The classification of a row by how likely each label is. */
export function classificationOf(
  model: Pick<Labelling, "labels" | "several">,
  probabilities: Float64Array,
): Classification {
  const { labels, several } = model;
  const best = likeliest(probabilities);
  return {
    label: labels[best] as string,
    probability: probabilities[best] as number,
    probabilities: Object.fromEntries(labels.map((name, at) => [name, probabilities[at] as number])),
    ...(several && { labels: toldLabels(model, probabilities) }),
  };
}

/**
 * A classification in a line: its label and probability; where a row can have several, each of them with its own. The path of a row that is
 * a file of its own comes last.
 */
export function predictionOf(
  told: Classification,
  path?: string | undefined,
): Prediction & { readonly json: object } {
  const { label, probability, probabilities, labels } = told;
  const line = (name: string, likelihood: number) => `${inLine(name)}\t${likelihood.toFixed(4)}`;
  const text = labels
    ? labels.map((name) => line(name, probabilities[name] as number)).join("\t")
    : line(label, probability);
  if (path === undefined) return { text, json: told };
  return { text: `${text}\t${inLine(path)}`, json: { path, ...told } };
}
