/** `rondo train`: trains a task's model on a file, or goes on with a training that was interrupted. */

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { Command } from "commander";
import { counted } from "../data/text.ts";
import { DataError, RondoError, TrainingError, UsageError } from "../errors.ts";
import type { StopSignal } from "../long-work.ts";
import { readFileBytes } from "../node/files.ts";
import { untilInterrupted } from "../node/interruption.ts";
import { jsonLine } from "../node/json-line.ts";
import { RunFolder } from "../node/run-folder.ts";
import { runInFolder } from "../node/train-in-folder.ts";
import { readTaskModel } from "../tasks/file.ts";
import { tasks } from "../tasks/index.ts";
import type { Task, TaskTraining } from "../tasks/task.ts";
import type { TrainingEnd } from "../training/loop.ts";
import { evaluationJson, evaluationTable } from "./evaluation.ts";
import { Interruption } from "./exit.ts";
import { checkFiles, missingFile } from "./given-files.ts";
import { type AskedTask, askedTask } from "./guess.ts";
import { givenBackend, path } from "./options.ts";
import { goOn } from "./resume.ts";
import {
  addSignature,
  givenOptions,
  givenPaths,
  givesFile,
  missingOption,
  openFiles,
} from "./task-options.ts";
import { addTrainFlags, type TrainFlags } from "./train-flags.ts";

/** The command for the task that its words ask for, whose options it takes. */
export function trainCommand(words: readonly string[] = []): Command {
  const asked = askedTask(words, tasks);
  const { task } = asked;
  const { files } = task.training;
  const [argument, facts] = Object.entries(files)[0] as [string, { help: string }];
  const command = new Command("train")
    .description(
      `Train ${task.summary}. Every option has a default; 0 switches off what can be off. The options of another task: rondo train --task NAME --help.`,
    )
    .argument(`[${argument}]`, facts.help, path)
    // Which options there are is not known before it is clear which task is meant.
    .allowUnknownOption(asked.refusal !== undefined)
    .allowExcessArguments(asked.refusal !== undefined);
  addSignature(command, task.training, argument);
  addTrainFlags(
    command,
    tasks.map(({ name }) => name),
  );
  return command.action((file: string | undefined, flags: TrainFlags) =>
    run({ ...asked, file, flags, argument, command }),
  );
}

/** The command as it was called. */
export interface TrainCall extends AskedTask {
  readonly file: string | undefined;
  readonly flags: TrainFlags;
  /** The name of the file that is the command's argument. */
  readonly argument: string;
  readonly command: Command;
}

/** The paths of a call, by the names of the files. */
export function pathsOf({ task, file, flags, argument }: TrainCall): Readonly<Record<string, string>> {
  return {
    ...(file !== undefined && { [argument]: file }),
    ...givenPaths(task.training.files, flags),
  };
}

/** Runs a training with everything it shows and writes; the process ends by itself afterwards. */
async function run(call: TrainCall): Promise<void> {
  checkFlags(call);
  const folder = claim(call);
  const interruption = untilInterrupted();
  try {
    await train(folder, call, interruption.signal);
  } finally {
    interruption.end();
    folder.release();
  }
}

/** Throws UsageError for what contradicts itself before any file is read. */
function checkFlags(call: TrainCall): void {
  const { task, refusal, flags, argument, command } = call;
  const { resume, checkpointEvery, diagnose } = flags;
  if (refusal) throw refusal;
  if (!(checkpointEvery > 0)) {
    throw new UsageError(`checkpoint-every ${checkpointEvery}: expected a number of seconds above 0`);
  }
  if (!(Number.isSafeInteger(diagnose) && diagnose >= 0)) {
    throw new UsageError(`diagnose ${diagnose}: expected a whole number of updates, or 0 for never`);
  }
  if (resume === undefined) {
    const paths = pathsOf(call);
    checkFiles(task.training.files, paths, argument);
    const missing = missingFile(task.training.files, paths, argument);
    if (!missing) return;
    const ways = missing.ways.map((way) => `rondo train ${way}`).join(", ");
    throw new UsageError(`no ${missing.name} given: ${ways}, or rondo train --resume RUN`);
  }
  const kept = ["resume", "epochs", "json", "checkpointEvery", "diagnose", "threads", "backend", "task"];
  const changed = command.options.find(
    (option) =>
      command.getOptionValueSource(option.attributeName()) === "cli" &&
      !kept.includes(option.attributeName()) &&
      !givesFile(task.training.files, flags, option.attributeName()),
  );
  if (!changed) return;
  throw new UsageError(
    `${changed.long} cannot change when a run goes on: ${resume} keeps the options it was started with`,
  );
}

/** The folder of the run, which belongs to this process from now on. */
function claim(call: TrainCall): RunFolder {
  const {
    flags: { resume, out, cell },
    task,
  } = call;
  if (resume !== undefined) return RunFolder.reopen(resume);
  if (out === undefined) {
    const [first = ""] = Object.values(pathsOf(call));
    const stem = basename(first).replace(/\.[^.]*$/, "") || "run";
    return RunFolder.claimNew(join("runs", `${stem}-${cell ?? kindOf(task)}`));
  }
  try {
    return RunFolder.claim(out);
  } catch (error) {
    if (error instanceof UsageError) error.message += ` (rondo train --resume ${out}, or another --out)`;
    throw error;
  }
}

/** What a run is called after its file where no cell was chosen: the task's usual cell. */
function kindOf({ training, name }: Task): string {
  const standard = (training.options.cell as { readonly default?: unknown } | undefined)?.default;
  return typeof standard === "string" ? standard : name;
}

async function train(folder: RunFolder, call: TrainCall, signal: StopSignal): Promise<void> {
  const { task, flags, reason: guess } = call;
  const { json, checkpointEvery, diagnose } = flags;
  const say: Say = (event, ...lines) => {
    if (json) console.log(jsonLine(event));
    else for (const line of lines) console.log(line);
  };
  const made = flags.resume === undefined ? await begin(folder, call) : await goOn(folder, call);
  const { training, audit, plan, data, unit, lossText } = made;
  const { progress, epochs } = training;
  if (guess !== undefined && !json) console.log(`task ${task.name}: ${guess}`);
  if (audit) say({ event: "audit", ...audit.json }, ...audit.lines);
  const where = progress.step === 0 ? "" : `; going on at step ${progress.step}`;
  say(
    { event: "start", task: task.name, guess, run: folder.path, step: progress.step, ...data },
    `${plan}, ${counted(epochs, "epoch")}${where}`,
  );
  let loss = 0;
  const reason = await advised(folder, () =>
    runInFolder(training, folder, {
      ...(json && { report: "json" as const }),
      checkpointEvery,
      diagnose,
      signal,
      unit,
      lossText,
      measures: task.measures,
      onEvent(event) {
        if (event.event === "step") loss = event.loss;
      },
    }),
  );
  requireModel(folder, made, reason);
  const warning = reason === "interrupted" ? undefined : await summarize(folder, call, made, say);
  end(folder, made, { reason, json, say });
  for (const told of [warning, made.warning?.(progress.best ?? loss)]) {
    if (told !== undefined) console.error(`rondo: ${told}`);
  }
}

/** Prints an event: lines for people, or a line of JSON for machines. */
type Say = (event: Readonly<Record<string, unknown>>, ...lines: string[]) => void;

/** Says how well the best model does on what was held out; returns what is wrong with it. */
async function summarize(
  folder: RunFolder,
  { task }: TrainCall,
  made: TaskTraining,
  say: Say,
): Promise<string | undefined> {
  const { model } = folder;
  const found = await made.summary?.(readTaskModel(readFileBytes(model), model));
  if (!found) return undefined;
  say({ event: "summary", ...evaluationJson(found) }, ...evaluationTable(found, task.measures));
  return found.warning;
}

async function begin(folder: RunFolder, call: TrainCall): Promise<TaskTraining> {
  const { task, flags } = call;
  const files = openFiles(task.training.files, pathsOf(call));
  const options = givenOptions(task.training, flags);
  const made = await task.begin(files, options, { backend: givenBackend(flags) }).catch((error: unknown) => {
    const missing = missingOption(task.training, flags);
    if (missing !== undefined && error instanceof UsageError) {
      error.message += ` (${missing}; rondo train --task ${task.name} --help)`;
    }
    throw error;
  });
  folder.writeCheckpoint(made.training.checkpoint());
  return made;
}

/** Does `work`; errors say how to go on. */
async function advised<Result>(folder: RunFolder, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // A training that diverged would do so again.
    if (error instanceof TrainingError) error.message += " (--learning-rate, --clip)";
    else if (error instanceof RondoError) {
      error.message += `, go on from it with: rondo train --resume ${folder.path}`;
    }
    throw error;
  }
}

/** Throws DataError where a training is done whose model has gone. */
function requireModel(
  folder: RunFolder,
  { training: { progress } }: TaskTraining,
  reason: TrainingEnd,
): void {
  if (reason === "interrupted" || existsSync(folder.model)) return;
  throw new DataError(
    `${folder.model} is gone, and all epochs are done: train more of them (rondo train --resume ${folder.path} --epochs ${progress.epoch + 1})`,
  );
}

interface Ending {
  readonly reason: TrainingEnd;
  readonly json: true | undefined;
  readonly say: Say;
}

/** Says how it ended. Throws where it was interrupted. */
function end(
  folder: RunFolder,
  { training: { progress } }: TaskTraining,
  { reason, json, say }: Ending,
): void {
  const isDone = reason !== "interrupted";
  if (isDone || json) {
    const early = `stopped early, after ${counted(progress.waited, "epoch")} without improvement`;
    say(
      { event: "end", reason, run: folder.path, step: progress.step },
      `${reason === "finished" ? "done" : early}: ${folder.model}`,
    );
  }
  if (isDone) return;
  throw new Interruption(`stopped at step ${progress.step}; go on with: rondo train --resume ${folder.path}`);
}
