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
export const SIDE_TOKENS = ["words", "characters"] as const;
export type SideTokens = (typeof SIDE_TOKENS)[number];

/** Tokens that are no part of a text, by their numbers; the last one stands for every token that is not known. */
export const SPECIAL_TOKENS = ["<pad>", "<start>", "<end>", UNKNOWN_TEXT] as const;
export const PADDING = 0;
export const START = 1;
export const END = 2;
export const UNKNOWN = 3;

/** What a kind of tokens is. */
interface Cutting {
  /** How many tokens are known, and how often each occurs, unless it is said. */
  readonly usual: { readonly vocabulary: number; readonly leastCount: number };
  /** How texts of words are cut; undefined for what can be cut in one way alone. */
  detect(texts: readonly string[]): WordSplit | undefined;
  cut(text: string, split: WordSplit | undefined): string[];
  join(tokens: readonly string[], split: WordSplit | undefined): string;
}

const cuttings: Readonly<Record<SideTokens, Cutting>> = {
  words: {
    usual: { vocabulary: 30_000, leastCount: 2 },
    detect: (texts) => detectSplit(texts.join("\n")),
    cut: (text, split = "spaces") => [...wordsOf(text, split)],
    join: (tokens, split = "spaces") => joinWords(tokens, split),
  },
  characters: {
    usual: { vocabulary: 30_000, leastCount: 1 },
    detect: () => undefined,
    cut: (text) => Array.from(text),
    join: (tokens) => tokens.join(""),
  },
};

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
    const { usual, detect, cut } = cuttings[tokens];
    const split = detect(texts);
    const known = Vocabulary.fromTokens(
      texts.map((text) => cut(oneLine(text), split)),
      {
        special: SPECIAL_TOKENS.slice(0, UNKNOWN),
        unknown: UNKNOWN_TEXT,
        size: vocabulary ?? usual.vocabulary,
        leastCount: leastCount ?? usual.leastCount,
      },
    );
    return new Side(tokens, split, known);
  }

  /** How many tokens there are. */
  get size(): number {
    return this.vocabulary.size;
  }

  /** The tokens of a text, as they are written. */
  cut(text: string): string[] {
    return cuttings[this.tokens].cut(oneLine(text), this.split);
  }

  /** A text of tokens as they are written. */
  join(tokens: readonly string[]): string {
    return cuttings[this.tokens].join(tokens, this.split);
  }

  /** The numbers of the tokens of a text, (n). None of them is a special one but the unknown one, whatever the text has. */
  encode(text: string): Int32Array {
    return this.vocabulary.encodeTokens(this.cut(text)).map((token) => Math.max(token, UNKNOWN));
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
    const isSide =
      read.kind === "list" &&
      read.unknown === UNKNOWN_TEXT &&
      SPECIAL_TOKENS.every((token, at) => read.tokens[at] === token);
    if (isSide) return new Side(kind, found, read);
    throw new FormatError(
      `${where}: vocabulary: a list that begins with ${SPECIAL_TOKENS.join(", ")} expected`,
    );
  }
}

/** A text in one line, without blanks around it. */
function oneLine(text: string): string {
  return text.trim().replace(/\s*[\r\n]\s*/g, " ");
}
