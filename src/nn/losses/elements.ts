/** Losses of numbers, element by element: which elements count, how much each of them does, and what becomes of the others. */

import { checkOptions, type OptionNames } from "../../checks.ts";
import { ShapeError } from "../../errors.ts";
import { printShape, sameShape } from "../../graph/dimension.ts";
import type { DType } from "../../graph/operations.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { where } from "../../trace/functions.ts";
import { expectTensors, located, type Tensor } from "../../trace/tensor.ts";
import { checkReduction, type Reduction, reduceLoss, refuse } from "./loss.ts";

export interface RegressionLossOptions {
  /** Over the elements that count. Default "mean"; 0 where none counts. */
  readonly reduction?: Reduction | undefined;
  /**
   * Which elements count, as bool over all axes of the predictions or the leading ones: `isWithin(lengths, "T")` (T, B) of
   * predictions (T, B, ...), or `targets.equal(targets)` where NaN stands for what is missing. Default all. The others are
   * left out before anything is computed: whatever they are, NaN included, reaches neither loss nor gradient.
   */
  readonly mask?: Tensor | undefined;
  /**
   * How much each element counts, as float32 from 0 on over all axes of the predictions or the leading ones: (T) of
   * predictions (T, B, ...) where late steps shall count more. What an element costs is multiplied by its weight, and the mean is
   * divided by the sum of the weights. An element with the weight 0 is left out as one that a mask leaves out. Default 1 each.
   */
  readonly weights?: Tensor | undefined;
}

export const regressionOptions: OptionNames<RegressionLossOptions> = {
  reduction: true,
  mask: true,
  weights: true,
};

/** A tensor that a loss is computed from, and the number that stands for an element that does not count, where costs are finite. */
interface Part {
  readonly tensor: Tensor;
  readonly neutral: number;
}

/** The sum of what each element costs, or the mean, by tensors of one shape. The first are the predictions. */
export function elementLoss<const Parts extends readonly Part[]>(
  loss: string,
  parts: Parts,
  options: RegressionLossOptions,
  costOf: (tensors: { readonly [At in keyof Parts]: Tensor }) => Tensor,
): Tensor {
  const tensors = parts.map(({ tensor }) => tensor);
  expectTensors(loss, ...tensors);
  checkOptions(loss, options, regressionOptions);
  const { reduction = "mean", mask, weights } = options;
  checkReduction(loss, reduction);
  const { shape } = tensors[0] as Tensor;
  if (!tensors.every((tensor) => tensor.dtype === "float32" && sameShape(tensor.shape, shape))) {
    const count = ["two", "three"][tensors.length - 2];
    return refuse(loss, tensors, `${count} float32 tensors of one shape`);
  }
  const costs = (own: readonly Tensor[]) => costOf(own as { readonly [At in keyof Parts]: Tensor });
  const [isCounted, weight] = [
    mask && spread(`${loss}: mask`, mask, "bool", tensors[0] as Tensor),
    weights && spread(`${loss}: weights`, weights, "float32", tensors[0] as Tensor),
  ];
  if (weights) expectWithin(weights, 0, Number.POSITIVE_INFINITY);
  const isWeighty = weight?.notEqual(0);
  const counts = isCounted && isWeighty ? isCounted.and(isWeighty) : (isCounted ?? isWeighty);
  if (!counts) {
    const each = costs(tensors);
    return reduction === "sum" ? each.sum() : each.mean();
  }
  const each = costs(parts.map(({ tensor, neutral }) => where(counts, tensor, neutral)));
  const own = weight ? where(counts, weight, 0) : counts.convert("float32");
  return reduceLoss(each.mul(own), own, reduction);
}

/** What is given over leading axes of a tensor, over all of them. */
function spread(what: string, given: Tensor, dtype: DType, { shape }: Tensor): Tensor {
  expectTensors(what, given);
  const rank = given.shape.length;
  if (given.dtype !== dtype || !sameShape(given.shape, shape.slice(0, rank))) {
    located(() => {
      const printed = `${given.dtype} ${printShape(given.shape)}`;
      const expected = `${dtype} over all axes of ${printShape(shape)} or the leading ones`;
      throw new ShapeError(`${what} ${printed} given, ${expected} expected`);
    });
  }
  return given.reshape([...given.shape, ...shape.slice(rank).map(() => 1)]).broadcastTo(shape);
}
