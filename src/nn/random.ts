/** The random numbers that weights start from: the same bits on every platform. */

import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import { encrypt, threefry } from "../graph/threefry.ts";
import type { RandomSource } from "../trace/variable.ts";
import { normalQuantile } from "./portable.ts";

/**
 * The stream of random numbers that belongs to a seed and a path such as "rnn.weight_hh_l0"; it depends on nothing else.
 * Throws UsageError for a seed that is not an integer from 0 to 2^53 - 1.
 */
export function randomSource(seed: number, path: string): RandomSource {
  checkSeed(seed);
  let key: [number, number] = [seed >>> 0, Math.floor(seed / 2 ** 32)];
  for (let at = 0; at < path.length; at++) key = threefry(key[0], key[1], path.charCodeAt(at), at);
  return new CounterSource(...key);
}

/** Encrypts the counters 0, 1, 2, ...: each gives two words. A uniform number takes the first, a normal number the next there is. */
class CounterSource implements RandomSource {
  readonly #key0: number;
  readonly #key1: number;
  /** Of so many counters at once. */
  readonly #words = new Int32Array(2 * 64);
  #at = this.#words.length;
  #counter = 0;

  constructor(key0: number, key1: number) {
    this.#key0 = key0;
    this.#key1 = key1;
  }

  uniform(): number {
    this.#at += this.#at & 1;
    this.#refill();
    const word = this.#words[this.#at] as number;
    this.#at += 2;
    return (word >>> 8) * 2 ** -24;
  }

  normal(): number {
    this.#refill();
    return normalQuantile(this.#words[this.#at++] as number);
  }

  /** Encrypts the next counters if all words are taken. */
  #refill(): void {
    if (this.#at < this.#words.length) return;
    encrypt(this.#words, this.#key0, this.#key1, this.#counter, 0);
    this.#counter += this.#words.length / 2;
    this.#at = 0;
  }
}

/** What a seed may be, for messages. */
export const seedRange = "an integer from 0 to 2^53 - 1";

/** Throws UsageError for a seed that is not an integer from 0 to 2^53 - 1; `where` begins its message. */
export function checkSeed(seed: number | undefined, where = ""): asserts seed is number {
  if (Number.isSafeInteger(seed) && (seed as number) >= 0) return;
  throw new UsageError(`${where}seed ${printGiven(seed)} given, ${seedRange} expected`);
}
