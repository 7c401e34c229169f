/** Every task: a folder, and a row here. */

import { UsageError } from "../errors.ts";
import { anomalyTask } from "./anomaly/task.ts";
import { classificationTask } from "./classification/task.ts";
import { forecastingTask } from "./forecasting/task.ts";
import { languageModelTask } from "./language-model/task.ts";
import { taggingTask } from "./tagging/task.ts";
import type { Task } from "./task.ts";
import { translationTask } from "./translation/task.ts";
import { treeTask } from "./trees/task.ts";

export const tasks: readonly Task[] = [
  languageModelTask,
  classificationTask,
  taggingTask,
  treeTask,
  translationTask,
  forecastingTask,
  anomalyTask,
];

/** The task of a name. Throws UsageError for one that does not exist. */
export function taskOf(name: string): Task {
  const found = tasks.find((task) => task.name === name);
  if (found) return found;
  throw new UsageError(
    `task ${JSON.stringify(name)} is unknown: expected ${tasks.map((task) => task.name).join(", ")}`,
  );
}
