// Windows of numeric series: which rows they hold, which rows are their targets, and what is missing.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SeriesWindows } from "../../src/data/series-windows.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { realData } from "../helpers/real-data.ts";

/** Series whose values tell where they stand: series * 10,000 + row + feature / 10. */
const marked = (lengths: readonly number[], features: number) =>
  lengths.map((rows, series) =>
    Float64Array.from(
      { length: rows * features },
      (_, at) => series * 10_000 + Math.floor(at / features) + (at % features) / 10,
    ),
  );
const upTo = (count: number) => [...new Array(count).keys()];

const cases = fc.record({
  lengths: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
  features: fc.integer({ min: 1, max: 3 }),
  window: fc.integer({ min: 1, max: 8 }),
  horizon: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
  stride: fc.integer({ min: 1, max: 6 }),
  batch: fc.integer({ min: 1, max: 7 }),
  seed: fc.option(fc.nat(100), { nil: undefined }),
});

describe("windows of series", () => {
  it("are every window at the stride once an epoch, with the rows that follow it as targets", () => {
    fc.assert(
      fc.property(cases, fc.nat(3), ({ lengths, ...options }, epoch) => {
        const { features, window, horizon, stride } = options;
        const needed = horizon === undefined ? window + 1 : window + horizon;
        fc.pre(lengths.some((rows) => rows >= needed));
        const windows = new SeriesWindows(marked(lengths, features), options);
        const expected = lengths.flatMap((rows, series) =>
          upTo(rows)
            .filter((start) => start % stride === 0 && start + needed <= rows)
            .map((start) => `${series} ${start}`),
        );
        const found: string[] = [];
        for (const k of upTo(windows.count)) {
          const { inputs, targets } = windows.at(k, epoch);
          const { series, starts } = windows.places(k, epoch);
          found.push(...Array.from(series, (one, b) => `${one} ${starts[b]}`));
          /** Rows that start so far behind the windows, as the marks of their places. */
          const rowsFrom = (ahead: number, count: number) => ({
            shape: [count, series.length, features],
            data: Float32Array.from(
              upTo(count)
                .flatMap((t) =>
                  Array.from(series, (one, b) => one * 10_000 + (starts[b] as number) + ahead + t),
                )
                .flatMap((first) => upTo(features).map((f) => first + f / 10)),
            ),
          });
          expect(inputs).toEqual(rowsFrom(0, window));
          expect(targets).toEqual(rowsFrom(horizon === undefined ? 1 : window, horizon ?? window));
        }
        expect(windows.windows).toBe(expected.length);
        expect(options.seed === undefined ? found : found.sort()).toEqual(
          options.seed === undefined ? expected : expected.sort(),
        );
        expect(windows.short).toEqual(upTo(lengths.length).filter((at) => (lengths[at] as number) < needed));
      }),
    );
  });

  it("are time-major, of the features that are asked for, counted by hand", () => {
    const rows = [1, 10, 2, 20, 3, 30, 4, 40, 5, 50];
    const windows = new SeriesWindows([rows], {
      features: 2,
      window: 2,
      horizon: 1,
      targets: [1],
      batch: 2,
    });
    expect([windows.windows, windows.count]).toEqual([3, 2]);
    expect(windows.at(0)).toEqual({
      inputs: { data: Float32Array.of(1, 10, 2, 20, 2, 20, 3, 30), shape: [2, 2, 2] },
      targets: { data: Float32Array.of(30, 40), shape: [1, 2, 1] },
    });
    expect(windows.at(1).targets).toEqual({ data: Float32Array.of(50), shape: [1, 1, 1] });
    expect(windows.places(1)).toEqual({ series: Int32Array.of(0), starts: Int32Array.of(2) });
  });

  it("follow from batch and epoch alone, shuffled anew each epoch, the last one dropped if asked", () => {
    const options = { features: 1, window: 3, horizon: 2, batch: 4, seed: 5 };
    const make = () => new SeriesWindows(marked([30, 12], 1), options);
    const windows = make();
    const later = windows.at(2, 7);
    windows.at(0, 0);
    expect(windows.at(2, 7)).toEqual(later);
    expect(make().at(2, 7)).toEqual(later);
    expect(make().at(7 * windows.count + 2)).toEqual(later);
    expect(windows.at(2, 6)).not.toEqual(later);
    expect([windows.windows, windows.count]).toEqual([34, 9]);
    expect(new SeriesWindows(marked([30, 12], 1), { ...options, dropLast: true }).count).toBe(8);
  });

  it("have masks where values may be missing, with 0 in their places, and leave the series as they were", () => {
    const rows = Float64Array.of(Number.NaN, 1, 2, Number.NaN, 4, 5);
    const windows = new SeriesWindows([rows], {
      features: 2,
      window: 1,
      horizon: 1,
      batch: 2,
      missing: "mask",
    });
    expect(windows.at(0)).toEqual({
      inputs: { data: Float32Array.of(0, 1, 2, 0), shape: [1, 2, 2] },
      inputMask: { data: Float32Array.of(0, 1, 1, 0), shape: [1, 2, 2] },
      targets: { data: Float32Array.of(2, 0, 4, 5), shape: [1, 2, 2] },
      targetMask: { data: Float32Array.of(1, 0, 1, 1), shape: [1, 2, 2] },
    });
    expect(rows[0]).toBeNaN();
  });

  it("are what a program with such inputs takes", () => {
    const loss = compile(({ inputs, targets }) => targets.sub(inputs).square().mean(), {
      inputs: { inputs: float32("T", "B", 1), targets: float32("T", "B", 1) },
    });
    const windows = new SeriesWindows([[1, 2, 4, 7]], { features: 1, window: 3, batch: 1 });
    expect(loss(windows.at(0)).data[0]).toBeCloseTo((1 + 4 + 9) / 3, 6);
    const counted = compile(({ inputMask }) => inputMask.sum(), {
      inputs: {
        inputs: float32("T", "B", 1),
        targets: float32("H", "B", 1),
        inputMask: float32("T", "B", 1),
        targetMask: float32("H", "B", 1),
      },
    });
    const masked = new SeriesWindows([[1, Number.NaN, 4, 7]], {
      ...{ features: 1, window: 3, horizon: 1, batch: 1 },
      missing: "mask",
    });
    expect(counted(masked.at(0)).data[0]).toBe(2);
  });

  it("of a real series: hourly temperatures of a transformer, the standard training part", (context) => {
    const lines = gunzipSync(readFileSync(realData("ett/ETTh1.csv.gz", context)))
      .toString()
      .trim()
      .split("\n")
      .slice(1);
    const rows = Float64Array.from(
      lines.slice(0, 8640).flatMap((line) => line.split(",").slice(1).map(Number)),
    );
    const windows = new SeriesWindows([rows], { features: 7, window: 96, horizon: 24, batch: 32, seed: 1 });
    expect(windows.windows).toBe(8640 - 96 - 24 + 1);
    const { inputs, targets } = windows.at(11);
    const { starts } = windows.places(11);
    expect(inputs.shape).toEqual([96, 32, 7]);
    expect(targets.shape).toEqual([24, 32, 7]);
    const start = starts[5] as number;
    expect(inputs.data[(95 * 32 + 5) * 7 + 6]).toBe(Math.fround(rows[(start + 95) * 7 + 6] as number));
    expect(targets.data[(23 * 32 + 5) * 7]).toBe(Math.fround(rows[(start + 119) * 7] as number));
  });
});

describe("windows that cannot be", () => {
  const options = { features: 2, window: 2, horizon: 1, batch: 1 };
  const rows = [1, 2, 3, 4, 5, 6];
  it.each<[unknown, object, string]>([
    [[rows, [1, 2, 3]], {}, "SeriesWindows: series 1 has 3 numbers, one or more rows of 2 expected"],
    [[[]], {}, "SeriesWindows: series 0 has 0 numbers, one or more rows of 2 expected"],
    [[], {}, "SeriesWindows: no series given, one or more expected"],
    [rows, {}, "SeriesWindows: an array of 6 given, a list of series expected"],
    [["12"], {}, 'SeriesWindows: series 0: "12" given, an array of numbers expected'],
    [
      [[1, 2, 3, Number.NaN, 5, 6]],
      {},
      "SeriesWindows: series 0: NaN given at row 1, feature 1, a finite number, at most 3.4e38, expected",
    ],
    [
      [[1, 2, Infinity, 4, 5, 6]],
      { missing: "mask" },
      "SeriesWindows: series 0: Infinity given at row 1, feature 0, a finite number, at most 3.4e38, expected",
    ],
    [
      [[1, 1e39, 3, 4, 5, 6]],
      {},
      "SeriesWindows: series 0: 1e+39 given at row 0, feature 1, a finite number, at most 3.4e38, expected",
    ],
    [
      [[1, 2], rows],
      { horizon: 2 },
      "SeriesWindows: the longest series has 3 rows: a window of 2 and its targets take 4",
    ],
    [
      [[1, 2]],
      { horizon: undefined },
      "SeriesWindows: the longest series has 1 row: a window of 2 and its targets take 3",
    ],
    [[rows], { batch: 2, dropLast: true }, "RowBatches: 1 row given, 2 expected for one whole batch"],
  ])("of %j, %j", (series, more, message) => {
    const make = () => new SeriesWindows(series as number[][], { ...options, ...more });
    expect(make).toThrow(new DataError(message));
  });

  it.each<[object, string]>([
    [{ features: 0 }, "features 0: expected a whole number from 1"],
    [{ window: 1.5 }, "window 1.5: expected a whole number from 1"],
    [{ horizon: 0 }, "horizon 0: expected a whole number from 1"],
    [{ horizon: "next" }, 'horizon "next": expected a whole number from 1'],
    [{ stride: Number.NaN }, "stride NaN: expected a whole number from 1"],
    [{ missing: "zero" }, 'missing "zero": expected refuse or mask'],
    [{ targets: [] }, "SeriesWindows: targets: an array of 0 given, a list of one or more features expected"],
    [{ targets: [2] }, "SeriesWindows: targets: feature 2 given, 0 to 1 expected"],
  ])("with %j", (more, message) => {
    const make = () => new SeriesWindows([rows], { ...options, ...(more as object) });
    expect(make).toThrow(new UsageError(message));
  });

  it("by numbers that are none", () => {
    const windows = new SeriesWindows([rows], options);
    for (const wrong of [-1, 0.5, Number.NaN]) {
      expect(() => windows.at(wrong)).toThrow(UsageError);
      expect(() => windows.places(0, wrong)).toThrow(UsageError);
    }
  });
});
