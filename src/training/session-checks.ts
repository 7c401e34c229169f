/** What a training is given, checked before it starts, and what a checkpoint says of the training that wrote it. */

import { checkOptions, type OptionNames, printGiven } from "../checks.ts";
import { FormatError, UsageError } from "../errors.ts";
import { metadataJson } from "../formats/metadata.ts";
import { isValue } from "../program/values.ts";
import { namedLeaves } from "../trace/tree.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { checkRun, type Validation } from "./loop.ts";
import { checkOptimizer, type Optimizer } from "./optimizer.ts";
import { checkSchedule } from "./schedules.ts";
import { checkRate } from "./step-checks.ts";
import type { Batches, RunOptions, TrainingOptions } from "./training.ts";

const trainingNames: OptionNames<TrainingOptions<unknown, unknown, Validation>> = {
  model: "a nested object of layers",
  inputs: 'a tree of types such as { x: float32("T", "B", 1) }',
  loss: "a function",
  batches: "{ count, at(batch, epoch) }",
  carried: true,
  validation: true,
  targets: true,
  epochs: "a whole number from 1",
  parameters: true,
  optimizer: true,
  learningRate: true,
  clipNorm: true,
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
};

/** Throws UsageError for options that do not exist or fit. What a training step is given is checked by it. */
export function checkTraining<Inputs, Carried, Found extends Validation>(
  options: TrainingOptions<Inputs, Carried, Found>,
): void {
  checkOptions<object>("Training", options, trainingNames);
  const { batches, validation, carried, epochs, patience = 0, optimizer, learningRate } = options;
  if (typeof options.loss !== "function") {
    throw new UsageError(`Training: loss ${printGiven(options.loss)} given, a function expected`);
  }
  checkBatches("batches", batches);
  if (validation !== undefined && typeof validation !== "function") checkBatches("validation", validation);
  checkRun("Training", { targets: options.targets, ...options.metadata });
  checkCount("epochs", epochs, 1);
  checkCount("patience", patience, 0);
  if (patience > 0 && validation === undefined) {
    throw new UsageError(`Training: patience ${patience} given without a validation that could improve`);
  }
  if (optimizer !== undefined) checkOptimizer("Training", optimizer);
  if (typeof learningRate === "number") checkRate(learningRate, "Training");
  else if (learningRate !== undefined) checkSchedule("Training", learningRate);
  if (carried !== undefined) {
    namedLeaves("Training: carried", carried, isValue, "a tree of values such as zeroState(layer, 32)");
  }
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
export function describeSession({
  seed,
  optimizer,
  batches,
}: {
  readonly seed: number;
  readonly optimizer: Optimizer;
  readonly batches: Batches<unknown>;
}) {
  return { seed, optimizer: optimizer.name, batches: batches.count };
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
