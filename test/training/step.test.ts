// A training step on a small least-squares problem: what is trained, clipped, returned and refused.
import { describe, expect, it } from "vitest";
import { ShapeError, TrainingError, UsageError } from "../../src/errors.ts";
import { initialize, l2Penalty, linear, parameters } from "../../src/nn/index.ts";
import { float32 } from "../../src/program/compile.ts";
import { Variable } from "../../src/trace/variable.ts";
import { adam, rmsprop, sgd } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";

/** loss = mean((x w + b - y)^2), b frozen unless said otherwise. */
function problem(
  settings: { clipNorm?: number; clipValue?: number; optimizer?: ReturnType<typeof sgd> } = {},
) {
  const w = new Variable("w", [2]);
  const b = new Variable("b", [1], { trainable: false });
  w.value = [0, 0];
  b.value = [1];
  const step = trainingStep({
    parameters: [w, b],
    optimizer: settings.optimizer ?? sgd(),
    ...settings,
    inputs: { x: float32("N", 2), y: float32("N") },
    loss: ({ x, y }) => {
      const error = x.dot(w).add(b).sub(y);
      return { loss: error.square().mean(), outputs: { error } };
    },
  });
  return { w, b, step };
}

const data = {
  x: [
    [1, 0],
    [0, 2],
  ],
  y: [4, 9],
};
// With w = 0: errors -3 and -8, gradient 2 / 2 * (x^T error) = (-3, -16).
const norm = Math.hypot(3, 16);

it("returns the loss, the norm and the outputs from before the update, and changes what is trainable", () => {
  const { w, b, step } = problem();
  const result = step.run(data, 0.1);
  expect(result.loss).toBeCloseTo((9 + 64) / 2, 4);
  expect(result.gradientNorm).toBeCloseTo(norm, 4);
  expect(Array.from(result.outputs.error.data)).toEqual([-3, -8]);
  expect(w.value[0]).toBeCloseTo(0.3, 6);
  expect(w.value[1]).toBeCloseTo(1.6, 6);
  expect(Array.from(b.value)).toEqual([1]);
  expect(step.state.step).toBe(1);
});

it("clips by the norm, and reports the norm from before", () => {
  const { w, step } = problem({ clipNorm: 1 });
  expect(step.run(data, 1).gradientNorm).toBeCloseTo(norm, 4);
  expect(w.value[0]).toBeCloseTo(3 / norm, 5);
  expect(w.value[1]).toBeCloseTo(16 / norm, 5);
});

it("clips by value first", () => {
  const { w, step } = problem({ clipValue: 4, clipNorm: 2.5 });
  expect(step.run(data, 1).gradientNorm).toBeCloseTo(5, 4);
  expect(w.value[0]).toBeCloseTo(1.5, 5);
  expect(w.value[1]).toBeCloseTo(2, 5);
});

it("clips each layer by its own norm, then all by theirs", () => {
  const layers = (settings: { clipLayerNorm?: number; clipNorm?: number }) => {
    const model = { large: linear(2, 1), small: linear(1, 1) };
    for (const variable of Object.values(parameters(model)))
      variable.value = new Float32Array(variable.count).fill(1);
    const step = trainingStep({
      parameters: parameters(model),
      optimizer: sgd(),
      ...settings,
      inputs: { x: float32("N", 2), z: float32("N", 1) },
      loss: ({ x, z }) => model.large.apply(x).sum().add(model.small.apply(z).sum()),
    });
    // Gradients: large (30, 40) and 1, small 0.3 and 1.
    const { gradientNorm } = step.run({ x: [[30, 40]], z: [[0.3]] }, 1);
    const moved = Object.values(parameters(model)).flatMap((variable) =>
      Array.from(variable.value, (one) => 1 - one),
    );
    return { gradientNorm, moved };
  };
  const [large, small] = [Math.hypot(30, 40, 1), Math.hypot(0.3, 1)];
  const whole = Math.hypot(large, small);
  const byLayer = [30 / large, 40 / large, 1 / large, 0.3 / small, 1 / small].map((one) => 0.5 * one);
  const once = layers({ clipLayerNorm: 0.5 });
  expect(once.gradientNorm).toBeCloseTo(whole, 4);
  once.moved.forEach((one, at) => {
    expect(one).toBeCloseTo(byLayer[at] as number, 5);
  });
  const both = layers({ clipLayerNorm: 0.5, clipNorm: 0.1 });
  expect(both.gradientNorm).toBeCloseTo(whole, 4);
  both.moved.forEach((one, at) => {
    expect(one).toBeCloseTo((0.1 / Math.hypot(0.5, 0.5)) * (byLayer[at] as number), 5);
  });
});

it("finds the solution, for batches of any size", () => {
  const { w, step } = problem({ optimizer: adam() });
  for (let k = 0; k < 400; k++) {
    const rows = 1 + (k % 3);
    const x = Array.from({ length: rows }, (_, row) => [Math.sin(k + row), Math.cos(2 * k - row)]);
    const y = x.map(([first = 0, second = 0]) => 1 + 2 * first - 3 * second);
    step.run({ x, y }, 0.05);
  }
  expect(w.value[0]).toBeCloseTo(2, 2);
  expect(w.value[1]).toBeCloseTo(-3, 2);
});

it("refuses to train nothing", () => {
  const frozen = new Variable("frozen", [1], { trainable: false });
  const make = () =>
    trainingStep({
      parameters: [frozen],
      optimizer: sgd(),
      inputs: {},
      loss: () => ({ loss: frozen.sum(), outputs: {} }),
    });
  expect(make).toThrow(UsageError);
});

it("refuses learning rates that are none, before anything changes", () => {
  const { w, step } = problem();
  for (const rate of [Number.NaN, -0.1, Infinity, undefined, null, "0.1"]) {
    const printed = typeof rate === "string" ? JSON.stringify(rate) : String(rate);
    expect(() => step.run(data, rate as number)).toThrow(
      new UsageError(`trainingStep: learning rate ${printed} given, a finite number from 0 on expected`),
    );
  }
  expect(() => step.run({ ...data, x: [[1, undefined as never]] }, 0.1)).toThrow("undefined given at [0][1]");
  expect(step.state.step).toBe(0);
  expect([...w.value]).toEqual([0, 0]);
  expect(step.run(data, 0).loss).toBeGreaterThan(0);
  expect([...w.value]).toEqual([0, 0]);
});

describe("a loss or gradient that is not finite", () => {
  /** loss = sum over w of scale * sqrt(w - x), and a mean of x that is updated besides. */
  function fragile(
    optimizer: ReturnType<typeof sgd>,
    settings: { clipNorm?: number; clipValue?: number } = {},
  ) {
    const w = new Variable("w", [2]);
    const seen = new Variable("seen", [2], { trainable: false });
    w.value = [1, 4];
    seen.value = [0, 0];
    const step = trainingStep({
      parameters: [w],
      optimizer,
      ...settings,
      inputs: { x: float32(2) },
      loss: ({ x }, update) => {
        update(seen, seen.mul(0.5).add(x));
        return { loss: w.sub(x).sqrt().sum(), outputs: {} };
      },
    });
    return { step, all: () => [w, seen, ...step.state.slots.flatMap((slots) => Object.values(slots))] };
  }
  const good = { x: [0.5, 0.25] };
  it.each([
    ["the loss is NaN", { x: [9, 9] }],
    ["the loss is NaN", { x: [Number.NaN, 0] }],
    ["the loss is Infinity", { x: [Number.NEGATIVE_INFINITY, 0] }],
    ["the norm of the gradients is Infinity", undefined],
  ])("%s: an error, and everything is as before", (message, data) => {
    for (const optimizer of [sgd({ momentum: 0.9 }), adam(), rmsprop({ centered: true })]) {
      for (const settings of [{}, { clipNorm: 1 }]) {
        const { step, all } = fragile(optimizer, settings);
        step.run(good, 0.01);
        const before = all().map(({ value }) => [...value]);
        // Where w is x, the slope of the root is infinite, and the loss is not.
        const bad = data ?? { x: [before[0]?.[0] as number, 0] };
        expect(() => step.run(bad, 0.01)).toThrow(TrainingError);
        expect(() => step.run(bad, 0.01)).toThrow(
          `${message} at step 2: training diverged; try a lower learning rate or stronger clipping; weights and optimiser are as they were before it`,
        );
        expect(all().map(({ value }) => [...value])).toEqual(before);
        expect(step.state.step).toBe(1);
        step.run(good, 0.01);
        expect(step.state.step).toBe(2);
        expect([...(all()[0]?.value ?? [])]).not.toEqual(before[0]);
      }
    }
  });
  it("checks what is updated as compile does: no value of another shape", () => {
    const w = new Variable("w", [2]);
    const make = () =>
      trainingStep({
        parameters: [w],
        optimizer: sgd(),
        inputs: {},
        loss: (_, update) => {
          update(w, w.sum());
          return { loss: w.sum(), outputs: {} };
        },
      });
    expect(make).toThrow(new ShapeError("update of w: () given, (2) expected"));
  });
});

it("refuses a loss that reads none of the parameters", () => {
  const w = new Variable("w", [1]);
  w.value = [1];
  const make = () =>
    trainingStep({
      parameters: [w],
      optimizer: sgd(),
      inputs: { x: float32(1) },
      loss: ({ x }) => ({ loss: x.sum(), outputs: {} }),
    });
  expect(make).toThrow(
    new UsageError("trainingStep: the loss reads none of the parameters, one or more expected"),
  );
});

it("refuses a second update of what it trains", () => {
  const w = new Variable("w", [1]);
  w.value = [1];
  const make = () =>
    trainingStep({
      parameters: [w],
      optimizer: sgd(),
      inputs: {},
      loss: (_, update) => {
        update(w, w.mul(2));
        return { loss: w.sum(), outputs: {} };
      },
    });
  expect(make).toThrow(new UsageError("w is updated twice in one program"));
});

it("an optimiser's weight decay makes the updates of half as much L2 in the loss", () => {
  const train = (inLoss: boolean) => {
    const model = initialize({ head: linear(2, 1) }, { seed: 3 });
    const step = trainingStep({
      parameters: parameters(model),
      optimizer: adam({ weightDecay: inLoss ? 0 : 0.3 }),
      inputs: { x: float32("N", 2), y: float32("N", 1) },
      loss({ x, y }) {
        const loss = model.head.apply(x).sub(y).square().mean();
        return inLoss ? loss.add(l2Penalty(parameters(model)).mul(0.15)) : loss;
      },
    });
    for (let k = 0; k < 20; k++) step.run({ x: [[1, k % 3]], y: [[k % 2]] }, 0.05);
    return Object.values(parameters(model)).flatMap(({ value }) => Array.from(value));
  };
  const [inLoss, inOptimizer] = [train(true), train(false)];
  inLoss.forEach((weight, at) => {
    expect(weight).toBeCloseTo(inOptimizer[at] as number, 5);
  });
});
