/**
 * A model as one safetensors file: its weights by name, and strings that say what the model is. Knows nothing of what a
 * model is for: a task puts that into the metadata.
 */

import { printGiven } from "../checks.ts";
import { FormatError, TrainingError, UsageError } from "../errors.ts";
import { parameters } from "../nn/model.ts";
import { dtypeOf } from "../numbers.ts";
import type { Variable } from "../trace/variable.ts";
import { requireFormat } from "./metadata.ts";
import {
  checkTensors,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  type TensorData,
  writeSafetensors,
} from "./safetensors.ts";

/** What a file says beside its tensors. */
export type Metadata = Readonly<Record<string, string>>;

/** How the files of models are called. */
export const MODEL_FORMAT = { format: "rondo model", version: "1" } as const;

/**
 * The bytes of a file with all weights of a model under their names, such as "rnn.weight_hh_l0", those that are not trained
 * included; `metadata` is yours, but for the names `format` and `version`.
 *
 *     fs.writeFileSync("model.safetensors", writeModel(model, { classes: JSON.stringify(labels) }));
 *
 * Throws TrainingError where a weight is not finite, UsageError where one has no value yet, and for metadata that are no
 * strings or have a name that is taken.
 */
export function writeModel(model: object, metadata: Metadata = {}): Uint8Array {
  checkMetadata("writeModel", metadata);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, variable] of Object.entries(parameters(model))) {
    tensors.set(name, storedVariable(name, variable, `such a model predicts nothing`));
  }
  return writeSafetensors({ tensors, metadata: { ...MODEL_FORMAT, ...metadata } });
}

/**
 * Gives a model the weights of a file, and returns the file's metadata. The model has the same form as the one that was
 * written: every weight is in the file, with its shape, and nothing else is. Files of other libraries will do where names
 * and shapes are the same.
 *
 *     const metadata = readModel(fs.readFileSync("model.safetensors"), model, "model.safetensors");
 *
 * Throws FormatError, before the model is changed, for a file that is damaged, is none of a model, or does not fit; `where`
 * is the file's name, for messages.
 */
export function readModel(bytes: Uint8Array, model: object, where = "model"): Metadata {
  const file = readSafetensors(bytes, where);
  if (file.metadata.format?.startsWith("rondo")) requireFormat(file, { ...MODEL_FORMAT, where });
  restoreWeights(file, model, where);
  return file.metadata;
}

/** Gives a model the weights of a file that was read. Throws FormatError, before anything is changed, for one that does not fit. */
export function restoreWeights(file: SafetensorsFile, model: object, where: string): void {
  const variables = Object.entries(parameters(model));
  checkTensors(
    file,
    variables.map(([name, variable]) => expectedVariable(name, variable)),
    where,
  );
  for (const [name, variable] of variables) variable.value = readNumbers(file, name);
}

/** A variable as a file holds it. Throws TrainingError, which says why that matters, where a number is not finite. */
function storedVariable(name: string, variable: Variable, why: string): StoredTensor {
  const data = variable.value as TensorData & ArrayLike<number>;
  for (let at = 0; at < data.length; at++) {
    if (!Number.isFinite(data[at])) throw new TrainingError(`${name} is not finite: ${why}`);
  }
  return { shape: [...variable.dimensions], data };
}

/** What a file must hold for a variable. */
export function expectedVariable(name: string, { dimensions, dtype }: Variable) {
  return { name, shape: dimensions, dtype: dtype === "int32" ? ("I32" as const) : ("F32" as const) };
}

/** A tensor's numbers, of a file that was checked. */
export function readNumbers(file: SafetensorsFile, name: string): Float32Array | Int32Array {
  const data = file.tensors.get(name)?.data;
  if (data && dtypeOf(data) !== undefined) return data as Float32Array | Int32Array;
  throw new FormatError(`${name}: no numbers of float32 or int32`);
}

/** Throws UsageError for metadata that a file cannot hold beside its own. */
export function checkMetadata(where: string, metadata: Metadata, taken = ["format", "version"]): void {
  if (typeof metadata !== "object" || metadata === null) {
    throw new UsageError(`${where}: metadata ${printGiven(metadata)} given, an object of strings expected`);
  }
  for (const [name, text] of Object.entries(metadata)) {
    if (typeof text !== "string") {
      throw new UsageError(
        `${where}: metadata ${name}: ${printGiven(text)} given, a string such as JSON.stringify(...) expected`,
      );
    }
    if (taken.includes(name)) {
      throw new UsageError(`${where}: the metadata ${name} is the file's own, another name expected`);
    }
  }
}
