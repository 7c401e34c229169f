/**
 * Which subwords a text has: byte-pair encoding (Sennrich, Haddow and Birch, 2016) over the bytes of UTF-8. Own code, as
 * tokenisers for JavaScript (gpt-tokenizer, @huggingface/tokenizers) read merges that were learnt elsewhere, and learn none.
 */

import { BYTES } from "../bytes.ts";
import { joined, type Merge, nameOf, singleBytes } from "./merges.ts";

export interface LearningOptions {
  /** The most merges that are learnt. */
  readonly most: number;
  /** How often a pair has to occur to be merged. */
  readonly leastCount: number;
  /** Names that no merge may have: those of special tokens. */
  readonly taken: Iterable<string>;
}

/**
 * Again and again the commonest pair of tokens that stand side by side in a piece becomes one token, ties going to the
 * lower numbers. A pair whose text is a token already is never merged, so that a text has one number.
 *
 * @param pieces how often each piece occurs
 */
export function learnMerges(
  pieces: ReadonlyMap<string, number>,
  { most, leastCount, taken }: LearningOptions,
): Merge[] {
  const tokens = singleBytes();
  const names = new Set([...taken, ...tokens.map(nameOf)]);
  const pairs = new Pairs(pieces, BYTES + most, leastCount);
  const merges: Merge[] = [];
  while (merges.length < most) {
    const pair = pairs.commonest();
    if (pair === undefined) break;
    const merge: Merge = [pair.left, pair.right];
    const bytes = joined(tokens, merge);
    const name = nameOf(bytes);
    if (names.has(name)) {
      pairs.forget(pair);
      continue;
    }
    pairs.merge(pair, tokens.length);
    names.add(name);
    tokens.push(bytes);
    merges.push(merge);
  }
  return merges;
}

/** Two tokens, how often they stand side by side, and in which pieces; a piece may no longer have them. */
interface Pair {
  readonly left: number;
  readonly right: number;
  count: number;
  readonly pieces: number[];
}

/** The pieces as tokens, and the pairs in them, counted anew only where a merge changes them. */
class Pairs {
  readonly #most: number;
  readonly #leastCount: number;
  /** The tokens of piece p stand from `starts[p]`, `lengths[p]` of them. */
  readonly #tokens: Int32Array;
  readonly #starts: number[] = [];
  readonly #lengths: number[] = [];
  readonly #counts: number[];
  readonly #pairs = new Map<number, Pair>();
  /** Every pair that occurs `#enough` times or more, and others. */
  #common: Pair[] = [];
  #enough = Number.POSITIVE_INFINITY;

  /** @param most the most tokens there may come to be */
  constructor(pieces: ReadonlyMap<string, number>, most: number, leastCount: number) {
    this.#most = most;
    this.#leastCount = leastCount;
    this.#counts = [...pieces.values()];
    const encoded = Array.from(pieces.keys(), (piece) => new TextEncoder().encode(piece));
    this.#tokens = new Int32Array(encoded.reduce((sum, { length }) => sum + length, 0));
    let end = 0;
    for (const [piece, bytes] of encoded.entries()) {
      this.#tokens.set(bytes, end);
      this.#starts.push(end);
      this.#lengths.push(bytes.length);
      end += bytes.length;
      for (let at = 1; at < bytes.length; at++)
        this.#add(bytes[at - 1] as number, bytes[at] as number, piece);
    }
  }

  /** The pair that occurs most often, at least `leastCount` times; undefined where there is none. */
  commonest(): Pair | undefined {
    for (;;) {
      let best: Pair | undefined;
      for (const pair of this.#common) if (best === undefined || isBefore(pair, best)) best = pair;
      if (best !== undefined && best.count >= this.#enough) return best;
      if (this.#enough <= this.#leastCount) return undefined;
      this.#lowerEnough();
    }
  }

  /** Never gives this pair again. */
  forget(pair: Pair): void {
    pair.count = Number.NEGATIVE_INFINITY;
  }

  /** Makes a pair one token wherever it stands. */
  merge(pair: Pair, token: number): void {
    const { left, right } = pair;
    const tokens = this.#tokens;
    const made = new Set<Pair>();
    for (const piece of pair.pieces) {
      const start = this.#starts[piece] as number;
      const end = start + (this.#lengths[piece] as number);
      let kept = start;
      for (let at = start; at < end; at++) {
        if (tokens[at] !== left || at + 1 === end || tokens[at + 1] !== right) {
          tokens[kept++] = tokens[at] as number;
          continue;
        }
        if (kept > start) {
          const before = tokens[kept - 1] as number;
          this.#remove(before, left, piece);
          made.add(this.#add(before, token, piece));
        }
        if (at + 2 < end) {
          const after = tokens[at + 2] as number;
          this.#remove(right, after, piece);
          made.add(this.#add(token, after, piece));
        }
        tokens[kept++] = token;
        at++;
      }
      this.#lengths[piece] = kept - start;
    }
    this.forget(pair);
    // Only now are there more of any pair: those that the new token is in. So what is not common now never is.
    for (const pair of made) if (pair.count >= this.#enough) this.#common.push(pair);
  }

  #lowerEnough(): void {
    let most = 0;
    for (const { count } of this.#pairs.values()) most = Math.max(most, count);
    this.#enough = Math.max(this.#leastCount, Math.floor(most / 2));
    this.#common = [...this.#pairs.values()].filter(({ count }) => count >= this.#enough);
  }

  #add(left: number, right: number, piece: number): Pair {
    const key = left * this.#most + right;
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      pair = { left, right, count: 0, pieces: [] };
      this.#pairs.set(key, pair);
    }
    pair.count += this.#counts[piece] as number;
    if (pair.pieces.at(-1) !== piece) pair.pieces.push(piece);
    return pair;
  }

  #remove(left: number, right: number, piece: number): void {
    (this.#pairs.get(left * this.#most + right) as Pair).count -= this.#counts[piece] as number;
  }
}

function isBefore(a: Pair, b: Pair): boolean {
  if (a.count !== b.count) return a.count > b.count;
  return a.left === b.left ? a.right < b.right : a.left < b.left;
}
