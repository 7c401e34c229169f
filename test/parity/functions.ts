/** Losses and normalisation. */

import { crossEntropy, layerNorm, type Reduction } from "../../src/nn/index.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { numberOf, sizeOf } from "./case.ts";
import { evaluate, load } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

/** What torch.nn.functional.cross_entropy ignores where it is not told. */
const torchIgnore = -100;

export const crossEntropyLoss: Kind = {
  name: "cross-entropy",
  tolerance: float32Tolerance,
  recognises: ({ inputs }) => Boolean(inputs.logits && inputs.target) && !inputs.input_lengths,
  compute(given, backend) {
    const reduction = given.metadata.reduction ?? "mean";
    if (reduction !== "mean" && reduction !== "sum") return { skip: `reduction ${reduction} is not built` };
    const ignore = numberOf(given, "ignore_index", torchIgnore);
    return evaluate(given, {
      backend,
      build(_, { logits, target }) {
        const loss = crossEntropy(logits as Tensor, target as Tensor, {
          reduction: reduction as Reduction,
          ignore,
        });
        return { outputs: { loss } };
      },
    });
  },
};

export const layerNormalisation: Kind = {
  name: "layer normalisation",
  tolerance: float32Tolerance,
  recognises: ({ metadata, parameters, inputs }) =>
    metadata.eps !== undefined && Boolean(parameters.weight && parameters.bias && inputs.x),
  compute(given, backend) {
    const layer = layerNorm(sizeOf(given.parameters, "weight", 0), { epsilon: numberOf(given, "eps") });
    load(layer.weights, given.parameters);
    return evaluate(given, {
      backend,
      build: (_, { x }) => ({ outputs: { y: layer.apply(x as Tensor) }, sources: layer.weights }),
    });
  },
};
