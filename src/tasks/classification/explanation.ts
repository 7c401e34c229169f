/** What of a row decided: how much each of its steps speaks for a label. */

import { nearName, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Content } from "./inputs/input.ts";
import { likeliest } from "./measures.ts";
import { type ClassifierModel, probabilitiesOf } from "./model.ts";

export interface LabelExplanation {
  /** The label that is explained. */
  readonly label: string;
  /** How likely it is found. */
  readonly probability: number;
  /** The steps of the row, in order, up to the longest that is read. */
  readonly steps: readonly ExplainedStep[];
}

export interface ExplainedStep {
  /** A word, a character, or the number or the time of a step. */
  readonly name: string;
  /**
   * The gradient of the label's score at the step's vector, times that vector: above 0 for what speaks for the label, below 0 for what
   * speaks against it.
   */
  readonly share: number;
}

/** How much each step of a row speaks for a label, by default for the likeliest one. Throws UsageError for a label that is not known. */
export function explain(
  model: ClassifierModel,
  content: Content,
  label?: string | undefined,
): LabelExplanation {
  const { labels, input } = model;
  const probabilities = probabilitiesOf(model, model.scores([content]));
  const at = label === undefined ? likeliest(probabilities) : labels.indexOf(label);
  if (at < 0) {
    const near = nearName(String(label), labels);
    throw new UsageError(
      `explain: label ${printGiven(label)} given, ${near === undefined ? `one of ${labels.join(", ")} expected` : `did you mean ${near}?`}`,
    );
  }
  const shares = model.shares(content, at);
  const names = input.stepNames(content);
  return {
    label: labels[at] as string,
    probability: probabilities[at] as number,
    // An empty text has a step that nothing stands for.
    steps: Array.from(shares.subarray(0, Math.max(names.length, 1)), (share, step) => ({
      name: names[step] ?? "",
      share,
    })),
  };
}
