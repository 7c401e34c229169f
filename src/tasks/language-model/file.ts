/**
 * A language model as one safetensors file: the weights in PyTorch's names, and as metadata the architecture, the
 * vocabulary and what the model was trained on. The same metadata stands in checkpoints.
 */

import type { Backend } from "../../backends/backend.ts";
import { checkOptions } from "../../checks.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import { FormatError, TrainingError, UsageError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";
import {
  checkTensors,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  writeSafetensors,
} from "../../formats/safetensors.ts";
import { metadataJson, requireFormat } from "../../training/checkpoint.ts";
import { type Evaluation, LanguageModel } from "./model.ts";
import {
  type Architecture,
  completeArchitecture,
  completeSettings,
  type TrainingSettings,
} from "./options.ts";
import type { TextIdentity } from "./text.ts";

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

const FORMAT = "rondo language model";
const VERSION = "1";

/** The bytes of a model file. Throws TrainingError when a weight is not finite. */
export function writeLanguageModel(model: LanguageModel, training?: TrainingRecord): Uint8Array {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dimensions, value }] of Object.entries(model.parameters)) {
    if (!(value as Float32Array).every(Number.isFinite)) {
      throw new TrainingError(`${name} is not finite: such a model predicts nothing`);
    }
    tensors.set(name, { shape: [...dimensions], data: value });
  }
  const metadata = { format: FORMAT, version: VERSION, ...describeModel(model) };
  if (training) Object.assign(metadata, { training: JSON.stringify(training) });
  return writeSafetensors({ tensors, metadata });
}

export interface ReadOptions {
  readonly backend?: Backend | undefined;
}

/** A model, and how it came about where its file says so. Throws FormatError for a file that is not exactly right. */
export function readLanguageModel(
  bytes: Uint8Array,
  where: string,
  options: ReadOptions = {},
): { model: LanguageModel; training: TrainingRecord | undefined } {
  checkOptions("readLanguageModel", options, { backend: true });
  const { backend } = options;
  const file = readSafetensors(bytes, where);
  requireFormat(file, { format: FORMAT, version: VERSION, where });
  const model = modelOfMetadata(file, where, { backend });
  const parameters = Object.entries(model.parameters);
  const expected = parameters.map(([name, { dimensions }]) => ({
    name,
    shape: dimensions,
    dtype: "F32" as const,
  }));
  checkTensors(file, expected, where);
  for (const [name, variable] of parameters) variable.value = file.tensors.get(name)?.data as Float32Array;
  return { model, training: file.metadata.training === undefined ? undefined : readRecord(file, where) };
}

/** A model's metadata. */
export function describeModel({ architecture, vocabulary }: LanguageModel): Record<string, string> {
  return { architecture: JSON.stringify(architecture), vocabulary: JSON.stringify(vocabulary) };
}

/** A model without values from the metadata of a file. */
export function modelOfMetadata(
  file: SafetensorsFile,
  where: string,
  options: { backend?: Backend | undefined },
): LanguageModel {
  const vocabulary = Vocabulary.fromJSON(metadataJson(file, "vocabulary", where), where);
  const given = metadataJson(file, "architecture", where);
  const architecture = asFormat(`${where}: architecture`, () =>
    completeArchitecture(given as Partial<Architecture>),
  );
  requireSame(`${where}: architecture`, given, architecture);
  return new LanguageModel(vocabulary, architecture, options);
}

/** The settings of a training as JSON, checked. */
export function settingsOfJson(given: unknown, where: string): TrainingSettings {
  const options = given as TrainingSettings;
  const settings = asFormat(`${where}: settings`, () => completeSettings(options, { tokens: 1 }));
  requireSame(`${where}: settings`, given, settings);
  return settings;
}

function readRecord(file: SafetensorsFile, where: string): TrainingRecord {
  const { text, settings, validation, ...counts } = metadataJson(file, "training", where);
  const { step, epoch, tokens } = counts;
  const numbers = { step, epoch, tokens, ...(isObject(validation) && validationNumbers(validation)) };
  for (const [name, value] of Object.entries(numbers)) {
    if (typeof value !== "number") {
      throw new FormatError(`${where}: training: ${name} ${JSON.stringify(value)}, expected a number`);
    }
  }
  if (validation !== null && !isObject(validation)) {
    throw new FormatError(`${where}: training: validation ${JSON.stringify(validation)}, expected an object`);
  }
  return {
    text: checkIdentity(text, where),
    settings: settingsOfJson(settings, `${where}: training`),
    ...(counts as { step: number; epoch: number; tokens: number }),
    validation: validation as TrainingRecord["validation"],
  };
}

const validationNumbers = ({ nats, bitsPerCharacter, tokens }: Record<string, unknown>) => ({
  nats,
  bitsPerCharacter,
  "validation tokens": tokens,
});

/** Throws FormatError unless `given` says which text a training used. */
export function checkIdentity(given: unknown, where: string): TextIdentity {
  const { name, characters, fingerprint, heldOut } = (given ?? {}) as Partial<TextIdentity>;
  const fits =
    typeof name === "string" &&
    ["string", "undefined"].includes(typeof heldOut) &&
    Number.isSafeInteger(characters) &&
    /^[0-9a-f]{16}$/.test(String(fingerprint));
  if (!fits)
    throw new FormatError(
      `${where}: training: text ${JSON.stringify(given)}, expected a name and a fingerprint`,
    );
  return given as TextIdentity;
}

/** Files name every setting with its value, so that no default of today decides what a file of yesterday means. */
function requireSame(where: string, given: unknown, complete: object): void {
  const names = Object.keys((given ?? {}) as object);
  const missing = Object.keys(complete).find((name) => !names.includes(name));
  if (missing !== undefined) throw new FormatError(`${where}: ${missing} is missing`);
  const unknown = names.find((name) => !(name in complete));
  if (unknown !== undefined) throw new FormatError(`${where}: ${unknown} is unknown`);
  for (const [name, value] of Object.entries(complete)) {
    const found = (given as Record<string, unknown>)[name];
    if (isSame(found, value)) continue;
    const wanted = `expected such as ${JSON.stringify(value)}`;
    throw new FormatError(`${where}: ${name} ${JSON.stringify(found)}, ${wanted}`);
  }
}

/** Whether two JSON values are equal; the order of keys is none of their meaning. */
function isSame(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
}

function asFormat<Result>(where: string, make: () => Result): Result {
  try {
    return make();
  } catch (error) {
    if (error instanceof UsageError || error instanceof TypeError) {
      throw new FormatError(`${where}: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
