import { expect, test } from "vitest";
import { delayedBits, NOT_ASKED } from "../../../src/lab/problems/delayed-bits.ts";
import { randomSource } from "../../../src/nn/random.ts";

test("the bit so many steps ago is asked for, and nothing before there is one", () => {
  const [length, rows, delay] = [30, 10, 7];
  const { x, y } = delayedBits(randomSource(1, "bits"), { length, batch: rows, delay });
  expect([x.shape, y.shape]).toEqual([
    [length, rows, 1],
    [length, rows, 1],
  ]);
  for (let at = 0; at < length * rows; at++) {
    const before = x.data[at - delay * rows];
    expect(y.data[at]).toBe(before === undefined ? NOT_ASKED : (before + 1) / 2);
  }
  expect(new Set(x.data)).toEqual(new Set([-1, 1]));
});
