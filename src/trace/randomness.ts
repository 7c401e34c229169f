/**
 * Where layers with dropout get their random numbers from: from a key of their own, or from the key of the function around
 * them. Each place of use takes another key from that one, in the order in which the function is traced. A training gives a key
 * (`trainingStep` does so by itself). Outside of training there is no key, and nothing is dropped.
 */

import { printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import * as build from "../graph/build.ts";
import { sameShape } from "../graph/dimension.ts";
import type { Node } from "../graph/node.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { printType } from "../graph/types.ts";
import { currentTrace } from "./current.ts";
import { range } from "./functions.ts";
import { expectTensors, located, Tensor } from "./tensor.ts";

/** The keys of one use, int32 (2). Outside of a scan's step both are the same. */
export interface Keys {
  /** The same at every step of a scan: for masks that stay along time. */
  readonly steady: Tensor;
  /** Another one at every step. */
  readonly fresh: Tensor;
}

/** Gives each use keys of its own. */
type Source = () => Keys;

/** What is random in a trace. */
export interface Randomness {
  /** `"nothing"` where dropping nothing is what was asked for. */
  source: Source | "nothing" | undefined;
  /** Results that nothing was dropped from, for want of a key, and what dropped nothing. */
  readonly undropped: { readonly node: Node; readonly where: string }[];
}

/**
 * What `build` returns. In it, layers that are given no key of their own draw from `key`, int32 (2): each use of a layer draws
 * another mask, and a layer within a scan's step draws anew at each step. With null nothing is dropped, as when a model is used
 * and not trained.
 *
 *     const loss = withKey(key, () => crossEntropy(model.head.apply(drop.apply(x)), y));
 *
 * Throws UsageError outside of a function that is being traced.
 */
export function withKey<Result>(key: Tensor | null, build: () => Result): Result {
  const random = currentTrace()?.random;
  if (!random) throw new UsageError("withKey: called outside of a function that is being traced");
  if (typeof build !== "function") {
    throw new UsageError(`withKey: ${printGiven(build)} given, a function expected`);
  }
  if (key !== null) checkKey(key);
  return within(random, key === null ? "nothing" : sourceOf(key), build);
}

function within<Result>(random: Randomness, source: Randomness["source"], build: () => Result): Result {
  const outer = random.source;
  random.source = source;
  try {
    return build();
  } finally {
    random.source = outer;
  }
}

function sourceOf(key: Tensor): Source {
  let uses = 0;
  return () => {
    const own = foldKey(key, uses++);
    return { steady: own, fresh: own };
  };
}

/** Whether layers find a key. */
export function isRandom(): boolean {
  return typeof currentTrace()?.random.source === "function";
}

/** What `build`, step t of a scan (int32 scalar), returns: what is random within differs from step to step. */
export function withinStep<Result>(t: Tensor | undefined, build: () => Result): Result {
  const random = currentTrace()?.random;
  const outer = random?.source;
  if (!random || !t || typeof outer !== "function") return build();
  let scan: Keys | undefined;
  let uses = 0;
  const source: Source = () => {
    scan ??= outer();
    const use = uses++;
    return { steady: foldKey(scan.steady, use), fresh: foldKey(foldKey(scan.fresh, use), t) };
  };
  return within(random, source, build);
}

/** Throws ShapeError for what is no key, int32 (2). */
function checkKey(key: Tensor): void {
  expectTensors("a key", key);
  if (key.dtype === "int32" && sameShape(key.shape, [2])) return;
  located(() => {
    throw new ShapeError(`a key: ${printType(key.node)} given, int32 (2) expected`);
  });
}

/** The keys of a use: those made of `given`, else those of the function around; undefined where there are none. */
export function keysFor(given: Tensor | undefined): Keys | undefined {
  if (given) {
    checkKey(given);
    return { steady: given, fresh: given };
  }
  const source = currentTrace()?.random.source;
  return typeof source === "function" ? source() : undefined;
}

/** `result`, noted as one that nothing was dropped from, unless that is what was asked for. */
export function undropped(where: string, result: Tensor): Tensor {
  const random = currentTrace()?.random;
  if (random && random.source !== "nothing") random.undropped.push({ node: result.node, where });
  return result;
}

/** Throws UsageError where a loss, whose gradient is asked for, depends on what should have been dropped from. */
export function requireDropped(loss: Node): void {
  const noted = currentTrace()?.random.undropped ?? [];
  if (noted.length === 0) return;
  const reached = new Set(topologicalOrder([loss]));
  const missed = noted.find(({ node }) => reached.has(node));
  if (!missed) return;
  throw new UsageError(
    `gradient: ${missed.where} draws nothing, for it has no key: give one to apply or withKey, train with trainingStep, or say withKey(null, ...)`,
  );
}

/**
 * A key of its own for use number `use` (0, 1, ..., or an int32 scalar) of a key int32 (2): masks drawn from different uses
 * are independent.
 */
export function foldKey(key: Tensor, use: number | Tensor): Tensor {
  checkKey(key);
  const counters = range(2).sub(typeof use === "number" ? 2 * use + 2 : use.mul(2).add(2));
  const [first, second] = [key.at(0, 0), key.at(0, 1)].map((half) => half.broadcastTo([2]));
  const bits = build.elementwise("random", (first as Tensor).node, (second as Tensor).node, counters.node);
  return new Tensor(bits).mul(2 ** 24).convert("int32");
}
