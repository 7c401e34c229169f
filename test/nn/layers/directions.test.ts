// Both directions and how their outputs are joined; single steps.
import { describe, expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import { ShapeError, UsageError } from "../../../src/errors.ts";
import {
  type CellName,
  cells,
  initialize,
  joins,
  lstm,
  recurrent,
  rnn,
  stateTypes,
} from "../../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import type { Variable } from "../../../src/trace/variable.ts";
import { weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { runner, stateOf } from "../../helpers/layers.ts";
import { randomValue, rowAt, rowsOf } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";
import { type PlainWeights, plainPass, plainSteps, type Row } from "./plain-recurrent.ts";

const [T, B, I, H] = [6, 3, 4, 5];
const lengths = value(Int32Array.of(4, 6, 1), [B]);
const x = randomValue([T, B, I], 1);

const joining: Record<(typeof joins)[number], (forward: Row, backward: Row) => Row> = {
  concat: (forward, backward) => [...forward, ...backward],
  sum: (forward, backward) => forward.map((one, k) => one + (backward[k] as number)),
  mean: (forward, backward) => forward.map((one, k) => (one + (backward[k] as number)) / 2),
  product: (forward, backward) => forward.map((one, k) => one * (backward[k] as number)),
};

describe("both directions in two layers are plain loops over each row alone, their outputs joined", () => {
  for (const cell of Object.keys(plainSteps) as (keyof typeof plainSteps)[]) {
    for (const join of joins) {
      test(`${cell}, ${join}`, () => {
        const layer = initialize(recurrent(cells[cell], I, H, { direction: "both", layers: 2, join }), {
          seed: 1,
        });
        expect(layer.outputSize).toBe(join === "concat" ? 2 * H : H);
        const state = stateOf(layer, B, 60);
        const found = runner(layer, { state: true, lengths: true })({ x, state, lengths });
        const weightsOf = (depth: number, end: string): PlainWeights => {
          const rows = (name: string) => {
            const variable = (layer.weights as Record<string, Variable>)[
              `${name}_l${depth}${end}`
            ] as Variable;
            return rowsOf({ data: variable.value, shape: variable.dimensions });
          };
          return {
            weight_ih: rows("weight_ih"),
            weight_hh: rows("weight_hh"),
            bias_ih: rows("bias_ih").flat(),
            bias_hh: rows("bias_hh").flat(),
          };
        };
        lengths.data.forEach((length, b) => {
          let row: Row[] = Array.from({ length }, (_, t) => rowAt(x, t, b));
          for (const depth of [0, 1]) {
            const [forward, backward] = ["", "_reverse"].map((end, turn) => {
              const plane = 2 * depth + turn;
              const init = Object.fromEntries(
                Object.entries(state).map(([name, part]) => [name, rowAt(part, plane, b)]),
              );
              const plain = plainPass(cell, weightsOf(depth, end), row, init, turn === 1);
              for (const [name, last] of Object.entries(plain.state)) {
                expectClose(rowAt(found.state[name] as Value, plane, b), last, 11);
              }
              return plain.outputs;
            }) as [Row[], Row[]];
            row = forward.map((step, t) => joining[join](step, backward[t] as Row));
          }
          for (let t = 0; t < T; t++) {
            const expected = row[t] ?? new Array(layer.outputSize).fill(0);
            expectClose(rowAt(found.output, t, b), expected, 11);
          }
        });
      });
    }
  }
});

describe("the gradient of joined outputs agrees with central differences", () => {
  for (const join of joins) {
    test(join, () => {
      const layer = recurrent(lstm, I, H, { direction: "both", layers: 2, join });
      const found = checkModelGradient(
        layer,
        (inputs) => weightedSum(layer.apply(inputs.x, { lengths: inputs.lengths }).output, inputs.seed),
        { x, lengths, seed: randomValue([T, B, layer.outputSize], 4) },
      );
      expect(found).toBe(Object.keys(layer.weights).length);
    });
  }
});

describe("single steps", () => {
  for (const name of ["rnn", "lstm", "gru", "textbook-gru"] as CellName[]) {
    for (const zoneout of [0, 0.4]) {
      test(`${name}, zoneout ${zoneout}: as many as a sequence has give what it gives`, () => {
        const layer = initialize(recurrent(cells[name], I, H, { layers: 2, zoneout }), { seed: 2 });
        const run = runner(layer, { state: true });
        const step = compile(
          (inputs: { x: Tensor; state: Record<string, Tensor> }) => layer.step(inputs.x, inputs.state),
          { inputs: { x: float32("B", I), state: stateTypes(layer) } as never, backend: reference },
        ) as unknown as typeof run;
        let state = stateOf(layer, B, 80);
        const whole = run({ x, state });
        for (let t = 0; t < T; t++) {
          const result = step({ x: value(x.data.slice(t * B * I, (t + 1) * B * I), [B, I]), state });
          expectClose(result.output.data, whole.output.data.slice(t * B * H, (t + 1) * B * H));
          state = result.state;
        }
        for (const [part, { data }] of Object.entries(whole.state)) {
          expectClose(state[part]?.data, data);
        }
      });
    }
  }
  test("are refused by a network that reads backwards, and for inputs and states that do not fit", () => {
    const trace = (direction: "forward" | "reverse" | "both", ...shape: (number | string)[]) =>
      compile(
        (inputs: { x: Tensor; h: Tensor }) =>
          recurrent(rnn, I, H, { direction }).step(inputs.x, { h: inputs.h }).output,
        { inputs: { x: float32(...shape), h: float32(1, "B", H) } },
      );
    expect(() => trace("both", "B", I)).toThrow(
      new UsageError(
        "recurrent(rnn): a bidirectional network cannot take single steps, a forward one expected",
      ),
    );
    expect(() => trace("reverse", "B", I)).toThrow(
      new UsageError("recurrent(rnn): a reverse network cannot take single steps, a forward one expected"),
    );
    expect(() => trace("forward", "T", "B", I)).toThrow(
      /^recurrent\(rnn\): float32 \(T, B, 4\) given, float32 \(B, 4\) expected, at .*directions\.test\.ts/,
    );
    expect(() => trace("forward", "A", I)).toThrow(
      /^recurrent\(rnn\): the state h \(1, B, 5\) given, h \(1, A, 5\) expected, at .*directions\.test\.ts/,
    );
  });
});

test("a join that does not exist is refused", () => {
  expect(() => recurrent(rnn, I, H, { join: "max" as never })).toThrow(
    new UsageError('recurrent(rnn): join "max" given, concat, sum, mean, product expected'),
  );
});

test("lengths that are not int32 (B) are refused, with the line", () => {
  const trace = (type: ReturnType<typeof int32>) => () =>
    compile(
      (inputs: { x: Tensor; lengths: Tensor }) =>
        recurrent(rnn, I, H).apply(inputs.x, { lengths: inputs.lengths }).output,
      { inputs: { x: float32("T", "B", I), lengths: type } },
    );
  expect(trace(int32("N"))).toThrow(ShapeError);
  expect(trace(int32("N"))).toThrow(
    /^recurrent\(rnn\): lengths int32 \(N\) given, int32 \(B\) expected, at .*directions\.test\.ts/,
  );
  expect(trace(float32("B"))).toThrow(/^recurrent\(rnn\): lengths float32 \(B\) given, int32 \(B\) expected/);
});
