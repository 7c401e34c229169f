// Penalties on activations and weights: against plain loops, with lengths, their gradients.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { gradient } from "../../src/gradient/index.ts";
import {
  activationPenalty,
  batchNorm,
  initialize,
  l2Penalty,
  linear,
  parameters,
  recurrent,
  rnn,
  temporalActivationPenalty,
} from "../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { checkGradient } from "../gradient/check.ts";
import { randomValue } from "../helpers/values.ts";

const [T, B, H] = [5, 3, 2];
const h = randomValue([T, B, H], 1);
const lengths = value(Int32Array.of(3, 5, 1), [B]);
const at = (t: number, b: number, k: number) => h.data[(t * B + b) * H + k] as number;

/** The mean over steps from `first` to each row's end of the squares of `term`. */
function mean(first: number, ends: ArrayLike<number>, term: (t: number, b: number, k: number) => number) {
  let [sum, count] = [0, 0];
  for (let b = 0; b < B; b++) {
    for (let t = first; t < (ends[b] as number); t++) {
      for (let k = 0; k < H; k++) {
        sum += term(t, b, k) ** 2;
        count += 1;
      }
    }
  }
  return sum / count;
}

const penalties = {
  activationPenalty: [activationPenalty, (ends: ArrayLike<number>) => mean(0, ends, at)],
  temporalActivationPenalty: [
    temporalActivationPenalty,
    (ends: ArrayLike<number>) => mean(1, ends, (t, b, k) => at(t, b, k) - at(t - 1, b, k)),
  ],
} as const;

describe.each(Object.entries(penalties))("%s", (_, [penalty, plain]) => {
  test("is the mean over all steps, or over each row's own", () => {
    const run = compile((inputs) => [penalty(inputs.h), penalty(inputs.h, inputs.lengths)], {
      inputs: { h: float32("T", "B", "H"), lengths: int32("B") },
      backend: reference,
    });
    const [all, own] = run({ h, lengths });
    expect(all?.data[0]).toBeCloseTo(plain([T, T, T]), 12);
    expect(own?.data[0]).toBeCloseTo(plain(lengths.data), 12);
  });
  test.each([Number.NaN, Number.POSITIVE_INFINITY])("does not see %d behind a row's end", (garbage) => {
    const run = compile(
      (inputs) => {
        const loss = penalty(inputs.h, inputs.n);
        return [loss, gradient(loss, inputs.h)] as const;
      },
      { inputs: { h: float32("T", "B", "H"), n: int32("B") }, backend: reference },
    );
    const spoilt = Float64Array.from(h.data, (own, place) => {
      const [t, b] = [Math.floor(place / (B * H)), Math.floor(place / H) % B];
      return t < (lengths.data[b] as number) ? own : garbage;
    });
    expect(run({ h: value(spoilt, [T, B, H]), n: lengths })).toEqual(run({ h, n: lengths }));
  });
  test("its gradient agrees with central differences", () => {
    checkGradient((inputs: { h: Tensor; n: Tensor }) => penalty(inputs.h, inputs.n.convert("int32")), {
      h,
      n: value(
        Float64Array.from(lengths.data, (one) => one + 0.5),
        [B],
      ),
    });
  });
});

test("steps that do not change cost nothing; of a single step there is no change", () => {
  const run = compile((inputs) => temporalActivationPenalty(inputs), { inputs: float32("T", "B", "H") });
  expect(run(value(new Float32Array(12).fill(3), [3, 2, 2])).data[0]).toBe(0);
  expect(run(value(new Float32Array(4).fill(3), [1, 2, 2])).data[0]).toBe(0);
});

test("l2Penalty is the sum of the squares of what is trained", () => {
  const model = initialize(
    { rnn: recurrent(rnn, 2, 3), norm: batchNorm(3), head: linear(3, 1) },
    { seed: 4 },
  );
  const all = parameters(model);
  const expected = Object.values(all)
    .filter(({ trainable }) => trainable)
    .flatMap((variable) => Array.from(variable.value))
    .reduce((sum, one) => sum + one ** 2, 0);
  const [byName, asList, one] = compile(
    () => [l2Penalty(all), l2Penalty(Object.values(all)), l2Penalty([model.head.weights.weight])],
    { inputs: {}, backend: reference },
  )({});
  expect(byName?.data[0]).toBeCloseTo(expected, 10);
  expect(asList?.data[0]).toBeCloseTo(expected, 10);
  const head = Array.from(model.head.weights.weight.value).reduce((sum, weight) => sum + weight ** 2, 0);
  expect(one?.data[0]).toBeCloseTo(head, 10);
});
