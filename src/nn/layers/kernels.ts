/** What convolutions share, in one dimension or two: the weights of their kernels, and the product with what windows see. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { concat, einsum } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { uniform } from "../initializers.ts";
import { checkSize } from "./layer.ts";

export interface KernelOptions {
  /**
   * Inputs and outputs fall into so many groups, and each output sees the inputs of its own group; default 1. As many as there
   * are inputs are a depthwise convolution.
   */
  readonly groups?: number | undefined;
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean | undefined;
  /** What becomes of each output, such as `relu`; default nothing. */
  readonly activation?: ((x: Tensor) => Tensor) | undefined;
}

/** The names of these options. */
export const kernelOptionNames = { groups: true, bias: true, activation: true } as const;

/** The weights of a convolution, and what they make of windows. */
export interface Kernels {
  /** `weight` (output, input / groups, ...widths) and `bias` (output), as PyTorch has them. */
  readonly weights: { readonly weight: Variable; readonly bias?: Variable };
  /** What stands at each place of a window, (..., input), to the outputs (..., output). */
  apply(taps: readonly Tensor[]): Tensor;
}

/** Both start uniform in +-1/sqrt(what an output sees), as in PyTorch. Throws UsageError for what is out of range. */
export function kernels(
  where: string,
  [input, output]: readonly [number, number],
  widths: readonly number[],
  options: KernelOptions,
): Kernels {
  const { groups = 1, bias: hasBias = true, activation } = options;
  checkSize(where, "input size", input);
  checkSize(where, "output size", output);
  checkSize(where, "groups", groups);
  if (input % groups !== 0 || output % groups !== 0) {
    throw new UsageError(
      `${where}: ${groups} groups given for ${input} inputs and ${output} outputs, a divisor of both expected`,
    );
  }
  if (activation !== undefined && typeof activation !== "function") {
    throw new UsageError(`${where}: activation ${printGiven(activation)} given, a function expected`);
  }
  const count = widths.reduce((product, width) => product * width);
  const own = input / groups;
  const initializer = uniform(1 / Math.sqrt(own * count));
  const weight = new Variable("weight", [output, own, ...widths], { initializer, layer: where });
  const bias = new Variable("bias", [output], { initializer, layer: where });
  return {
    weights: hasBias ? { weight, bias } : { weight },
    apply(taps) {
      const product = grouped(taps, weight.reshape([output, own, count]), groups);
      const sum = hasBias ? product.add(bias) : product;
      return activation ? activation(sum) : sum;
    },
  };
}

/** The sum over taps k of x_k (..., groups * I) times the matrices k of weight (groups * O, I, K), group by group. */
function grouped(taps: readonly Tensor[], weight: Tensor, groups: number): Tensor {
  const [output, own, count] = weight.shape as readonly [number, number, number];
  // One product, whose left side has the taps side by side.
  if (groups === 1) {
    return concat(...taps).dot(weight.transpose([2, 1, 0]).reshape([count * own, output]));
  }
  const leading = (taps[0] as Tensor).shape.slice(0, -1);
  const parts = taps.map((tap) => tap.reshape([...leading, groups, own]));
  // An output of one input a window is no product of matrices: element by element.
  const result =
    own === 1
      ? parts
          .map((part, tap) => part.mul(weight.at(2, tap).reshape([groups, output / groups])))
          .reduce((sum, part) => sum.add(part))
      : productOfGroups(concat(...parts), weight, groups);
  return result.reshape([...leading, output]);
}

/** x (..., groups, K * I) times weight (groups * O, I, K): (..., groups, O). */
function productOfGroups(x: Tensor, weight: Tensor, groups: number): Tensor {
  const [output, own, count] = weight.shape as readonly [number, number, number];
  const matrices = weight
    .reshape([groups, output / groups, own, count])
    .transpose([0, 3, 2, 1])
    .reshape([groups, count * own, output / groups]);
  const leading = "abcdef".slice(0, x.shape.length - 2);
  return einsum(`${leading}gi,gio->${leading}go`, x, matrices);
}
