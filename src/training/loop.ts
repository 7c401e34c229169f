/**
 * The training loop of every task: epochs of batches, validation after each, early stopping, checkpoints, a stop signal.
 * It hands the thread back every now and then, so that signals, timers and pages live on. Knows nothing of networks.
 */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { requireFinite, requireFiniteMeasures } from "./diverged.ts";
import type { TrainingProgress } from "./progress.ts";
import { checkSchedule, type Schedule } from "./schedules.ts";

/** Says when to stop: an AbortSignal does. */
export interface StopSignal {
  readonly aborted: boolean;
}

/** What a task does for the loop. */
export interface TrainingTask<Measures> {
  /** Called where an epoch starts, for what does not live across epochs, such as the recurrent state. */
  startEpoch(): void;
  /** One update on a batch of the epoch; `tokens` is how many targets it had. */
  step(batch: number, learningRate: number): { loss: number; gradientNorm: number; tokens: number };
  /** The loss on held-out data, and other measures of it; gives up with undefined when the signal is aborted. */
  readonly validate?:
    | ((signal: StopSignal | undefined) => Promise<{ loss: number; measures: Measures } | undefined>)
    | undefined;
  /** Keep the model as it is now: the best so far, or the newest where there is no validation. */
  keep(measures: Measures | undefined): void;
  /** Write down everything needed to go on from here. */
  checkpoint(): void;
}

export type TrainingEvent<Measures> =
  | ({
      readonly event: "step";
      readonly loss: number;
      readonly gradientNorm: number;
      readonly learningRate: number;
    } & TrainingPosition)
  | ({ readonly event: "validation"; readonly improved: boolean } & Omit<Measures, keyof TrainingPosition> &
      TrainingPosition);

/** Where in the training: updates, epoch (from 1) and tokens so far, and seconds of training. */
export interface TrainingPosition {
  readonly step: number;
  readonly epoch: number;
  readonly tokens: number;
  readonly seconds: number;
}

export interface LoopOptions<Measures> {
  readonly task: TrainingTask<Measures>;
  /** Where to start from; changed as training goes on. */
  readonly progress: TrainingProgress;
  readonly epochs: number;
  /** Batches in an epoch. */
  readonly batches: number;
  readonly schedule: Schedule;
  /** Stop after so many validations without improvement; 0 to go on regardless. */
  readonly patience: number;
  /** Seconds between checkpoints; there is one at the end of each epoch too. */
  readonly checkpointEvery: number;
  /** Stop soon, with a checkpoint. */
  readonly signal?: StopSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent<Measures>) => void) | undefined;
}

export type TrainingEnd = "finished" | "stopped early" | "interrupted";

const BREATH_MILLISECONDS = 100;

/** Hands the thread back when it was held for a while. */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_MILLISECONDS) return;
    await new Promise((resume) => setTimeout(resume, 0));
    last = performance.now();
  };
}

/** Trainings that run, by what is changed as they go on. */
const running = new WeakSet<TrainingProgress>();

/**
 * Train until all epochs are done, validation no longer improves, or the signal says stop; the last with a checkpoint.
 * Throws TrainingError when loss, gradients or a measure of the validation are no longer finite; nothing is written then.
 * Throws UsageError, before anything is changed, where the training with this progress runs already.
 */
export async function runTraining<Measures>(options: LoopOptions<Measures>): Promise<TrainingEnd> {
  checkOptions("runTraining", options, {
    task: true,
    progress: true,
    epochs: true,
    batches: true,
    schedule: true,
    patience: true,
    checkpointEvery: true,
    signal: true,
    onEvent: true,
  });
  checkSchedule("runTraining", options.schedule);
  const { progress, signal, onEvent } = options;
  if (signal !== undefined && typeof signal?.aborted !== "boolean") {
    throw new UsageError(`run: signal ${printGiven(signal)} given, an AbortSignal expected`);
  }
  if (onEvent !== undefined && typeof onEvent !== "function") {
    throw new UsageError(`run: onEvent ${printGiven(onEvent)} given, a function expected`);
  }
  if (running.has(progress)) {
    throw new UsageError("this training runs already: wait for its run to end, or stop it by its signal");
  }
  running.add(progress);
  try {
    return await runLoop(options);
  } finally {
    running.delete(progress);
  }
}

async function runLoop<Measures>(options: LoopOptions<Measures>): Promise<TrainingEnd> {
  const { task, progress, epochs, batches, schedule, patience, checkpointEvery, signal, onEvent } = options;
  const breathe = breather();
  const secondsBefore = progress.seconds;
  const started = performance.now();
  let saved = started;
  const save = () => {
    progress.seconds = secondsBefore + (performance.now() - started) / 1000;
    task.checkpoint();
    saved = performance.now();
  };
  const interrupt = (): TrainingEnd => {
    save();
    return "interrupted";
  };
  const at = () => {
    progress.seconds = secondsBefore + (performance.now() - started) / 1000;
    const { step, epoch, tokens, seconds } = progress;
    return { step, epoch: epoch + 1, tokens, seconds };
  };

  while (progress.epoch < epochs) {
    if (patience > 0 && progress.waited >= patience) return "stopped early";
    if (progress.batch === 0) task.startEpoch();
    while (progress.batch < batches) {
      await breathe();
      if (signal?.aborted) return interrupt();
      const learningRate = schedule.rate(progress, progress.schedule);
      const { loss, gradientNorm, tokens } = task.step(progress.batch, learningRate);
      requireFinite(loss, gradientNorm, progress.step + 1);
      progress.step += 1;
      progress.batch += 1;
      progress.tokens += tokens;
      onEvent?.({ event: "step", ...at(), loss, gradientNorm, learningRate });
      if (performance.now() - saved >= checkpointEvery * 1000) save();
    }
    const validation = await task.validate?.(signal);
    if (signal?.aborted) return interrupt();
    if (validation) {
      requireFinite(validation.loss, 0, progress.step);
      requireFiniteMeasures(validation, progress.step);
    }
    const improved = validation === undefined || progress.best === null || validation.loss < progress.best;
    if (validation) {
      progress.schedule = schedule.observe(validation.loss, progress.schedule);
      progress.waited = improved ? 0 : progress.waited + 1;
      if (improved) progress.best = validation.loss;
      onEvent?.({ event: "validation", ...validation.measures, ...at(), improved });
    }
    if (improved) task.keep(validation?.measures);
    progress.epoch += 1;
    progress.batch = 0;
    save();
  }
  return "finished";
}
