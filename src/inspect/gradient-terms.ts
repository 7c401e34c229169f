/**
 * Backpropagation through time written out, for networks of a few steps: which part of a weight's gradient comes from which step, and
 * along which product of Jacobians. Everything is computed in float64, but for the gradient that training uses, beside which it stands.
 */

import type { Value } from "../backends/backend.ts";
import type { BackendChoice } from "../backends/choice.ts";
import { reference } from "../backends/reference/index.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { gradient } from "../gradient/index.ts";
import { compile, isTensor } from "../program/compile.ts";
import { checkValue, isValue } from "../program/values.ts";
import { scan } from "../trace/scan.ts";
import type { Tensor } from "../trace/tensor.ts";
import { type MapTree, namedLeaves, strayPart } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";
import {
  asDoubles,
  flat,
  identity,
  type Matrix,
  mapNamed,
  plus,
  sliceOf,
  slicesOf,
  stackOf,
  times,
  unitOf,
} from "./vectors.ts";

export interface GradientTermsOptions<State, Inputs> {
  /** The state before the first step: a tree of values of any shapes. */
  readonly init: State;
  /** What the steps read: a tree of values (T, ...), one slice a step. */
  readonly inputs: Inputs;
  /** The weights W, which have values: a layer's `weights`, or the `parameters` of a model. */
  readonly weights: Readonly<Record<string, Variable>>;
  /** The loss, a float32 scalar, of the states after all steps: the tree of the state, (T, ...) each. */
  readonly loss: (states: MapTree<State, Value, Tensor>) => Tensor;
  /** What computes `gradient`; default "auto", as in a training. */
  readonly backend?: BackendChoice | undefined;
}

/** Numbers by the names of weights, row-major. */
export type ByWeight<Numbers> = Readonly<Record<string, Numbers>>;

/** What belongs to step k. The state s_k is a vector of n numbers: its parts one after the other, row-major each. */
export interface GradientStep {
  /** s_k, after the step. */
  readonly state: readonly number[];
  /** ∂L/∂s_k (n), the states of the other steps held fixed: zeros where the loss does not read this step. */
  readonly direct: readonly number[];
  /** dL/ds_k (n): also by way of all later steps. */
  readonly total: readonly number[];
  /** ds_k/ds_{k-1} (n x n). */
  readonly jacobian: Matrix;
  /** The explicit part of ds_k/dW (n x size of W): the state before the step held fixed. */
  readonly explicit: ByWeight<Matrix>;
  /** The implicit part (n x size of W), by way of the state before the step: ds_k/ds_{k-1} · ds_{k-1}/dW. */
  readonly implicit: ByWeight<Matrix>;
}

/** What the loss of step t learns of the weights by what they did in step k: ∂L/∂s_t · ds_t/ds_k · ∂s_k/∂W. */
export interface GradientTerm {
  /** The step t, from 1, whose state the loss reads. */
  readonly of: number;
  /** The step k, from 1 to t, in which the weights were used. */
  readonly at: number;
  /** ds_t/ds_k (n x n), a product of t - k Jacobians: ones on the diagonal where k is t. */
  readonly jacobian: Matrix;
  readonly values: ByWeight<readonly number[]>;
}

export interface GradientTerms {
  readonly loss: number;
  /** The parts of the state, in their order in a vector. */
  readonly parts: readonly { readonly name: string; readonly size: number }[];
  readonly steps: readonly GradientStep[];
  /** ∂L/∂W, all states held fixed: what the loss itself reads of a weight, such as a readout. */
  readonly direct: ByWeight<readonly number[]>;
  /** For each step t that the loss reads, and each k up to t. */
  readonly terms: readonly GradientTerm[];
  /** The direct part and all terms together. */
  readonly sum: ByWeight<readonly number[]>;
  /** dL/dW as training has it: by `gradient`, through a `scan` of the same step, in float32. */
  readonly gradient: ByWeight<readonly number[]>;
}

/**
 * dL/dW, for a step applied along time as `scan` does it, as the sum over steps that backpropagation through time is:
 *
 *     dL/dW = ∂L/∂W + Σ_t Σ_{k ≤ t} ∂L/∂s_t · ds_t/ds_k · ∂s_k/∂W,   ds_t/ds_k = ds_t/ds_{t-1} · ... · ds_{k+1}/ds_k
 *
 *     const rnn = initialize(recurrent(lstm, 2, 3), { seed: 1 });
 *     const zero = value(new Float32Array(3), [1, 1, 3]);
 *     gradientTerms((state, x) => rnn.step(x, state).state, {
 *       init: { h: zero, c: zero },
 *       inputs: value([1, 0, 0, 1, 1, 1], [3, 1, 2]),
 *       weights: rnn.weights,
 *       loss: ({ h }) => h.at(0, 2).square().sum(),
 *     });
 *
 * It takes n passes back through each step, for a state of n numbers, and keeps n numbers for each weight and step: it is for looking at small
 * networks.
 * Werbos, "Backpropagation through time: what it does and how to do it", 1990.
 * Throws UsageError for init, inputs or weights without a value in them, ShapeError for inputs of different lengths, or of none, and for a
 * step that returns another state than it was given.
 */
export function gradientTerms<State, Inputs>(
  step: (
    state: MapTree<State, Value, Tensor>,
    input: MapTree<Inputs, Value, Tensor>,
  ) => MapTree<State, Value, Tensor>,
  options: GradientTermsOptions<State, Inputs>,
): GradientTerms {
  if (typeof step !== "function") {
    throw new UsageError(`gradientTerms: ${printGiven(step)} given, a function over tensors expected`);
  }
  checkOptions("gradientTerms", options, {
    init: "the state before the first step",
    inputs: "values (T, ...)",
    weights: "variables by name",
    loss: "a function of the states",
    backend: true,
  });
  const { init, inputs, weights, loss, backend = "auto" } = options;
  const parts = valuesIn("init", init);
  const steps = stepsOf(valuesIn("inputs", inputs));
  checkWeights(weights);
  const size = parts.reduce((sum, [, { data }]) => sum + data.length, 0);

  const local = derivativesOfSteps(step, { init, inputs, weights, steps, size });
  const states = stackOf(
    init,
    local.map(({ next }) => next),
  );
  const ofLoss = compile(
    (given: never) => {
      const computed = loss(given);
      return { loss: computed, gradients: gradient(computed, { states: given, weights }) };
    },
    { backend: reference },
  )(states as never);
  const slopes = ofLoss.gradients as { readonly states: unknown; readonly weights: ByWeight<Value> };
  const directs = slicesOf(slopes.states, steps);
  const direct = mapNamed(slopes.weights, flat);
  const terms = termsOf(local, directs);
  const trained = compile(
    (given: { readonly init: never; readonly inputs: never }) => {
      const advance = (state: never, input: never) => {
        const next = step(state, input) as never;
        return [next, next] as const;
      };
      return gradient(loss(scan(advance, given).outputs), weights);
    },
    { backend },
  )({ init, inputs } as never);
  return {
    loss: ofLoss.loss.data[0] as number,
    parts: parts.map(([name, { data }]) => ({ name, size: data.length })),
    steps: withTotals(local, directs),
    direct,
    terms,
    sum: mapNamed(direct, (own, name) =>
      own.map((value, at) => terms.reduce((sum, { values }) => sum + (values[name]?.[at] as number), value)),
    ),
    gradient: mapNamed(trained as ByWeight<Value>, flat),
  };
}

type Local = Pick<GradientStep, "state" | "jacobian" | "explicit">;

/** What the steps compute one by one, and the derivatives of each: a pass backwards for each number of the state. */
function derivativesOfSteps<State, Inputs>(
  step: (state: never, input: never) => MapTree<State, Value, Tensor>,
  given: Pick<GradientTermsOptions<State, Inputs>, "init" | "inputs" | "weights"> & {
    readonly steps: number;
    readonly size: number;
  },
): (Local & { readonly next: unknown })[] {
  const { init, inputs, weights, steps, size } = given;
  const pull = compile(
    ({ state, input, seed }: { readonly state: never; readonly input: never; readonly seed: never }) => {
      const next = checkedNext(step(state, input), state);
      const seeds = tensorsIn(seed);
      const along = tensorsIn(next).map((part, index) => part.mul(seeds[index] as Tensor).sum());
      const sum = along.reduce((total, term) => total.add(term));
      return { next, gradients: gradient(sum, { state, weights }) };
    },
    { backend: reference },
  );
  const found: ReturnType<typeof derivativesOfSteps> = [];
  for (let at = 0; at < steps; at++) {
    const [state, input] = [found[at - 1]?.next ?? asDoubles(init), sliceOf(inputs, at)];
    const pulled = Array.from({ length: size }, (_, row) =>
      pull({ state, input, seed: unitOf(init, row) } as never),
    );
    const next = pulled[0]?.next;
    found.push({
      next,
      state: flat(next),
      jacobian: pulled.map(({ gradients }) => flat(gradients.state)),
      explicit: mapNamed(weights, (_, name) =>
        pulled.map(({ gradients }) => flat((gradients.weights as ByWeight<Value>)[name])),
      ),
    });
  }
  return found;
}

/** From the last step that the loss reads to the first, and within each back to step 1. */
function termsOf(local: readonly Local[], directs: readonly (readonly number[])[]): GradientTerm[] {
  const terms: GradientTerm[] = [];
  for (let of = local.length; of >= 1; of--) {
    const error = directs[of - 1] as readonly number[];
    if (error.every((slope) => slope === 0)) continue;
    let jacobian: Matrix = identity(error.length);
    for (let at = of; at >= 1; at--) {
      const step = local[at - 1] as Local;
      const reached = times([error], jacobian);
      const values = mapNamed(step.explicit, (matrix) => times(reached, matrix)[0] as number[]);
      terms.push({ of, at, jacobian, values });
      jacobian = times(jacobian, step.jacobian);
    }
  }
  return terms;
}

/** Throws UsageError for what are no variables by name, or none at all. */
function checkWeights(weights: unknown): asserts weights is Readonly<Record<string, Variable>> {
  const found = typeof weights === "object" && weights !== null ? Object.entries(weights) : [];
  const [name, stray] = found.find(([, variable]) => !(variable instanceof Variable)) ?? [];
  if (found.length > 0 && name === undefined) return;
  const given = name === undefined ? printGiven(weights) : `${printGiven(stray)} for ${name}`;
  throw new UsageError(`gradientTerms: weights: ${given} given, variables by name expected`);
}

/** The values in a tree, by their paths. */
function valuesIn(name: string, tree: unknown): [string, Value][] {
  const found = namedLeaves(`gradientTerms: ${name}`, tree, isValue, "value(data, shape)");
  if (found.length === 0) throw new UsageError(`gradientTerms: ${name} without a value given`);
  for (const [path, given] of found) checkValue(`gradientTerms: ${name}${path && ` ${path}`}`, given);
  return found;
}

const tensorsIn = (tree: unknown): Tensor[] =>
  namedLeaves("gradientTerms", tree, isTensor, "a tensor").map(([, tensor]) => tensor);

/** The number of steps, which is the length of all inputs. */
function stepsOf(inputs: readonly [string, Value][]): number {
  const lengths = new Set(inputs.map(([, { shape }]) => shape[0]));
  const [length = 0] = lengths;
  if (lengths.size === 1 && length > 0) return length;
  const given = inputs.map(([, { shape }]) => `(${shape.join(", ")})`).join(", ");
  throw new ShapeError(`gradientTerms: inputs ${given} given, (T, ...) with one T from 1 expected`);
}

/** The state that a step returns. Throws ShapeError for one with other parts or shapes. */
function checkedNext<State>(next: State, before: State): State {
  const [given, expected] = [next, before].map((tree) =>
    namedLeaves("gradientTerms: the step's state", tree, isTensor, "a tensor"),
  ) as [[string, Tensor][], [string, Tensor][]];
  const describe = (parts: readonly [string, Tensor][]) =>
    parts.map(([path, { shape }]) => `${path}${path && " "}(${shape.join(", ")})`).join(", ");
  if (describe(given) === describe(expected) && strayPart(next, before, isTensor) === undefined) return next;
  throw new ShapeError(
    `gradientTerms: the step returns the state ${describe(given)}, ${describe(expected)} expected`,
  );
}

/** What follows from the steps' own derivatives: forwards the implicit parts, backwards the total derivatives. */
function withTotals(local: readonly Local[], directs: readonly (readonly number[])[]): GradientStep[] {
  const implicits: ByWeight<Matrix>[] = [];
  for (const [at, { jacobian, explicit }] of local.entries()) {
    implicits.push(
      mapNamed(explicit, (own, name) => {
        const [before, implicit] = [local[at - 1]?.explicit[name], implicits[at - 1]?.[name]];
        if (before && implicit) return times(jacobian, plus(before, implicit));
        return own.map((row) => row.map(() => 0));
      }),
    );
  }
  const totals: (readonly number[])[] = [];
  for (let at = local.length - 1; at >= 0; at--) {
    const [direct, later] = [directs[at] as readonly number[], totals[0]];
    const arrived = later && (times([later], (local[at + 1] as (typeof local)[0]).jacobian)[0] as number[]);
    totals.unshift(direct.map((slope, part) => slope + (arrived?.[part] ?? 0)));
  }
  return local.map(({ state, jacobian, explicit }, at) => ({
    state,
    direct: directs[at] as readonly number[],
    total: totals[at] as readonly number[],
    jacobian,
    explicit,
    implicit: implicits[at] as ByWeight<Matrix>,
  }));
}
