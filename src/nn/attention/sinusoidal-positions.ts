/** Where a step stands in its sequence, as sines and cosines added to it: for layers that see no order by themselves. */

import { checkOptions } from "../../checks.ts";
import type { Dimension } from "../../graph/dimension.ts";
import { constantTensor } from "../../trace/constant-tensor.ts";
import { range, sin } from "../../trace/functions.ts";
import { sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { checkInput, checkSize } from "../layers/layer.ts";
import {
  checkLengths,
  checkState,
  type SequenceLayer,
  sequenceCallNames,
  stepCallNames,
} from "../layers/sequence-layer.ts";
import { withinLengths } from "../lengths.ts";
import { memoryOf } from "../memory.ts";

/** How many steps of each row were before: (1, B, 1). */
export type PositionState = Readonly<Record<"position", Tensor>>;

export type SinusoidalPositions = SequenceLayer<PositionState>;

/**
 * y_t = x_t + p_t for x (T, B, size), t = 0, 1, ..., where p_t has sin(t / 10000^(2i / size)) at 2i and
 * cos(t / 10000^(2i / size)) at 2i + 1. It has no weights. Its state counts the steps of each row, so that a sequence may come in
 * windows or step by step.
 *
 *     stacked(sinusoidalPositions(64), transformerBlock(64, { heads: 4, causal: true }))
 *
 * Vaswani et al., "Attention is all you need", 2017, section 3.5. Throws UsageError for a size that is no positive integer.
 */
export function sinusoidalPositions(size: number): SinusoidalPositions {
  const name = `sinusoidalPositions(${size})`;
  checkSize("sinusoidalPositions", "size", size);
  const places = Array.from({ length: size }, (_, at) => at);
  const rates = places.map((at) => 10000 ** (-(at - (at % 2)) / size));
  const rate = constantTensor("rate", rates, [size]);
  // cos(a) = sin(a + pi / 2)
  const turns = places.map((at) => (at % 2) * (Math.PI / 2));
  const turn = constantTensor("turn", turns, [size]);
  /** Positions (..., 1) to what is added, (..., size). */
  const waves = (position: Tensor) => sin(position.mul(rate).add(turn));
  const stateShapes = <Batch extends Dimension>(batch: Batch) => ({ position: [1, batch, 1] as const });
  return {
    name,
    weights: {},
    inputSize: size,
    outputSize: size,
    stateShapes,
    apply(x, call = {}) {
      checkInput(name, x, size, 3);
      checkOptions(name, call, sequenceCallNames);
      const { state, lengths, memory } = call;
      const [steps, batch] = x.shape as [Dimension, Dimension];
      memoryOf(name, memory, { size: undefined, batch });
      if (lengths !== undefined) checkLengths(name, lengths, x);
      if (state !== undefined) checkState(name, state, stateShapes(batch));
      const own = range(steps).convert("float32").reshape([steps, 1, 1]);
      const output = x.add(waves(state ? own.add(state.position) : own));
      const read = (lengths?.convert("float32") ?? sizeTensor(steps).broadcastTo([batch])).reshape([
        1,
        batch,
        1,
      ]);
      const position = state ? state.position.add(read) : read;
      return { output: withinLengths(output, lengths), state: { position } };
    },
    step(x, state, call = {}) {
      checkInput(name, x, size, 2);
      checkOptions(name, call, stepCallNames);
      memoryOf(name, call.memory, { size: undefined, batch: x.size(0) });
      checkState(name, state, stateShapes(x.size(0)));
      return {
        output: x.add(waves(state.position.at(0, 0))),
        state: { position: state.position.add(1) },
      };
    },
  };
}
