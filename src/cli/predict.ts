/** `rondo predict`, and `rondo generate`, which is the same for models that write: what a model makes of its input. */

import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { isSameFile, writeFileAtomic } from "../node/files.ts";
import { jsonLine } from "../node/json-line.ts";
import { tasks } from "../tasks/index.ts";
import type { Prediction, Task } from "../tasks/task.ts";
import { openModel, taskOfWords } from "./models.ts";
import { addThreads, backendOf, path } from "./options.ts";
import { addSignature, givenOptions, givenPaths, missingFile, openFiles } from "./task-options.ts";

interface Flags extends Readonly<Record<string, unknown>> {
  readonly output?: string;
  readonly json?: true;
  readonly threads: number;
}

/** The command for a run of the task that its words ask for. */
export function predictCommand(words: readonly string[] = []): Command {
  const known = taskOfWords(words) ?? (tasks[0] as Task);
  const command = new Command("predict")
    .alias("generate")
    .description("What a model makes of its input: exactly one line for each that it is given.")
    .argument("<run>", "the folder of a run, or a model file", path);
  addSignature(command, known.prediction);
  command
    .option("--output <file>", "where the predictions go (default: the standard output)", path)
    .option("--json", "print lines of JSON");
  addThreads(command, 1);
  return command.action(async (run: string, flags: Flags) => {
    const { task, model, where } = openModel(run, backendOf(flags));
    const paths = givenPaths(task.prediction.files, flags);
    const missing = missingFile(task.prediction.files, paths);
    if (missing !== undefined) throw new UsageError(`${missing} FILE expected: what ${run} shall predict`);
    requireOwnFile(flags.output, [where, ...Object.values(paths)]);
    const predictions = model.predict(openFiles(paths), givenOptions(task.prediction, flags));
    await write(predictions, flags);
  });
}

/** Throws UsageError where predictions would take the place of what they are made from. */
function requireOwnFile(output: string | undefined, read: readonly string[]): void {
  if (output === undefined || !read.some((path) => isSameFile(path, output))) return;
  throw new UsageError(`--output ${output} is what is read: another file expected`);
}

/** Prints predictions as they come, or writes them to a file when all are there. */
async function write(predictions: AsyncIterable<Prediction>, { output, json }: Flags): Promise<void> {
  const lines: string[] = [];
  for await (const { text, json: values } of predictions) {
    if (json && !values) continue;
    const line = json && values ? jsonLine(values) : text;
    if (output === undefined) console.log(line);
    else lines.push(`${line}\n`);
  }
  if (output !== undefined) writeFileAtomic(output, new TextEncoder().encode(lines.join("")));
}
