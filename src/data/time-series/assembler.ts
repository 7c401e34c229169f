/** From rows to series: each row at its step, gaps between them, several rows of a step put together. */
import { DataError } from "../../errors.ts";
import type { CsvRow } from "../csv.ts";
import { numberColumns, numbersOf, valueColumns } from "./columns.ts";
import { fillGaps } from "./gaps.ts";
import type { Aggregate, SeriesReading } from "./reading.ts";
import { type SeriesRow, SeriesRowReader, type TableHead } from "./rows.ts";
import type { SeriesSet, TimeSeries } from "./series.ts";

/** A gap of more steps than this is no gap, but a time that is wrong. */
const LONGEST_GAP = 1_000_000;
const FIRST_CAPACITY = 64;

/** Puts rows into series, as they come. */
export class SeriesAssembler {
  readonly #head: TableHead;
  readonly #reading: SeriesReading;
  readonly #reader: SeriesRowReader;
  readonly #keep: number | undefined;
  readonly #columns: readonly string[];
  readonly #rules: readonly Aggregate[];
  readonly #statics: readonly string[];
  readonly #builders = new Map<string, SeriesBuilder>();
  #merged = 0;

  /** @param keep how many of the last steps of each series are held; by default all */
  constructor(head: TableHead, reading: SeriesReading, keep?: number) {
    const { columns, categories, aggregate } = reading;
    const numbers = numberColumns(columns, categories);
    this.#head = head;
    this.#reading = reading;
    this.#reader = new SeriesRowReader(head, reading);
    this.#keep = keep;
    this.#columns = valueColumns(numbers);
    // What is known ahead, such as a price, is no amount that adds up.
    this.#rules = valueColumns(columns).flatMap((name) =>
      numbersOf(name, categories).map(() =>
        aggregate === "sum" && columns.known.includes(name) ? "mean" : (aggregate ?? "last"),
      ),
    );
    this.#statics = numbers.statics;
  }

  /** How many rows were put together with one before. */
  get merged(): number {
    return this.#merged;
  }

  /** @throws DataError with the line for a time that lies on no step, stands twice, or before the one of the row before */
  push(given: CsvRow): void {
    const { grid, aggregate } = this.#reading;
    const row = this.#reader.read(given);
    const place = () => this.#head.place(given);
    const { index } = row;
    if (index === undefined) {
      throw new DataError(`${place()}: ${row.time} lies on no step of ${grid.step} from ${grid.write(0)}`);
    }
    const builder = this.#builderOf(row.id, index);
    if (index > builder.last) {
      if (index - builder.last > LONGEST_GAP && builder.length > 0)
        throw this.#tooFar(place, row, builder.last);
      builder.extendTo(index);
    } else {
      const line = builder.lineAt(index);
      if (line === undefined || line === 0) throw this.#disordered(place, row, builder);
      if (aggregate === undefined) throw this.#doubled(place, row, line);
      this.#merged += 1;
    }
    builder.put(index, row, this.#rules);
    if (this.#statics.length > 0) this.#checkStatics(place, builder, this.#reader.statics(given), row.line);
  }

  #builderOf(id: string, index: number): SeriesBuilder {
    const known = this.#builders.get(id);
    if (known !== undefined) return known;
    const isMean = this.#rules.includes("mean") && this.#reading.aggregate !== undefined;
    const builder = new SeriesBuilder(index, this.#columns.length, this.#keep, isMean);
    this.#builders.set(id, builder);
    return builder;
  }

  #checkStatics(place: () => string, builder: SeriesBuilder, given: Float64Array, line: number): void {
    builder.statics ??= { values: new Float64Array(given.length).fill(Number.NaN), line };
    const { values } = builder.statics;
    for (let at = 0; at < given.length; at++) {
      const [before, now] = [values[at] as number, given[at] as number];
      if (Number.isNaN(before)) values[at] = now;
      else if (now !== before && !Number.isNaN(now)) {
        throw new DataError(
          `${place()}: ${this.#statics[at]} is ${now}, and ${before} before (${this.#head.counted} ${builder.statics.line}): a static column is the same in all rows of a series`,
        );
      }
    }
  }

  #of({ id, time }: SeriesRow): string {
    return id === "" ? time : `${time} of series ${id}`;
  }

  #disordered(place: () => string, row: SeriesRow, { last, lastLine }: SeriesBuilder): DataError {
    const { grid } = this.#reading;
    const before = `${grid.write(last)} (${this.#head.counted} ${lastLine})`;
    return new DataError(
      `${place()}: ${this.#of(row)} stands after ${before}: rows in the order of time expected${this.#clocks(row, last)}`,
    );
  }

  #doubled(place: () => string, row: SeriesRow, line: number): DataError {
    const index = row.index as number;
    return new DataError(
      `${place()}: ${this.#of(row)} stands at ${this.#head.counted} ${line} too: an aggregate (sum, mean, first or last) puts such rows together${this.#clocks(row, index)}`,
    );
  }

  /** What else a time that comes again may be: the hour of a night that clocks show twice. */
  #clocks({ index }: SeriesRow, last: number): string {
    const { grid } = this.#reading;
    if (grid.unit !== "millisecond" || grid.format.zone !== undefined) return "";
    const clock = new Date(grid.wallAt(index as number));
    const isBack = grid.timeAt(last) - grid.timeAt(index as number) < 3_600_000;
    const isNight = clock.getUTCDay() === 0 && clock.getUTCHours() < 4;
    return isBack && isNight ? "; a time zone tells the hour apart that clocks show twice in autumn" : "";
  }

  #tooFar(place: () => string, row: SeriesRow, last: number): DataError {
    const steps = (row.index as number) - last;
    return new DataError(
      `${place()}: ${this.#of(row)} is ${steps} steps of ${this.#reading.grid.step} after the row before: at most ${LONGEST_GAP} expected`,
    );
  }

  finish(): SeriesSet {
    const { grid, gaps, categories } = this.#reading;
    const categorical = new Set(Object.keys(categories).flatMap((name) => numbersOf(name, categories)));
    const series = [...this.#builders].map(([id, builder]): TimeSeries => {
      const built = builder.build();
      for (const [at, values] of built.columns.entries()) {
        const isCategory = categorical.has(this.#columns[at] as string);
        fillGaps(values, gaps === "linear" && isCategory ? "last" : gaps);
      }
      return {
        id,
        start: builder.start,
        length: builder.length,
        columns: Object.fromEntries(
          this.#columns.map((name, at) => [name, built.columns[at] as Float64Array]),
        ),
        statics: Object.fromEntries(
          this.#statics.map((name, at) => [name, builder.statics?.values[at] ?? Number.NaN]),
        ),
        lines: built.lines,
      };
    });
    return { series, grid };
  }
}

/** One series while it grows: the step with number i stands at i - start, or of kept ones, which go round, at i mod keep. */
class SeriesBuilder {
  statics: { readonly values: Float64Array; readonly line: number } | undefined;
  readonly #first: number;
  readonly #keep: number | undefined;
  #last: number;
  #lastLine = 0;
  #lines: Int32Array;
  #columns: Float64Array[];
  /** How many numbers a mean is of so far. */
  #counts: Float64Array[] | undefined;

  constructor(first: number, columns: number, keep: number | undefined, isMean: boolean) {
    const capacity = keep ?? FIRST_CAPACITY;
    this.#first = first;
    this.#last = first - 1;
    this.#keep = keep;
    this.#lines = new Int32Array(capacity);
    const arrays = () => Array.from({ length: columns }, () => new Float64Array(capacity));
    this.#columns = arrays();
    this.#counts = isMean ? arrays() : undefined;
  }

  get last(): number {
    return this.#last;
  }

  get lastLine(): number {
    return this.#lastLine;
  }

  get start(): number {
    return Math.max(this.#first, this.#keep === undefined ? this.#first : this.#last - this.#keep + 1);
  }

  get length(): number {
    return this.#last - this.start + 1;
  }

  /** The line of a step: 0 for a gap, undefined for a step that is not held. */
  lineAt(index: number): number | undefined {
    return index < this.start || index > this.#last ? undefined : this.#lines[this.#position(index)];
  }

  #position(index: number): number {
    const keep = this.#keep;
    return keep === undefined ? index - this.#first : ((index % keep) + keep) % keep;
  }

  /** Adds steps without values up to one. */
  extendTo(index: number): void {
    if (this.#keep === undefined) this.#grow(index - this.#first + 1);
    const from = Math.max(this.#last + 1, index - (this.#keep ?? Number.POSITIVE_INFINITY) + 1);
    for (let step = from; step <= index; step++) {
      const at = this.#position(step);
      this.#lines[at] = 0;
      for (const column of this.#columns) column[at] = Number.NaN;
      for (const counts of this.#counts ?? []) counts[at] = 0;
    }
    this.#last = index;
  }

  #grow(needed: number): void {
    if (needed <= this.#lines.length) return;
    const capacity = Math.max(needed, 2 * this.#lines.length);
    const wider = (column: Float64Array) => {
      const grown = new Float64Array(capacity);
      grown.set(column);
      return grown;
    };
    const lines = new Int32Array(capacity);
    lines.set(this.#lines);
    this.#lines = lines;
    this.#columns = this.#columns.map(wider);
    this.#counts &&= this.#counts.map(wider);
  }

  put(index: number, { line, values }: SeriesRow, rules: readonly Aggregate[]): void {
    const at = this.#position(index);
    if (this.#lines[at] === 0) this.#lines[at] = line;
    if (index === this.#last) this.#lastLine = line;
    for (let column = 0; column < values.length; column++) {
      const value = values[column] as number;
      if (Number.isNaN(value)) continue;
      const held = this.#columns[column] as Float64Array;
      const before = held[at] as number;
      const rule = rules[column];
      const counts = this.#counts?.[column];
      const count = (counts?.[at] ?? 0) + 1;
      if (counts !== undefined) counts[at] = count;
      if (Number.isNaN(before) || rule === "last") held[at] = value;
      else if (rule === "sum") held[at] = before + value;
      else if (rule === "mean") held[at] = before + (value - before) / count;
    }
  }

  build(): { readonly columns: Float64Array[]; readonly lines: Int32Array } {
    const [start, length] = [this.start, this.length];
    if (this.#keep === undefined) {
      return {
        columns: this.#columns.map((column) => column.slice(0, length)),
        lines: this.#lines.slice(0, length),
      };
    }
    const positions = Array.from({ length }, (_, at) => this.#position(start + at));
    return {
      columns: this.#columns.map((column) => Float64Array.from(positions, (at) => column[at] as number)),
      lines: Int32Array.from(positions, (at) => this.#lines[at] as number),
    };
  }
}
