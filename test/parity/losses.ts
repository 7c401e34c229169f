/** Losses. */

import {
  binaryCrossEntropy,
  crossEntropy,
  ctcLoss,
  gaussianLikelihood,
  huberLoss,
  meanAbsoluteError,
  negativeBinomialLikelihood,
  quantileLoss,
  type Reduction,
} from "../../src/nn/index.ts";
import { softplus } from "../../src/trace/activations.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { type Case, numberOf, tensorOf } from "./case.ts";
import { evaluate } from "./evaluate.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

/** What torch.nn.functional.cross_entropy ignores where it is not told. */
const torchIgnore = -100;

/** A loss that a case tells by its metadata and tensors. */
function loss(
  name: string,
  recognises: (given: Case) => boolean,
  lossOf: (given: Case, inputs: Readonly<Record<string, Tensor>>, reduction: Reduction) => Tensor,
): Kind {
  return {
    name,
    tolerance: float32Tolerance,
    recognises,
    compute(given, backend) {
      // What it is called comes first; the rest says how weights count.
      const reduction = (given.metadata.reduction ?? "mean").split(",")[0];
      if (reduction !== "mean" && reduction !== "sum") return { skip: `reduction ${reduction} is not built` };
      return evaluate(given, {
        backend,
        build: (_, inputs) => ({ outputs: { loss: lossOf(given, inputs, reduction) } }),
      });
    },
  };
}

const inputsOf = (inputs: Readonly<Record<string, Tensor>>, ...names: string[]) =>
  names.map((name) => inputs[name] as Tensor) as [Tensor, Tensor];

export const lossKinds: readonly Kind[] = [
  loss(
    "cross-entropy",
    ({ inputs }) =>
      inputs.logits !== undefined && inputs.target?.data instanceof Int32Array && !inputs.input_lengths,
    (given, inputs, reduction) =>
      crossEntropy(...inputsOf(inputs, "logits", "target"), {
        reduction,
        ignore: numberOf(given, "ignore_index", torchIgnore),
        labelSmoothing: numberOf(given, "label_smoothing", 0),
        classWeights: inputs.weight,
      }),
  ),
  loss(
    "connectionist temporal classification",
    ({ inputs }) => Boolean(inputs.logits && inputs.input_lengths),
    (given, inputs, reduction) => {
      const [logits, target] = inputsOf(inputs, "logits", "target");
      const [lengths, targetLengths] = inputsOf(inputs, "input_lengths", "target_lengths");
      const blank = numberOf(given, "blank");
      return ctcLoss(logits, target.transpose(), { reduction, blank, lengths, targetLengths });
    },
  ),
  loss(
    "binary cross-entropy",
    ({ inputs }) => inputs.logits !== undefined && inputs.target?.data instanceof Float32Array,
    (_, inputs, reduction) =>
      binaryCrossEntropy(...inputsOf(inputs, "logits", "target"), {
        reduction,
        positiveWeight: inputs.pos_weight,
      }),
  ),
  loss(
    "quantile loss",
    ({ inputs }) => inputs.quantiles !== undefined,
    (given, inputs, reduction) => {
      const [prediction, target] = inputsOf(inputs, "prediction", "target");
      const quantiles = Array.from(tensorOf(given.inputs, "quantiles").data);
      return quantileLoss(prediction, target.at(-1, 0), quantiles, { reduction });
    },
  ),
  loss(
    "Gaussian likelihood",
    ({ inputs }) => inputs.raw_deviation !== undefined,
    (_, { mean, raw_deviation, target }, reduction) =>
      gaussianLikelihood(mean as Tensor, softplus(raw_deviation as Tensor), target as Tensor, { reduction }),
  ),
  loss(
    "negative binomial likelihood",
    ({ inputs }) => inputs.raw_shape !== undefined,
    (_, { raw_mean, raw_shape, target }, reduction) =>
      negativeBinomialLikelihood(
        ...([raw_mean, raw_shape].map((raw) => softplus(raw as Tensor)) as [Tensor, Tensor]),
        target as Tensor,
        { reduction },
      ),
  ),
  loss(
    "Huber's loss",
    ({ inputs, metadata }) => isRegression(inputs) && metadata.delta !== undefined,
    (given, inputs, reduction) =>
      huberLoss(...inputsOf(inputs, "prediction", "target"), { reduction, delta: numberOf(given, "delta") }),
  ),
  loss(
    "mean absolute error",
    ({ inputs, metadata }) => isRegression(inputs) && metadata.delta === undefined,
    (_, inputs, reduction) => meanAbsoluteError(...inputsOf(inputs, "prediction", "target"), { reduction }),
  ),
];

/** Whether there are predictions and targets and nothing else. */
const isRegression = (inputs: Case["inputs"]) => Object.keys(inputs).sort().join() === "prediction,target";
