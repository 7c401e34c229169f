/** Going on with a run: its files are looked for where they were, unless they are named. */

import { resolve } from "node:path";
import { DataError, UsageError } from "../errors.ts";
import type { RunFolder } from "../node/run-folder.ts";
import type { FileTable, GivenFiles, Task, TaskTraining } from "../tasks/task.ts";
import { checkFiles, insteadOf } from "./given-files.ts";
import { openCheckpoint } from "./models.ts";
import { givenBackend } from "./options.ts";
import { fileFlag, openFiles } from "./task-options.ts";
import { pathsOf, type TrainCall } from "./train.ts";

/** The training of a run's folder as its checkpoint left it. */
export async function goOn(folder: RunFolder, call: TrainCall): Promise<TaskTraining> {
  const { task, checkpoint } = openCheckpoint(folder.path);
  if (task !== call.task) {
    throw new UsageError(`--task ${call.task.name} given, but ${folder.path} is of the task ${task.name}`);
  }
  const named = pathsOf(call);
  const before = task.locations(checkpoint);
  const unnamed = Object.keys(before).filter(
    (name) => ![name, ...insteadOf(task.training.files, name)].some((one) => named[one] !== undefined),
  );
  const paths = { ...Object.fromEntries(unnamed.map((name) => [name, before[name] as string])), ...named };
  checkFiles(task.training.files, paths, call.argument);
  const files: GivenFiles = Object.assign(
    {},
    ...Object.entries(paths).map(([name, path]) =>
      advising(task, folder, unnamed.includes(name) ? [name] : [], () =>
        openFiles(task.training.files, { [name]: resolve(path) }),
      ),
    ),
  );
  const { epochs } = call.flags;
  try {
    const made = await task.resume(checkpoint, files, { epochs }, { backend: givenBackend(call.flags) });
    folder.rewindMetrics(made.training.progress, made.training.updates / made.training.epochs);
    return made;
  } catch (error) {
    throw withAdvice(error, task, folder, unnamed);
  }
}

function advising<Result>(
  task: Task,
  folder: RunFolder,
  unnamed: readonly string[],
  work: () => Result,
): Result {
  try {
    return work();
  } catch (error) {
    throw withAdvice(error, task, folder, unnamed);
  }
}

/** An error of the data, with how to name files that are somewhere else. */
function withAdvice(error: unknown, task: Task, folder: RunFolder, unnamed: readonly string[]): unknown {
  if (!(error instanceof DataError) || unnamed.length === 0) return error;
  error.message += `; if it has moved, name it: rondo train ${howToName(task.training.files, folder, unnamed)}`;
  return error;
}

/** The words of the command that name files. */
function howToName(files: FileTable, folder: RunFolder, unnamed: readonly string[]): string {
  const [first] = Object.keys(files);
  const options = Object.entries(files)
    .filter(([name]) => name !== first && unnamed.includes(name))
    .map(([name, facts]) => ` ${fileFlag(name, facts)} FILE`);
  const argument = first !== undefined && unnamed.includes(first) ? `${first.toUpperCase()} ` : "";
  return `${argument}--resume ${folder.path}${options.join("")}`;
}
