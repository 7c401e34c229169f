// What is random in training: layers that drop do so in a training step without being told, and nowhere else in silence.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { UsageError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import {
  dropout,
  embedding,
  gru,
  initialize,
  linear,
  lstm,
  parameters,
  type RecurrentOptions,
  recurrent,
  residual,
  rnn,
  type SequenceLayer,
  stacked,
  withKey,
} from "../../src/nn/index.ts";
import { compile, float32, int32, value } from "../../src/program/compile.ts";
import { full, zeros } from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { sgd } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";

/** What `build` of ones (T, B, 50) gives in each of `updates` training steps. */
function inTraining(
  build: (ones: Tensor) => Tensor,
  { seed, updates = 1, backend = wasm }: { seed?: number; updates?: number; backend?: typeof wasm } = {},
): number[][] {
  const weight = new Variable("weight", [1]);
  weight.value = [1];
  const step = trainingStep({
    parameters: [weight],
    optimizer: sgd(),
    seed,
    backend,
    inputs: float32("T", "B", 50),
    loss: (ones) => {
      const output = build(ones);
      return { loss: output.mul(weight).sum(), outputs: output };
    },
  });
  const ones = value(new Float32Array(4 * 3 * 50).fill(1), [4, 3, 50]);
  return Array.from({ length: updates }, () => [...step.run(ones, 0).outputs.data]);
}
const zerosIn = (data: readonly number[]) => data.filter((one) => one === 0).length / data.length;

describe("a training step", () => {
  const half = dropout(0.5);
  test("drops without being told: another mask at each step, the same for the same seed, on every backend", () => {
    const [first, second] = inTraining((ones) => half.apply(ones), { updates: 2 }) as [number[], number[]];
    expect(new Set(first)).toEqual(new Set([0, 2]));
    expect(Math.abs(zerosIn(first) - 0.5)).toBeLessThan(0.1);
    expect(second).not.toEqual(first);
    expect(inTraining((ones) => half.apply(ones), { seed: 1 })[0]).toEqual(first);
    expect(inTraining((ones) => half.apply(ones), { seed: 2 })[0]).not.toEqual(first);
    expect(inTraining((ones) => half.apply(ones), { backend: reference })[0]).toEqual(first);
  });
  test("every place of use draws its own mask: 1/4 of all elements pass two, of one layer or of two", () => {
    for (const other of [half, dropout(0.5)]) {
      const [twice] = inTraining((ones) => half.apply(other.apply(ones))) as [number[]];
      expect(Math.abs(zerosIn(twice) - 0.75)).toBeLessThan(0.1);
      const [apart] = inTraining((ones) => half.apply(ones).sub(other.apply(ones)));
      expect(new Set(apart)).toEqual(new Set([-2, 0, 2]));
    }
  });
  test("a key of one's own is drawn from where it is given", () => {
    const build = (key: Tensor) => (ones: Tensor) => half.apply(ones, key);
    const key = () => full(7, [2], "int32");
    const [first, second] = inTraining((ones) => build(key())(ones), { updates: 2 });
    expect(second).toEqual(first);
  });
  test("withKey(null, ...) drops nothing", () => {
    expect(new Set(inTraining((ones) => withKey(null, () => half.apply(ones)))[0])).toEqual(new Set([1]));
  });
  test("a layer within a scan's step draws anew at each step", () => {
    for (const checkpoint of [undefined, 2, 3]) {
      const build = (ones: Tensor) =>
        scan((state: Tensor, x: Tensor) => [state, half.apply(x)] as const, {
          init: zeros([1]),
          inputs: ones,
          checkpoint,
        }).outputs;
      const [data] = inTraining(build) as [number[]];
      const steps = [0, 1, 2, 3].map((t) => data.slice(t * 150, (t + 1) * 150).join());
      expect(new Set(steps).size).toBe(4);
      expect(Math.abs(zerosIn(data) - 0.5)).toBeLessThan(0.1);
    }
  });
  test("embeddings drop words, wherever they stand", () => {
    const words = initialize(embedding(40, 2, { dropout: 0.5 }), { seed: 1 });
    const everywhere = (ones: Tensor) => words.apply(ones.mul(0).convert("int32").add(3)).at(3, 0);
    const all = inTraining(everywhere, { updates: 20 }).map((data) => {
      expect(new Set(data).size).toBe(1);
      return data[0];
    });
    expect(new Set(all)).toContain(0);
    expect(new Set(all).size).toBe(2);
  });
});

describe("recurrent layers in a training step", () => {
  const cases: [string, (options: RecurrentOptions) => SequenceLayer, RecurrentOptions][] = [
    ["dropout between layers", (o) => recurrent(rnn, 50, 8, o), { layers: 2, dropout: 0.5 }],
    ["variational", (o) => recurrent(rnn, 50, 8, o), { variationalDropout: 0.5 }],
    ["recurrent dropout", (o) => recurrent(lstm, 50, 8, o), { recurrentDropout: 0.5 }],
    ["DropConnect", (o) => recurrent(lstm, 50, 8, o), { weightDropout: 0.5 }],
    ["zoneout", (o) => recurrent(gru, 50, 8, o), { zoneout: 0.5 }],
    ["stacked", (o) => stacked(recurrent(gru, 50, 8), recurrent(gru, 8, 8, o)), { variationalDropout: 0.5 }],
    ["stacked, between", (o) => stacked(recurrent(gru, 50, 8), recurrent(gru, 8, 8), o), { dropout: 0.5 }],
    ["within residual", (o) => residual(recurrent(gru, 50, 50, o)), { variationalDropout: 0.5 }],
  ];
  describe.each(cases)("%s", (_, make, options) => {
    const layer = initialize(make(options), { seed: 1 });
    test("changes from step to step, and is off outside of training", () => {
      const build = (ones: Tensor) => layer.apply(ones).output;
      const [first, second] = inTraining(build, { updates: 2 });
      expect(second).not.toEqual(first);
      const run = compile(build, { inputs: float32("T", "B", 50) });
      const ones = value(new Float32Array(4 * 3 * 50).fill(1), [4, 3, 50]);
      expect(run(ones)).toEqual(run(ones));
    });
    test("step by step too, in a scan of one's own", () => {
      const build = (ones: Tensor) =>
        scan(
          (state: unknown, x: Tensor) => {
            const { output, state: next } = layer.step(x, state);
            return [next, output] as const;
          },
          { init: zeroState(layer, ones), inputs: ones },
        ).outputs;
      const [first, second] = inTraining(build, { updates: 2 });
      expect(second).not.toEqual(first);
    });
    test("a gradient taken by hand says that nothing is dropped", () => {
      const by = (build: (x: Tensor) => Tensor) =>
        compile((x) => gradient(build(x).sum(), parameters(layer)), { inputs: float32("T", "B", 50) });
      expect(() => by((x) => layer.apply(x).output)).toThrow(UsageError);
      expect(() => by((x) => layer.apply(x).output)).toThrow(
        /^gradient: .* draws nothing, for it has no key: give one to apply or withKey, train with trainingStep/,
      );
      expect(() => by((x) => withKey(null, () => layer.apply(x).output))).not.toThrow();
      expect(() => by((x) => withKey(full(1, [2], "int32"), () => layer.apply(x).output))).not.toThrow();
    });
  });

  test("variational masks stay along the steps of a scan, those of single steps do not", () => {
    const mask = (options: RecurrentOptions) => {
      const layer = initialize(recurrent(rnn, 50, 40, options), { seed: 1 });
      for (const weight of Object.values(layer.weights)) weight.value = new Float32Array(weight.count);
      const { weight_ih_l0 } = layer.weights;
      // One unit for each input: its output tells whether that input was dropped.
      (weight_ih_l0 as Variable).value = Float32Array.from({ length: 40 * 50 }, (_, at) =>
        Math.floor(at / 50) === at % 50 ? 1 : 0,
      );
      const [data] = inTraining(
        (ones) =>
          scan(
            (state: unknown, x: Tensor) => {
              const { output, state: next } = layer.step(x, state as never);
              return [next, output] as const;
            },
            { init: zeroState(layer, ones), inputs: ones },
          ).outputs,
      ) as [number[]];
      return [0, 1, 2, 3].map((t) =>
        data
          .slice(t * 120, (t + 1) * 120)
          .map((one) => Number(one === 0))
          .join(""),
      );
    };
    expect(new Set(mask({ variationalDropout: { input: 0.5 } })).size).toBe(1);
    expect(mask({ variationalDropout: { input: 0.5 } })[0]).toContain("1");
  });
});

/** Zeros for the state of a layer, of the batch of x (T, B, N). */
function zeroState(layer: SequenceLayer, x: Tensor): unknown {
  const isShape = (part: unknown): part is readonly number[] =>
    Array.isArray(part) && typeof part[0] !== "object";
  const fill = (part: unknown): unknown =>
    isShape(part)
      ? zeros(part)
      : Array.isArray(part)
        ? part.map(fill)
        : Object.fromEntries(Object.entries(part as object).map(([name, child]) => [name, fill(child)]));
  return fill(layer.stateShapes(x.size(1)));
}

test("a model with a dropout layer is trained with it and used without", () => {
  const model = initialize({ hidden: linear(3, 64), drop: dropout(0.5), head: linear(64, 1) }, { seed: 1 });
  const forward = (x: Tensor) => model.head.apply(model.drop.apply(model.hidden.apply(x).tanh()));
  const step = trainingStep({
    parameters: Object.values(parameters(model)),
    optimizer: sgd(),
    inputs: float32("B", 3),
    loss: (x) => ({ loss: forward(x).square().mean(), outputs: {} }),
  });
  const x = [[1, 2, 3]];
  const losses = Array.from({ length: 3 }, () => step.run(x, 0).loss);
  expect(new Set(losses).size).toBe(3);
  const use = compile(forward, { inputs: float32("B", 3) });
  expect(use(x)).toEqual(use(x));
});

test("a gradient by hand through a scan whose step drops nothing says so, with a checkpoint too", () => {
  for (const checkpoint of [undefined, 2]) {
    const by = (key: "none" | null) =>
      compile(
        (x) => {
          const sum = () =>
            scan((s: Tensor, v: Tensor) => [s.add(dropout(0.5).apply(v)), s] as const, {
              init: zeros([1]),
              inputs: x,
              checkpoint,
            }).final.sum();
          return gradient(key === null ? withKey(null, sum) : sum(), { x });
        },
        { inputs: float32("T", 1) },
      );
    expect(() => by("none")).toThrow(/^gradient: dropout\(0.5\) draws nothing, for it has no key/);
    expect(() => by(null)).not.toThrow();
  }
});

test("withKey outside of a trace is refused", () => {
  expect(() => withKey(null, () => 1)).toThrow(UsageError);
});

test.each([-1, 0.5, Number.NaN, 2 ** 53])("seed %d is refused", (seed) => {
  expect(() => inTraining((ones) => ones, { seed })).toThrow(
    `trainingStep: seed ${seed} given, an integer from 0 to 2^53 - 1 expected`,
  );
});

test("keys are int32 (2)", () => {
  const withKeyOf = (type: ReturnType<typeof int32>) => () =>
    compile((key) => dropout(0.5).apply(full(1, [100]), key), { inputs: type });
  expect(withKeyOf(float32(2))).toThrow(/^a key: float32 \(2\) given, int32 \(2\) expected, at /);
  expect(withKeyOf(int32(3))).toThrow(/^a key: int32 \(3\) given/);
  const run = compile((key) => dropout(0.5).apply(full(1, [100]), key), { inputs: int32(2) });
  expect(run([1, 2])).toEqual(run([1, 2]));
});
