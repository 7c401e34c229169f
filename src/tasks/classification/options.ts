/** The options of a classifier and of its training: one table. */

import { SCALER_KINDS } from "../../data/scaler.ts";
import { choice, filledText, names, real, text, whole, yes } from "../../options/kinds.ts";
import {
  cellOption,
  dropoutOption,
  embeddingOption,
  initializeOption,
  networkOptions,
} from "../../options/network.ts";
import {
  type CompletedOptions,
  completeOptions,
  type OptionsOf,
  option,
  pickOptions,
} from "../../options/table.ts";
import {
  type GivenTraining,
  learningRateOption,
  type SharedSettings,
  settle,
  trainingOptions,
} from "../../training/options.ts";

export const CLASSIFICATION = "classify";

const column = { argument: "column" };

/** Where rows have what. */
const columnOptions = {
  text: option(text(), { ...column, help: "the column or key of the text", default: "text" }),
  label: option(text(), { ...column, help: "the column or key of the label", default: "label" }),
  columns: option(names(), {
    argument: "columns",
    help: "columns or keys of numbers: rows are steps of series, in place of texts",
    usually: "none",
  }),
  series: option(text(), {
    ...column,
    help: "columns: the column that says which series a row is of",
    usually: "JSON Lines: each line is a series",
  }),
  audio: option(text(), {
    ...column,
    help: "the column or key of recordings, in place of texts: paths of WAV files",
    usually: "none",
  }),
  group: option(text(), {
    ...column,
    help: "the column or key of what rows come from, such as a speaker: each stands on one side of the split",
    usually: "none",
  }),
};

const tableOptions = {
  labelSeparator: option(filledText(), {
    argument: "text",
    help: "what stands between several labels of a row",
    usually: "a row has one label, or a list in JSON",
  }),
  only: option(names(), {
    argument: "labels",
    help: "the labels to tell: every other one counts as unknown",
    usually: "all",
  }),
  delimiter: option(text(), {
    argument: "character",
    help: "tables: what stands between columns",
    usually: "found in the header",
  }),
  decimal: option(choice(["point", "comma"]), {
    default: "point",
    argument: "sign",
    help: "columns: what stands before the decimals of a number",
  }),
};

const textOptions = {
  tokens: option(choice(["words", "characters", "bytes"]), {
    default: "words",
    argument: "kind",
    help: "texts: what a token is",
  }),
  vocabulary: option(whole({ from: 3 }), {
    default: 20_000,
    argument: "tokens",
    help: "words: how many tokens to know",
  }),
};

const numberOptions = {
  scale: option(choice(SCALER_KINDS), {
    default: "standard",
    argument: "kind",
    help: "columns and recordings: how each number of a step is scaled, from the rows to train on",
  }),
};

const soundOptions = {
  sampleRate: option(whole({ from: 1 }), {
    argument: "rate",
    help: "recordings: samples a second that all are brought to",
    usually: "that of the first one",
  }),
  features: option(choice(["log-mel", "mfcc"]), {
    default: "log-mel",
    argument: "kind",
    help: "recordings: what a network hears",
  }),
  mels: option(whole({ from: 1 }), { default: 40, argument: "count", help: "recordings: filters" }),
  coefficients: option(whole({ from: 1 }), {
    default: 13,
    argument: "count",
    help: "mfcc: numbers of a step",
  }),
  frame: option(real({ above: 0 }), {
    default: 0.025,
    argument: "seconds",
    help: "recordings: the length of a frame",
  }),
  hop: option(real({ above: 0 }), {
    default: 0.01,
    argument: "seconds",
    help: "recordings: from a frame to the next",
  }),
};

const readingTable = { ...columnOptions, ...tableOptions, ...textOptions, ...numberOptions, ...soundOptions };

/** How rows are read. */
export type ReadingOptions = Readonly<CompletedOptions<typeof readingTable>>;

/** The options of each kind of input alone. */
export const optionsOfInputs = {
  text: { text: true, tokens: true, vocabulary: true, unknown: true },
  series: { columns: true, series: true, decimal: true },
  sound: { audio: true, ...soundOptions },
} as const;

/** Those of some options that say how rows are read. */
export function readingOptionsOf(options: ReadingOptions): ReadingOptions {
  return pickOptions(options, readingTable);
}

const asBefore = { argument: "column", usually: "as in training" };

/** What a trained classifier is told of rows, where that is not as it was in training. */
export const keyOptions = {
  text: option(text(), { ...asBefore, help: "the column or key of the text" }),
  label: option(text(), { ...asBefore, help: "the column or key of the label" }),
  series: option(text(), { ...asBefore, help: "columns: the column that says which series a row is of" }),
  audio: option(text(), { ...asBefore, help: "the column or key of recordings" }),
};

export const READS = ["last", "mean", "max", "attention"] as const;

const formOptions = {
  cell: cellOption("gru"),
  embedding: embeddingOption,
  hidden: option(whole({ from: 1 }), {
    default: 64,
    argument: "units",
    help: "units of each recurrent layer and direction",
  }),
  layers: networkOptions.layers,
  dropout: dropoutOption(0.3),
  read: option(choice(READS), {
    default: "mean",
    argument: "what",
    help: "of the outputs over time: the last of each direction, their mean or largest, or a mean by attention",
  }),
  longest: option(whole({ from: 0, remark: ", which reads all of them" }), {
    default: 2000,
    argument: "steps",
    help: "steps to read of a row; the end of what is longer is cut off",
  }),
};

const learningOptions = {
  initialize: initializeOption,
  ...trainingOptions,
  learningRate: learningRateOption("0.003 for adam"),
  validation: option(real({ from: 0, below: 1 }), {
    default: 0.1,
    argument: "fraction",
    help: "of each label's rows to hold out; equal rows stand on one side",
  }),
  several: option(yes(), { help: "a row can have several labels, or none, even if each has one" }),
  classWeights: option(text(), {
    default: "none",
    argument: "weights",
    help: "what a row of each label weighs in the loss: none, balanced, or such as spam=5,ham=1",
  }),
  unknown: option(real({ from: 0 }), {
    default: 0.5,
    argument: "weight",
    help: "words: one that occurs n times in training is read as unknown with the probability weight / (weight + n)",
  }),
  batches: option(choice(["shuffled", "balanced"]), {
    default: "shuffled",
    argument: "order",
    help: "whether an epoch has each row once, or each label equally often",
  }),
};

export const classificationOptions = { ...readingTable, ...formOptions, ...learningOptions };

/** The form of the network. */
export type Form = Readonly<CompletedOptions<typeof formOptions>>;

type Learning = Pick<
  CompletedOptions<typeof learningOptions>,
  "initialize" | "validation" | "several" | "classWeights" | "unknown" | "batches"
>;

/** How it is trained, and what is read, every default filled in. */
export interface ClassifierSettings extends SharedSettings, ReadingOptions, Learning {}

export type ClassifierOptions = Omit<OptionsOf<typeof classificationOptions>, keyof GivenTraining> &
  GivenTraining;

/** Form and settings of options, for so many rows to train on. Throws UsageError for what is out of range or contradicts itself. */
export function completeClassification(
  options: ClassifierOptions,
  rows: number,
): { form: Form; settings: ClassifierSettings } {
  const { optimizer, optimizerSettings, schedule, ...others } = options;
  const completed = completeOptions(CLASSIFICATION, classificationOptions, others);
  const shared = settle(
    completed,
    { optimizer, optimizerSettings, schedule },
    {
      batch: Math.max(1, Math.min(32, Math.floor(rows / 8))),
      updates: (batch) => Math.ceil(rows / batch),
      learningRates: { adam: 0.003, adamw: 0.003 },
    },
  );
  const { initialize, validation, several, classWeights, unknown, batches } = completed;
  return {
    form: completeForm(completed),
    settings: {
      ...pickOptions(completed, readingTable),
      ...{ initialize, validation, several, classWeights, unknown, batches },
      ...shared,
    },
  };
}

/** The form of a network. Throws UsageError for sizes out of range and an unknown cell. */
export function completeForm(given: Partial<Form>): Form {
  return completeOptions(CLASSIFICATION, formOptions, pickOptions(given, formOptions));
}
