/** A detector looked into: how it reads the last rows of a series, and comes to what it expects next. */

import { counted } from "../../data/text.ts";
import type { SeriesSet } from "../../data/time-series/series.ts";
import { DataError } from "../../errors.ts";
import { completeOptions } from "../../options/table.ts";
import { value } from "../../program/compile.ts";
import { type InspectedExample, pickRow, rowOption, stepsOption } from "../inspection.ts";
import type { GivenOptions, Signature } from "../task.ts";
import { ANOMALY, type DetectorRecord } from "./file.ts";
import type { AnomalyModel } from "./model.ts";
import { updateOf } from "./training.ts";
import { stepsOf, windowAt } from "./windows.ts";

const options = { row: rowOption("series"), steps: stepsOption("the last of the series", "as in training") };

export const inspectionSignature: Signature = {
  files: { input: { help: "a table with the columns of the training's", required: true } },
  options,
};

/** The last steps of a series; the state before them is 0. Throws DataError where no value of them is known. */
export async function inspected(
  model: AnomalyModel,
  { settings }: DetectorRecord,
  { name, set }: { readonly name: string; readonly set: SeriesSet },
  given: GivenOptions,
): Promise<InspectedExample> {
  const { row, steps = settings.window } = completeOptions(ANOMALY, options, given);
  const { prepared, form, widths } = model;
  const { grid } = prepared.reading;
  const series = await pickRow(set.series, row, { name, what: "series" });
  const all = stepsOf(series, prepared, form, {
    widths,
    before: Number.POSITIVE_INFINITY,
    labels: undefined,
  });
  const start = Math.max(0, all.count - steps);
  const values = windowAt(all, start, widths);
  const { data, shape } = values.next;
  const count = shape[0] as number;
  const next = Float32Array.from(data);
  const last = next.findLastIndex((one) => !Number.isNaN(one));
  if (last < 0) {
    throw new DataError(
      `${name}: no value is known in the last ${counted(count, "step")} of series ${row} that could have been expected: more steps expected`,
    );
  }
  const step = Math.floor(last / widths.targets);
  const own = next.map((one, at) => (Math.floor(at / widths.targets) === step ? one : Number.NaN));
  const places = Array.from(all.places.subarray(start, start + count), (place) => place - series.start);
  return {
    title: `the last ${counted(count, "step")} of series ${row} of ${name}${series.id === "" ? "" : ` (${series.id})`}`,
    target: "Huber's loss in spreads from the level, of what came in the table",
    ...updateOf(model, settings),
    values,
    last: { ...values, next: value(own, shape) },
    steps: [
      {
        path: "",
        unit: "times",
        names: places.map((place) => grid.write(series.start + place)),
        channels: prepared.columns.targets.map((target) => ({
          name: target,
          values: places.map((place) => series.columns[target]?.[place] ?? Number.NaN),
        })),
      },
    ],
  };
}
