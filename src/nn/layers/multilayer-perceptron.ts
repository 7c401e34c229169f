/** A network of fully connected layers: it has no time, and sees each row for itself. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { relu } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Scheme } from "../initializers.ts";
import { dropout as dropoutLayer } from "./dropout.ts";
import type { Layer } from "./layer.ts";
import { type Linear, linear } from "./linear.ts";

export interface MultilayerPerceptronOptions {
  /** What becomes of the outputs of every layer but the last; default `relu`. */
  readonly activation?: ((x: Tensor) => Tensor) | undefined;
  /** Probability of dropout on these; default 0. */
  readonly dropout?: number | undefined;
  /** How the weights start: as those of `linear`. */
  readonly initialize?: Scheme | undefined;
}

export interface MultilayerPerceptron extends Layer {
  /** The layers by their number: `0.weight`. */
  readonly weights: Readonly<Record<string, Linear>>;
  /** (..., input) to (..., sizes.at(-1)). */
  apply(x: Tensor): Tensor;
}

/**
 * a_l = activation(W_l a_(l-1) + b_l) for layers of these sizes, of which the last one is without the activation: the feedforward
 * network. Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", 1986.
 *
 *     multilayerPerceptron(784, [256, 10], { dropout: 0.5 })
 *
 * Throws UsageError for no sizes, sizes that are no positive integers, and a probability out of range.
 */
export function multilayerPerceptron(
  input: number,
  sizes: readonly number[],
  options: MultilayerPerceptronOptions = {},
): MultilayerPerceptron {
  const name = "multilayerPerceptron";
  checkOptions(name, options, { activation: true, dropout: true, initialize: true });
  const { activation = relu, dropout = 0, initialize } = options;
  if (!Array.isArray(sizes) || sizes.length === 0) {
    throw new UsageError(`${name}: sizes ${printGiven(sizes)} given, a list of one or more expected`);
  }
  if (typeof activation !== "function") {
    throw new UsageError(`${name}: activation ${printGiven(activation)} given, a function expected`);
  }
  const layers = sizes.map((size, index) => linear(sizes[index - 1] ?? input, size, { initialize }));
  const drop = dropoutLayer(dropout);
  return {
    weights: Object.fromEntries(layers.map((layer, index) => [index, layer])),
    apply: (x) =>
      layers.reduce((a, layer, index) => layer.apply(index === 0 ? a : drop.apply(activation(a))), x),
  };
}
