/**
 * What the file of a task's model says beside the weights: which task it is, the form of the network, what was prepared
 * from the training part of the data, and how the model came about. Checkpoints say the same.
 */

import { FormatError } from "../errors.ts";
import { isObject, parseJson } from "../formats/json.ts";
import { metadataJson, requireFormat } from "../formats/metadata.ts";
import { type Metadata, MODEL_FORMAT } from "../formats/model.ts";
import { readSafetensors, type SafetensorsFile } from "../formats/safetensors.ts";
import { upgraded } from "./old-files.ts";

/** Plain JSON objects. */
export interface TaskDescription {
  /** The name of the task. */
  readonly task: string;
  /** The options that give the network its form. */
  readonly model: object;
  /** Vocabularies, scales, labels: what is learnt from the training part alone. */
  readonly prepared: object;
  /** How the model came about; undefined for one that was never trained. */
  readonly training?: object | undefined;
}

/** A file of a task's model, or of its training, as it was read. */
export interface TaskFile {
  readonly task: string;
  readonly tensors: SafetensorsFile;
  /** The file's name, for messages. */
  readonly where: string;
  json(part: "model" | "prepared" | "training"): Record<string, unknown>;
  /** Undefined where the file does not say it. */
  optional(part: "training"): Record<string, unknown> | undefined;
}

/** A description as the metadata of a file. */
export function describeTask({ task, model, prepared, training }: TaskDescription): Metadata {
  return {
    task,
    model: JSON.stringify(model),
    prepared: JSON.stringify(prepared),
    ...(training !== undefined && { training: JSON.stringify(training) }),
  };
}

/** The file of a task's model. Throws FormatError for any other file; files from before there were tasks are language models. */
export function readTaskModel(bytes: Uint8Array, where: string): TaskFile {
  const read = upgraded(readSafetensors(bytes, where));
  requireFormat(read, { ...MODEL_FORMAT, where });
  return taskFile(read, where);
}

/** What a file, of a model or of a checkpoint, says of its task. Throws FormatError where it says none. */
export function taskFile(read: SafetensorsFile, where: string): TaskFile {
  const tensors = upgraded(read);
  const { task } = tensors.metadata;
  if (task === undefined) {
    throw new FormatError(
      `${where}: the metadata names no task: weights alone, to be read by readModel into the model that they are of`,
    );
  }
  return {
    task,
    tensors,
    where,
    json: (part) => metadataJson(tensors, part, where),
    optional(part) {
      const text = tensors.metadata[part];
      if (text === undefined) return undefined;
      const value = parseJson(text, `${where}: ${part}`);
      if (isObject(value)) return value;
      throw new FormatError(`${where}: ${part}: expected an object`);
    },
  };
}

/** Throws FormatError unless a file is of this task. */
export function requireTask({ task, where }: TaskFile, expected: string): void {
  if (task === expected) return;
  throw new FormatError(
    `${where}: a model of the task ${JSON.stringify(task)}, one of ${JSON.stringify(expected)} expected`,
  );
}
