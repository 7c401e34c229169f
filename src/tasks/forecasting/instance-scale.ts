/**
 * The level and the spread of each window's context, by which the network reads it and its forecasts are given back: what
 * drifts from window to window is not the network's to learn. Kim et al., "Reversible instance normalization for accurate
 * time-series forecasting against distribution shift", 2022; for counts the mean, as Salinas et al. 2020.
 */

import { reversibleInstanceNorm } from "../../nn/index.ts";
import { clamp, lerp, zerosLike } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Form } from "./options.ts";

/** Both (B, G). */
export class InstanceScale {
  readonly center: Tensor;
  readonly scale: Tensor;

  constructor(center: Tensor, scale: Tensor) {
    this.center = center;
    this.scale = scale;
  }

  /** Values (..., B, G) in the window's own units. */
  apply(values: Tensor): Tensor {
    return values.sub(this.center).div(this.scale);
  }

  /** Back to the units of the values. */
  restore(values: Tensor): Tensor {
    return this.spread(values).add(this.center);
  }

  /** A deviation, back to the units of the values. */
  spread(values: Tensor): Tensor {
    return values.mul(this.scale);
  }
}

/** Fewer values than this say little of how far they spread: the training rows' deviation, which is 1, stands in for them. */
const ENOUGH = 8;

/** The scale of contexts (T, B, G) whose `observed` values count. */
export function instanceScale({ loss, normalize }: Form, values: Tensor, observed: Tensor): InstanceScale {
  const targets = values.shape.at(-1) as number;
  const { center, scale } = reversibleInstanceNorm(targets, { affine: false }).apply(values, { observed });
  const none = zerosLike(center);
  if (loss === "negative-binomial") return new InstanceScale(none, center.add(1));
  if (normalize === "standard") return new InstanceScale(none, none.add(1));
  const few = clamp(
    observed
      .sum(0)
      .sub(1)
      .div(1 - ENOUGH)
      .add(1),
    0,
    1,
  );
  return new InstanceScale(center, lerp(scale, none.add(1), few));
}
