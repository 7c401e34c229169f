/**
 * A language model as one safetensors file: the weights in PyTorch's names, and as metadata the architecture, the
 * vocabulary and what the model was trained on. The same metadata stands in checkpoints.
 */

import type { BackendChoice } from "../../backends/choice.ts";
import { checkOptions } from "../../checks.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import { restoreWeights, writeModel } from "../../formats/model.ts";
import type { Cell } from "../../nn/cell.ts";
import { optionsOfJson } from "../../options/table.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import { trainingOfJson } from "../../training/options.ts";
import { describeTask, readTaskModel, requireTask, type TaskFile } from "../file.ts";
import { identityOfJson } from "../identity.ts";
import { requireNumbers } from "../record.ts";
import { type Evaluation, LanguageModel } from "./model.ts";
import {
  type Architecture,
  completeArchitecture,
  completeSettings,
  type TrainingSettings,
} from "./options.ts";
import type { TextIdentity } from "./text.ts";

export const LANGUAGE_MODEL = "language-model";

/** How a model came about. */
export interface TrainingRecord {
  readonly text: TextIdentity;
  readonly settings: TrainingSettings;
  /** Updates, whole epochs and tokens so far. */
  readonly step: number;
  readonly epoch: number;
  readonly tokens: number;
  /** On the held-out part of the text; null where there is none. */
  readonly validation: Omit<Evaluation, "perplexity"> | null;
}

/** The bytes of a model file. Throws TrainingError when a weight is not finite. */
export function writeLanguageModel(model: LanguageModel, training?: TrainingRecord): Uint8Array {
  return writeModel(model.network, describeModel(model, training));
}

/** What stands for names that are not Rondo's. */
export interface OwnParts {
  /** The cell of a model whose cell is one of your own. */
  readonly cell?: Cell<string, string> | undefined;
  /** The optimiser of a training whose optimiser is one of your own. */
  readonly optimizer?: Optimizer | undefined;
}

export interface ReadOptions extends OwnParts {
  readonly backend?: BackendChoice | undefined;
}

/** A model, and how it came about where its file says so. Throws FormatError for a file that is not exactly right. */
export function readLanguageModel(
  bytes: Uint8Array,
  where = "model",
  options: ReadOptions = {},
): { model: LanguageModel; training: TrainingRecord | undefined } {
  checkOptions("readLanguageModel", options, { backend: true, cell: true, optimizer: true });
  return openLanguageModel(readTaskModel(bytes, where), options);
}

/** As `readLanguageModel`, of a file that was read. */
export function openLanguageModel(
  file: TaskFile,
  options: ReadOptions = {},
): { model: LanguageModel; training: TrainingRecord | undefined } {
  requireTask(file, LANGUAGE_MODEL);
  const model = modelOf(file, options);
  restoreWeights(file.tensors, model.network, file.where);
  return { model, training: file.optional("training") && readRecord(file, options) };
}

/** A model's metadata. */
export function describeModel({ architecture, vocabulary }: LanguageModel, training?: object) {
  return describeTask({ task: LANGUAGE_MODEL, model: architecture, prepared: { vocabulary }, training });
}

/** A model without values from the metadata of a file. */
export function modelOf(file: TaskFile, { cell, backend }: ReadOptions): LanguageModel {
  const { where } = file;
  const { vocabulary: tokens, ...others } = file.json("prepared");
  const stray = Object.keys(others)[0];
  if (stray !== undefined) throw new FormatError(`${where}: prepared: ${stray} is unknown`);
  const vocabulary = Vocabulary.fromJSON(tokens, where);
  const architecture = optionsOfJson<Architecture>(`${where}: model`, file.json("model"), (given) =>
    completeArchitecture(given, cell),
  );
  return new LanguageModel(vocabulary, { ...architecture, cell: cell ?? architecture.cell }, { backend });
}

/** The settings of a training as JSON, checked. */
export function settingsOfJson(given: unknown, where: string, { optimizer }: OwnParts): TrainingSettings {
  return trainingOfJson<TrainingSettings>(`${where}: settings`, given, (settings) => {
    const own = settings.optimizer === optimizer?.name ? { optimizer } : {};
    return completeSettings({ ...settings, ...own }, { tokens: 1 });
  });
}

function readRecord(file: TaskFile, own: OwnParts): TrainingRecord {
  const { where } = file;
  const { text, settings, validation, ...counts } = file.json("training");
  const { step, epoch, tokens } = counts;
  requireNumbers(where, {
    ...{ step, epoch, tokens },
    ...(isObject(validation) && validationNumbers(validation)),
  });
  if (validation !== null && !isObject(validation)) {
    throw new FormatError(`${where}: training: validation ${JSON.stringify(validation)}, expected an object`);
  }
  return {
    text: identityOfText(text, where),
    settings: settingsOfJson(settings, `${where}: training`, own),
    ...(counts as { step: number; epoch: number; tokens: number }),
    validation: validation as TrainingRecord["validation"],
  };
}

const validationNumbers = ({ nats, bitsPerCharacter, tokens }: Record<string, unknown>) => ({
  nats,
  bitsPerCharacter,
  "validation tokens": tokens,
});

/** Which text a training used. Throws FormatError for what does not say so. */
export function identityOfText(given: unknown, where: string): TextIdentity {
  return identityOfJson(given, where, {
    part: "text",
    counts: "characters",
    holds: ({ heldOut }) => ["string", "undefined"].includes(typeof heldOut),
  });
}
