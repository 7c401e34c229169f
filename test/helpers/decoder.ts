/** Models that decode, small enough to be seen through: what comes next is a function of all tokens before. */

import type { DecoderOutput, DecoderStep } from "../../src/decoding/step.ts";
import { threefry } from "../../src/graph/threefry.ts";

/** A number in [0, 1) that depends on the words alone. */
export function hashed(...words: number[]): number {
  let [low, high] = [17, 23];
  for (const word of words) [low, high] = threefry(low, high, word >>> 0, words.length);
  return low / 2 ** 32;
}

export interface TestModel {
  readonly tokens: number;
  /** Logits, or logarithms of probabilities, of what follows these tokens, START among them, of a row of the batch. */
  scores(row: number, history: readonly number[]): number[];
  readonly kind?: "logits" | "logProbabilities";
  /** Where a step looks in a memory, of so many steps. */
  attention?(row: number, history: readonly number[]): number[];
}

export interface TestStep extends DecoderStep {
  reorder(order: ArrayLike<number>): void;
  /** How often it was called. */
  calls: number;
}

/** A step of a model for so many rows; row r is row `rowOf(r)` of the batch. */
export function testStep(model: TestModel, rows: number, rowOf = (row: number) => row): TestStep {
  let histories: number[][] = Array.from({ length: rows }, () => []);
  const step: TestStep = {
    rows,
    calls: 0,
    next(tokens) {
      step.calls += 1;
      histories = histories.map((history, row) => [...history, tokens[row] as number]);
      const scores = Float32Array.from(
        histories.flatMap((history, row) => model.scores(rowOf(row), history)),
      );
      const looked = histories.map((history, row) => model.attention?.(rowOf(row), history) ?? []);
      const memory = looked[0]?.length ?? 0;
      const attention = Float32Array.from({ length: memory * rows }, (_, at) => {
        return looked[at % rows]?.[Math.floor(at / rows)] as number;
      });
      return {
        [model.kind ?? "logits"]: scores,
        ...(model.attention && { attention }),
      } as DecoderOutput;
    },
    reorder(order) {
      histories = Array.from(order, (from) => histories[from] as number[]);
    },
  };
  return step;
}

/** The logarithm of the sum of the exponentials, of numbers as float32 holds them. */
function normalizer(scores: readonly number[]): number {
  const highest = Math.max(...scores.map(Math.fround));
  return highest + Math.log(scores.reduce((all, score) => all + Math.exp(Math.fround(score) - highest), 0));
}

/** A model with random logits; with `levels` they are whole numbers below it, so that many are equal. */
export function randomModel(
  seed: number,
  {
    tokens = 5,
    levels = 0,
    kind = "logits",
    memory = 0,
  }: {
    tokens?: number;
    levels?: number;
    kind?: "logits" | "logProbabilities";
    memory?: number;
  } = {},
): TestModel {
  const scores = (row: number, history: readonly number[]) =>
    Array.from({ length: tokens }, (_, token) => {
      const drawn = hashed(seed, row, ...history, token);
      return levels > 0 ? Math.floor(levels * drawn) : 4 * drawn;
    });
  return {
    tokens,
    kind,
    scores: (row, history) => {
      const logits = scores(row, history);
      if (kind === "logits") return logits;
      return levels > 0
        ? logits.map((logit) => logit - levels)
        : logits.map((logit) => logit - normalizer(logits));
    },
    ...(memory > 0 && {
      attention: (row: number, history: readonly number[]) => {
        const drawn = Array.from({ length: memory }, (_, s) => hashed(seed + 1, row, ...history, s) ** 3);
        const sum = drawn.reduce((a, b) => a + b, 0);
        return drawn.map((weight) => Math.fround(weight / sum));
      },
    }),
  };
}

/** `sum` and the logarithm of the probability of each token that may follow, in float64. */
export function sumsOf(model: TestModel, row: number, history: readonly number[], sum: number): number[] {
  const scores = model.scores(row, history);
  const base = model.kind === "logProbabilities" ? sum : sum - normalizer(scores);
  return scores.map((score) => base + Math.fround(score));
}
