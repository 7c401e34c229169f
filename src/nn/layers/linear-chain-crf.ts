/** A conditional random field over a chain of tags: which sequence of tags is probable, not only which tag at each step. */

import { checkOptions, printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { gradient } from "../../gradient/index.ts";
import { type Dimension, printShape, sameShape } from "../../graph/dimension.ts";
import { constantTensor } from "../../trace/constant-tensor.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { join, range, scalar, where, zerosLike } from "../../trace/functions.ts";
import { scan } from "../../trace/scan.ts";
import { expectTensors, located, sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { uniform } from "../initializers.ts";
import { isWithin } from "../lengths.ts";
import { checkReduction, type Reduction } from "../losses/loss.ts";
import { checkInput, checkSize, type Layer } from "./layer.ts";
import { checkLengths } from "./sequence-layer.ts";

export interface LinearChainCrfOptions {
  /** Which tags may come first, of K. Default all. */
  readonly start?: readonly boolean[] | undefined;
  /** Which tags may come last, of K. Default all. */
  readonly end?: readonly boolean[] | undefined;
  /** Which tag may follow which: K rows, from, of K, to. Default all. */
  readonly transitions?: readonly (readonly boolean[])[] | undefined;
}

export interface LinearChainCrfCall {
  /** int32 (B), from 1 to T. */
  readonly lengths?: Tensor | undefined;
  /** Over the rows. Default "mean". */
  readonly reduction?: Reduction | undefined;
}

export interface LinearChainCrf extends Layer {
  readonly weights: { readonly start: Variable; readonly end: Variable; readonly transitions: Variable };
  /** What every layer has: here the same as `logPartition`. */
  apply(emissions: Tensor, lengths?: Tensor): Tensor;
  /**
   * -log p(tags | emissions) in nats, from emissions (T, B, K) and tags int32 (T, B), from 0 to K-1; beyond a length also -1.
   * A -1 within makes it NaN. Tags that are not legal cost 1e30 or more each.
   */
  loss(emissions: Tensor, tags: Tensor, call?: LinearChainCrfCall): Tensor;
  /** The score of tags int32 (T, B), as `loss` takes them: (B). */
  score(emissions: Tensor, tags: Tensor, lengths?: Tensor): Tensor;
  /** The log of the sum over all sequences of tags of e^score: (B). */
  logPartition(emissions: Tensor, lengths?: Tensor): Tensor;
  /**
   * The most probable tags, int32 (T, B) with -1 beyond a length, and their score (B): Viterbi. Of equal ones the lower tag. A
   * score of -1e30 or less says that no tags of this length are legal.
   */
  decode(emissions: Tensor, lengths?: Tensor): { tags: Tensor; score: Tensor };
  /** The probability of each tag at each step, (T, B, K), 0 beyond a length. */
  marginals(emissions: Tensor, lengths?: Tensor): Tensor;
}

/** The score of what is not legal: far below any other, and sums of it stay finite in float32. */
const ILLEGAL = -1e30;

/**
 * The score of tags y is start[y_1] + sum of emissions[t, y_t] + sum of transitions[y_t-1, y_t] + end[y_T], and their
 * probability e^score over the sum of it for all tags. `start` (K), `end` (K) and `transitions` (K, K), from and to, start
 * uniform in +-0.1. What is not legal is neither learnt nor decoded. Steps beyond a row's length are never read. Lafferty,
 * McCallum and Pereira, "Conditional random fields", 2001. Throws UsageError for tags that are no positive integer and legal
 * ones of other sizes.
 */
export function linearChainCrf(tags: number, options: LinearChainCrfOptions = {}): LinearChainCrf {
  const name = "linearChainCrf";
  checkOptions(name, options, { start: true, end: true, transitions: true });
  checkSize(name, "tags", tags);
  checkLegal("start", options.start, tags);
  checkLegal("end", options.end, tags);
  const { transitions: given } = options;
  if (given !== undefined) {
    if (!Array.isArray(given) || given.length !== tags) {
      throw new UsageError(
        `${name}: transitions ${printGiven(given)} given, ${tags} lists of ${tags} booleans expected`,
      );
    }
    for (const row of given) checkLegal("transitions", row, tags);
  }
  const variable = (of: string, shape: number[]) =>
    new Variable(of, shape, { initializer: uniform(0.1), layer: `${name}(${tags})` });
  const weights = {
    start: variable("start", [tags]),
    end: variable("end", [tags]),
    transitions: variable("transitions", [tags, tags]),
  };
  const legal = {
    start: maskOf("legal starts", options.start, [tags]),
    end: maskOf("legal ends", options.end, [tags]),
    transitions: maskOf("legal transitions", options.transitions?.flat(), [tags, tags]),
  };
  const scores = () => ({
    start: legalOf(weights.start, legal.start),
    end: legalOf(weights.end, legal.end),
    transitions: legalOf(weights.transitions, legal.transitions),
  });

  const check = (emissions: Tensor, lengths: Tensor | undefined) => {
    checkInput(name, emissions, tags, 3);
    if (lengths !== undefined) checkLengths(name, lengths, emissions);
    return emissions.shape as [Dimension, Dimension, Dimension];
  };
  /** Along time: what `best` makes of the scores (B, from, to), and the tags it came from. */
  const forwards = (emissions: Tensor, lengths: Tensor | undefined, best: (scores: Tensor) => Tensor) => {
    const [steps, batch] = check(emissions, lengths);
    const { start, end, transitions } = scores();
    const { final, outputs } = scan(
      (before: Tensor, { emission, t }: { emission: Tensor; t: Tensor }) => {
        const all = before.reshape([batch, tags, 1]).add(transitions);
        return [where(t.equal(0), start, best(all)).add(emission), all.argmax(1)] as const;
      },
      { init: zerosLike(emissions.at(0, 0)), inputs: { emission: emissions, t: range(steps) }, lengths },
    );
    return { last: final.add(end), pointers: outputs };
  };
  const logPartition = (emissions: Tensor, lengths?: Tensor) =>
    forwards(emissions, lengths, (all) => all.logSumExp(1)).last.logSumExp(1);

  const score = (emissions: Tensor, gold: Tensor, lengths?: Tensor) => {
    const [steps, batch] = check(emissions, lengths);
    expectTensors(name, gold);
    if (gold.dtype !== "int32" || !sameShape(gold.shape, [steps, batch])) {
      located(() => {
        const given = `${gold.dtype} ${printShape(gold.shape)}`;
        throw new ShapeError(`${name}: tags ${given} given, int32 ${printShape([steps, batch])} expected`);
      });
    }
    expectWithin(gold, 0, tags - 1, -1);
    const { start, end, transitions } = scores();
    const table = join([transitions, start.reshape([1, tags])], 0);
    const before = gold.pad(0, 1, 0, tags).slice(0, 0, steps);
    const column = gold.reshape([steps, batch, 1]);
    const t = range(steps).reshape([steps, 1, 1]);
    const ends = (lengths ?? sizeTensor(steps).convert("int32").broadcastTo([batch])).reshape([batch, 1]);
    const counts = t.less(ends).and(range(tags).equal(column));
    const each = table
      .gather(before)
      .add(emissions)
      .add(where(t.equal(ends.sub(1)), end, 0));
    const sum = where(counts, each, 0).sum([0, 2]);
    const missing = where(t.less(ends).and(column.less(0)), Number.NaN, scalar(0)).sum([0, 2]);
    return sum.add(missing);
  };

  return {
    weights,
    score,
    apply: logPartition,
    logPartition,
    loss(emissions, gold, call = {}) {
      checkOptions(`${name}.loss`, call, { lengths: true, reduction: true });
      const { lengths, reduction = "mean" } = call;
      checkReduction(`${name}.loss`, reduction);
      const costs = logPartition(emissions, lengths).sub(score(emissions, gold, lengths));
      return reduction === "mean" ? costs.mean() : costs.sum();
    },
    decode(emissions, lengths) {
      const [steps, batch] = check(emissions, lengths);
      const { last, pointers } = forwards(emissions, lengths, (all) => all.max(1));
      const { outputs } = scan(
        (tag: Tensor, from: Tensor) =>
          [from.takeAlong(tag.reshape([batch, 1]), 1).reshape([batch]), tag] as const,
        { init: last.argmax(1), inputs: pointers, lengths, reverse: true },
      );
      const path = lengths ? where(isWithin(lengths, steps), outputs, -1) : outputs;
      return { tags: path, score: last.max(1) };
    },
    marginals: (emissions, lengths) =>
      gradient(logPartition(emissions, lengths).sum(), { emissions }).emissions,
  };
}

/** Whether each is legal; undefined where all are. */
function maskOf(name: string, legal: readonly boolean[] | undefined, shape: readonly number[]) {
  return legal && constantTensor(name, legal.map(Number), shape);
}

function legalOf(weight: Tensor, mask: Tensor | undefined): Tensor {
  return mask ? where(mask.equal(1), weight, ILLEGAL) : weight;
}

function checkLegal(what: string, legal: unknown, tags: number): void {
  if (legal === undefined) return;
  const isLegal =
    Array.isArray(legal) && legal.length === tags && legal.every((one) => typeof one === "boolean");
  if (!isLegal) {
    throw new UsageError(
      `linearChainCrf: ${what} ${printGiven(legal)} given, a list of ${tags} booleans expected`,
    );
  }
  if (!legal.includes(true) && what !== "transitions") {
    throw new UsageError(`linearChainCrf: ${what} without a legal tag given, one or more expected`);
  }
}
