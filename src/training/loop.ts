/**
 * The training loop of every task: epochs of batches, validation after each, early stopping, checkpoints, a stop signal.
 * It hands the thread back every now and then, so that signals, timers and pages live on. Knows nothing of networks.
 */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { breather, checkSignal, type StopSignal } from "../long-work.ts";
import type { Diagnosis, TrainingWarning } from "./diagnosis/index.ts";
import { requireFinite, requireFiniteMeasures } from "./diverged.ts";
import { startOfTraining, type TrainingProgress } from "./progress.ts";
import { checkSchedule, type Schedule } from "./schedules.ts";

/** What one update showed. */
export interface StepResult {
  readonly loss: number;
  readonly gradientNorm: number;
  /** How many targets the batch had, such as tokens. */
  readonly tokens: number;
  /** Whatever else an update shows, such as the parts of a loss. */
  readonly measures?: Readonly<Record<string, number>> | undefined;
  /** What a look inside of the training found, told after the update. */
  readonly diagnosis?: Diagnosis | undefined;
  readonly warnings?: readonly TrainingWarning[] | undefined;
}

/** What a validation showed: the loss, and most have other measures too. */
export interface Validation {
  readonly loss: number;
}

/** What the loop calls. It waits for what comes later, as a promise. */
export interface TrainingTask<Found extends Validation> {
  /** Called where an epoch starts, for what does not live across epochs, such as the recurrent state. */
  startEpoch?(): void;
  /** One update on a batch of the epoch; epochs count from 0. */
  step(batch: number, learningRate: number, epoch: number): StepResult | Promise<StepResult>;
  /** The loss on held-out data, and other measures of it; gives up with undefined when the signal is aborted. */
  readonly validate?:
    | ((signal: StopSignal | undefined) => Found | undefined | Promise<Found | undefined>)
    | undefined;
  /** Keep the model as it is now: the best so far, or the newest where there is no validation. */
  keep?(validation: Found | undefined): unknown;
  /** Write down everything needed to go on from here. */
  checkpoint?(): unknown;
}

export type TrainingEvent<Found extends Validation = Validation> =
  | ({
      readonly event: "step";
      readonly loss: number;
      readonly gradientNorm: number;
      readonly learningRate: number;
      readonly measures?: Readonly<Record<string, number>> | undefined;
    } & TrainingPosition)
  | ({ readonly event: "validation"; readonly improved: boolean } & Omit<Found, keyof TrainingPosition> &
      TrainingPosition);

/** What a look inside of the training tells: what was found, or that something goes wrong, and what to try. */
export type DiagnosisEvent =
  | ({ readonly event: "diagnosis" } & Diagnosis & TrainingPosition)
  | ({ readonly event: "warning" } & TrainingWarning & TrainingPosition);

/** Where in the training: updates, epoch (from 1) and tokens so far, and seconds of training. */
export interface TrainingPosition {
  readonly step: number;
  readonly epoch: number;
  readonly tokens: number;
  readonly seconds: number;
}

export interface LoopOptions<Found extends Validation> {
  readonly task: TrainingTask<Found>;
  /** Where to start from, changed as training goes on; default the start. */
  readonly progress?: TrainingProgress | undefined;
  readonly epochs: number;
  /** Batches in an epoch. */
  readonly batches: number;
  readonly schedule: Schedule;
  /** What is to become small of a validation: where it is smallest, the model is best. Default the loss. */
  readonly criterion?: ((validation: Found) => number) | undefined;
  /** Stop after so many validations without improvement; default 0, to go on regardless. */
  readonly patience?: number | undefined;
  /** Seconds between checkpoints; there is one at the end of each epoch too. Default 15. */
  readonly checkpointEvery?: number | undefined;
  /** Stop soon, with a checkpoint. */
  readonly signal?: StopSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent<Found>) => void) | undefined;
  /** Gets the diagnoses and warnings that steps give. */
  readonly onDiagnosis?: ((event: DiagnosisEvent) => void) | undefined;
}

export type TrainingEnd = "finished" | "stopped early" | "interrupted";

/** Trainings that run, by what is changed as they go on. */
const running = new WeakSet<TrainingProgress>();

/** Throws UsageError where the training with this progress runs. */
export function refuseWhileRunning(progress: TrainingProgress): void {
  if (!running.has(progress)) return;
  throw new UsageError("this training runs already: wait for its run to end, or stop it by its signal");
}

/**
 * Train until all epochs are done, validation no longer improves, or the signal says stop; the last with a checkpoint.
 * Throws TrainingError when loss, gradients or a measure of the validation are no longer finite; nothing is written then.
 * Throws UsageError, before anything is changed, where the training with this progress runs already.
 */
export async function runTraining<Found extends Validation>(
  options: LoopOptions<Found>,
): Promise<TrainingEnd> {
  checkOptions("runTraining", options, {
    task: "a task, with its steps and what is kept of it,",
    progress: true,
    epochs: "a whole number from 1",
    batches: "a whole number from 1",
    schedule: "a schedule such as constant(0.001)",
    criterion: true,
    patience: true,
    checkpointEvery: true,
    signal: true,
    onEvent: true,
    onDiagnosis: true,
  });
  const { progress = startOfTraining(), patience = 0, checkpointEvery = 15 } = options;
  checkLoop("runTraining", { ...options, patience, checkpointEvery });
  refuseWhileRunning(progress);
  running.add(progress);
  try {
    return await runLoop({ ...options, progress, patience, checkpointEvery });
  } finally {
    running.delete(progress);
  }
}

type CompleteOptions<Found extends Validation> = LoopOptions<Found> &
  Required<Pick<LoopOptions<Found>, "patience" | "checkpointEvery">>;

function checkLoop<Found extends Validation>(where: string, options: CompleteOptions<Found>): void {
  const {
    epochs,
    batches,
    patience,
    checkpointEvery,
    schedule,
    criterion,
    signal,
    onEvent,
    onDiagnosis,
    task,
  } = options;
  if (typeof (task as Partial<TrainingTask<Found>> | null)?.step !== "function") {
    throw new UsageError(`${where}: task ${printGiven(task)} given, an object with a function step expected`);
  }
  for (const [name, count, least] of [
    ["epochs", epochs, 1],
    ["batches", batches, 1],
    ["patience", patience, 0],
  ] as const) {
    if (Number.isSafeInteger(count) && count >= least) continue;
    throw new UsageError(
      `${where}: ${name} ${printGiven(count)} given, a whole number from ${least} expected`,
    );
  }
  checkCheckpointEvery(where, checkpointEvery);
  checkSchedule(where, schedule);
  checkRun(where, { criterion, signal, onEvent, onDiagnosis });
}

/** Throws UsageError for what is no time between checkpoints. */
export function checkCheckpointEvery(where: string, given: unknown): void {
  if (typeof given === "number" && given > 0) return;
  throw new UsageError(
    `${where}: checkpointEvery ${printGiven(given)} given, a number of seconds above 0 expected`,
  );
}

/** Throws UsageError for what is no number of updates between looks, 0 for none. */
export function checkDiagnose(where: string, given: unknown): void {
  if (Number.isSafeInteger(given) && (given as number) >= 0) return;
  throw new UsageError(
    `${where}: diagnose ${printGiven(given)} given, a whole number of updates, or 0 for never, expected`,
  );
}

/** Throws UsageError for a signal, or for one of the functions by name, that is none. */
export function checkRun(
  where: string,
  { signal, ...functions }: { signal?: StopSignal | undefined } & Readonly<Record<string, unknown>>,
): void {
  checkSignal(where, signal);
  for (const [name, given] of Object.entries(functions)) {
    if (given === undefined || typeof given === "function") continue;
    throw new UsageError(`${where}: ${name} ${printGiven(given)} given, a function expected`);
  }
}

function requireMeasured(given: number): number {
  if (Number.isFinite(given)) return given;
  throw new UsageError(`criterion returned ${printGiven(given)}, a finite number expected`);
}

async function runLoop<Found extends Validation>(
  options: CompleteOptions<Found> & { readonly progress: TrainingProgress },
): Promise<TrainingEnd> {
  const { task, progress, epochs, batches, schedule, patience, checkpointEvery, signal } = options;
  const { onEvent, onDiagnosis } = options;
  const { criterion = ({ loss }: Found) => loss } = options;
  const breathe = breather();
  const secondsBefore = progress.seconds;
  const started = performance.now();
  let saved = started;
  const tick = () => {
    progress.seconds = secondsBefore + (performance.now() - started) / 1000;
  };
  const save = async () => {
    tick();
    await task.checkpoint?.();
    saved = performance.now();
  };
  const interrupt = async (): Promise<TrainingEnd> => {
    await save();
    return "interrupted";
  };
  const at = () => {
    tick();
    const { step, epoch, tokens, seconds } = progress;
    return { step, epoch: epoch + 1, tokens, seconds };
  };

  while (progress.epoch < epochs) {
    if (patience > 0 && progress.waited >= patience) return "stopped early";
    if (progress.batch === 0) task.startEpoch?.();
    while (progress.batch < batches) {
      await breathe();
      if (signal?.aborted) return interrupt();
      const learningRate = schedule.rate(progress, progress.schedule);
      const {
        tokens,
        diagnosis,
        warnings = [],
        ...shown
      } = await task.step(progress.batch, learningRate, progress.epoch);
      requireFinite(shown.loss, shown.gradientNorm, progress.step + 1);
      progress.step += 1;
      progress.batch += 1;
      progress.tokens += tokens;
      onEvent?.({ event: "step", ...at(), ...shown, learningRate });
      if (diagnosis) onDiagnosis?.({ event: "diagnosis", ...at(), ...diagnosis });
      for (const warning of warnings) onDiagnosis?.({ event: "warning", ...at(), ...warning });
      if (performance.now() - saved >= checkpointEvery * 1000) await save();
    }
    const validation = await task.validate?.(signal);
    if (signal?.aborted) return interrupt();
    if (validation) requireFiniteMeasures(validation, progress.step);
    const measured = validation && requireMeasured(criterion(validation));
    const improved = measured === undefined || progress.best === null || measured < progress.best;
    if (validation && measured !== undefined) {
      progress.schedule = schedule.observe(measured, progress.schedule);
      progress.waited = improved ? 0 : progress.waited + 1;
      if (improved) progress.best = measured;
      onEvent?.({ event: "validation", ...validation, ...at(), improved });
    }
    if (improved) await task.keep?.(validation);
    progress.epoch += 1;
    progress.batch = 0;
    await save();
  }
  return "finished";
}
