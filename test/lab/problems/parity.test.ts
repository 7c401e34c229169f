// Parity, as generated data: bits, and at each step whether the ones so far are odd in number.
import { expect, test } from "vitest";
import { parity } from "../../../src/lab/problems/parity.ts";
import { randomSource } from "../../../src/nn/random.ts";

test("what is to be said at each step is the sum of the bits so far, modulo 2", () => {
  const [steps, batch] = [9, 50];
  const { x, y } = parity(randomSource(3, "parity"), { steps, batch });
  expect([x.shape, y.shape]).toEqual([
    [steps, batch, 1],
    [steps, batch],
  ]);
  for (let row = 0; row < batch; row++) {
    let ones = 0;
    for (let t = 0; t < steps; t++) {
      const bit = x.data[t * batch + row] as number;
      expect([0, 1]).toContain(bit);
      ones += bit;
      expect(y.data[t * batch + row]).toBe(ones % 2);
    }
  }
});

test("half of the bits are ones", () => {
  const { x } = parity(randomSource(4, "parity"), { steps: 20, batch: 500 });
  const share = Array.from<number>(x.data).reduce((sum, bit) => sum + bit, 0) / x.data.length;
  expect(Math.abs(share - 0.5)).toBeLessThan(0.02);
});
