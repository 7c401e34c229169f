/**
 * Checkpoints: everything that a training needs to go on as if it had not been interrupted. Weights, the optimiser's
 * state, the recurrent state, and as metadata the progress and what the task wants to remember.
 */

import type { Value } from "../backends/backend.ts";
import { FormatError, TrainingError, UsageError } from "../errors.ts";
import { isObject, parseJson } from "../formats/json.ts";
import {
  checkTensors,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  writeSafetensors,
} from "../formats/safetensors.ts";
import type { Variable } from "../trace/variable.ts";
import type { OptimizerState } from "./optimizer.ts";
import { progressFromJson, type TrainingProgress } from "./progress.ts";

/** What goes on from step to step, beside the progress. */
export interface TrainingState {
  /** The weights by name. */
  readonly parameters: Readonly<Record<string, Variable>>;
  readonly optimizer: OptimizerState;
  /** The recurrent state that the next window starts from. */
  readonly recurrent: Readonly<Record<string, Value>>;
}

const FORMAT = "rondo checkpoint";
const VERSION = "1";

/** Every tensor of a training by its name in a checkpoint, with its shape. */
function variablesOf({ parameters, optimizer }: TrainingState): [string, Variable][] {
  const trained = Object.entries(parameters).filter(([, { trainable }]) => trainable);
  return [
    ...Object.entries(parameters).map(([name, variable]): [string, Variable] => [
      `weights.${name}`,
      variable,
    ]),
    ...trained.flatMap(([name], index) =>
      Object.entries(optimizer.slots[index] ?? {}).map(([slot, variable]): [string, Variable] => [
        `optimizer.${name}.${slot}`,
        variable,
      ]),
    ),
  ];
}

/**
 * The bytes of a checkpoint. `metadata` is the task's own.
 * Throws TrainingError when a number is not finite: such a training cannot go on, and an older checkpoint is worth more.
 */
export function writeCheckpoint(
  state: TrainingState,
  progress: TrainingProgress,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, { dimensions, value }] of variablesOf(state)) {
    if (tensors.has(name))
      throw new UsageError(`checkpoint: two tensors are called ${name}, different names expected`);
    tensors.set(name, { shape: [...dimensions], data: value });
  }
  for (const [name, { shape, data }] of Object.entries(state.recurrent)) {
    tensors.set(`state.${name}`, { shape: [...shape], data: Float32Array.from(data) });
  }
  for (const [name, { data }] of tensors) {
    if (!(data as Float32Array).every(Number.isFinite)) {
      throw new TrainingError(
        `${name} is no longer finite at step ${progress.step}: training diverged; try a lower learning rate or stronger clipping (--learning-rate, --clip)`,
      );
    }
  }
  const own = { format: FORMAT, version: VERSION, progress: JSON.stringify(progress) };
  return writeSafetensors({ tensors, metadata: { ...own, ...metadata } });
}

export interface Checkpoint {
  readonly file: SafetensorsFile;
  readonly progress: TrainingProgress;
  /** The file's name, for messages. */
  readonly where: string;
}

/** A checkpoint as it lies in a file. Throws FormatError for bytes that are no checkpoint, or a damaged one. */
export function readCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  const file = readSafetensors(bytes, where);
  requireFormat(file, { format: FORMAT, version: VERSION, where });
  return { file, where, progress: progressFromJson(metadataJson(file, "progress", where), where) };
}

/**
 * Gives a training the weights and optimiser state of a checkpoint; returns the recurrent state.
 * Throws FormatError, before anything is changed, unless the file holds exactly the tensors of such a training, with
 * its shapes and finite.
 */
export function restoreCheckpoint(
  { file, progress, where }: Checkpoint,
  state: Omit<TrainingState, "recurrent">,
  recurrentShapes: Readonly<Record<string, readonly number[]>>,
): Record<string, Value> {
  const variables = variablesOf({ ...state, recurrent: {} });
  const expected = [
    ...variables.map(([name, { dimensions }]) => ({ name, shape: dimensions })),
    ...Object.entries(recurrentShapes).map(([name, shape]) => ({ name: `state.${name}`, shape })),
  ].map((tensor) => ({ ...tensor, dtype: "F32" as const }));
  checkTensors(file, expected, where);
  const data = (name: string) => file.tensors.get(name)?.data as Float32Array;
  for (const [name, variable] of variables) variable.value = data(name);
  state.optimizer.step = progress.step;
  return Object.fromEntries(
    Object.entries(recurrentShapes).map(([name, shape]) => [name, { data: data(`state.${name}`), shape }]),
  );
}

/** Throws FormatError unless the metadata says that a file has this format and version. */
export function requireFormat(
  { metadata }: SafetensorsFile,
  { format, version, where }: { format: string; version: string; where: string },
): void {
  if (metadata.format !== format) {
    const found =
      metadata.format === undefined ? "no format" : `the format ${JSON.stringify(metadata.format)}`;
    throw new FormatError(`${where}: the metadata names ${found}, expected ${JSON.stringify(format)}`);
  }
  if (metadata.version !== version) {
    throw new FormatError(
      `${where}: ${format} of version ${JSON.stringify(metadata.version)}, expected version ${version}`,
    );
  }
}

/** An entry of the metadata that holds a JSON object. Throws FormatError where it does not. */
export function metadataJson(
  { metadata }: SafetensorsFile,
  key: string,
  where: string,
): Record<string, unknown> {
  const text = metadata[key];
  if (text === undefined) throw new FormatError(`${where}: the metadata has no ${key}`);
  const value = parseJson(text, `${where}: ${key}`);
  if (!isObject(value)) throw new FormatError(`${where}: ${key}: expected an object`);
  return value;
}
