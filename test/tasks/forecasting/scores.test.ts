// The figures of forecasts, against their definitions; and what the naive forecasts' quantiles are.
import { describe, expect, it } from "vitest";
import { seasonalNaive } from "../../../src/data/time-series/naive.ts";
import { Baseline } from "../../../src/tasks/forecasting/baselines.ts";
import { ScoreSums } from "../../../src/tasks/forecasting/scores.ts";
import * as measures from "../../../src/training/measures/index.ts";
import { seasonal } from "./series.ts";

describe("scores", () => {
  const targets = [10, 0, -4, 8];
  const forecasts = [12, 1, -4, 5];
  const low = [9, 0.5, -6, 4];
  const high = [13, 2, -3, 7];
  const sums = new ScoreSums([0.1, 0.9]);
  for (const [at, target] of targets.entries()) {
    sums.add(target, forecasts[at] as number, [low[at] as number, high[at] as number], 2);
  }

  it("are those of their definitions", () => {
    const found = sums.figures(0.5);
    expect(found.targets).toBe(4);
    expect(found.mae).toBeCloseTo((2 + 1 + 0 + 3) / 4, 12);
    expect(found.rmse).toBeCloseTo(Math.sqrt((4 + 1 + 0 + 9) / 4), 12);
    expect(found.mase).toBe(0.5);
    expect(found.smape).toBeCloseTo((200 / 4) * (2 / 22 + 1 / 1 + 0 + 3 / 13), 12);
    expect(found.coverage).toBe(2 / 4);
    expect(found.standardizedMse).toBeCloseTo((1 + 0.25 + 0 + 2.25) / 4, 12);
    expect(found.standardizedMae).toBeCloseTo((1 + 0.5 + 0 + 1.5) / 4, 12);
    const pinball = (q: number, e: number) => Math.max(q * e, (q - 1) * e);
    const all = targets.map(
      (y, at) => pinball(0.1, y - (low[at] as number)) + pinball(0.9, y - (high[at] as number)),
    );
    expect(found.quantileLoss).toBeCloseTo(all.reduce((a, b) => a + b) / 8, 12);
  });

  it("tell no percentage where a target is 0, and no quantiles where there are none", () => {
    expect(sums.figures(1).mape).toBeUndefined();
    expect(sums.figures(1).zeros).toBe(1);
    const plain = new ScoreSums([]);
    plain.add(4, 5, [], 1);
    expect(plain.figures()).toEqual({
      targets: 1,
      mae: 1,
      rmse: 1,
      smape: 200 / 9,
      mape: 25,
      standardizedMse: 1,
      standardizedMae: 1,
    });
  });

  it("are those of the measures over whole lists", () => {
    const options = { quantiles: [0.1, 0.9] };
    const found = sums.figures();
    expect(found.mae).toBeCloseTo(measures.meanAbsoluteError(forecasts, targets), 12);
    expect(found.rmse).toBeCloseTo(measures.rootMeanSquaredError(forecasts, targets), 12);
    expect(found.smape).toBeCloseTo(measures.symmetricMeanAbsolutePercentageError(forecasts, targets), 12);
    const rows = targets.flatMap((_, at) => [low[at] as number, high[at] as number]);
    expect(found.quantileLoss).toBeCloseTo(measures.meanQuantileLoss(rows, targets, options.quantiles), 12);
    expect(found.coverage).toBe(measures.coverage(low, high, targets));
  });

  it("of two parts are those of both together", () => {
    const [first, second] = [new ScoreSums([0.1, 0.9]), new ScoreSums([0.1, 0.9])];
    for (const [at, target] of targets.entries()) {
      const quantiles = [low[at] as number, high[at] as number];
      (at < 2 ? first : second).add(target, forecasts[at] as number, quantiles, 2);
    }
    first.merge(second);
    for (const [name, value] of Object.entries(sums.figures(0.5))) {
      const found = first.figures(0.5)[name as "mae"];
      expect(found).toBeCloseTo(value, 12);
    }
  });
});

describe("a baseline", () => {
  it("has the quantiles of its own errors in what it has seen, step by step", () => {
    // The seasonal naive of a line is too low by a season's rise, always.
    const line = Float64Array.from({ length: 60 }, (_, t) => t);
    const rule = (history: Float64Array, horizon: number) => seasonalNaive(history, 12, horizon);
    const baseline = new Baseline(rule, line.subarray(0, 48), {
      horizon: 3,
      season: 12,
      quantiles: [0.1, 0.9],
    });
    const { point, quantiles } = baseline.at(line, 50);
    expect([...point]).toEqual([38, 39, 40]);
    expect([...(quantiles[0] as Float64Array)]).toEqual([50, 51, 52]);
    expect([...(quantiles[1] as Float64Array)]).toEqual([50, 51, 52]);
  });

  it("covers about what it says in what it has seen", () => {
    const values = Float64Array.from(seasonal(240));
    const rule = (history: Float64Array, horizon: number) => seasonalNaive(history, 12, horizon);
    const baseline = new Baseline(rule, values, { horizon: 1, season: 12, quantiles: [0.1, 0.9] });
    let inside = 0;
    for (let cutoff = 12; cutoff < 240; cutoff++) {
      const { quantiles } = baseline.at(values, cutoff);
      const [low, high] = [quantiles[0]?.[0] as number, quantiles[1]?.[0] as number];
      if ((values[cutoff] as number) >= low && (values[cutoff] as number) <= high) inside++;
    }
    expect(inside / 228).toBeGreaterThan(0.75);
    expect(inside / 228).toBeLessThan(0.85);
  });
});
