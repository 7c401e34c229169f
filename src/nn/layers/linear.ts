/** An affine map of the last axis. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { printShape, sameShape } from "../../graph/dimension.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { type Initializer, Variable } from "../../trace/variable.ts";
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
   * "glorot": the weight by that rule, the bias 0; "uniform": both uniform in +-0.1; "uniform-gates": as "orthogonal".
   */
  readonly initialize?: Scheme | undefined;
  /**
   * The weight (output, input) of another layer to use as one's own, so that both learn it together, as a language model's
   * head that shares its embedding's: `linear(size, vocabulary, { weight: embedding.weights.weight })`. Press and Wolf,
   * "Using the output embedding to improve language models", 2017.
   */
  readonly weight?: Variable | undefined;
}

export interface Linear extends Layer {
  readonly weights: { readonly weight: Variable; readonly bias?: Variable };
  /** (..., I) to (..., O). */
  apply(x: Tensor): Tensor;
}

/**
 * y = W x + b with `weight` (O, I) and `bias` (O): torch.nn.Linear.
 * Throws UsageError for sizes that are not positive integers, and a shared weight of other sizes.
 */
export function linear(input: number, output: number, options: LinearOptions = {}): Linear {
  checkOptions("linear", options, { bias: true, initialize: true, weight: true });
  const { bias: hasBias = true, initialize = "default", weight: shared } = options;
  checkSize("linear", "input size", input);
  checkSize("linear", "output size", output);
  checkScheme("linear", initialize);
  const [matrix, start] = starts(initialize, input);
  const layer = `linear(${input}, ${output})`;
  const weight = shared ?? new Variable("weight", [output, input], { initializer: matrix, layer });
  if (!(weight instanceof Variable)) {
    throw new UsageError(`linear: weight ${printGiven(weight)} given, a variable expected`);
  }
  if (!sameShape(weight.dimensions, [output, input])) {
    const given = printShape(weight.dimensions);
    throw new UsageError(`linear: a weight ${given} given, (${output}, ${input}) expected`);
  }
  const bias = new Variable("bias", [output], { initializer: start, layer });
  return {
    weights: hasBias ? { weight, bias } : { weight },
    apply(x) {
      checkInput("linear", x, input);
      const product = x.dot(weight.transpose());
      return hasBias ? product.add(bias) : product;
    },
  };
}

/** How weight and bias start. */
function starts(scheme: Scheme, input: number): readonly [weight: Initializer, bias: Initializer] {
  if (scheme === "uniform") return [smallUniform, smallUniform];
  if (scheme === "glorot") return [glorotUniform, zeros];
  if (scheme !== "default") return [orthogonal, zeros];
  const spread = uniform(1 / Math.sqrt(input));
  return [spread, spread];
}
