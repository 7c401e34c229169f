/** What a layer is, and the checks that all layers share. */

import { printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { type Dimension, printShape } from "../../graph/dimension.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import type { Variable } from "../../trace/variable.ts";

/** Weights by name, or layers that have them, and a function over tensors (`apply`, whose arguments are the layer's own). */
export interface Layer {
  readonly weights: Readonly<Record<string, Variable | Layer>>;
}

export function isLayer(value: unknown): value is Layer {
  return typeof value === "object" && value !== null && "weights" in value && "apply" in value;
}

/** Throws UsageError unless the size is a positive integer. */
export function checkSize(where: string, what: string, size: number): void {
  if (!Number.isInteger(size) || size < 1) {
    throw new UsageError(`${where}: ${what} ${printGiven(size)} given, a positive integer expected`);
  }
}

/** Throws UsageError for what is none of the choices. */
export function checkChoice(where: string, what: string, given: string, choices: readonly string[]): void {
  if (choices.includes(given)) return;
  throw new UsageError(`${where}: ${what} ${printGiven(given)} given, ${choices.join(", ")} expected`);
}

/** Throws UsageError unless 0 <= probability < 1. */
export function checkProbability(where: string, what: string, probability: number): void {
  if (!(typeof probability === "number" && probability >= 0 && probability < 1)) {
    throw new UsageError(
      `${where}: ${what} ${printGiven(probability)} given, a number from 0 to below 1 expected`,
    );
  }
}

/** Throws UsageError unless epsilon, which keeps a division from 0, is positive. */
export function checkEpsilon(where: string, epsilon: number): void {
  if (!(typeof epsilon === "number" && epsilon > 0 && epsilon < Number.POSITIVE_INFINITY)) {
    throw new UsageError(`${where}: epsilon ${printGiven(epsilon)} given, a positive number expected`);
  }
}

/** Throws ShapeError, with the line of the user's code, unless x is float32 (..., size), of `rank` axes if that is given. */
export function checkInput(where: string, x: Tensor, size: Dimension, rank?: number): void {
  expectTensors(where, x);
  const { shape, dtype } = x;
  if (dtype === "float32" && shape.at(-1) === size && (rank === undefined || shape.length === rank)) return;
  const axes = rank === 3 ? "T, B" : rank === 2 ? "B" : "...";
  const expected = `(${axes}, ${size})`;
  located(() => {
    throw new ShapeError(`${where}: ${dtype} ${printShape(shape)} given, float32 ${expected} expected`);
  });
}
