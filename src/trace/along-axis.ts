/** Functions that walk along an axis step by step: running sums, and the largest numbers in order. */

import { checkOptions, printGiven } from "../checks.ts";
import { ShapeError } from "../errors.ts";
import type { Dimension } from "../graph/dimension.ts";
import { axisOf } from "./axes.ts";
import { full, range, where } from "./functions.ts";
import { scan } from "./scan.ts";
import { expectTensors, located, type Tensor } from "./tensor.ts";

export interface CumsumOptions {
  /** Whether each sum goes from the last element down to its own. Default false: from the first up to its own. */
  readonly reverse?: boolean | undefined;
  /** Whether its own element is left out, so that the first sum is 0. Default false. */
  readonly exclusive?: boolean | undefined;
}

/**
 * The sums of all elements up to each along an axis, of float32 or int32. It is a scan, so that a sum sees nothing of what
 * comes after it, NaN included, as it would in a product with a triangle of ones. What rounding takes from a sum is carried
 * along and given to the next one: sums of many float32 are as exact as short ones.
 */
export function cumsum(x: Tensor, axis: number, options: CumsumOptions = {}): Tensor {
  expectTensors("cumsum", x);
  checkOptions("cumsum", options, { reverse: true, exclusive: true });
  const { reverse = false, exclusive = false } = options;
  const order = toFront(x, axis);
  const inputs = x.transpose(order);
  const none = full(0, inputs.shape.slice(1), x.dtype);
  const { outputs } = scan(
    (before: RoundedSum, own: Tensor) => {
      const after = roundedSum(before.sum, own.add(before.lost));
      return [after, exclusive ? before.sum : after.sum] as const;
    },
    { init: { sum: none, lost: none }, inputs, reverse },
  );
  return outputs.transpose(back(order));
}

interface RoundedSum {
  readonly sum: Tensor;
  readonly lost: Tensor;
}

/** a + b, and what rounding took from it: 0 where the sum is not finite. Knuth, "The art of computer programming", 4.2.2. */
function roundedSum(a: Tensor, b: Tensor): RoundedSum {
  const sum = a.add(b);
  const added = sum.sub(a);
  const lost = a.sub(sum.sub(added)).add(b.sub(added)).stopGradient();
  return { sum, lost: where(lost.equal(lost), lost, 0) };
}

export interface TopK {
  /** The k largest, from the largest down. */
  readonly values: Tensor;
  /** Where they stand along the axis, int32. */
  readonly indices: Tensor;
}

/**
 * The k largest numbers along an axis (default the last), whose size becomes k, from the largest down, and where they stand.
 * Of equal numbers the one with the lower index comes first; NaN counts as the largest. The gradient goes to the numbers
 * that were chosen. It looks at the whole axis k times.
 * Throws ShapeError for a k that is no whole number from 1 to the axis's size.
 */
export function topK(x: Tensor, k: number, axis = -1): TopK {
  expectTensors("topK", x);
  const order = toFront(x, axis);
  const size = x.shape[order[0] as number] as Dimension;
  if (!(Number.isInteger(k) && k >= 1 && (typeof size === "string" || k <= size))) {
    located(() => {
      throw new ShapeError(`topK: ${printGiven(k)} given, a whole number from 1 to ${size} expected`);
    });
  }
  const rows = x.transpose(order).stopGradient();
  const positions = range(size).reshape([size, ...rows.shape.slice(1).map(() => 1)]);
  const isNumber = rows.equal(rows);
  const lowest = x.dtype === "int32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY;
  /** The first of the largest among those that come after the last one, which is none at first. */
  const step = (last: { value: Tensor; index: Tensor }) => {
    const hasNumber = last.value.equal(last.value);
    const isLower = rows.less(last.value).or(isNumber.and(hasNumber.not()));
    const isEqual = rows.equal(last.value).or(isNumber.or(hasNumber).not());
    const isNext = last.index
      .less(0)
      .or(isLower)
      .or(isEqual.and(last.index.less(positions)));
    const value = where(isNext, rows, lowest).max(0);
    const isLargest = isNext.and(rows.equal(value).or(isNumber.not()));
    const index = where(isLargest, positions, 2 ** 31 - 1).min(0);
    return [{ value, index }, index] as const;
  };
  const rest = rows.shape.slice(1);
  // Position k - 1 less k: -1, but of an axis that has k elements.
  const none = range(size)
    .at(0, k - 1)
    .sub(k)
    .broadcastTo(rest);
  const { outputs } = scan(step, {
    init: { value: full(0, rest, x.dtype), index: none },
    inputs: {},
    length: k,
  });
  const indices = outputs.transpose(back(order));
  return { values: x.takeAlong(indices, axis), indices };
}

/** The permutation that moves an axis to the front. */
function toFront(x: Tensor, axis: number): number[] {
  const along = located(() => axisOf(x.shape, axis));
  return [along, ...x.shape.map((_, other) => other).filter((other) => other !== along)];
}

/** The permutation that undoes another one. */
const back = (order: readonly number[]) => order.map((_, axis) => order.indexOf(axis));
