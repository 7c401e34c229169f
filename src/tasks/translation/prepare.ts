/** What is learnt of the pairs to train on: the tokens of both sides; and pairs as numbers. */

import { FormatError } from "../../errors.ts";
import type { TranslationSettings } from "./options.ts";
import type { Pair } from "./pairs.ts";
import { Side } from "./side.ts";

/** Both sides; where they share a vocabulary they are one object. */
export class Sides {
  readonly source: Side;
  readonly target: Side;

  constructor(source: Side, target: Side = source) {
    this.source = source;
    this.target = target;
  }

  /** Those of pairs to train on. Throws DataError where no token of a side occurs often enough. */
  static of(
    pairs: readonly Pair[],
    settings: Pick<
      TranslationSettings,
      "sourceTokens" | "targetTokens" | "vocabulary" | "leastCount" | "sharedVocabulary"
    >,
  ): Sides {
    const { sourceTokens, targetTokens, sharedVocabulary } = settings;
    const sources = pairs.map(({ source }) => source);
    const targets = pairs.map(({ target }) => target);
    if (sharedVocabulary === "yes")
      return new Sides(Side.of(sourceTokens, [...sources, ...targets], settings));
    return new Sides(Side.of(sourceTokens, sources, settings), Side.of(targetTokens, targets, settings));
  }

  /** Whether both sides have one vocabulary. */
  get isShared(): boolean {
    return this.source === this.target;
  }

  toJSON() {
    if (this.isShared) return { shared: this.source.toJSON() };
    return { source: this.source.toJSON(), target: this.target.toJSON() };
  }

  /** Throws FormatError for what `toJSON` did not give. */
  static fromJSON(json: Readonly<Record<string, unknown>>, where: string): Sides {
    const names = Object.keys(json).sort().join();
    if (names === "shared") return new Sides(Side.fromJSON(json.shared, `${where}: shared`));
    if (names !== "source,target") {
      throw new FormatError(`${where}: ${names || "nothing"} given, source and target expected, or shared`);
    }
    return new Sides(
      Side.fromJSON(json.source, `${where}: source`),
      Side.fromJSON(json.target, `${where}: target`),
    );
  }
}

/** A pair with its tokens, one or more of each side; neither START nor END is among them. */
export interface Example {
  readonly pair: Pair;
  readonly source: Int32Array;
  readonly target: Int32Array;
}

/** Whether a pair says anything: neither text is blank. */
export function isFilled({ source, target }: Pair): boolean {
  return source.trim() !== "" && target.trim() !== "";
}

/** Pairs that are filled as numbers, those left out that have more tokens than the longest on a side. */
export function examplesOf(
  { source, target }: Sides,
  pairs: readonly Pair[],
  longest: number,
): { readonly examples: readonly Example[]; readonly tooLong: number } {
  const all = pairs.map((pair) => ({
    pair,
    source: source.encode(pair.source),
    target: target.encode(pair.target),
  }));
  const examples = all.filter((one) => one.source.length <= longest && one.target.length <= longest);
  return { examples, tooLong: all.length - examples.length };
}

/** The tokens of a text to translate, none for a blank one, and whether it was cut as it has more than the longest. */
export function readSource(
  { source }: Sides,
  text: string,
  longest: number,
): { readonly tokens: Int32Array; readonly isCut: boolean } {
  const tokens = source.encode(text);
  return { tokens: tokens.subarray(0, longest), isCut: tokens.length > longest };
}
