/** `rondo train`: trains a language model on a text, or goes on with a training that was interrupted. */

import { existsSync } from "node:fs";
import { Command, Option } from "commander";
import { counted } from "../data/text.ts";
import { TOKEN_KINDS } from "../data/vocabulary.ts";
import { DataError, RondoError, TrainingError } from "../errors.ts";
import { cells, schemes } from "../nn/index.ts";
import type { LanguageModel, LanguageModelTraining } from "../tasks/language-model/index.ts";
import type { TrainingEnd } from "../training/loop.ts";
import { OPTIMIZER_NAMES } from "../training/optimizer.ts";
import { SCHEDULE_KINDS } from "../training/schedules.ts";
import { INTERRUPTED, Interruption } from "./exit.ts";
import { addThreads, jsonLine, number, path } from "./options.ts";
import { begin, checkFlags, goOn, type TrainFlags } from "./prepare.ts";
import { Report } from "./report.ts";
import { RunFolder } from "./run-folder.ts";

export function trainCommand(): Command {
  const command = new Command("train");
  const choice = (flag: string, description: string, choices: readonly string[]) =>
    command.addOption(new Option(flag, description).choices(choices));
  command
    .description(
      "Train a language model on a text file. Every option has a default; 0 switches off what can be off.",
    )
    .argument("[text]", "the text, UTF-8", path)
    .option("--resume <run>", "go on with the run in this folder", path)
    .option("--out <folder>", "folder of the run (default: runs/TEXT-CELL)", path);
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
    .option("--validation-text <file>", "the text to validate on, instead of the end of the first", path)
    .option("--patience <epochs>", "stop after so many epochs without improvement (default: 0)", number)
    .option("--seed <number>", "of all random numbers (default: 1)", number)
    .option("--checkpoint-every <seconds>", "time between checkpoints", number, 15)
    .option("--json", "print lines of JSON");
  addThreads(command);
  return command.action(async (text: string | undefined, flags: TrainFlags) => {
    checkFlags(text, flags, command);
    const { resume, out, cell = "lstm" } = flags;
    const folder =
      resume !== undefined
        ? RunFolder.reopen(resume)
        : out === undefined
          ? RunFolder.claimNew(text as string, String(cell))
          : RunFolder.claim(out);
    const stop = new AbortController();
    const interrupt = () => {
      if (stop.signal.aborted) process.exit(INTERRUPTED);
      stop.abort();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
    try {
      await run(folder, text, flags, stop.signal);
    } finally {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, interrupt);
      folder.release();
    }
  });
}

/** Runs a training with everything it shows and writes; the process ends by itself afterwards. */
async function run(
  folder: RunFolder,
  text: string | undefined,
  flags: TrainFlags,
  signal: AbortSignal,
): Promise<void> {
  const { json, checkpointEvery } = flags;
  const training = prepare(folder, text, flags);
  const form = json ? "json" : process.stdout.isTTY ? "bar" : "lines";
  const say = (event: Record<string, unknown>, text: string) => console.log(json ? jsonLine(event) : text);
  const { progress, settings, tokens } = training;
  const begun = `${training.text.name}: ${tokens.training.toLocaleString("en")} tokens to train on, ${tokens.validation.toLocaleString("en")} held out`;
  const where = progress.step === 0 ? "" : `; going on at step ${progress.step}`;
  say(
    { event: "start", run: folder.path, step: progress.step, tokens },
    `${begun}, ${settings.epochs} ${settings.epochs === 1 ? "epoch" : "epochs"}${where}`,
  );
  const report = new Report(form, training, (line) => folder.addMetrics(line));
  let saved = progress.step;
  let loss = 0;
  let reason: TrainingEnd;
  try {
    reason = await training.run({
      checkpointEvery,
      signal,
      onEvent(event) {
        if (event.event === "step") loss = event.loss;
        report.onEvent(event);
      },
      onModel: (bytes) => folder.writeModel(bytes),
      onCheckpoint: (bytes) => {
        folder.writeCheckpoint(bytes);
        saved = progress.step;
      },
    });
    report.end();
  } catch (error) {
    report.end();
    if (!(error instanceof RondoError)) throw error;
    error.message += `; ${folder.path} keeps the checkpoint of step ${saved}`;
    // A training that diverged would do so again.
    if (error instanceof TrainingError) error.message += " (--learning-rate, --clip)";
    else {
      error.message += `, go on from it with: rondo train --resume ${folder.path}`;
    }
    throw error;
  }
  const isDone = reason !== "interrupted";
  if (isDone && !existsSync(folder.model)) {
    throw new DataError(
      `${folder.model} is gone, and all epochs are done: train more of them (rondo train --resume ${folder.path} --epochs ${progress.epoch + 1})`,
    );
  }
  if (isDone || json) {
    const end = { event: "end", reason, run: folder.path, step: progress.step };
    say(end, `${reason === "finished" ? "done" : stoppedEarly(training)}: ${folder.model}`);
  }
  if (!isDone) {
    throw new Interruption(
      `stopped at step ${progress.step}; go on with: rondo train --resume ${folder.path}`,
    );
  }
  warnOfChance(training.model, progress.best ?? loss);
}

function stoppedEarly({ progress: { waited } }: LanguageModelTraining): string {
  return `stopped early, after ${counted(waited, "epoch")} without improvement`;
}

/** Nats above those of a guess from which on a model has learnt nothing but to be wrong. */
const WORSE_THAN_CHANCE = 1;

/** Says where a model predicts worse than if all tokens were as likely. */
function warnOfChance({ vocabulary }: LanguageModel, nats: number): void {
  const chance = Math.log(vocabulary.size);
  if (!(nats > chance + WORSE_THAN_CHANCE)) return;
  const found = `${nats.toFixed(2)} nats per token, a guess among ${vocabulary.size} has ${chance.toFixed(2)}`;
  console.error(`rondo: the model predicts worse than chance: ${found}; try a lower learning rate`);
}

/** The training, and its folder as it is when it begins or goes on. */
function prepare(folder: RunFolder, text: string | undefined, flags: TrainFlags): LanguageModelTraining {
  if (flags.resume === undefined) {
    const training = begin(text as string, flags);
    folder.writeCheckpoint(training.checkpoint());
    return training;
  }
  const training = goOn(folder, text, flags);
  folder.rewindMetrics(training.progress, training.windows);
  return training;
}
