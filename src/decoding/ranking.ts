/** Tokens from the likeliest to the least likely, sorted only as far as somebody asks: most draws fall among the first. */

import { TrainingError } from "../errors.ts";

/** So few tokens are sorted one by one. */
const FEW = 16;

/**
 * Sorts by quicksort, but leaves lower parts as they are until a rank in them is asked for (Paredes and Navarro, "Optimal
 * incremental sorting", 2006). Nothing is allocated from one list of logits to the next.
 */
export class Ranking {
  #logits: ArrayLike<number> = [];
  #tokens = new Int32Array(0);
  /** How many tokens have a rank. */
  #count = 0;
  /** How many of the first tokens are in their order. */
  #sorted = 0;
  /** Places, the last one the lowest: all tokens before such a place are likelier than all behind it. */
  readonly #ends: number[] = [];

  /**
   * Begin anew with the logits (V) of all tokens; one of -Infinity has no rank. Throws TrainingError for NaN and Infinity, and
   * where all are -Infinity.
   */
  rank(logits: ArrayLike<number>): void {
    if (this.#tokens.length < logits.length) this.#tokens = new Int32Array(logits.length);
    let count = 0;
    for (let token = 0; token < logits.length; token++) {
      const logit = logits[token] as number;
      if (logit === Number.NEGATIVE_INFINITY) continue;
      if (!Number.isFinite(logit)) throw unusable(token, logit);
      this.#tokens[count++] = token;
    }
    if (count === 0) throw unusable(undefined, Number.NEGATIVE_INFINITY);
    this.#logits = logits;
    this.#count = count;
    this.#sorted = 0;
    this.#ends.length = 0;
    this.#ends.push(count);
  }

  /** How many tokens have a rank. */
  get count(): number {
    return this.#count;
  }

  /** The token of a rank, from 0, the likeliest, to below `count`. Among equals the lower token comes first. */
  token(rank: number): number {
    while (rank >= this.#sorted) this.#sortOn();
    return this.#tokens[rank] as number;
  }

  /** Bring the next few tokens in their order. */
  #sortOn(): void {
    const start = this.#sorted;
    let end = this.#ends.at(-1) as number;
    while (end - start > FEW) {
      end = this.#part(start, end);
      this.#ends.push(end);
    }
    this.#sortFew(start, end);
    this.#sorted = end;
    this.#ends.pop();
  }

  /** Part the tokens from `start` to `end` in likelier ones and others; the place between. Hoare, "Quicksort", 1962. */
  #part(start: number, end: number): number {
    const tokens = this.#tokens;
    const pivot = this.#middle(start, end);
    let left = start - 1;
    let right = end;
    for (;;) {
      do left += 1;
      while (this.#isBefore(tokens[left] as number, pivot));
      do right -= 1;
      while (this.#isBefore(pivot, tokens[right] as number));
      if (left >= right) return right + 1;
      this.#swap(left, right);
    }
  }

  /** Of the first, the middle and the last token, the one between the others, so that neither part is empty. */
  #middle(start: number, end: number): number {
    const [a, b, c] = [
      this.#tokens[start] as number,
      this.#tokens[(start + end) >> 1] as number,
      this.#tokens[end - 1] as number,
    ];
    if (this.#isBefore(a, b) !== this.#isBefore(a, c)) return a;
    return this.#isBefore(b, a) !== this.#isBefore(b, c) ? b : c;
  }

  #sortFew(start: number, end: number): void {
    const tokens = this.#tokens;
    for (let next = start + 1; next < end; next++) {
      const token = tokens[next] as number;
      let at = next;
      for (; at > start && this.#isBefore(token, tokens[at - 1] as number); at--)
        tokens[at] = tokens[at - 1] as number;
      tokens[at] = token;
    }
  }

  #swap(a: number, b: number): void {
    const tokens = this.#tokens;
    const token = tokens[a] as number;
    tokens[a] = tokens[b] as number;
    tokens[b] = token;
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#logits[a] as number, this.#logits[b] as number];
    return left > right || (left === right && a < b);
  }
}

/** The error for a logit by which nothing can be chosen: that of a token, or of every one. */
export function unusable(token: number | undefined, logit: number): TrainingError {
  const given = token === undefined ? `every logit is ${logit}` : `the logit of token ${token} is ${logit}`;
  return new TrainingError(`${given}, a number expected: the model's weights are too large to predict with`);
}
