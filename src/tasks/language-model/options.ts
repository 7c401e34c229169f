/** The options of a language model and of its training: one table, and what contradicts what. */

import type { OptionNames } from "../../checks.ts";
import { checkHeldOut } from "../../data/split.ts";
import type { TokenKind } from "../../data/vocabulary.ts";
import { requireApplicable } from "../../data/vocabulary-tokens.ts";
import type { Cell } from "../../nn/cell.ts";
import type { CellName } from "../../nn/cells/index.ts";
import { real, whole } from "../../options/kinds.ts";
import {
  cellOf,
  embeddingOption,
  initializeOption,
  namedCell,
  networkOptions,
  tokenOptions,
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
  type SharedSettings,
  settle,
  trainingOptions,
} from "../../training/options.ts";

const architectureOptions = {
  cell: networkOptions.cell,
  embedding: embeddingOption,
  hidden: networkOptions.hidden,
  layers: networkOptions.layers,
  dropout: networkOptions.dropout,
};

const settingsOptions = {
  initialize: initializeOption,
  window: option(whole({ from: 1 }), { default: 64, argument: "steps", help: "steps of an update" }),
  ...trainingOptions,
  validation: option(real({ from: 0 }), {
    default: 0.1,
    argument: "fraction",
    help: "of the text, its end, to hold out; or so many characters",
  }),
};

export const languageModelOptions = { ...tokenOptions, ...architectureOptions, ...settingsOptions };

/** The form of a model: with the weights and the vocabulary, all of it. */
export interface Architecture extends Omit<Readonly<CompletedOptions<typeof architectureOptions>>, "cell"> {
  /** The name of one of Rondo's cells, or of one of one's own; default "lstm". */
  readonly cell: string;
}

/** How a model is trained, as it stands in files: every default filled in, 0 for what is off. */
export interface TrainingSettings extends SharedSettings {
  readonly initialize: CompletedOptions<typeof settingsOptions>["initialize"];
  readonly window: number;
  readonly validation: number;
}

/** Every option with its default; see docs/options.md. */
export interface LanguageModelOptions
  extends Omit<OptionsOf<typeof languageModelOptions>, keyof GivenTraining | "cell">,
    GivenTraining {
  /** The name of a cell, or a cell of your own, which whoever reads the model's file has to give too. Default "lstm". */
  readonly cell?: CellName | Cell<string, string> | (string & {}) | undefined;
}

export const languageModelNames: OptionNames<LanguageModelOptions> = Object.fromEntries(
  Object.keys(languageModelOptions).map((name) => [name, true]),
) as OptionNames<LanguageModelOptions>;

export const architectureNames: OptionNames<Partial<Architecture>> = {
  cell: true,
  embedding: true,
  hidden: true,
  layers: true,
  dropout: true,
};

/** How many tokens there are at most where nobody says it. */
export const DEFAULT_VOCABULARY: Readonly<Partial<Record<TokenKind, number>>> = {
  words: 10_000,
  subwords: 4000,
};
const DEFAULT_BATCH = 32;
/** A short text has fewer rows, for so many updates in an epoch. */
const UPDATES_IN_EPOCH = 8;
const learningRates = { sgd: 1, adam: 0.002, adamw: 0.002 };

/** The architecture of options. Throws UsageError for sizes out of range and an unknown cell. */
export function completeArchitecture(
  { cell = "lstm", ...options }: Partial<Architecture>,
  own?: Cell<string, string> | undefined,
): Architecture {
  const { name } = namedCell(cellOf(cell, own));
  const { cell: _, ...sizes } = completeOptions(
    "language model",
    architectureOptions,
    pickOptions(options, architectureNames),
  );
  return { cell: name, ...sizes };
}

/** What the settings of a training follow from where they are not given. */
export interface TextSize {
  /** Tokens to train on. */
  readonly tokens: number;
}

/** The settings of options. Throws UsageError for what is unknown, out of range or contradicts itself. */
export function completeSettings(
  options: Omit<LanguageModelOptions, "cell">,
  { tokens }: TextSize,
): TrainingSettings {
  const { optimizer, optimizerSettings, schedule, ...others } = pickOptions(options, settingsOptions);
  const completed = completeOptions("language model", settingsOptions, others);
  const { initialize, window, validation } = completed;
  const suitedBatch = Math.floor((tokens - 1) / (window * UPDATES_IN_EPOCH));
  const shared = settle(
    completed,
    { optimizer, optimizerSettings, schedule },
    {
      batch: Math.max(1, Math.min(DEFAULT_BATCH, suitedBatch)),
      updates: (batch) => Math.ceil(Math.floor((tokens - 1) / batch) / window),
      learningRates,
    },
  );
  checkHeldOut(validation);
  checkValidates(shared, validation);
  return { initialize, window, validation, ...shared };
}

/** Throws UsageError for a kind of tokens or a vocabulary size that does not exist or fit. */
export function checkTokens(options: Pick<LanguageModelOptions, "tokens" | "vocabulary">): void {
  const { tokens, vocabulary } = completeOptions(
    "language model",
    tokenOptions,
    pickOptions(options, tokenOptions),
  );
  requireApplicable(tokens, { size: vocabulary });
}
