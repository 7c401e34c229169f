// Scales of features: the figures they are made of, there and back, what is missing, constant or not to be scaled.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SCALER_KINDS, Scaler, type ScalerKind } from "../../src/data/scaler.ts";
import { DataError, FormatError, UsageError } from "../../src/errors.ts";
import { realData } from "../helpers/real-data.ts";

const { NaN: missing } = Number;
const again = (scaler: Scaler) => Scaler.fromJSON(JSON.parse(JSON.stringify(scaler)), "model");
const kinds = fc.constantFrom(...SCALER_KINDS);

describe("scalers", () => {
  it.each<[ScalerKind, number, number]>([
    ["standard", 5, 2],
    ["min-max", 2, 7],
    ["robust", 4.5, 1.5],
    ["none", 0, 1],
  ])("%s: center and scale of 2, 4, 4, 4, 5, 5, 7, 9", (kind, center, scale) => {
    const scaler = Scaler.fit(kind, [[2, 4, 4, 4, 5, 5, 7, 9]], { features: 1 });
    expect(scaler.center).toEqual([center]);
    expect(scaler.scale).toEqual([scale]);
    expect([...scaler.transform([9])]).toEqual([Math.fround((9 - center) / scale)]);
  });

  it("log1p: as standard, of the logarithms", () => {
    const e = (power: number) => Math.expm1(power);
    const scaler = Scaler.fit("log1p", [[e(2), e(4), e(4), e(4), e(5), e(5), e(7), e(9)]], { features: 1 });
    expect(scaler.center[0]).toBeCloseTo(5, 12);
    expect(scaler.scale[0]).toBeCloseTo(2, 12);
    expect(scaler.transform([0])[0]).toBeCloseTo(-2.5, 6);
    expect(scaler.inverse([-2.5])[0]).toBeCloseTo(0, 12);
  });

  it("scale each feature by itself, over all series, what is missing left out and kept", () => {
    const scaler = Scaler.fit(
      "min-max",
      [
        [0, 10, missing, 20],
        [4, missing],
      ],
      { features: 2 },
    );
    expect(scaler.center).toEqual([0, 10]);
    expect(scaler.scale).toEqual([4, 10]);
    expect([...scaler.transform([2, 15, missing, 30])]).toEqual([0.5, 0.5, missing, 2]);
    expect([...scaler.inverse([0.5, missing])]).toEqual([2, missing]);
  });

  it("go there and back, before and after a trip through JSON", () => {
    const numbers = fc.integer({ min: -900, max: 1e9 }).map((thousandths) => thousandths / 1000);
    const rows = fc.array(fc.tuple(numbers, numbers), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(kinds, rows, (kind, pairs) => {
        const given = pairs.flat();
        const scaler = Scaler.fit(kind, [given], { features: 2 });
        const scaled = scaler.transform(given);
        const back = scaler.inverse(scaled);
        expect(back).toEqual(again(scaler).inverse(again(scaler).transform(given)));
        const reach = (feature: number) =>
          pairs.reduce((most, pair) => Math.max(most, Math.abs(pair[feature] as number)), 0);
        given.forEach((number, at) => {
          const tolerance = 1e-5 * (1 + (kind === "log1p" ? 20 : 2) * reach(at % 2));
          expect(Math.abs((back[at] as number) - number)).toBeLessThan(tolerance);
        });
      }),
    );
  });

  it("leave a mean of 0 and a deviation of 1, or a range from 0 to 1", () => {
    const rows = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(rows, (given) => {
        const [least, most] = [Math.min(...given), Math.max(...given)];
        fc.pre(most - least > 1e-3);
        const standard = Scaler.fit("standard", [given], { features: 1 }).transform(given);
        const mean = standard.reduce((sum, x) => sum + x, 0) / given.length;
        expect(Math.abs(mean)).toBeLessThan(1e-5);
        expect(standard.reduce((sum, x) => sum + (x - mean) ** 2, 0) / given.length).toBeCloseTo(1, 4);
        const range = Scaler.fit("min-max", [given], { features: 1 }).transform(given);
        expect([Math.min(...range), Math.max(...range)]).toEqual([0, 1]);
      }),
    );
  });

  it("never divide by 0: what is constant becomes 0, and a later change stays finite", () => {
    for (const kind of ["standard", "min-max", "robust"] as const) {
      for (const constant of [0, 0.1, 1e9 + 0.1, -3e-300]) {
        const scaler = Scaler.fit(kind, [new Array(1001).fill(constant)], { features: 1 });
        expect(scaler.scale).toEqual([1]);
        expect([...scaler.transform([constant])]).toEqual([0]);
        expect(scaler.transform([constant + 1])[0]).toBeCloseTo(1, 6);
      }
    }
    expect(Scaler.fit("standard", [[0.3, 0.1 + 0.2]], { features: 1 }).scale).toEqual([1]);
    // Mostly the same value: the quartiles are equal, though the feature is not constant.
    expect(Scaler.fit("robust", [[0, 0, 0, 0, 0, 8]], { features: 1 }).scale).toEqual([1]);
  });

  it("keep a small spread far away from 0", () => {
    const times = Float64Array.from({ length: 1000 }, (_, at) => 1.7e12 + at);
    const scaler = Scaler.fit("standard", [times], { features: 1 });
    expect(scaler.center[0]).toBe(1.7e12 + 499.5);
    expect(scaler.scale[0]).toBeCloseTo(Math.sqrt((1000 ** 2 - 1) / 12), 6);
    expect(scaler.inverse(scaler.transform(times.subarray(7, 8)))[0]).toBeCloseTo(1.7e12 + 7, 3);
  });

  it("of some features scale those", () => {
    const scaler = Scaler.fit("standard", [[1, 10, 100, 3, 30, 300]], { features: 3 });
    const some = scaler.select([2, 0]);
    expect(some.features).toBe(2);
    expect([...some.transform([300, 3])]).toEqual([1, 1]);
    expect(() => scaler.select([3])).toThrow(
      new UsageError("Scaler.select: feature 3 given, 0 to 2 expected"),
    );
    expect(() => scaler.select([])).toThrow(UsageError);
  });

  it("learn from the rows that are given alone: the usual figures of ETTh1", (context) => {
    const lines = gunzipSync(readFileSync(realData("ett/ETTh1.csv.gz", context)))
      .toString()
      .trim()
      .split("\n")
      .slice(1);
    const rows = Float64Array.from(lines.flatMap((line) => line.split(",").slice(1).map(Number)));
    const scaler = Scaler.fit("standard", [rows.subarray(0, 8640 * 7)], { features: 7 });
    const column = (feature: number) =>
      lines.slice(0, 8640).map((line) => Number(line.split(",")[feature + 1]));
    for (let feature = 0; feature < 7; feature++) {
      const values = column(feature);
      const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
      const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length;
      expect(scaler.center[feature]).toBeCloseTo(mean, 9);
      expect(scaler.scale[feature]).toBeCloseTo(Math.sqrt(variance), 9);
    }
    const scaled = scaler.transform(rows);
    expect(scaler.inverse(scaled)[70_006]).toBeCloseTo(rows[70_006] as number, 5);
  });
});

describe("scalers refuse", () => {
  it.each<[ScalerKind, unknown, string]>([
    ["standard", [[1, 2, 3]], "Scaler.fit: series 0 has 3 numbers, one or more rows of 2 expected"],
    ["standard", [1, 2], "Scaler.fit: an array of 2 given, a list of series expected"],
    [
      "standard",
      [[1, Infinity]],
      "Scaler.fit: series 0: Infinity given at row 0, feature 1, a finite number expected",
    ],
    ["standard", [[1, "2"]], 'Scaler.fit: series 0: "2" given at row 0, feature 1, a finite number expected'],
    [
      "robust",
      [
        [1, missing],
        [2, missing],
      ],
      "Scaler.fit: feature 1 has no number",
    ],
    ["min-max", [[1, -1e308, 1, 1e308]], "Scaler.fit: the numbers of feature 1 are too large to be scaled"],
    [
      "log1p",
      [
        [1, 2],
        [3, -1],
      ],
      "Scaler.fit: series 1: -1 given at row 0, feature 1, a number above -1 expected for log1p",
    ],
  ])("%s of %j", (kind, series, message) => {
    expect(() => Scaler.fit(kind, series as number[][], { features: 2 })).toThrow(new DataError(message));
  });

  it("kinds and counts that are none", () => {
    const make = (kind: string, features: number) => () =>
      Scaler.fit(kind as ScalerKind, [[1]], { features });
    expect(make("quantile", 1)).toThrow(
      new UsageError('scaler "quantile" is unknown: expected standard, min-max, robust, log1p, none'),
    );
    expect(make("standard", 0)).toThrow(new UsageError("features 0: expected a whole number from 1"));
  });

  it("rows that they do not fit", () => {
    const scaler = Scaler.fit("min-max", [[0, 0, 1e-30, 1]], { features: 2 });
    expect(() => scaler.transform([1])).toThrow(
      new DataError("Scaler.transform: the series has 1 numbers, one or more rows of 2 expected"),
    );
    expect(() => scaler.transform([2e10, 1])).toThrow(
      new DataError(
        "Scaler.transform: 20000000000 given at row 0, feature 0, which is 2.0e+40 when scaled: at most 3.4e38 expected",
      ),
    );
    expect(() => scaler.inverse(["1", 1] as never)).toThrow(DataError);
    const log = Scaler.fit("log1p", [[1]], { features: 1 });
    expect(() => log.transform([-2])).toThrow(/-2 given at row 0, feature 0, a number above -1 expected/);
  });

  it.each<[unknown, string]>([
    [undefined, "expected an object"],
    [{ kind: "standard", center: [0], scale: [1], mean: 0 }, 'key "mean" is unknown'],
    [
      { kind: "best", center: [0], scale: [1] },
      'kind "best", expected standard, min-max, robust, log1p, none',
    ],
    [{ kind: "standard", center: [0], scale: [0] }, "scale: expected numbers above 0"],
    [
      { kind: "standard", center: [0, 1], scale: [1] },
      "center and scale: expected two lists of finite numbers, one of each for a feature",
    ],
    [
      { kind: "standard", center: [null], scale: [1] },
      "center and scale: expected two lists of finite numbers, one of each for a feature",
    ],
    [
      { kind: "standard", center: [], scale: [] },
      "center and scale: expected two lists of finite numbers, one of each for a feature",
    ],
  ])("%j as their JSON", (json, reason) => {
    expect(() => Scaler.fromJSON(json, "model")).toThrow(new FormatError(`model: scaler: ${reason}`));
  });
});
