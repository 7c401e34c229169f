// Vanishing and exploding gradients, at small sizes: what is told of them, and that it is right.
import { expect, test } from "vitest";
import { exploding } from "../../src/lab/exploding/index.ts";
import { runExperiment } from "../../src/lab/run.ts";
import { cases } from "../../src/lab/vanishing/cases.ts";
import { vanishing } from "../../src/lab/vanishing/index.ts";
import type { Followed } from "../../src/lab/vanishing/measure.ts";
import { rnn } from "../../src/nn/cells/rnn.ts";
import { linear } from "../../src/nn/layers/linear.ts";
import { recurrent } from "../../src/nn/layers/recurrent.ts";
import { initialize } from "../../src/nn/model.ts";
import { randomSource } from "../../src/nn/random.ts";
import type { Variable } from "../../src/trace/variable.ts";

test("the gradient of a vanilla network is that of a loop in float64", async () => {
  const [T, H] = [12, 5];
  const { trials } = await runExperiment(vanishing, {
    settings: { steps: T, hidden: H, batch: 1, input: 2 },
    seeds: [3],
  });
  expect(trials.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
  const model = initialize({ rnn: recurrent(rnn, 2, H), head: linear(H, 1) }, { seed: 3 });
  const at = (layer: object, name: string) => [
    ...((layer as Record<string, Variable>)[name] as Variable).value,
  ];
  const [ih, hh, bi, bh] = ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"].map((name) =>
    at(model.rnn.weights, name),
  ) as [number[], number[], number[], number[]];
  const random = randomSource(3, "inputs and targets");
  const x = Array.from({ length: 2 * T }, () => Math.fround(random.normal()));
  const units = Array.from({ length: H }, (_, unit) => unit);
  let h = units.map(() => 0);
  const states = Array.from({ length: T }, (_, t) => {
    h = units.map((i) =>
      Math.tanh(
        (bi[i] as number) +
          (bh[i] as number) +
          [0, 1].reduce((sum, k) => sum + (ih[2 * i + k] as number) * (x[2 * t + k] as number), 0) +
          units.reduce((sum, k) => sum + (hh[i * H + k] as number) * (h[k] as number), 0),
      ),
    );
    return h;
  });
  // Up to a factor dL/dh_T is the readout.
  let slope = at(model.head.weights, "weight");
  const last = Math.hypot(...slope);
  const norms = [0];
  for (let t = T - 1; t > 0; t--) {
    const through = units.map((i) => (slope[i] as number) * (1 - (states[t]?.[i] as number) ** 2));
    slope = units.map((k) =>
      units.reduce((sum, i) => sum + (through[i] as number) * (hh[i * H + k] as number), 0),
    );
    norms.push(Math.log10(Math.hypot(...slope) / last));
  }
  const { h: found = [] } = (trials[0] as { measured: Followed }).measured;
  expect(found).toHaveLength(T);
  for (const [back, norm] of norms.entries()) expect(found[back]).toBeCloseTo(norm, 4);
});

test("a network that adds up learns with clipping; one that leaves for infinity is told as such", async () => {
  const { trials, checks, tables } = await runExperiment(exploding, {
    settings: { steps: 10, hidden: 8, batch: 8, updates: 60, learningRate: 0.5 },
    seeds: [1],
  });
  expect(trials.map(({ name }) => name)).toEqual(["clipped", "not clipped"]);
  expect(trials[1]?.measured).toMatchObject({ last: null });
  expect(tables[0]?.rows[1]?.[1]).toBe("not finite");
  expect(checks[1]?.holds).toBe(true);
});
