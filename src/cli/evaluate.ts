/** `rondo evaluate`: how well a model does on a file. */

import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { jsonLine } from "../node/json-line.ts";
import { tasks } from "../tasks/index.ts";
import type { Task } from "../tasks/task.ts";
import { evaluationJson, evaluationTable } from "./evaluation.ts";
import { checkFiles, missingFile } from "./given-files.ts";
import { openModel, taskOfWords } from "./models.ts";
import { addThreads, type BackendWords, givenBackend, path } from "./options.ts";
import { fileOutput, isJsonLines, requireOwnFile, writing } from "./output.ts";
import { addSignature, givenOptions, givenPaths, openInputs, STANDARD } from "./task-options.ts";

interface Flags extends BackendWords, Readonly<Record<string, unknown>> {
  readonly predictions?: string;
  readonly json?: true;
}

/** The command for a run of the task that its words ask for. */
export function evaluateCommand(words: readonly string[] = []): Command {
  const known = taskOfWords(words) ?? (tasks[0] as Task);
  const command = new Command("evaluate")
    .description(
      "How well a model does on a file, in the figures of its task. The options of a run's task: rondo evaluate RUN --help.",
    )
    .argument("<run>", "the folder of a run, or a model file", path);
  addSignature(command, known.evaluation);
  if (known.evaluatesRows) {
    command.option(
      "--predictions <file>",
      "where what the model makes of each row goes; a .jsonl gets lines of JSON",
      path,
    );
  }
  command.option("--json", "print one line of JSON");
  addThreads(command);
  return command.action(async (run: string, flags: Flags) => {
    const { task, model, where } = openModel(run, givenBackend(flags));
    const paths = givenPaths(task.evaluation.files, flags);
    checkFiles(task.evaluation.files, paths);
    const missing = missingFile(task.evaluation.files, paths);
    if (missing) throw new UsageError(`${missing.ways.join(" or ")} expected: what to evaluate ${run} on`);
    const { predictions } = flags;
    if (predictions === STANDARD) {
      throw new UsageError("--predictions -: a file expected, as the figures go to the standard output");
    }
    requireOwnFile("predictions", predictions, [where, ...Object.values(paths)]);
    const inputs = openInputs(task.evaluation.files, paths);
    const options = givenOptions(task.evaluation, flags);
    const found =
      predictions === undefined
        ? await model.evaluate(inputs, options)
        : await writing(fileOutput(predictions), { json: isJsonLines(predictions) }, (write) =>
            model.evaluate(inputs, options, write),
          );
    console.log(
      flags.json ? jsonLine(evaluationJson(found)) : evaluationTable(found, task.measures).join("\n"),
    );
    if (found.warning !== undefined) console.error(`rondo: ${found.warning}`);
  });
}
