// Labels that are read from scores of each step: against the enumeration of all paths, and what is refused.
import { describe, expect, test } from "vitest";
import { type CtcDecodingOptions, ctcBeamSearch, ctcBestPath } from "../../src/decoding/ctc.ts";
import { DataError, ShapeError, TrainingError, UsageError } from "../../src/errors.ts";
import { ctcLoss } from "../../src/nn/index.ts";
import { float32, int32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { onBackends } from "../helpers/backends.ts";
import { numbers } from "../helpers/values.ts";

const K = 3;

/** Logits of (T, K), some of them far apart. */
function rowOf(steps: number, seed: number): number[][] {
  const flat = numbers(steps * K, seed);
  return Array.from({ length: steps }, (_, t) => Array.from(flat.slice(t * K, (t + 1) * K), (x) => 3 * x));
}

function pathsOf(steps: number): number[][] {
  if (steps === 0) return [[]];
  return pathsOf(steps - 1).flatMap((path) => [0, 1, 2].map((label) => [...path, label]));
}

/** The log probability of all that paths spell, by definition. */
function spelt(row: readonly number[][], blank: number): Map<string, number> {
  const probabilities = row.map((logits) => {
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    return logits.map((logit) => Math.exp(logit) / total);
  });
  const all = new Map<string, number>();
  for (const path of pathsOf(row.length)) {
    const labels = path.filter((label, t) => label !== path[t - 1] && label !== blank).join(" ");
    const own = path.reduce((product, label, t) => product * (probabilities[t]?.[label] as number), 1);
    all.set(labels, (all.get(labels) ?? 0) + own);
  }
  return new Map([...all].map(([labels, probability]) => [labels, Math.log(probability)]));
}

/** Hannun's algorithm with the blank 0 over prefixes that are written out, and probabilities by path ends of blank and token. */
function plainBeam(row: readonly number[][], beam: number): [tokens: string, probability: number] {
  let kept = new Map([["", [1, 0]]]);
  for (const logits of row) {
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
    const next = new Map<string, number[]>();
    const gain = (prefix: string, end: 0 | 1, probability: number) => {
      const ends = next.get(prefix) ?? [0, 0];
      (ends[end] as number) += probability;
      next.set(prefix, ends);
    };
    for (const [prefix, [byBlank = 0, byToken = 0]] of kept) {
      for (const [token, logit] of logits.entries()) {
        const own = Math.exp(logit) / total;
        const repeats = prefix.endsWith(`${token}`);
        if (token === 0) gain(prefix, 0, (byBlank + byToken) * own);
        else if (repeats) gain(prefix, 1, byToken * own);
        if (token > 0) gain(`${prefix} ${token}`.trim(), 1, (repeats ? byBlank : byBlank + byToken) * own);
      }
    }
    const order = [...next].sort(([, [a = 0, b = 0]], [, [c = 0, d = 0]]) => c + d - a - b);
    kept = new Map(order.slice(0, beam));
  }
  const [[tokens, [byBlank = 0, byToken = 0]]] = [...kept] as [[string, number[]]];
  return [tokens, byBlank + byToken];
}

describe("the best path", () => {
  test("makes repeated classes one, takes blanks out, and tells where tokens begin", () => {
    const path = [1, 1, 0, 1, 2, 2, 0, 0, 2, 1];
    const logits = path.map((label) => [0, 1, 2].map((other) => (other === label ? 2 : 0)));
    const [found] = ctcBestPath(logits);
    expect(found?.tokens).toEqual([1, 1, 2, 2, 1]);
    expect(found?.steps).toEqual([0, 3, 4, 8, 9]);
    expect(found?.logProbability).toBeCloseTo(10 * Math.log(Math.exp(2) / (Math.exp(2) + 2)), 6);
    expect(ctcBestPath(logits, { blank: 2 })[0]?.tokens).toEqual([1, 0, 1, 0, 1]);
    expect(ctcBestPath(logits, { blank: 2 })[0]?.steps).toEqual([0, 2, 3, 6, 9]);
  });

  test("takes the lower class of equals, and none of no steps", () => {
    expect(ctcBestPath([[0, 1, 1]])[0]?.tokens).toEqual([1]);
    expect(ctcBestPath([[1, 1, 1]])[0]?.tokens).toEqual([]);
    const none = { data: new Float32Array(0), shape: [0, 1, 3] };
    expect(ctcBestPath(none)).toEqual([{ tokens: [], steps: [], logProbability: 0 }]);
    expect(ctcBeamSearch(none)).toEqual([{ tokens: [], logProbability: 0 }]);
  });
});

describe("a beam of prefixes", () => {
  test.each([0, 1, 2])("that is wide finds the most probable tokens, with the blank %i", (blank) => {
    for (let seed = 1; seed <= 40; seed++) {
      const row = rowOf(1 + (seed % 6), seed);
      const all = spelt(row, blank);
      const best = [...all].reduce((a, b) => (b[1] > a[1] ? b : a));
      const [found] = ctcBeamSearch(row, { blank, beam: 1000 });
      expect(found?.tokens.join(" ")).toBe(best[0]);
      expect(found?.logProbability).toBeCloseTo(best[1], 5);
      const [path] = ctcBestPath(row, { blank });
      expect(all.get(path?.tokens.join(" ") as string)).toBeLessThanOrEqual(best[1]);
      expect(path?.logProbability).toBeLessThanOrEqual(
        (all.get(path?.tokens.join(" ") as string) as number) + 1e-6,
      );
    }
  });

  test("sees that one path is not the whole: where the blank is likeliest each time, and the token in sum", () => {
    const row = [[0.6, 0.4].map(Math.log), [0.6, 0.4].map(Math.log)];
    expect(ctcBestPath(row)[0]).toMatchObject({ tokens: [] });
    const [found] = ctcBeamSearch(row);
    expect(found?.tokens).toEqual([1]);
    expect(found?.logProbability).toBeCloseTo(Math.log(0.64), 6);
  });

  test("that is narrow is never surer than the truth, and the default is as good as the best path", () => {
    for (let seed = 1; seed <= 60; seed++) {
      const row = rowOf(7, 100 + seed);
      const all = spelt(row, 0);
      for (const beam of [1, 2, 4]) {
        const [found] = ctcBeamSearch(row, { beam });
        expect(found?.logProbability).toBeLessThanOrEqual(
          (all.get(found?.tokens.join(" ") as string) as number) + 1e-6,
        );
      }
      const [path] = ctcBestPath(row);
      const [found] = ctcBeamSearch(row);
      const ofPath = all.get(path?.tokens.join(" ") as string) as number;
      expect(all.get(found?.tokens.join(" ") as string)).toBeGreaterThanOrEqual(ofPath - 1e-6);
    }
  });

  test.each([1, 2, 3, 5])("of %i keeps what a plain table of prefixes keeps", (beam) => {
    for (let seed = 1; seed <= 80; seed++) {
      const row = rowOf(12, 300 + seed);
      const [found] = ctcBeamSearch(row, { beam });
      const [tokens, probability] = plainBeam(row, beam);
      expect(found?.tokens.join(" ")).toBe(tokens);
      expect(found?.logProbability).toBeCloseTo(Math.log(probability), 5);
    }
  });

  test("tells what the loss says of its tokens", () => {
    const row = rowOf(9, 77);
    const [found] = ctcBeamSearch(row, { beam: 500 });
    const labels = found?.tokens ?? [];
    expect(labels.length).toBeGreaterThan(1);
    const loss = onBackends(({ x, y }) => ctcLoss(x as Tensor, y as Tensor), {
      x: float32("T", 1, K),
      y: int32("S", 1),
    });
    const x = { data: Float32Array.from(row.flat()), shape: [9, 1, K] };
    for (const [cost] of loss({ x, y: { data: Int32Array.from(labels), shape: [labels.length, 1] } }))
      expect(cost?.[0]).toBeCloseTo(-(found?.logProbability as number), 4);
  });

  test("does without what has the probability 0", () => {
    const never = Number.NEGATIVE_INFINITY;
    const row = [
      [never, 0, never],
      [never, 0, never],
      [0, never, never],
      [never, 0, 0],
    ];
    const [found] = ctcBeamSearch(row, { beam: 1000 });
    expect(found).toEqual({ tokens: [1, 1], logProbability: Math.log(0.5) });
    expect(ctcBestPath(row)[0]).toMatchObject({ tokens: [1, 1], steps: [0, 3] });
  });

  test("reads long rows without losing itself in numbers that are too small", () => {
    const flat = Float32Array.from(numbers(1000 * 30, 5));
    const [found] = ctcBeamSearch({ data: flat, shape: [1000, 1, 30] }, { beam: 8 });
    expect(found?.tokens.length).toBeGreaterThan(100);
    expect(found?.logProbability).toBeLessThan(0);
  });
});

test.each([
  ["ctcBestPath", ctcBestPath],
  ["ctcBeamSearch", ctcBeamSearch],
] as const)("%s reads each row of a batch up to its length", (_, decode) => {
  const rows = [rowOf(6, 1), rowOf(6, 2), rowOf(6, 3)];
  const lengths = [6, 3, 0];
  const logits = Array.from({ length: 6 }, (_, t) =>
    rows.map((row, b) => (t < (lengths[b] as number) ? (row[t] as number[]) : [Number.NaN, 0, 0])),
  );
  const alone = rows.map((row, b) => {
    const own = row.slice(0, lengths[b]).flat();
    return decode({ data: Float32Array.from(own), shape: [lengths[b] as number, 1, K] })[0];
  });
  expect(decode(logits, { lengths })).toEqual(alone);
  expect(alone[0]?.tokens.length).toBeGreaterThan(0);
});

test.each([
  ["ctcBestPath", ctcBestPath],
  ["ctcBeamSearch", ctcBeamSearch],
] as const)("%s refuses what does not fit", (name, decode) => {
  const row = rowOf(2, 1);
  const refused = (options: CtcDecodingOptions, error: new (message: string) => Error, message: string) => {
    expect(() => decode(row, options)).toThrow(error);
    expect(() => decode(row, options)).toThrow(`${name}: ${message}`);
  };
  refused({ blank: 3 }, UsageError, "blank 3 given, a class from 0 to 2 expected");
  refused({ blank: -1 }, UsageError, "blank -1 given");
  refused({ lengths: [3] }, DataError, "the length 3 given for row 0, 0 to 2 expected");
  refused({ lengths: [-1] }, DataError, "the length -1 given for row 0");
  refused({ lengths: [1, 1] }, ShapeError, "lengths (2) given, (1) expected");
  expect(() => decode([1, 2, 3])).toThrow(`${name}: logits (3) given, (T, B, K) or (T, K) expected`);
  expect(() => decode("abc" as never)).toThrow(DataError);
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => decode([[0, wrong, 0]])).toThrow(TrainingError);
    expect(() =>
      decode([
        [0, 0, 0],
        [0, wrong, 0],
      ]),
    ).toThrow(`logits of row 0 at step 1 are ${wrong}`);
  }
  expect(() => decode([Array(3).fill(Number.NEGATIVE_INFINITY)])).toThrow(
    "are all -Infinity, numbers expected",
  );
});

test.each([0, -1, 1.5, Number.NaN, "4"])("a beam of %o is refused", (beam) => {
  expect(() => ctcBeamSearch([[1, 2]], { beam: beam as never })).toThrow("a whole number from 1 expected");
});
