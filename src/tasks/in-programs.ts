/** What the tasks' functions for programs share: a training run to its best model, and a model's file read. */

import { type BackendChoice, backendOf } from "../backends/choice.ts";
import { checkOptions, type OptionNames, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import type { RunOptions } from "../training/training.ts";
import { readTaskModel, type TaskFile } from "./file.ts";
import type { Runs } from "./task.ts";

/**
 * Runs a training and gives the file of its best model. `what` it is: "tagger". Throws UsageError where it was stopped before
 * there was one.
 */
export async function trainedModel(
  where: string,
  what: string,
  training: Runs,
  options: Pick<RunOptions, "onEvent" | "signal">,
): Promise<TaskFile> {
  let best: Uint8Array | undefined;
  await training.run({ ...options, onModel: (bytes) => (best = bytes) });
  if (best) return readTaskModel(best, what);
  throw new UsageError(`${where}: stopped before the first validation: there is no ${what}`);
}

export interface ReadOptions {
  readonly backend?: BackendChoice | undefined;
}

/** The file of a model that a program gives. Throws UsageError for a name or options that are none, FormatError for any other file. */
export function givenModel<Options extends ReadOptions>(
  where: string,
  bytes: Uint8Array,
  name: string,
  options: Options,
  names: OptionNames<Options>,
): TaskFile {
  checkOptions<object>(where, options, names);
  if (typeof name !== "string") {
    throw new UsageError(`${where}: name ${printGiven(name)} given, a text expected`);
  }
  if (options.backend !== undefined) backendOf(where, options.backend);
  return readTaskModel(bytes, name);
}
