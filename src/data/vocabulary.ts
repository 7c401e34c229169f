/**
 * The tokens of a language model and their numbers: characters, words or bytes. Turns text into tokens and back;
 * decides nothing about batches or training.
 */
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, FormatError, UsageError } from "../errors.ts";
import { detectSplit, END_OF_LINE, joinWords, UNKNOWN, type WordSplit, wordsOf } from "./words.ts";

export const TOKEN_KINDS = ["characters", "words", "bytes"] as const;
export type TokenKind = (typeof TOKEN_KINDS)[number];

/** A vocabulary as plain JSON. `tokens[id]` is the text of a token; `split` belongs to words. */
export type VocabularyJson =
  | { kind: "bytes" }
  | { kind: "characters"; tokens: string[] }
  | { kind: "words"; split: WordSplit; tokens: string[] };

/** `<unk>`, `<eos>` and one word. */
const SMALLEST_WORD_VOCABULARY = 3;
const BYTES = 256;

/**
 * - `characters`: the Unicode code points of the text, in code point order.
 * - `words`: `<unk>` is 0, `<eos>` (line end) is 1, then words by falling frequency, ties in code point order. Prose is
 *   cut at punctuation marks, text that was tokenised before at white space only: see words.ts. The text that the
 *   vocabulary is built from decides which, and every later text is cut in the same way.
 * - `bytes`: the 256 bytes of UTF-8; encodes any text.
 */
export class Vocabulary {
  readonly kind: TokenKind;
  /** How words are cut; undefined for characters and bytes. */
  readonly split: WordSplit | undefined;
  readonly #tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  private constructor(kind: TokenKind, tokens: readonly string[], split?: WordSplit) {
    this.kind = kind;
    this.split = split;
    this.#tokens = tokens;
    this.#ids = new Map(tokens.map((token, id) => [token, id]));
  }

  /**
   * The vocabulary of a text.
   *
   * @param options.size words only: the most tokens it may have (3 or more, `<unk>` and `<eos>` included); the most
   *   frequent words stay, the others become `<unk>`. Without it every word stays.
   * @throws DataError when the text has fewer than two distinct tokens: there is nothing to learn
   * @throws UsageError for an unknown kind or a size that does not apply
   */
  static build(kind: TokenKind, text: string, options: { size?: number | undefined } = {}): Vocabulary {
    checkOptions("Vocabulary.build", options, { size: true });
    const { size } = options;
    if (!TOKEN_KINDS.includes(kind)) {
      throw new UsageError(`tokens "${kind}" are unknown: expected ${TOKEN_KINDS.join(", ")}`);
    }
    if (size !== undefined && kind !== "words") {
      throw new UsageError(`a vocabulary size applies to words, not to ${kind}`);
    }
    if (size !== undefined && !(Number.isInteger(size) && size >= SMALLEST_WORD_VOCABULARY)) {
      throw new UsageError(
        `vocabulary size ${size}: expected a whole number from ${SMALLEST_WORD_VOCABULARY}`,
      );
    }
    if (kind === "bytes") {
      requireWellFormed(text, "text");
      requireTwo(new Set(new TextEncoder().encode(text)).size, kind);
      return Vocabulary.#bytes();
    }
    if (kind === "characters") {
      const characters = [...new Set(text)];
      requireTwo(characters.length, kind);
      return new Vocabulary(kind, characters.sort(byCodePoints));
    }
    const split = detectSplit(text);
    const counts = new Map<string, number>();
    for (const word of wordsOf(text, split)) counts.set(word, (counts.get(word) ?? 0) + 1);
    requireTwo(counts.size, kind);
    counts.delete(UNKNOWN);
    counts.delete(END_OF_LINE);
    const words = [...counts].sort(([a, m], [b, n]) => n - m || byCodePoints(a, b)).map(([word]) => word);
    const kept = size === undefined ? words : words.slice(0, size - 2);
    return new Vocabulary(kind, [UNKNOWN, END_OF_LINE, ...kept], split);
  }

  static #bytes(): Vocabulary {
    const name = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
    const printable = (byte: number) => byte > 0x20 && byte < 0x7f;
    const tokens = Array.from({ length: BYTES }, (_, byte) =>
      printable(byte) ? String.fromCharCode(byte) : name(byte),
    );
    return new Vocabulary("bytes", tokens);
  }

  /** How many tokens there are (V). */
  get size(): number {
    return this.#tokens.length;
  }

  /** The text of a token; a byte that is no visible ASCII character is shown as `<0x0A>`. */
  token(id: number): string {
    const token = typeof id === "number" ? this.#tokens[id] : undefined;
    if (token !== undefined) return token;
    throw new DataError(`token ${printGiven(id)}: expected a whole number below ${this.size}`);
  }

  /**
   * The tokens of a text, (n). Words that are not in the vocabulary become `<unk>`.
   *
   * @param where the text's name, for messages
   * @throws DataError for what is no string, for a character that is not in the vocabulary, and bytes for one that UTF-8 does not have
   */
  encode(text: string, where = "text"): Int32Array {
    if (typeof text !== "string")
      throw new DataError(`${where}: ${printGiven(text)} given, a string expected`);
    if (this.kind === "bytes") {
      requireWellFormed(text, where);
      return Int32Array.from(new TextEncoder().encode(text));
    }
    if (this.kind === "characters") return this.#encodeCharacters(text, where);
    const ids: number[] = [];
    for (const word of wordsOf(text, this.split as WordSplit)) ids.push(this.#ids.get(word) ?? 0);
    return Int32Array.from(ids);
  }

  /**
   * The text of tokens. Bytes that are not UTF-8, as when the last character is not complete, become U+FFFD.
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
    if (this.kind === "bytes")
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(ids));
    return this.kind === "characters" ? texts.join("") : joinWords(texts, this.split as WordSplit, before);
  }

  /** The vocabulary as plain JSON, for `fromJSON`. */
  toJSON(): VocabularyJson {
    if (this.kind === "bytes") return { kind: this.kind };
    const tokens = [...this.#tokens];
    if (this.kind === "characters") return { kind: this.kind, tokens };
    return { kind: this.kind, split: this.split as WordSplit, tokens };
  }

  /**
   * The vocabulary that `toJSON` described.
   *
   * @param where the file's name, for messages
   * @throws FormatError when `value` is anything else than what `toJSON` gives
   */
  static fromJSON(value: unknown, where: string): Vocabulary {
    const fail = (reason: string): FormatError => new FormatError(`${where}: vocabulary: ${reason}`);
    if (typeof value !== "object" || value === null) throw fail("expected an object");
    const { kind, split, tokens, ...others } = value as Record<string, unknown>;
    const unknown = Object.keys(others)[0];
    if (unknown !== undefined) throw fail(`key ${JSON.stringify(unknown)} is unknown`);
    if (!TOKEN_KINDS.some((known) => known === kind)) {
      throw fail(`kind ${JSON.stringify(kind)}, expected ${TOKEN_KINDS.join(", ")}`);
    }
    if (kind !== "words" && split !== undefined) throw fail(`${kind} have no split`);
    if (kind === "bytes") {
      if (tokens !== undefined) throw fail("bytes have no list of tokens");
      return Vocabulary.#bytes();
    }
    if (!Array.isArray(tokens) || !tokens.every((token) => typeof token === "string")) {
      throw fail("tokens: expected a list of strings");
    }
    if (tokens.length < 2) throw fail(`${tokens.length} tokens, expected two or more`);
    if (new Set(tokens).size < tokens.length) throw fail("a token is listed twice");
    if (kind === "characters") {
      const wrong = tokens.find((token) => [...token].length !== 1);
      if (wrong !== undefined) throw fail(`${JSON.stringify(wrong)} is not one character`);
      return new Vocabulary(kind, tokens);
    }
    if (split !== "spaces" && split !== "punctuation") {
      throw fail(`split ${JSON.stringify(split)}, expected spaces, punctuation`);
    }
    if (tokens[0] !== UNKNOWN || tokens[1] !== END_OF_LINE) {
      throw fail(`words start with ${UNKNOWN} and ${END_OF_LINE}`);
    }
    return new Vocabulary("words", tokens, split);
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

/** Throws DataError for half of a surrogate pair: as UTF-8 it would become another character, without a word. */
function requireWellFormed(text: string, where: string): void {
  const at = text.search(/\p{Surrogate}/u);
  if (at < 0) return;
  const unit = text.charCodeAt(at).toString(16).toUpperCase();
  throw new DataError(`${where}: half of a surrogate pair (U+${unit}) at ${at}, which UTF-8 cannot hold`);
}

function requireTwo(distinct: number, kind: TokenKind): void {
  if (distinct < 2) {
    const found = distinct === 0 ? "no" : "one distinct";
    throw new DataError(
      `the text has ${found} token (${kind}): there is nothing to learn, expected two or more`,
    );
  }
}

/** Code point order, which differs from JavaScript's own for characters beyond U+FFFF. */
function byCodePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const difference = (left[at]?.codePointAt(0) as number) - (right[at]?.codePointAt(0) as number);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
