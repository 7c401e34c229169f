// Text to numbers: what descriptions mean, how errors count, and a short training that draws better than chance.
import { DataError } from "rondo";
import { describe, expect, it } from "vitest";
import {
  drawCurves,
  drawDescriptions,
  errorOf,
  meanCurve,
  pointsOf,
} from "../../examples/text-to-numbers.ts";

describe("descriptions", () => {
  it("say where a curve starts and how it goes on", () => {
    const points = pointsOf("from 3 rise slowly for 2 then fall fast for 3 then stay for 1");
    const right = [3, 3.1, 3.2, 2.8, 2.4, 2, 2];
    expect(points.length).toBe(7);
    points.forEach((point, t) => {
      expect(point).toBeCloseTo(right[t] as number, 10);
    });
  });

  it.each(["rise slowly for 2", "from 3", "from 3 jump for 2", "from 3 stay for", "from 12 stay for 2", ""])(
    "are refused where they say no curve: %j",
    (text) => {
      expect(() => pointsOf(text)).toThrow(DataError);
    },
  );

  it("differ from each other, are the same with the same seed, and all mean something", () => {
    const drawn = drawDescriptions(500, 1);
    expect(new Set(drawn).size).toBe(500);
    expect(drawDescriptions(500, 1)).toEqual(drawn);
    expect(drawDescriptions(500, 2)).not.toEqual(drawn);
    const lengths = drawn.map((text) => pointsOf(text).length);
    expect([Math.min(...lengths), Math.max(...lengths) <= 28]).toEqual([3, true]);
  });
});

describe("errors", () => {
  it("count every point, also of a curve that ends too early", () => {
    expect(errorOf([[1, 2], []], [[1, 4, 5], [3]])).toBeCloseTo(Math.sqrt((4 + 9 + 9) / 4), 12);
    expect(meanCurve([[1, 2, 6], [3]]).slice(0, 4)).toEqual([2, 2, 6, 0]);
  });
});

it("a short training draws curves far better than the mean curve", async () => {
  const { error, naive, rightLengths, samples } = await drawCurves({
    ...{ training: 1200, test: 100, hidden: 48, size: 32, batch: 32, epochs: 16, learningRate: 0.01 },
  });
  expect(samples.length).toBe(100);
  expect(naive).toBeGreaterThan(2);
  expect(error).toBeLessThan(0.3 * naive);
  expect(rightLengths).toBeGreaterThan(0.2);
});
