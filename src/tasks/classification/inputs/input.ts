/** What a classifier reads, whatever it is of: texts, series of numbers, recordings. A kind of input is one `InputKind`. */

import type { GivenFile, Rows } from "../../task.ts";
import type { ReadingOptions } from "../options.ts";

/** What a row is of: a text; or the numbers of a sequence of vectors (T, size), step after step, as they were measured. */
export type Content = string | Float32Array;

/** One thing that has a label, or shall get one. */
export interface Row {
  /** The line that it stands on, or starts on, from 1; 0 for what stands on no line. */
  readonly line: number;
  /** Where it is, for messages: "line 12", "series walk-3, line 80", "yes/a.wav". */
  readonly place: string;
  /** The path of a file of its own, as predictions tell it. */
  readonly path?: string | undefined;
  readonly content: Content;
  /** Each once; undefined where nothing is said of them. */
  readonly labels: readonly string[] | undefined;
  /** What it comes from, such as a speaker; undefined where nothing is said of that. */
  readonly group?: string | undefined;
}

/** A row as a network reads it: tokens (T), or vectors (T, size), step after step; one step or more. */
export type Sequence = Int32Array | Float32Array;

/** What was learnt of the inputs of the training rows: how a content becomes a sequence. */
export interface Input {
  readonly kind: InputName;
  /** How many tokens there are, or how many numbers a step has. */
  readonly reads: { readonly tokens: number } | { readonly size: number };
  /** The token that stands for all that are not known, where there is one. */
  readonly unknownToken?: number | undefined;
  encode(content: Content): Sequence;
  /** What each step is: a piece of the text, or the number of the step or its time. */
  stepNames(content: Content): readonly string[];
  /** The numbers of a step, where it has some. */
  readonly channels?: Channels | undefined;
  /** A content for people, in so many characters at most: the start of a text, or how long a sequence is. */
  print(content: Content, characters: number): string;
  /** What it is, in lines for people. */
  describe(): Rows;
  /** In a few words, for the plan of a training: "20,000 words", "3 columns". */
  readonly summary: string;
  /** How its rows are read, as far as what was learnt of them depends on it: the same as in training, whatever else is asked for. */
  readonly reading?: Partial<Reading> | undefined;
  toJSON(): object;
}

/** The numbers of a step as pictures show them. */
export interface Channels {
  /** In their order. */
  readonly names: readonly string[];
  /** Whether the last one stands at the top. */
  readonly upwards: boolean;
  /** What they are, for legends. */
  readonly values: string;
}

export type InputName = "text" | "series" | "sound";

/** How files are read: options of the task, and what was found when the training's file was read. */
export interface Reading extends ReadingOptions {
  readonly input: InputName;
}

/** A kind of input. */
export interface InputKind {
  readonly name: InputName;
  /** What a row is called: "texts", "series", "recordings". */
  readonly plural: string;
  /** What has to be found before rows are read, such as the rate of the first recording; undefined where that is nothing. */
  readonly settle?: ((file: GivenFile, reading: Reading) => Promise<Partial<Reading>>) | undefined;
  /** The same of the first row that a program gives; undefined where there is none. */
  readonly settleRow?: ((first: unknown, reading: Reading) => Partial<Reading>) | undefined;
  /**
   * The rows of a file, in order. With `labelled` each has its labels, or DataError with the place of the first one that has none; without it
   * labels count for nothing, and exactly one row comes for each thing that is asked for.
   */
  read(file: GivenFile, reading: Reading, labelled: boolean): AsyncGenerator<Row, void, undefined>;
  /** The content of what a program gives, or of the object that has it, which messages call `where`. Throws DataError for what is none. */
  contentOf(given: unknown, where: string, reading: Reading): Content;
  /** What is found of the contents before anything is learnt, in lines for people and as JSON. */
  audit(rows: readonly Row[], reading: Reading): { readonly lines: readonly string[]; readonly json: object };
  /** What is learnt of the rows to train on, and of no others. */
  prepare(name: string, rows: readonly Row[], reading: Reading): Input;
  /** An input out of a file's JSON. Throws FormatError. */
  ofJson(json: Readonly<Record<string, unknown>>, where: string): Input;
}
