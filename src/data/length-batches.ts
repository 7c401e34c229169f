/**
 * Puts rows of like lengths in batches, so that little of a batch is padding. A batch is found by its number and the seed
 * alone, so that training resumes from a number.
 */
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { randomSource, seedRange } from "../nn/random.ts";
import { isArray } from "../numbers.ts";
import type { RandomSource } from "../trace/variable.ts";

export interface LengthBatchesOptions {
  /** B: rows of a batch. */
  readonly batch: number;
  /** An integer from 0; another seed gives other batches in another order. */
  readonly seed: number;
  /**
   * How many batches' worth of rows are sorted together. By default all rows are, which wastes least; 1 leaves rows in
   * random order; a number between keeps batches mixed where a row's length tells what it is.
   */
  readonly pool?: number | undefined;
}

/**
 * Every epoch draws the rows in a new order, cuts them in pools, sorts each pool by length, cuts it in batches of B rows,
 * and draws the order of all batches. Each row is in one batch of an epoch; where B does not divide the number of rows,
 * one batch is smaller.
 */
export class LengthBatches {
  /** How many batches an epoch has. */
  readonly count: number;
  readonly #lengths: readonly number[];
  readonly #options: Required<LengthBatchesOptions>;
  #newest: { readonly epoch: number; readonly batches: readonly Int32Array[] } | undefined;

  /**
   * @param lengths how many steps each row has
   * @throws UsageError for options out of their range
   * @throws DataError where there are no rows, or a length is not a positive integer
   */
  constructor(lengths: ArrayLike<number>, options: LengthBatchesOptions) {
    checkOptions("LengthBatches", options, {
      batch: "a whole number from 1",
      seed: seedRange,
      pool: true,
    });
    const { batch, seed, pool } = options;
    for (const [name, count] of Object.entries({ batch, pool: pool ?? 1 })) {
      if (Number.isSafeInteger(count) && count > 0) continue;
      throw new UsageError(`${name} ${printGiven(count)}: expected a whole number from 1`);
    }
    if (!isArray(lengths)) {
      throw new DataError(`LengthBatches: ${printGiven(lengths)} given, an array of lengths expected`);
    }
    this.#lengths = Array.from(lengths);
    if (this.#lengths.length === 0) throw new DataError("no rows given, one or more expected");
    const wrong = this.#lengths.findIndex((length) => !Number.isSafeInteger(length) || length < 1);
    if (wrong >= 0) {
      throw new DataError(
        `row ${wrong} has ${printGiven(this.#lengths[wrong])} steps, a positive integer expected`,
      );
    }
    this.count = Math.ceil(this.#lengths.length / batch);
    this.#options = { batch, seed, pool: pool ?? this.count };
    this.#epoch(0);
  }

  /**
   * The rows of batch k, as places in `lengths`. Batches 0 to count - 1 are the first epoch, count to 2 count - 1 the
   * second, and so on.
   *
   * @throws UsageError unless k is a whole number from 0
   */
  at(k: number): Int32Array {
    requireWhole("batch", k);
    return this.#epoch(Math.floor(k / this.count))[k % this.count] as Int32Array;
  }

  /**
   * The part of an epoch's steps that is padding, in [0, 1), where each batch is padded to its longest row.
   *
   * @throws UsageError unless epoch is a whole number from 0
   */
  waste(epoch = 0): number {
    requireWhole("epoch", epoch);
    let [filled, all] = [0, 0];
    for (const rows of this.#epoch(epoch)) {
      const lengths = Array.from(rows, (row) => this.#lengths[row] as number);
      filled += lengths.reduce((sum, length) => sum + length);
      all += lengths.length * lengths.reduce((longest, length) => Math.max(longest, length));
    }
    return 1 - filled / all;
  }

  #epoch(epoch: number): readonly Int32Array[] {
    if (this.#newest?.epoch === epoch) return this.#newest.batches;
    const { batch, seed, pool } = this.#options;
    const random = randomSource(seed, `epoch ${epoch}`);
    const rows = shuffle(Int32Array.from(this.#lengths.keys()), random);
    const sorted = cut(rows, pool * batch).map((part) =>
      part.sort((a, b) => (this.#lengths[a] as number) - (this.#lengths[b] as number)),
    );
    const batches = shuffle(
      sorted.flatMap((part) => cut(part, batch)),
      random,
    );
    this.#newest = { epoch, batches };
    return batches;
  }
}

/** Pieces of `size` elements, the last of what is left: views of the same memory. */
function cut(elements: Int32Array, size: number): Int32Array[] {
  const count = Math.ceil(elements.length / size);
  return Array.from({ length: count }, (_, at) => elements.subarray(at * size, (at + 1) * size));
}

/** Every order as likely as any other (Fisher and Yates), in place. */
function shuffle<List extends Int32Array | Int32Array[]>(list: List, random: RandomSource): List {
  for (let left = list.length; left > 1; left--) {
    const chosen = Math.floor(random.uniform() * left);
    [list[left - 1], list[chosen]] = [list[chosen] as never, list[left - 1] as never];
  }
  return list;
}

function requireWhole(name: string, number: number): void {
  if (Number.isSafeInteger(number) && number >= 0) return;
  throw new UsageError(`${name} ${number}: expected a whole number from 0`);
}
