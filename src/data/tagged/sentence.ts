/** A sentence whose tokens have tags. */

import { DataError } from "../../errors.ts";
import type { Token } from "./tokens.ts";

export interface TaggedSentence {
  /** The line that it starts on, from 1. */
  readonly line: number;
  /** The line of each token, where each has its own. */
  readonly lines?: readonly number[];
  /** As it was read where that is known, else its tokens with spaces between them. */
  readonly text: string;
  /** Where they stand in the text. A token's own text is another one where a word is written together with others ("du", which is "de le"). */
  readonly tokens: readonly Token[];
  /** One for each token; undefined where they were not asked for. */
  readonly tags: readonly string[] | undefined;
  /** How many of the spans that it was given start or end within a token: they were widened to whole tokens. 0 where that cannot be. */
  readonly misaligned: number;
  /** How many were left out, for they have no token, or share one with a longer span, or with an earlier one as long. 0 where that cannot be. */
  readonly leftOut: number;
}

/** So many tokens are no sentence, but a file without blank lines. */
const LONGEST_SENTENCE = 100_000;

/** Throws DataError where a sentence has no room for another token. */
export function checkRoom(tokens: number, where: string): void {
  if (tokens < LONGEST_SENTENCE) return;
  throw new DataError(
    `${where}: a sentence of more than ${LONGEST_SENTENCE} tokens: a blank line expected after each`,
  );
}
