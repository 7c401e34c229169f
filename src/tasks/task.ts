/**
 * What a task is to those who know none by name: the command, run folders, the documents. A task is a folder that has one
 * of these, and a row in the list of index.ts.
 */

import type { Backend } from "../backends/backend.ts";
import type { BackendChoice } from "../backends/choice.ts";
import type { SourceFolder } from "../data/folder.ts";
import type { Source } from "../data/source.ts";
import type { Chart } from "../draw/charts/chart.ts";
import type { Drawing } from "../draw/charts/drawing.ts";
import { DataError, UsageError } from "../errors.ts";
import type { OptionTable } from "../options/table.ts";
import type { Checkpoint } from "../training/checkpoint.ts";
import type { TrainingEnd } from "../training/loop.ts";
import type { TrainingProgress } from "../training/progress.ts";
import type { RunOptions } from "../training/training.ts";
import type { TaskFile } from "./file.ts";
import type { InspectedExample } from "./inspection.ts";
import type { MeasureTable } from "./measures.ts";

/** A file that a task reads. */
export interface FileFacts {
  /** Half a sentence: "the text to learn from, UTF-8". */
  readonly help: string;
  /** The name of the command's option, where it is not the file's own: "validation-text". */
  readonly flag?: string;
  /** Whether there is nothing to do without it, or without those that stand for it. */
  readonly required?: boolean;
  /** The option, of a number, that names this file where its value is no number: `--validation dev.txt` beside `--validation 0.1`. */
  readonly option?: string;
  /** The name of the file for which this one stands, together with every other that does: that file is given, or all of these. */
  readonly insteadOf?: string;
  /** Whether a prediction without it answers each line of the standard input at once, as people type them. */
  readonly followed?: true;
  /** Whether it may be a folder of files too. Where it may not, nobody gives one. */
  readonly folder?: true;
}

/** Files by the names that the task knows them by; the first of a training is the argument of the command, all others have flags. */
export type FileTable = Readonly<Record<string, FileFacts>>;

/** A file as it is given; `location` is where it is to be found again, such as its path. */
export interface GivenFile extends Source {
  readonly location?: string | undefined;
  /** The files below it where it is a folder; else those around it, which a table of paths names. */
  readonly folder?: SourceFolder | undefined;
  /** Whether it is a folder: it has no bytes of its own. */
  readonly isFolder?: true | undefined;
}
export type GivenFiles = Readonly<Record<string, GivenFile | undefined>>;

/** A folder as it is given. */
export function givenFolder(folder: SourceFolder): GivenFile {
  const { name } = folder;
  const none = () => Promise.reject(new DataError(`cannot read ${name}: it is a directory`));
  const stream = () => ({ getReader: () => ({ read: none, cancel: async () => {} }) });
  return { name, size: 0, arrayBuffer: none, stream, folder, isFolder: true };
}

/** A file that there must be. Throws UsageError where it is not given; `what` it is: "text", "file of rows". */
export function required(file: GivenFile | undefined, what: string): GivenFile {
  if (file) return file;
  throw new UsageError(`no ${what} given`);
}

/** What one of a task's commands takes. */
export interface Signature {
  readonly files: FileTable;
  readonly options: OptionTable;
}

/** Options as they were given, of the task's table. */
export type GivenOptions = Readonly<Record<string, unknown>>;

export interface TaskContext {
  readonly backend?: BackendChoice | undefined;
}

/** Something that is told: lines for people, and the same for machines. */
export interface Told {
  readonly lines: readonly string[];
  readonly json: object;
}

/** How a file begins, for a guess of what may be trained on it. */
export interface FileHead {
  /** Its name, without folders. */
  readonly name: string;
  /** Its first whole lines, without their ends; a folder has none. */
  readonly lines: readonly string[];
  /** The first paths of the files below it, sorted, where it is a folder. */
  readonly paths?: readonly string[] | undefined;
}

export interface Task {
  readonly name: string;
  /** What is trained: "a language model on a text". */
  readonly summary: string;
  readonly training: Signature;
  readonly evaluation: Signature;
  /** Whether an evaluation tells what the model makes of each row. */
  readonly evaluatesRows?: true | undefined;
  readonly prediction: Signature;
  /** What `inspect` takes of an example, where the model can be looked into. */
  readonly inspection?: Signature | undefined;
  /** What `draw` takes of an example, such as a tree as a text, where the model draws what it makes of one. */
  readonly drawing?: OptionTable | undefined;
  /** What is measured, in the order in which it is shown. */
  readonly measures: MeasureTable;
  /**
   * Why this task may be meant where nobody names one, in half a sentence: "fox.txt is a text". Undefined for a file that the
   * task would not be trained on. A file that several tasks claim is none's: whoever trains is asked. Only those are asked of a
   * folder whose training takes one.
   */
  guess?(head: FileHead): string | undefined;
  /** A new training. Throws UsageError for options that do not fit, DataError for files that are of no use. */
  begin(files: GivenFiles, options: GivenOptions, context: TaskContext): Promise<TaskTraining>;
  /** Where the files of a training were, by their names. */
  locations(checkpoint: Checkpoint): Readonly<Record<string, string>>;
  /** Goes on from a checkpoint with the same files; `epochs` may be others. */
  resume(
    checkpoint: Checkpoint,
    files: GivenFiles,
    changes: { readonly epochs?: number | undefined },
    context: TaskContext,
  ): Promise<TaskTraining>;
  /** The model of a file. Throws FormatError for one that is not exactly right. */
  open(file: TaskFile, context: TaskContext): TaskModel;
}

/** What runs: a `Training`, or what has one. */
export interface Runs {
  readonly progress: TrainingProgress;
  readonly epochs: number;
  /** Updates of the whole training. */
  readonly updates: number;
  run(options?: RunOptions): Promise<TrainingEnd>;
  checkpoint(): Uint8Array;
}

/** A task's training that has not begun, or goes on. */
export interface TaskTraining {
  readonly training: Runs;
  /** What was found in the data, told before the plan. */
  readonly audit?: Told | undefined;
  /** What is trained on what, in one line. */
  readonly plan: string;
  /** The same for machines. */
  readonly data: Readonly<Record<string, unknown>>;
  /** What a batch has many of, such as "tokens": what speed is measured in. */
  readonly unit: string;
  /** A loss in words that say more to people of the field: "2.16 bits/character". */
  lossText?(loss: number): string;
  /** What is wrong with a model that ended with this loss, where something is. */
  warning?(loss: number): string | undefined;
  /** How well the best model, which is given, does on what was held out; told after the training has ended. */
  summary?(best: TaskFile): Evaluation | undefined | Promise<Evaluation | undefined>;
}

/** A program of a model, for `explain`. */
export interface TaskPrograms {
  readonly batch: number;
  readonly window: number;
  /** Usual sizes of other symbols than T and B, where there are some. */
  readonly sizes?: Readonly<Record<string, number>> | undefined;
  /** One update. */
  training(backend: Backend): unknown;
  /** One step of a stream; undefined for a model that takes none, such as one that reads backwards too. */
  readonly stream?: ((backend: Backend) => unknown) | undefined;
}

/** Lines for people, by what they are about. */
export type Rows = readonly (readonly [string, string])[];

export interface Prediction {
  /** A line, or several. */
  readonly text: string;
  /** Undefined for a line of text alone, such as a header. */
  readonly json?: object | undefined;
}

/** Numbers by the names of measures. */
export type Measured = Readonly<Record<string, number>>;

/** How well a model does. As JSON it is one object: `{ ...measures, ...beside, ...details, warning }`. */
export interface Evaluation {
  /** By the names in the task's table of measures. */
  readonly measures: Measured;
  /** What the model has to beat, by name: the same measures of each. */
  readonly beside?: Readonly<Record<string, Measured>> | undefined;
  /** What is told in JSON alone, such as the measures of each series. */
  readonly details?: object | undefined;
  /** What is told to people alone, after the measures, such as a table of what was taken for what. */
  readonly lines?: readonly string[] | undefined;
  /** What is wrong with a model that does so, where something is. */
  readonly warning?: string | undefined;
}

/** A trained model of a task. */
export interface TaskModel {
  /** The layers, for weights and pictures. */
  readonly network: object;
  /** The types of what they read, for pictures. */
  readonly inputs: unknown;
  /** What they make of it, for pictures; default one layer after the other, in the order in which they stand. */
  readonly forward?: ((inputs: never) => unknown) | undefined;
  /** What it is made of, and how it came about. */
  describe(): { readonly form: Rows; readonly made: Rows; readonly json: Readonly<Record<string, unknown>> };
  /** `told` is given what the model makes of each row, in order, where the task tells it. */
  evaluate(
    files: GivenFiles,
    options: GivenOptions,
    told?: ((prediction: Prediction) => Promise<void>) | undefined,
  ): Promise<Evaluation>;
  /** Exactly one prediction for each thing that is asked for, in order; there may be a header before them. */
  predict(files: GivenFiles, options: GivenOptions): AsyncIterable<Prediction>;
  /** As `predict`, of an input that goes on: what a line asks for is told before the next line is read. */
  follow?(input: Source, options: GivenOptions): AsyncIterable<Prediction>;
  /** Whether following with these options changes the model. */
  learns?(options: GivenOptions): boolean;
  /** The file of the model as it is now, of one that may go on learning. */
  toBytes?(): Uint8Array;
  /** The predictions of the same files and options as a picture. */
  plot?(files: GivenFiles, options: GivenOptions): Promise<Chart>;
  /** What decided each of the predictions of the same files and options, in order: a drawing for each. */
  explain?(files: GivenFiles, options: GivenOptions): AsyncIterable<Drawing>;
  /** What it makes of an example that options give, of the task's `drawing`. Throws UsageError where they give none. */
  draw?(options: GivenOptions): Promise<Drawing>;
  /** An example of the files and options of the task's `inspection`, with the loss of the training. */
  inspected?(files: GivenFiles, options: GivenOptions): Promise<InspectedExample>;
  readonly programs: TaskPrograms;
}
