/**
 * Trains in a folder: claims it, goes on from its checkpoint where there is one, and keeps in it the best model, checkpoints
 * and measurements. What a person needs around a training, whoever's the model is; the command does the same.
 */

import { checkOptions, printGiven } from "../checks.ts";
import { RondoError, UsageError } from "../errors.ts";
import type { StopSignal } from "../long-work.ts";
import type { Runs } from "../tasks/task.ts";
import {
  checkCheckpointEvery,
  checkDiagnose,
  checkRun,
  type DiagnosisEvent,
  type TrainingEnd,
  type TrainingEvent,
  type Validation,
} from "../training/loop.ts";
import { type BatchOf, Training } from "../training/training.ts";
import { untilInterrupted } from "./interruption.ts";
import { REPORT_FORMS, Report, type ReportForm, type ReportWords } from "./report.ts";
import { RunFolder } from "./run-folder.ts";

export interface FolderOptions<Found extends Validation = Validation> extends ReportWords {
  /** How progress is shown; default "bar" on a terminal, else "lines". */
  readonly report?: ReportForm | undefined;
  /** Stop soon, with a checkpoint; default when the process is told to end, by Ctrl-C or SIGTERM. */
  readonly signal?: StopSignal | undefined;
  readonly onEvent?: ((event: TrainingEvent<Found>) => void) | undefined;
  /** Seconds between checkpoints; default 15. */
  readonly checkpointEvery?: number | undefined;
  /** As for the `run` of a training: what is seen inside is shown and measured in any case. */
  readonly onDiagnosis?: ((event: DiagnosisEvent) => void) | undefined;
  /** Updates between two looks inside, 0 for none; default 100. */
  readonly diagnose?: number | undefined;
}

/**
 * Runs a training in a folder: `model.safetensors` is the best model so far, `checkpoint.safetensors` what it goes on from
 * when it is run again with the same folder, `metrics.jsonl` a line for each second and each validation.
 *
 *     const end = await trainInFolder(training, "runs/mine");
 *     if (end !== "interrupted") readModel(fs.readFileSync("runs/mine/model.safetensors"), model);
 *
 * Throws UsageError for what is misused, and for a folder that holds a model but no checkpoint to go on from, before
 * anything is written; RondoError where another process trains in the folder, FormatError where it holds a checkpoint of another
 * training, TrainingError where the training diverges; the folder keeps its last checkpoint then.
 */
export async function trainInFolder<
  Inputs,
  Carried,
  Found extends Validation,
  Batch extends BatchOf<Inputs, Carried>,
>(
  training: Training<Inputs, Carried, Found, Batch>,
  path: string,
  options: FolderOptions<Found> = {},
): Promise<TrainingEnd> {
  checkCall(training, path, options as FolderOptions);
  const folder = RunFolder.open(path);
  const interruption = untilInterrupted();
  try {
    if (folder.hasCheckpoint) {
      training.restore(folder.readCheckpoint(), folder.checkpoint);
      folder.rewindMetrics(training.progress, training.updates / training.epochs);
    } else folder.writeCheckpoint(training.checkpoint());
    const { signal = interruption.signal } = options;
    return await runInFolder(training as unknown as Runs, folder, { ...options, signal } as FolderOptions);
  } finally {
    interruption.end();
    folder.release();
  }
}

/** Throws UsageError for what is misused, before there is a folder. */
function checkCall(training: unknown, path: unknown, options: FolderOptions): void {
  const where = "trainInFolder";
  if (!(training instanceof Training)) {
    throw new UsageError(`${where}: training ${printGiven(training)} given, a Training expected`);
  }
  if (typeof path !== "string" || path === "") {
    throw new UsageError(`${where}: path ${printGiven(path)} given, the path of a folder expected`);
  }
  checkOptions(where, options, {
    report: true,
    signal: true,
    onEvent: true,
    checkpointEvery: true,
    onDiagnosis: true,
    diagnose: true,
    unit: true,
    lossText: true,
    measures: true,
  });
  const {
    report = "lines",
    signal,
    onEvent,
    lossText,
    checkpointEvery = 15,
    onDiagnosis,
    diagnose = 0,
  } = options;
  if (!REPORT_FORMS.includes(report)) {
    throw new UsageError(
      `${where}: report ${printGiven(report)} is unknown: expected ${REPORT_FORMS.join(", ")}`,
    );
  }
  checkCheckpointEvery(where, checkpointEvery);
  checkDiagnose(where, diagnose);
  checkRun(where, { signal, onEvent, onDiagnosis, lossText });
}

/** Runs a training whose folder is claimed and holds its checkpoint. Errors say which checkpoint is kept. */
export async function runInFolder(
  training: Runs,
  folder: RunFolder,
  {
    report: form = process.stdout.isTTY ? "bar" : "lines",
    signal,
    onEvent,
    checkpointEvery,
    onDiagnosis,
    diagnose,
    ...words
  }: FolderOptions,
): Promise<TrainingEnd> {
  const report = new Report(form, training, words, (line) => folder.addMetrics(line));
  let saved = training.progress.step;
  try {
    return await training.run({
      checkpointEvery,
      diagnose,
      signal,
      onEvent(event) {
        report.onEvent(event);
        onEvent?.(event);
      },
      onDiagnosis(event) {
        report.onDiagnosis(event);
        onDiagnosis?.(event);
      },
      onModel: (bytes) => folder.writeModel(bytes),
      onCheckpoint(bytes) {
        folder.writeCheckpoint(bytes);
        saved = training.progress.step;
      },
    });
  } catch (error) {
    if (error instanceof RondoError)
      error.message += `; ${folder.path} keeps the checkpoint of step ${saved}`;
    throw error;
  } finally {
    report.end();
  }
}
