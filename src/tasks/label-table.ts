/** How well each label is told, as a table for people. */

import type { ClassScores } from "../training/measures/index.ts";
import { alignedRows, inLine } from "./text-table.ts";

/** How well a label is told. */
export type LabelScores = ClassScores & { readonly targets: number };

/** Of more labels the commonest are shown. */
const SHOWN_LABELS = 30;

/** A blank line and the table; `unit` is what targets are: "words". */
export function labelLines(labels: readonly (readonly [string, LabelScores])[], unit: string): string[] {
  if (labels.length === 0) return [];
  const shown = [...labels].sort(([, a], [, b]) => b.targets - a.targets).slice(0, SHOWN_LABELS);
  const rows = shown.map(([label, { targets, precision, recall, f1 }]) => [
    inLine(label),
    targets.toLocaleString("en"),
    ...[precision, recall, f1].map((figure) => figure.toFixed(3)),
  ]);
  const more = labels.length - shown.length;
  return [
    "",
    ...alignedRows([["label", unit, "precision", "recall", "F1"], ...rows]),
    ...(more > 0 ? [`and ${more} more, in --json`] : []),
  ];
}
