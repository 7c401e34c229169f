/** A forecaster looked into: how it reads a window, and comes to the steps ahead. */

import type { SeriesSet } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import { completeOptions } from "../../options/table.ts";
import { value } from "../../program/compile.ts";
import { type InspectedExample, pickRow, rowOption } from "../inspection.ts";
import type { GivenOptions, Signature } from "../task.ts";
import { FORECAST } from "./file.ts";
import type { ForecastModel } from "./model.ts";
import type { ForecastSettings } from "./options.ts";
import { seriesName } from "./prepare.ts";
import { batchOf, updateOf } from "./training.ts";
import { placesBetween } from "./windows.ts";

const options = { row: rowOption("series") };

export const inspectionSignature: Signature = {
  files: { input: { help: "a table with the columns of the training's", required: true } },
  options,
};

/** The last window of a series of which the table has what came after it. Throws DataError where there is none. */
export async function inspected(
  model: ForecastModel,
  settings: ForecastSettings,
  { name, set }: { readonly name: string; readonly set: SeriesSet },
  given: GivenOptions,
): Promise<InspectedExample> {
  const { row } = completeOptions(FORECAST, options, given);
  const { form, widths, prepared } = model;
  const { context, horizon, method } = form;
  const { grid } = prepared.reading;
  const { targets } = prepared.columns;
  const series = await pickRow(set.series, row, { name, what: "series" });
  const at = model.prepare(series);
  const all = { from: series.start, to: series.start + at.end };
  const place = placesBetween([at], form, widths.targets, all).at(-1);
  if (!place) {
    throw new DataError(
      `${name}: ${seriesName(series.id)} has ${at.end} rows, more than the horizon (${horizon}) expected, and a target after them`,
    );
  }
  const values = batchOf([place], model, () => 1);
  // The value before the first step that is told is read, whatever the network does next.
  const count = method === "direct" ? context : context + horizon - 1;
  const first = place.cutoff - context;
  const steps = Array.from({ length: count }, (_, step) => first + step);
  const counts = values.counts.data as Float32Array;
  const lastOnly = counts.map((one, index) => (index >= counts.length - widths.targets ? one : 0));
  return {
    title: `${seriesName(series.id)} of ${name}: ${horizon} steps from ${grid.write(series.start + place.cutoff)} on`,
    target: `the ${form.loss} loss in the units of the scale, of what came in the table`,
    ...updateOf(model, settings),
    values,
    ...(method === "recursive" &&
      lastOnly.some((one) => one === 1) && {
        last: { ...values, counts: value(lastOnly, values.counts.shape) },
      }),
    steps: [
      {
        path: "",
        unit: "times",
        names: steps.map((step) => grid.write(series.start + step)),
        channels: targets.map((target) => ({
          name: target,
          values: steps.map((step) => series.columns[target]?.[step] ?? Number.NaN),
        })),
      },
    ],
  };
}
