/** Batches of rows by their numbers, in order or shuffled anew each epoch. What a row is, the caller knows. */
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkSeed, randomSource } from "../nn/random.ts";
import { requireCounts } from "./counts.ts";
import { keepingNewest, locate, rowNumbers, shuffle } from "./epochs.ts";
import { counted } from "./text.ts";

export interface RowBatchesOptions {
  /** B: rows of a batch. */
  readonly batch: number;
  /** An integer from 0: each epoch has an order of its own, which follows from seed and epoch alone. Without it, rows come in order. */
  readonly seed?: number | undefined;
  /** Whether an epoch leaves out the rows that fill no whole batch. Default false: they are a smaller batch at its end. */
  readonly dropLast?: boolean | undefined;
}

/**
 * The rows of each batch of each epoch. Every row is in one batch of an epoch; with `dropLast` the rows that an epoch leaves
 * out are others each time, if there is a seed.
 *
 *     const order = new RowBatches(1000, { batch: 32, seed: 1 });
 *     for (let k = 0; k < order.count; k++) train(pickRows(images, order.at(k, epoch)));
 */
export class RowBatches {
  /** How many batches an epoch has. */
  readonly count: number;
  readonly #rows: number;
  readonly #batch: number;
  /** All rows in the order of an epoch. */
  readonly #order: (epoch: number) => Int32Array;

  /**
   * @param rows how many rows there are
   * @throws UsageError for options out of their range
   * @throws DataError unless there are rows for one batch
   */
  constructor(rows: number, options: RowBatchesOptions) {
    checkOptions("RowBatches", options, { batch: "a whole number from 1", seed: true, dropLast: true });
    const { batch, seed, dropLast = false } = options;
    requireCounts({ batch });
    if (seed !== undefined) checkSeed(seed, "RowBatches: ");
    if (typeof dropLast !== "boolean") {
      throw new UsageError(`dropLast ${printGiven(dropLast)}: expected true or false`);
    }
    if (!Number.isSafeInteger(rows) || rows < 1) {
      throw new DataError(`RowBatches: ${printGiven(rows)} rows given, a whole number from 1 expected`);
    }
    if (dropLast && rows < batch) {
      throw new DataError(`RowBatches: ${counted(rows, "row")} given, ${batch} expected for one whole batch`);
    }
    this.count = dropLast ? Math.floor(rows / batch) : Math.ceil(rows / batch);
    this.#rows = rows;
    this.#batch = batch;
    this.#order = keepingNewest((epoch) =>
      seed === undefined ? rowNumbers(rows) : shuffle(rowNumbers(rows), randomSource(seed, `epoch ${epoch}`)),
    );
  }

  /**
   * The numbers of the rows of a batch. Batches are numbered on from epoch to epoch: batch `count` of epoch 0 is batch 0 of
   * epoch 1, so that one number is enough for a training by hand.
   *
   * @throws UsageError unless batch and epoch are whole numbers from 0
   */
  at(batch: number, epoch = 0): Int32Array {
    const place = locate(this.count, batch, epoch);
    const start = place.batch * this.#batch;
    return this.#order(place.epoch).slice(start, Math.min(start + this.#batch, this.#rows));
  }
}
