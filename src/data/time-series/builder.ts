/** One series while it grows, row by row; of a series without end the last steps that have targets, and what comes after them. */
import type { Aggregate } from "./reading.ts";
import type { SeriesRow } from "./rows.ts";

const FIRST_CAPACITY = 64;

/** What a builder is told: how many numbers a row has, how many of them, the first, are targets, and how many steps are kept. */
export interface BuilderOptions {
  readonly columns: number;
  readonly targets: number;
  /** Steps up to the last one with a target; default all. */
  readonly keep: number | undefined;
  readonly isMean: boolean;
}

/** The step with number i stands at i - start, or where some are kept, which go round, at i mod capacity. */
export class SeriesBuilder {
  statics: { readonly values: Float64Array; readonly line: number } | undefined;
  readonly #first: number;
  readonly #keep: number | undefined;
  readonly #targets: number;
  /** The last step that has a target. */
  #lastTarget: number;
  #last: number;
  #lastLine = 0;
  #lines: Int32Array;
  #columns: Float64Array[];
  /** How many numbers a mean is of so far. */
  #counts: Float64Array[] | undefined;

  constructor(first: number, { columns, targets, keep, isMean }: BuilderOptions) {
    const capacity = keep ?? FIRST_CAPACITY;
    this.#first = first;
    this.#last = first - 1;
    this.#lastTarget = first - 1;
    this.#targets = targets;
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
    return Math.max(this.#first, this.#keep === undefined ? this.#first : this.#lastTarget - this.#keep + 1);
  }

  get length(): number {
    return this.#last - this.start + 1;
  }

  /** The line of a step: 0 for a gap, undefined for a step that is not held. */
  lineAt(index: number): number | undefined {
    return index < this.start || index > this.#last ? undefined : this.#lines[this.#position(index)];
  }

  #position(index: number): number {
    if (this.#keep === undefined) return index - this.#first;
    const capacity = this.#lines.length;
    return ((index % capacity) + capacity) % capacity;
  }

  /** Adds steps without values up to one. */
  extendTo(index: number): void {
    this.#grow(index - this.start + 1);
    for (let step = this.#last + 1; step <= index; step++) {
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
    const held = Array.from({ length: this.length }, (_, at) => this.start + at);
    const before = held.map((index) => this.#position(index));
    const [lines, columns, counts] = [this.#lines, this.#columns, this.#counts];
    this.#lines = new Int32Array(capacity);
    const after = held.map((index) => this.#position(index));
    const moved = <Numbers extends Float64Array | Int32Array>(from: Numbers, to: Numbers): Numbers => {
      for (let at = 0; at < before.length; at++)
        to[after[at] as number] = from[before[at] as number] as number;
      return to;
    };
    this.#lines = moved(lines, this.#lines);
    this.#columns = columns.map((column) => moved(column, new Float64Array(capacity)));
    this.#counts = counts?.map((column) => moved(column, new Float64Array(capacity)));
  }

  put(index: number, { line, values }: SeriesRow, rules: readonly Aggregate[]): void {
    const at = this.#position(index);
    if (this.#lines[at] === 0) this.#lines[at] = line;
    if (index === this.#last) this.#lastLine = line;
    for (let column = 0; column < values.length; column++) {
      const value = values[column] as number;
      if (Number.isNaN(value)) continue;
      if (column < this.#targets && index > this.#lastTarget) this.#lastTarget = index;
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
