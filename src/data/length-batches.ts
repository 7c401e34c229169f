/**
 * Puts rows of like lengths in batches, so that little of a batch is padding. A batch is found by its number and the seed
 * alone, so that training resumes from a number.
 */
import { checkOptions, printGiven } from "../checks.ts";
import { DataError } from "../errors.ts";
import { checkSeed, randomSource, seedRange } from "../nn/random.ts";
import { isArray } from "../numbers.ts";
import type { RandomSource } from "../trace/variable.ts";
import { requireCounts, requireWhole } from "./counts.ts";
import { cut, keepingNewest, locate, rowNumbers, shuffle } from "./epochs.ts";

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
  readonly #batches: (epoch: number) => readonly Int32Array[];

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
    requireCounts({ batch, pool: pool ?? 1 });
    checkSeed(seed, "LengthBatches: ");
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
    const pooled = (pool ?? this.count) * batch;
    this.#batches = keepingNewest((epoch) => this.#draw(randomSource(seed, `epoch ${epoch}`), pooled, batch));
  }

  /**
   * The rows of a batch, as places in `lengths`. Batches are numbered on from epoch to epoch: batch `count` of epoch 0 is
   * batch 0 of epoch 1, so that one number is enough for a training by hand.
   *
   * @throws UsageError unless batch and epoch are whole numbers from 0
   */
  at(batch: number, epoch = 0): Int32Array {
    const place = locate(this.count, batch, epoch);
    return (this.#batches(place.epoch)[place.batch] as Int32Array).slice();
  }

  /**
   * The part of an epoch's steps that is padding, in [0, 1), where each batch is padded to its longest row.
   *
   * @throws UsageError unless epoch is a whole number from 0
   */
  waste(epoch = 0): number {
    requireWhole("epoch", epoch);
    let [filled, all] = [0, 0];
    for (const rows of this.#batches(epoch)) {
      const lengths = Array.from(rows, (row) => this.#lengths[row] as number);
      filled += lengths.reduce((sum, length) => sum + length);
      all += lengths.length * lengths.reduce((longest, length) => Math.max(longest, length));
    }
    return 1 - filled / all;
  }

  #draw(random: RandomSource, pooled: number, batch: number): readonly Int32Array[] {
    const rows = shuffle(rowNumbers(this.#lengths.length), random);
    const sorted = cut(rows, pooled).map((part) =>
      part.sort((a, b) => (this.#lengths[a] as number) - (this.#lengths[b] as number)),
    );
    return shuffle(
      sorted.flatMap((part) => cut(part, batch)),
      random,
    );
  }
}
