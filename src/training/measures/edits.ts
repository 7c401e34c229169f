/** Error rates of words and characters: how many edits make the right sequence of a predicted one. */

import { checkOptions, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { isArray } from "../../numbers.ts";
import { checkText, wordsOf } from "./texts.ts";

export interface EditCountsOptions {
  /** What of texts is one edit: `words`, between spaces, or `characters`, without spaces at the ends. Default `words`. */
  readonly units?: "words" | "characters" | undefined;
}

export interface EditReport {
  /** Edits over the units of the targets: 0 where all is right; above 1 and up to Infinity where predictions have much too many. */
  readonly errorRate: number;
  /** The part of sequences that are right in every unit, from 0 to 1; 0 where nothing was added. */
  readonly exactMatch: number;
  readonly edits: number;
  /** Units of the targets. */
  readonly units: number;
  readonly sequences: number;
}

/** A text, or a list of tokens: numbers or texts, compared as they are. */
export type EditedSequence = string | ArrayLike<unknown>;

/**
 * Counts edits sequence by sequence: the word error rate, the character error rate, or that of tokens.
 *
 *     const words = new measures.EditCounts();
 *     words.add("the cat sat on mat", "the cat sat on the mat");
 *     console.log(words.report().errorRate); // 1 of 6
 */
export class EditCounts {
  readonly #unitsOf: (text: string) => readonly string[];
  #edits = 0;
  #units = 0;
  #sequences = 0;
  #right = 0;

  /** Throws UsageError for units that there are not. */
  constructor(options: EditCountsOptions = {}) {
    checkOptions("EditCounts", options, { units: true });
    const { units = "words" } = options;
    if (units !== "words" && units !== "characters") {
      throw new UsageError(`EditCounts: units ${printGiven(units)} given, words, characters expected`);
    }
    this.#unitsOf = units === "words" ? wordsOf : (text) => [...text.trim()];
  }

  /**
   * A sequence. Lists of tokens are taken as they are, whatever the units of texts.
   *
   * @throws DataError for what is neither a text nor a list, or where one is a text and the other is not
   */
  add(prediction: EditedSequence, target: EditedSequence): void {
    const [own, right] = [this.#read(prediction, target), this.#read(target, prediction)];
    const edits = editDistance(own, right);
    this.#edits += edits;
    this.#units += right.length;
    this.#sequences += 1;
    if (edits === 0) this.#right += 1;
  }

  report(): EditReport {
    const [edits, units, sequences] = [this.#edits, this.#units, this.#sequences];
    return {
      errorRate: edits === 0 ? 0 : edits / units,
      exactMatch: sequences === 0 ? 0 : this.#right / sequences,
      edits,
      units,
      sequences,
    };
  }

  #read(given: EditedSequence, other: EditedSequence): ArrayLike<unknown> {
    if (isArray(given) && isArray(other)) return given;
    checkText("EditCounts", "sequence", given);
    return this.#unitsOf(given);
  }
}

/**
 * How many elements have to be replaced, inserted or taken out, at the least, to make one sequence of another. Levenshtein, 1966.
 * Throws DataError for what is no array.
 */
export function editDistance(from: ArrayLike<unknown>, to: ArrayLike<unknown>): number {
  for (const given of [from, to]) {
    if (!isArray(given)) throw new DataError(`editDistance: ${printGiven(given)} given, an array expected`);
  }
  /** To all beginnings of `to`. */
  const row = Uint32Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 0; i < from.length; i++) {
    let diagonal = row[0] as number;
    row[0] = i + 1;
    for (let j = 0; j < to.length; j++) {
      const above = row[j + 1] as number;
      const replaced = diagonal + (from[i] === to[j] ? 0 : 1);
      row[j + 1] = Math.min(replaced, above + 1, (row[j] as number) + 1);
      diagonal = above;
    }
  }
  return row[to.length] as number;
}
