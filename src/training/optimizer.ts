/**
 * What an optimiser is, and how it becomes part of a program: the state it keeps for each parameter, and one update of
 * them all. Knows none of the equations.
 */

import { checkOptions, printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";
import type { Update } from "../program/compile.ts";
import type { Tensor } from "../trace/tensor.ts";
import { uniquePathBelow } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";

export const OPTIMIZER_NAMES = ["sgd", "rmsprop", "adagrad", "adadelta", "adam", "adamw"] as const;
export type OptimizerName = (typeof OPTIMIZER_NAMES)[number];

export type OptimizerSettings = Readonly<Record<string, number | boolean>>;

/**
 * What an optimiser is. One of your own is an object with these parts, its equations over tensors:
 *
 *     const signed: Optimizer = {
 *       name: "signed",
 *       settings: {},
 *       slots: {},
 *       scalars: (step, rate) => ({ rate }),
 *       update: (w, gradient, slots, { rate }) => ({ parameter: w.sub(gradient.sign().mul(rate)), slots }),
 *     };
 */
export interface Optimizer {
  /** One of `OPTIMIZER_NAMES`, or a name of your own. */
  readonly name: string;
  /** Every setting of the optimiser, defaults included: with the name, enough to make it again. Plain JSON. */
  readonly settings: OptimizerSettings;
  /** What is kept for each parameter, in the parameter's shape: names and the value at the start. */
  readonly slots: Readonly<Record<string, number>>;
  /** The scalars of an update from its number (from 1) and learning rate; the same names at each step. */
  scalars(step: number, learningRate: number): Record<string, number>;
  /** The parameter and its slots after one update. */
  update(
    parameter: Tensor,
    gradient: Tensor,
    slots: Readonly<Record<string, Tensor>>,
    scalars: Readonly<Record<string, Tensor>>,
  ): { parameter: Tensor; slots: Record<string, Tensor> };
}

/** Throws UsageError for what is no optimiser, such as the name of one, or a function that would make one. */
export function checkOptimizer(where: string, optimizer: Optimizer): void {
  const given: Partial<Optimizer> | null = optimizer;
  if (typeof given?.update === "function" && typeof given.scalars === "function") return;
  throw new UsageError(
    `${where}: optimizer ${printGiven(optimizer)} given, an optimiser such as adam() expected`,
  );
}

/** What an optimiser keeps: how many updates there were, and variables for each parameter. */
export interface OptimizerState {
  step: number;
  /** `slots[i]` belongs to parameter i. */
  readonly slots: readonly Readonly<Record<string, Variable>>[];
}

/** A fresh state for parameters. Its variables are named "PARAMETER.SLOT". */
export function optimizerState(optimizer: Optimizer, parameters: readonly Variable[]): OptimizerState {
  for (const slot of Object.keys(optimizer.slots)) uniquePathBelow(optimizer.name, "", slot);
  const slots = parameters.map(({ name, dimensions, count }) =>
    Object.fromEntries(
      Object.entries(optimizer.slots).map(([slot, start]) => {
        const variable = new Variable(`${name}.${slot}`, dimensions, { trainable: false });
        variable.value = new Float32Array(count).fill(start);
        return [slot, variable];
      }),
    ),
  );
  return { step: 0, slots };
}

/** Adds one update of each parameter, and of what is kept for it, to a program. */
export function applyOptimizer(
  optimizer: Optimizer,
  parameters: readonly Variable[],
  gradients: readonly Tensor[],
  state: OptimizerState,
  scalars: Readonly<Record<string, Tensor>>,
  update: Update,
): void {
  parameters.forEach((parameter, index) => {
    const kept = state.slots[index] ?? {};
    const next = optimizer.update(parameter, the(gradients[index]), kept, scalars);
    update(parameter, next.parameter);
    for (const [slot, variable] of Object.entries(kept)) update(variable, the(next.slots[slot]));
  });
}

/** What the equations name is there: slots, scalars and gradients come with the optimiser that asked for them. */
export function the(tensor: Tensor | undefined): Tensor {
  if (!tensor) throw new UsageError("an optimiser was given the slots, scalars or gradients of another one");
  return tensor;
}

/** The gradient of the loss with the penalty weightDecay / 2 |p|^2. */
export function decay(gradient: Tensor, parameter: Tensor, weightDecay: number): Tensor {
  return weightDecay === 0 ? gradient : gradient.add(parameter.mul(weightDecay));
}

/** The moving average: kept * mean + (1 - kept) * value. */
export function average(mean: Tensor, value: Tensor, kept: number): Tensor {
  return mean.mul(kept).add(value.mul(1 - kept));
}

type Widened<Value> = Value extends boolean ? boolean : number;

/** Settings that lie in [0, 1); the other numbers are 0 or more. */
const FRACTIONS = new Set(["alpha", "rho", "beta1", "beta2"]);

/** The settings with the defaults filled in. Throws UsageError for unknown ones and values out of range. */
export function complete<S extends Record<string, number | boolean>>(
  optimizer: OptimizerName,
  defaults: S,
  given: { readonly [Name in keyof S]?: Widened<S[Name]> },
): { readonly [Name in keyof S]: Widened<S[Name]> } & OptimizerSettings {
  checkOptions<object>(optimizer, given, defaults);
  const settings: Record<string, number | boolean> = { ...defaults };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const standard = defaults[name];
    const fraction = FRACTIONS.has(name);
    const fits =
      typeof standard === "boolean"
        ? typeof value === "boolean"
        : typeof value === "number" && value >= 0 && value < (fraction ? 1 : Number.POSITIVE_INFINITY);
    if (!fits) {
      const expected =
        typeof standard === "boolean"
          ? "true or false"
          : fraction
            ? "a number from 0 to below 1"
            : "0 or more";
      throw new UsageError(`${optimizer}: ${name} ${printGiven(value)} given, ${expected} expected`);
    }
    settings[name] = value;
  }
  return settings as ReturnType<typeof complete<S>>;
}
