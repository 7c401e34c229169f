/** Models in files, whatever their task. */

import type { BackendChoice } from "../backends/choice.ts";
import { isFile, readFileBytes } from "../node/files.ts";
import { modelFile, RunFolder } from "../node/run-folder.ts";
import { asFormat } from "../options/table.ts";
import { readTaskModel, type TaskFile, taskFile } from "../tasks/file.ts";
import { taskOf } from "../tasks/index.ts";
import type { Task, TaskModel } from "../tasks/task.ts";
import { type Checkpoint, readCheckpoint } from "../training/checkpoint.ts";

/** The model of a run's folder, or of a model file, with its task. */
export function openModel(
  path: string,
  backend?: BackendChoice,
): { readonly task: Task; readonly model: TaskModel; readonly file: TaskFile; readonly where: string } {
  const where = modelFile(path);
  const file = readTaskModel(readFileBytes(where), where);
  const task = taskOfFile(file);
  return { task, model: task.open(file, { backend }), file, where };
}

/** The checkpoint of a run's folder, with its task. */
export function openCheckpoint(path: string): { readonly task: Task; readonly checkpoint: Checkpoint } {
  const where = new RunFolder(path).checkpoint;
  const checkpoint = readCheckpoint(readFileBytes(where), where);
  return { task: taskOfFile(taskFile(checkpoint.file, where)), checkpoint };
}

/** The task that a file is of. Throws FormatError for one that there is not. */
function taskOfFile({ task, where }: TaskFile): Task {
  return asFormat(where, () => taskOf(task));
}

/** The task of the model that one of the words names, as far as that can be told yet: what is wrong with it is said later. */
export function taskOfWords(words: readonly string[]): Task | undefined {
  for (const word of words) {
    if (word.startsWith("-")) continue;
    const task = quietly(() => {
      const where = modelFile(word);
      // A pipe can be read once, by whom it is meant for.
      if (!isFile(where)) return undefined;
      return taskOfFile(readTaskModel(readFileBytes(where), where));
    });
    if (task) return task;
  }
  return undefined;
}

/** As `taskOfWords`, of the folder of a run that goes on. */
export function taskOfCheckpoint(path: string): Task | undefined {
  return quietly(() => openCheckpoint(path).task);
}

function quietly<Result>(work: () => Result): Result | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
