/** chrF: how many sequences of characters, and of words if one wants, a translation and a reference have in common. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { ngramsOf, ReferenceCount, referencesOf, signatureOf, withoutSpaces, wordsOf } from "./texts.ts";

export interface ChrfOptions {
  /** The longest sequence of characters, from 1. Default 6. */
  readonly characterOrder?: number | undefined;
  /** The longest sequence of words, from 0. Default 0; 2 makes it chrF++. */
  readonly wordOrder?: number | undefined;
  /** How much more recall counts than precision, above 0. Default 2. */
  readonly beta?: number | undefined;
  /** Whether letters are compared as small ones. Default false. */
  readonly lowercase?: boolean | undefined;
  /** Whether spaces are characters as others. Default false. */
  readonly whitespace?: boolean | undefined;
}

export interface ChrfReport {
  /** From 0 to 100. */
  readonly chrf: number;
  /** "chrF2", and "chrF2++" with words up to order 2. */
  readonly name: string;
  /** What has to be told beside it, as sacreBLEU prints it: "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:rondo.1". */
  readonly signature: string;
}

/** Sequences of one order: how many the prediction has, how many the reference has, and how many match. */
interface Counts {
  readonly predicted: number;
  readonly targets: number;
  readonly found: number;
}

const punctuation = new Set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~");

/**
 * Counts sequences translation by translation; chrF is of all together, and no mean over sentences. Of several references the
 * one with the highest chrF counts. Popović, "chrF: character n-gram F-score for automatic MT evaluation", 2015, and "chrF++:
 * words helping character n-grams", 2017. The figures are those of sacreBLEU 2 with the same signature.
 *
 *     const chrf = new measures.ChrfCounts({ wordOrder: 2 });
 *     chrf.add("The cat is on the mat.", "The cat sat on the mat.");
 *     console.log(chrf.report().chrf);
 */
export class ChrfCounts {
  readonly #characterOrder: number;
  readonly #wordOrder: number;
  readonly #beta: number;
  readonly #lowercase: boolean;
  readonly #whitespace: boolean;
  readonly #references = new ReferenceCount();
  #counts: readonly Counts[] = [];

  /** Throws UsageError for values that there are not. */
  constructor(options: ChrfOptions = {}) {
    checkOptions("ChrfCounts", options, {
      characterOrder: true,
      wordOrder: true,
      beta: true,
      lowercase: true,
      whitespace: true,
    });
    const { characterOrder = 6, wordOrder = 0, beta = 2, lowercase = false, whitespace = false } = options;
    checkOrder("characterOrder", characterOrder, 1);
    checkOrder("wordOrder", wordOrder, 0);
    if (!(Number.isFinite(beta) && beta > 0)) {
      throw new UsageError(`ChrfCounts: beta ${printGiven(beta)} given, a number above 0 expected`);
    }
    this.#characterOrder = characterOrder;
    this.#wordOrder = wordOrder;
    this.#beta = beta;
    this.#lowercase = lowercase;
    this.#whitespace = whitespace;
  }

  /**
   * A translation.
   *
   * @param references what is right: a text, or several, each as good as the others
   * @throws DataError for what is no text, and where there is no reference
   */
  add(prediction: string, references: string | readonly string[]): void {
    const list = referencesOf("ChrfCounts", prediction, references);
    const own = this.#ngrams(prediction);
    let [best, most]: [readonly Counts[], number] = [[], -1];
    for (const reference of list) {
      const right = this.#ngrams(reference);
      const counts = own.map((ngrams, at) => countsOf(ngrams, right[at] as Map<string, number>));
      const score = this.#score(counts);
      if (score > most) [best, most] = [counts, score];
    }
    this.#counts = best.map(({ predicted, targets, found }, at) => {
      const before = this.#counts[at] ?? { predicted: 0, targets: 0, found: 0 };
      return {
        predicted: before.predicted + predicted,
        targets: before.targets + targets,
        found: before.found + found,
      };
    });
    this.#references.add(list.length);
  }

  /** chrF of all that were added; 0 where nothing was. */
  report(): ChrfReport {
    return {
      chrf: this.#score(this.#counts),
      name: `chrF${this.#beta}${"+".repeat(this.#wordOrder)}`,
      signature: signatureOf({
        nrefs: `${this.#references}`,
        case: this.#lowercase ? "lc" : "mixed",
        eff: "yes",
        nc: this.#characterOrder,
        nw: this.#wordOrder,
        space: this.#whitespace ? "yes" : "no",
      }),
    };
  }

  /** Sequences of characters of each order, then those of words. */
  #ngrams(given: string): Map<string, number>[] {
    const text = this.#lowercase ? given.toLowerCase() : given;
    const characters = [...(this.#whitespace ? text : withoutSpaces(text))];
    const words = this.#wordOrder > 0 ? wordsOf(text).flatMap(withPunctuationApart) : [];
    return [
      ...Array.from({ length: this.#characterOrder }, (_, at) => ngramsOf(characters, at + 1, "")),
      ...Array.from({ length: this.#wordOrder }, (_, at) => ngramsOf(words, at + 1, " ")),
    ];
  }

  /** The F-score of the means of precision and recall, over the orders that both sides have. */
  #score(counts: readonly Counts[]): number {
    const both = counts.filter(({ predicted, targets }) => predicted > 0 && targets > 0);
    const mean = (of: (counts: Counts) => number) =>
      both.reduce((sum, one) => sum + of(one), 0) / both.length;
    const precision = mean(({ found, predicted }) => found / predicted);
    const recall = mean(({ found, targets }) => found / targets);
    if (!(precision + recall > 0)) return 0;
    const factor = this.#beta ** 2;
    return (100 * (1 + factor) * precision * recall) / (factor * precision + recall);
  }
}

function countsOf(own: Map<string, number>, right: Map<string, number>): Counts {
  let [predicted, targets, found] = [0, 0, 0];
  for (const count of right.values()) targets += count;
  for (const [ngram, count] of own) {
    if (targets > 0) predicted += count;
    found += Math.min(count, right.get(ngram) ?? 0);
  }
  return { predicted, targets, found };
}

/** The last character of a word apart if it is punctuation, else the first. */
function withPunctuationApart(word: string): string[] {
  const characters = [...word];
  if (characters.length === 1) return [word];
  if (punctuation.has(characters.at(-1) as string)) return [word.slice(0, -1), word.slice(-1)];
  return punctuation.has(characters[0] as string) ? [word.slice(0, 1), word.slice(1)] : [word];
}

function checkOrder(option: string, given: number, least: number): void {
  if (Number.isSafeInteger(given) && given >= least) return;
  throw new UsageError(
    `ChrfCounts: ${option} ${printGiven(given)} given, a whole number from ${least} expected`,
  );
}
