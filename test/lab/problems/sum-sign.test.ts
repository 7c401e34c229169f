// The sign of a sum: labels that follow from the first two features, but for those that are flipped.
import { expect, test } from "vitest";
import { sumSign } from "../../../src/lab/problems/sum-sign.ts";
import { randomSource } from "../../../src/nn/random.ts";

test.each([0, 0.1, 1])("a share of %d is the opposite of what is right", (flipped) => {
  const [steps, rows, features] = [20, 2000, 3];
  const { x, y } = sumSign(randomSource(1, "rows"), rows, { steps, features, flipped });
  expect([x.shape, y.shape]).toEqual([[steps, rows, features], [rows]]);
  let [wrong, ones] = [0, 0];
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let step = 0; step < steps; step++) {
      for (const feature of [0, 1]) sum += x.data[(step * rows + row) * features + feature] as number;
    }
    if (y.data[row] !== (sum > 0 ? 1 : 0)) wrong += 1;
    ones += y.data[row] as number;
  }
  expect(Math.abs(wrong / rows - flipped)).toBeLessThan(0.03);
  expect(Math.abs(ones / rows - 0.5)).toBeLessThan(0.05);
});
