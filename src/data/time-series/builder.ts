/** One series while it grows, row by row; of a series without end the last steps alone. */
import type { Aggregate } from "./reading.ts";
import type { SeriesRow } from "./rows.ts";

const FIRST_CAPACITY = 64;

/** The step with number i stands at i - start, or of kept ones, which go round, at i mod keep. */
export class SeriesBuilder {
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
