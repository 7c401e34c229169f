/** The options of a classifier of texts and of its training: one table. */

import { choice, real, text, whole } from "../../options/kinds.ts";
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
  checkValidates,
  type GivenTraining,
  learningRateOption,
  type SharedSettings,
  settle,
  trainingOptions,
} from "../../training/options.ts";

const textKey = { argument: "key", help: "JSON Lines: the key of the text" };
const labelKey = { argument: "key", help: "JSON Lines: the key of the label" };

/** What a trained classifier is told of rows. */
export const keyOptions = {
  text: option(text(), { ...textKey, usually: "as in training" }),
  label: option(text(), { ...labelKey, usually: "as in training" }),
};

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
};

const learningOptions = {
  initialize: initializeOption,
  ...trainingOptions,
  learningRate: learningRateOption("0.003 for adam"),
  validation: option(real({ from: 0, below: 1 }), {
    default: 0.1,
    argument: "fraction",
    help: "of each label's rows to hold out",
  }),
};

export const classificationOptions = {
  text: option(text(), { ...textKey, default: "text" }),
  label: option(text(), { ...labelKey, default: "label" }),
  tokens: option(choice(["words", "bytes"]), { default: "words", argument: "kind", help: "what a token is" }),
  vocabulary: option(whole({ from: 3 }), {
    default: 20_000,
    argument: "tokens",
    help: "words: how many tokens to know",
  }),
  ...formOptions,
  ...learningOptions,
};

/** The form of the network. */
export type Form = Readonly<CompletedOptions<typeof formOptions>>;

/** How it is trained, and what is read, every default filled in. */
export interface ClassifierSettings extends SharedSettings {
  readonly text: string;
  readonly label: string;
  readonly tokens: "words" | "bytes";
  readonly vocabulary: number;
  readonly initialize: CompletedOptions<typeof learningOptions>["initialize"];
  readonly validation: number;
}

export type ClassificationOptions = Omit<OptionsOf<typeof classificationOptions>, keyof GivenTraining> &
  GivenTraining;

/** Form and settings of options, for so many rows to train on. Throws UsageError for what is out of range or contradicts itself. */
export function completeClassification(
  options: ClassificationOptions,
  rows: number,
): { form: Form; settings: ClassifierSettings } {
  const { optimizer, optimizerSettings, schedule, ...others } = options;
  const completed = completeOptions("classify", classificationOptions, others);
  const shared = settle(
    completed,
    { optimizer, optimizerSettings, schedule },
    {
      batch: Math.max(1, Math.min(32, Math.floor(rows / 8))),
      updates: (batch) => Math.ceil(rows / batch),
      learningRates: { adam: 0.003, adamw: 0.003 },
    },
  );
  const { text, label, tokens, vocabulary, initialize, validation } = completed;
  checkValidates(shared, validation);
  return {
    form: completeForm(completed),
    settings: { text, label, tokens, vocabulary, initialize, validation, ...shared },
  };
}

/** The form of a network. Throws UsageError for sizes out of range and an unknown cell. */
export function completeForm(given: Partial<Form>): Form {
  return completeOptions("classify", formOptions, pickOptions(given, formOptions));
}
