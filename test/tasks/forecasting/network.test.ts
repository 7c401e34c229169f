// What a forecaster's network makes of windows: their scales, what windows cost, how much each counts, and its gradients.
import { describe, expect, it } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { cells } from "../../../src/nn/index.ts";
import { initialize } from "../../../src/nn/model.ts";
import { compile, float32, value } from "../../../src/program/compile.ts";
import { distributionLoss, parametersOf } from "../../../src/tasks/forecasting/distribution.ts";
import { InstanceScale, instanceScale } from "../../../src/tasks/forecasting/instance-scale.ts";
import { ForecastModel } from "../../../src/tasks/forecasting/model.ts";
import {
  createNetwork,
  direct,
  nextStep,
  readContext,
  teacherForced,
} from "../../../src/tasks/forecasting/network.ts";
import { completeForm } from "../../../src/tasks/forecasting/options.ts";
import { fitScales } from "../../../src/tasks/forecasting/scales.ts";
import { recency } from "../../../src/tasks/forecasting/training.ts";
import { concat } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { checkGradient } from "../../gradient/check.ts";
import { randomValue } from "../../helpers/values.ts";
import { months, oneSeries, setOf } from "./series.ts";

const suited = { season: 3, rows: 100 };
const formOf = (given: object) =>
  completeForm({ horizon: 2, context: 10, hidden: 3, dropout: 0, ...given }, suited);

describe("the scale of a window", () => {
  const scaleOf = (given: object) =>
    compile(
      ({ values, observed }) => {
        const { center, scale } = instanceScale(formOf(given), values, observed);
        return { center, scale };
      },
      { inputs: { values: float32(10, "B", 1), observed: float32(10, "B", 1) }, backend: reference },
    );
  /** Ten rows of one window, of which the last `seen` were observed. */
  const window = (seen: number) => ({
    values: value(
      Float32Array.from({ length: 10 }, (_, t) => 5 + 0.01 * (t % 2)),
      [10, 1, 1],
    ),
    observed: value(
      Float32Array.from({ length: 10 }, (_, t) => (t >= 10 - seen ? 1 : 0)),
      [10, 1, 1],
    ),
  });

  it("is its own mean and deviation, but for few values the training rows'", () => {
    const found = (seen: number) => {
      const { center, scale } = scaleOf({})(window(seen));
      return [center.data[0] as number, scale.data[0] as number] as const;
    };
    const own = Math.sqrt(0.005 ** 2 + 1e-5);
    expect(found(10)[0]).toBeCloseTo(5.005, 5);
    expect(found(10)[1]).toBeCloseTo(own, 5);
    expect(found(8)[1]).toBeCloseTo(own, 5);
    expect(found(1)).toEqual([expect.closeTo(5.01, 5), expect.closeTo(1, 5)]);
    // Four of eight: three sevenths of the way.
    expect(found(4)[1]).toBeCloseTo(own + (1 - own) * (4 / 7), 5);
    expect(found(0)[1]).toBe(1);
  });

  it("is none where all windows are read alike, and the mean of counts", () => {
    const { center, scale } = scaleOf({ normalize: "standard" })(window(10));
    expect([center.data[0], scale.data[0]]).toEqual([0, 1]);
    const counts = scaleOf({ loss: "negative-binomial" })(window(10));
    expect([counts.center.data[0], counts.scale.data[0]]).toEqual([0, expect.closeTo(6.005, 5)]);
  });
});

describe("the loss", () => {
  const form = formOf({ loss: "squared" });
  const lossOf = compile(
    ({ parameters, future, counts, weights }) =>
      distributionLoss(form, parameters, { future, counts, weights }),
    {
      inputs: {
        parameters: float32(2, "B", 1, 1),
        future: float32(2, "B", 1),
        counts: float32(2, "B", 1),
        weights: float32("B"),
      },
      backend: reference,
    },
  );
  const given = (counts: number[], weights: number[]) =>
    lossOf({
      parameters: value(Float32Array.of(1, 2, 3, 4), [2, 2, 1, 1]),
      future: value(Float32Array.of(0, 0, 0, 0), [2, 2, 1]),
      counts: value(Float32Array.from(counts), [2, 2, 1]),
      weights: value(Float32Array.from(weights), [2]),
    }).data[0];

  it("counts a window by its weight, and what is missing not at all", () => {
    expect(given([1, 1, 1, 1], [1, 1])).toBeCloseTo((1 + 4 + 9 + 16) / 4, 6);
    expect(given([1, 1, 1, 1], [1, 0])).toBeCloseTo((1 + 9) / 2, 6);
    expect(given([1, 1, 1, 1], [3, 1])).toBeCloseTo((3 * (1 + 9) + 4 + 16) / 8, 6);
    expect(given([1, 0, 1, 1], [1, 1])).toBeCloseTo((1 + 9 + 16) / 3, 6);
  });

  it("halves the weight of a window for each half-life that it is older than the newest", () => {
    const split = { start: 0, training: 50, validation: 60, end: 70 };
    const weightOf = recency({ recency: 10 } as never, split, form);
    const at = { series: { start: 5 } } as never;
    expect(weightOf({ at, cutoff: 43 })).toBe(1);
    expect(weightOf({ at, cutoff: 33 })).toBe(0.5);
    expect(weightOf({ at, cutoff: 13 })).toBe(0.125);
    expect(recency({ recency: 0 } as never, split, form)({ at, cutoff: 3 })).toBe(1);
  });
});

describe("gradients", () => {
  const widths = { targets: 2, past: 1, covariates: 1 };
  const shapes = {
    values: [10, 2, 2],
    past: [10, 2, 1],
    covariates: [12, 2, 1],
    future: [2, 2, 2],
  } as const;
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], at) => [name, randomValue(shape, 3 + at)]),
  ) as Record<keyof typeof shapes, ReturnType<typeof randomValue>>;

  it.each([
    { loss: "quantile" },
    { loss: "gaussian", direction: "both" },
    { loss: "squared", normalize: "standard", shortcut: "none" },
  ])("of all steps at once: %j", (options) => {
    const form = formOf(options);
    const network = createNetwork(form, cells.gru, widths, "default");
    initialize(network, { seed: 1 });
    checkGradient(({ values, past, covariates, future }) => {
      const ones = values.mul(0).add(1);
      const parameters = direct(network, form, widths, { values, observed: ones, past, covariates });
      return distributionLoss(form, parameters, {
        future,
        counts: future.mul(0).add(1),
        weights: future.at(0, 0).at(-1, 0).mul(0).add(1),
      });
    }, inputs);
  });

  it("of each step after the true values before it", () => {
    const form = formOf({ method: "recursive", loss: "gaussian" });
    expect(form.lag).toBe(3);
    const known = { targets: 2, past: 0, covariates: 1 };
    const network = createNetwork(form, cells.lstm, known, "default");
    initialize(network, { seed: 1 });
    const { past: _, ...others } = inputs;
    checkGradient(
      ({ values, covariates, future }) => {
        const [observed, counts] = [values.mul(0).add(1), future.mul(0).add(1)];
        const parameters = teacherForced(network, form, known, {
          values,
          observed,
          covariates,
          future,
          counts,
        });
        return distributionLoss(form, parameters, {
          future,
          counts,
          weights: future.at(0, 0).at(-1, 0).mul(0).add(1),
        });
      },
      { ...others, values: randomValue([13, 2, 2], 9) },
    );
  });
});

it("goes on step by step to what it learnt with the true values before it, a season back too", () => {
  const form = formOf({ method: "recursive", loss: "gaussian" });
  const widths = { targets: 1, past: 0, covariates: 0 };
  const network = createNetwork(form, cells.gru, widths, "default");
  initialize(network, { seed: 1 });
  const run = compile(
    ({ values, future }) => {
      const [observed, counts] = [values.mul(0).add(1), future.mul(0).add(1)];
      const taught = teacherForced(network, form, widths, { values, observed, future, counts });
      const { parameters, state, center, scale } = readContext(network, form, widths, { values, observed });
      const seen = counts.at(0, 0);
      // The second step ahead: after the first, and a lag of 3 before it, which is the last but one of the context.
      const before = {
        value: future.at(0, 0),
        observed: seen,
        lagged: values.at(0, -2),
        laggedObserved: seen,
      };
      const next = nextStep(network, form, widths, {
        before,
        state,
        scale: new InstanceScale(center, scale),
      });
      return { taught, first: parameters, second: next.parameters };
    },
    { inputs: { values: float32(13, "B", 1), future: float32(2, "B", 1) }, backend: reference },
  );
  const { taught, first, second } = run({
    values: randomValue([13, 1, 1], 5),
    future: randomValue([2, 1, 1], 6),
  });
  for (const [at, found] of [...first.data, ...second.data].entries()) {
    expect(found).toBeCloseTo(taught.data[at] as number, 10);
  }
});

it("draws paths that go on from what they drew, and read what was a season before", () => {
  // A network that expects what was three rows before, and is nearly sure: h = tanh(0.01 lagged), mean = 100 h.
  const form = completeForm(
    { horizon: 5, context: 10, hidden: 1, method: "recursive", calendar: "no" },
    suited,
  );
  const columns = { targets: ["sold"], past: [], known: [], statics: [] };
  const reading = { columns, grid: months, categories: {} } as never;
  const series = oneSeries({ sold: Array.from({ length: 30 }, (_, t) => [10, 20, 60][t % 3] as number) });
  const scales = fitScales(setOf(series), columns, form, 30);
  const model = new ForecastModel(form, { reading, columns, scales });
  const { rnn, head } = model.network;
  const input = new Float32Array(3 * 4);
  input[2 * 4 + 2] = 0.01;
  const set = (variable: Variable | undefined, values: ArrayLike<number>) => {
    if (variable) variable.value = Float32Array.from(values);
  };
  set(rnn.weights.weight_ih_l0, input);
  set(rnn.weights.weight_hh_l0, [0, 0, 0]);
  set(rnn.weights.bias_ih_l0, [0, -50, 0]);
  set(rnn.weights.bias_hh_l0, [0, 0, 0]);
  set(head.weights.weight, [100, 0]);
  set(head.weights.bias, [0, -30]);
  const [found] = model.forecast([{ at: model.prepare(series), cutoff: 29 }], { paths: 10 });
  const expected = [60, 10, 20, 60, 10];
  expected.forEach((value, step) => {
    expect(Math.abs((found?.point[step] as number) - value)).toBeLessThan(0.5);
  });
});

it("reads a context both ways: the state in which each direction ends", () => {
  const form = formOf({ direction: "both", shortcut: "none", loss: "squared", normalize: "standard" });
  const widths = { targets: 1, past: 0, covariates: 0 };
  const network = createNetwork(form, cells.gru, widths, "default");
  initialize(network, { seed: 1 });
  const run = compile(
    ({ values }) => {
      const observed = values.mul(0).add(1);
      const { h } = network.rnn.apply(concat(values, observed)).state as Record<"h", Tensor>;
      return {
        found: direct(network, form, widths, { values, observed }),
        expected: network.head.apply(concat(h.at(0, 0), h.at(0, 1))),
      };
    },
    { inputs: { values: float32(10, "B", 1) }, backend: reference },
  );
  const { found, expected } = run({ values: randomValue([10, 1, 1], 5) });
  expect([...found.data]).toEqual([...expected.data]);
});

it("gives counts a mean in the units of the window, and a dispersion that falls with them", () => {
  const form = formOf({ loss: "negative-binomial" });
  const run = compile(({ raw, center, scale }) => parametersOf(form, raw, new InstanceScale(center, scale)), {
    inputs: { raw: float32(1, "B", 1, 2), center: float32("B", 1), scale: float32("B", 1) },
    backend: reference,
  });
  const { data } = run({
    raw: value(Float32Array.of(1, 2), [1, 1, 1, 2]),
    center: value(Float32Array.of(0), [1, 1]),
    scale: value(Float32Array.of(9), [1, 1]),
  });
  const softplus = (x: number) => Math.log1p(Math.exp(x));
  expect(data[0]).toBeCloseTo(9 * softplus(1), 4);
  expect(data[1]).toBeCloseTo(softplus(2) / 3, 4);
});
