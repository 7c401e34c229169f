/** The rows of a batch within arrays: cleared, or put in another order where they stand. */

import type { Value } from "../backends/backend.ts";
import { printGiven } from "../checks.ts";
import { DataError, ShapeError, UsageError } from "../errors.ts";
import { countOf, isArray, type NumericArray } from "../numbers.ts";

/** Throws UsageError for a row that does not exist. */
export function checkRow(where: string, row: number, rows: number): void {
  if (!isRow(row, rows)) throw noRow(where, printGiven(row), rows);
}

/** Zeros in one row of an array whose rows stand along `axis`. */
export function clearRow(array: NumericArray, shape: readonly number[], axis: number, row: number): void {
  const length = countOf(shape.slice(axis + 1));
  const stride = (shape[axis] as number) * length;
  for (let start = row * length; start < array.length; start += stride) array.fill(0, start, start + length);
}

/** Each row `repeat` times side by side: `into` has room for them. Without an axis of rows the array as it is. */
export function repeatRows(
  array: Value["data"],
  shape: readonly number[],
  axis: number,
  repeat: number,
  into: NumericArray,
): void {
  if (axis < 0 || repeat === 1) {
    into.set(array);
    return;
  }
  const length = countOf(shape.slice(axis + 1));
  for (let start = 0, to = 0; start < array.length; start += length) {
    const row = array.subarray(start, start + length);
    for (let copy = 0; copy < repeat; copy++, to += length) into.set(row, to);
  }
}

function isRow(row: unknown, rows: number): boolean {
  return Number.isInteger(row) && (row as number) >= 0 && (row as number) < rows;
}

function noRow(where: string, given: string, rows: number): UsageError {
  return new UsageError(`${where}: row ${given} given, a whole number from 0 to ${rows - 1} expected`);
}

/** Stands for a row's number: the room beside the array. */
const ASIDE = -1;
/** Stands for a number of readers: the row has its new content. */
const DONE = -1;

/**
 * Puts rows in a new order: row `i` becomes what row `order[i]` was. A row may come several times, or not at all. Rows that
 * stay are not copied, others once, and one row of each cycle twice. After the first call nothing is allocated.
 */
export class RowOrder {
  readonly #rows: number;
  /** How many rows have still to be copied from each. */
  readonly #readers: Int32Array;
  /** The copies in their order: one for each row at most, and one more for each cycle. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  #copies = 0;
  #aside = new Float32Array(0);

  constructor(rows: number) {
    this.#rows = rows;
    this.#readers = new Int32Array(rows);
    this.#from = new Int32Array(2 * rows);
    this.#to = new Int32Array(2 * rows);
  }

  /** Throws DataError for what is no list, ShapeError for one of another length, UsageError for a row that does not exist. */
  plan(where: string, order: ArrayLike<number>): void {
    const rows = this.#rows;
    if (!isArray(order)) {
      throw new DataError(`${where}: ${printGiven(order)} given, a list of ${rows} rows expected`);
    }
    if (order.length !== rows) throw new ShapeError(`${where}: ${order.length} rows given, ${rows} expected`);
    const readers = this.#readers.fill(0);
    for (let row = 0; row < rows; row++) {
      const source = order[row] as number;
      if (!isRow(source, rows)) throw noRow(where, `${printGiven(source)} at ${row}`, rows);
      if (source !== row) readers[source] = (readers[source] as number) + 1;
    }
    this.#copies = 0;
    for (let row = 0; row < rows; row++) if (order[row] !== row) this.#fill(row, order);
    // Every row that is left is read by one other: they are cycles.
    for (let row = 0; row < rows; row++) {
      if ((readers[row] as number) <= 0 || order[row] === row) continue;
      this.#copy(row, ASIDE);
      readers[row] = 0;
      this.#fill(row, order);
    }
  }

  /** Fills a row that nobody reads, then the row that this one was filled from if nobody else reads that, and so on. */
  #fill(row: number, order: ArrayLike<number>): void {
    const readers = this.#readers;
    for (let to = row; readers[to] === 0 && order[to] !== to; ) {
      const from = order[to] as number;
      readers[to] = DONE;
      if (readers[from] === DONE) {
        this.#copy(ASIDE, to); // Round the cycle, back at its first row.
        return;
      }
      this.#copy(from, to);
      readers[from] = (readers[from] as number) - 1;
      to = from;
    }
  }

  #copy(from: number, to: number): void {
    this.#from[this.#copies] = from;
    this.#to[this.#copies] = to;
    this.#copies += 1;
  }

  /** Does in an array what was planned last; its rows stand along `axis`. */
  apply(array: NumericArray, shape: readonly number[], axis: number): void {
    let length = 1;
    for (let at = axis + 1; at < shape.length; at++) length *= shape[at] as number;
    if (length > this.#aside.length) this.#aside = new Float32Array(length);
    const aside = this.#aside;
    for (let start = 0; start < array.length; start += this.#rows * length) {
      for (let copy = 0; copy < this.#copies; copy++) {
        const from = start + (this.#from[copy] as number) * length;
        const to = start + (this.#to[copy] as number) * length;
        if (this.#to[copy] === ASIDE) {
          for (let at = 0; at < length; at++) aside[at] = array[from + at] as number;
        } else if (this.#from[copy] === ASIDE) {
          for (let at = 0; at < length; at++) array[to + at] = aside[at] as number;
        } else {
          array.copyWithin(to, from, from + length);
        }
      }
    }
  }
}
