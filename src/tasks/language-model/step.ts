/** One update of a language model. */

import { crossEntropy } from "../../nn/index.ts";
import { int32 } from "../../program/compile.ts";
import { createOptimizer } from "../../training/optimizers.ts";
import { trainingStep } from "../../training/step.ts";
import type { LanguageModel } from "./model.ts";
import { forward, stateTypes } from "./network.ts";
import type { TrainingSettings } from "./options.ts";

/** One update as a compiled program, for any batch and window. */
export function compileStep(model: LanguageModel, settings: TrainingSettings, backend = model.backend) {
  const { network, architecture } = model;
  const { optimizer, optimizerSettings, clip, clipValue } = settings;
  const probability = architecture.dropout;
  return trainingStep({
    parameters: Object.values(model.parameters),
    optimizer: createOptimizer(optimizer, optimizerSettings),
    clipNorm: clip === 0 ? undefined : clip,
    clipValue: clipValue === 0 ? undefined : clipValue,
    seed: settings.seed,
    backend,
    inputs: {
      tokens: int32("T", "B"),
      targets: int32("T", "B"),
      state: stateTypes(network),
    },
    loss({ tokens, targets, state }, _update, key) {
      const result = forward(network, tokens, state, probability > 0 ? { key, probability } : undefined);
      return { loss: crossEntropy(result.logits, targets), outputs: result.state };
    },
  });
}
