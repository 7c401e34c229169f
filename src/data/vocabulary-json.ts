/** A vocabulary as plain JSON, as files hold it: what it looks like, and what is refused. */
import { FormatError } from "../errors.ts";
import { BYTES } from "./bytes.ts";
import { MOST_BYTES } from "./subwords/cut.ts";
import { bytesOf, type Merge, nameOf } from "./subwords/merges.ts";
import { END_OF_LINE, UNKNOWN, WORD_SPLITS, type WordSplit } from "./words.ts";

export const TOKEN_KINDS = ["characters", "words", "bytes", "subwords"] as const;
/** What the tokens of a text are. */
export type TokenKind = (typeof TOKEN_KINDS)[number];

/**
 * A vocabulary as plain JSON. `tokens[id]` is the text of a token; `split` belongs to words; `unknown` is the token of all
 * that a list does not have, if it has one. Subwords are their merges, each of two tokens that are bytes or were made before,
 * and the special tokens, if there are any; numbers in merges do not count these.
 */
export type VocabularyJson =
  | { kind: "bytes" }
  | { kind: "characters"; tokens: string[] }
  | { kind: "words"; split: WordSplit; tokens: string[] }
  | { kind: "subwords"; special?: string[]; merges: [left: number, right: number][] }
  | { kind: "list"; tokens: string[]; unknown?: string };

/** The JSON of a vocabulary, checked. Throws FormatError, which names the file, for anything else. */
export function readVocabularyJson(value: unknown, where: string): VocabularyJson {
  const fail: Failing = (reason) => new FormatError(`${where}: vocabulary: ${reason}`);
  if (typeof value !== "object" || value === null) throw fail("expected an object");
  const { kind, split, tokens, unknown, special, merges, ...others } = value as Record<string, unknown>;
  const stray = Object.keys(others)[0];
  if (stray !== undefined) throw fail(`key ${JSON.stringify(stray)} is unknown`);
  if (kind !== "list" && !TOKEN_KINDS.some((known) => known === kind)) {
    throw fail(`kind ${JSON.stringify(kind)}, expected ${TOKEN_KINDS.join(", ")}, list`);
  }
  if (kind !== "words" && split !== undefined) throw fail(`the kind ${kind} has no split`);
  if (kind !== "list" && unknown !== undefined) throw fail(`the kind ${kind} has no key "unknown"`);
  if (kind === "bytes" || kind === "subwords") {
    if (tokens !== undefined) throw fail(`${kind} have no list of tokens`);
  }
  if (kind === "subwords") return { kind, ...readSubwords(special, merges, fail) };
  for (const [name, given] of Object.entries({ special, merges })) {
    if (given !== undefined) throw fail(`the kind ${kind} has no key "${name}"`);
  }
  if (kind === "bytes") return { kind };
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

type Failing = (reason: string) => FormatError;

function readSubwords(special: unknown, merges: unknown, fail: Failing) {
  if (special !== undefined && !(isTexts(special) && special.length > 0)) {
    throw fail("special: expected a list of one string or more");
  }
  if (!Array.isArray(merges)) throw fail("merges: expected a list");
  // Before any bytes are joined: merges of merges are soon longer than any memory.
  const lengths = new Array<number>(BYTES).fill(1);
  for (const merge of merges as unknown[]) {
    const known = lengths.length;
    if (!isMerge(merge, known)) {
      throw fail(`merge ${known - BYTES}: ${JSON.stringify(merge)}, expected two tokens below ${known}`);
    }
    const length = (lengths[merge[0]] as number) + (lengths[merge[1]] as number);
    if (length > MOST_BYTES)
      throw fail(`merge ${known - BYTES}: ${length} bytes, expected at most ${MOST_BYTES}`);
    lengths.push(length);
  }
  const names = [...(special ?? []), ...bytesOf(merges as Merge[]).map(nameOf)];
  if (new Set(names).size < names.length) throw fail("a token is listed twice");
  return { ...(special && { special }), merges: merges as Merge[] };
}

function isMerge(given: unknown, known: number): given is Merge {
  const isToken = (token: unknown) =>
    Number.isInteger(token) && (token as number) >= 0 && (token as number) < known;
  return Array.isArray(given) && given.length === 2 && given.every(isToken);
}

function isTexts(given: unknown): given is string[] {
  return Array.isArray(given) && given.every((text) => typeof text === "string");
}
