/** Which tokens a vocabulary has, in which order: those of a text, or of lists of tokens. */
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { requireCounts } from "./counts.ts";
import { counted, requireWellFormed } from "./text.ts";
import {
  byCodePoints,
  countTokens,
  keptTokens,
  TOKEN_ORDERS,
  type TokenOrder,
  tokensOfLists,
} from "./token-counts.ts";
import { TOKEN_KINDS, type TokenKind, type VocabularyJson } from "./vocabulary-json.ts";
import { detectSplit, END_OF_LINE, UNKNOWN, WORD_SPLITS, type WordSplit, wordsOf } from "./words.ts";

/** Words only: characters and bytes have no token for what is left out. */
export interface VocabularyOptions {
  /** The most tokens it may have (3 or more, `<unk>` and `<eos>` included): the most frequent words. Default: no limit. */
  readonly size?: number | undefined;
  /** How often a word has to occur to be a token of its own. Default 1. */
  readonly leastCount?: number | undefined;
  /** How words are cut. Default: as it suits the text. */
  readonly split?: WordSplit | undefined;
}

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

/** The vocabulary of a text: see `Vocabulary.build`. */
export function vocabularyOfText(kind: TokenKind, text: string, options: VocabularyOptions): VocabularyJson {
  checkOptions("Vocabulary.build", options, { size: true, leastCount: true, split: true });
  if (!TOKEN_KINDS.includes(kind)) {
    throw new UsageError(`tokens "${kind}" are unknown: expected ${TOKEN_KINDS.join(", ")}`);
  }
  if (typeof text !== "string") throw new DataError(`text: ${printGiven(text)} given, a string expected`);
  if (kind === "words") return vocabularyOfWords(text, options);
  const { size, leastCount, split } = options;
  const ofWords = { "vocabulary size": size, "least count": leastCount, split };
  for (const [name, option] of Object.entries(ofWords)) {
    if (option !== undefined) throw new UsageError(`a ${name} applies to words, not to ${kind}`);
  }
  if (kind === "bytes") {
    requireWellFormed(text, "text");
    requireTwo(new Set(new TextEncoder().encode(text)).size, kind);
    return { kind };
  }
  const characters = [...new Set(text)];
  requireTwo(characters.length, kind);
  return { kind, tokens: characters.sort(byCodePoints) };
}

function vocabularyOfWords(
  text: string,
  { size, leastCount = 1, split = detectSplit(text) }: VocabularyOptions,
): VocabularyJson {
  if (size !== undefined && !(Number.isInteger(size) && size >= SMALLEST_WORD_VOCABULARY)) {
    throw new UsageError(
      `vocabulary size ${printGiven(size)}: expected a whole number from ${SMALLEST_WORD_VOCABULARY}`,
    );
  }
  requireCounts({ leastCount });
  if (!WORD_SPLITS.includes(split)) {
    throw new UsageError(`split ${printGiven(split)}: expected ${WORD_SPLITS.join(", ")}`);
  }
  const counts = countTokens(wordsOf(text, split));
  requireTwo(counts.size, "words");
  counts.delete(UNKNOWN);
  counts.delete(END_OF_LINE);
  const most = size === undefined ? undefined : size - 2;
  const words = keptTokens(counts, { leastCount, most });
  requireKept(words, counts, leastCount, "word");
  return { kind: "words", split, tokens: [UNKNOWN, END_OF_LINE, ...words] };
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
