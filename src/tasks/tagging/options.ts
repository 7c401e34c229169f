/** The options of a tagger and of its training: one table. */

import { TAGGED_FORMS } from "../../data/tagged/reading.ts";
import { TAG_REPAIRS, type TagRepair } from "../../data/tagged/schemes.ts";
import { TAG_SCHEMES, type TagScheme } from "../../data/tagged/spans.ts";
import { choice, real, text, whole } from "../../options/kinds.ts";
import { cellOption, dropoutOption, initializeOption, networkOptions } from "../../options/network.ts";
import {
  type CompletedOptions,
  completeOptions,
  type OptionsOf,
  option,
  pickOptions,
} from "../../options/table.ts";
import type { OptimizerName } from "../../training/optimizer.ts";
import {
  checkValidates,
  type GivenTraining,
  learningRateOption,
  requireNamedOptimizer,
  type SharedSettings,
  scheduleOptions,
  settle,
  trainingOptions,
} from "../../training/options.ts";

const form = option(choice(TAGGED_FORMS), {
  argument: "form",
  help: "how a file is written: CoNLL-U, columns, JSON Lines, or a sentence a line",
  usually: "found in its name or its first lines",
});
const column = {
  argument: "column",
  help: "column of the tags, by number from 1 or by name (UPOS, XPOS, DEPREL)",
};
const scheme = { argument: "scheme", help: "how tags tell spans" };

const repairOption = option(choice(TAG_REPAIRS), {
  default: "start",
  argument: "rule",
  help: "tags that break their scheme: start a span there, drop it, or an error",
});

/** How sentences with tags are read. */
export const readingOptions = {
  form,
  column: option(text(), { ...column, usually: "UPOS, or the last one" }),
  scheme: option(choice(TAG_SCHEMES), { ...scheme, usually: "found in the file" }),
  repair: repairOption,
};

/** How a file is read that a model is measured on. */
export const evaluationOptions = {
  form,
  column: option(text(), { ...column, usually: "as in training" }),
  scheme: option(choice(TAG_SCHEMES), { ...scheme, usually: "as in training, where the file fits" }),
};

/** How a file is read whose tags do not count. */
export const predictionOptions = { form };

const formOptions = {
  cell: cellOption("lstm"),
  embedding: option(whole({ from: 1 }), {
    argument: "size",
    help: "numbers in a word's vector",
    usually: "100, or as many as --vectors have",
  }),
  characters: option(whole({ from: 0, remark: ", which reads words as wholes alone" }), {
    default: 50,
    argument: "units",
    help: "units of the layer that reads the characters of each word, in each direction",
  }),
  hidden: option(whole({ from: 1 }), {
    default: 128,
    argument: "units",
    help: "units of each recurrent layer and direction",
  }),
  layers: networkOptions.layers,
  dropout: dropoutOption(0.5),
  crf: option(choice(["yes", "no"]), {
    argument: "choice",
    help: "whether tags are told as a chain, by which of them follow each other (a conditional random field), or one by one",
    usually: "yes for tags of spans, no for others",
  }),
  longest: option(whole({ from: 1 }), {
    default: 250,
    argument: "words",
    help: "a longer sentence is read in parts, cut where no span is",
  }),
};

const learningOptions = {
  initialize: initializeOption,
  ...trainingOptions,
  learningRate: learningRateOption("0.003 for adam"),
  schedule: scheduleOptions("cosine"),
  validation: option(real({ from: 0, below: 1 }), {
    default: 0.1,
    argument: "fraction",
    help: "of the sentences to hold out, where there is no file of them",
  }),
  vocabulary: option(whole({ from: 1 }), {
    default: 50_000,
    argument: "words",
    help: "how many words to know, the commonest",
  }),
  unknown: option(real({ from: 0 }), {
    default: 1,
    argument: "weight",
    help: "a training word that occurs n times is read as unknown with the probability weight / (weight + n)",
  }),
};

/** What a training is told, but for how a file is read. */
export const ownOptions = { ...formOptions, ...learningOptions };

export const taggingOptions = { ...readingOptions, ...ownOptions };

/** The form of a network, every default filled in. */
export interface Form extends Readonly<CompletedOptions<typeof formOptions>> {
  readonly embedding: number;
  readonly crf: "yes" | "no";
}

/** How it is trained, every default filled in. */
export interface TaggerSettings extends SharedSettings {
  readonly initialize: CompletedOptions<typeof learningOptions>["initialize"];
  readonly validation: number;
  readonly vocabulary: number;
  readonly unknown: number;
}

export interface TaggerOptions
  extends Omit<OptionsOf<typeof ownOptions>, keyof GivenTraining>,
    Omit<GivenTraining, "optimizer"> {
  /** The name of an optimiser. */
  readonly optimizer?: OptimizerName | undefined;
  /** How tags tell spans. Default: as found. */
  readonly scheme?: TagScheme | undefined;
  /** What becomes of tags that break their scheme. Default "start". */
  readonly repair?: TagRepair | undefined;
}

/** The form of options; tags of spans are told as a chain, and vectors have their own size. Throws UsageError for what is out of range. */
export function completeForm(
  given: object,
  suited: { readonly spans: boolean; readonly embedding?: number | undefined } = { spans: false },
): Form {
  const completed = completeOptions("tag", formOptions, pickOptions(given, formOptions));
  const { cell, characters, hidden, layers, dropout, longest } = completed;
  const { embedding = suited.embedding ?? 100, crf = suited.spans ? "yes" : "no" } = completed;
  // In one order, wherever the options come from: files of the same model are the same.
  return { cell, embedding, characters, hidden, layers, dropout, crf, longest };
}

/**
 * The settings of options, for so many sentences to train on; `held`: whether others are held out that are not a fraction of these.
 * Throws UsageError for what is out of range or contradicts itself.
 */
export function completeSettings(given: object, sentences: number, held = false): TaggerSettings {
  const { optimizer, optimizerSettings, schedule, ...others } = pickOptions(
    given,
    learningOptions,
  ) as TaggerOptions;
  requireNamedOptimizer({ optimizer });
  const completed = completeOptions("tag", learningOptions, others);
  const { initialize, validation, vocabulary, unknown } = completed;
  const shared = settle(
    completed,
    { optimizer, optimizerSettings, schedule },
    {
      batch: Math.max(1, Math.min(32, Math.floor(sentences / 8))),
      updates: (batch) => Math.ceil(sentences / batch),
      learningRates: { adam: 0.003, adamw: 0.003 },
      schedule: "cosine",
    },
  );
  checkValidates(shared, held ? 1 : validation);
  return { initialize, validation, vocabulary, unknown, ...shared };
}
