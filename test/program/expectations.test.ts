// What a program expects of the numbers it is given: lengths from 1 to T, checked at each call.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { DataError } from "../../src/errors.ts";
import {
  activationPenalty,
  crossEntropy,
  embedding,
  initialize,
  recurrent,
  residual,
  rnn,
  stacked,
} from "../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import { stream } from "../../src/program/stream.ts";
import { expectWithin } from "../../src/trace/expectation.ts";
import { join, where, zeros } from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
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

const words = initialize(embedding(10, 2), { seed: 3 });

describe("tokens of an embedding", () => {
  const types = { t: int32("T", "B") };
  test("lie in its vocabulary", () => {
    const run = compile(({ t }) => words.apply(t), { inputs: types });
    expect(run({ t: [[0, 9]] }).shape).toEqual([1, 2, 2]);
    expect(() => run({ t: [[1, 10]] })).toThrow(
      new DataError("input t: 10 given at 1 ([0][1]), 0 to 9 expected"),
    );
    expect(() => run({ t: [[1], [-1]] })).toThrow("input t: -1 given at 1 ([1][0]), 0 to 9 expected");
  });

  // Which elements of (2, 2) an expression shows, by the places of them.
  test.each<[string, (t: Tensor) => Tensor, number[]]>([
    ["transpose", (t) => t.transpose(), [0, 1, 2, 3]],
    ["slice", (t) => t.slice(0, 1), [2, 3]],
    ["at", (t) => t.at(1, 1), [1, 3]],
    ["flip", (t) => t.flip(0).slice(0, 0, 1), [2, 3]],
    ["slice of a transpose", (t) => t.transpose().slice(0, 0, 1), [0, 2]],
    ["slice of a slice", (t) => t.slice(0, 1).at(1, 0), [2]],
    ["what follows a start", (t) => join([zeros([1, "B"], "int32"), t.slice(0, 0, 1)], 0), [0, 1]],
    ["slice of a concatenation", (t) => join([t, t], 1).slice(1, 1, 3), [0, 1, 2, 3]],
    ["part of a concatenation", (t) => join([zeros(["T", 1], "int32"), t], 1).slice(1, 0, 2), [0, 2]],
    ["slice of a padding", (t) => t.pad(0, 1).slice(0, 0, 2), [0, 1]],
    ["slice of a repetition", (t) => t.broadcastTo([3, "T", "B"]).slice(1, 0, 1), [0, 1]],
    ["slice with more axes", (t) => t.reshape(["T", 1, "B"]).at(2, 0), [0, 2]],
    ["what is computed", (t) => where(t.less(0), 0, t).add(0), []],
  ])("that come by %s", (_, view, shown) => {
    const run = compile(({ t }) => [words.apply(view(t)), t.sum()], { inputs: types });
    for (let place = 0; place < 4; place++) {
      const tokens = Int32Array.of(1, 2, 3, 4);
      tokens[place] = 10;
      const call = () => run({ t: value(tokens, [2, 2]) });
      if (shown.includes(place)) expect(call).toThrow(`input t: 10 given at ${place} `);
      else expect(call).not.toThrow();
    }
  });

  test.each([undefined, 1, 2, 3])(
    "that a step reads, with checkpoint %s: at all steps, and at the start",
    (checkpoint) => {
      const run = compile(
        ({ t, start }) =>
          scan(
            (state: { h: Tensor; start: Tensor }, [token, pair]: readonly [Tensor, Tensor]) => {
              const read = words
                .apply(token)
                .add(words.apply(pair.at(1, 0)))
                .add(words.apply(state.start));
              return [{ h: state.h.add(read), start: state.start }, read];
            },
            { init: { h: zeros(["B", 2]), start }, inputs: [t.at(2, 0), t] as const, checkpoint },
          ).final.h,
        { inputs: { t: int32("T", "B", 2), start: int32("B") } },
      );
      const t = (last: number) => [[[1, 99]], [[2, 99]], [[last, 99]]];
      expect(run({ t: t(9), start: [0] }).shape).toEqual([1, 2]);
      expect(() => run({ t: t(10), start: [0] })).toThrow(
        "input t: 10 given at 4 ([2][0][0]), 0 to 9 expected",
      );
      // Where steps fill up the last chunk, states are computed.
      if (checkpoint !== undefined && checkpoint > 1) return;
      expect(() => run({ t: t(9), start: [-1] })).toThrow("input start: -1 given at 0, 0 to 9 expected");
    },
  );

  test("of a stream: the state stays as it is", () => {
    const live = stream(
      (t, state: { sum: Tensor }) => {
        const sum = state.sum.add(words.apply(t));
        return [{ sum }, sum];
      },
      { inputs: int32(2), state: { sum: [2, 2] } },
    );
    live.next([1, 2]);
    const before = live.save();
    for (const wrong of [[1, 10], Int32Array.of(99999, 1), [0, -1]]) {
      expect(() => live.next(wrong)).toThrow(/^input input: (10|99999|-1) given at [01], 0 to 9 expected$/);
    }
    expect(live.save()).toEqual(before);
  });
});

test("targets of a cross-entropy are classes, or the one that is ignored", () => {
  const run = compile(({ x, y }) => crossEntropy(x, y), { inputs: { x: float32("N", 3), y: int32("N") } });
  const logits = value(new Float32Array(6), [2, 3]);
  expect(run({ x: logits, y: [2, -1] }).data[0]).toBeCloseTo(Math.log(3), 6);
  expect(() => run({ x: logits, y: [0, 3] })).toThrow(
    new DataError("input y: 3 given at 1, 0 to 2, or -1, expected"),
  );
  expect(() => run({ x: logits, y: [-2, 0] })).toThrow("input y: -2 given at 0, 0 to 2, or -1, expected");
});
