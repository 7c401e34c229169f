/** What is worth knowing of series before anything is learnt from them: every one is looked at. */
import { sortedQuantile } from "../quantile.ts";
import { counted } from "../text.ts";
import type { TimeGrid } from "../time/grid.ts";
import { NUMBER } from "../time/pattern.ts";
import { columnNames } from "./columns.ts";
import type { SeriesReading } from "./reading.ts";
import type { SeriesSet, TimeSeries } from "./series.ts";

/** What is worth knowing of a table of series. */
export interface SeriesAudit {
  /** For people: few lines, the most important first. */
  lines(): string[];
  /** All figures, of every series. */
  readonly json: SeriesAuditJson;
}

export interface SeriesAuditJson {
  /** Rows of the table. */
  readonly rows: number;
  /** A step of time in words. */
  readonly step: string;
  /** Rows that were put together with another one of their step. */
  readonly merged: number;
  /** Columns of the table that are none of the series'. */
  readonly others: readonly string[];
  readonly series: readonly SeriesFigures[];
}

/** What is worth knowing of one series. */
export interface SeriesFigures {
  readonly id: string;
  /** Steps that have a row. */
  readonly rows: number;
  /** The times of the first and the last row, as the file writes them. */
  readonly first: string;
  readonly last: string;
  /** Runs of steps without a row. */
  readonly gaps: number;
  /** Steps without a row. */
  readonly gapSteps: number;
  /** Rows at the end that have no target: they tell what is known ahead. */
  readonly ahead: number;
  /** Missing values by column, of the rows that there are; those ahead need no targets. */
  readonly missing: Readonly<Record<string, number>>;
  readonly targets: Readonly<Record<string, TargetFigures>>;
}

export interface TargetFigures {
  /** Numbers that are not missing. */
  readonly count: number;
  /** Undefined where there are no numbers. */
  readonly least?: number | undefined;
  readonly greatest?: number | undefined;
  /** Whether all numbers are the same. */
  readonly constant: boolean;
  /** Whether all numbers are whole. */
  readonly whole: boolean;
  /** How many are below 0. */
  readonly negative: number;
  /** How many are more than three times the distance of the quartiles beyond these (Tukey 1977: "far out"). */
  readonly outliers: number;
  /** The one that is farthest beyond. */
  readonly farthest?: { readonly time: string; readonly line: number; readonly value: number } | undefined;
}

const FAR_OUT = 3;
const MOST_NAMES = 5;

/** Looks at series whose gaps are not filled yet; `names` are all columns of their table. */
export function auditSeries(
  set: SeriesSet,
  reading: SeriesReading,
  { merged, names }: { readonly merged: number; readonly names: readonly string[] },
): SeriesAudit {
  const series = set.series.map((one) => figuresOf(one, set.grid, reading.columns.targets));
  const rows = series.reduce((sum, { rows }) => sum + rows, merged);
  const own = columnNames(reading.columns);
  const others = names.filter((name) => !own.includes(name));
  const json: SeriesAuditJson = { rows, step: set.grid.step, merged, others, series };
  return { json, lines: () => linesOf(json, set, reading) };
}

function figuresOf(series: TimeSeries, grid: TimeGrid, targets: readonly string[]): SeriesFigures {
  const { id, start, length, columns, lines } = series;
  let [rows, gaps] = [0, 0];
  for (let at = 0; at < length; at++) {
    if (lines[at] !== 0) rows += 1;
    else if (lines[at - 1] !== 0) gaps += 1;
  }
  let end = length;
  while (end > 0 && targets.every((name) => Number.isNaN(columns[name]?.[end - 1]))) end -= 1;
  const missing = Object.entries(columns).map(([name, values]) => {
    const until = targets.includes(name) ? end : length;
    let count = 0;
    for (let at = 0; at < until; at++) if (Number.isNaN(values[at]) && lines[at] !== 0) count += 1;
    return [name, count] as const;
  });
  return {
    id,
    rows,
    first: grid.write(start),
    last: grid.write(start + length - 1),
    gaps,
    gapSteps: length - rows,
    ahead: lines.subarray(end).filter((line) => line !== 0).length,
    missing: Object.fromEntries(missing.filter(([, count]) => count > 0)),
    targets: Object.fromEntries(targets.map((name) => [name, targetFigures(series, grid, name)])),
  };
}

function targetFigures({ columns, lines, start }: TimeSeries, grid: TimeGrid, name: string): TargetFigures {
  const values = columns[name] as Float64Array;
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const [low, high] = [sortedQuantile(sorted, 0.25), sortedQuantile(sorted, 0.75)];
  // Where most numbers are the same, as in a series of zeros and few sales, the others are none the worse for it.
  const reach = high > low ? FAR_OUT * (high - low) : Number.POSITIVE_INFINITY;
  const beyond = (value: number) => Math.max(low - value, value - high) - reach;
  let [outliers, at] = [0, -1];
  for (let step = 0; step < values.length; step++) {
    const distance = beyond(values[step] as number);
    if (!(distance > 0)) continue;
    outliers += 1;
    if (at < 0 || distance > beyond(values[at] as number)) at = step;
  }
  return {
    count: sorted.length,
    least: sorted[0],
    greatest: sorted.at(-1),
    constant: sorted.length > 0 && sorted[0] === sorted.at(-1),
    whole: sorted.length > 0 && sorted.every(Number.isInteger),
    negative: sorted.filter((value) => value < 0).length,
    outliers,
    ...(at >= 0 && {
      farthest: { time: grid.write(start + at), line: lines[at] as number, value: values[at] as number },
    }),
  };
}

function linesOf(
  { rows, merged, others, series }: SeriesAuditJson,
  set: SeriesSet,
  reading: SeriesReading,
): string[] {
  return [
    overview(rows, set, reading),
    ...empties(series, reading),
    ...(others.length > 0 ? [`other columns: ${listed(others)}`] : []),
    ...constants(series, reading),
    ...gapLines(series, set.grid, reading),
    ...(merged > 0
      ? [`${counted(merged, "row")} put together with others of their step: ${reading.aggregate}`]
      : []),
    ...missingLines(series),
    ...ends(set),
    ...reading.columns.targets.map((name) => targetLine(name, series)),
    ...Object.entries(reading.categories).map(([name, texts]) => `${name}: texts, ${listed(texts)}`),
  ];
}

function overview(rows: number, { series, grid }: SeriesSet, reading: SeriesReading): string {
  const start = least(series.map((one) => one.start));
  const end = -least(series.map((one) => -(one.start + one.length - 1)));
  const many = series.length === 1 ? "" : `${series.length} series, `;
  const { pattern, zone } = grid.format;
  const times =
    reading.columns.time === undefined ? " without times" : `, ${grid.write(start)} to ${grid.write(end)}`;
  const how = pattern === NUMBER ? "" : ` (times as ${pattern}${zone === undefined ? "" : `, ${zone}`})`;
  const decimal = reading.decimal === "comma" ? ", decimal commas" : "";
  return `${many}${counted(rows, "row")}${times}, step ${grid.step}${how}${decimal}`;
}

function constants(series: readonly SeriesFigures[], { columns }: SeriesReading): string[] {
  return columns.targets.flatMap((name) => {
    const found = series.filter(({ targets }) => targets[name]?.constant);
    if (found.length === 0) return [];
    const values = new Set(found.map(({ targets }) => targets[name]?.least));
    return [
      `${name} is constant${where(found, series)}${values.size === 1 ? `: ${shown([...values][0] as number)}` : ""}`,
    ];
  });
}

function empties(series: readonly SeriesFigures[], { columns }: SeriesReading): string[] {
  return columns.targets.flatMap((name) => {
    const found = series.filter(({ targets }) => targets[name]?.count === 0);
    return found.length === 0 ? [] : [`${name} has no value${where(found, series)}`];
  });
}

function gapLines(series: readonly SeriesFigures[], grid: TimeGrid, { gaps }: SeriesReading): string[] {
  const found = series.filter(({ gapSteps }) => gapSteps > 0);
  if (found.length === 0) return [];
  const [runs, steps] = [sum(found, "gaps"), sum(found, "gapSteps")];
  const handled = { mask: "masked", last: "filled with the last value", linear: "filled by straight lines" }[
    gaps
  ];
  return [
    `${counted(runs, "gap")}${where(found, series)}: ${counted(steps, "step")} of ${grid.step} without a row, ${handled}`,
  ];
}

function missingLines(series: readonly SeriesFigures[]): string[] {
  const counts = new Map<string, number>();
  for (const { missing } of series) {
    for (const [name, count] of Object.entries(missing)) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const found = [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`);
  const ahead = sum(series, "ahead");
  return [
    ...(found.length === 0 ? [] : [`missing values: ${listed(found)}`]),
    ...(ahead === 0 ? [] : [`${counted(ahead, "row")} without targets at the end: what is known ahead`]),
  ];
}

function ends({ series, grid }: SeriesSet): string[] {
  const last = ({ start, length }: TimeSeries) => start + length - 1;
  const sorted = [...series].sort((a, b) => last(a) - last(b));
  const [first, latest] = [sorted[0], sorted.at(-1)];
  if (first === undefined || latest === undefined || last(first) === last(latest)) return [];
  return [
    `series end at different times: ${first.id} at ${grid.write(last(first))}, ${latest.id} at ${grid.write(last(latest))}`,
  ];
}

function targetLine(name: string, series: readonly SeriesFigures[]): string {
  const all = series.flatMap(({ targets }) => targets[name] ?? []);
  const numbers = all.filter(({ count }) => count > 0);
  const whole = numbers.every((figures) => figures.whole) ? ", whole numbers" : "";
  const negative = sum(all, "negative");
  const low = least(numbers.map((figures) => figures.least as number));
  const high = -least(numbers.map((figures) => -(figures.greatest as number)));
  return `${name}: ${shown(low)} to ${shown(high)}${whole}${negative > 0 ? `, ${negative} below 0` : ""}${outlierText(all)}`;
}

function outlierText(all: readonly TargetFigures[]): string {
  const outliers = sum(all, "outliers");
  const [farthest] = all.flatMap(({ farthest }) => farthest ?? []);
  if (farthest === undefined) return "";
  return `, ${counted(outliers, "outlier")} such as ${shown(farthest.value)} at ${farthest.time}`;
}

/** A number in as many digits as people read; whole ones have all of theirs. */
function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** In which of the series something is; nothing where there is one series. */
function where(found: readonly SeriesFigures[], all: readonly SeriesFigures[]): string {
  if (all.length === 1) return "";
  return ` in ${found.length} of ${all.length} series (${listed(found.map(({ id }) => id))})`;
}

/** The first of some texts, and how many more there are. */
function listed(texts: readonly string[]): string {
  const more = texts.length - MOST_NAMES;
  return `${texts.slice(0, MOST_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The least of one or more numbers, of which there may be more than a call takes arguments. */
function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b));
}

function sum<Key extends string>(list: readonly Readonly<Record<Key, number>>[], key: Key): number {
  return list.reduce((total, one) => total + one[key], 0);
}
