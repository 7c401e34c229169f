/** Forecasts as lines of a table, which spreadsheets and programs read. */

import { csvLine } from "../../data/csv.ts";
import type { Prediction } from "../task.ts";
import type { Forecast } from "./forecaster.ts";

/** What the columns of the table are called. */
export interface OutputNames {
  /** The column of series; undefined where there is one alone. */
  readonly series: string | undefined;
  readonly time: string;
  /** Whether there are several targets, which are told apart by a column. */
  readonly targets: boolean;
  /** The time after which a forecast was made, where they are made again and again. */
  readonly after?: string | undefined;
}

/** The header: series, time, target, then the point and the quantiles. */
export function headerOf(
  { series, time, targets, after }: OutputNames,
  kind: string,
  quantiles: readonly number[],
): Prediction {
  const names = [series, after === undefined ? undefined : "after", time, targets ? "target" : undefined];
  return { text: csvLine([...names.filter(isThere), kind, ...quantiles.map(String)]) };
}

/** A line for each step of a forecast. */
export function* linesOf(
  names: OutputNames,
  { series, target, times, kind, values, quantiles }: Forecast,
): Generator<Prediction> {
  const levels = Object.entries(quantiles).sort(([a], [b]) => Number(a) - Number(b));
  const { after } = names;
  for (const [step, time] of times.entries()) {
    const numbers = [values[step] as number, ...levels.map(([, level]) => level[step] as number)];
    const own = [names.series && series, after, time, names.targets ? target : undefined];
    yield {
      text: csvLine([...own.filter(isThere), ...numbers.map(numeral)]),
      json: {
        ...(names.series !== undefined && { series }),
        ...(after !== undefined && { after }),
        time,
        target,
        [kind]: numbers[0],
        quantiles: Object.fromEntries(levels.map(([share], at) => [share, numbers[at + 1]])),
      },
    };
  }
}

const isThere = (cell: string | undefined): cell is string => cell !== undefined;

/** As many digits as a float32 has. */
function numeral(number: number): string {
  return String(Number(number.toPrecision(7)));
}
