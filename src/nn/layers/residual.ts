/** Connections past a layer along time: its input added to its output, or mixed with it by a gate. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { sameShape } from "../../graph/dimension.ts";
import { lerp, sigmoid } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { constant, uniform } from "../initializers.ts";
import { withinLengths } from "../lengths.ts";
import type { Layer } from "./layer.ts";
import type { Linear } from "./linear.ts";
import { checkSequenceLayer, type SequenceLayer } from "./sequence-layer.ts";

export interface ResidualOptions {
  /** What the input passes through, W x + b from the layer's input size to its output size; default the input itself. */
  readonly shortcut?: Linear | undefined;
  /** What becomes of the sum, such as `relu`; default nothing. */
  readonly activation?: ((x: Tensor) => Tensor) | undefined;
}

/**
 * activation(shortcut(x) + layer(x)), by default x + layer(x). The weights' names start with `layer` and `shortcut`.
 *
 *     residual(recurrent(lstm, 256, 256))
 *     residual(recurrent(lstm, 64, 256), { shortcut: linear(64, 256, { bias: false }) })
 *
 * He et al., "Deep residual learning for image recognition", 2016, equations 1 and 2. Throws UsageError for a layer whose input
 * and output differ in size without a shortcut, and a shortcut of other sizes.
 */
export function residual<State>(
  layer: SequenceLayer<State>,
  options: ResidualOptions = {},
): SequenceLayer<State> {
  checkSequenceLayer("residual", layer);
  checkOptions("residual", options, { shortcut: true, activation: true });
  const { shortcut, activation = (x) => x } = options;
  if (typeof activation !== "function") {
    throw new UsageError(`residual: activation ${printGiven(activation)} given, a function expected`);
  }
  if (!shortcut) return passing("residual", layer, {}, (x, output) => activation(x.add(output)));
  checkShortcut(layer, shortcut);
  return passing("residual", layer, { shortcut }, (x, output) => activation(shortcut.apply(x).add(output)));
}

/** Throws UsageError for a shortcut that does not lead from the layer's input to its output. */
function checkShortcut({ name, inputSize, outputSize }: SequenceLayer, shortcut: Linear): void {
  const given = shortcut?.weights?.weight?.dimensions;
  if (given && sameShape(given, [outputSize, inputSize])) return;
  const shown = given ? `linear(${given[1]}, ${given[0]})` : printGiven(shortcut);
  throw new UsageError(
    `residual: a shortcut ${shown} given for ${name}, linear(${inputSize}, ${outputSize}) expected`,
  );
}

export interface HighwayOptions {
  /** What the gate's bias starts at; default -2. */
  readonly bias?: number | undefined;
}

/**
 * t layer(x) + (1 - t) x with the gate t = sigmoid(W x + b): `gate_weight` (N, N) and `gate_bias` (N), which starts as
 * `bias`, so that at first most of x passes. The layer's weights' names start with `layer`.
 *
 *     highway(recurrent(gru, 256, 256), { bias: -1 })
 *
 * Srivastava, Greff and Schmidhuber, "Training very deep networks", 2015. Throws UsageError for a layer whose input and
 * output differ in size, and a bias that is no number.
 */
export function highway<State>(
  layer: SequenceLayer<State>,
  options: HighwayOptions = {},
): SequenceLayer<State> {
  checkSequenceLayer("highway", layer);
  checkOptions("highway", options, { bias: true });
  const { bias: start = -2 } = options;
  if (!Number.isFinite(start))
    throw new UsageError(`highway: bias ${printGiven(start)} given, a number expected`);
  const size = layer.inputSize;
  const name = `highway(${layer.name})`;
  const weight = new Variable("gate_weight", [size, size], {
    initializer: uniform(1 / Math.sqrt(size)),
    layer: name,
  });
  const bias = new Variable("gate_bias", [size], { initializer: constant(start), layer: name });
  return passing("highway", layer, { gate_weight: weight, gate_bias: bias }, (x, output) =>
    lerp(x, output, sigmoid(x.dot(weight.transpose()).add(bias))),
  );
}

/** A layer whose output (..., O) is joined with its input (..., I): of one size, unless a shortcut leads from one to the other. */
function passing<State>(
  kind: string,
  layer: SequenceLayer<State>,
  weights: Readonly<Record<string, Variable | Layer>>,
  join: (x: Tensor, output: Tensor) => Tensor,
): SequenceLayer<State> {
  const { name, inputSize, outputSize } = layer;
  if (inputSize !== outputSize && !weights.shortcut) {
    throw new UsageError(`${kind}: ${name} reads ${inputSize} and puts out ${outputSize}, one size expected`);
  }
  return {
    ...layer,
    name: `${kind}(${name})`,
    weights: { layer, ...weights },
    apply(x, call) {
      const { output, ...rest } = layer.apply(x, call);
      const joined = join(withinLengths(x, call?.lengths), output);
      return { output: withinLengths(joined, call?.lengths), ...rest };
    },
    step(x, before, call) {
      const { output, ...rest } = layer.step(x, before, call);
      return { output: join(x, output), ...rest };
    },
  };
}
