/** `rondo evaluate`: how well a model does on a file. */

import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { jsonLine } from "../node/json-line.ts";
import { tasks } from "../tasks/index.ts";
import type { Task } from "../tasks/task.ts";
import { evaluationJson, evaluationTable } from "./evaluation.ts";
import { openModel, taskOfWords } from "./models.ts";
import { addThreads, backendOf, path } from "./options.ts";
import { addSignature, givenOptions, givenPaths, missingFile, openInputs } from "./task-options.ts";

interface Flags extends Readonly<Record<string, unknown>> {
  readonly json?: true;
  readonly threads: number;
}

/** The command for a run of the task that its words ask for. */
export function evaluateCommand(words: readonly string[] = []): Command {
  const known = taskOfWords(words) ?? (tasks[0] as Task);
  const command = new Command("evaluate")
    .description("How well a model does on a file, in the figures of its task.")
    .argument("<run>", "the folder of a run, or a model file", path);
  addSignature(command, known.evaluation);
  command.option("--json", "print one line of JSON");
  addThreads(command);
  return command.action(async (run: string, flags: Flags) => {
    const { task, model } = openModel(run, backendOf(flags));
    const paths = givenPaths(task.evaluation.files, flags);
    const missing = missingFile(task.evaluation.files, paths);
    if (missing !== undefined) throw new UsageError(`${missing} FILE expected: what to evaluate ${run} on`);
    const found = await model.evaluate(openInputs(paths), givenOptions(task.evaluation, flags));
    console.log(
      flags.json ? jsonLine(evaluationJson(found)) : evaluationTable(found, task.measures).join("\n"),
    );
    if (found.warning !== undefined) console.error(`rondo: ${found.warning}`);
  });
}
