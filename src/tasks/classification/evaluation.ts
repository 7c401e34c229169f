/** How well labels are told, label by label: what was taken for what, and the rows that are doubted most. */

import {
  type ClassReport,
  type ConfusionTable,
  classReport,
  confusionTable,
  multiLabelReport,
} from "../../training/measures/index.ts";
import type { Evaluation, Prediction } from "../task.ts";
import { alignedRows, inLine } from "../text-table.ts";
import { type Labelling, measureScores, scoreRows, targetsOf, toldLabels } from "./measures.ts";
import { type ClassifierModel, probabilitiesOf } from "./model.ts";
import { classificationOf, predictionOf } from "./output.ts";
import type { LabelledRow } from "./split.ts";

/** A row whose own labels are found unlikely: it is told wrong, or labelled wrong. */
export interface DoubtfulRow {
  readonly line: number;
  readonly place: string;
  /** The start of its text, or how long it is. */
  readonly text: string;
  /** The label that it has, or the several. */
  readonly expected: string | readonly string[];
  /** How likely that is found: 0 for a label that is not known; of several labels the least likely answer of all. */
  readonly likelihood: number;
  /** What is told. */
  readonly label: string | readonly string[];
}

/** What is asked of a model here. */
type Evaluated = Pick<ClassifierModel, "labels" | "several" | "temperature" | "scores" | "input">;

/** Doubtful rows in JSON, and those of them that people see. */
const DOUBTFUL = 20;
const SHOWN_ROWS = 5;
/** Labels in a table for people; of more the commonest are shown. */
const SHOWN_LABELS = 20;
/** Characters of a doubtful text that are told, and that people see. */
const TOLD_TEXT = 1000;
const SHOWN_TEXT = 60;

/** The figures of rows with labels; `told` is given what the model makes of each, with the labels that it has. */
export async function evaluateRows(
  model: Evaluated,
  rows: readonly LabelledRow[],
  commonest: readonly string[],
  told?: ((prediction: Prediction) => Promise<void>) | undefined,
): Promise<Evaluation> {
  const { labels, several } = model;
  const scores = (await scoreRows(model, rows)) as Float64Array;
  const probabilities = probabilitiesOf(model, scores);
  const ofRow = (row: number) => probabilities.subarray(row * labels.length, (row + 1) * labels.length);
  for (const [row, { line, place, path, content, labels: own }] of told ? rows.entries() : []) {
    const expected = several ? own : (own[0] as string);
    const { text, json } = predictionOf(classificationOf(model, ofRow(row)));
    await told?.({
      text: [text, own.map(inLine).join(" "), ...(path === undefined ? [] : [inLine(path)])].join("\t"),
      json: {
        ...(line > 0 ? { line } : { place }),
        ...(path !== undefined && { path }),
        ...(typeof content === "string" && { text: content }),
        ...{ ...json, expected },
      },
    });
  }
  const report = several ? reportSeveral(model, rows, probabilities) : reportOne(model, rows, probabilities);
  const doubtful = doubtfulRows(model, rows, ofRow);
  return {
    measures: { ...measureScores(model, rows, scores, commonest), ...report.measures },
    details: {
      labels: Object.fromEntries(
        labels.map((label, at) => {
          const { targets: count, ...figures } = report.classes[at] as ClassReport["classes"][number];
          return [label, { rows: count, ...figures }];
        }),
      ),
      ...report.details,
      unknownLabels: unknownLabels(labels, rows),
      doubtful,
    },
    lines: [...labelLines(labels, report.classes), ...report.lines, ...doubtfulLines(doubtful)],
    warning: constantWarning(model, rows, ofRow),
  };
}

/** Of fewer rows it may be right to tell the same of all. */
const ENOUGH_ROWS = 20;

/** What is wrong with a model that tells the same of every row, though they have several labels. */
function constantWarning(
  model: Labelling,
  rows: readonly LabelledRow[],
  ofRow: (row: number) => Float64Array,
): string | undefined {
  const differ = new Set(rows.map(({ labels }) => [...labels].sort().join("\n"))).size > 1;
  const told = new Set(rows.map((_, row) => toldLabels(model, ofRow(row)).join(" ")));
  if (rows.length < ENOUGH_ROWS || !differ || told.size > 1) return undefined;
  const [same = ""] = told;
  return `every row is told as ${inLine(same) || "having no label"}: the model has learnt nothing of the labels (--epochs, --learning-rate, --class-weights balanced)`;
}

interface Report {
  readonly classes: ClassReport["classes"];
  readonly measures: Readonly<Record<string, number>>;
  readonly details: object;
  readonly lines: readonly string[];
}

function reportOne(model: Labelling, rows: readonly LabelledRow[], probabilities: Float64Array): Report {
  const { labels } = model;
  const size = labels.length;
  const targets = targetsOf(model, rows);
  const found = rows.map((_, row) => {
    const [told] = toldLabels(model, probabilities.subarray(row * size, (row + 1) * size));
    return labels.indexOf(told as string);
  });
  // All labels that are not known are one class, which is never told.
  const known = targets.map((target) => (target < 0 ? size : target));
  const table = confusionTable(found, known, size + 1);
  const { classes, macro } = classReport(table);
  return {
    classes,
    measures: { f1: macro.f1 },
    details: {
      confusion: Object.fromEntries(labels.map((label, at) => [label, countsOf(labels, table[at] ?? [])])),
    },
    lines: confusionLines(labels, table, targets.includes(-1)),
  };
}

function reportSeveral(model: Labelling, rows: readonly LabelledRow[], probabilities: Float64Array): Report {
  const told = Int32Array.from(probabilities, (p) => Number(p >= 0.5));
  const { labels, macro, micro } = multiLabelReport(told, targetsOf(model, rows), model.labels.length);
  return { classes: labels, measures: { f1: macro.f1, microF1: micro.f1 }, details: {}, lines: [] };
}

function unknownLabels(labels: readonly string[], rows: readonly LabelledRow[]): Record<string, number> {
  const known = new Set(labels);
  const counts = new Map<string, number>();
  for (const label of rows.flatMap((row) => row.labels)) {
    if (!known.has(label)) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** The rows whose own labels are found least likely, the least first; among equals the earlier. */
function doubtfulRows(
  model: Evaluated,
  rows: readonly LabelledRow[],
  ofRow: (row: number) => Float64Array,
): DoubtfulRow[] {
  const { labels, several, input } = model;
  const likelihoodOf = ({ labels: own }: LabelledRow, probabilities: Float64Array) => {
    if (!several) return probabilities[labels.indexOf(own[0] as string)] ?? 0;
    if (own.some((label) => !labels.includes(label))) return 0;
    return labels.reduce((least, label, at) => {
      const p = probabilities[at] as number;
      return Math.min(least, own.includes(label) ? p : 1 - p);
    }, 1);
  };
  const likelihoods = rows.map((row, at) => likelihoodOf(row, ofRow(at)));
  const order = rows
    .map((_, at) => at)
    .sort((a, b) => (likelihoods[a] as number) - (likelihoods[b] as number) || a - b);
  return order.slice(0, DOUBTFUL).map((at) => {
    const { line, place, content, labels: own } = rows[at] as LabelledRow;
    const told = toldLabels(model, ofRow(at));
    return {
      line,
      place,
      text: input.print(content, TOLD_TEXT),
      expected: several ? own : (own[0] as string),
      likelihood: likelihoods[at] as number,
      label: several ? told : (told[0] as string),
    };
  });
}

const countsOf = (labels: readonly string[], counts: readonly number[]) =>
  Object.fromEntries(labels.map((label, at) => [label, counts[at] as number]));

/** The places of the commonest labels, in the order of their numbers. */
function shownOf(counts: readonly number[]): number[] {
  const places = counts.map((_, at) => at).sort((a, b) => (counts[b] as number) - (counts[a] as number));
  return places.slice(0, SHOWN_LABELS).sort((a, b) => a - b);
}

function labelLines(labels: readonly string[], classes: ClassReport["classes"]): string[] {
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
  const names = (given: string | readonly string[]) => [given].flat().map(inLine).join(" ") || "no label";
  const lines = rows.slice(0, SHOWN_ROWS).map(({ place, text, expected, likelihood, label }) => {
    const shown = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}...` : text;
    return `${inLine(place)}: ${names(expected)} ${likelihood.toFixed(4)}, told as ${names(label)}: ${inLine(shown)}`;
  });
  return ["", "most doubtful rows, with how likely their label is found", ...lines];
}
