/**
 * Optimisers with PyTorch's semantics and defaults. Each is a table row: what it keeps for a parameter, which scalars it
 * computes on the host in float64, and the equations of one update.
 */

import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import type { Tensor } from "../trace/tensor.ts";
import {
  average,
  complete,
  decay,
  OPTIMIZER_NAMES,
  type Optimizer,
  type OptimizerName,
  type OptimizerSettings,
  the,
} from "./optimizer.ts";

export interface SgdSettings {
  /** 0 or more; default 0. */
  momentum?: number;
  /** Default 0; with Nesterov it must be 0. */
  dampening?: number;
  /** Default false; needs momentum. */
  nesterov?: boolean;
  /** L2 penalty, added to the gradient; default 0. */
  weightDecay?: number;
}

/** Stochastic gradient descent: g' = g + wd p; b = momentum b + (1 - dampening) g'; p -= rate b (Nesterov: g' + momentum b). */
export function sgd(given: SgdSettings = {}): Optimizer {
  const settings = complete("sgd", { momentum: 0, dampening: 0, nesterov: false, weightDecay: 0 }, given);
  const { momentum, dampening, nesterov, weightDecay } = settings;
  if (nesterov && (momentum === 0 || dampening !== 0)) {
    throw new UsageError(
      `sgd: nesterov needs a momentum above 0 and dampening 0, momentum ${momentum} and dampening ${dampening} given`,
    );
  }
  return {
    name: "sgd",
    settings,
    slots: momentum === 0 ? {} : { momentum_buffer: 0 },
    // The first update fills the buffer with the whole gradient, whatever the dampening.
    scalars: (step, rate) => ({ rate, taken: step === 1 ? 1 : 1 - dampening }),
    update(parameter, gradient, { momentum_buffer }, { rate, taken }) {
      const decayed = decay(gradient, parameter, weightDecay);
      const slots: Record<string, Tensor> = {};
      let direction = decayed;
      if (momentum_buffer) {
        const buffer = momentum_buffer.mul(momentum).add(decayed.mul(the(taken)));
        slots.momentum_buffer = buffer;
        direction = nesterov ? decayed.add(buffer.mul(momentum)) : buffer;
      }
      return { parameter: parameter.sub(direction.mul(the(rate))), slots };
    },
  };
}

export interface RmspropSettings {
  /** How much of the mean square stays; in [0, 1), default 0.99. */
  alpha?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** 0 or more; default 0. */
  momentum?: number;
  /** Divide by the standard deviation instead of the root mean square; default false. */
  centered?: boolean;
  /** L2 penalty, added to the gradient; default 0. */
  weightDecay?: number;
}

/** RMSProp (Hinton 2012; centred: Graves 2013): v = alpha v + (1 - alpha) g^2; p -= rate g / (sqrt(v) + epsilon). */
export function rmsprop(given: RmspropSettings = {}): Optimizer {
  const defaults = { alpha: 0.99, epsilon: 1e-8, momentum: 0, centered: false, weightDecay: 0 };
  const settings = complete("rmsprop", defaults, given);
  const { alpha, epsilon, momentum, centered, weightDecay } = settings;
  return {
    name: "rmsprop",
    settings,
    slots: {
      square_avg: 0,
      ...(centered && { grad_avg: 0 }),
      ...(momentum > 0 && { momentum_buffer: 0 }),
    },
    scalars: (_, rate) => ({ rate }),
    update(parameter, gradient, { square_avg, grad_avg, momentum_buffer }, { rate }) {
      const decayed = decay(gradient, parameter, weightDecay);
      const slots: Record<string, Tensor> = { square_avg: average(the(square_avg), decayed.square(), alpha) };
      let variance = the(slots.square_avg);
      if (grad_avg) {
        const mean = average(grad_avg, decayed, alpha);
        slots.grad_avg = mean;
        // Rounding takes the difference of two nearly equal numbers below 0; no variance is.
        variance = variance.sub(mean.square()).maximum(0);
      }
      let direction = decayed.div(variance.sqrt().add(epsilon));
      if (momentum_buffer) {
        direction = momentum_buffer.mul(momentum).add(direction);
        slots.momentum_buffer = direction;
      }
      return { parameter: parameter.sub(direction.mul(the(rate))), slots };
    },
  };
}

export interface AdagradSettings {
  /** The rate of update k is rate / (1 + (k - 1) decay); default 0. */
  rateDecay?: number;
  /** Default 1e-10. */
  epsilon?: number;
  /** What the sums of squares start with; default 0. */
  initialAccumulator?: number;
  /** L2 penalty, added to the gradient; default 0. */
  weightDecay?: number;
}

/** Adagrad (Duchi, Hazan and Singer 2011): s += g^2; p -= rate g / (sqrt(s) + epsilon). */
export function adagrad(given: AdagradSettings = {}): Optimizer {
  const defaults = { rateDecay: 0, epsilon: 1e-10, initialAccumulator: 0, weightDecay: 0 };
  const settings = complete("adagrad", defaults, given);
  const { rateDecay, epsilon, initialAccumulator, weightDecay } = settings;
  return {
    name: "adagrad",
    settings,
    slots: { sum: initialAccumulator },
    scalars: (step, rate) => ({ rate: rate / (1 + (step - 1) * rateDecay) }),
    update(parameter, gradient, slots, { rate }) {
      const decayed = decay(gradient, parameter, weightDecay);
      const sum = the(slots.sum).add(decayed.square());
      const direction = decayed.div(sum.sqrt().add(epsilon));
      return { parameter: parameter.sub(direction.mul(the(rate))), slots: { sum } };
    },
  };
}

export interface AdadeltaSettings {
  /** How much of the two means stays; in [0, 1), default 0.9. */
  rho?: number;
  /** Default 1e-6. */
  epsilon?: number;
  /** L2 penalty, added to the gradient; default 0. */
  weightDecay?: number;
}

/** Adadelta (Zeiler 2012): d = sqrt(a + epsilon) / sqrt(v + epsilon) g, v the mean of g^2 and a that of d^2; p -= rate d. */
export function adadelta(given: AdadeltaSettings = {}): Optimizer {
  const settings = complete("adadelta", { rho: 0.9, epsilon: 1e-6, weightDecay: 0 }, given);
  const { rho, epsilon, weightDecay } = settings;
  return {
    name: "adadelta",
    settings,
    slots: { square_avg: 0, acc_delta: 0 },
    scalars: (_, rate) => ({ rate }),
    update(parameter, gradient, slots, { rate }) {
      const decayed = decay(gradient, parameter, weightDecay);
      const square_avg = average(the(slots.square_avg), decayed.square(), rho);
      const before = the(slots.acc_delta);
      const delta = before.add(epsilon).sqrt().div(square_avg.add(epsilon).sqrt()).mul(decayed);
      const acc_delta = average(before, delta.square(), rho);
      return { parameter: parameter.sub(delta.mul(the(rate))), slots: { square_avg, acc_delta } };
    },
  };
}

export interface AdamSettings {
  /** How much of the mean gradient stays; in [0, 1), default 0.9. */
  beta1?: number;
  /** How much of the mean square stays; in [0, 1), default 0.999. */
  beta2?: number;
  /** Default 1e-8. */
  epsilon?: number;
  /** Adam: L2 penalty, added to the gradient, default 0. AdamW: the weights shrink by rate times it, default 0.01. */
  weightDecay?: number;
}

/** Adam (Kingma and Ba 2015): p -= rate / (1 - beta1^k) m / (sqrt(v / (1 - beta2^k)) + epsilon), m and v the means of g and g^2. */
export function adam(given: AdamSettings = {}): Optimizer {
  return adamFamily("adam", 0, given);
}

/** Adam with decoupled weight decay (Loshchilov and Hutter 2019): before the update p is multiplied by 1 - rate wd. */
export function adamw(given: AdamSettings = {}): Optimizer {
  return adamFamily("adamw", 0.01, given);
}

function adamFamily(name: "adam" | "adamw", defaultDecay: number, given: AdamSettings): Optimizer {
  const defaults = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: defaultDecay };
  const settings = complete(name, defaults, given);
  const { beta1, beta2, epsilon, weightDecay } = settings;
  const decoupled = name === "adamw" && weightDecay > 0;
  return {
    name,
    settings,
    slots: { exp_avg: 0, exp_avg_sq: 0 },
    scalars: (step, rate) => ({
      rate: rate / (1 - beta1 ** step),
      root: Math.sqrt(1 - beta2 ** step),
      ...(decoupled && { kept: 1 - rate * weightDecay }),
    }),
    update(parameter, gradient, slots, { rate, root, kept }) {
      const decayed = name === "adam" ? decay(gradient, parameter, weightDecay) : gradient;
      const start = kept ? parameter.mul(kept) : parameter;
      const exp_avg = average(the(slots.exp_avg), decayed, beta1);
      const exp_avg_sq = average(the(slots.exp_avg_sq), decayed.square(), beta2);
      const direction = exp_avg.div(exp_avg_sq.sqrt().div(the(root)).add(epsilon));
      return { parameter: start.sub(direction.mul(the(rate))), slots: { exp_avg, exp_avg_sq } };
    },
  };
}

const makers: Record<OptimizerName, (settings: Record<string, never>) => Optimizer> = {
  sgd,
  rmsprop,
  adagrad,
  adadelta,
  adam,
  adamw,
};

/** PyTorch's default learning rates. */
export const DEFAULT_LEARNING_RATES: Readonly<Record<OptimizerName, number>> = {
  sgd: 1e-3,
  rmsprop: 1e-2,
  adagrad: 1e-2,
  adadelta: 1,
  adam: 1e-3,
  adamw: 1e-3,
};

/** PyTorch's learning rate for an optimiser. Throws UsageError for one that is not Rondo's: only who made it knows. */
export function defaultLearningRate({ name }: Optimizer): number {
  const known = OPTIMIZER_NAMES.find((candidate) => candidate === name);
  if (known) return DEFAULT_LEARNING_RATES[known];
  throw new UsageError(`learning rate: none given, which the optimizer ${name} has no default for`);
}

/** An optimiser by its name. Throws UsageError for a name, a setting or a value that it does not have. */
export function createOptimizer(name: string, settings: OptimizerSettings = {}): Optimizer {
  const known = OPTIMIZER_NAMES.find((candidate) => candidate === name);
  if (!known)
    throw new UsageError(`optimizer ${printGiven(name)} is unknown: expected ${OPTIMIZER_NAMES.join(", ")}`);
  return makers[known](settings as Record<string, never>);
}
