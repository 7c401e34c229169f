/** torch.nn.Conv1d with zeros before, and torch.nn.Conv2d, relu and torch.nn.MaxPool2d: channels stand before time, and before rows. */

import { convolution, convolution2d, maxPooling2d } from "../../src/nn/index.ts";
import { relu } from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { numberOf, sizeOf, type Tensors } from "./case.ts";
import { evaluate, load } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

const sizes = (weights: Tensors) => [sizeOf(weights, "weight", 1), sizeOf(weights, "weight", 0)] as const;

export const convolutionAlongTime: Kind = {
  name: "convolution along time",
  tolerance: float32Tolerance,
  recognises: ({ metadata }) => metadata.layout === "batch, channel, time",
  compute(given, backend) {
    const layer = convolution(...sizes(given.parameters), numberOf(given, "width"), {
      dilation: numberOf(given, "dilation"),
    });
    load(layer.weights, given.parameters);
    return evaluate(given, {
      backend,
      build(_, { x }) {
        const { output } = layer.apply((x as Tensor).transpose([2, 0, 1]));
        return { outputs: { y: output.transpose([1, 2, 0]) }, sources: layer.weights };
      },
    });
  },
};

export const convolutionOfImages: Kind = {
  name: "convolution of images",
  tolerance: float32Tolerance,
  recognises: ({ metadata }) => metadata.layout === "batch, channel, height, width",
  compute(given, backend) {
    const layer = convolution2d(...sizes(given.parameters), sizeOf(given.parameters, "weight", 2), {
      activation: relu,
    });
    load(layer.weights, given.parameters);
    return evaluate(given, {
      backend,
      build(_, { x }) {
        const output = maxPooling2d(layer.apply((x as Tensor).transpose([0, 2, 3, 1])), 2);
        return { outputs: { y: output.transpose([0, 3, 1, 2]) }, sources: layer.weights };
      },
    });
  },
};
