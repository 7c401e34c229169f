/** The options of a translator and of its training: one table. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { type CellName, cells } from "../../nn/cells/index.ts";
import { choice, real, text, whole } from "../../options/kinds.ts";
import { cellOption, dropoutOption, initializeOption, networkOptions } from "../../options/network.ts";
import {
  type CompletedOptions,
  completeOptions,
  type OptionsOf,
  option,
  pickOptions,
  spelt,
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
import { SCHEDULED_SAMPLINGS } from "./scheduled-sampling.ts";
import { SIDE_TOKENS, type SideTokens, SPECIAL_TOKENS } from "./side.ts";

export const TRANSLATE = "translate";

/** Where pairs in one file have what. */
export const readingOptions = {
  sourceColumn: option(text(), {
    default: "source",
    argument: "column",
    help: "tables and JSON Lines: the column or key of the texts to translate",
  }),
  targetColumn: option(text(), {
    default: "target",
    argument: "column",
    help: "tables and JSON Lines: the column or key of their translations",
  }),
  delimiter: option(text(), {
    argument: "character",
    help: "tables: what stands between columns",
    usually: "found in the header",
  }),
};

/** How pairs in one file are read. */
export type Reading = Readonly<CompletedOptions<typeof readingOptions>>;

const asTokens = { argument: "kind", usually: "as --tokens" };

const vocabularyOptions = {
  tokens: option(choice(SIDE_TOKENS), {
    default: "words",
    argument: "kind",
    help: "what a token of either side is",
  }),
  sourceTokens: option(choice(SIDE_TOKENS), { ...asTokens, help: "what a token of the sources is" }),
  targetTokens: option(choice(SIDE_TOKENS), { ...asTokens, help: "what a token of the targets is" }),
  vocabulary: option(whole({ from: SPECIAL_TOKENS.length + 1 }), {
    argument: "tokens",
    help: "how many tokens to know of a side, the commonest",
    usually: "words and characters: 30000, subwords: 4000",
  }),
  leastCount: option(whole({ from: 1 }), {
    argument: "times",
    help: "how often a token has to occur to be known",
    usually: "words: 2, characters: 1, pairs of subwords: 2",
  }),
  sharedVocabulary: option(choice(["yes", "no"]), {
    default: "no",
    argument: "choice",
    help: "whether both sides have one vocabulary, as related languages, or summaries, may",
  }),
};

const BOTH_WAYS = "bidirectional-";

/** The cell of an encoder, and whether it reads backwards too. */
export type EncoderName = CellName | `${typeof BOTH_WAYS}${CellName}`;

const cellNames = Object.keys(cells) as CellName[];

/** What the name of an encoder says. */
export function encoderOf(name: EncoderName): { readonly cell: CellName; readonly bidirectional: boolean } {
  const bidirectional = name.startsWith(BOTH_WAYS);
  return { cell: (bidirectional ? name.slice(BOTH_WAYS.length) : name) as CellName, bidirectional };
}

export const ATTENTIONS = ["none", "dot", "general", "additive", "location", "multi-head"] as const;

const formOptions = {
  encoder: option(choice(cellNames.flatMap((name): EncoderName[] => [name, `${BOTH_WAYS}${name}`])), {
    default: "bidirectional-gru",
    argument: "name",
    help: "the recurrent cell that reads the source, forwards or both ways",
  }),
  decoder: cellOption("gru", "the recurrent cell that writes the target"),
  attention: option(choice(ATTENTIONS), {
    default: "additive",
    argument: "kind",
    help: "how each step of the source is weighed for the next token of the target",
  }),
  attend: option(choice(["before", "after"]), {
    default: "before",
    argument: "when",
    help: "attention: before a step of the decoder, by its last state (Bahdanau et al. 2015), or after it, by the new one, and fed into the next (Luong et al. 2015)",
  }),
  heads: option(whole({ from: 1 }), {
    default: 4,
    argument: "count",
    help: "attention multi-head: how many",
  }),
  local: option(choice(["none", "monotonic", "predictive"]), {
    default: "none",
    argument: "kind",
    help: "attention: only to a window of the source, that goes on step by step or whose place is predicted (Luong et al. 2015)",
  }),
  reach: option(whole({ from: 1 }), {
    default: 10,
    argument: "steps",
    help: "local attention: steps of the source on either side of the window's middle",
  }),
  coverage: option(real({ from: 0, remark: ", which is none" }), {
    default: 0,
    argument: "weight",
    help: "attention: of the loss for attending again to what was attended to (See et al. 2017)",
  }),
  context: option(choice(["start", "every-step"]), {
    default: "start",
    argument: "when",
    help: "attention none: whether the decoder is given the encoder's last state as its first (Sutskever et al. 2014), or at every step too (Cho et al. 2014)",
  }),
  embedding: option(whole({ from: 1 }), {
    default: 256,
    argument: "size",
    help: "numbers in a token's vector",
  }),
  hidden: option(whole({ from: 1 }), {
    default: 256,
    argument: "units",
    help: "units of each recurrent layer and direction",
  }),
  layers: networkOptions.layers,
  dropout: dropoutOption(0.3),
  longest: option(whole({ from: 1 }), {
    default: 100,
    argument: "tokens",
    help: "training: pairs with more tokens on a side are left out; a longer text to translate is cut",
  }),
};

const learningOptions = {
  ...vocabularyOptions,
  initialize: initializeOption,
  ...trainingOptions,
  batch: option(whole({ from: 1 }), {
    argument: "pairs",
    help: "pairs of an update, side by side",
    usually: "64, less for little data",
  }),
  learningRate: learningRateOption("0.001 for adam"),
  schedule: scheduleOptions("cosine"),
  validation: option(real({ from: 0, below: 1 }), {
    default: 0.1,
    argument: "fraction",
    help: "of the pairs to hold out, where there are no files of them; equal sources stand on one side",
  }),
  labelSmoothing: option(real({ from: 0, below: 1 }), {
    default: 0.1,
    argument: "fraction",
    help: "of a target's probability that all tokens share",
  }),
  scheduledSampling: option(choice(SCHEDULED_SAMPLINGS), {
    default: "none",
    argument: "schedule",
    help: "how the decoder comes to read what it wrote itself, in place of the true token, now and then (Bengio et al. 2015)",
  }),
  samplingEnd: option(real({ above: 0, below: 1 }), {
    default: 0.75,
    argument: "probability",
    help: "scheduled sampling: with which the last updates still read the true token",
  }),
};

/** What a training is told, but for how a file is read. */
export const ownOptions = { ...formOptions, ...learningOptions };

export const translationOptions = { ...readingOptions, ...ownOptions };

/** The form of a network, every default filled in. */
export type Form = Readonly<CompletedOptions<typeof formOptions>>;

type Learning = Pick<
  CompletedOptions<typeof learningOptions>,
  | "vocabulary"
  | "leastCount"
  | "sharedVocabulary"
  | "initialize"
  | "validation"
  | "labelSmoothing"
  | "scheduledSampling"
  | "samplingEnd"
>;

/** How it is trained, every default filled in. */
export interface TranslationSettings extends SharedSettings, Readonly<Learning> {
  readonly sourceTokens: SideTokens;
  readonly targetTokens: SideTokens;
}

export interface TranslationOptions
  extends Omit<OptionsOf<typeof ownOptions>, keyof GivenTraining>,
    Omit<GivenTraining, "optimizer"> {
  /** The name of an optimiser. */
  readonly optimizer?: OptimizerName | undefined;
}

/** The form of options. Throws UsageError for what is out of range, and for attention whose sizes do not fit. */
export function completeForm(given: object): Form {
  const form = completeOptions(TRANSLATE, formOptions, pickOptions(given, formOptions));
  const { attention, encoder, hidden, heads } = form;
  if (attention === "dot" && encoderOf(encoder).bidirectional) {
    throw new UsageError(
      `attention dot: the encoder ${encoder} gives ${2 * hidden} numbers a step, the decoder has ${hidden}: an encoder that reads forwards expected, or attention general`,
    );
  }
  if (attention === "multi-head" && hidden % heads !== 0) {
    throw new UsageError(`heads ${heads}: hidden is ${hidden}, a multiple of the heads expected`);
  }
  return form;
}

/**
 * The settings of options, for so many pairs to train on; `held`: whether others are held out that are not a fraction of these. Throws
 * UsageError for what is out of range or contradicts itself.
 */
export function completeSettings(given: object, pairs: number, held = false): TranslationSettings {
  const { optimizer, optimizerSettings, schedule, ...others } = pickOptions(
    given,
    learningOptions,
  ) as TranslationOptions;
  requireNamedOptimizer({ optimizer });
  const completed = completeOptions(TRANSLATE, learningOptions, others);
  const { tokens, sourceTokens = tokens, targetTokens = tokens } = completed;
  const { vocabulary, leastCount, sharedVocabulary } = completed;
  const { initialize, validation, labelSmoothing, scheduledSampling, samplingEnd } = completed;
  const shared = settle(
    completed,
    { optimizer, optimizerSettings, schedule },
    {
      batch: Math.max(1, Math.min(64, Math.floor(pairs / 8))),
      updates: (batch) => Math.ceil(pairs / batch),
      learningRates: { adam: 0.001, adamw: 0.001 },
      schedule: "cosine",
    },
  );
  checkValidates(shared, held ? 1 : validation);
  if (sharedVocabulary === "yes" && sourceTokens !== targetTokens) {
    throw new UsageError(
      `shared vocabulary yes: the tokens are ${sourceTokens} and ${targetTokens}, the same of both sides expected`,
    );
  }
  return {
    ...{ sourceTokens, targetTokens, vocabulary, leastCount, sharedVocabulary },
    ...{ initialize, validation, labelSmoothing, scheduledSampling, samplingEnd },
    ...shared,
  };
}

/**
 * Throws UsageError for options that are wrong whatever the data are, such as one that another one makes nothing of, and gives how a file
 * of pairs is read.
 */
export function checkTranslationOptions(given: object, held: boolean): Reading {
  const { attention, local } = completeForm(given);
  const { scheduledSampling } = completeSettings(given, 1, held);
  const rules: Readonly<Record<string, readonly [boolean, string]>> = {
    attend: [attention !== "none", "attention is none"],
    local: [attention !== "none" && attention !== "multi-head", `attention is ${attention}`],
    coverage: [attention !== "none", "attention is none"],
    heads: [attention === "multi-head", `attention is ${attention}, multi-head expected`],
    reach: [local !== "none", "local is none"],
    context: [attention === "none", `attention is ${attention}, none expected`],
    samplingEnd: [scheduledSampling !== "none", "scheduled sampling is none"],
  };
  for (const [name, [counts, reason]] of Object.entries(rules)) {
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || counts) continue;
    throw new UsageError(`${spelt(name)} ${printGiven(value)} has no meaning: ${reason}`);
  }
  if (held && (given as TranslationOptions).validation !== undefined) {
    throw new UsageError("validation and pairs to validate on given: one of both expected");
  }
  return completeReading(given);
}

/** How a file of pairs is read. Throws UsageError for what is out of range. */
export function completeReading(given: object): Reading {
  return completeOptions(TRANSLATE, readingOptions, pickOptions(given, readingOptions));
}
