/** Quantiles that a network predicts and that never cross. */

import { printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { printShape } from "../graph/dimension.ts";
import { softplus } from "../trace/activations.ts";
import { stack } from "../trace/functions.ts";
import { expectTensors, located, type Tensor } from "../trace/tensor.ts";

/**
 * Quantiles in ascending order from what a network gives, float32 (..., Q) to (..., Q), Q a number. That at `middle`, from 0 to
 * Q - 1, stays as it is: let it be the median. Those above add softplus(x) to the one below them, one after the other, those below take it
 * off the one above them. So each is at least as large as the one before it, to the last bit. As in Park et al., "Learning
 * quantile functions without quantile crossing for distribution-free time series forecasting", 2022, where the sums start from
 * the first. Throws ShapeError where the shape does not fit, UsageError for a middle that is not there.
 */
export function orderedQuantiles(raw: Tensor, middle: number): Tensor {
  expectTensors("orderedQuantiles", raw);
  const count = raw.shape.at(-1);
  if (raw.dtype !== "float32" || typeof count !== "number" || count === 0) {
    return located(() => {
      const given = `${raw.dtype} ${printShape(raw.shape)}`;
      throw new ShapeError(`orderedQuantiles: ${given} given, float32 (..., Q) with a number Q expected`);
    });
  }
  if (!(Number.isInteger(middle) && middle >= 0 && middle < count)) {
    const expected = `a whole number from 0 to ${count - 1}`;
    throw new UsageError(`orderedQuantiles: middle ${printGiven(middle)} given, ${expected} expected`);
  }
  const quantiles = [raw.at(-1, middle)];
  for (let at = middle + 1; at < count; at++) {
    quantiles.push((quantiles.at(-1) as Tensor).add(softplus(raw.at(-1, at))));
  }
  for (let at = middle - 1; at >= 0; at--) {
    quantiles.unshift((quantiles[0] as Tensor).sub(softplus(raw.at(-1, at))));
  }
  return stack(quantiles, -1);
}
