/** `rondo evaluate`: how well a model does on a file. */

import { Command } from "commander";
import { UsageError } from "../errors.ts";
import { jsonLine } from "../node/json-line.ts";
import { spelt } from "../options/table.ts";
import { tasks } from "../tasks/index.ts";
import type { MeasureTable } from "../tasks/measures.ts";
import type { Evaluation, Task } from "../tasks/task.ts";
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
    const { measures, beside, details } = found;
    console.log(
      flags.json ? jsonLine({ ...measures, ...beside, ...details }) : table(found, task.measures).join("\n"),
    );
  });
}

/** A line for each measure, in the order of the task; a column for the model, and one for each that stands beside it. */
function table({ measures, beside = {} }: Evaluation, known: MeasureTable): string[] {
  const columns = { model: measures, ...beside };
  const shown = Object.entries(known).filter(([name]) =>
    Object.values(columns).some((column) => column[name] !== undefined),
  );
  const rows = shown.map(([name, { label, print }]) => [
    label,
    ...Object.values(columns).map(({ [name]: value }) => (value === undefined ? "" : print(value))),
  ]);
  const isAlone = Object.keys(columns).length === 1;
  const head = isAlone ? [] : [["", ...Object.keys(columns).map(spelt)]];
  return aligned([...head, ...rows]);
}

/** Rows of cells in columns: the first begins at the left, numbers in several columns end at the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => {
        if (at === 0) return cell.padEnd(widths[at] ?? 0);
        return row.length === 2 ? cell : cell.padStart(widths[at] ?? 0);
      })
      .join("  "),
  );
}
