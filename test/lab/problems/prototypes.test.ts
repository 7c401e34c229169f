// Prototypes in noise: as drawn, and with features in another order and on another scale.
import { expect, test } from "vitest";
import { prototypes } from "../../../src/lab/problems/prototypes.ts";
import { randomSource } from "../../../src/nn/random.ts";

const problem = (noise: number) => prototypes({ classes: 3, steps: 4, features: 2, noise, seed: 5 });

test("without noise each sequence is the prototype of its class", () => {
  const { x, y } = problem(0).draw(randomSource(1, "rows"), 40);
  expect(x.shape).toEqual([4, 40, 2]);
  expect(new Set(y.data)).toEqual(new Set([0, 1, 2]));
  const rowOf = (row: number) =>
    Array.from({ length: 8 }, (_, at) => x.data[(Math.floor(at / 2) * 40 + row) * 2 + (at % 2)] as number);
  const patterns = [0, 1, 2].map((kind) => rowOf(y.data.indexOf(kind)));
  for (let row = 0; row < 40; row++) expect(rowOf(row)).toEqual(patterns[y.data[row] as number]);
  expect(patterns[0]).not.toEqual(patterns[1]);
});

test("the noise has its standard deviation", () => {
  const [clean, noisy] = [0, 1.5].map(
    (noise) => problem(noise).draw(randomSource(2, "rows"), 2000).x.data,
  ) as unknown as [ArrayLike<number>, ArrayLike<number>];
  const squares = Array.from(noisy, (one, at) => (one - (clean[at] as number)) ** 2);
  expect(Math.sqrt(squares.reduce((sum, one) => sum + one, 0) / squares.length)).toBeCloseTo(1.5, 1);
});

test("features are seen in another order, times a factor, plus a number", () => {
  const draw = (seen?: Parameters<ReturnType<typeof problem>["draw"]>[2]) =>
    problem(1).draw(randomSource(3, "rows"), 5, seen);
  const [plain, seen] = [draw(), draw([{ of: 1, times: 10, plus: 20 }, { of: 0 }])];
  expect(seen.y.data).toEqual(plain.y.data);
  for (let at = 0; at < plain.x.data.length; at += 2) {
    expect(seen.x.data[at]).toBeCloseTo((plain.x.data[at + 1] as number) * 10 + 20, 4);
    expect(seen.x.data[at + 1]).toBe(plain.x.data[at]);
  }
});
