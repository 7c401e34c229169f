/** Penalties: what is added to a loss, times a rate of one's own, so that activations or weights stay small or steady. */

import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import type { Dimension } from "../graph/dimension.ts";
import { range, scalar, where } from "../trace/functions.ts";
import { expectTensors, sizeTensor, type Tensor } from "../trace/tensor.ts";
import { Variable } from "../trace/variable.ts";
import { checkLengths } from "./layers/sequence-layer.ts";
import { isWithin } from "./lengths.ts";

/**
 * The mean of h^2 over the outputs (T, B, H) of a layer, of each row to its length: activation regularisation.
 * Merity, McCann and Socher, "Revisiting activation regularization for language RNNs", 2017.
 */
export function activationPenalty(outputs: Tensor, lengths?: Tensor): Tensor {
  return meanSquare(outputs, 0, lengths);
}

/**
 * The mean of (h_t - h_(t-1))^2 over the outputs (T, B, H) of a layer, of each row from its second step to its length:
 * temporal activation regularisation. 0 where no row has two steps. Merity, McCann and Socher 2017.
 */
export function temporalActivationPenalty(outputs: Tensor, lengths?: Tensor): Tensor {
  expectTensors("temporalActivationPenalty", outputs);
  const before = outputs.pad(0, 1, 0).slice(0, 0, outputs.size(0));
  return meanSquare(outputs.sub(before), 1, lengths);
}

/**
 * The sum of w^2 over all of these weights that are trained: L2 regularisation. Of all weights but biases and scales, which is usual:
 *
 *     loss.add(l2Penalty(matrices(model)).mul(strength / 2))
 *
 * whose gradient is strength * w beside that of the loss.
 */
export function l2Penalty(weights: Readonly<Record<string, Tensor>> | readonly Tensor[]): Tensor {
  if (typeof weights !== "object" || weights === null) {
    throw new UsageError(
      `l2Penalty: ${printGiven(weights)} given, weights such as parameters(model) expected`,
    );
  }
  const list = Object.values<Tensor>(weights as Record<string, Tensor>);
  expectTensors("l2Penalty", ...list);
  return list
    .filter((weight) => !(weight instanceof Variable) || weight.trainable)
    .reduce((sum, weight) => sum.add(weight.square().sum()), scalar(0));
}

/** Over the steps from `first` on that are within their rows; 0 where there are none. */
function meanSquare(values: Tensor, first: number, lengths: Tensor | undefined): Tensor {
  expectTensors("activationPenalty", values);
  const [steps, batch, size] = values.shape as [Dimension, Dimension, Dimension];
  if (lengths) checkLengths("activation penalty", lengths, values);
  const late = range(steps).reshape([steps, 1]).less(first).not().broadcastTo([steps, batch]);
  const counts = lengths ? late.and(isWithin(lengths, steps)) : late;
  const own = where(counts.reshape([steps, batch, 1]), values, 0);
  return own
    .square()
    .sum()
    .div(counts.convert("float32").sum().mul(sizeTensor(size)).maximum(1));
}
