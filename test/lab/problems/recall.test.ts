// Recall after a delay: what its sequences hold.
import { expect, it } from "vitest";
import { recall } from "../../../src/lab/problems/recall.ts";
import { randomSource } from "../../../src/nn/random.ts";

it("begins with the cue that is the answer, and goes on with distractors", () => {
  const [delay, batch] = [5, 400];
  const { x, y } = recall(randomSource(1, "recall"), { delay, batch });
  expect(x.shape).toEqual([delay + 1, batch, 8]);
  expect(y.shape).toEqual([batch]);
  const counts = new Float64Array(8);
  for (let t = 0; t <= delay; t++) {
    for (let b = 0; b < batch; b++) {
      const row = Array.from(x.data.slice((t * batch + b) * 8, (t * batch + b + 1) * 8));
      const symbol = row.indexOf(1);
      expect(row.filter((one) => one !== 0)).toEqual([1]);
      if (t === 0) expect(symbol).toBe(y.data[b]);
      else expect(symbol).toBeGreaterThanOrEqual(4);
      counts[symbol] = (counts[symbol] as number) + 1;
    }
  }
  // Cues are 400 draws of four, distractors 2,000: within four standard deviations.
  for (const count of counts.slice(0, 4)) expect(Math.abs(count - 100)).toBeLessThan(35);
  for (const count of counts.slice(4)) expect(Math.abs(count - 500)).toBeLessThan(78);
});

it("is the same for the same source", () => {
  const of = (seed: number) => recall(randomSource(seed, "recall"), { delay: 3, batch: 4 });
  expect(of(1)).toEqual(of(1));
  expect(of(1).x.data).not.toEqual(of(2).x.data);
});
