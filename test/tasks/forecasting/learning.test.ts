// Forecasters that go on learning along a stream: what they learn from, that it helps, and what is saved.
import { beforeAll, describe, expect, it } from "vitest";
import { DataError, UsageError } from "../../../src/errors.ts";
import {
  type Forecaster,
  readForecaster,
  type StreamLearning,
  type TrainForecastOptions,
  trainForecast,
} from "../../../src/tasks/forecasting/index.ts";

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
