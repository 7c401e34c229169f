/**
 * Tokens and their numbers: the characters, words, bytes or subwords of a text, or tokens that come in lists, such as labels.
 * Turns tokens into numbers and back; decides nothing about batches or training.
 */
import { printGiven } from "../checks.ts";
import { DataError } from "../errors.ts";
import { BYTES, byteName, joinBytes } from "./bytes.ts";
import { Subwords } from "./subwords/subwords.ts";
import { requireWellFormed } from "./text.ts";
import { checkedTokens } from "./token-counts.ts";
import { readVocabularyJson, type TokenKind, type VocabularyJson } from "./vocabulary-json.ts";
import {
  type TokenListOptions,
  type VocabularyOptions,
  vocabularyOfText,
  vocabularyOfTokens,
} from "./vocabulary-tokens.ts";
import { joinWords, UNKNOWN, type WordSplit, wordsOf } from "./words.ts";

export type { TokenOrder } from "./token-counts.ts";
export { TOKEN_KINDS, type TokenKind, type VocabularyJson } from "./vocabulary-json.ts";
export type { TokenListOptions, VocabularyOptions } from "./vocabulary-tokens.ts";

/** No message lists more tokens than this. */
const MOST_NAMED = 20;

/**
 * - `characters`: the Unicode code points of the text, in code point order.
 * - `words`: `<unk>` is 0, `<eos>` (line end) is 1, then words by falling frequency, ties in code point order. Prose is
 *   cut at punctuation marks, text that was tokenised before at white space only: see words.ts. The text that the
 *   vocabulary is built from decides which unless it is said, and every later text is cut in the same way.
 * - `bytes`: the 256 bytes of UTF-8; encodes any text.
 * - `subwords`: the special tokens that were asked for, which no text is encoded as and which have no text; the 256 bytes; then
 *   what was merged of these, by byte-pair encoding: see subwords/learn.ts. Encodes any text; common words are one token, with the
 *   space before them, and rare ones a few.
 * - `list`: tokens that were given one by one, such as the words of tagged sentences, or labels.
 */
export class Vocabulary {
  readonly kind: TokenKind | "list";
  /** How words are cut; undefined for other kinds. */
  readonly split: WordSplit | undefined;
  /** The texts of all tokens, in the order of their numbers. */
  readonly tokens: readonly string[];
  /** The token that stands for all that are not in the vocabulary, where there is one. */
  readonly unknown: string | undefined;
  readonly #ids: ReadonlyMap<string, number>;
  readonly #unknownId: number | undefined;
  readonly #subwords: Subwords | undefined;
  /** The special tokens of subwords. */
  readonly #special: readonly string[];

  private constructor(json: VocabularyJson) {
    this.kind = json.kind;
    this.split = json.kind === "words" ? json.split : undefined;
    this.unknown = json.kind === "words" ? UNKNOWN : json.kind === "list" ? json.unknown : undefined;
    this.#subwords = json.kind === "subwords" ? new Subwords(json.merges) : undefined;
    this.#special = json.kind === "subwords" ? [...(json.special ?? [])] : [];
    this.tokens = Object.freeze(
      json.kind === "bytes"
        ? Array.from({ length: BYTES }, (_, byte) => byteName(byte))
        : json.kind === "subwords"
          ? [...this.#special, ...(this.#subwords as Subwords).names]
          : [...json.tokens],
    );
    this.#ids = new Map(this.tokens.map((token, id) => [token, id]));
    this.#unknownId = this.unknown === undefined ? undefined : this.#ids.get(this.unknown);
  }

  /**
   * The vocabulary of a text, or of several, such as the lines of both sides of a translation:
   *
   *     const subwords = Vocabulary.build("subwords", lines, { size: 8000, special: ["<pad>", "<start>", "<end>"] });
   *
   * @throws DataError for what is no string, and when the text has fewer than two distinct tokens, or no word that is kept:
   *   there is nothing to learn
   * @throws UsageError for an unknown kind, and options that do not apply or are out of their range
   */
  static build(
    kind: TokenKind,
    text: string | Iterable<string>,
    options: VocabularyOptions = {},
  ): Vocabulary {
    return new Vocabulary(vocabularyOfText(kind, text, options));
  }

  /**
   * The vocabulary of lists of tokens, such as sentences that were cut in words, or of one list, such as labels:
   *
   *     const words = Vocabulary.fromTokens(sentences, { special: ["<pad>"], unknown: "<unk>", leastCount: 2 });
   *     const labels = Vocabulary.fromTokens(["noun", "verb", "noun"], { order: "sorted" });
   *
   * @throws DataError where there are no tokens, or none is kept, and for what is no list of strings
   * @throws UsageError for options out of their range, and for `size` or `leastCount` without an unknown token
   */
  static fromTokens(lists: Iterable<string | Iterable<string>>, options: TokenListOptions = {}): Vocabulary {
    return new Vocabulary(vocabularyOfTokens(lists, options));
  }

  /** How many tokens there are (V). */
  get size(): number {
    return this.tokens.length;
  }

  /**
   * The text of a token. A byte that is no visible ASCII character is shown as `<0x0A>`; of subwords, the bytes of one that is no
   * whole characters.
   */
  token(id: number): string {
    const token = typeof id === "number" ? this.tokens[id] : undefined;
    if (token !== undefined) return token;
    throw new DataError(`token ${printGiven(id)}: expected a whole number below ${this.size}`);
  }

  /**
   * The UTF-8 that a token of bytes or subwords stands for, none for a special one; undefined for other kinds.
   *
   * @throws DataError for a number that is no token
   */
  bytes(id: number): Uint8Array | undefined {
    this.token(id);
    if (this.kind === "bytes") return Uint8Array.of(id);
    return this.#subwords && (this.#subwords.bytes[id - this.#special.length] ?? new Uint8Array());
  }

  /** Whether a token is in the vocabulary. */
  has(token: string): boolean {
    return this.#ids.has(token);
  }

  /**
   * The number of a token; that of the unknown token, where there is one, for one that is not in the vocabulary.
   *
   * @throws DataError for what is no string, and for a token that is not in a vocabulary without an unknown one
   */
  id(token: string): number {
    const id = this.#ids.get(token) ?? (typeof token === "string" ? this.#unknownId : undefined);
    if (id !== undefined) return id;
    if (typeof token !== "string") throw new DataError(`token ${printGiven(token)}: expected a string`);
    const named = this.size <= MOST_NAMED ? this.tokens.map((known) => JSON.stringify(known)).join(", ") : "";
    throw new DataError(
      `token ${printGiven(token)} is not in the vocabulary${named && `: ${named} expected`}`,
    );
  }

  /**
   * The numbers of tokens that were given one by one, (n); that of the unknown token for those that are not in the vocabulary.
   *
   * @param where the name of the list, for messages
   * @throws DataError for what is no list of strings, and for a token that is not in a vocabulary without an unknown one
   */
  encodeTokens(tokens: Iterable<string>, where = "tokens"): Int32Array {
    if (typeof tokens === "string" || typeof tokens?.[Symbol.iterator] !== "function") {
      throw new DataError(`${where}: ${printGiven(tokens)} given, a list of tokens expected`);
    }
    return this.#idsOf(checkedTokens(where, tokens));
  }

  /**
   * The tokens of a text, (n). Words that are not in the vocabulary become `<unk>`.
   *
   * @param where the text's name, for messages
   * @throws DataError for what is no string, for a character that is not in the vocabulary, for bytes and subwords one that
   *   UTF-8 does not have, and for a vocabulary of lists, which does not know how a text is cut
   */
  encode(text: string, where = "text"): Int32Array {
    if (typeof text !== "string")
      throw new DataError(`${where}: ${printGiven(text)} given, a string expected`);
    if (this.kind === "list") {
      throw new DataError(
        `${where}: ${printGiven(text)} given, tokens one by one expected, for encodeTokens`,
      );
    }
    if (this.kind === "bytes" || this.#subwords) requireWellFormed(text, where);
    if (this.#subwords) return this.#subwords.encode(text, this.#special.length);
    if (this.kind === "bytes") return Int32Array.from(new TextEncoder().encode(text));
    if (this.kind === "characters") return this.#encodeCharacters(text, where);
    return this.#idsOf(wordsOf(text, this.split as WordSplit));
  }

  /**
   * The text of tokens. Bytes that are not UTF-8, as when the last character is not complete, become U+FFFD. Tokens of a
   * list are joined with spaces.
   *
   * @param before a text that the tokens go on from: words are joined to it with a space where one belongs
   * @throws DataError for a number that is no token
   */
  decode(tokens: Iterable<number>, before = ""): string {
    if (typeof tokens?.[Symbol.iterator] !== "function") {
      throw new DataError(`${printGiven(tokens)} given to decode, tokens expected`);
    }
    const ids = Array.from(tokens);
    const texts = ids.map((id) => this.token(id));
    if (this.kind === "bytes" || this.#subwords) {
      const bytes = joinBytes(ids.map((id) => this.bytes(id) as Uint8Array));
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    }
    if (this.kind === "list") return texts.join(" ");
    return this.kind === "characters" ? texts.join("") : joinWords(texts, this.split as WordSplit, before);
  }

  /** The vocabulary as plain JSON, for `fromJSON`. */
  toJSON(): VocabularyJson {
    if (this.kind === "bytes") return { kind: this.kind };
    if (this.kind === "subwords") {
      const merges = [...(this.#subwords as Subwords).merges];
      return { kind: this.kind, ...(this.#special.length > 0 && { special: [...this.#special] }), merges };
    }
    const tokens = [...this.tokens];
    if (this.kind === "characters") return { kind: this.kind, tokens };
    if (this.kind === "words") return { kind: this.kind, split: this.split as WordSplit, tokens };
    return { kind: this.kind, tokens, ...(this.unknown !== undefined && { unknown: this.unknown }) };
  }

  /**
   * The vocabulary that `toJSON` described.
   *
   * @param where the file's name, for messages
   * @throws FormatError when `value` is anything else than what `toJSON` gives
   */
  static fromJSON(value: unknown, where: string): Vocabulary {
    return new Vocabulary(readVocabularyJson(value, where));
  }

  #idsOf(tokens: Iterable<string>): Int32Array {
    // Faster than Int32Array.from() of what is iterated.
    const ids: number[] = [];
    for (const token of tokens) ids.push(this.id(token));
    return Int32Array.from(ids);
  }

  #encodeCharacters(text: string, where: string): Int32Array {
    const ids = new Int32Array(text.length);
    let length = 0;
    let line = 1;
    for (const character of text) {
      const id = this.#ids.get(character);
      if (id === undefined) {
        const point = (character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0");
        const named = `character ${JSON.stringify(character)} (U+${point}, line ${line})`;
        throw new DataError(
          `${where}: ${named} is not in the vocabulary: tokens of kind bytes handle any text`,
        );
      }
      if (character === "\n") line++;
      ids[length++] = id;
    }
    return ids.slice(0, length);
  }
}
