/** What `rondo train` starts or goes on with: from texts and options to a training. */

import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { codePoints } from "../data/text.ts";
import { DataError, UsageError } from "../errors.ts";
import { type LanguageModelOptions, LanguageModelTraining } from "../tasks/language-model/index.ts";
import { languageModelNames } from "../tasks/language-model/options.ts";
import { readTrainingMetadata } from "../tasks/language-model/training.ts";
import { readCheckpoint } from "../training/checkpoint.ts";
import type { ScheduleDescription } from "../training/schedules.ts";
import { backendOf } from "./options.ts";
import type { RunFolder } from "./run-folder.ts";
import { joinTexts, readText } from "./texts.ts";

export interface TrainFlags extends Omit<LanguageModelOptions, "schedule" | "optimizerSettings"> {
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

/** Options that going on with a run may change. */
const RESUMABLE = ["resume", "validationText", "epochs", "json", "checkpointEvery", "threads"];

/** Throws UsageError for what contradicts itself before any file is read. */
export function checkFlags(text: string | undefined, flags: TrainFlags, command: Command): void {
  const { resume, checkpointEvery, validation, validationText } = flags;
  if (!(checkpointEvery > 0)) {
    throw new UsageError(`checkpoint-every ${checkpointEvery}: expected a number of seconds above 0`);
  }
  if (resume === undefined) {
    if (text === undefined) {
      throw new UsageError("no text given: rondo train TEXT, or rondo train --resume RUN");
    }
    if (validationText !== undefined && validation !== undefined) {
      throw new UsageError("--validation and --validation-text given: expected one of them");
    }
    return;
  }
  const changed = Object.keys(flags).find(
    (name) => !RESUMABLE.includes(name) && command.getOptionValueSource(name) === "cli",
  );
  if (changed === undefined) return;
  const flag = command.options.find((option) => option.attributeName() === changed)?.long;
  throw new UsageError(
    `${flag} cannot change when a run goes on: ${resume} keeps the options it was started with`,
  );
}

/** A new training on a text. */
export function begin(text: string, flags: TrainFlags): LanguageModelTraining {
  const { validationText } = flags;
  const own = Object.entries(flags).filter(([name]) => Object.hasOwn(languageModelNames, name));
  const options: LanguageModelOptions = {
    ...(Object.fromEntries(own) as Omit<LanguageModelOptions, "schedule">),
    schedule: scheduleOf(flags),
    optimizerSettings: given({
      momentum: flags.momentum,
      nesterov: flags.nesterov,
      weightDecay: flags.weightDecay,
    }),
  };
  const paths = [text, ...(validationText === undefined ? [] : [validationText])];
  const parts = paths.map(readText);
  const [name, heldOut] = namesOf(paths);
  return LanguageModelTraining.start(joinTexts(parts, paths), {
    ...options,
    ...(parts[1] !== undefined && { validation: codePoints(parts[1]) }),
    name,
    heldOut,
    sources: paths.map((path) => resolve(path)),
    backend: backendOf(flags),
  });
}

/** The training of a run's folder as its checkpoint left it; texts are looked for where they were, unless named. */
export function goOn(folder: RunFolder, text: string | undefined, flags: TrainFlags): LanguageModelTraining {
  const bytes = folder.readCheckpoint();
  const where = folder.checkpoint;
  const checkpoint = readCheckpoint(bytes, where);
  const { sources: before, settings } = readTrainingMetadata(checkpoint);
  if (flags.validationText !== undefined && before.length < 2) {
    throw new UsageError(`--validation-text given, but ${folder.path} validates on the end of its own text`);
  }
  const { epoch } = checkpoint.progress;
  if (flags.epochs !== undefined && flags.epochs >= 1 && flags.epochs < epoch) {
    throw new UsageError(`epochs ${flags.epochs}: ${folder.path} has been trained for ${epoch} already`);
  }
  const named = [text, flags.validationText];
  const sources = before.map((path, part) => resolve(named[part] ?? path));
  const advised = <Result>(parts: readonly number[], work: () => Result): Result => {
    const moved = parts.filter((part) => named[part] === undefined);
    return moved.length === 0 ? work() : advising(howToName(folder.path, moved), work);
  };
  const parts = sources.map((path, part) => advised([part], () => readText(path)));
  const [, heldOut] = parts;
  if (heldOut !== undefined && codePoints(heldOut) !== settings.validation) {
    const given = `${sources[1]} (${codePoints(heldOut)} characters)`;
    const wanted = `the text that ${where} is validated on (${settings.validation} characters)`;
    advised([1], () => {
      throw new DataError(`${given} is not ${wanted}`);
    });
  }
  const all = Array.from(parts.keys());
  return advised(all, () =>
    LanguageModelTraining.resume(bytes, joinTexts(parts, sources), {
      where,
      name: sources.join(" with "),
      sources,
      epochs: flags.epochs,
      backend: backendOf(flags),
    }),
  );
}

/** How to go on with a run whose texts are somewhere else: the first, the second, or both. */
function howToName(run: string, parts: readonly number[]): string {
  const text = parts.includes(0) ? "TEXT " : "";
  const heldOut = parts.includes(1) ? " --validation-text TEXT" : "";
  return `if it has moved, name it: rondo train ${text}--resume ${run}${heldOut}`;
}

/** Does `work`; what is wrong with data is said with an advice. */
function advising<Result>(advice: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof DataError) error.message += `; ${advice}`;
    throw error;
  }
}

/** What files are called: by their names alone where these differ. */
function namesOf(paths: readonly string[]): string[] {
  const names = paths.map((path) => basename(path));
  return new Set(names).size === names.length ? names : [...paths];
}

function scheduleOf(flags: TrainFlags): ScheduleDescription {
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
