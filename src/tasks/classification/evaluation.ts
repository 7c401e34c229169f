/** How well labels are told, label by label: what was taken for what, and the rows that are doubted most. */

import {
  type ClassReport,
  type ConfusionTable,
  classReport,
  confusionTable,
} from "../../training/measures/index.ts";
import type { Evaluation, Prediction } from "../task.ts";
import { alignedRows } from "../text-table.ts";
import { likeliest, measureRows } from "./measures.ts";
import type { TextClassifier } from "./model.ts";
import { inLine, predictionOf } from "./output.ts";
import type { Row } from "./rows.ts";

type LabelledRow = Row & { readonly label: string };

/** A row whose own label is found unlikely: it is told wrong, or labelled wrong. */
export interface DoubtfulRow {
  readonly line: number;
  readonly text: string;
  /** The label that it has. */
  readonly expected: string;
  /** How likely that is found: 0 for a label that is not known. */
  readonly likelihood: number;
  /** The label that is told. */
  readonly label: string;
}

/** Doubtful rows in JSON, and those of them that people see. */
const DOUBTFUL = 20;
const SHOWN_ROWS = 5;
/** Labels in a table for people; of more the commonest are shown. */
const SHOWN_LABELS = 20;
/** Characters of a doubtful text that people see. */
const SHOWN_TEXT = 60;

/** The figures of rows with labels; `told` is given what the model makes of each, with the label that it has. */
export async function evaluateRows(
  model: Pick<TextClassifier, "labels" | "probabilities">,
  rows: readonly LabelledRow[],
  commonest: string,
  told?: ((prediction: Prediction) => Promise<void>) | undefined,
): Promise<Evaluation> {
  const { labels } = model;
  const unknown = new Map<string, number>();
  const [targets, found]: [number[], number[]] = [[], []];
  let doubtful: DoubtfulRow[] = [];
  const measured = await measureRows(model, rows, commonest, {
    async each(row, probabilities) {
      const { line, text, label: expected } = rows[row] as LabelledRow;
      const at = labels.indexOf(expected);
      const best = likeliest(probabilities);
      if (at < 0) unknown.set(expected, (unknown.get(expected) ?? 0) + 1);
      // All labels that are not known are one class, which is never told.
      targets.push(at < 0 ? labels.length : at);
      found.push(best);
      const own = { line, text, expected, likelihood: probabilities[at] ?? 0, label: labels[best] as string };
      doubtful.push(own);
      if (doubtful.length > 2 * DOUBTFUL) doubtful = leastLikely(doubtful);
      if (!told) return;
      const prediction = predictionOf(labels, probabilities);
      await told({
        text: `${prediction.text}\t${inLine(expected)}`,
        json: { line, ...prediction.json, expected },
      });
    },
  });
  const table = confusionTable(found, targets, labels.length + 1);
  const report = classReport(table);
  const doubted = leastLikely(doubtful);
  return {
    measures: { ...measured, f1: report.macro.f1 },
    details: {
      labels: Object.fromEntries(
        labels.map((label, at) => {
          const { targets: count, ...scores } = report.classes[at] as ClassReport["classes"][number];
          return [label, { rows: count, ...scores }];
        }),
      ),
      confusion: Object.fromEntries(labels.map((label, at) => [label, countsOf(labels, table[at] ?? [])])),
      unknownLabels: Object.fromEntries(unknown),
      doubtful: doubted,
    },
    lines: [
      ...labelLines(labels, report),
      ...confusionLines(labels, table, unknown.size > 0),
      ...doubtfulLines(doubted),
    ],
  };
}

/** Those whose own label is found least likely, the least first; among equals the earlier, as sorting keeps their order. */
function leastLikely(rows: readonly DoubtfulRow[]): DoubtfulRow[] {
  return [...rows].sort((a, b) => a.likelihood - b.likelihood).slice(0, DOUBTFUL);
}

const countsOf = (labels: readonly string[], counts: readonly number[]) =>
  Object.fromEntries(labels.map((label, at) => [label, counts[at] as number]));

/** The places of the commonest labels, in the order of their numbers. */
function shownOf(counts: readonly number[]): number[] {
  const places = counts.map((_, at) => at).sort((a, b) => (counts[b] as number) - (counts[a] as number));
  return places.slice(0, SHOWN_LABELS).sort((a, b) => a - b);
}

function labelLines(labels: readonly string[], { classes }: ClassReport): string[] {
  const shown = shownOf(classes.slice(0, labels.length).map(({ targets }) => targets));
  const rows = shown.map((at) => {
    const { targets, precision, recall, f1 } = classes[at] as ClassReport["classes"][number];
    const figures = [precision, recall, f1].map((figure) => figure.toFixed(3));
    return [inLine(labels[at] as string), targets.toLocaleString("en"), ...figures];
  });
  const more = labels.length - shown.length;
  return [
    "",
    ...alignedRows([["label", "rows", "precision", "recall", "F1"], ...rows]),
    ...(more > 0 ? [`and ${more} more, in --json`] : []),
  ];
}

/** What was told of the rows of each label; nothing where there are too many labels to read. */
function confusionLines(labels: readonly string[], table: ConfusionTable, hasUnknown: boolean): string[] {
  if (labels.length > SHOWN_LABELS) return [];
  const names = labels.map(inLine);
  const rows = [...names, ...(hasUnknown ? ["(not known)"] : [])].map((name, at) => [
    name,
    ...names.map((_, told) => String(table[at]?.[told])),
  ]);
  return ["", ...alignedRows([["label, told as", ...names], ...rows])];
}

function doubtfulLines(rows: readonly DoubtfulRow[]): string[] {
  const lines = rows.slice(0, SHOWN_ROWS).map(({ line, text, expected, likelihood, label }) => {
    const shown = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}...` : text;
    return `line ${line}: ${inLine(expected)} ${likelihood.toFixed(4)}, told as ${inLine(label)}: ${inLine(shown)}`;
  });
  return ["", "most doubtful rows, with how likely their label is found", ...lines];
}
