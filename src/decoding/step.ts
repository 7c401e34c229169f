/** What decoding asks of a model: a step for a batch of rows, which tells of each token how likely it comes next. */

import { printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { isArray } from "../numbers.ts";
import { unusable } from "./ranking.ts";

/**
 * What a step gives for N rows and V tokens: logits (N, V), or their logarithms of probabilities (N, V), as `logSoftmax` makes
 * them, which is faster for many tokens; and where it has a memory of S steps, the attention (S, N).
 */
export interface DecoderOutput {
  readonly logits?: ArrayLike<number>;
  readonly logProbabilities?: ArrayLike<number>;
  readonly attention?: ArrayLike<number>;
}

/** A model that decodes, such as what `compileSteps(...).begin(...)` gives for a step with these outputs. */
export interface DecoderStep {
  /** How many rows each step has: N. */
  readonly rows: number;
  /** Reads the last token of each row (N). */
  next(tokens: Int32Array): DecoderOutput;
  /** Row i goes on from what row order[i] was. Asked for by beams alone. */
  reorder?(order: ArrayLike<number>): void;
}

/** Throws UsageError for what is no step of a batch. */
export function checkDecoderStep(
  where: string,
  step: DecoderStep,
  needs: readonly ("next" | "reorder")[],
): void {
  const given = step as unknown as Readonly<Record<string, unknown>> | null | undefined;
  for (const name of needs) {
    if (typeof given?.[name] === "function") continue;
    throw new UsageError(
      `${where}: step ${printGiven(step)} given, an object with the function ${name} expected`,
    );
  }
  if (Number.isInteger(step.rows) && step.rows > 0) return;
  throw new UsageError(
    `${where}: a step of ${printGiven(step.rows)} rows given, a positive integer expected`,
  );
}

/** What the last step gave. */
export class StepScores {
  readonly #where: string;
  readonly #rows: number;
  /** The number of tokens. */
  tokens = 0;
  /** (N, V), by which tokens of a row are compared. */
  values: ArrayLike<number> = [];
  #isNormalized = false;

  constructor(where: string, rows: number) {
    this.#where = where;
    this.#rows = rows;
  }

  /** Throws UsageError for neither logits nor log-probabilities, ShapeError for a number of them that fits no number of tokens. */
  read({ logits, logProbabilities }: DecoderOutput): void {
    const values = logProbabilities ?? logits;
    if (!isArray(values)) {
      const expected = "an array `logits` or `logProbabilities` expected";
      throw new UsageError(`${this.#where}: the step gives ${printGiven(values)}, ${expected}`);
    }
    const tokens = values.length / this.#rows;
    if (!Number.isInteger(tokens) || tokens === 0 || (this.tokens > 0 && tokens !== this.tokens)) {
      const expected = this.tokens > 0 ? `${this.#rows * this.tokens}` : `a multiple of ${this.#rows} rows`;
      throw new ShapeError(
        `${this.#where}: the step gives ${values.length} scores of tokens, ${expected} expected`,
      );
    }
    this.tokens = tokens;
    this.values = values as ArrayLike<number>;
    this.#isNormalized = logProbabilities !== undefined;
  }

  /** What is taken from the values of a row to make them logarithms of probabilities. Throws TrainingError for NaN and Infinity. */
  normalizer(row: number): number {
    if (this.#isNormalized) return 0;
    const { tokens, values } = this;
    const start = row * tokens;
    const end = start + tokens;
    let highest = Number.NEGATIVE_INFINITY;
    for (let at = start; at < end; at++) {
      const logit = values[at] as number;
      if (logit <= highest) continue;
      if (!(logit < Number.POSITIVE_INFINITY)) throw unusable(at - start, logit);
      highest = logit;
    }
    if (highest === Number.NEGATIVE_INFINITY) throw unusable(undefined, highest);
    let sum = 0;
    for (let at = start; at < end; at++) sum += Math.exp((values[at] as number) - highest);
    return highest + Math.log(sum);
  }
}
