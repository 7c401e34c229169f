/** What was attended to while something was written: how much of each word that was read stands behind each word that was written. */

import { UsageError } from "../../errors.ts";
import { inLine } from "./width.ts";

export interface Alignment {
  readonly title: string;
  /** What was read: the columns. */
  readonly source: readonly string[];
  /** What was written: the rows. */
  readonly target: readonly string[];
  /** A row for each word of the target, with a number from 0 to 1 for each word of the source. */
  readonly weights: readonly ArrayLike<number>[];
}

/** Throws UsageError for rows or columns that are not as many as there are words, and for numbers that are no weights. */
export function checkAlignment(where: string, { source, target, weights }: Alignment): void {
  if (weights.length !== target.length) {
    throw new UsageError(`${where}: ${weights.length} rows of weights for ${target.length} target words`);
  }
  for (const [row, own] of weights.entries()) {
    if (own.length !== source.length) {
      throw new UsageError(
        `${where}: row ${row} has ${own.length} weights for ${source.length} source words`,
      );
    }
    const wrong = Array.from(own).findIndex((weight) => !(weight >= 0 && weight <= 1.001));
    if (wrong < 0) continue;
    throw new UsageError(
      `${where}: weight ${own[wrong]} given in row ${row}, column ${wrong}, a number from 0 to 1 expected`,
    );
  }
}

/** Of a longer word so many characters are shown. */
const LONGEST = 24;

/** A word as it is shown: what cannot be seen is, and long ones are cut. */
export function shownWord(word: string): string {
  const visible = inLine(word === "" ? "\u2205" : word.replaceAll(" ", "\u2423").replaceAll("\n", "\u21B5"));
  const characters = [...visible];
  return characters.length > LONGEST ? `${characters.slice(0, LONGEST - 1).join("")}…` : visible;
}
