/** Alarms as a picture: what was, what was expected, and where the alarms are; then the score against its threshold. */

import type { SeriesRow } from "../../data/time-series/rows.ts";
import type { Chart, ChartPanel } from "../../draw/charts/chart.ts";
import type { Detection } from "./detection.ts";

/** More panels nobody reads. */
const MOST_PANELS = 12;

export interface DrawnRow {
  readonly row: SeriesRow;
  readonly found: Detection;
}

/** Rows of each series, in order. */
export function anomalyChart(
  series: ReadonlyMap<string, readonly DrawnRow[]>,
  { targets, threshold }: { readonly targets: readonly string[]; readonly threshold: number },
): Chart {
  const panels = [...series].flatMap(([id, rows]) => panelsOf(id, rows, targets, threshold));
  const shown = panels.slice(0, MOST_PANELS);
  const alarms = [...series.values()].reduce(
    (sum, rows) => sum + rows.filter(({ found }) => found.alarm).length,
    0,
  );
  const more = panels.length > shown.length ? `, ${shown.length} of ${panels.length} panels` : "";
  return { title: `${alarms} ${alarms === 1 ? "row" : "rows"} in alarm${more}`, panels: shown };
}

function panelsOf(
  id: string,
  rows: readonly DrawnRow[],
  targets: readonly string[],
  threshold: number,
): ChartPanel[] {
  const x = rows.map((_, at) => at);
  const alarms = x.filter((at) => rows[at]?.found.alarm);
  const label = (at: number) => rows[at]?.row.time ?? "";
  const title = (name: string) => [id, name].filter((part) => part !== "").join(": ");
  const panel = (
    name: string,
    lines: ChartPanel["lines"],
    heights: (row: DrawnRow) => number,
  ): ChartPanel => ({
    title: title(name),
    label,
    lines,
    bands: [],
    marks: [{ name: "alarm", x: alarms, y: alarms.map((at) => heights(rows[at] as DrawnRow)) }],
  });
  return [
    ...targets.map((target, column) => {
      const height = ({ row }: DrawnRow) => row.values[column] as number;
      return panel(
        target,
        [
          { name: "value", x, y: rows.map(height) },
          { name: "expected", x, y: rows.map(({ found }) => found.expected[column] as number), dashed: true },
        ],
        height,
      );
    }),
    panel(
      "score",
      [
        { name: "score", x, y: rows.map(({ found }) => found.score) },
        { name: "threshold", x, y: x.map(() => threshold), dashed: true },
      ],
      ({ found }) => found.score,
    ),
  ];
}
