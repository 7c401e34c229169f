/** Which tokens a vocabulary has, in which order: those of a text, or of lists of tokens. */
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { BYTES } from "./bytes.ts";
import { requireCounts } from "./counts.ts";
import { cut } from "./subwords/cut.ts";
import { learnMerges } from "./subwords/learn.ts";
import { nameOf, singleBytes } from "./subwords/merges.ts";
import { counted, requireWellFormed } from "./text.ts";
import {
  byCodePoints,
  checkedTokens,
  countTokens,
  keptTokens,
  TOKEN_ORDERS,
  type TokenOrder,
  tokensOfLists,
} from "./token-counts.ts";
import { TOKEN_KINDS, type TokenKind, type VocabularyJson } from "./vocabulary-json.ts";
import { detectSplit, END_OF_LINE, UNKNOWN, WORD_SPLITS, type WordSplit, wordsOf } from "./words.ts";

/** Words and subwords only: characters and bytes are what they are. */
export interface VocabularyOptions {
  /**
   * The most tokens it may have. Words: the most frequent ones, 3 or more, `<unk>` and `<eos>` included; default: no limit.
   * Subwords: special ones, the 256 bytes and one or more others; default 4000.
   */
  readonly size?: number | undefined;
  /** How often a word, or a pair of subwords, has to occur to be a token of its own. Default 1 for words, 2 for subwords. */
  readonly leastCount?: number | undefined;
  /** Words: how they are cut. Default: as it suits the text. */
  readonly split?: WordSplit | undefined;
  /** Subwords: tokens that stand first, and that no text is encoded as: of padding, of a start, of an end. Default: none. */
  readonly special?: readonly string[] | undefined;
}

/** Which kinds have an option. */
const KINDS_OF: Readonly<Record<keyof VocabularyOptions, readonly TokenKind[]>> = {
  size: ["words", "subwords"],
  leastCount: ["words", "subwords"],
  split: ["words"],
  special: ["subwords"],
};
const NOUNS: Readonly<Record<keyof VocabularyOptions, string>> = {
  size: "vocabulary size",
  leastCount: "least count",
  split: "split",
  special: "list of special tokens",
};

export interface TokenListOptions {
  /** Tokens that stand first, in this order, whether they occur or not: of padding, of a start, of an end. Default: none. */
  readonly special?: readonly string[] | undefined;
  /**
   * The token that every other one is encoded as; it follows the special tokens unless it is one of them. Without it there is
   * none: all tokens are kept, and another one is refused.
   */
  readonly unknown?: string | undefined;
  /** The most tokens it may have, special ones included: the most frequent tokens. Default: no limit. */
  readonly size?: number | undefined;
  /** How often a token has to occur to be kept. Default 1. */
  readonly leastCount?: number | undefined;
  /** Default "frequency". */
  readonly order?: TokenOrder | undefined;
}

/** `<unk>`, `<eos>` and one word. */
const SMALLEST_WORD_VOCABULARY = 3;
const DEFAULT_SUBWORDS = 4000;

/** The vocabulary of texts: see `Vocabulary.build`. */
export function vocabularyOfText(
  kind: TokenKind,
  text: string | Iterable<string>,
  options: VocabularyOptions,
): VocabularyJson {
  checkOptions("Vocabulary.build", options, { size: true, leastCount: true, split: true, special: true });
  if (!TOKEN_KINDS.includes(kind)) {
    throw new UsageError(`tokens "${kind}" are unknown: expected ${TOKEN_KINDS.join(", ")}`);
  }
  requireApplicable(kind, options);
  const texts = textsOf(text);
  if (kind === "words") return vocabularyOfWords(texts, options);
  if (kind === "subwords") return vocabularyOfSubwords(texts, options);
  if (kind === "bytes") {
    requireTwo(bytesIn(texts), kind);
    return { kind };
  }
  const characters = new Set<string>();
  for (const text of texts) for (const character of text) characters.add(character);
  requireTwo(characters.size, kind);
  return { kind, tokens: [...characters].sort(byCodePoints) };
}

/** Throws UsageError for an option that a kind of tokens does not have. */
export function requireApplicable(kind: TokenKind, options: VocabularyOptions): void {
  for (const [name, kinds] of Object.entries(KINDS_OF) as [keyof VocabularyOptions, TokenKind[]][]) {
    if (options[name] === undefined || kinds.includes(kind)) continue;
    throw new UsageError(`a ${NOUNS[name]} applies to ${kinds.join(" and ")}, not to ${kind}`);
  }
}

function textsOf(text: string | Iterable<string>): string[] {
  if (typeof text === "string") return [text];
  if (typeof text?.[Symbol.iterator] === "function") return [...checkedTokens("text", text)];
  throw new DataError(`text: ${printGiven(text)} given, a string expected`);
}

/** The pieces of each text, one text after the other. */
function* piecesOf(
  texts: readonly string[],
  cut: (text: string) => Iterable<string>,
): Generator<string, void, undefined> {
  for (const text of texts) yield* cut(text);
}

/** How many different bytes texts have. */
function bytesIn(texts: readonly string[]): number {
  const found = new Set<number>();
  for (const text of texts) {
    requireWellFormed(text, "text");
    for (const byte of new TextEncoder().encode(text)) found.add(byte);
  }
  return found.size;
}

function vocabularyOfSubwords(
  texts: readonly string[],
  { size = DEFAULT_SUBWORDS, leastCount = 2, special: given }: VocabularyOptions,
): VocabularyJson {
  const special = specialTokens("Vocabulary.build", { special: given });
  const byte = singleBytes()
    .map(nameOf)
    .find((name) => special.includes(name));
  if (byte !== undefined) {
    throw new UsageError(`Vocabulary.build: the special token ${printGiven(byte)} is called as a byte is`);
  }
  requireSize(size, special.length + BYTES + 1);
  requireCounts({ leastCount });
  requireTwo(bytesIn(texts), "subwords");
  const most = size - special.length - BYTES;
  const merges = learnMerges(countTokens(piecesOf(texts, cut)), { most, leastCount, taken: special });
  return special.length === 0
    ? { kind: "subwords", merges }
    : { kind: "subwords", special: [...special], merges };
}

function vocabularyOfWords(
  texts: readonly string[],
  { size, leastCount = 1, split = detectSplit(texts.join("\n")) }: VocabularyOptions,
): VocabularyJson {
  if (size !== undefined) requireSize(size, SMALLEST_WORD_VOCABULARY);
  requireCounts({ leastCount });
  if (!WORD_SPLITS.includes(split)) {
    throw new UsageError(`split ${printGiven(split)}: expected ${WORD_SPLITS.join(", ")}`);
  }
  const counts = countTokens(piecesOf(texts, (text) => wordsOf(text, split)));
  requireTwo(counts.size, "words");
  counts.delete(UNKNOWN);
  counts.delete(END_OF_LINE);
  const most = size === undefined ? undefined : size - 2;
  const words = keptTokens(counts, { leastCount, most });
  requireKept(words, counts, leastCount, "word");
  return { kind: "words", split, tokens: [UNKNOWN, END_OF_LINE, ...words] };
}

/** Throws UsageError for what is no size from a least one. */
function requireSize(size: number, least: number): void {
  if (Number.isSafeInteger(size) && size >= least) return;
  throw new UsageError(`vocabulary size ${printGiven(size)}: expected a whole number from ${least}`);
}

/** The vocabulary of lists of tokens: see `Vocabulary.fromTokens`. */
export function vocabularyOfTokens(
  lists: Iterable<string | Iterable<string>>,
  options: TokenListOptions,
): VocabularyJson {
  const where = "Vocabulary.fromTokens";
  checkOptions(where, options, { special: true, unknown: true, size: true, leastCount: true, order: true });
  const { unknown, size, leastCount = 1, order = "frequency" } = options;
  const special = specialTokens(where, options);
  requireCounts({ leastCount, size: size ?? 1 });
  if (!TOKEN_ORDERS.includes(order)) {
    throw new UsageError(`order ${printGiven(order)}: expected ${TOKEN_ORDERS.join(", ")}`);
  }
  if (unknown === undefined && (size !== undefined || leastCount > 1)) {
    throw new UsageError(`${where}: an unknown token expected, which stands for those that are left out`);
  }
  if (size !== undefined && size <= special.length) {
    throw new UsageError(`vocabulary size ${size}: expected a whole number from ${special.length + 1}`);
  }
  const counts = countTokens(tokensOfLists(where, lists));
  for (const token of special) counts.delete(token);
  if (counts.size === 0) throw new DataError(`${where}: no tokens given, one or more expected`);
  const most = size === undefined ? undefined : size - special.length;
  const kept = keptTokens(counts, { leastCount, most, order });
  requireKept(kept, counts, leastCount, "token");
  const tokens = [...special, ...kept];
  return unknown === undefined ? { kind: "list", tokens } : { kind: "list", tokens, unknown };
}

function requireTwo(distinct: number, kind: TokenKind): void {
  if (distinct < 2) {
    const found = distinct === 0 ? "no" : "one distinct";
    throw new DataError(
      `the text has ${found} token (${kind}): there is nothing to learn, expected two or more`,
    );
  }
}

/** Throws DataError where none of the tokens was kept. */
function requireKept(
  kept: readonly string[],
  counts: ReadonlyMap<string, number>,
  leastCount: number,
  noun: string,
): void {
  if (kept.length > 0 || counts.size === 0) return;
  const most = [...counts.values()].reduce((a, b) => Math.max(a, b));
  throw new DataError(`least count ${leastCount}: no ${noun} occurs more than ${counted(most, "time")}`);
}

/** The tokens that stand first, the unknown one among them. Throws UsageError for what is no string or given twice. */
function specialTokens(where: string, { special = [], unknown }: TokenListOptions): readonly string[] {
  if (!Array.isArray(special)) {
    throw new UsageError(`${where}: special ${printGiven(special)} given, a list of strings expected`);
  }
  const all = unknown === undefined || special.includes(unknown) ? special : [...special, unknown];
  for (const [at, token] of all.entries()) {
    if (typeof token !== "string") {
      throw new UsageError(`${where}: special token ${printGiven(token)} given, a string expected`);
    }
    if (all.indexOf(token) < at) {
      throw new UsageError(`${where}: the special token ${printGiven(token)} is given twice`);
    }
  }
  return all;
}
