/** The options of a language model and of its training: names, defaults, ranges, and what contradicts what. */

import { type OptionNames, printGiven } from "../../checks.ts";
import { checkHeldOut } from "../../data/split.ts";
import { TOKEN_KINDS, type TokenKind } from "../../data/vocabulary.ts";
import { UsageError } from "../../errors.ts";
import { type CellName, cells } from "../../nn/cells/index.ts";
import { type Scheme, schemes } from "../../nn/initializers.ts";
import type { OptimizerName, OptimizerSettings } from "../../training/optimizer.ts";
import { createOptimizer, DEFAULT_LEARNING_RATES } from "../../training/optimizers.ts";
import { completeSchedule, createSchedule, type ScheduleDescription } from "../../training/schedules.ts";

/** The form of a model: with the weights and the vocabulary, all of it. */
export interface Architecture {
  /** Default "lstm". */
  readonly cell: CellName;
  /** E, the size of a token's vector; default 64. */
  readonly embedding: number;
  /** H; default 256. */
  readonly hidden: number;
  /** 1 to 100; default 1. */
  readonly layers: number;
  /** Probability, in training, of dropping an element of the embedding, of the outputs between layers and of the last; default 0. */
  readonly dropout: number;
}

/** How a model is trained, as it stands in files: every default filled in, 0 for what is off. */
export interface TrainingSettings {
  /** How weights start; default "default", as PyTorch's do. */
  readonly initialize: Scheme;
  /** B; default 32, less for a text that is too short for it. */
  readonly batch: number;
  /** T; default 64. */
  readonly window: number;
  /** Default 6, more for a short text. */
  readonly epochs: number;
  /** Default "adam". */
  readonly optimizer: OptimizerName;
  /** The optimiser's own, such as momentum or weightDecay; see training/optimizers.ts. */
  readonly optimizerSettings: OptimizerSettings;
  /** Default 0.002 for Adam and AdamW, else PyTorch's (1 for SGD). */
  readonly learningRate: number;
  /** Default constant. */
  readonly schedule: ScheduleDescription;
  /** The largest global norm of the gradients; default 1, 0 for no clipping. */
  readonly clip: number;
  /** The largest absolute value of an element of the gradients; default 0, no clipping. */
  readonly clipValue: number;
  /** What is held out of the text, its end: a fraction below 1, or how many characters; default 0.1. */
  readonly validation: number;
  /** Stop after so many validations without improvement; default 0, never. */
  readonly patience: number;
  /** 0 to 2^53 - 1; default 1. */
  readonly seed: number;
}

export interface LanguageModelOptions extends Partial<Architecture>, Partial<TrainingSettings> {
  /** Default "characters". */
  readonly tokens?: TokenKind | undefined;
  /** Words only: the most tokens of the vocabulary; default 10,000. */
  readonly vocabulary?: number | undefined;
}

export const architectureNames: OptionNames<Architecture> = {
  cell: true,
  embedding: true,
  hidden: true,
  layers: true,
  dropout: true,
};

export const languageModelNames: OptionNames<LanguageModelOptions> = {
  ...architectureNames,
  tokens: true,
  vocabulary: true,
  initialize: true,
  batch: true,
  window: true,
  epochs: true,
  optimizer: true,
  optimizerSettings: true,
  learningRate: true,
  schedule: true,
  clip: true,
  clipValue: true,
  validation: true,
  patience: true,
  seed: true,
};

export const DEFAULT_WORDS = 10_000;
/** More would only be a slip: each layer has a program of its own to compile. */
export const MOST_LAYERS = 100;
const DEFAULT_BATCH = 32;
const DEFAULT_EPOCHS = 6;
/** A short text has fewer rows, for so many updates in an epoch, and is read more often, for so many altogether. */
const UPDATES_IN_EPOCH = 8;
const ENOUGH_UPDATES = 1000;
const MOST_DEFAULT_EPOCHS = 100;

const learningRates: Readonly<Record<string, number>> = {
  ...DEFAULT_LEARNING_RATES,
  sgd: 1,
  adam: 0.002,
  adamw: 0.002,
};

/** The architecture of options. Throws UsageError for sizes out of range and an unknown cell. */
export function completeArchitecture(options: Partial<Architecture>): Architecture {
  const { cell = "lstm", embedding = 64, hidden = 256, layers = 1, dropout = 0 } = options;
  requireOneOf("cell", cell, Object.keys(cells));
  requireCounts({ embedding, hidden, layers });
  if (layers > MOST_LAYERS) {
    throw new UsageError(`layers ${printGiven(layers)}: expected a whole number from 1 to ${MOST_LAYERS}`);
  }
  requireFraction("dropout", dropout);
  return { cell, embedding, hidden, layers, dropout };
}

/** What the settings of a training follow from where they are not given. */
export interface TextSize {
  /** Tokens to train on. */
  readonly tokens: number;
}

/** The settings of options. Throws UsageError for what is unknown, out of range or contradicts itself. */
export function completeSettings(options: Partial<TrainingSettings>, { tokens }: TextSize): TrainingSettings {
  const { initialize = "default", window = 64, optimizer = "adam" } = options;
  const { clip = 1, clipValue = 0, validation = 0.1, patience = 0, seed = 1 } = options;
  requireOneOf("initialize", initialize, schemes);
  requireCounts({ window, batch: options.batch ?? 1, epochs: options.epochs ?? 1 });
  const suitedBatch = Math.floor((tokens - 1) / (window * UPDATES_IN_EPOCH));
  const batch = options.batch ?? Math.max(1, Math.min(DEFAULT_BATCH, suitedBatch));
  const updates = Math.max(1, Math.ceil(Math.floor((tokens - 1) / batch) / window));
  const suitedEpochs = Math.min(MOST_DEFAULT_EPOCHS, Math.ceil(ENOUGH_UPDATES / updates));
  const epochs = options.epochs ?? Math.max(DEFAULT_EPOCHS, suitedEpochs);
  const { settings: optimizerSettings } = createOptimizer(optimizer, options.optimizerSettings);
  const learningRate = options.learningRate ?? (learningRates[optimizer] as number);
  const schedule = completeSchedule(options.schedule ?? { kind: "constant" });
  createSchedule(schedule, { learningRate, steps: epochs * updates });
  for (const [name, value] of Object.entries({ clip, "clip-value": clipValue })) {
    if (!(Number.isFinite(value) && value >= 0)) {
      throw new UsageError(`${name} ${printGiven(value)}: expected a number from 0, which is no clipping`);
    }
  }
  checkHeldOut(validation);
  if (!Number.isInteger(patience) || patience < 0) {
    throw new UsageError(
      `patience ${printGiven(patience)}: expected a whole number from 0, which never stops early`,
    );
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(`seed ${printGiven(seed)}: expected a whole number from 0 to 2^53 - 1`);
  }
  if (validation === 0 && (patience > 0 || schedule.kind === "plateau")) {
    const option = patience > 0 ? "patience" : "schedule plateau";
    throw new UsageError(`${option} needs a validation loss, but validation is 0`);
  }
  return {
    ...{ initialize, batch, window, epochs, optimizer, optimizerSettings, learningRate },
    ...{ schedule, clip, clipValue, validation, patience, seed },
  };
}

/** Throws UsageError for a kind of tokens or a vocabulary size that does not exist or fit. */
export function checkTokens({ tokens = "characters", vocabulary }: LanguageModelOptions): void {
  requireOneOf("tokens", tokens, TOKEN_KINDS);
  if (vocabulary !== undefined && tokens !== "words") {
    throw new UsageError(`a vocabulary size applies to words, not to ${tokens}`);
  }
}

function requireOneOf(name: string, value: unknown, known: readonly string[]): void {
  if (typeof value === "string" && known.includes(value)) return;
  throw new UsageError(`${name} ${printGiven(value)} is unknown: expected ${known.join(", ")}`);
}

function requireCounts(counts: Record<string, number>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new UsageError(`${name} ${printGiven(value)}: expected a whole number from 1`);
    }
  }
}

function requireFraction(name: string, value: number): void {
  if (!(Number.isFinite(value) && value >= 0 && value < 1)) {
    throw new UsageError(`${name} ${printGiven(value)}: expected a number from 0 to below 1`);
  }
}
