/** What is worth knowing of series before anything is learnt from them. */
import type { SeriesReading } from "./reading.ts";
import type { SeriesSet } from "./series.ts";

export interface SeriesAudit {
  /** For people: a few lines, the most important first. */
  lines(): string[];
  /** The same figures, of every series. */
  readonly json: object;
}

export function auditSeries(
  { series, grid }: SeriesSet,
  _reading: SeriesReading,
  { rows, merged }: { readonly rows: number; readonly merged: number },
): SeriesAudit {
  return {
    lines: () => [`${rows} rows, ${series.length} series, a row each ${grid.step}`],
    json: { rows, merged },
  };
}
