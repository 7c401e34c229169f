/** Forecasts of a table that goes on: after each row what follows it. */

import type { Source } from "../../data/source.ts";
import { seriesRows } from "../../data/time-series/read.ts";
import type { SeriesRow } from "../../data/time-series/rows.ts";
import { DataError, UsageError } from "../../errors.ts";
import type { Prediction } from "../task.ts";
import type { Forecast } from "./forecaster.ts";
import type { StreamLearner } from "./learning.ts";
import type { ForecastModel, PathOptions } from "./model.ts";
import { WindowStream } from "./stream.ts";

/** Throws UsageError where something has to be known ahead, DataError with the line for a row that does not follow. */
export async function* followRows(
  model: ForecastModel,
  input: Source,
  { learner, ...paths }: PathOptions & { readonly learner?: StreamLearner | undefined },
  linesOf: (forecast: Forecast, after: string) => Iterable<Prediction>,
): AsyncGenerator<Prediction> {
  const { reading, columns } = model.prepared;
  if (columns.known.length > 0) {
    throw new UsageError(
      `${columns.known.join(", ")} has to be known ahead, which rows that come one by one do not tell`,
    );
  }
  const streams = new Map<string, WindowStream>();
  for await (const row of seriesRows(input, reading)) {
    const begun = () =>
      new WindowStream(model, { series: row.id, ...paths }, indexOf(row, input), {
        statics: Array.from(row.statics),
        learner,
      });
    const stream = streams.get(row.id) ?? begun();
    streams.set(row.id, stream);
    const gap = indexOf(row, input) - stream.expected;
    if (gap < 0)
      throw new DataError(`${input.name}: line ${row.line}: ${row.time} does not follow the row before`);
    // What is longer ago than the context is forgotten anyway.
    stream.skip(gap);
    for (const forecast of stream.nextValues(row.values)) yield* linesOf(forecast, row.time);
  }
}

function indexOf({ index, line, time }: SeriesRow, { name }: Source): number {
  if (index !== undefined) return index;
  throw new DataError(`${name}: line ${line}: ${time} lies on no step of the training's times`);
}
