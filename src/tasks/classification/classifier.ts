/** A trained classifier as programs use it. */

import { printGiven } from "../../checks.ts";
import { DataError } from "../../errors.ts";
import { writeModel } from "../../formats/model.ts";
import { requireOne } from "./data.ts";
import { type DoubtfulRow, evaluateRows } from "./evaluation.ts";
import { explain, type LabelExplanation } from "./explanation.ts";
import { type ClassifierRecord, describeClassifier, readingOf } from "./file.ts";
import { type ClassifierRow, contentOfRow, labelledRows } from "./given-rows.ts";
import type { Content } from "./inputs/input.ts";
import { recognizerOf } from "./listening.ts";
import type { ClassifierModel } from "./model.ts";
import type { Form } from "./options.ts";
import { type Classification, classificationOf } from "./output.ts";
import type { Recognizer, RecognizerOptions } from "./recognizer.ts";

/** How well a classifier does on rows with labels. */
export interface ClassifierEvaluation {
  /** `loss`, `accuracy`, `baseline` (always telling the commonest label), `f1` and others by their names. */
  readonly measures: Readonly<Record<string, number>>;
  /** Precision, recall and F1 of each label, with the number of rows that have it. */
  readonly labels: Readonly<Record<string, LabelFigures>>;
  /** What was told of the rows of each label, where a row has one. */
  readonly confusion?: Readonly<Record<string, Readonly<Record<string, number>>>> | undefined;
  /** Labels that the classifier does not know, with the number of rows that have them. */
  readonly unknownLabels: Readonly<Record<string, number>>;
  /** The 20 rows whose own label is found least likely; `line` is the row's number, from 1. */
  readonly doubtful: readonly DoubtfulRow[];
  /** What is wrong with a classifier that does so, where something is. */
  readonly warning?: string | undefined;
}

export interface LabelFigures {
  readonly rows: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** A trained classifier: `trainClassifier` makes one, `readClassifier` reads one. */
export interface Classifier {
  /** The labels that it tells, in order. */
  readonly labels: readonly string[];
  /** Whether a row can have several labels, or none. */
  readonly several: boolean;
  /** What it is made of. */
  readonly form: Form;
  /**
   * What is told of one thing, or of several in their order: of texts, or rows that have one; of series, or rows that have their columns; of
   * recordings. Throws DataError for anything else, which names its place.
   */
  predict<Given extends ClassifierRow | readonly ClassifierRow[]>(
    given: Given,
  ): Given extends readonly ClassifierRow[] ? readonly Classification[] : Classification;
  /** The same of what comes one after the other: each is told before the next one is asked for. */
  stream(
    given: AsyncIterable<ClassifierRow> | Iterable<ClassifierRow>,
  ): AsyncGenerator<Classification, void, undefined>;
  /** What of a thing decided: how much each of its steps speaks for a label, by default for the one that is told. */
  explain(given: ClassifierRow, label?: string): LabelExplanation;
  /** How well it does on rows with labels, as they were trained on. */
  evaluate(rows: readonly ClassifierRow[]): Promise<ClassifierEvaluation>;
  /**
   * Of recordings: what is told of sound that goes on, such as commands, of so many samples a second; a look is as long as the median of the
   * recordings that were trained on. Throws UsageError for a classifier of anything else, and for options that do not fit.
   */
  listen(rate: number, options?: RecognizerOptions): Recognizer;
  /** The classifier as the bytes of a file, which `readClassifier` and the command open. */
  toBytes(): Uint8Array;
}

export function classifierOf(model: ClassifierModel, record: ClassifierRecord): Classifier {
  const reading = readingOf(model, record);
  const tell = (contents: readonly Content[]) => {
    const size = model.labels.length;
    const probabilities = model.probabilities(contents);
    return contents.map((_, row) =>
      classificationOf(model, probabilities.subarray(row * size, (row + 1) * size)),
    );
  };
  // Of a series of one column a list is a row itself.
  const isOne = (given: unknown) =>
    !Array.isArray(given) || (reading.input === "series" && typeof given[0] === "number");
  return {
    labels: model.labels,
    several: model.several,
    form: model.form,
    predict: ((given: ClassifierRow | readonly ClassifierRow[]) => {
      if (isOne(given)) return tell([contentOfRow(given as ClassifierRow, "predict", reading)])[0];
      return tell(
        (given as readonly ClassifierRow[]).map((one, at) =>
          contentOfRow(one, `predict: row ${at + 1}`, reading),
        ),
      );
    }) as Classifier["predict"],
    async *stream(given) {
      if (typeof given !== "object" || given === null) {
        throw new DataError(`stream: ${printGiven(given)} given, rows one after the other expected`);
      }
      let number = 0;
      for await (const one of given) {
        number += 1;
        yield tell([contentOfRow(one, `stream: row ${number}`, reading)])[0] as Classification;
      }
    },
    explain: (given, label) => explain(model, contentOfRow(given, "explain", reading), label),
    async evaluate(rows) {
      const read = labelledRows("evaluate", rows, reading);
      if (!model.several) requireOne("evaluate", read);
      const { measures, details, warning } = await evaluateRows(model, read, record.commonest);
      return { measures, ...(details as Omit<ClassifierEvaluation, "measures">), warning };
    },
    listen: (rate, options) => recognizerOf(model, rate, options),
    toBytes: () => writeModel(model.network, describeClassifier(model, record)),
  };
}
