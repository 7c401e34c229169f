// Scheduled sampling: between teacher forcing and running freely, with and without the gradient through own inputs.
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { DataError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import {
  drawClasses,
  gru,
  initialize,
  linear,
  parameters,
  recurrent,
  scheduledSampling,
  startState,
  withKey,
} from "../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import { oneHot, randomUniform, range, scalar, where } from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { adam } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";
import { floats, integers, numbers, randomValue } from "../helpers/values.ts";
import { checkModelGradient } from "./check-model.ts";

const [T, B, I, H] = [7, 3, 2, 5];
const made = () => ({ rnn: recurrent(gru, I, H), head: linear(H, I) });
const model = initialize(made(), { seed: 4 });
type Model = typeof model;
type State = { h: Tensor };

const stepOf =
  ({ rnn, head }: Model) =>
  (state: State, x: Tensor) => {
    const { output, state: next } = rnn.step(x, state);
    return [next, head.apply(output)] as const;
  };
/** What each step foretells. */
const foretold = (of: Model, x: Tensor, probability: number | Tensor, more: object = {}) =>
  scheduledSampling(stepOf(of), { init: startState(of.rnn, x.size(1)), inputs: x, probability, ...more })
    .outputs;

const types = { x: float32("T", "B", I), probability: float32(1, 1), key: int32(2) };
const x = floats([T, B, I], 3);
const key = (number: number) => integers([number, 5]);
const all = (probability: number) => value([probability], [1, 1]);
function run(backend: typeof wasm, given: { x?: Value; probability: Value; key?: Value }, more: object = {}) {
  const program = compile(
    (tensors: Record<keyof typeof types, Tensor>) =>
      foretold(model, tensors.x, tensors.probability, { key: tensors.key, ...more }),
    { inputs: { ...types, x: float32(T, B, I), probability: float32(...given.probability.shape) }, backend },
  );
  return Float64Array.from(program({ x, key: key(1), ...given }).data);
}

describe.each([reference, wasm])("on $name", (backend) => {
  it("with the probability 0 is teacher forcing, bit by bit", () => {
    const forced = compile(
      ({ x: inputs }: { x: Tensor }) => ({
        byStep: scan(stepOf(model), { init: startState(model.rnn, inputs.size(1)), inputs: { x: inputs }.x })
          .outputs,
        atOnce: model.head.apply(model.rnn.apply(inputs).output),
      }),
      { inputs: { x: types.x }, backend },
    )({ x });
    const found = run(backend, { probability: all(0) });
    expect(found).toEqual(Float64Array.from(forced.byStep.data));
    for (const [at, one] of found.entries()) expect(one).toBeCloseTo(forced.atOnce.data[at] as number, 5);
  });

  it.each([Number.NaN, 2, -2])("refuses the probability %d where a program is given it", (probability) => {
    expect(() => run(backend, { probability: all(probability) })).toThrow(
      new DataError(`input probability: ${probability} given at 0 ([0][0]), 0 to 1 expected`),
    );
  });

  it("with the probability 1 runs freely, as a loop over single steps does", () => {
    const one = compile(
      ({ h, read }: { h: Tensor; read: Tensor }) => {
        const [state, output] = stepOf(model)({ h }, read);
        return { h: state.h, output };
      },
      { inputs: { h: float32(1, "B", H), read: float32("B", I) }, backend },
    );
    const found = run(backend, { probability: all(1) });
    let [h, read] = [floats([1, B, H]), value(x.data.slice(0, B * I), [B, I])];
    h.data.fill(0);
    for (let t = 0; t < T; t++) {
      const stepped = one({ h, read });
      [h, read] = [stepped.h, stepped.output];
      for (const [at, number] of read.data.entries()) expect(found[t * B * I + at]).toBeCloseTo(number, 5);
    }
    expect(
      run(backend, {
        probability: all(1),
        x: value(
          x.data.map((given, at) => (at < B * I ? given : NaN)),
          x.shape,
        ),
      }),
    ).toEqual(found);
  });

  it("takes a probability for each step, and for each step and row", () => {
    const byStep = value(
      Float32Array.from({ length: T }, (_, t) => (t < 4 ? 0 : 1)),
      [T, 1],
    );
    const byBoth = value(
      Float32Array.from({ length: T * B }, (_, at) => (at < 4 * B ? 0 : 1)),
      [T, B],
    );
    const found = run(backend, { probability: byStep });
    expect(run(backend, { probability: byBoth })).toEqual(found);
    const [truth, free] = [0, 1].map((probability) => run(backend, { probability: all(probability) }));
    // Step 4 is the first that reads what the network made of true inputs.
    expect(found.slice(0, 4 * B * I)).toEqual(truth?.slice(0, 4 * B * I));
    expect(found.slice(4 * B * I)).not.toEqual(truth?.slice(4 * B * I));
    expect(found.slice(4 * B * I)).not.toEqual(free?.slice(4 * B * I));
    const ofRow = value(
      Float32Array.from({ length: T * B }, (_, at) => Number(at % B === 1)),
      [T, B],
    );
    const mixed = run(backend, { probability: ofRow });
    for (let at = 0; at < mixed.length; at++) {
      const row = Math.floor(at / I) % B;
      expect(mixed[at]).toBe((row === 1 ? free : truth)?.[at]);
    }
  });

  it("draws the same for the same key, and something else for another", () => {
    const found = run(backend, { probability: all(0.5), key: key(1) });
    expect(run(backend, { probability: all(0.5), key: key(1) })).toEqual(found);
    expect(run(backend, { probability: all(0.5), key: key(2) })).not.toEqual(found);
  });

  it("is the same with checkpoints", () => {
    const found = run(backend, { probability: all(0.5) });
    expect(run(backend, { probability: all(0.5) }, { checkpoint: 3 })).toEqual(found);
  });
});

it("reads as many inputs of its own as the probability says, never in the first step", () => {
  const [steps, rows] = [200, 50];
  const shares = compile(
    ({ probability, key: given }: { probability: Tensor; key: Tensor }) => {
      // An input of its own is 1, a true one 0: what was read is put out.
      const { outputs } = scheduledSampling((state: Tensor, read) => [state, { read }], {
        init: scalar(0),
        inputs: oneHot(range(steps).reshape([steps, 1]).mul(0).broadcastTo([steps, rows]), 1).sub(1),
        own: ({ read }) => read.mul(0).add(1),
        ...{ probability, key: given },
      });
      return outputs.read.reshape([steps, rows]);
    },
    { inputs: { probability: float32(), key: int32(2) } },
  );
  for (const probability of [0, 0.1, 0.5, 0.9, 1]) {
    const { data } = shares({ probability: value([probability], []), key: key(3) });
    expect(data.slice(0, rows)).toEqual(new Float32Array(rows));
    const share = Array.from(data).reduce((sum, one) => sum + one, 0) / (data.length - rows);
    // Four standard deviations of a mean of 9,950 draws.
    expect(Math.abs(share - probability)).toBeLessThanOrEqual(
      4 * Math.sqrt((probability * (1 - probability)) / 9950),
    );
  }
});

describe("its gradient", () => {
  const targets = randomValue([T, B, I], 8);
  /** Own inputs in about half of the places, for certain. */
  const own = value(
    numbers(T * B, 9).map((one) => Number(one > 0)),
    [T, B],
  );
  const inputs = { x: randomValue([T, B, I], 3), y: targets, probability: own };
  const errorOf = (found: Tensor, y: Tensor) => found.sub(y).square().sum();

  it("goes through own inputs where it shall", () => {
    for (const probability of [1, undefined]) {
      const of = made();
      const found = checkModelGradient(
        of,
        (given: Record<keyof typeof inputs, Tensor>) =>
          withKey(null, () =>
            errorOf(foretold(of, given.x, probability ?? given.probability, { detach: false }), given.y),
          ),
        inputs,
      );
      expect(found).toBe(Object.keys(parameters(of)).length);
    }
  });

  it("otherwise is that of teacher forcing with the inputs that were read", () => {
    const of = made();
    const checked = (read: Tensor, y: Tensor) => errorOf(of.head.apply(of.rnn.apply(read).output), y);
    // What central differences say of the loss with any given inputs.
    checkModelGradient(of, ({ x: read, y }: { x: Tensor; y: Tensor }) => checked(read, y), {
      ...{ x: inputs.x, y: targets },
    });
    const weights = Object.values(parameters(of));
    const found = compile(
      (given: Record<keyof typeof inputs, Tensor>) =>
        withKey(null, () => {
          const [step, init] = [stepOf(of), startState(of.rnn, B)];
          const both = scheduledSampling(
            (state: State, read) => {
              const [next, output] = step(state, read);
              return [next, { output, read }];
            },
            { init, inputs: given.x, probability: given.probability, own: ({ output }) => output },
          ).outputs;
          return {
            slopes: gradient(errorOf(both.output, given.y), weights),
            expected: gradient(checked(both.read.stopGradient(), given.y), weights),
            through: gradient(
              errorOf(foretold(of, given.x, given.probability, { detach: false }), given.y),
              weights,
            ),
          };
        }),
      {
        inputs: { x: float32(T, B, I), y: float32(T, B, I), probability: float32(T, B) },
        backend: reference,
      },
    )(inputs);
    for (const [at, { data }] of found.slopes.entries()) {
      for (const [place, slope] of data.entries()) {
        expect(slope).toBeCloseTo(found.expected[at]?.data[place] as number, 10);
      }
    }
    expect(found.slopes[0]?.data).not.toEqual(found.through[0]?.data);
  });

  it("needs a key where chance decides", () => {
    const loss = (probability: number | Tensor) => {
      const given = randomUniform(range(2), [T, B, I]);
      return foretold(model, given, probability).sum();
    };
    const trace = (build: () => Tensor) => () =>
      compile(() => gradient(build(), Object.values(parameters(model))), { inputs: {}, backend: reference });
    expect(trace(() => loss(0.5))).toThrow("scheduledSampling draws nothing, for it has no key");
    expect(trace(() => loss(range(1).convert("float32").reshape([1, 1])))).toThrow(
      "scheduledSampling draws nothing",
    );
    expect(trace(() => withKey(null, () => loss(0.5)))).not.toThrow();
    expect(trace(() => loss(1))).not.toThrow();
  });
});

it("without a key is teacher forcing outside of a training step, and runs freely with 1 alone", () => {
  const without = (probability: number) =>
    compile((given) => foretold(model, given, probability), { inputs: float32("T", "B", I) })(x).data;
  const forced = without(0);
  expect([0.5, 0.99].map(without)).toEqual([forced, forced]);
  expect(without(1)).not.toEqual(forced);
});

it("draws anew in each update of a training, by its seed", () => {
  const weightsAfter = (seed: number) => {
    const of = initialize(made(), { seed: 2 });
    const step = trainingStep({
      parameters: parameters(of),
      optimizer: adam(),
      inputs: { x: float32("T", "B", I), y: float32("T", "B", I) },
      loss: (given) => foretold(of, given.x, 0.5).sub(given.y).square().mean(),
      seed,
    });
    const losses = [1, 2, 3].map(() => step.run({ x, y: floats([T, B, I], 8) }, 1e-9).loss);
    return { losses, weights: of.rnn.weights.weight_hh_l0?.value };
  };
  const [one, again, other] = [1, 1, 2].map(weightsAfter);
  expect(one).toEqual(again);
  expect(one?.losses).not.toEqual(other?.losses);
  expect(new Set(one?.losses).size).toBe(3);
});

it("reads tokens that are drawn from scores, and what stands beside them", () => {
  const found = compile(
    ({ tokens, beside, key: given }: Record<"tokens" | "beside" | "key", Tensor>) =>
      withKey(
        given,
        () =>
          scheduledSampling(
            (state: Tensor, token, { number }: { number: Tensor }) => {
              // The only token that can follow n is n + 1.
              const logits = oneHot(token.add(1), 9).sub(1).mul(1e6);
              return [state, { logits, read: token, number }];
            },
            {
              init: scalar(0),
              inputs: tokens,
              beside: { number: beside },
              probability: 1,
              own: ({ logits }) => drawClasses(logits),
            },
          ).outputs,
      ),
    { inputs: { tokens: int32(5, 2), beside: float32(5, 2), key: int32(2) } },
  )({
    tokens: [
      [0, 3],
      [7, 7],
      [7, 7],
      [7, 7],
      [7, 7],
    ],
    beside: floats([5, 2], 1),
    key: key(1),
  });
  expect(Array.from(found.read.data)).toEqual([0, 3, 1, 4, 2, 5, 3, 6, 4, 7]);
  expect(found.number.data).toEqual(floats([5, 2], 1).data);
});

it("refuses what does not fit", () => {
  const traced = (more: object) => () =>
    compile(({ x: inputs }: { x: Tensor }) => foretold(model, inputs, 0, more), {
      inputs: { x: types.x },
      backend: reference,
    });
  for (const probability of [-0.1, 1.5, Number.NaN, "often"]) {
    expect(traced({ probability })).toThrow(
      /^scheduledSampling: probability .* given, a number from 0 to 1 expected$/,
    );
  }
  expect(traced({ own: (output: Tensor) => output.slice(-1, 0, 1) })).toThrow(
    /^scheduledSampling: a step gives float32 \(B, 1\) to read, float32 \(B, 2\) expected/,
  );
  expect(traced({ inputs: where(range(2).less(1), 0, 1) })).toThrow(
    /^scheduledSampling: inputs \(2\) given, \(T, B, ...\) expected/,
  );
  expect(traced({ detached: true })).toThrow(/detached/);
});
