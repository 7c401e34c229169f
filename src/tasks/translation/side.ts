/** The texts of one side, source or target, as numbers: how they are cut into tokens, and which of these are known. */

import { printGiven } from "../../checks.ts";
import { Vocabulary } from "../../data/vocabulary.ts";
import {
  detectSplit,
  joinWords,
  UNKNOWN as UNKNOWN_TEXT,
  WORD_SPLITS,
  type WordSplit,
  wordsOf,
} from "../../data/words.ts";
import { FormatError } from "../../errors.ts";
import { isObject } from "../../formats/json.ts";

/** What the tokens of a side are. */
export const SIDE_TOKENS = ["words", "characters", "subwords"] as const;
export type SideTokens = (typeof SIDE_TOKENS)[number];

/** Tokens that are no part of a text, by their numbers; the last one stands for every token that is not known. */
export const SPECIAL_TOKENS = ["<pad>", "<start>", "<end>", UNKNOWN_TEXT] as const;
export const PADDING = 0;
export const START = 1;
export const END = 2;
export const UNKNOWN = 3;

/** What a kind of tokens is, of texts in one line. */
interface Cutting {
  /** How many tokens are known, and how often each occurs, unless it is said. */
  readonly usual: { readonly size: number; readonly leastCount: number };
  /** How lines are cut, for what can be cut in several ways. */
  splitOf?(lines: readonly string[]): WordSplit;
  learn(lines: readonly string[], split: WordSplit | undefined, options: Cutting["usual"]): Vocabulary;
  /** Tokens as they are written. */
  cut(line: string, side: Side): string[];
  encode(line: string, side: Side): Int32Array;
  join(tokens: readonly string[], side: Side): string;
}

/** A kind of tokens that lines are cut into whatever is known of them. */
function listed(
  cut: (line: string, split: WordSplit | undefined) => string[],
): Omit<Cutting, "usual" | "join"> {
  return {
    learn(lines, split, options) {
      const texts = lines.map((line) => cut(line, split));
      return Vocabulary.fromTokens(texts, { special: SPECIAL_TOKENS, unknown: UNKNOWN_TEXT, ...options });
    },
    cut: (line, { split }) => cut(line, split),
    // Whatever a text has, it is no special token but the unknown one.
    encode: (line, { split, vocabulary }) =>
      vocabulary.encodeTokens(cut(line, split)).map((token) => Math.max(token, UNKNOWN)),
  };
}

const cuttings: Readonly<Record<SideTokens, Cutting>> = {
  words: {
    usual: { size: 30_000, leastCount: 2 },
    ...listed((line, split = "spaces") => [...wordsOf(line, split)]),
    splitOf: (lines) => detectSplit(lines.join("\n")),
    join: (tokens, { split = "spaces" }) => joinWords(tokens, split),
  },
  characters: {
    usual: { size: 30_000, leastCount: 1 },
    ...listed((line) => Array.from(line)),
    join: (tokens) => tokens.join(""),
  },
  // With a space before it the first word is as it is anywhere else.
  subwords: {
    usual: { size: 4000, leastCount: 2 },
    learn: (lines, _, options) =>
      Vocabulary.build("subwords", lines.map(spaced), { special: SPECIAL_TOKENS, ...options }),
    cut: (line, { vocabulary }) =>
      Array.from(vocabulary.encode(spaced(line)), (token) => vocabulary.token(token)),
    encode: (line, { vocabulary }) => vocabulary.encode(spaced(line)),
    join: (tokens, { vocabulary }) =>
      vocabulary.decode(tokens.map((token) => vocabulary.id(token))).replace(/^ /, ""),
  },
};

const spaced = (line: string) => (line === "" ? "" : ` ${line}`);

export interface SideOptions {
  /** The most tokens that are known, those of `SPECIAL_TOKENS` included. */
  readonly vocabulary?: number | undefined;
  /** How often a token has to occur to be known. */
  readonly leastCount?: number | undefined;
}

export class Side {
  readonly tokens: SideTokens;
  readonly split: WordSplit | undefined;
  readonly vocabulary: Vocabulary;

  private constructor(tokens: SideTokens, split: WordSplit | undefined, vocabulary: Vocabulary) {
    this.tokens = tokens;
    this.split = split;
    this.vocabulary = vocabulary;
  }

  /** What is learnt of the texts to train on. Throws DataError where no token occurs often enough. */
  static of(
    tokens: SideTokens,
    texts: readonly string[],
    { vocabulary, leastCount }: SideOptions = {},
  ): Side {
    const { usual, learn, splitOf } = cuttings[tokens];
    const lines = texts.map(oneLine);
    const split = splitOf?.(lines);
    const size = vocabulary ?? usual.size;
    return new Side(tokens, split, learn(lines, split, { size, leastCount: leastCount ?? usual.leastCount }));
  }

  /** Whether there is a token for every text, so that none is unknown. */
  get knowsAll(): boolean {
    return this.tokens === "subwords";
  }

  /** How many tokens there are. */
  get size(): number {
    return this.vocabulary.size;
  }

  /** The tokens of a text, as they are written. */
  cut(text: string): string[] {
    return cuttings[this.tokens].cut(oneLine(text), this);
  }

  /** A text of tokens as they are written. */
  join(tokens: readonly string[]): string {
    return cuttings[this.tokens].join(tokens, this);
  }

  /** The numbers of the tokens of a text, (n). None of them is a special one but the unknown one, whatever the text has. */
  encode(text: string): Int32Array {
    return cuttings[this.tokens].encode(oneLine(text), this);
  }

  /** Tokens as they are written; special ones are left out, but for the unknown one. */
  texts(tokens: Iterable<number>): string[] {
    return Array.from(tokens)
      .filter((token) => token >= UNKNOWN)
      .map((token) => this.vocabulary.token(token));
  }

  /** The text of the numbers of tokens. */
  decode(tokens: Iterable<number>): string {
    return this.join(this.texts(tokens));
  }

  toJSON() {
    const { tokens, split, vocabulary } = this;
    return { tokens, ...(split && { split }), vocabulary: vocabulary.toJSON() };
  }

  /** Throws FormatError for what `toJSON` did not give. */
  static fromJSON(json: unknown, where: string): Side {
    if (!isObject(json)) throw new FormatError(`${where}: ${printGiven(json)} given, an object expected`);
    const { tokens, split, vocabulary, ...others } = json;
    const [stray] = Object.keys(others);
    if (stray !== undefined) throw new FormatError(`${where}: ${stray} is unknown`);
    const kind = SIDE_TOKENS.find((one) => one === tokens);
    if (kind === undefined) {
      throw new FormatError(`${where}: tokens ${JSON.stringify(tokens)}, ${SIDE_TOKENS.join(", ")} expected`);
    }
    const found = WORD_SPLITS.find((one) => one === split);
    if (kind === "words" ? found === undefined : split !== undefined) {
      const expected = kind === "words" ? `${WORD_SPLITS.join(", ")} expected` : `none of ${kind} expected`;
      throw new FormatError(`${where}: split ${JSON.stringify(split)}, ${expected}`);
    }
    const read = Vocabulary.fromJSON(vocabulary, where);
    const expected = kind === "subwords" ? kind : "list";
    const isSide =
      read.kind === expected &&
      read.unknown === (kind === "subwords" ? undefined : UNKNOWN_TEXT) &&
      SPECIAL_TOKENS.every((token, at) => read.tokens[at] === token);
    if (isSide) return new Side(kind, found, read);
    throw new FormatError(
      `${where}: a vocabulary of the kind ${expected} expected that begins with ${SPECIAL_TOKENS.join(", ")}`,
    );
  }
}

/** A text in one line, without blanks around it. */
function oneLine(text: string): string {
  return text.trim().replace(/[\r\n]+/g, " ");
}
