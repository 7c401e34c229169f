/** What a classifier says of a row, in a line of text and as JSON. */

import type { Prediction } from "../task.ts";
import { likeliest } from "./measures.ts";

/** The likeliest label with its probability; as JSON also how likely each label is. */
export function predictionOf(
  labels: readonly string[],
  probabilities: Float64Array,
): Prediction & { readonly json: object } {
  const best = likeliest(probabilities);
  const label = labels[best] as string;
  const each = Object.fromEntries(labels.map((name, at) => [name, probabilities[at]]));
  return {
    text: `${inLine(label)}\t${(probabilities[best] as number).toFixed(4)}`,
    json: { label, probability: probabilities[best], probabilities: each },
  };
}

/** A label as a part of a line: what would end the line or part it, which labels in JSON can have, is escaped. */
export function inLine(label: string): string {
  return label.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
