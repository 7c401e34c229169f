/** What it costs to attend to the same steps again and again. */

import { type Dimension, sameShape } from "../../graph/dimension.ts";
import { cumsum } from "../../trace/along-axis.ts";
import { where } from "../../trace/functions.ts";
import { expectTensors, sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { isWithin } from "../lengths.ts";
import { refuse } from "../losses/loss.ts";

/**
 * The mean over the rows' steps t of sum over s of min(a_ts, c_ts), from weights a (T, S, B), with the coverage c_ts = sum over
 * the steps before t of their weights; with lengths int32 (B) of the rows' own steps. From 0, where nothing is read twice, to 1.
 *
 * See, Liu and Manning, "Get to the point: summarization with pointer-generator networks", 2017, equation 12.
 */
export function coverageLoss(attention: Tensor, lengths?: Tensor): Tensor {
  expectTensors("coverageLoss", attention, ...(lengths ? [lengths] : []));
  const [steps, , batch] = attention.shape as [Dimension, Dimension, Dimension];
  const fits = lengths === undefined || (lengths.dtype === "int32" && sameShape(lengths.shape, [batch]));
  if (attention.shape.length !== 3 || attention.dtype !== "float32" || !fits) {
    return refuse("coverageLoss", lengths ? [attention, lengths] : [attention], "(T, S, B) and int32 (B)");
  }
  const within = lengths && isWithin(lengths, steps);
  const own = within ? where(within.reshape([steps, 1, batch]), attention, 0) : attention;
  const twice = own.minimum(cumsum(own, 0, { exclusive: true })).sum();
  return twice.div(within ? within.convert("float32").sum() : sizeTensor(steps).mul(sizeTensor(batch)));
}
