import { expect, test } from "vitest";
import { holding } from "../../../src/lab/problems/holding.ts";
import { randomSource } from "../../../src/nn/random.ts";

test("the number at the latest signal is asked for, and the first step has one", () => {
  const [length, rows] = [200, 20];
  const { x, y } = holding(randomSource(1, "holding"), { length, batch: rows, probability: 0.05 });
  let signals = 0;
  for (let row = 0; row < rows; row++) {
    let held: number | undefined;
    for (let t = 0; t < length; t++) {
      const at = t * rows + row;
      const [number, signal] = x.data.slice(2 * at, 2 * at + 2) as Float32Array;
      if (t === 0) expect(signal).toBe(1);
      if (signal === 1) held = number;
      if (signal === 1 && t > 0) signals += 1;
      expect(y.data[at]).toBe(held);
      expect(Math.abs(number as number)).toBeLessThanOrEqual(1);
    }
  }
  // 0.05 of 3,980 steps, give or take three deviations.
  expect(Math.abs(signals - 199)).toBeLessThan(42);
});
