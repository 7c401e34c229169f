/** `rondo predict`, and `rondo generate`, which is the same for models that write: what a model makes of its input. */

import { resolve } from "node:path";
import { Command } from "commander";
import type { Drawing } from "../draw/charts/drawing.ts";
import { chartSvg } from "../draw/charts/svg.ts";
import { chartText } from "../draw/charts/text.ts";
import { UsageError } from "../errors.ts";
import { FileReplacement, writeFileAtomic } from "../node/files.ts";
import { untilInterrupted } from "../node/interruption.ts";
import { tasks } from "../tasks/index.ts";
import type { GivenFiles, GivenOptions, Task, TaskModel } from "../tasks/task.ts";
import { Interruption } from "./exit.ts";
import { printExplanations, requireOutside, writeExplanations } from "./explanations.ts";
import { checkFiles, missingFile, requireFiles } from "./given-files.ts";
import { openModel, taskOfWords } from "./models.ts";
import { addThreads, type BackendWords, givenBackend, path } from "./options.ts";
import { fileOutput, isJsonLines, requireOwnFile, standardOutput, writePredictions } from "./output.ts";
import { addSignature, givenOptions, givenPaths, openInput, openInputs, STANDARD } from "./task-options.ts";

interface Flags extends BackendWords, Readonly<Record<string, unknown>> {
  readonly output?: string;
  readonly plot?: string;
  readonly explain?: string;
  readonly follow?: true;
  readonly out?: string;
  readonly json?: true;
}

/** The command for a run of the task that its words ask for. */
export function predictCommand(words: readonly string[] = []): Command {
  const known = taskOfWords(words) ?? (tasks[0] as Task);
  const command = new Command("predict")
    .alias("generate")
    .description(
      "What a model makes of its input: exactly one line for each that it is given. A file - is the standard input. The options of a run's task: rondo predict RUN --help.",
    )
    .argument("<run>", "the folder of a run, or a model file", path);
  addSignature(command, known.prediction);
  command
    .option(
      "--output <file>",
      "where the predictions go; a .jsonl gets lines of JSON (default: the standard output)",
      path,
    )
    .option("--plot <file>", "an SVG file for a picture of them; - draws it in the terminal", path)
    .option(
      "--explain <folder>",
      "a new folder for a picture of what decided each of them; - draws in the terminal",
      path,
    )
    .option("--follow", "answer each line at once, until the input ends or Ctrl-C; default input: -")
    .option(
      "--out <file>",
      "with --follow and options by which a model learns from it: where the model goes that has learnt",
      path,
    )
    .option("--json", "print lines of JSON");
  addThreads(command, 1);
  return command.action(async (run: string, words: Flags) => {
    const { task, model, where } = openModel(run, givenBackend(words));
    const { files } = task.prediction;
    const given = givenPaths(files, words);
    const flags = followedFlags(task, given, words);
    checkFlags(flags);
    // What is followed is the first file, or else the standard input.
    const paths = flags.follow ? { [Object.keys(files)[0] as string]: STANDARD, ...given } : given;
    checkFiles(files, paths);
    const missing = missingFile(files, paths);
    if (missing) throw new UsageError(`${missing.ways.join(" or ")} expected: what ${run} shall predict`);
    for (const name of ["output", "plot", "explain"] as const) {
      requireOwnFile(name, flags[name], [where, ...Object.values(paths)]);
    }
    const call = { run, where, task, model, flags, paths };
    checkOut(call);
    try {
      await (flags.follow ? follow(call) : predict(call));
    } finally {
      // Else the process would wait for more, whatever ended it.
      if (Object.values(paths).includes(STANDARD)) process.stdin.destroy();
    }
  });
}

/** The command as it was called. */
interface Call {
  readonly run: string;
  /** The file of its model. */
  readonly where: string;
  readonly task: Task;
  readonly model: TaskModel;
  readonly flags: Flags;
  readonly paths: Readonly<Record<string, string>>;
}

/** The flags, with --follow where that is what a task makes of nothing to predict. */
function followedFlags({ prediction }: Task, given: Readonly<Record<string, string>>, flags: Flags): Flags {
  const [first] = Object.values(prediction.files);
  const { output, plot, explain } = flags;
  const isAsked = first?.followed && Object.keys(given).length === 0;
  return isAsked && [output, plot, explain].every((one) => one === undefined)
    ? { ...flags, follow: true }
    : flags;
}

/** Throws UsageError for flags that contradict each other. */
function checkFlags({ output, plot, explain, follow, json }: Flags): void {
  if (follow && output !== undefined && output !== STANDARD) {
    throw new UsageError(`--follow answers at once, on the standard output: > ${output} expected`);
  }
  for (const [name, given] of Object.entries({ plot, explain })) {
    if (given === undefined) continue;
    if (follow) throw new UsageError(`--follow goes on: there is nothing to ${name}`);
    if (given === STANDARD && json) {
      throw new UsageError(`--${name} - draws for people, --json prints for machines: one expected`);
    }
  }
  if (plot === STANDARD && explain === STANDARD) {
    throw new UsageError("--plot - and --explain - both draw in the terminal: one expected");
  }
  if (explain !== STANDARD) {
    for (const [name, written] of Object.entries({ output, plot })) {
      if (written !== STANDARD) requireOutside(name, written, explain);
    }
  }
  if (plot === undefined || plot === STANDARD) return;
  if (!/\.svg$/i.test(plot)) throw new UsageError(`--plot ${plot}: a file whose name ends in .svg expected`);
  if (output !== undefined && resolve(output) === resolve(plot)) {
    throw new UsageError(`--output and --plot are both ${output}: two files expected`);
  }
}

/** Throws UsageError for a model to be written that does not change, and for one in the place of what it follows. */
function checkOut({ run, where, task, model, flags, paths }: Call): void {
  const { out, follow } = flags;
  if (out === undefined) return;
  if (out === STANDARD) throw new UsageError("--out -: a file for the model expected");
  if (!follow || !model.toBytes || !model.learns?.(givenOptions(task.prediction, flags))) {
    const how = model.learns ? ": --follow, and options that say so, expected" : "";
    throw new UsageError(`--out ${out}: ${run} learns nothing from what it is given${how}`);
  }
  requireOwnFile("out", out, [run, where, ...Object.values(paths)]);
}

/** What a model is asked, anew each time. */
function asked({ task, flags, paths }: Call): readonly [GivenFiles, GivenOptions] {
  return [openInputs(task.prediction.files, paths), givenOptions(task.prediction, flags)];
}

async function predict(call: Call): Promise<void> {
  const { plot, explain = "" } = call.flags;
  const draw = plot === undefined ? undefined : await plotted(call, plot);
  const drawings = explain === "" ? undefined : explanations(call);
  const inTerminal = explain === STANDARD;
  const folder = drawings && !inTerminal ? await writeExplanations(drawings, explain) : undefined;
  try {
    await predictTo(call, folder?.stopped);
    if (drawings && inTerminal) await printExplanations(drawings);
    draw?.();
    folder?.complete();
  } catch (error) {
    folder?.abandon();
    throw error;
  }
}

/** Tells the predictions; in the terminal a drawing takes their place. */
async function predictTo(call: Call, stopped: AbortSignal | undefined): Promise<void> {
  const { output, plot, explain, json } = call.flags;
  const toFile = output !== undefined && output !== STANDARD;
  if ([plot, explain].includes(STANDARD) && !toFile) return;
  const predictions = call.model.predict(...asked(call));
  if (toFile) {
    await writePredictions(predictions, fileOutput(output, stopped), { json: json || isJsonLines(output) });
  } else await writePredictions(predictions, standardOutput(stopped), { json });
}

/** What decided each prediction. */
function explanations(call: Call): AsyncIterable<Drawing> {
  const { run, task, model, paths } = call;
  if (!model.explain) throw new UsageError(`${run}: ${task.summary} explains nothing`);
  requireFiles(paths, "explanations");
  return model.explain(...asked(call));
}

/** What shows the plot of the predictions, which is made before anything is written. */
async function plotted(call: Call, plot: string): Promise<() => void> {
  const { run, task, model, paths } = call;
  if (!model.plot) throw new UsageError(`${run}: ${task.summary} has no plot`);
  requireFiles(paths, "a plot");
  const chart = await model.plot(...asked(call));
  if (plot !== STANDARD) {
    const picture = new TextEncoder().encode(chartSvg(chart));
    return () => writeFileAtomic(plot, picture);
  }
  const { columns, isTTY } = process.stdout;
  const text = chartText(chart, { columns, color: isTTY && process.stdout.hasColors() });
  return () => process.stdout.write(text);
}

/** Answers line by line. */
async function follow(call: Call): Promise<void> {
  const { run, task, model, flags, paths } = call;
  if (!model.follow) throw new UsageError(`${run}: ${task.summary} follows no stream`);
  const [name] = Object.keys(task.prediction.files) as [string];
  const input = openInput(paths[name] as string);
  if (paths[name] === STANDARD && process.stdin.isTTY) {
    process.stderr.write("each line is answered; Ctrl-D ends\n");
  }
  // What cannot be written is known before anything is learnt.
  const learnt = flags.out === undefined ? undefined : new FileReplacement(flags.out);
  const complete = () => {
    if (model.toBytes) learnt?.write(model.toBytes());
    learnt?.complete();
  };
  const interruption = untilInterrupted();
  try {
    const predictions = model.follow(input, givenOptions(task.prediction, flags));
    await writePredictions(predictions, standardOutput(interruption.signal), flags);
    complete();
  } catch (error) {
    // Ctrl-C is how a stream ends that has no end.
    if (error instanceof Interruption) complete();
    else learnt?.abandon();
    throw error;
  } finally {
    interruption.end();
  }
}
