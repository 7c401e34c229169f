/** BLEU: which part of the words, and of their sequences, that a translation has stand in a reference too. */

import { checkOptions, expectedNames, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { BLEU_TOKENS, type BleuTokens, bleuTokens } from "./bleu-tokens.ts";
import { ngramsOf, ReferenceCount, referencesOf, signatureOf } from "./texts.ts";

/** What becomes of an order of which nothing matches: see `BleuOptions`. */
export type BleuSmoothing = "exp" | "none" | "floor" | "add-k";

export interface BleuOptions {
  /**
   * How texts are taken apart: `13a` (the default) as the script mteval-v13a of NIST does, for texts as people write them;
   * `none` at spaces, for texts that are words already; `char` each character.
   */
  readonly tokens?: BleuTokens | undefined;
  /** Whether letters are compared as small ones. Default false. */
  readonly lowercase?: boolean | undefined;
  /**
   * `exp` (the default): the first order of which no n-gram matches counts as if half an n-gram did, the next as if a quarter
   * did, and so on. `floor`: as if `smoothingValue` did. `add-k`: from order 2 on there are `smoothingValue` more n-grams, and
   * as many more match. `none`: BLEU is 0. Where nothing at all matches it always is. Chen and Cherry, 2014.
   */
  readonly smoothing?: BleuSmoothing | undefined;
  /** Above 0. Default 0.1 for `floor`, 1 for `add-k`; others take none. */
  readonly smoothingValue?: number | undefined;
  /** Whether orders count only as far as the texts have n-grams of them, as one should for a single sentence. Default false. */
  readonly effectiveOrder?: boolean | undefined;
}

export interface BleuReport {
  /** From 0 to 100. */
  readonly bleu: number;
  /** Of orders 1 to 4, from 0 to 100, as smoothed; 0 beyond the first order that the predictions are too short for. */
  readonly precisions: readonly number[];
  /** From 0 to 1. */
  readonly brevityPenalty: number;
  /** How many n-grams of each order match, and how many the predictions have. */
  readonly matches: readonly number[];
  readonly ngrams: readonly number[];
  /** Tokens of the predictions, and of the references that are nearest in length, of two as near the shorter. */
  readonly length: number;
  readonly referenceLength: number;
  /** What has to be told beside BLEU, as sacreBLEU prints it: "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:rondo.1". */
  readonly signature: string;
}

const orders = [1, 2, 3, 4] as const;
/** Default values of the smoothings; undefined for those that take none. */
const smoothings: Readonly<Record<BleuSmoothing, number | undefined>> = {
  exp: undefined,
  none: undefined,
  floor: 0.1,
  "add-k": 1,
};

/**
 * Counts n-grams translation by translation; BLEU is of all together, and no mean over sentences. Papineni et al., "BLEU: a
 * method for automatic evaluation of machine translation", 2002. The figures are those of sacreBLEU 2 with the same signature
 * (Post, "A call for clarity in reporting BLEU scores", 2018).
 *
 *     const bleu = new measures.BleuCounts();
 *     bleu.add("The cat is on the mat.", ["The cat sat on the mat.", "There is a cat on the mat."]);
 *     console.log(bleu.report().bleu, bleu.report().signature);
 */
export class BleuCounts {
  readonly #tokens: BleuTokens;
  readonly #lowercase: boolean;
  readonly #smoothing: BleuSmoothing;
  readonly #value: number | undefined;
  readonly #effectiveOrder: boolean;
  readonly #matches = orders.map(() => 0);
  readonly #ngrams = orders.map(() => 0);
  readonly #references = new ReferenceCount();
  #length = 0;
  #referenceLength = 0;

  /** Throws UsageError for values that there are not. */
  constructor(options: BleuOptions = {}) {
    checkOptions("BleuCounts", options, {
      tokens: true,
      lowercase: true,
      smoothing: true,
      smoothingValue: true,
      effectiveOrder: true,
    });
    const { tokens = "13a", lowercase = false, smoothing = "exp", effectiveOrder = false } = options;
    checkName("tokens", tokens, BLEU_TOKENS);
    checkName("smoothing", smoothing, Object.keys(smoothings));
    this.#tokens = tokens;
    this.#lowercase = lowercase;
    this.#smoothing = smoothing;
    this.#value = smoothingValueOf(smoothing, options.smoothingValue);
    this.#effectiveOrder = effectiveOrder;
  }

  /**
   * A translation.
   *
   * @param references what is right: a text, or several, each as good as the others
   * @throws DataError for what is no text, and where there is no reference
   */
  add(prediction: string, references: string | readonly string[]): void {
    const list = referencesOf("BleuCounts", prediction, references);
    const [own, ...others] = [prediction, ...list].map((text) =>
      bleuTokens(text, this.#tokens, this.#lowercase),
    ) as [string[], ...string[][]];
    for (const [at, order] of orders.entries()) {
      const right = others.map((tokens) => ngramsOf(tokens, order, " "));
      for (const [ngram, count] of ngramsOf(own, order, " ")) {
        const most = Math.max(...right.map((counts) => counts.get(ngram) ?? 0));
        (this.#ngrams[at] as number) += count;
        (this.#matches[at] as number) += Math.min(count, most);
      }
    }
    const distance = (length: number) => Math.abs(length - own.length);
    const lengths = others.map(({ length }) => length);
    this.#length += own.length;
    this.#referenceLength += lengths.reduce((a, b) => {
      const isNearer = distance(b) - distance(a) || b - a;
      return isNearer < 0 ? b : a;
    });
    this.#references.add(list.length);
  }

  /** BLEU of all that were added; 0 where nothing was. */
  report(): BleuReport {
    const [length, referenceLength] = [this.#length, this.#referenceLength];
    const brevityPenalty =
      length >= referenceLength ? 1 : length === 0 ? 0 : Math.exp(1 - referenceLength / length);
    const { precisions, order } = this.#precisions();
    const logs = precisions.slice(0, order).map(Math.log);
    return {
      bleu: Math.min(100, brevityPenalty * Math.exp(logs.reduce((sum, log) => sum + log, 0) / order)),
      precisions,
      brevityPenalty,
      matches: [...this.#matches],
      ngrams: [...this.#ngrams],
      length,
      referenceLength,
      signature: signatureOf({
        nrefs: `${this.#references}`,
        case: this.#lowercase ? "lc" : "mixed",
        eff: this.#effectiveOrder ? "yes" : "no",
        tok: this.#tokens,
        smooth: this.#value === undefined ? this.#smoothing : `${this.#smoothing}[${this.#value.toFixed(2)}]`,
      }),
    };
  }

  /** The precision of each order in per cent, and how many orders count. */
  #precisions(): { precisions: number[]; order: number } {
    const precisions = orders.map(() => 0);
    let order: number = this.#effectiveOrder ? 1 : orders.length;
    if (this.#matches.every((count) => count === 0)) return { precisions, order };
    let half = 1;
    for (const at of orders.keys()) {
      const more = this.#smoothing === "add-k" && at > 0 ? (this.#value as number) : 0;
      const ngrams = (this.#ngrams[at] as number) + more;
      let matches = (this.#matches[at] as number) + more;
      if (ngrams === 0) break;
      if (this.#effectiveOrder) order = at + 1;
      if (matches === 0 && this.#smoothing === "exp") {
        half /= 2;
        matches = half;
      } else if (matches === 0 && this.#smoothing === "floor") matches = this.#value as number;
      precisions[at] = (100 * matches) / ngrams;
    }
    return { precisions, order };
  }
}

function checkName(option: string, given: unknown, known: readonly string[]): void {
  if (typeof given === "string" && known.includes(given)) return;
  const expected = expectedNames(String(given), known);
  throw new UsageError(`BleuCounts: ${option} ${printGiven(given)} given, ${expected}`);
}

function smoothingValueOf(smoothing: BleuSmoothing, given: number | undefined): number | undefined {
  const own = smoothings[smoothing];
  if (given === undefined) return own;
  if (own === undefined) {
    throw new UsageError(
      `BleuCounts: smoothingValue ${printGiven(given)} given for ${smoothing}, none expected`,
    );
  }
  if (Number.isFinite(given) && given > 0) return given;
  throw new UsageError(`BleuCounts: smoothingValue ${printGiven(given)} given, a number above 0 expected`);
}
