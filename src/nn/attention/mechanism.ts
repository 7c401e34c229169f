/** What a mechanism of attention is: its weights, and how high each step of a memory scores for a query. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Tensors, WeightDeclaration } from "../cell.ts";
import type { Memory } from "../memory.ts";
import { type Attended, attend, checkScores } from "./attend.ts";
import { type PreviousAttention, previousSizes } from "./previous.ts";

/** A way to attend, for any sizes; layers and cells make variables of its weights. */
export interface Mechanism<
  Weight extends string = string,
  Part extends keyof PreviousAttention = keyof PreviousAttention,
> {
  readonly name: string;
  /** What it reads of the steps before. */
  readonly previous: readonly Part[];
  /** For queries (B, query) and memories (S, B, memory). */
  weights(query: number, memory: number): Readonly<Record<Weight, WeightDeclaration>>;
  /** From a query (B, Q) and a memory, which is zeros beyond the rows' lengths. */
  attend(weights: Tensors<Weight>, query: Tensor, memory: Memory, previous: PreviousAttention): Attended;
}

/** The equation of a score: (S, B). */
export type AttentionScore<Weight extends string> = (
  weights: Tensors<Weight>,
  query: Tensor,
  memory: Memory,
  previous: PreviousAttention,
) => Tensor;

/** A mechanism that scores each step of the memory. */
export interface ScoringMechanism<
  Weight extends string = string,
  Part extends keyof PreviousAttention = keyof PreviousAttention,
> extends Mechanism<Weight, Part> {
  readonly score: AttentionScore<Weight>;
}

export interface MechanismOptions<Part extends keyof PreviousAttention = keyof PreviousAttention> {
  /** What the score reads of the steps before; by default nothing. A cell carries it on from step to step. */
  readonly previous?: readonly Part[] | undefined;
}

/**
 * A mechanism from its weights, for queries (B, Q) and a memory (S, B, M), and its score (S, B), such as
 *
 *     const cosine = mechanism("cosine", () => ({}), (_, query, { values }) => {
 *       const unit = (x: Tensor) => x.div(x.square().sum(-1, { keep: true }).add(1e-6).sqrt());
 *       return einsum("bm,sbm->sb", unit(query), unit(values));
 *     });
 *
 * The names of weights are types, as those of a cell are.
 */
export function mechanism<Weight extends string, Part extends keyof PreviousAttention = never>(
  name: string,
  weights: (query: number, memory: number) => Readonly<Record<Weight, WeightDeclaration>>,
  score: AttentionScore<NoInfer<Weight>>,
  options: MechanismOptions<Part> = {},
): ScoringMechanism<Weight, Part> {
  const where = `mechanism ${name}`;
  checkOptions(where, options, { previous: true });
  for (const [what, given] of Object.entries({ weights, score })) {
    if (typeof given !== "function")
      throw new UsageError(`${where}: ${what} ${printGiven(given)} given, a function expected`);
  }
  const { previous = [] } = options;
  const known = Object.keys(previousSizes);
  if (!Array.isArray(previous) || !previous.every((part) => known.includes(part))) {
    throw new UsageError(
      `${where}: previous ${printGiven(previous)} given, a list of ${known.join(", ")} expected`,
    );
  }
  return {
    name,
    previous,
    weights,
    score,
    attend(own, query, memory, before) {
      const scores = score(own, query, memory, before);
      checkScores(where, scores, memory);
      return attend(scores, memory);
    },
  };
}

/** Throws UsageError for what is no mechanism, such as the name of one, or a function that would make one. */
export function checkMechanism(where: string, given: Mechanism | undefined): void {
  if (typeof given?.weights === "function" && typeof given.attend === "function") return;
  const hint = typeof given === "function" ? ": call it" : "";
  throw new UsageError(
    `${where}: ${printGiven(given)} given, a mechanism such as additive({ units: 128 }) expected${hint}`,
  );
}

/** The names with a prefix: a mechanism's weights as a part of others. */
export function prefixed<Of>(prefix: string, record: Readonly<Record<string, Of>>): Record<string, Of> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** What has the prefix, without it. */
export function withoutPrefix<Of>(prefix: string, record: Readonly<Record<string, Of>>): Record<string, Of> {
  const own = Object.entries(record).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
