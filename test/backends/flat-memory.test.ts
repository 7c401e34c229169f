/** Memory stays flat: a training step that runs thousands of times asks for nothing that it does not give back. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { wasm } from "../../src/backends/wasm/index.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { numbers } from "../helpers/values.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes in use, when everything that nobody refers to is gone. */
function bytesInUse(): number {
  for (let round = 0; round < 3; round += 1) collect();
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return heapUsed + arrayBuffers + external;
}

test("over 2000 steps of training on batches of different lengths", () => {
  const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow");
  const variable = (name: string, shape: number[], seed: number) => {
    const made = new Variable(name, shape);
    made.value = numbers(made.count, seed).map((x) => 0.3 * x);
    return made;
  };
  const weights = {
    embedding: variable("embedding", [11, 8], 1),
    w: variable("w", [24, 16], 2),
    head: variable("head", [16, 11], 3),
  };
  const moments = Object.entries(weights).map(([name, { dimensions, count }]) => {
    const moment = new Variable(`${name}.moment`, dimensions, { trainable: false });
    moment.value = new Float32Array(count);
    return moment;
  });
  const carried = new Variable("carried", [4, 16], { trainable: false });
  carried.value = new Float32Array(64);
  const step = compile(
    ({ tokens, targets, rate }, update) => {
      const { final, outputs } = scan(
        (h: Tensor, x: Tensor) => {
          const next = f.tanh(f.concat(h, x).dot(weights.w));
          return [next, next] as const;
        },
        { init: carried.stopGradient(), inputs: weights.embedding.gather(tokens) },
      );
      const logits = f.logSoftmax(outputs.dot(weights.head));
      const chosen = f.where(f.range(11).equal(targets.reshape(["T", 4, 1])), logits, 0);
      const loss = chosen.sum().neg().div(chosen.sum(-1).sum(1).mul(0).add(1).sum());
      const all = Object.values(weights);
      gradient(loss, all).forEach((slope, index) => {
        const [weight, moment] = [all[index], moments[index]] as [Variable, Variable];
        const next = moment.mul(0.9).add(slope);
        update(moment, next);
        update(weight, weight.sub(next.mul(rate)));
      });
      update(carried, final);
      return loss;
    },
    { inputs: { tokens: int32("T", 4), targets: int32("T", 4), rate: float32() }, backend: wasm },
  );
  let loss = 0;
  const run = (count: number) => {
    for (let index = 0; index < count; index += 1) {
      const T = 3 + ((index * 7) % 14);
      const tokens = Int32Array.from({ length: 4 * T }, (_, at) => (at * 5 + (at >> 2)) % 11);
      const targets = tokens.map((token) => (token * 3 + 1) % 11);
      const call = step({
        tokens: { data: tokens, shape: [T, 4] },
        targets: { data: targets, shape: [T, 4] },
        rate: { data: Float32Array.of(0.01), shape: [] },
      });
      loss = call.data[0] as number;
      if (index % 50 === 0) expect(Number.isFinite(weights.w.value[0])).toBe(true);
    }
  };
  run(1);
  const first = loss;
  run(400);
  const [before, grown] = [bytesInUse(), grow.mock.calls.length];
  run(2000);
  expect(grow.mock.calls.length).toBe(grown);
  expect(bytesInUse() - before).toBeLessThan(400_000);
  expect(loss).toBeLessThan(first / 2);
  grow.mockRestore();
});
