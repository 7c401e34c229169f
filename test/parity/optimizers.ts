/** Optimisers and clipping. */

import type { Value } from "../../src/backends/backend.ts";
import { DataError } from "../../src/errors.ts";
import { compile, float32, value } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { clipByGlobalNorm } from "../../src/training/clipping.ts";
import type { OptimizerSettings } from "../../src/training/optimizer.ts";
import { createOptimizer } from "../../src/training/optimizers.ts";
import { trainingStep } from "../../src/training/step.ts";
import { type Case, numberOf, type Tensors, tensorOf } from "./case.ts";
import { float32Tolerance, type Kind } from "./kind.ts";

/** in.grad0, in.grad1, ... in order. */
function numbered(tensors: Tensors, prefix: string): Value[] {
  const found = Object.keys(tensors).filter((name) => name.startsWith(prefix));
  return found.map((_, index) => tensorOf(tensors, `${prefix}${index}`));
}

/** A JSON object of the metadata. Throws DataError where it is missing or none. */
function jsonOf({ metadata }: Case, key: string): Record<string, unknown> {
  try {
    return JSON.parse(metadata[key] ?? "") as Record<string, unknown>;
  } catch {
    throw new DataError(`metadata ${key}: ${metadata[key] ?? "nothing"} given, a JSON object expected`);
  }
}

/** PyTorch's names of settings, where Rondo's differ. */
const settingNames: Readonly<Record<string, string>> = {
  eps: "epsilon",
  weight_decay: "weightDecay",
  lr_decay: "rateDecay",
  initial_accumulator_value: "initialAccumulator",
};
/** Variants that Rondo lacks, and switches that change no number. */
const unsupported = ["amsgrad", "maximize"];
const without = ["lr", "betas", ...unsupported, "capturable", "differentiable", "fused", "foreach"];

/** The optimiser that has these defaults in PyTorch; Adam and AdamW differ in nothing but the name of the case. */
function optimizerNameOf(name: string, defaults: Record<string, unknown>): string {
  if ("betas" in defaults) return defaults.weight_decay !== 0 && /adamw/i.test(name) ? "adamw" : "adam";
  if ("rho" in defaults) return "adadelta";
  if ("lr_decay" in defaults) return "adagrad";
  return "alpha" in defaults ? "rmsprop" : "sgd";
}

/** Rondo's settings from PyTorch's. */
export function settingsOf(defaults: Record<string, unknown>): OptimizerSettings {
  const [beta1, beta2] = (defaults.betas as number[] | undefined) ?? [];
  const own = Object.entries(defaults).filter(([name]) => !without.includes(name));
  const settings = own.map(([name, setting]) => [settingNames[name] ?? name, setting]);
  return { ...Object.fromEntries(settings), ...(beta1 !== undefined && { beta1, beta2 }) };
}

export const optimizerUpdates: Kind = {
  name: "optimiser",
  tolerance: float32Tolerance,
  recognises: ({ metadata, inputs }) => metadata.defaults !== undefined && inputs.p !== undefined,
  compute(given, backend) {
    const defaults = jsonOf(given, "defaults");
    const variant = unsupported.find((name) => defaults[name] === true);
    if (variant) return { skip: `the optimiser's option ${variant} is not built` };
    const start = tensorOf(given.inputs, "p");
    const parameter = new Variable("p", start.shape);
    parameter.value = start.data;
    const step = trainingStep({
      parameters: [parameter],
      optimizer: createOptimizer(optimizerNameOf(given.name, defaults), settingsOf(defaults)),
      inputs: { slope: float32(...start.shape) },
      loss: ({ slope }: { slope: Tensor }) => ({ loss: parameter.mul(slope).sum(), outputs: {} }),
      backend,
    });
    const outputs = numbered(given.inputs, "grad").map((slope, index) => {
      step.run({ slope } as never, defaults.lr as number);
      return [`p${index}`, value(parameter.value, start.shape)];
    });
    return { outputs: Object.fromEntries(outputs), gradients: {} };
  },
};

export const normClipping: Kind = {
  name: "clipping by the global norm",
  tolerance: float32Tolerance,
  recognises: ({ metadata, inputs }) => metadata.max_norm !== undefined && inputs.grad0 !== undefined,
  compute(given, backend) {
    const maximum = numberOf(given, "max_norm");
    const clip = compile((gradients: Tensor[]) => clipByGlobalNorm(gradients, maximum), { backend });
    const { gradients, norm } = clip(numbered(given.inputs, "grad"));
    const clipped = gradients.map((gradient, index) => [`grad${index}`, gradient]);
    return { outputs: { norm, ...Object.fromEntries(clipped) }, gradients: {} };
  },
};
