/** From rows to series: each row at its step, gaps between them, several rows of a step put together. */
import { DataError } from "../../errors.ts";
import type { CsvRow } from "../csv.ts";
import { SeriesBuilder } from "./builder.ts";
import { numberColumns, numbersOf, textNumbers, valueColumns } from "./columns.ts";
import type { Aggregate, SeriesReading } from "./reading.ts";
import { type SeriesRow, SeriesRowReader, type TableHead } from "./rows.ts";
import type { SeriesSet, TimeSeries } from "./series.ts";

/** A gap of more steps than this is no gap, but a time that is wrong. */
const LONGEST_GAP = 1_000_000;

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

  /** @param keep how many steps of each series are held, up to the last with a target; by default all */
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
    if (this.#statics.length > 0) this.#checkStatics(place, builder, row);
  }

  #builderOf(id: string, index: number): SeriesBuilder {
    const known = this.#builders.get(id);
    if (known !== undefined) return known;
    const isMean = this.#rules.includes("mean") && this.#reading.aggregate !== undefined;
    const builder = new SeriesBuilder(index, {
      columns: this.#columns.length,
      targets: this.#reading.columns.targets.length,
      keep: this.#keep,
      isMean,
    });
    this.#builders.set(id, builder);
    return builder;
  }

  #checkStatics(place: () => string, builder: SeriesBuilder, { statics: given, line }: SeriesRow): void {
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

  /** All series so far; gaps are not filled yet. */
  finish(): SeriesSet {
    const texts = textNumbers(this.#reading.categories);
    const series = [...this.#builders].map(([id, builder]): TimeSeries => {
      const { columns, lines } = builder.build();
      const staticNumber = (name: string, at: number) => {
        const value = builder.statics?.values[at] ?? Number.NaN;
        return Number.isNaN(value) && texts.has(name) ? 0 : value;
      };
      return {
        id,
        start: builder.start,
        length: builder.length,
        columns: Object.fromEntries(this.#columns.map((name, at) => [name, columns[at] as Float64Array])),
        statics: Object.fromEntries(this.#statics.map((name, at) => [name, staticNumber(name, at)])),
        lines,
      };
    });
    return { series, grid: this.#reading.grid };
  }
}
