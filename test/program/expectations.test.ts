// What a program expects of the numbers it is given: lengths from 1 to T, checked at each call.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { DataError } from "../../src/errors.ts";
import { activationPenalty, initialize, recurrent, residual, rnn, stacked } from "../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import { expectWithin } from "../../src/trace/expectation.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { sgd } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";

const layer = initialize(recurrent(rnn, 2, 3, { layers: 2 }), { seed: 1 });
const x = (steps: number, batch: number) => value(new Float32Array(steps * batch * 2), [steps, batch, 2]);
const types = { x: float32("T", "B", 2), lengths: int32("B") } as const;

describe("lengths", () => {
  const run = compile((inputs) => layer.apply(inputs.x, { lengths: inputs.lengths }).output, {
    inputs: types,
  });
  test("from 1 to T are fine, whatever T is", () => {
    expect(run({ x: x(4, 3), lengths: [1, 4, 2] }).shape).toEqual([4, 3, 3]);
    expect(run({ x: x(9, 2), lengths: [9, 1] }).shape).toEqual([9, 2, 3]);
  });
  test.each([
    [[2, 5, 1], "input lengths: 5 given at 1, 1 to T = 4 expected"],
    [[2, 1, 0], "input lengths: 0 given at 2, 1 to T = 4 expected"],
    [[-3, 1, 0], "input lengths: -3 given at 0, 1 to T = 4 expected"],
  ])("%j are refused", (lengths, message) => {
    expect(() => run({ x: x(4, 3), lengths })).toThrow(new DataError(message));
    expect(run({ x: x(6, 3), lengths: [2, 5, 1] }).shape).toEqual([6, 3, 3]); // and the program goes on
  });
  test("of a program without declared inputs", () => {
    const free = compile(
      (inputs: { x: Tensor; n: Tensor }) => layer.apply(inputs.x, { lengths: inputs.n }).output,
      {
        backend: reference,
      },
    );
    expect(() => free({ x: x(4, 1), n: value(Int32Array.of(5), [1]) })).toThrow(
      new DataError("input n: 5 given at 0, 1 to 4 expected"),
    );
  });
  test("of a training step, through layers within layers", () => {
    const deep = initialize(stacked(recurrent(rnn, 2, 3), residual(recurrent(rnn, 3, 3))), { seed: 2 });
    const step = trainingStep({
      parameters: Object.values(layer.weights),
      optimizer: sgd(),
      inputs: types,
      loss: (inputs) => ({
        loss: layer
          .apply(inputs.x)
          .output.sum()
          .add(deep.apply(inputs.x, { lengths: inputs.lengths }).output.sum()),
        outputs: {},
      }),
    });
    expect(() => step.run({ x: x(4, 1), lengths: [5] }, 0.1)).toThrow(
      /lengths: 5 given at 0, 1 to T = 4 expected/,
    );
    expect(Number.isFinite(step.run({ x: x(4, 1), lengths: [4] }, 0.1).loss)).toBe(true);
  });
  test("of a penalty", () => {
    const penalty = compile((inputs) => activationPenalty(inputs.x, inputs.lengths), { inputs: types });
    expect(() => penalty({ x: x(2, 1), lengths: [3] })).toThrow(
      "input lengths: 3 given at 0, 1 to T = 2 expected",
    );
  });
});

test("are a program's own: another that reads an input of the same name and type expects nothing", () => {
  const strict = compile(
    (inputs) => {
      expectWithin(inputs.n, 0, 9);
      return inputs.n.add(1);
    },
    { inputs: { n: int32("B") } },
  );
  const free = compile((inputs) => inputs.n.add(1), { inputs: { n: int32("B") } });
  expect(Array.from(free({ n: [10, -1] }).data)).toEqual([11, 0]);
  expect(() => strict({ n: [0, 9, 10] })).toThrow(new DataError("input n: 10 given at 2, 0 to 9 expected"));
});

test("hold of inputs alone: what a program computes is its own affair", () => {
  const run = compile(
    (inputs) => {
      const shifted = inputs.n.add(5);
      expectWithin(shifted, 0, 3);
      return shifted;
    },
    { inputs: { n: int32("B") } },
  );
  expect(Array.from(run({ n: [1] }).data)).toEqual([6]);
});

test("are forgotten where a function fails while it is traced", () => {
  expect(() =>
    compile(
      (inputs) => {
        expectWithin(inputs.n, 0, 1);
        throw new Error("stop");
      },
      { inputs: { n: int32("B") } },
    ),
  ).toThrow("stop");
  const run = compile((inputs) => inputs.n.mul(2), { inputs: { n: int32("B") } });
  expect(Array.from(run({ n: [7] }).data)).toEqual([14]);
});
