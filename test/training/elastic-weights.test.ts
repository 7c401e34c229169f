// Elastic weights: the Fisher information against plain loops in float64, the penalty of one anchor and of several, its gradient.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { TrainingError } from "../../src/errors.ts";
import { readModel, writeModel } from "../../src/formats/model.ts";
import { gradient } from "../../src/gradient/index.ts";
import { binaryCrossEntropy, dropout, initialize, linear, parameters } from "../../src/nn/index.ts";
import { compile, float32, value } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { ElasticWeights } from "../../src/training/elastic-weights.ts";
import { sgd } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";

const inputs = { x: float32("B", 2), y: float32("B", 1) };
const rows = (seed: number, count: number) =>
  Array.from({ length: count }, (_, row) => ({
    x: [Math.sin(seed + 3 * row), Math.cos(2 * seed - row)] as const,
    y: (row * 7 + seed) % 3 === 0 ? 1 : 0,
  }));
const batchOf = (list: ReturnType<typeof rows>) => ({
  x: list.map(({ x }) => [...x]),
  y: list.map(({ y }) => [y]),
});

function setup(strength = 3) {
  const model = initialize({ drop: dropout(0.5), head: linear(2, 1) }, { seed: 1 });
  const loss = ({ x, y }: { x: Tensor; y: Tensor }) =>
    binaryCrossEntropy(model.head.apply(model.drop.apply(x)), y);
  const elastic = new ElasticWeights({
    ...{ parameters: parameters(model), inputs, loss, strength, backend: reference },
  });
  const penalty = compile(() => elastic.penalty(), { inputs: {}, backend: reference });
  const weights = () =>
    [model.head.weights.weight, model.head.weights.bias].flatMap((one) => Array.from(one?.value ?? []));
  const set = ([a, b, c]: readonly [number, number, number]) => {
    model.head.weights.weight.value = [a, b];
    (model.head.weights.bias as { value: ArrayLike<number> }).value = [c];
  };
  return { model, loss, elastic, penalty: () => Number(penalty({}).data[0]), weights, set };
}

/** The mean of squares of each row's gradient of the logistic loss: (sigmoid(w x + b) - y) (x, 1). */
function fisher([a, b, c]: readonly number[], list: ReturnType<typeof rows>): number[] {
  const sums = [0, 0, 0];
  for (const { x, y } of list) {
    const error = 1 / (1 + Math.exp(-((a as number) * x[0] + (b as number) * x[1] + (c as number)))) - y;
    [x[0], x[1], 1].forEach((one, at) => {
      sums[at] = (sums[at] as number) + (error * one) ** 2 / list.length;
    });
  }
  return sums;
}

const first: [number, number, number] = [0.5, -0.25, 0.75];
const second: [number, number, number] = [-1, 0.5, 0.25];
const third: [number, number, number] = [0.25, 1, -0.5];

describe("ElasticWeights", () => {
  test("F is the mean of squares of the gradients of rows, without dropout", () => {
    const { elastic, set } = setup();
    set(first);
    elastic.anchor(batchOf(rows(1, 9)));
    const expected = fisher(first, rows(1, 9));
    const found = elastic.precision.flatMap(({ value }) => Array.from(value));
    found.forEach((one, at) => {
      expect(one).toBeCloseTo(expected[at] as number, 6);
    });
    expect(elastic.center.flatMap(({ value }) => Array.from(value))).toEqual(first);
  });

  test("is 0 without an anchor and at it, and the sum over all anchors elsewhere", () => {
    const { elastic, penalty, set } = setup(3);
    set(first);
    expect(penalty()).toBe(0);
    elastic.anchor(batchOf(rows(1, 9)));
    expect(penalty()).toBe(0);
    set(second);
    elastic.anchor(batchOf(rows(2, 5)));
    set(third);
    elastic.anchor(batchOf(rows(3, 7)));
    set([2, -3, 1.5]);
    const anchors = [
      [first, fisher(first, rows(1, 9))],
      [second, fisher(second, rows(2, 5))],
      [third, fisher(third, rows(3, 7))],
    ] as const;
    const expected = anchors
      .flatMap(([center, held]) =>
        held.map((one, at) => one * (([2, -3, 1.5][at] as number) - (center[at] as number)) ** 2),
      )
      .reduce((sum, one) => sum + one, 0);
    expect(penalty()).toBeCloseTo(1.5 * expected, 5);
  });

  test("its gradient is strength times the sum of F (w - w*)", () => {
    const { elastic, model, set } = setup(2);
    const all = Object.values(parameters(model));
    const slope = compile(() => gradient(elastic.penalty(), all), { inputs: {}, backend: reference });
    set(first);
    elastic.anchor(batchOf(rows(1, 9)));
    set(second);
    elastic.anchor(batchOf(rows(2, 5)));
    set(third);
    const [one, two] = [fisher(first, rows(1, 9)), fisher(second, rows(2, 5))];
    const found = slope({}).flatMap(({ data }) => Array.from(data));
    found.forEach((slope, at) => {
      const expected =
        (one[at] as number) * ((third[at] as number) - (first[at] as number)) +
        (two[at] as number) * ((third[at] as number) - (second[at] as number));
      expect(slope).toBeCloseTo(2 * expected, 5);
    });
  });

  test("holds weights in a compiled step, the more the stronger", () => {
    const moved = [0, 40].map((strength) => {
      const { elastic, model, loss, set, weights } = setup(strength);
      const step = trainingStep({
        parameters: parameters(model),
        optimizer: sgd(),
        inputs,
        loss: (batch) => loss(batch).add(elastic.penalty()),
      });
      set(first);
      elastic.anchor(batchOf(rows(1, 9)));
      for (let update = 0; update < 200; update++) step.run(batchOf(rows(5, 6)), 0.02);
      return Math.hypot(...weights().map((weight, at) => weight - (first[at] as number)));
    });
    expect(moved[1]).toBeLessThan(0.2 * (moved[0] as number));
  });

  test("is written and read with the model", () => {
    const one = setup();
    one.set(first);
    one.elastic.anchor(batchOf(rows(1, 9)));
    one.set(second);
    const two = setup();
    readModel(writeModel({ ...one.model, elastic: one.elastic }), { ...two.model, elastic: two.elastic });
    expect(two.penalty()).toBe(one.penalty());
    expect(two.penalty()).toBeGreaterThan(0);
  });

  test("refuses to anchor at what is not finite, and stays as it was", () => {
    const { elastic, model, penalty, set } = setup();
    set(first);
    elastic.anchor(batchOf(rows(1, 9)));
    set(second);
    const before = penalty();
    const kept = JSON.stringify(
      [elastic.precision, elastic.center, elastic.spread].flat().map((one) => [...one.value]),
    );
    const batch = batchOf(rows(2, 3));
    expect(() =>
      elastic.anchor({
        ...batch,
        x: [
          [1, 2],
          [Number.NaN, 0],
          [1, 1],
        ],
      }),
    ).toThrow(
      new TrainingError("ElasticWeights: the loss of row 1 is NaN, finite numbers expected to anchor at"),
    );
    expect(() =>
      elastic.anchor({
        ...batch,
        x: [
          [1, 2],
          [3e38, 0],
          [1, 1],
        ],
      }),
    ).toThrow(TrainingError);
    set([Number.NaN, 1, 1]);
    expect(() => elastic.anchor(batch)).toThrow(
      `ElasticWeights: the weight ${model.head.weights.weight.name} is NaN, finite numbers expected to anchor at`,
    );
    set(second);
    expect(penalty()).toBe(before);
    expect(
      JSON.stringify([elastic.precision, elastic.center, elastic.spread].flat().map((one) => [...one.value])),
    ).toBe(kept);
  });

  test("refuses what does not fit", () => {
    const { elastic, model, loss } = setup();
    const options = { parameters: parameters(model), inputs, loss, strength: 1 };
    expect(() => new ElasticWeights({ ...options, strength: -1 })).toThrow(
      "ElasticWeights: strength -1 given, a number from 0 expected",
    );
    expect(() => new ElasticWeights({ ...options, parameters: [] })).toThrow("no trainable parameters");
    expect(() => new ElasticWeights({ ...options, loss: 1 as never })).toThrow("loss 1 given, a function");
    expect(() => new ElasticWeights({ ...options, inputs: { x: float32(2) } as never })).toThrow(
      'no axis "B"',
    );
    const none = { x: value(new Float32Array(0), [0, 2]), y: value(new Float32Array(0), [0, 1]) };
    expect(() => elastic.anchor(none)).toThrow("no rows given, one or more expected");
  });
});
