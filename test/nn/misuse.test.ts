// What stands where a cell, a layer, an optimiser or a schedule belongs is refused with what was expected there.
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import * as nn from "../../src/nn/index.ts";
import { float32 } from "../../src/program/compile.ts";
import { Variable } from "../../src/trace/variable.ts";
import { runTraining } from "../../src/training/loop.ts";
import { adam, createOptimizer } from "../../src/training/optimizers.ts";
import { completeSchedule, warmUp } from "../../src/training/schedules.ts";
import { type TrainingStepOptions, trainingStep } from "../../src/training/step.ts";

const { linear, lstm, lstmWith, recurrent } = nn;

describe("a cell", () => {
  const takers: Readonly<Record<string, (cell: never) => unknown>> = {
    recurrent: (cell) => recurrent(cell, 2, 3),
    clockwork: (cell) => nn.clockwork(cell, 2, 4, { periods: [1, 2] }),
    deepen: (cell) => nn.deepen(cell, { input: nn.feedForward([2]) }),
    withSkips: (cell) => nn.withSkips(cell, [2]),
  };
  test.each(Object.entries(takers))("%s", (name, take) => {
    const refused = (given: unknown, rest: string) =>
      expect(() => take(given as never)).toThrow(new UsageError(`${name}: ${rest}`));
    refused("lstm", '"lstm" given, a cell such as lstm expected: cells["lstm"] is the one of a name');
    refused(undefined, "undefined given, a cell such as lstm expected");
    refused(lstmWith, "the function lstmWith given, a cell such as lstm expected: call it");
    refused(linear(1, 1), "an object given, a cell such as lstm expected");
    refused({ cell: lstm }, "an object given, a cell such as lstm expected");
  });
  test("parts, networks and distances that are none", () => {
    const odd = nn.cell("odd", (() => undefined) as never, (() => ({})) as never);
    expect(() => recurrent(odd, 1, 1)).toThrow(
      "cell odd: parts undefined given, { state, weights } expected",
    );
    const stepless = nn.cell(
      "stepless",
      () => ({ state: { h: 1 }, weights: {} }),
      (() => undefined) as never,
    );
    expect(() => recurrent(stepless, 1, 1)).toThrow(
      "cell stepless: the step gives undefined, { h } expected",
    );
    const bare = nn.cell(
      "bare",
      (() => ({ state: { h: 1 }, weights: { W: 3 } })) as never,
      lstm.step as never,
    );
    expect(() => recurrent(bare, 1, 1)).toThrow(
      "cell bare: weight W undefined given, matrix(...) or vector(...)",
    );
    expect(() => nn.deepen(lstm, { input: [64] as never })).toThrow(
      "deepen(lstm): input an array of 1 given",
    );
    expect(() => nn.feedForward(64 as never)).toThrow("feedForward: 64 given, a list of sizes expected");
    expect(() => nn.feedForward([64], "tanh" as never)).toThrow('feedForward: activation "tanh" given');
    expect(() => nn.withSkips(lstm, 2 as never)).toThrow("withSkips(lstm): distances 2 given");
  });
});

test("a layer along time", () => {
  const rnn = recurrent(lstm, 2, 2);
  const expected = "a layer such as recurrent(lstm, 8, 16) expected";
  const plain = "a layer that does not run along time given";
  for (const [call, message] of [
    [() => nn.stacked("lstm" as never), `stacked: layer 0: "lstm" given, ${expected}`],
    [() => nn.stacked(rnn, linear(2, 2) as never), `stacked: layer 1: ${plain}, ${expected}`],
    [() => nn.stacked(rnn, undefined as never), `stacked: layer 1: undefined given, ${expected}`],
    [() => nn.residual(linear(2, 2) as never), `residual: ${plain}, ${expected}`],
    [() => nn.highway(lstm as never), `highway: an object given, ${expected}`],
  ] as const) {
    expect(call).toThrow(new UsageError(message));
  }
});

test("sizes and weights that are none", () => {
  const size = 'input size "2" given, a positive integer expected';
  expect(() => linear("2" as never, 3)).toThrow(new UsageError(`linear: ${size}`));
  expect(() => recurrent(lstm, "2" as never, 3)).toThrow(new UsageError(`recurrent(lstm): ${size}`));
  expect(() => nn.dropout("0.5" as never)).toThrow('dropout: probability "0.5" given');
  expect(() => linear(1, 1, { weight: [1] as never })).toThrow(
    "linear: weight an array of 1 given, a variable",
  );
  expect(() => new Variable("w", 3 as never)).toThrow("w: the shape 3 given, a list of sizes expected");
  expect(() => new Variable("w", ["3"] as never)).toThrow(
    'w: the size "3" given, a positive integer expected',
  );
  expect(() => new Variable([3] as never, "w" as never)).toThrow("a variable: the name an array of 1 given");
});

describe("a training step", () => {
  const w = new Variable("w", []);
  const make = (more: object) => () =>
    trainingStep({
      ...{ parameters: [w], optimizer: adam(), inputs: { x: float32() } },
      loss: ({ x }) => ({ loss: w.mul(x as never), outputs: {} }),
      ...more,
    } as TrainingStepOptions<{ x: ReturnType<typeof float32> }, object>);
  test.each([
    [{ optimizer: "adam" }, 'optimizer "adam" given, an optimiser such as adam() expected'],
    [{ optimizer: adam }, "optimizer the function adam given, an optimiser such as adam() expected"],
    [{ optimizer: undefined }, "option optimizer is missing: an optimiser such as adam() expected"],
    [
      { parameters: new Map([["w", w]]) },
      "parameters a Map given, parameters(model) or a list of variables expected",
    ],
    [
      { parameters: [linear(1, 1)] },
      "parameter 0 is an object, a variable expected: parameters(model) gives those of a model",
    ],
    [{ loss: 3 }, "loss 3 given, a function expected"],
    [{ loss: () => undefined }, "the loss returned undefined, a tensor or { loss, outputs } expected"],
    [
      { loss: async () => ({ loss: w, outputs: {} }) },
      "the loss returned a Promise, a tensor or { loss, outputs } expected",
    ],
    [
      { loss: () => ({ loss: 3, outputs: {} }) },
      "the loss returned an object, a tensor or { loss, outputs } expected",
    ],
  ])("%o is refused", (more, message) => {
    expect(make(more)).toThrow(new UsageError(`trainingStep: ${message}`));
  });
  test("parameters may be a record, and the loss a tensor alone", () => {
    w.value = [3];
    const step = make({ parameters: { w }, loss: ({ x }: { x: never }) => w.mul(x) })();
    const { loss, outputs } = step.run({ x: 2 } as never, 0);
    expect([loss, outputs]).toEqual([6, {}]);
  });
  test.each([undefined, Number.NaN, -1, "0.1"])(
    "a learning rate of %j is refused, and nothing changes",
    (rate) => {
      w.value = [1];
      const step = make({})();
      expect(() => step.run({ x: [1] } as never, rate as never)).toThrow(
        /^trainingStep: learning rate .* given, a finite number from 0 on/,
      );
      expect([w.value[0], step.state.step]).toEqual([1, 0]);
    },
  );
});

test("optimisers and schedules by name", () => {
  expect(() => createOptimizer(adam() as never)).toThrow(/^optimizer an object is unknown: expected sgd, /);
  expect(() => warmUp(0.1 as never, 2)).toThrow(
    new UsageError("warmUp: schedule 0.1 given, a schedule such as constant(0.001) expected"),
  );
  expect(() => completeSchedule("cosine" as never)).toThrow(
    new UsageError('schedule "cosine" given, an object such as { kind: "cosine" } expected'),
  );
});

test("a training loop without a schedule", async () => {
  const given = {
    task: { step() {} },
    epochs: 1,
    batches: 1,
    schedule: 0.1,
  };
  await expect(runTraining(given as never)).rejects.toThrow("runTraining: schedule 0.1 given");
});
