/** What a training is given, checked before it starts, and what a checkpoint says of the training that wrote it. */

import { checkOptions, type OptionNames, printGiven } from "../checks.ts";
import { FormatError, UsageError } from "../errors.ts";
import { metadataJson } from "../formats/metadata.ts";
import type { StopSignal } from "../long-work.ts";
import { isValue } from "../program/values.ts";
import { namedLeaves } from "../trace/tree.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkRun, type Validation } from "./loop.ts";
import { checkOptimizer, type Optimizer } from "./optimizer.ts";
import { checkSchedule, type Schedule } from "./schedules.ts";
import { checkRate } from "./step-checks.ts";
import type { Batches, BatchOf, RunOptions, TrainingOptions, ValidationResult } from "./training.ts";

const trainingNames: OptionNames<TrainingOptions<unknown, unknown, Validation>> = {
  model: "a nested object of layers",
  inputs: 'a tree of types such as { x: float32("T", "B", 1) }',
  loss: "a function",
  batches: "{ count, at(batch, epoch) }",
  carried: true,
  validation: true,
  criterion: true,
  targets: true,
  epochs: "a whole number from 1",
  parameters: true,
  optimizer: true,
  learningRate: true,
  clipNorm: true,
  clipLayerNorm: true,
  clipValue: true,
  patience: true,
  seed: true,
  metadata: true,
  backend: true,
};

export const runNames: OptionNames<RunOptions> = {
  onEvent: true,
  signal: true,
  onModel: true,
  onCheckpoint: true,
  checkpointEvery: true,
  onDiagnosis: true,
  diagnose: true,
};

/** Throws UsageError for options that do not exist or fit. What a training step is given is checked by it. */
export function checkTraining<
  Inputs,
  Carried,
  Found extends Validation,
  Batch extends BatchOf<Inputs, Carried>,
>(options: TrainingOptions<Inputs, Carried, Found, Batch>): void {
  checkOptions<object>("Training", options, trainingNames);
  const { batches, validation, carried, epochs, patience = 0, optimizer, learningRate } = options;
  if (typeof options.loss !== "function") {
    throw new UsageError(`Training: loss ${printGiven(options.loss)} given, a function expected`);
  }
  checkBatches("batches", batches);
  if (validation !== undefined && typeof validation !== "function") checkBatches("validation", validation);
  checkRun("Training", { targets: options.targets, criterion: options.criterion, ...options.metadata });
  checkCount("epochs", epochs, 1);
  checkCount("patience", patience, 0);
  if (patience > 0 && validation === undefined) {
    throw new UsageError(`Training: patience ${patience} given without a validation that could improve`);
  }
  if (optimizer !== undefined) checkOptimizer("Training", optimizer);
  if (typeof learningRate === "number") checkRate(learningRate, "Training");
  else if (learningRate !== undefined && typeof learningRate !== "function") {
    checkTrainingSchedule(learningRate, validation !== undefined);
  }
  if (carried !== undefined) {
    const stray = Object.keys(carried as object).find(
      (name) => !Object.hasOwn(options.inputs as object, name),
    );
    if (stray !== undefined) {
      throw new UsageError(`Training: carries ${stray} on, which is none of the inputs`);
    }
    namedLeaves("Training: carried", carried, isValue, "a tree of values such as zeroState(layer, 32)");
  }
}

/** Throws UsageError for what is no schedule, and for one that waits for validations that never come. */
export function checkTrainingSchedule(schedule: Schedule, validates: boolean): void {
  checkSchedule("Training", schedule);
  if (!schedule.needsValidation || validates) return;
  throw new UsageError("Training: a schedule by validations given, without a validation");
}

/** Throws UsageError for a batch that is not there. */
export function checkBatch(name: string, values: unknown, batch: number, epoch: number): void {
  if (values !== undefined && values !== null) return;
  throw new UsageError(
    `Training: ${name}.at(${batch}, ${epoch}) returned ${printGiven(values)}, the values of the inputs expected`,
  );
}

/** How many targets a batch has. Throws UsageError for what is no number above 0. */
export function countTargets<Values>(
  targets: ((values: Values) => number) | undefined,
  values: Values,
): number {
  const count = targets ? targets(values) : 1;
  if (Number.isFinite(count) && count > 0) return count;
  throw new UsageError(`Training: targets returned ${printGiven(count)}, a number above 0 expected`);
}

/** What a validation found. Throws UsageError for what is neither a number nor has a loss that is one. */
export function checkValidation<Found extends Validation>(
  found: ValidationResult<Found>,
  signal: StopSignal | undefined,
): Found | undefined {
  if (found === undefined && signal?.aborted) return undefined;
  if (typeof found === "number") return { loss: found } as Found;
  if (typeof (found as Partial<Validation> | null | undefined)?.loss === "number") return found;
  throw new UsageError(
    `Training: the validation returned ${printGiven(found)}, a loss or { loss, ... } with a number expected`,
  );
}

function checkBatches(name: string, batches: Batches<unknown>): void {
  const given: Partial<Batches<unknown>> | null = batches;
  if (typeof given?.at !== "function" || given.count === undefined) {
    throw new UsageError(
      `Training: ${name} ${printGiven(batches)} given, { count, at(batch, epoch) } expected`,
    );
  }
  checkCount(`${name}.count`, given.count, 1);
}

function checkCount(name: string, count: number, least: number): void {
  if (Number.isSafeInteger(count) && count >= least) return;
  throw new UsageError(`Training: ${name} ${printGiven(count)} given, a whole number from ${least} expected`);
}

/** What must not change when a training goes on, as it stands in checkpoints. */
export function describeSession(
  options: Pick<
    TrainingOptions<unknown, unknown, Validation>,
    "seed" | "clipNorm" | "clipLayerNorm" | "clipValue" | "batches"
  >,
  optimizer: Optimizer,
) {
  const { seed = 1, clipNorm = null, clipLayerNorm = null, clipValue = null, batches } = options;
  const settings = Object.entries(optimizer.settings).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    seed,
    optimizer: optimizer.name,
    optimizerSettings: JSON.stringify(Object.fromEntries(settings)),
    clipNorm,
    clipLayerNorm,
    clipValue,
    batches: batches.count,
  };
}

/** Throws FormatError for the checkpoint of another training, and for a progress that does not add up. */
export function checkRestored(
  { file, progress, metadata, where }: Checkpoint,
  session: ReturnType<typeof describeSession>,
): void {
  const written = metadata.session === undefined ? {} : metadataJson(file, "session", where);
  for (const [name, now] of Object.entries(session)) {
    const before = written[name];
    if (before === undefined || before === now) continue;
    throw new FormatError(
      `${where}: written by a training with ${name} ${JSON.stringify(before)}, this one has ${JSON.stringify(now)}`,
    );
  }
  const { step, epoch, batch } = progress;
  if (batch <= session.batches && step === epoch * session.batches + batch) return;
  throw new FormatError(
    `${where}: progress: step ${step} in epoch ${epoch} with ${batch} of ${session.batches} batches done does not add up`,
  );
}
