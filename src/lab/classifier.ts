/** Classifiers of whole sequences, as the experiments have them: a linear readout of the last output. */

import { linear } from "../nn/layers/linear.ts";
import type { SequenceLayer } from "../nn/layers/sequence-layer.ts";
import { compile, type InputType, type ValueLike } from "../program/compile.ts";
import type { Tensor } from "../trace/tensor.ts";
import type { TrialContext } from "./experiment.ts";

/** A layer along time and scores of classes, (T, B, I) to (B, classes). */
export function classifier<State>(rnn: SequenceLayer<State>, classes: number) {
  const model = { rnn, head: linear(rnn.outputSize, classes) };
  return { model, logits: (x: Tensor) => model.head.apply(rnn.apply(x).output.at(0, -1)) };
}

/** A measurement: which part of some sequences is found right, with the weights as they are. */
export function accuracyOf(
  logits: (x: Tensor) => Tensor,
  inputs: { readonly x: InputType; readonly y: InputType },
  given: { readonly x: ValueLike; readonly y: ValueLike },
  { backend }: TrialContext,
): () => number {
  const run = compile(
    ({ x, y }: { x: Tensor; y: Tensor }) => logits(x).argmax().equal(y).convert("float32").mean(),
    { inputs, ...(backend && { backend }) },
  );
  return () => run(given).data[0] as number;
}
