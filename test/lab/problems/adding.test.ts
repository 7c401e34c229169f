import { expect, test } from "vitest";
import { adding } from "../../../src/lab/problems/adding.ts";
import { randomSource } from "../../../src/nn/random.ts";

test("of the numbers of a sequence one in each half is marked, and their sum is asked for", () => {
  const [length, rows] = [11, 40];
  const { x, y } = adding(randomSource(4, "adding"), { length, batch: rows });
  expect(x.shape).toEqual([length, rows, 2]);
  expect(y.shape).toEqual([rows, 1]);
  const seen = new Set<number>();
  for (let row = 0; row < rows; row++) {
    const steps = Array.from({ length }, (_, t) => [
      ...x.data.slice((t * rows + row) * 2, (t * rows + row) * 2 + 2),
    ]);
    const marked = steps.flatMap(([, mark], t) => (mark === 1 ? [t] : []));
    expect(marked).toHaveLength(2);
    expect(marked[0]).toBeLessThan(5);
    expect(marked[1]).toBeGreaterThanOrEqual(5);
    for (const t of marked) seen.add(t);
    expect(
      steps.every(([number = -1, mark]) => number >= 0 && number < 1 && (mark === 0 || mark === 1)),
    ).toBe(true);
    expect(y.data[row]).toBeCloseTo(
      marked.reduce((sum, t) => sum + (steps[t]?.[0] ?? 0), 0),
      6,
    );
  }
  expect(seen.size).toBe(length);
});
