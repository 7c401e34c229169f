import { expect, test } from "vitest";
import { Stopped } from "../../src/lab/experiment.ts";
import { lstmWithForgetBias } from "../../src/lab/starts.ts";
import { train } from "../../src/lab/train.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { recurrent } from "../../src/nn/layers/recurrent.ts";
import { meanSquaredError } from "../../src/nn/losses/index.ts";
import { initialize, parameters } from "../../src/nn/model.ts";
import { float32 } from "../../src/program/compile.ts";
import { sgd } from "../../src/training/optimizers.ts";

/** y = 2 x: the weight goes from its start to 2. */
function line(signal?: AbortSignal, told: number[] = []) {
  const model = { head: linear(1, 1, { bias: false }) };
  return {
    model,
    run: (more: object = {}) =>
      train({
        model,
        inputs: { x: float32("B", 1), y: float32("B", 1) },
        loss: ({ x, y }) => meanSquaredError(model.head.apply(x), y),
        batch: (update) => ({ x: [[1], [-(update % 3)]], y: [[2], [-2 * (update % 3)]] }),
        updates: 80,
        learningRate: 0.1,
        seed: 1,
        context: { backend: "reference", signal, progress: (share) => told.push(share) },
        ...more,
      }),
  };
}

test("a training sees fresh data at every update, and learns", async () => {
  const told: number[] = [];
  const { model, run } = line(undefined, told);
  const losses = await run({ share: [0.5, 1] });
  expect(losses).toHaveLength(80);
  expect(losses.at(-1)).toBeLessThan(1e-3);
  expect(model.head.weights.weight?.value[0]).toBeCloseTo(2, 1);
  expect([told[0], told.at(-1)]).toEqual([0.5 + 0.5 / 80, 1]);
});

test("gradients are clipped to 1 unless told otherwise", async () => {
  const moved = async (more: object) => {
    const { model, run } = line();
    initialize(model, { seed: 1 });
    const before = model.head.weights.weight?.value[0] as number;
    await run({ updates: 1, optimizer: sgd(), batch: () => ({ x: [[100]], y: [[900]] }), ...more });
    return Math.abs((model.head.weights.weight?.value[0] as number) - before);
  };
  expect(await moved({})).toBeCloseTo(0.1, 5);
  expect(await moved({ clip: 0 })).toBeGreaterThan(1000);
});

test("a rate may change, and a training may end early or be stopped", async () => {
  const rates: number[] = [];
  const learningRate = (update: number) => {
    rates.push(update);
    return 0.1;
  };
  const after = (update: number) => (update === 3 ? "stop" : undefined);
  expect(await line().run({ learningRate, after })).toHaveLength(3);
  expect(rates).toEqual([0, 1, 2]);
  const stop = new AbortController();
  stop.abort();
  await expect(line(stop.signal).run()).rejects.toThrow(Stopped);
});

test("the forget gate's biases add up to what is asked, all else is uniform", () => {
  const model = { rnn: recurrent(lstmWithForgetBias(5), 3, 16) };
  initialize(model, { seed: 1 });
  const weights = parameters(model);
  const [input, state] = ["ih", "hh"].map((of) => Array.from(weights[`rnn.bias_${of}_l0`]?.value ?? []));
  const sum = (input as number[]).map((value, at) => value + (state?.[at] as number));
  expect(sum.slice(16, 32)).toEqual(Array(16).fill(5));
  const others = [...sum.slice(0, 16), ...sum.slice(32)];
  expect(Math.max(...others.map(Math.abs))).toBeLessThanOrEqual(2 / Math.sqrt(16));
  expect(new Set(others).size).toBe(48);
});
