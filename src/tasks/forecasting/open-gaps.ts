/** Gaps in rows that come one by one: they are filled in when the value comes that ends them, as in a whole table. */

import { printGiven } from "../../checks.ts";
import { textNumbers } from "../../data/time-series/columns.ts";
import { betweenGap } from "../../data/time-series/gaps.ts";
import type { GapKind } from "../../data/time-series/reading.ts";
import { givenColumn, type TimeSeries } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import type { Prepared } from "./prepare.ts";

/** Of a column: its last value, null where there was none, and how many rows without one came after it. */
export type OpenGap = readonly [last: number | null, missing: number];

/** The gaps of targets and past columns. */
export class OpenGaps {
  readonly #rules: readonly GapKind[];
  #open: readonly OpenGap[];

  constructor({ reading, columns: { targets, past } }: Prepared) {
    const texts = textNumbers(reading.categories);
    const names = reading.gaps === "mask" ? [] : [...targets, ...past];
    this.#rules = names.map((name) => (texts.has(name) ? "last" : reading.gaps));
    this.#open = names.map(() => [null, 0]);
  }

  /** Begins after the first rows of a series. */
  after(series: TimeSeries, { targets, past }: Prepared["columns"], end: number): void {
    const names = [...targets, ...past];
    this.#open = this.#rules.map((_, column) => {
      const values = givenColumn(series, names[column] as string).subarray(0, end);
      const row = values.findLastIndex((value) => !Number.isNaN(value));
      return row < 0 ? [null, 0] : [values[row] as number, end - 1 - row];
    });
  }

  /** A row: what stands in the rows before it now, `back` of them ago, at most so many. */
  *close(
    numbers: readonly number[],
    most: number,
  ): Generator<{ readonly column: number; readonly back: number; readonly value: number }> {
    const before = this.#open;
    this.#open = before.map(([last, missing], column) => {
      const value = numbers[column] as number;
      if (!Number.isNaN(value)) return [value, 0];
      return [last, last === null ? 0 : missing + 1];
    });
    for (const [column, [last, missing]] of before.entries()) {
      const value = numbers[column] as number;
      if (last === null || missing === 0 || Number.isNaN(value)) continue;
      const filled = betweenGap(last, value, missing + 1, this.#rules[column] as GapKind);
      for (let back = 1; back <= Math.min(missing, most); back++)
        yield { column, back, value: filled(missing + 1 - back) };
    }
  }

  save(): readonly OpenGap[] {
    return this.#open;
  }

  /** What `save` gave, checked. Throws DataError for anything else. */
  read(given: unknown): readonly OpenGap[] {
    const isGap = (gap: unknown) =>
      Array.isArray(gap) &&
      (gap[0] === null || Number.isFinite(gap[0])) &&
      Number.isSafeInteger(gap[1]) &&
      gap[1] >= 0;
    if (Array.isArray(given) && given.length === this.#open.length && given.every(isGap)) return given;
    throw new DataError(
      `stream: the state's gaps: ${printGiven(given)} given, ${this.#open.length} pairs of a last value and a count expected`,
    );
  }

  restore(open: readonly OpenGap[]): void {
    this.#open = open;
  }
}
