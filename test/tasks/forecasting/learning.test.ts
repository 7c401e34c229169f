// Forecasters that go on learning along a stream: what they learn from, that it helps, and what is saved.
import { beforeAll, describe, expect, it } from "vitest";
import { seriesOfDataAs } from "../../../src/data/time-series/from-arrays.ts";
import type { TimeSeries } from "../../../src/data/time-series/series.ts";
import { DataError, TrainingError, UsageError } from "../../../src/errors.ts";
import { readTaskModel } from "../../../src/tasks/file.ts";
import { openForecaster } from "../../../src/tasks/forecasting/file.ts";
import {
  type Forecaster,
  readForecaster,
  type StreamLearning,
  type TrainForecastOptions,
  trainForecast,
} from "../../../src/tasks/forecasting/index.ts";
import type { StreamLearner } from "../../../src/tasks/forecasting/learning.ts";
import { WindowStream } from "../../../src/tasks/forecasting/stream.ts";
import { inputsOf, type Place, targetsOf } from "../../../src/tasks/forecasting/windows.ts";

/** A sine whose period and level change at `drift`, with a little that is not regular. */
const series = (from: number, to: number, drift = 200) =>
  Array.from({ length: to - from }, (_, at) => {
    const t = from + at;
    const [period, level] = t < drift ? [12, 0] : [7, 1];
    return level + Math.sin((2 * Math.PI * t) / period) + 0.1 * Math.sin(t * t);
  });

const quick: TrainForecastOptions = {
  ...{ horizon: 2, context: 12, hidden: 8, epochs: 20, learningRate: 0.01 },
  ...{ quantiles: [], loss: "squared", validation: 0.1, test: 0.1 },
};

let bytes: Uint8Array;
beforeAll(async () => {
  bytes = (await trainForecast(series(0, 200), quick)).toBytes();
});
const made = () => readForecaster(bytes);

/** The errors one step ahead along rows, and the forecasts. */
function along(live: ReturnType<Forecaster["stream"]>, rows: readonly number[]) {
  const forecasts = rows.map((row) => live.next(row)[0]?.values as number[]);
  const errors = rows.slice(1).map((row, at) => ((forecasts[at] as number[])[0] as number) - row);
  return { forecasts, errors };
}
const root = (errors: readonly number[]) =>
  Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length);

const learner = (model: Forecaster, learn: boolean | StreamLearning) =>
  model.stream({ history: series(100, 200), learn });

describe("a forecaster that goes on learning", () => {
  it("is right again after a drift, as one that does not learn is not", () => {
    const rows = series(200, 500);
    const plain = along(made().stream({ history: series(100, 200) }), rows);
    const learnt = along(learner(made(), { learningRate: 0.01 }), rows);
    const [before, after] = [plain, learnt].map(({ errors }) => root(errors.slice(200)));
    expect(after).toBeLessThan(0.5 * (before as number));
  });

  it("at a rate of 0 gives the same bits as one that does not learn", () => {
    const rows = series(200, 240);
    const model = made();
    const plain = along(made().stream({ history: series(100, 200) }), rows);
    expect(along(learner(model, { learningRate: 0, replay: 2, every: 3 }), rows)).toEqual(plain);
    expect(model.toBytes()).toEqual(bytes);
  });

  it("makes an update for each row, or for each so many, and never sees what is to come", () => {
    const rows = series(200, 230);
    const updates = (learn: StreamLearning) => {
      const live = learner(made(), learn);
      const { forecasts } = along(live, rows);
      return { forecasts, updates: live.save().learning?.learner.updates };
    };
    expect(updates({}).updates).toBe(30);
    expect(updates({ every: 4 }).updates).toBe(7);
    const changed = learner(made(), {});
    const { forecasts } = along(changed, [...rows.slice(0, 20), ...new Array(10).fill(5)]);
    expect(forecasts.slice(0, 20)).toEqual(updates({}).forecasts.slice(0, 20));
    expect(forecasts[20]).not.toEqual(updates({}).forecasts[20]);
  });

  it("begins once a whole window came, and learns nothing from rows without a value", () => {
    const model = made();
    const live = model.stream({ start: "1", learn: true });
    const count = () => live.save().learning?.learner.updates;
    const { context, lag, horizon } = model.form;
    for (const row of series(0, context + lag + horizon - 1)) live.next(row);
    expect(count()).toBe(0);
    live.next(0.5);
    expect(count()).toBe(1);
    live.next(null);
    expect(count()).toBe(2);
    live.next(null);
    live.next(null);
    expect(count()).toBe(2);
  });

  it("goes on from a saved state to the same bits, with replay and a rate that rises", () => {
    const learn = { every: 3, replay: 2, memory: 20, raise: 5 };
    const [one, two] = [learner(made(), learn), learner(made(), learn)];
    along(one, series(200, 250));
    two.restore(JSON.parse(JSON.stringify(one.save())));
    expect(along(two, series(250, 280))).toEqual(along(one, series(250, 280)));
    expect(two.save()).toEqual(one.save());
  });

  it("is written as it is by then, and read again", () => {
    const model = made();
    const live = learner(model, true);
    along(live, series(200, 230));
    expect(model.toBytes()).not.toEqual(bytes);
    const read = readForecaster(model.toBytes());
    expect(read.scores).toBeUndefined();
    const next = live.next(0.25);
    // The row made one more update.
    expect(read.forecast([...series(100, 230), 0.25])).not.toEqual(next[0]);
    expect(readForecaster(model.toBytes()).forecast([...series(100, 230), 0.25])).toEqual(next[0]);
  });

  it("does not learn what was filled in", async () => {
    const given = series(0, 200).map((value, t) => (t % 9 === 4 ? null : value));
    const model = await trainForecast(given, { ...quick, epochs: 2, gaps: "linear" });
    const live = model.stream({ history: given, learn: true });
    const count = () => live.save().learning?.learner.updates as number;
    const before = count();
    for (const row of [1, null, null, 0.5]) live.next(row);
    expect(count() - before).toBe(3);
    expect(live.save().learning?.filled.values.slice(-4)).toEqual([0, 1, 1, 0]);
  });

  it.each([1e38, 1e30, 1e10])(
    "stops before it forecasts what is no number, at a rate of %d",
    (learningRate) => {
      const live = learner(made(), { learningRate });
      const forecasts: number[] = [];
      const follow = () => {
        for (const row of series(200, 230)) forecasts.push(...(live.next(row)[0]?.values ?? [Number.NaN]));
      };
      if (learningRate > 1e20) expect(follow).toThrow(TrainingError);
      else follow();
      expect(forecasts.every(Number.isFinite)).toBe(true);
    },
  );

  it("says after which update the weights or the forecast were no numbers, and not that they are as before", () => {
    const live = learner(made(), { learningRate: 1e38 });
    const next = () => {
      for (const row of series(200, 230)) live.next(row);
    };
    expect(next).toThrow(
      /^stream: (the forecast is (NaN|-?Infinity)|.* is not finite) after update \d+: training diverged; [^;]*$/,
    );
  });

  it("refuses options that do not exist or fit, and states of other streams", () => {
    const model = made();
    expect(() => model.stream({ learn: { rate: 1 } as never })).toThrow(UsageError);
    expect(() => model.stream({ learn: { every: 0 } })).toThrow(
      /every 0: a whole number from 1 expected|every 0/,
    );
    expect(() => model.stream({ learn: 3 as never })).toThrow(UsageError);
    const plain = model.stream({ history: series(100, 200) });
    const live = learner(model, true);
    expect(() => live.restore(plain.save())).toThrow(DataError);
    const { learning: _, ...rest } = live.save();
    expect(() => live.restore(rest as never)).toThrow("of a stream that did not learn");
    const state = live.save();
    expect(() => live.restore({ ...state, learning: { ...state.learning, learner: {} } } as never)).toThrow(
      DataError,
    );
    expect(live.save()).toEqual(state);
  });
});

describe("what it learns from", () => {
  const given = Array.from({ length: 120 }, (_, t) => ({
    date: new Date(Date.UTC(2024, 0, 1 + t)).toISOString().slice(0, 10),
    sold: t % 11 === 3 || t % 11 === 4 ? null : 10 + Math.sin(t / 3) + 0.1 * Math.sin(t * t),
    visits: t % 7 === 2 ? null : 5 + Math.cos(t / 5),
  }));
  const columns = { time: "date", target: ["sold"], calendar: "yes" } as const;

  it.each(["direct", "recursive"] as const)(
    "is what a training takes of the whole series, %s",
    async (method) => {
      const past = method === "direct" ? ["visits"] : [];
      const file = readTaskModel(
        (
          await trainForecast(given, {
            ...quick,
            ...columns,
            ...{ method, past },
            loss: "gaussian",
            gaps: "linear",
            epochs: 1,
          })
        ).toBytes(),
        "model",
      );
      const { model } = openForecaster(file, {});
      const { form, widths, prepared } = model;
      const whole = model.prepare(seriesOfDataAs(given, prepared.reading).series[0] as TimeSeries);
      const places: Place[] = [];
      const learn = (place: Place) => places.push({ ...place, at: structuredClone(place.at) });
      const stream = new WindowStream(model, { history: given.slice(0, 61) }, 0, {
        learner: { learn } as unknown as StreamLearner,
      });
      for (const { sold, visits } of given.slice(61))
        stream.next(past.length > 0 ? { sold, visits } : { sold });
      const cutoffs = given.flatMap((_, row) => {
        const cutoff = row + 1 - form.horizon;
        const some = given.slice(cutoff, row + 1).some(({ sold }) => sold !== null);
        return row >= 61 && some ? [cutoff] : [];
      });
      expect(places).toHaveLength(cutoffs.length);
      for (const [at, cutoff] of cutoffs.entries()) {
        const [own, expected] = [[places[at] as Place], [{ at: whole, cutoff }]];
        expect(inputsOf(own, form, widths)).toEqual(inputsOf(expected, form, widths));
        const [targets, all] = [targetsOf(own, form, widths), targetsOf(expected, form, widths)];
        expect(targets.counts).toEqual(all.counts);
        // What does not count may be filled in by then or not.
        targets.future.data.forEach((value, place) => {
          if (targets.counts.data[place] === 1) expect(value).toBe(all.future.data[place]);
        });
      }
    },
  );

  it("makes updates of a recursive forecaster, too", async () => {
    const model = await trainForecast(series(0, 200), {
      ...quick,
      method: "recursive",
      loss: "gaussian",
      epochs: 1,
    });
    const live = model.stream({ history: series(100, 200), learn: true, paths: 4 });
    for (const row of series(200, 204)) expect(live.next(row)[0]?.values.every(Number.isFinite)).toBe(true);
    expect(live.save().learning?.learner.updates).toBe(4);
  });
});
