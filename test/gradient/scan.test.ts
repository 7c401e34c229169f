import { describe, expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { gradient } from "../../src/gradient/index.ts";
import { concat, sigmoid, tanh } from "../../src/trace/functions.ts";
import { type ScanOptions, scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { integerTensor, randomValue } from "../helpers/values.ts";
import { checkGradient, weightedSum } from "./check.ts";

const sizes = { T: 5, B: 3, I: 2, H: 4 };
const inputs = {
  x: randomValue([sizes.T, sizes.B, sizes.I], 1),
  h: randomValue([sizes.B, sizes.H], 2),
  c: randomValue([sizes.B, sizes.H], 3),
  w: randomValue([sizes.H + sizes.I, sizes.H], 4),
  v: randomValue([sizes.H, sizes.H], 5),
  b: randomValue([sizes.H], 6),
  seed: randomValue([sizes.T, sizes.B, sizes.H], 7),
};
type Inputs = { [Name in keyof typeof inputs]: Tensor };
type Options = Omit<ScanOptions<unknown, unknown>, "init" | "inputs">;

/** A cell with two states, products, and elementwise work of many kinds. */
function network({ x, h, c, w, v, b, seed }: Inputs, options: Options): Tensor {
  const { final, outputs } = scan(
    (state: { h: Tensor; c: Tensor }, input: Tensor) => {
      const gate = sigmoid(concat(state.h, input).dot(w).add(b));
      const next = gate.mul(state.c).add(tanh(state.h.dot(v)));
      return [{ h: gate.mul(tanh(next)), c: next }, next.mul(gate)] as const;
    },
    { init: { h, c }, inputs: x, ...options },
  );
  return weightedSum(outputs, seed).add(final.h.square().sum()).add(final.c.sum());
}

describe("the gradient of a scan agrees with central differences", () => {
  const cases: Record<string, Options> = {
    forwards: {},
    reversed: { reverse: true },
    "with lengths": { lengths: integerTensor(5, 2, 3) },
    "reversed with lengths": { lengths: integerTensor(5, 2, 3), reverse: true },
    "checkpointed every 2 steps": { checkpoint: 2 },
    "checkpointed every 3 steps, reversed": { checkpoint: 3, reverse: true },
    "checkpointed with lengths": { checkpoint: 2, lengths: integerTensor(1, 4, 5) },
    "checkpointed every step": { checkpoint: 1 },
  };
  for (const [name, options] of Object.entries(cases)) {
    test(name, () => checkGradient((tensors) => network(tensors, options), inputs));
  }

  test("with a connection three steps back", () => {
    for (const reverse of [false, true]) {
      checkGradient(({ x, h, w, v, seed }) => {
        const { outputs } = scan(
          (state: Tensor, input: Tensor, past) => {
            const next = tanh(
              concat(state, input).dot(w).add(past.back(3).dot(v)).add(past.back(1).mul(0.5)),
            );
            return [next, next] as const;
          },
          { init: h, inputs: x, reverse, history: h },
        );
        return weightedSum(outputs, seed);
      }, inputs);
    }
  });

  test("with reads by index, as over a tree", () => {
    const left = integerTensor(-1, -1, -1, 0, -1, 0, 1, 2, 1, 3, 0, 2, 1, 1, 1).reshape([5, 3]);
    checkGradient(({ x, v, w, seed }) => {
      const { outputs } = scan(
        (_state: Record<never, never>, { input, child }: { input: Tensor; child: Tensor }, past) => {
          const from = past.at(child);
          const next = tanh(concat(from, input).dot(w).add(from.dot(v)));
          return [{}, next] as const;
        },
        { init: {}, inputs: { input: x, child: left }, history: x.at(0, 0).dot(w.slice(0, 0, sizes.I)) },
      );
      return weightedSum(outputs, seed);
    }, inputs);
  });
});

describe("second derivatives through a scan", () => {
  const small: Record<string, Value> = inputs;
  test("are right", () => {
    for (const options of [{}, { reverse: true }, { lengths: integerTensor(5, 2, 3) }]) {
      checkGradient((tensors) => {
        const all = tensors as unknown as Inputs;
        const [dw, dx] = gradient(network(all, options), [all.w, all.x] as const);
        return dw.square().sum().add(dx.square().sum());
      }, small);
    }
  });
  test("are right through a fixed distance of history", () => {
    checkGradient(({ x, h, w, v, seed }) => {
      const { outputs } = scan(
        (state: Tensor, input: Tensor, past) => {
          const next = tanh(concat(state, input).dot(w).add(past.back(2).dot(v)));
          return [next, next] as const;
        },
        { init: h, inputs: x, history: h },
      );
      return gradient(weightedSum(outputs, seed), w).square().sum();
    }, inputs);
  });
  test("are refused through history read by index", () => {
    const child = integerTensor(-1, -1, -1, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3).reshape([5, 3]);
    const derive = () =>
      checkGradient(({ x, v, seed }) => {
        const { outputs } = scan(
          (_state: Record<never, never>, { input, index }: { input: Tensor; index: Tensor }, past) => {
            const next = tanh(concat(input, input).add(past.at(index).dot(v)));
            return [{}, next] as const;
          },
          { init: {}, inputs: { input: x, index: child }, history: concat(x.at(0, 0), x.at(0, 0)) },
        );
        return gradient(weightedSum(outputs, seed), v).square().sum();
      }, inputs);
    expect(derive).toThrow(/second derivatives of a scan whose step reads its history by index/);
  });
});
