/** `rondo train`: trains a language model on a text, or goes on with a training that was interrupted. */

import { basename, resolve } from "node:path";
import { Command, Option } from "commander";
import { codePoints, decodeText } from "../data/text.ts";
import { TOKEN_KINDS } from "../data/vocabulary.ts";
import { RondoError, TrainingError, UsageError } from "../errors.ts";
import { cells, schemes } from "../nn/index.ts";
import { readFileBytes } from "../node/files.ts";
import { type LanguageModelOptions, LanguageModelTraining } from "../tasks/language-model/index.ts";
import { languageModelNames } from "../tasks/language-model/options.ts";
import { readTrainingMetadata } from "../tasks/language-model/training.ts";
import { readCheckpoint } from "../training/checkpoint.ts";
import { OPTIMIZER_NAMES } from "../training/optimizer.ts";
import { SCHEDULE_KINDS, type ScheduleDescription } from "../training/schedules.ts";
import { INTERRUPTED, Interruption } from "./exit.ts";
import { addThreads, backendOf, number } from "./options.ts";
import { Report } from "./report.ts";
import { newRunPath, RunFolder } from "./run-folder.ts";

/** Options that going on with a run may change. */
const RESUMABLE = ["resume", "validationText", "epochs", "json", "checkpointEvery", "threads"];

interface Flags extends Omit<LanguageModelOptions, "schedule" | "optimizerSettings"> {
  schedule?: ScheduleDescription["kind"];
  resume?: string;
  validationText?: string;
  out?: string;
  json?: true;
  checkpointEvery: number;
  threads: number;
  momentum?: number;
  nesterov?: true;
  weightDecay?: number;
  decayEvery?: number;
  decayHold?: number;
  decayFactor?: number;
  minimumLearningRate?: number;
  plateauPatience?: number;
  warmup?: number;
}

export function trainCommand(): Command {
  const command = new Command("train");
  const choice = (flag: string, description: string, choices: readonly string[]) =>
    command.addOption(new Option(flag, description).choices(choices));
  command
    .description(
      "Train a language model on a text file. Every option has a default; 0 switches off what can be off.",
    )
    .argument("[text]", "the text, UTF-8")
    .option("--resume <run>", "go on with the run in this folder")
    .option("--out <folder>", "folder of the run (default: runs/TEXT-CELL)");
  choice("--tokens <kind>", "what a token is (default: characters)", TOKEN_KINDS);
  command.option("--vocabulary <tokens>", "words: how many tokens to know (default: 10000)", number);
  choice("--cell <name>", "the recurrent cell (default: lstm)", Object.keys(cells));
  command
    .option("--embedding <size>", "numbers in a token's vector (default: 64)", number)
    .option("--hidden <units>", "units of each recurrent layer (default: 256)", number)
    .option("--layers <count>", "recurrent layers (default: 1)", number)
    .option("--dropout <probability>", "of dropping an element while training (default: 0)", number);
  choice("--initialize <scheme>", "how weights start (default: default)", schemes);
  command
    .option("--batch <rows>", "rows of text side by side (default: 32, less for a short text)", number)
    .option("--window <steps>", "steps of an update (default: 64)", number)
    .option("--epochs <count>", "times through the text (default: 6, more for a short text)", number);
  choice("--optimizer <name>", "(default: adam)", OPTIMIZER_NAMES);
  command
    .option("--learning-rate <rate>", "(default: 0.002 for adam)", number)
    .option("--momentum <number>", "of sgd and rmsprop (default: 0)", number)
    .option("--nesterov", "sgd: Nesterov's momentum")
    .option("--weight-decay <number>", "(default: 0; adamw: 0.01)", number);
  choice("--schedule <kind>", "of the learning rate (default: constant)", SCHEDULE_KINDS);
  command
    .option("--decay-every <epochs>", "schedule step: epochs between reductions (default: 1)", number)
    .option(
      "--decay-hold <epochs>",
      "schedule step: epochs before the first that counts (default: 0)",
      number,
    )
    .option("--decay-factor <number>", "schedules step and plateau: the reduction (default: 0.1)", number)
    .option("--minimum-learning-rate <rate>", "schedules cosine and plateau (default: 0)", number)
    .option(
      "--plateau-patience <epochs>",
      "schedule plateau: epochs without improvement (default: 10)",
      number,
    )
    .option("--warmup <steps>", "updates until the full learning rate (default: 0)", number)
    .option("--clip <norm>", "largest global norm of the gradients (default: 1)", number)
    .option("--clip-value <number>", "largest element of the gradients (default: 0)", number)
    .option(
      "--validation <fraction>",
      "of the text, its end, to hold out; or so many characters (default: 0.1)",
      number,
    )
    .option("--validation-text <file>", "the text to validate on, instead of the end of the first")
    .option("--patience <epochs>", "stop after so many epochs without improvement (default: 0)", number)
    .option("--seed <number>", "of all random numbers (default: 1)", number)
    .option("--checkpoint-every <seconds>", "time between checkpoints", number, 15)
    .option("--json", "print lines of JSON");
  addThreads(command);
  return command.action(async (text: string | undefined, flags: Flags) => {
    requirePositive(flags.checkpointEvery);
    const prepared =
      flags.resume === undefined ? begin(text, flags) : goOn(flags.resume, text, flags, command);
    await run(prepared, flags);
  });
}

interface Prepared {
  training: LanguageModelTraining;
  folder: RunFolder;
}

function begin(text: string | undefined, flags: Flags): Prepared {
  if (text === undefined)
    throw new UsageError("no text given: rondo train TEXT, or rondo train --resume RUN");
  const { out = newRunPath(text, flags.cell ?? "lstm") } = flags;
  const folder = new RunFolder(out);
  const options: LanguageModelOptions = {
    ...(Object.fromEntries(
      Object.entries(flags).filter(([name]) => Object.hasOwn(languageModelNames, name)),
    ) as Omit<LanguageModelOptions, "schedule">),
    schedule: scheduleOf(flags),
    optimizerSettings: given({
      momentum: flags.momentum,
      nesterov: flags.nesterov,
      weightDecay: flags.weightDecay,
    }),
  };
  if (folder.holdsRun()) folder.create();
  const { validationText } = flags;
  if (validationText !== undefined && flags.validation !== undefined) {
    throw new UsageError("--validation and --validation-text given: expected one of them");
  }
  const { sources, parts } = readTexts([text, ...(validationText === undefined ? [] : [validationText])]);
  const [, heldOut] = parts;
  const training = LanguageModelTraining.start(parts.join(""), {
    ...options,
    ...(heldOut !== undefined && { validation: codePoints(heldOut) }),
    name: basename(text),
    sources,
    backend: backendOf(flags),
  });
  folder.create();
  folder.writeCheckpoint(training.checkpoint());
  return { training, folder };
}

function goOn(path: string, text: string | undefined, flags: Flags, command: Command): Prepared {
  const changed = Object.keys(flags).find(
    (name) => !RESUMABLE.includes(name) && command.getOptionValueSource(name) === "cli",
  );
  if (changed !== undefined) {
    const flag = command.options.find((option) => option.attributeName() === changed)?.long;
    throw new UsageError(
      `${flag} cannot change when a run goes on: ${path} keeps the options it was started with`,
    );
  }
  const folder = new RunFolder(path);
  const bytes = folder.readCheckpoint();
  const where = folder.checkpoint;
  const before = readTrainingMetadata(readCheckpoint(bytes, where)).sources;
  const { sources, parts } = readTexts(
    before.map((path, part) => [text, flags.validationText][part] ?? path),
  );
  const training = LanguageModelTraining.resume(bytes, parts.join(""), {
    where,
    name: sources[0],
    sources,
    epochs: flags.epochs,
    backend: backendOf(flags),
  });
  folder.rewindMetrics(training.progress, training.windows);
  return { training, folder };
}

/** Runs a training with everything it shows and writes; the process ends by itself afterwards. */
async function run({ training, folder }: Prepared, { json, checkpointEvery }: Flags): Promise<void> {
  const form = json ? "json" : process.stdout.isTTY ? "bar" : "lines";
  const say = (event: Record<string, unknown>, text: string) =>
    console.log(json ? JSON.stringify(event) : text);
  const { progress, settings, tokens, text } = training;
  const begun = `${text.name}: ${tokens.training.toLocaleString("en")} tokens to train on, ${tokens.validation.toLocaleString("en")} held out`;
  const where = progress.step === 0 ? "" : `; going on at step ${progress.step}`;
  say(
    { event: "start", run: folder.path, step: progress.step, tokens },
    `${begun}, ${settings.epochs} ${settings.epochs === 1 ? "epoch" : "epochs"}${where}`,
  );
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  const report = new Report(form, training, (line) => folder.addMetrics(line));
  let saved = progress.step;
  try {
    const reason = await training.run({
      checkpointEvery,
      signal: stop.signal,
      onEvent: report.onEvent,
      onModel: (bytes) => folder.writeModel(bytes),
      onCheckpoint: (bytes) => {
        folder.writeCheckpoint(bytes);
        saved = progress.step;
      },
    });
    report.end();
    const done = {
      finished: `done: ${folder.model}`,
      "stopped early": `stopped early, after ${progress.waited} epochs without improvement: ${folder.model} is the best`,
    };
    if (reason !== "interrupted" || json) {
      say({ event: "end", reason, run: folder.path, step: progress.step }, done[reason as keyof typeof done]);
    }
    if (reason === "interrupted") {
      throw new Interruption(
        `stopped at step ${progress.step}; go on with: rondo train --resume ${folder.path}`,
      );
    }
  } catch (error) {
    report.end();
    if (!(error instanceof RondoError)) throw error;
    error.message += `; ${folder.path} keeps the checkpoint of step ${saved}`;
    // A training that diverged would do so again.
    if (!(error instanceof TrainingError)) {
      error.message += `, go on from it with: rondo train --resume ${folder.path}`;
    }
    throw error;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupt);
  }
}

/** The texts of files; the paths are those that find them from anywhere. */
function readTexts(paths: readonly string[]): { sources: string[]; parts: string[] } {
  const parts = paths.map((path) => decodeText(readFileBytes(path), path));
  return { sources: paths.map((path) => resolve(path)), parts };
}

function scheduleOf(flags: Flags): ScheduleDescription {
  const { decayEvery, decayHold, decayFactor, minimumLearningRate, plateauPatience, warmup } = flags;
  return {
    kind: flags.schedule ?? "constant",
    ...given({
      warmUp: warmup,
      every: decayEvery,
      hold: decayHold,
      factor: decayFactor,
      minimum: minimumLearningRate,
      patience: plateauPatience,
    }),
  };
}

/** Without what was not given. */
function given<Values extends object>(
  values: Values,
): { [Name in keyof Values]?: NonNullable<Values[Name]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Values;
}

function requirePositive(seconds: number): void {
  if (!(seconds > 0))
    throw new UsageError(`checkpoint-every ${seconds}: expected a number of seconds above 0`);
}
