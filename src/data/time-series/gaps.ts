/** What stands where values are missing between others. */
import { textNumbers } from "./columns.ts";
import type { GapKind, SeriesReading } from "./reading.ts";
import type { SeriesSet, TimeSeries } from "./series.ts";

/** Series whose gaps are filled as a reading says; of categories the last one goes on. */
export function fillSeries(set: SeriesSet, { gaps, categories }: SeriesReading): SeriesSet {
  if (gaps === "mask") return set;
  const texts = textNumbers(categories);
  const fill = (one: TimeSeries): TimeSeries => {
    const marks = Object.entries(one.columns).map(([name, values]) => {
      const isMissing = Uint8Array.from(values, (value) => (Number.isNaN(value) ? 1 : 0));
      fillGaps(values, texts.has(name) ? "last" : gaps);
      const filled = isMissing.map((missing, at) => (missing === 1 && !Number.isNaN(values[at]) ? 1 : 0));
      return [name, filled] as const;
    });
    return { ...one, filled: Object.fromEntries(marks.filter(([, filled]) => filled.includes(1))) };
  };
  return { ...set, series: set.series.map(fill) };
}

/** Fills values that are missing (NaN) between others, in place; those before the first and after the last one stay missing. */
function fillGaps(values: Float64Array, kind: GapKind): void {
  let last = -1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (Number.isNaN(value)) continue;
    const filled = betweenGap(values[last] ?? value, value, at - last, kind);
    for (let gap = last + 1; last >= 0 && gap < at; gap++) values[gap] = filled(gap - last);
    last = at;
  }
}

/** What stands in a gap, by the steps from the value before it; the value that ends it is so many `steps` after that one. */
export function betweenGap(
  before: number,
  value: number,
  steps: number,
  kind: GapKind,
): (step: number) => number {
  const rise = kind === "linear" ? (value - before) / steps : 0;
  return (step) => before + rise * step;
}
