// Choosing tokens: which can be chosen, how often, and what the options refuse.
import { describe, expect, it } from "vitest";
import { type SamplingOptions, sampler, sampleToken } from "../../src/decoding/sampling.ts";
import { TrainingError } from "../../src/errors.ts";
import { uniform } from "../../src/graph/threefry.ts";

const logits = [1, 3, 2, 0].map((rank) => rank * Math.LN2); // probabilities 2, 8, 4, 1 of 15

/** How often each token comes in many draws. */
function frequencies(options: object, given: number[] = logits): number[] {
  const draws = 20_000;
  const counts = given.map(() => 0);
  for (let k = 0; k < draws; k++) (counts[sampleToken(given, options, uniform(1, 2, k))] as number) += 1;
  return counts.map((count) => count / draws);
}

function expectShares(found: number[], weights: number[]): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  weights.forEach((weight, token) => {
    if (weight === 0) expect(found[token]).toBe(0);
    else expect(found[token]).toBeCloseTo(weight / total, 1.7);
  });
}

it.each<[object, number[]]>([
  [{}, [2, 8, 4, 1]],
  [{ temperature: 0.5 }, [4, 64, 16, 1]],
  [{ temperature: 2 }, [Math.SQRT2, 2 * Math.SQRT2, 2, 1]],
  [{ temperature: 0 }, [0, 1, 0, 0]],
  [{ temperature: 1e-300 }, [0, 1, 0, 0]],
  [{ topK: 1 }, [0, 1, 0, 0]],
  [{ topK: 2 }, [0, 8, 4, 0]],
  [{ topK: 9 }, [2, 8, 4, 1]],
  [{ topP: 1e-9 }, [0, 1, 0, 0]],
  [{ topP: 0.53 }, [0, 8, 0, 0]],
  [{ topP: 0.54 }, [0, 8, 4, 0]],
  [{ topP: 0.9 }, [2, 8, 4, 0]],
  [{ topK: 3, topP: 0.6, temperature: 1 }, [0, 8, 4, 0]],
])("%o", (options, weights) => {
  expectShares(frequencies(options), weights);
});

/** What is chosen, by the plainest way: all tokens sorted. */
function plainly(
  logits: ArrayLike<number>,
  { temperature = 1, topK = 0, topP = 1 }: SamplingOptions,
  uniform: number,
): number {
  const order = Array.from(logits, (_, token) => token).sort(
    (a, b) => (logits[b] as number) - (logits[a] as number) || a - b,
  );
  const highest = logits[order[0] as number] as number;
  const kept = topK === 0 ? order : order.slice(0, topK);
  const weights = kept.map((token) => Math.exp(((logits[token] as number) - highest) / temperature));
  const sum = (list: number[]) => list.reduce((total, weight) => total + weight, 0);
  let count = 1;
  while (count < kept.length && sum(weights.slice(0, count)) < topP * sum(weights)) count += 1;
  const target = uniform * sum(weights.slice(0, count));
  let rank = 0;
  while (rank < count - 1 && sum(weights.slice(0, rank + 1)) <= target) rank += 1;
  return kept[rank] as number;
}

it.each([
  {},
  { temperature: 0.3 },
  { topK: 5 },
  { topK: 500 },
  { topP: 0.3 },
  { topP: 0.99, temperature: 2 },
  { topK: 60, topP: 0.9 },
])("%o chooses as if all tokens had been sorted, many equal ones among them", (options) => {
  const choose = sampler(options);
  for (let k = 0; k < 120; k++) {
    const size = 2 + ((k * 37) % 400);
    const given = Float32Array.from({ length: size }, (_, token) => {
      const drawn = 12 * uniform(k, 5, token);
      return k % 3 === 0 ? Math.round(drawn) : k % 3 === 1 ? drawn : token / 9;
    });
    const chance = uniform(9, 9, k);
    expect(choose(given, chance)).toBe(plainly(given, options, chance));
  }
});

describe("edges", () => {
  it("the ends of the unit interval choose the ends of the order", () => {
    expect(sampleToken(logits, {}, 0)).toBe(1);
    expect(sampleToken(logits, {}, 1 - 2 ** -24)).toBe(3);
  });

  it("a logit of -Infinity is never chosen, and large ones do not overflow", () => {
    expectShares(frequencies({}, [Number.NEGATIVE_INFINITY, 1000, 1000, -1000]), [0, 1, 1, 0]);
  });

  it("among equals the first is likeliest", () => {
    expect(sampleToken([1, 2, 2], { temperature: 0 }, 0.9)).toBe(1);
    expect(sampleToken([1, 2, 2], { topK: 1 }, 0.9)).toBe(1);
  });
});

it.each<[object, string]>([
  [{ temperature: -1 }, "temperature -1: expected a number from 0"],
  [{ temperature: Number.NaN }, "temperature NaN"],
  [{ temperature: Number.POSITIVE_INFINITY }, "temperature Infinity"],
  [{ topK: -1 }, "top-k -1: expected a whole number from 0"],
  [{ topK: 1.5 }, "top-k 1.5"],
  [{ topP: 0 }, "top-p 0: expected a number above 0 and at most 1"],
  [{ topP: 1.1 }, "top-p 1.1"],
])("%o is refused", (options, message) => {
  expect(() => sampleToken(logits, options, 0.5)).toThrow(message);
});

it.each([
  [[0, Number.NaN, 1], "the logit of token 1 is NaN, a number expected"],
  [[0, 1, Number.POSITIVE_INFINITY], "the logit of token 2 is Infinity, a number expected"],
  [[Number.NEGATIVE_INFINITY], "every logit is -Infinity, a number expected"],
])("logits %j choose nothing", (given, message) => {
  for (const options of [{}, { temperature: 0 }]) {
    expect(() => sampleToken(given, options, 0.5)).toThrow(TrainingError);
    expect(() => sampleToken(given, options, 0.5)).toThrow(message);
  }
});
