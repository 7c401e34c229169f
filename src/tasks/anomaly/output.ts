/** Scores as lines of a table: one for each row of the input. */

import { csvLine } from "../../data/csv.ts";
import type { SeriesRow } from "../../data/time-series/rows.ts";
import type { Prediction } from "../task.ts";
import type { Detection } from "./detection.ts";
import type { Prepared } from "./prepare.ts";

/** Columns that there are for each target are named after it where there are several: "expected flow". */
function named(what: string, targets: readonly string[]): string[] {
  return targets.length === 1 ? [what] : targets.map((target) => `${what} ${target}`);
}

/** Series, time, the targets, what was expected, score, alarm, and each target's share in the score where there are several. */
export function headerOf({ reading, columns }: Prepared): Prediction {
  const { time = "row", series } = reading.columns;
  const { targets } = columns;
  const shares = targets.length === 1 ? [] : named("share", targets);
  return {
    text: csvLine([
      ...(series === undefined ? [] : [series]),
      time,
      ...targets,
      ...named("expected", targets),
      "score",
      "alarm",
      ...shares,
    ]),
  };
}

export function lineOf({ reading, columns }: Prepared, row: SeriesRow, found: Detection): Prediction {
  const { targets } = columns;
  const { expected, score, alarm, shares } = found;
  const values = targets.map((_, at) => row.values[at] as number);
  const isSeveral = targets.length > 1;
  const byTarget = (numbers: readonly number[], print: (number: number) => number | null) =>
    Object.fromEntries(targets.map((name, at) => [name, print(numbers[at] as number)]));
  const { series } = reading.columns;
  return {
    text: csvLine([
      ...(series === undefined ? [] : [row.id]),
      row.time,
      ...values.map((value) => cell(value)),
      ...expected.map((number) => cell(number, 7)),
      cell(score, 6),
      alarm ? "1" : "0",
      ...(isSeveral ? shares.map((share) => cell(share, 4)) : []),
    ]),
    json: {
      ...(series !== undefined && { series: row.id }),
      time: row.time,
      values: byTarget(values, (number) => orNull(number)),
      expected: byTarget(expected, (number) => orNull(number, 7)),
      score: orNull(score, 6),
      alarm,
      ...(isSeveral && { shares: byTarget(shares, (number) => orNull(number, 4)) }),
    },
  };
}

/** A number with so many digits, default all of them; null, or nothing in a table, where there is none. */
function orNull(number: number, digits?: number): number | null {
  if (Number.isNaN(number)) return null;
  return digits === undefined ? number : Number(number.toPrecision(digits));
}

function cell(number: number, digits?: number): string {
  return String(orNull(number, digits) ?? "");
}
