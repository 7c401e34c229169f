// Forecasters as programs use them: trained on arrays, forecasting, streaming, written and read.
import { describe, expect, it } from "vitest";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";
import { cell, matrix, vector } from "../../../src/nn/cell.ts";
import { randomSource } from "../../../src/nn/random.ts";
import { readForecaster, trainForecast } from "../../../src/tasks/forecasting/index.ts";
import { concat, lerp, sigmoid, tanh } from "../../../src/trace/functions.ts";
import { adam } from "../../../src/training/optimizers.ts";
import { seasonal } from "./series.ts";

const quick = { epochs: 2, hidden: 4, context: 12, horizon: 3 } as const;

/** Rows of two shops with a column of each kind. */
function rows(length = 60) {
  const random = randomSource(1, "rows");
  return ["north", "south"].flatMap((shop, at) =>
    Array.from({ length }, (_, t) => {
      const price = 1 + (t % 5 === 0 ? 0.5 : 0);
      return {
        day: new Date(Date.UTC(2024, 0, 1 + t)),
        shop,
        sold: Math.round(20 * (at + 1) + 8 * Math.sin((2 * Math.PI * t) / 7) - 5 * price + random.normal()),
        visits: 100 + t,
        price,
        weather: ["sun", "rain", "snow"][t % 3] as string,
        region: at === 0 ? "cold" : "warm",
      };
    }),
  );
}
const columns = {
  target: ["sold"],
  time: "day",
  series: "shop",
  past: ["visits"],
  known: ["price", "weather"],
  static: ["region"],
};
/** What is known ahead: rows without targets. */
const ahead = (steps: number) =>
  ["north", "south"].flatMap((shop) =>
    Array.from({ length: steps }, (_, t) => ({
      day: new Date(Date.UTC(2024, 0, 61 + t)),
      shop,
      sold: null,
      visits: null,
      price: 1,
      weather: "sun",
      region: shop === "north" ? "cold" : "warm",
    })),
  );
/** The history and what is known ahead, series after series. */
const history = () => {
  const [past, future] = [rows(), ahead(3)];
  return ["north", "south"].flatMap((shop) => [...past, ...future].filter((row) => row.shop === shop));
};

it("names the columns of rows where no target is given", async () => {
  await expect(trainForecast([{ day: 1, sold: 2 }])).rejects.toThrow(
    "trainForecast: data: no target given, one or more of its columns day, sold expected",
  );
  await expect(trainForecast({ north: [{ day: 1, sold: 2 }] }, { time: "day" })).rejects.toThrow(
    "columns day, sold expected",
  );
});

describe("of plain numbers", () => {
  it("forecasts what follows, better than the naive forecasts where there is a season", async () => {
    const model = await trainForecast(seasonal(200), { horizon: 12, context: 24, epochs: 30, hidden: 8 });
    const forecast = model.forecast();
    expect(forecast).toMatchObject({ series: "", target: "value", kind: "median" });
    expect(forecast.values).toHaveLength(12);
    expect(forecast.times[0]).toBe("201");
    expect(Object.keys(forecast.quantiles)).toEqual(["0.1", "0.5", "0.9"]);
    const { figures, beside } = model.scores as NonNullable<typeof model.scores>;
    expect(figures.mae).toBeLessThan(0.5 * (beside.naive?.mae as number));
    // What comes next is known: the series goes on by a formula.
    const next = seasonal(212).slice(200);
    const error =
      next.reduce((sum, value, at) => sum + Math.abs(value - (forecast.values[at] as number)), 0) / 12;
    expect(error).toBeLessThan(6);
  });

  it("gives the same for the same seed, and forecasts another history", async () => {
    const [a, b] = [await trainForecast(seasonal(80), quick), await trainForecast(seasonal(80), quick)];
    expect(a.forecast()).toEqual(b.forecast());
    expect(a.toBytes()).toEqual(b.toBytes());
    const other = a.forecast(seasonal(40, 1000));
    expect(other.times[0]).toBe("41");
    expect(other.values[0]).toBeGreaterThan(900);
    expect(a.forecast(seasonal(80))).toEqual(a.forecast());
    expect(a.forecast([null, ...seasonal(40)])).toMatchObject({ series: "", target: "value" });
  });

  it("never crosses its quantiles, and keeps above 0 what has to be", async () => {
    const small = seasonal(80, -60).map((value) => Math.max(0, value));
    const quantiles = [0.05, 0.25, 0.5, 0.75, 0.95];
    for (const loss of ["quantile", "gaussian"] as const) {
      const model = await trainForecast(small, { ...quick, quantiles, loss, nonNegative: true });
      const forecast = model.forecast();
      const levels = quantiles.map((share) => forecast.quantiles[String(share)] as readonly number[]);
      for (let step = 0; step < 3; step++) {
        for (let at = 1; at < levels.length; at++) {
          expect(levels[at]?.[step]).toBeGreaterThanOrEqual(levels[at - 1]?.[step] as number);
        }
        expect(levels[0]?.[step]).toBeGreaterThanOrEqual(0);
      }
    }
  });

  it("draws paths that belong to the seed, the series and its time, whatever is beside it", async () => {
    const values = seasonal(80);
    const model = await trainForecast({ a: values, b: values }, { ...quick, method: "recursive" });
    const [a, b] = model.forecast({ a: values, b: values }, { paths: 20 });
    expect(model.forecast({ b: values }, { paths: 20 })).toEqual([b]);
    // Alike but for their names.
    expect(a?.values).not.toEqual(b?.values);
    expect(model.forecast({ a: values }, { paths: 20, seed: 2 })[0]?.values).not.toEqual(a?.values);
  });

  it("is scored on any history, from several moments of it", async () => {
    const model = await trainForecast(seasonal(80), quick);
    const found = await model.evaluate(seasonal(120), { cutoffs: 5, every: 2 });
    expect(found).toMatchObject({ windows: 5, seen: 0, cutoffs: ["110", "112", "114", "116", "118"] });
    const [last] = [model.forecast(seasonal(117)).values];
    const error = Math.abs((last[2] as number) - (seasonal(120)[119] as number));
    const one = await model.evaluate(seasonal(120), { cutoffs: 1 });
    expect(one.steps[2]?.mae).toBeCloseTo(error, 6);
    await expect(model.evaluate(seasonal(20), { cutoffs: 30 })).rejects.toThrow(DataError);
    await expect(model.evaluate(seasonal(120), { cutoffs: 0 })).rejects.toThrow(UsageError);
  });

  it("masks what is missing: neither loss nor forecast is NaN", async () => {
    const holes = seasonal(90).map((value, t) => (t % 7 === 3 ? null : value));
    const model = await trainForecast(holes, quick);
    expect(model.forecast().values.every(Number.isFinite)).toBe(true);
    expect(model.scores?.figures.mae).toBeLessThan(60);
  });

  it("takes every loss, method and scale", async () => {
    const counts = seasonal(80).map(Math.round);
    for (const options of [
      { loss: "squared" },
      { loss: "absolute", normalize: "standard", shortcut: "none", direction: "both", layers: 2 },
      { loss: "negative-binomial", cell: "lstm" },
      { method: "recursive", cell: "lstm" },
      { method: "recursive", loss: "negative-binomial", quantiles: [0.1, 0.9] },
      { recency: 20, validation: 0, test: 0 },
    ] as const) {
      const model = await trainForecast(counts, { ...quick, ...options });
      const { values } = model.forecast();
      expect(values.every((value) => value > 0 && value < 1000)).toBe(true);
      expect(readForecaster(model.toBytes()).forecast(counts)).toEqual(model.forecast());
    }
  });
});

describe("with a cell of one's own", () => {
  // Elman's network whose state forgets at a rate that it learns.
  const leaky = cell(
    "leaky",
    (input, hidden) => ({
      state: { h: hidden },
      weights: { W: matrix(hidden + input, hidden), a: vector(hidden) },
    }),
    ({ W, a }, { h }, x) => ({ h: lerp(h, tanh(concat(h, x).dot(W)), sigmoid(a)) }),
  );

  it("trains, is written, and is read where the cell is given again", async () => {
    const model = await trainForecast(seasonal(80), { ...quick, cell: leaky });
    expect(model.form.cell).toBe("leaky");
    const bytes = model.toBytes();
    expect(readForecaster(bytes, "f", { cell: leaky }).forecast(seasonal(80))).toEqual(model.forecast());
    expect(() => readForecaster(bytes, "f")).toThrow(FormatError);
    const recursive = await trainForecast(seasonal(80), { ...quick, cell: leaky, method: "recursive" });
    expect(recursive.stream({ start: "1" }).next(100)[0]?.values.every(Number.isFinite)).toBe(true);
  });

  it("is refused where it is none, or has the name of one of Rondo's", async () => {
    await expect(trainForecast(seasonal(80), { ...quick, cell: { name: "x" } as never })).rejects.toThrow(
      UsageError,
    );
    const other = cell(
      "gru",
      (_, hidden) => ({ state: { h: hidden }, weights: {} }),
      (_, { h }) => ({ h }),
    );
    await expect(trainForecast(seasonal(80), { ...quick, cell: other })).rejects.toThrow(
      /another name expected/,
    );
  });
});

describe("of rows with columns", () => {
  it("reads past, known and static columns, of texts too, and several series", async () => {
    const model = await trainForecast(rows(), { ...columns, ...quick });
    const forecasts = model.forecast(history());
    expect(forecasts.map(({ series }) => series)).toEqual(["north", "south"]);
    expect(forecasts[0]?.times[0]).toBe("2024-03-01T00:00:00.000Z");
    // What is known ahead changes the forecast.
    const dear = history().map((row) => (row.sold === null ? { ...row, price: 1.5, weather: "snow" } : row));
    expect(model.forecast(dear)[0]?.values).not.toEqual(forecasts[0]?.values);
    // Series do not depend on what is beside them.
    const south = history().filter(({ shop }) => shop === "south");
    expect(model.forecast(south)).toEqual([forecasts[1]]);
  });

  it("names the series, the column and the time of what has to be known ahead", async () => {
    const model = await trainForecast(rows(), { ...columns, ...quick });
    const unknown = history().map((row) =>
      row.day.getTime() === Date.UTC(2024, 2, 2) ? { ...row, price: null } : row,
    );
    expect(() => model.forecast(unknown)).toThrow(
      new DataError(
        'series "north": price is missing at 2024-03-02T00:00:00.000Z: it has to be known for all 3 steps ahead',
      ),
    );
    expect(() => model.forecast()).toThrow(/^series "north": price is missing at 2024-03-01/);
  });

  it("forecasts several targets", async () => {
    const two = Array.from({ length: 60 }, (_, t) => ({ a: Math.sin(t / 3), b: 100 + 10 * Math.cos(t / 3) }));
    const model = await trainForecast(two, { target: ["a", "b"], ...quick });
    const [a, b] = model.forecast();
    expect([a?.target, b?.target]).toEqual(["a", "b"]);
    expect(Math.abs(a?.values[0] as number)).toBeLessThan(3);
    expect(b?.values[0]).toBeGreaterThan(80);
    expect(model.scores?.series.map(({ target }) => target)).toEqual(["a", "b"]);
  });
});

describe("as a stream", () => {
  it("gives the same bits as the whole history at once, direct and recursive", async () => {
    const values = seasonal(90);
    for (const options of [
      {},
      { method: "recursive", context: 14 },
      { loss: "negative-binomial" },
    ] as const) {
      const model = await trainForecast(values.map(Math.round), { ...quick, ...options });
      const live = model.stream({ start: "1", paths: 20 });
      for (const [row, value] of values.slice(0, 40).entries()) {
        const [found] = live.next(Math.round(value));
        if (row % 7 !== 0) continue;
        expect(found).toEqual(model.forecast(values.slice(0, row + 1).map(Math.round), { paths: 20 }));
      }
    }
  });

  it("gives the same bits where gaps are filled in, from each value that ends one on", async () => {
    const given = seasonal(80).map((value, t) => (t % 11 < 2 || t % 17 === 5 ? null : value));
    for (const gaps of ["last", "linear"] as const) {
      const model = await trainForecast(given, { ...quick, gaps });
      const live = [model.stream({ start: "1" }), model.stream({ history: given.slice(0, 30) })] as const;
      for (const [row, value] of given.entries()) {
        const found = [live[0].next(value), ...(row < 30 ? [] : [live[1].next(value)])];
        if (row === 46) live[1].restore(JSON.parse(JSON.stringify(live[1].save())));
        if (row < 20 || value === null) continue;
        for (const [forecast] of found) expect(forecast).toEqual(model.forecast(given.slice(0, row + 1)));
      }
    }
  });

  it("goes on after a history, with columns of all kinds, and from a state that was saved", async () => {
    const model = await trainForecast(rows(), { ...columns, ...quick });
    const north = history().filter(({ shop }) => shop === "north");
    const numbersOf = ({ sold, visits, price, weather }: (typeof north)[0]) => ({
      sold,
      visits,
      price,
      "weather=sun": weather === "sun" ? 1 : 0,
      "weather=rain": weather === "rain" ? 1 : 0,
      "weather=snow": weather === "snow" ? 1 : 0,
    });
    const live = model.stream({ history: north.slice(0, 50) });
    const knownOf = ({ sold: _, visits: __, ...known }: ReturnType<typeof numbersOf>) => known;
    const at = (row: number) => numbersOf(north[row] as (typeof north)[0]);
    const next = (stream: typeof live, row: number) =>
      stream.next(
        at(row),
        [1, 2, 3].map((step) => knownOf(at(row + step))),
      );
    for (let row = 50; row < 56; row++) next(live, row);
    const resumed = model.stream({ series: "north" });
    resumed.restore(JSON.parse(JSON.stringify(live.save())));
    const expected = model.forecast(
      north.slice(0, 60).map((row, t) => (t >= 57 ? { ...row, sold: null, visits: null } : row)),
    );
    expect(next(live, 56)).toEqual(expected);
    expect(next(resumed, 56)).toEqual(expected);
  });

  it("refuses what is no row, and is then as it was", async () => {
    const model = await trainForecast(rows(), { ...columns, ...quick });
    const live = model.stream({ series: "south" });
    const before = live.save();
    expect(() => live.next({ sold: 1, prize: 2 })).toThrow(/the column "prize"/);
    expect(() => live.next({ sold: 1 })).toThrow(/0 rows ahead given, 3 of price, .* expected/);
    expect(() => live.next({ sold: Number.POSITIVE_INFINITY })).toThrow(
      /sold Infinity given, a finite number expected/,
    );
    expect(live.save()).toEqual(before);
    expect(() => live.restore({ ...before, series: "north" })).toThrow(DataError);
    expect(() => live.restore({ ...before, values: [1] })).toThrow(
      /the state's values: 13 finite numbers expected/,
    );
    expect(() => model.stream({ series: "west" })).toThrow(UsageError);
    expect(() => model.stream({ history: rows() })).toThrow(
      "stream: a history of 2 series given, one expected",
    );
  });
});

describe("in a file", () => {
  it("is read again with its scores, but has no history of its own", async () => {
    const model = await trainForecast(seasonal(80), quick);
    const read = readForecaster(model.toBytes());
    expect(read.scores).toEqual(model.scores);
    expect(read.forecast(seasonal(80))).toEqual(model.forecast());
    expect(() => read.forecast()).toThrow(UsageError);
  });

  it("is refused where it is damaged", async () => {
    const model = await trainForecast(seasonal(80), quick);
    expect(() => readForecaster(new Uint8Array(10))).toThrow(FormatError);
    const text = new TextDecoder("latin1").decode(model.toBytes());
    const bytes = (changed: string) => Uint8Array.from(changed, (character) => character.charCodeAt(0));
    for (const [from, to] of [
      ['\\"horizon\\":3', '\\"horizon\\":0'],
      ['\\"horizon\\":3', '\\"horizon\\":5'],
      ['\\"loss\\":\\"quantile\\"', '\\"loss\\":\\"quantilo\\"'],
      ['\\"center\\":[', '\\"centre\\":['],
      ['\\"training\\":64', '\\"training\\":6a'],
      ['\\"every\\":1', '\\"every\\":0'],
    ] as const) {
      expect(text).toContain(from);
      expect(() => readForecaster(bytes(text.replace(from, to)), "m")).toThrow(FormatError);
    }
  });
});

describe("misuse", () => {
  it("is refused before anything is trained", async () => {
    const refused = (data: unknown, options: object, message: string | RegExp) =>
      expect(trainForecast(data as number[], options)).rejects.toThrow(message);
    await refused(seasonal(80), { horizons: 3 }, /horizons/);
    await refused(seasonal(80), { ...quick, optimizer: adam() }, /^optimizer: one of your own given, a name/);
    await refused(seasonal(80), { horizon: 0 }, "horizon 0: expected a whole number from 1");
    await refused(
      seasonal(80),
      { horizon: 3, quantiles: [0.5, 1] },
      /quantiles .*: expected numbers above 0 to below 1/,
    );
    await refused(
      rows(),
      { ...columns, ...quick, method: "recursive" },
      "past visits: the method recursive goes on from what it draws, and of these columns it draws nothing: direct expected",
    );
    await refused([], {}, /data/);
    await refused([1], {}, /data/);
    await refused("1,2,3", {}, UsageError as never);
    await refused([1, 2, "x"], {}, /data: row 3/);
    await refused(
      seasonal(80),
      { horizon: 3, context: 62 },
      "data: 64 rows to train on in the longest series, 65 expected: the context 62 and the horizon 3",
    );
    await refused(seasonal(10), { horizon: 12 }, /data: 10 rows/);
    await refused(new Array(50).fill(null), { horizon: 2 }, DataError as never);
  });

  it("of a constant series gives the constant", async () => {
    const model = await trainForecast(new Array(60).fill(7), { ...quick, epochs: 1 });
    for (const value of model.forecast().values) expect(value).toBeCloseTo(7, 1);
    expect(model.scores?.figures.mase).toBeUndefined();
  });

  it("of numbers that a network cannot read is named, and never a forecast of NaN", async () => {
    const model = await trainForecast(seasonal(60), quick);
    const before = seasonal(30);
    expect(() => model.forecast([...before, 1e30])).toThrow(
      new DataError(
        "the series: 31 (line 31): value is 1e+30, at most 1000000000000000 deviations from the mean expected",
      ),
    );
    const stream = model.stream({ history: before });
    const first = stream.save();
    expect(() => stream.next(1e30)).toThrow(
      new DataError("stream: 31: value is 1e+30, at most 1000000000000000 deviations from the mean expected"),
    );
    expect(stream.save()).toEqual(first);
    expect(() => model.forecast([])).toThrow(new DataError("forecast: no rows given, one or more expected"));
  });

  it("of counts below 0 is refused before a training, a forecast and a step of a stream", async () => {
    const counts = seasonal(60).map((value) => Math.round(value));
    const options = { ...quick, loss: "negative-binomial" } as const;
    const wrong = counts.with(40, -1);
    await expect(trainForecast(wrong, options)).rejects.toThrow(
      new DataError("the series: 41 (line 41): value is -1, a count, from 0, expected"),
    );
    const model = await trainForecast(counts, options);
    expect(() => model.forecast(wrong)).toThrow(DataError);
    expect(() => model.stream({ history: counts }).next(-1)).toThrow(
      new DataError("stream: 61: value is -1, a count, from 0, expected"),
    );
  });
});

it("there is none where the training is stopped before its first validation", async () => {
  const stopped = { ...quick, signal: { aborted: true } };
  await expect(trainForecast(seasonal(80), stopped)).rejects.toThrow(
    "trainForecast: stopped before the first validation: there is no forecaster",
  );
});
