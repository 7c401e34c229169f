// From series to windows: the split in time, scales of training rows, what a window holds, and what it must not.
import { describe, expect, it } from "vitest";
import { fillSeries } from "../../../src/data/time-series/gaps.ts";
import type { SeriesColumns, TimeSeries } from "../../../src/data/time-series/series.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { completeForm, completeSettings } from "../../../src/tasks/forecasting/options.ts";
import { lastObserved, prepareSeries } from "../../../src/tasks/forecasting/prepare.ts";
import { fitScales } from "../../../src/tasks/forecasting/scales.ts";
import { splitInTime } from "../../../src/tasks/forecasting/split.ts";
import {
  batchesOf,
  inputsOf,
  placesBetween,
  spread,
  targetsOf,
} from "../../../src/tasks/forecasting/windows.ts";
import { months, oneSeries, setOf } from "./series.ts";

const columns: SeriesColumns = { targets: ["sold"], past: ["visits"], known: ["price"], statics: [] };
const form = completeForm({ horizon: 2, context: 4, calendar: "no" }, { season: 12, rows: 100 });
const widths = { targets: 1, past: 1, covariates: 1 };
const reading = { columns, grid: months, categories: {} } as never;

/** Rows 0, 1, 2, ... in all columns, of other sizes. */
function counting(length: number, id = "", start = 0): TimeSeries {
  const rows = Array.from({ length }, (_, t) => t);
  return oneSeries(
    { sold: rows, visits: rows.map((t) => 10 * t), price: rows.map((t) => 100 * t) },
    id,
    start,
  );
}

const prepared = (...series: readonly TimeSeries[]) => {
  const scales = fitScales(setOf(...series), columns, form, 1000);
  return series.map((one) => prepareSeries(one, { reading, columns, scales }, form));
};

describe("the split", () => {
  const split = (series: readonly TimeSeries[], validation: number, test: number, horizon = 2) =>
    splitInTime("sales.csv", setOf(...series), ["sold"], { validation, test }, { horizon });

  it("is at the same dates for all series, whatever their lengths", () => {
    expect(split([counting(100), counting(40, "b", 70)], 0.1, 0.2)).toEqual({
      start: 0,
      training: 77,
      validation: 88,
      end: 110,
    });
  });

  it("takes so many steps, a horizon at least of a fraction, and nothing for 0", () => {
    expect(split([counting(100)], 10, 20)).toEqual({ start: 0, training: 70, validation: 80, end: 100 });
    expect(split([counting(100)], 0.01, 0.01, 12)).toMatchObject({ training: 76, validation: 88 });
    expect(split([counting(100)], 0, 0)).toEqual({ start: 0, training: 100, validation: 100, end: 100 });
  });

  it("ends with the last target: rows behind it tell only what is known ahead", () => {
    const one = counting(100);
    (one.columns.sold as Float64Array).fill(Number.NaN, 95);
    expect(lastObserved(one, ["sold"])).toBe(95);
    expect(split([one], 10, 10)).toMatchObject({ end: 95 });
  });

  it("refuses parts shorter than the horizon, and data that are too few", () => {
    expect(() => split([counting(100)], 1, 0)).toThrow(
      new DataError("sales.csv: validation 1 step, the horizon 2 or more expected"),
    );
    expect(() => split([counting(20)], 9, 9)).toThrow(
      "sales.csv: 20 rows, of which 9 are held out for validation and 9 for the test: more than 2 (the horizon) expected to train on",
    );
  });
});

describe("scales", () => {
  it("come from the rows before the border alone", () => {
    const one = counting(10);
    (one.columns.sold as Float64Array)[9] = 1e9;
    const { targets } = fitScales(setOf(one), columns, form, 9);
    expect(targets[""]?.center[0]).toBe(4);
    expect(targets[""]?.scale[0]).toBeCloseTo(Math.sqrt(60 / 9), 12);
  });

  it("are each series' own for targets, one for all of other columns", () => {
    const scales = fitScales(setOf(counting(10, "a"), counting(20, "b")), columns, form, 1000);
    expect(scales.targets.a?.center[0]).toBe(4.5);
    expect(scales.targets.b?.center[0]).toBe(9.5);
    expect(scales.past.center[0]).toBeCloseTo((10 * (45 + 190)) / 30, 12);
  });

  it("leave counts as they are, and a column without any number", () => {
    const counts = { ...form, loss: "negative-binomial" } as const;
    expect(fitScales(setOf(counting(10)), columns, counts, 1000).targets[""]).toMatchObject({
      center: [0],
      scale: [1],
    });
    const one = counting(10);
    (one.columns.visits as Float64Array).fill(Number.NaN);
    expect(fitScales(setOf(one), columns, form, 1000).past).toMatchObject({ center: [0], scale: [1] });
  });
});

describe("a window", () => {
  it("holds what is known at its cutoff, and what came after it apart", () => {
    const [one] = prepared(counting(12)) as [ReturnType<typeof prepareSeries>];
    const places = [
      { at: one, cutoff: 6 },
      { at: one, cutoff: 2 },
    ];
    const inputs = inputsOf(places, form, widths);
    const scaled = (t: number) => Math.fround((t - 5.5) / Math.sqrt(143 / 12));
    expect(inputs.values.shape).toEqual([4, 2, 1]);
    // Row by row, the windows side by side; before the first row there is nothing.
    expect([...inputs.values.data]).toEqual([2, -1, 3, -1, 4, 0, 5, 1].map((t) => (t < 0 ? 0 : scaled(t))));
    expect([...inputs.observed.data]).toEqual([1, 0, 1, 0, 1, 1, 1, 1]);
    expect(inputs.past?.shape).toEqual([4, 2, 1]);
    expect(inputs.covariates?.shape).toEqual([6, 2, 1]);
    const { future, counts } = targetsOf(places, form, widths);
    expect([...future.data]).toEqual([6, 2, 7, 3].map(scaled));
    expect([...counts.data]).toEqual([1, 1, 1, 1]);
  });

  it("marks what is missing, and holds 0 for it", () => {
    const one = counting(12);
    (one.columns.sold as Float64Array)[5] = Number.NaN;
    (one.columns.sold as Float64Array)[7] = Number.NaN;
    const [at] = prepared(one) as [ReturnType<typeof prepareSeries>];
    const places = [{ at, cutoff: 6 }];
    const { values, observed } = inputsOf(places, form, widths);
    expect(values.data[3]).toBe(0);
    expect([...observed.data]).toEqual([1, 1, 1, 0]);
    const { future, counts } = targetsOf(places, form, widths);
    expect(future.data[1]).toBe(0);
    expect([...counts.data]).toEqual([1, 0]);
  });

  it("holds what was filled in, but nothing of a gap that its cutoff lies in", () => {
    const one = counting(12);
    for (const row of [2, 6, 7, 8]) (one.columns.sold as Float64Array)[row] = Number.NaN;
    (one.columns.visits as Float64Array)[7] = Number.NaN;
    const { series } = fillSeries(setOf(one), { gaps: "linear", categories: {} } as never);
    const [at] = prepared(...series) as [ReturnType<typeof prepareSeries>];
    const scale = (row: number) =>
      Math.fround((row - (at.scale.center[0] as number)) / (at.scale.scale[0] as number));
    const whole = inputsOf([{ at, cutoff: 10 }], form, widths);
    expect([...whole.observed.data]).toEqual([1, 1, 1, 1]);
    expect([...whole.values.data]).toEqual([6, 7, 8, 9].map(scale));
    const within = inputsOf([{ at, cutoff: 8 }], form, widths);
    expect([...within.observed.data]).toEqual([1, 1, 0, 0]);
    expect([...within.values.data]).toEqual([scale(4), scale(5), 0, 0]);
    expect(within.past?.data[3]).toBe(0);
    expect([...targetsOf([{ at, cutoff: 8 }], form, widths).counts.data]).toEqual([0, 1]);
    // The scale is of the numbers that were given.
    const given = [0, 1, 3, 4, 5, 9, 10, 11];
    expect(at.scale.center[0]).toBeCloseTo(given.reduce((sum, row) => sum + row, 0) / given.length, 10);
  });

  it("says which known column is missing ahead", () => {
    const one = counting(12);
    (one.columns.sold as Float64Array).fill(Number.NaN, 9);
    (one.columns.price as Float64Array)[10] = Number.NaN;
    const [at] = prepared(one) as [ReturnType<typeof prepareSeries>];
    expect(at.unknown).toEqual([{ row: 10, column: "price" }]);
    const short = prepared(counting(12))[0];
    expect(short?.unknown.map(({ row }) => row)).toEqual([12, 13]);
  });

  it("of a series that was not trained on is scaled by its own last rows", () => {
    const scales = fitScales(setOf(counting(10, "a")), columns, form, 1000);
    const other = prepareSeries(counting(30, "b"), { reading, columns, scales }, form);
    expect(other.scale.center[0]).toBe((25 + 26 + 27 + 28 + 29) / 5);
    expect(prepareSeries(counting(30, "b"), { reading, columns, scales }, form, 20).scale.center[0]).toBe(17);
  });
});

describe("windows between two dates", () => {
  const cutoffs = (series: readonly TimeSeries[], range: Parameters<typeof placesBetween>[3]) =>
    placesBetween(prepared(...series), form, 1, range).map(({ at, cutoff }) => at.series.start + cutoff);

  it("have all their targets there", () => {
    expect(cutoffs([counting(20)], { from: 10, to: 15 })).toEqual([10, 11, 12, 13]);
    expect(cutoffs([counting(20, "", 5)], { from: 10, to: 15 })).toEqual([10, 11, 12, 13]);
  });

  it("start with a whole context where the series has one, else with what it has", () => {
    expect(cutoffs([counting(9)], { from: 0, to: 9, full: true })).toEqual([4, 5, 6, 7]);
    expect(cutoffs([counting(5)], { from: 0, to: 9, full: true })).toEqual([3]);
    expect(cutoffs([counting(2)], { from: 0, to: 9, full: true })).toEqual([]);
  });

  it("of a series that is scaled by its own first rows come after these", () => {
    const scales = fitScales(setOf(counting(10, "a")), columns, form, 1000);
    const late = prepareSeries(counting(12, "b", 20), { reading, columns, scales }, form, -5);
    expect(late.first).toBe(5);
    const [place] = placesBetween([late], form, 1, { from: 0, to: 100 });
    expect(place?.cutoff).toBe(5);
  });

  it("leave out those without a target", () => {
    const one = counting(12);
    (one.columns.sold as Float64Array).fill(Number.NaN, 6, 9);
    expect(cutoffs([one], { from: 4, to: 12 })).toEqual([4, 5, 8, 9, 10]);
  });
});

it("spreads what is too much evenly, the last one among it", () => {
  expect(spread([1, 2, 3], 3)).toEqual([1, 2, 3]);
  expect(spread([1, 2, 3, 4, 5, 6, 7], 3)).toEqual([3, 5, 7]);
});

it("goes through as many windows an epoch as are wanted, other ones in each", () => {
  const order = batchesOf(100, { batch: 10, seed: 1, most: 25 });
  expect(order.count).toBe(3);
  const epoch = (number: number) => [0, 1, 2].flatMap((batch) => [...order.at(batch, number)]);
  expect(new Set(epoch(0)).size).toBe(30);
  expect(epoch(0)).toEqual(epoch(0));
  expect(epoch(1)).not.toEqual(epoch(0));
});

describe("options", () => {
  const suited = { season: 12, rows: 200 };
  it("follow from the data where they are not given", () => {
    expect(completeForm({}, suited)).toMatchObject({
      horizon: 12,
      context: 24,
      quantiles: [0.1, 0.5, 0.9],
      hidden: 16,
    });
    expect(completeForm({ horizon: 40 }, { season: 1, rows: 100 })).toMatchObject({ context: 30 });
    expect(completeForm({ method: "recursive" }, suited)).toMatchObject({ loss: "gaussian", lag: 12 });
    expect(completeForm({ quantiles: [0.9, 0.2] }, suited).quantiles).toEqual([0.2, 0.9]);
  });

  it("are refused where they contradict each other", () => {
    const refused = (given: object, message: string) =>
      expect(() => completeForm(given, suited)).toThrow(new UsageError(message));
    refused(
      { loss: "squared", quantiles: [0.5] },
      "quantiles 0.5: the loss squared gives one number a step, quantile, gaussian or negative-binomial expected",
    );
    refused(
      { method: "recursive", loss: "quantile" },
      "loss quantile: the method recursive draws paths from a distribution, gaussian or negative-binomial expected",
    );
    refused(
      { method: "recursive", direction: "both" },
      "direction both: the method recursive goes on step by step, forward expected",
    );
    refused({ quantiles: [] }, "quantiles: none given, one or more expected for the loss quantile");
    expect(() => completeSettings({ validation: 1.5 }, 10)).toThrow(
      new UsageError("validation 1.5: expected a fraction below 1, or a whole number of steps"),
    );
    expect(() => completeSettings({ validation: 0, patience: 2 }, 10)).toThrow(UsageError);
  });
});
