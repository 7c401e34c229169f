/** What a mechanism may read of the steps before, and how a cell or a layer carries it on. */

import type { Tensor } from "../../trace/tensor.ts";
import type { Tensors } from "../cell.ts";
import { MEMORY_STEPS, type StateSize } from "../memory.ts";

/** What there is of the steps before, zeros before the first one. A mechanism finds what it says it reads. */
export interface PreviousAttention {
  /** (S, B): the weights of the step before. */
  readonly alignment: Tensor;
  /** (S, B): the sum of the weights of all steps before. */
  readonly coverage: Tensor;
  /** (B, 1): how many steps there were before, as float32. */
  readonly step: Tensor;
}

/** The sizes of what is carried on, (B, size) each. */
export const previousSizes: Readonly<Record<keyof PreviousAttention, StateSize>> = {
  alignment: MEMORY_STEPS,
  coverage: MEMORY_STEPS,
  step: 1,
};

/** What is carried on as a mechanism reads it. */
export function previousOf(state: Tensors<keyof PreviousAttention>): PreviousAttention {
  const { alignment, coverage, step }: Partial<Tensors<keyof PreviousAttention>> = state;
  return {
    alignment: alignment?.transpose() as Tensor,
    coverage: coverage?.transpose() as Tensor,
    step: step as Tensor,
  };
}

/** These parts of what is carried on, after a step whose weights were (S, B). */
export function previousAfter(
  parts: readonly (keyof PreviousAttention)[],
  state: Tensors<keyof PreviousAttention>,
  weights: Tensor,
): Record<keyof PreviousAttention, Tensor> {
  const next: Record<keyof PreviousAttention, () => Tensor> = {
    alignment: () => weights.transpose(),
    coverage: () => state.coverage.add(weights.transpose()),
    step: () => state.step.add(1),
  };
  return Object.fromEntries(parts.map((part) => [part, next[part]()])) as Record<
    keyof PreviousAttention,
    Tensor
  >;
}
