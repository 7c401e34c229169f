/** What a model reads of a prompt before it writes, and what it may not write after it. */

import type { Vocabulary } from "../../data/vocabulary.ts";
import { DataError } from "../../errors.ts";

export interface Prompt {
  readonly text: string;
  /** What is read, one token or more. */
  readonly tokens: Int32Array;
  /** How many characters of the prompt's end the first token that is written says again. */
  readonly repeated: number;
  /** Tokens that are not written first, nor later: what is unknown or has no text. */
  readonly barredFirst: readonly number[];
  readonly barred: readonly number[];
}

/**
 * A space at the end of a prompt is part of the subword that comes next, as it is in texts that the model learnt from: it is not
 * read, and the first token has to begin with it.
 *
 * @throws DataError for a character that is not in the vocabulary
 */
export function readPrompt(vocabulary: Vocabulary, text: string): Prompt {
  const repeated = vocabulary.kind === "subwords" && text.endsWith(" ") ? 1 : 0;
  const given = vocabulary.encode(repeated === 0 ? text : text.slice(0, -repeated), "prompt");
  const tokens = given.length > 0 ? given : Int32Array.of(lineEnd(vocabulary));
  const ids = Array.from({ length: vocabulary.size }, (_, id) => id);
  const { unknown } = vocabulary;
  const unknownId = unknown === undefined ? undefined : vocabulary.id(unknown);
  const barred = ids.filter((id) => id === unknownId || vocabulary.bytes(id)?.length === 0);
  const barredFirst = repeated === 0 ? barred : ids.filter((id) => vocabulary.bytes(id)?.[0] !== SPACE);
  return { text, tokens, repeated, barred, barredFirst };
}

const SPACE = 0x20;

/** Pieces but for the first characters of the first one. */
export function* withoutStart(
  pieces: Iterable<string>,
  characters: number,
): Generator<string, void, undefined> {
  let left = characters;
  for (const piece of pieces) {
    yield piece.slice(left);
    left = 0;
  }
}

/** The token that a text starts after: a line end, or where the vocabulary has none the first token. */
function lineEnd(vocabulary: Vocabulary): number {
  try {
    return vocabulary.encode("\n")[0] ?? 0;
  } catch (error) {
    if (error instanceof DataError) return 0;
    throw error;
  }
}
