/** `rondo inspect`: what happens inside of a model while it reads an example, as a page of HTML, in the terminal, or as JSON. */

import { Command } from "commander";
import { inspectionPage } from "../draw/report/index.ts";
import type { InspectionReport } from "../draw/report/report.ts";
import { UsageError } from "../errors.ts";
import { looker } from "../inspect/inspect.ts";
import { writeFileAtomic } from "../node/files.ts";
import { jsonLine } from "../node/json-line.ts";
import { tasks } from "../tasks/index.ts";
import type { InspectedExample } from "../tasks/inspection.ts";
import type { Signature, Task, TaskModel } from "../tasks/task.ts";
import { terminal } from "./explanations.ts";
import { checkFiles, missingFile, requireFiles } from "./given-files.ts";
import { inspectionJson, inspectionText } from "./inspection.ts";
import { openModel, taskOfWords } from "./models.ts";
import { addThreads, type BackendWords, givenBackend, names, path } from "./options.ts";
import { requireOwnFile } from "./output.ts";
import { addSignature, givenOptions, givenPaths, openInputs } from "./task-options.ts";

interface Flags extends BackendWords, Readonly<Record<string, unknown>> {
  readonly name?: readonly string[];
  readonly out?: string;
  readonly json?: true;
}

/** What the command takes of a task that cannot be looked into, so that it can say so. */
const NOTHING: Signature = { files: { input: { help: "what is read" } }, options: {} };

/** The command for a run of the task that its words ask for. */
export function inspectCommand(words: readonly string[] = []): Command {
  const known = taskOfWords(words) ?? (tasks[0] as Task);
  const command = new Command("inspect")
    .description(
      "What happens inside of a model while it reads an example: states and gates at each step, gradients by how far they reach back, saturated units, attention. The options of a run's task: rondo inspect RUN --help.",
    )
    .argument("<run>", "the folder of a run, or a model file", path);
  addSignature(command, known.inspection ?? NOTHING);
  command
    .option(
      "--name <names>",
      "look at these alone: a layer (rnn), a state or gate (rnn.l0.h, or h of all layers), gradient, saturation, radius; with commas between them (default: everything)",
      (text: string, before: readonly string[] = []) => [...before, ...names(text)],
    )
    .option("--out <file>", "an HTML file for the report (default: figures in the terminal)", path)
    .option("--json", "print all numbers as one line of JSON");
  addThreads(command, 1);
  return command.action(async (run: string, flags: Flags) => {
    const backend = givenBackend(flags);
    const { task, model, where } = openModel(run, backend);
    const { out, json } = flags;
    if (out !== undefined && !/\.html?$/i.test(out)) {
      throw new UsageError(`--out ${out}: a file whose name ends in .html expected`);
    }
    const example = await exampleOf(run, { task, model, where }, flags);
    const report = reportOf(run, { task, model, example }, lookAt(model, example, flags));
    if (out !== undefined) {
      const { found, ...about } = report;
      writeFileAtomic(out, new TextEncoder().encode(await inspectionPage(found, about)));
    }
    if (json) console.log(jsonLine(inspectionJson(report)));
    else if (out !== undefined) console.log(out);
    else process.stdout.write(inspectionText(report, terminal()));
  });
}

interface Opened {
  readonly task: Task;
  readonly model: TaskModel;
  readonly where: string;
}

/** The example that flags ask for. Throws UsageError where they ask for none, or the task has none. */
async function exampleOf(
  run: string,
  { task, model, where }: Opened,
  flags: Flags,
): Promise<InspectedExample> {
  const { inspection } = task;
  if (!inspection || !model.inspected) {
    throw new UsageError(`${run}: ${task.summary} has nothing that can be looked into`);
  }
  const paths = givenPaths(inspection.files, flags);
  checkFiles(inspection.files, paths);
  const missing = missingFile(inspection.files, paths);
  if (missing) throw new UsageError(`${missing.ways.join(" or ")} expected: what ${run} shall read`);
  requireOwnFile("out", flags.out, [where, ...Object.values(paths)]);
  requireFiles(paths, "an inspection");
  return model.inspected(openInputs(inspection.files, paths), givenOptions(inspection, flags));
}

/** What is seen while the model reads the example, and where it has one, the error of its last step alone. */
function lookAt({ network }: TaskModel, example: InspectedExample, flags: Flags) {
  const { inputs, values, last } = example;
  const loss = (given: never) => example.loss(given, undefined, undefined);
  const look = looker(
    "inspect",
    network,
    { inputs, loss, backend: givenBackend(flags) } as never,
    flags.name,
  );
  const found = look(values as never);
  const hasGradients = Object.keys(found.gradients).length > 0;
  return { found, ...(last !== undefined && hasGradients && { last: look(last as never) }) };
}

function reportOf(
  run: string,
  { task, model, example }: { task: Task; model: TaskModel; example: InspectedExample },
  seen: ReturnType<typeof lookAt>,
): InspectionReport {
  const { title, target, steps } = example;
  return {
    title: `Inside ${run}`,
    about: [
      ["task", task.summary],
      ...model.describe().form,
      ["looked at", title],
      ["loss", `${Number(seen.found.loss.toPrecision(5))} ${target}`],
    ],
    ...seen,
    steps,
  };
}
