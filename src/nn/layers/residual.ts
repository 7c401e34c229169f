/** Connections past a layer along time: its input added to its output, or mixed with it by a gate. */

import { checkOptions, printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";
import { lerp, sigmoid } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { constant, uniform } from "../initializers.ts";
import { withinLengths } from "../lengths.ts";
import { checkSequenceLayer, type SequenceLayer } from "./sequence-layer.ts";

/**
 * x + layer(x). The weights' names start with `layer`.
 *
 *     residual(recurrent(lstm, 256, 256))
 *
 * He et al., "Deep residual learning for image recognition", 2016. Throws UsageError for a layer whose input and output
 * differ in size.
 */
export function residual<State>(layer: SequenceLayer<State>): SequenceLayer<State> {
  return passing("residual", layer, {}, (x, output) => x.add(output));
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

/** A layer whose output is joined with its input, (..., N) both. */
function passing<State>(
  kind: string,
  layer: SequenceLayer<State>,
  weights: Readonly<Record<string, Variable>>,
  join: (x: Tensor, output: Tensor) => Tensor,
): SequenceLayer<State> {
  checkSequenceLayer(kind, layer);
  const { name, inputSize, outputSize } = layer;
  if (inputSize !== outputSize) {
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
