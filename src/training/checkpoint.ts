/**
 * Checkpoints: everything that a training needs to go on as if it had not been interrupted. Weights, the optimiser's
 * state, what is carried on from batch to batch, and as metadata the progress and what the caller wants to remember.
 */

import type { Value } from "../backends/backend.ts";
import { printGiven, tagOf } from "../checks.ts";
import { TrainingError, UsageError } from "../errors.ts";
import { metadataJson, requireFormat } from "../formats/metadata.ts";
import { checkMetadata, expectedVariable, type Metadata, readNumbers } from "../formats/model.ts";
import {
  checkTensors,
  readSafetensors,
  type SafetensorsFile,
  type StoredTensor,
  type TensorData,
  writeSafetensors,
} from "../formats/safetensors.ts";
import { parameters } from "../nn/model.ts";
import { dtypeOf } from "../numbers.ts";
import { isValue } from "../program/values.ts";
import { mapTree, namedLeaves } from "../trace/tree.ts";
import type { Variable } from "../trace/variable.ts";
import { divergedAdvice } from "./diverged.ts";
import type { OptimizerState } from "./optimizer.ts";
import { progressFromJson, type TrainingProgress } from "./progress.ts";

/** What a training step has that goes on from update to update. */
export interface Trained {
  /** The weights that it changes, in the order of the optimiser's slots. */
  readonly parameters: readonly Variable[];
  readonly state: OptimizerState;
}

/** A training as it is between two updates. */
export interface TrainingState<Carried = unknown> {
  /** All layers, those that are not trained included. */
  readonly model: object;
  /** What `trainingStep` returned. */
  readonly step: Trained;
  /** A tree of values that the next batch starts from, such as a recurrent state. */
  readonly carried?: Carried | undefined;
  readonly progress: TrainingProgress;
}

const FORMAT = "rondo checkpoint";
const VERSION = "1";
const OWN = ["format", "version", "progress"];

/** Every variable of a training by its name in a checkpoint. */
function variablesOf({ model, step }: Pick<TrainingState, "model" | "step">): [string, Variable][] {
  const weights = Object.entries(parameters(model));
  const names = new Map(weights.map(([name, variable]) => [variable, name]));
  const slots = step.parameters.flatMap((parameter, index) => {
    const name = names.get(parameter);
    if (name === undefined) {
      throw new UsageError(`checkpoint: ${parameter.name} is trained, but no weight of the model`);
    }
    return Object.entries(step.state.slots[index] ?? {}).map(([slot, variable]): [string, Variable] => [
      `optimizer.${name}.${slot}`,
      variable,
    ]);
  });
  return [...weights.map(([name, variable]): [string, Variable] => [`weights.${name}`, variable]), ...slots];
}

/** The values that are carried on, by their paths. */
function carriedOf(carried: unknown): [string, Value][] {
  if (carried === undefined) return [];
  return namedLeaves(
    "checkpoint: carried",
    carried,
    isValue,
    "a tree of values such as zeroState(layer, 32)",
  );
}

/**
 * The bytes of a checkpoint: to be kept in a file, and to go on from with `restoreCheckpoint`. `metadata` is yours, but for
 * the names `format`, `version` and `progress`.
 * Throws TrainingError when a number is not finite: such a training cannot go on, and an older checkpoint is worth more.
 */
export function saveCheckpoint(training: TrainingState, metadata: Metadata = {}): Uint8Array {
  checkMetadata("checkpoint", metadata, OWN);
  const { progress } = training;
  const tensors = new Map<string, StoredTensor>();
  const add = (name: string, shape: readonly number[], data: TensorData) => {
    if (tensors.has(name))
      throw new UsageError(`checkpoint: two tensors are called ${name}, different names expected`);
    if (!(data as Float32Array).every(Number.isFinite)) {
      throw new TrainingError(`${name} is no longer finite at step ${progress.step}: ${divergedAdvice}`);
    }
    tensors.set(name, { shape: [...shape], data });
  };
  for (const [name, { dimensions, value }] of variablesOf(training))
    add(name, dimensions, value as TensorData);
  for (const [name, { shape, data }] of carriedOf(training.carried)) add(name, shape, rounded(data));
  const own = { format: FORMAT, version: VERSION, progress: JSON.stringify(progress) };
  return writeSafetensors({ tensors, metadata: { ...own, ...metadata } });
}

/** Numbers as a checkpoint holds them, whatever the backend computes in: going on from either must be the same. */
export function rounded(data: Value["data"]): Float32Array | Int32Array {
  return dtypeOf(data) === "int32" ? Int32Array.from(data) : Float32Array.from(data);
}

/** A checkpoint as it lies in a file. */
export interface Checkpoint {
  readonly file: SafetensorsFile;
  readonly progress: TrainingProgress;
  /** What was remembered beside the training. */
  readonly metadata: Metadata;
  /** The file's name, for messages. */
  readonly where: string;
}

/**
 * A checkpoint that is looked at before it is gone on from, as where its metadata say what to build.
 * Throws FormatError for bytes that are no checkpoint, or a damaged one.
 */
export function readCheckpoint(bytes: Uint8Array, where = "checkpoint"): Checkpoint {
  const file = readSafetensors(bytes, where);
  requireFormat(file, { format: FORMAT, version: VERSION, where });
  const progress = progressFromJson(metadataJson(file, "progress", where), where);
  return { file, where, progress, metadata: file.metadata };
}

/**
 * Gives a training the weights, the optimiser's state and the progress of a checkpoint, in place; returns what is carried
 * on, in the form of `training.carried`, whose values say the shapes.
 * Throws FormatError, before anything is changed, unless the file holds exactly the tensors of such a training, with
 * its shapes and finite.
 */
export function restoreCheckpoint<Carried>(
  checkpoint: Checkpoint | Uint8Array,
  training: TrainingState<Carried>,
): Carried {
  const { file, progress, where } = asCheckpoint(checkpoint);
  const variables = variablesOf(training);
  const carried = carriedOf(training.carried);
  const expected = [
    ...variables.map(([name, variable]) => expectedVariable(name, variable)),
    ...carried.map(([name, { shape, data }]) => ({
      name,
      shape,
      dtype: dtypeOf(data) === "int32" ? ("I32" as const) : ("F32" as const),
    })),
  ];
  checkTensors(file, expected, where);
  for (const [name, variable] of variables) variable.value = readNumbers(file, name);
  training.step.state.step = progress.step;
  Object.assign(training.progress, progress);
  return mapTree(training.carried, isValue, ({ shape }, path) => ({
    data: readNumbers(file, path),
    shape,
  })) as Carried;
}

/** A checkpoint, whether it was read already or not. Throws UsageError for what is neither, FormatError as `readCheckpoint`. */
export function asCheckpoint(given: Checkpoint | Uint8Array, where?: string): Checkpoint {
  if (tagOf(given) === "Uint8Array") return readCheckpoint(given as Uint8Array, where);
  if (typeof given === "object" && given !== null && "file" in given && "progress" in given) return given;
  throw new UsageError(`restore: ${printGiven(given)} given, the bytes of a checkpoint expected`);
}
