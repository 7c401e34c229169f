/** Normalisation. */

import { layerNorm } from "../../src/nn/index.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { numberOf, sizeOf } from "./case.ts";
import { evaluate, load } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

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
