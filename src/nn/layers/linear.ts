/** An affine map of the last axis. */

import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import {
  checkScheme,
  glorotUniform,
  orthogonal,
  type Scheme,
  smallUniform,
  uniform,
  zeros,
} from "../initializers.ts";
import { checkInput, checkSize, type Layer } from "./layer.ts";

export interface LinearOptions {
  /** Whether there is a bias. Default true. */
  readonly bias?: boolean | undefined;
  /**
   * How the weights start. "default": weight and bias uniform in +-1/sqrt(input), as in PyTorch; "orthogonal" and
   * "glorot": the weight by that rule, the bias 0; "uniform": both uniform in +-0.1.
   */
  readonly initialize?: Scheme | undefined;
}

export interface Linear extends Layer {
  readonly weights: { readonly weight: Variable; readonly bias?: Variable };
  /** (..., I) to (..., O). */
  apply(x: Tensor): Tensor;
}

/**
 * y = W x + b with `weight` (O, I) and `bias` (O): torch.nn.Linear.
 * Throws UsageError for sizes that are not positive integers.
 */
export function linear(
  input: number,
  output: number,
  { bias: hasBias = true, initialize = "default" }: LinearOptions = {},
): Linear {
  checkSize("linear", "input size", input);
  checkSize("linear", "output size", output);
  checkScheme("linear", initialize);
  const spread = uniform(1 / Math.sqrt(input));
  const matrices = { default: spread, orthogonal, glorot: glorotUniform, uniform: smallUniform };
  const biases = { default: spread, orthogonal: zeros, glorot: zeros, uniform: smallUniform };
  const weight = new Variable("weight", [output, input], { initializer: matrices[initialize] });
  const bias = new Variable("bias", [output], { initializer: biases[initialize] });
  return {
    weights: hasBias ? { weight, bias } : { weight },
    apply(x) {
      checkInput("linear", x, input);
      const product = x.dot(weight.transpose());
      return hasBias ? product.add(bias) : product;
    },
  };
}
