/** Sentences as tokens that know where they stand in the text. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { PUNCTUATED_TOKEN } from "../words.ts";

/** A token of a text: `start` and `end` count UTF-16 units, as strings do, so that an emoji has two. */
export interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a text as people write it into tokens, just as vocabularies of words with the split "punctuation" do (see `WordSplit`), but
 * line ends are no tokens: a run of letters, digits and `_`, with `'` before and between (`don't`), `-` between (`well-known`), and `.` or
 * `,` between digits (`3.14`); a name in angle brackets (`<unk>`); any other single character that is not white space.
 *
 * @throws UsageError for what is no text
 */
export function tokenize(text: string): Token[] {
  if (typeof text !== "string") throw new UsageError(`tokenize: ${printGiven(text)} given, a text expected`);
  const tokens: Token[] = [];
  for (const { 0: token, index: start } of text.matchAll(PUNCTUATED_TOKEN)) {
    if (token !== "\n") tokens.push({ text: token, start, end: start + token.length });
  }
  return tokens;
}

/** Texts of tokens put together, with a space after those that are `spaced`, all without it: the whole, and where they stand in it. */
export function joinTokens(
  texts: readonly string[],
  spaced?: readonly boolean[],
): { text: string; tokens: Token[] } {
  let text = "";
  const tokens = texts.map((token, at) => {
    if (at > 0 && (spaced?.[at - 1] ?? true)) text += " ";
    const start = text.length;
    text += token;
    return { text: token, start, end: text.length };
  });
  return { text, tokens };
}

/** Where texts of tokens stand in a text, with nothing but white space between them; undefined where they do not. */
export function findTokens(texts: readonly string[], text: string): Token[] | undefined {
  const tokens: Token[] = [];
  let end = 0;
  for (const token of texts) {
    let start = end;
    while (!text.startsWith(token, start)) {
      if (!isSpace(text[start])) return undefined;
      start += 1;
    }
    end = start + token.length;
    tokens.push({ text: token, start, end });
  }
  return text.slice(end).trim() === "" ? tokens : undefined;
}

const isSpace = (character: string | undefined) => character !== undefined && character.trim() === "";
