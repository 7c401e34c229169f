/** What one update of a language model is. */

import { crossEntropy, stateTypes } from "../../nn/index.ts";
import { int32 } from "../../program/compile.ts";
import type { Tensor } from "../../trace/tensor.ts";
import type { Optimizer } from "../../training/optimizer.ts";
import { updateSettings } from "../../training/options.ts";
import type { LanguageModel } from "./model.ts";
import { forward } from "./network.ts";
import type { TrainingSettings } from "./options.ts";

/** The options of a training, or of a training step, that say what an update is, for any batch and window. */
export function updateOf(
  { network, architecture: { dropout: probability } }: LanguageModel,
  settings: TrainingSettings,
  own?: Optimizer | undefined,
) {
  return {
    ...updateSettings(settings, own),
    inputs: {
      tokens: int32("T", "B"),
      targets: int32("T", "B"),
      state: stateTypes(network.rnn),
    },
    loss(
      {
        tokens,
        targets,
        state,
      }: { tokens: Tensor; targets: Tensor; state: Readonly<Record<string, Tensor>> },
      _update: unknown,
      key: Tensor | undefined,
    ) {
      const result = forward(
        network,
        tokens,
        state,
        key && probability > 0 ? { key, probability } : undefined,
      );
      return { loss: crossEntropy(result.logits, targets), carried: { state: result.state } };
    },
  };
}
