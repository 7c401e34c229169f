/** A vocabulary as plain JSON, as files hold it: what it looks like, and what is refused. */
import { FormatError } from "../errors.ts";
import { END_OF_LINE, UNKNOWN, WORD_SPLITS, type WordSplit } from "./words.ts";

export const TOKEN_KINDS = ["characters", "words", "bytes"] as const;
/** What the tokens of a text are. */
export type TokenKind = (typeof TOKEN_KINDS)[number];

/**
 * A vocabulary as plain JSON. `tokens[id]` is the text of a token; `split` belongs to words; `unknown` is the token of all
 * that a list does not have, if it has one.
 */
export type VocabularyJson =
  | { kind: "bytes" }
  | { kind: "characters"; tokens: string[] }
  | { kind: "words"; split: WordSplit; tokens: string[] }
  | { kind: "list"; tokens: string[]; unknown?: string };

/** The JSON of a vocabulary, checked. Throws FormatError, which names the file, for anything else. */
export function readVocabularyJson(value: unknown, where: string): VocabularyJson {
  const fail = (reason: string): FormatError => new FormatError(`${where}: vocabulary: ${reason}`);
  if (typeof value !== "object" || value === null) throw fail("expected an object");
  const { kind, split, tokens, unknown, ...others } = value as Record<string, unknown>;
  const stray = Object.keys(others)[0];
  if (stray !== undefined) throw fail(`key ${JSON.stringify(stray)} is unknown`);
  if (kind !== "list" && !TOKEN_KINDS.some((known) => known === kind)) {
    throw fail(`kind ${JSON.stringify(kind)}, expected ${TOKEN_KINDS.join(", ")}, list`);
  }
  if (kind !== "words" && split !== undefined) throw fail(`the kind ${kind} has no split`);
  if (kind !== "list" && unknown !== undefined) throw fail(`the kind ${kind} has no key "unknown"`);
  if (kind === "bytes") {
    if (tokens !== undefined) throw fail("bytes have no list of tokens");
    return { kind };
  }
  if (!isTexts(tokens)) throw fail("tokens: expected a list of strings");
  if (new Set(tokens).size < tokens.length) throw fail("a token is listed twice");
  if (kind === "list") {
    if (tokens.length === 0) throw fail("0 tokens, expected one or more");
    if (unknown === undefined) return { kind, tokens };
    if (typeof unknown === "string" && tokens.includes(unknown)) return { kind, tokens, unknown };
    throw fail(`unknown ${JSON.stringify(unknown)}, expected one of the tokens`);
  }
  if (tokens.length < 2) throw fail(`${tokens.length} tokens, expected two or more`);
  if (kind === "characters") {
    const wrong = tokens.find((token) => [...token].length !== 1);
    if (wrong !== undefined) throw fail(`${JSON.stringify(wrong)} is not one character`);
    return { kind, tokens };
  }
  const known = WORD_SPLITS.find((name) => name === split);
  if (known === undefined) throw fail(`split ${JSON.stringify(split)}, expected ${WORD_SPLITS.join(", ")}`);
  if (tokens[0] !== UNKNOWN || tokens[1] !== END_OF_LINE) {
    throw fail(`words start with ${UNKNOWN} and ${END_OF_LINE}`);
  }
  return { kind: "words", split: known, tokens };
}

function isTexts(given: unknown): given is string[] {
  return Array.isArray(given) && given.every((text) => typeof text === "string");
}
