/** inspect: what is inside of a model for one batch. */

import type { Value } from "../backends/backend.ts";
import type { BackendChoice } from "../backends/choice.ts";
import { checkOptions, printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import type { InputType, ValueLike } from "../program/compile.ts";
import type { ObservedPlace, Squashing, StateMatrix } from "../trace/observation.ts";
import { withKey } from "../trace/randomness.ts";
import { Tensor } from "../trace/tensor.ts";
import type { MapTree } from "../trace/tree.ts";
import { pathBelow } from "../trace/tree.ts";
import { Variable } from "../trace/variable.ts";
import { spectralRadius } from "./eigenvalues.ts";
import { type Inspection, type Steps, stepGradient } from "./inspection.ts";
import { Selection } from "./names.ts";
import { type LookProgram, lookProgram, type Plan, type Seen } from "./program.ts";

export interface InspectorOptions<Inputs> {
  /** The tree of the types of the inputs of the loss, as for `compile`. */
  readonly inputs: Inputs;
  /** The loss, a float32 scalar, alone or beside other things, as a `Training` has it. Nothing is dropped and nothing updated. */
  readonly loss: (
    inputs: MapTree<Inputs, InputType, Tensor>,
    update: undefined,
    key: undefined,
  ) => Tensor | { readonly loss: Tensor };
  readonly backend?: BackendChoice | undefined;
}

export interface LookOptions<Inputs> extends InspectorOptions<Inputs> {
  /** The batch to look at: a value for each input. */
  readonly values: MapTree<Inputs, InputType, ValueLike>;
}

/**
 * What is inside of a model for one batch: states and gates at every step, what is attended to, the gradient of the loss with
 * respect to each earlier state and input, how much is saturated, spectral radii of recurrent matrices, norms of weights.
 *
 *     const found = inspect(model, { inputs, values, loss }, ["rnn.l0.h", "gradient"]);
 *     found.states["rnn.l0.h"].shape; // [T, B, H]
 *     found.gradients["rnn.l0.h"].lags; // how much of the gradient arrives so many steps back
 *
 * A name is a full one, "rnn.l0.h.values", or some consecutive parts of one: "rnn", "l0.f", "gradient" (ends are values, gradient, saturation, radius
 * and weights); without names everything is looked at. What nobody asks for is not computed. Throws UsageError for a name
 * that nothing has, with the nearest or with what works; DataError where no layer runs for two steps or more; and what a compiled function throws.
 */
export function inspect<const Inputs>(
  model: object,
  look: LookOptions<Inputs>,
  names?: readonly string[],
): Inspection {
  checkOptions("inspect", look as LookOptions<unknown>, { ...expected, values: "a tree of arrays" });
  const { values, ...options } = look;
  return looker("inspect", model, options as InspectorOptions<Inputs>, names)(values);
}

/** As `inspect`, compiled once, for many batches: gives a function from their values. The weights are looked at as they are then. */
export function inspector<const Inputs>(
  model: object,
  options: InspectorOptions<Inputs>,
  names?: readonly string[],
): (values: MapTree<Inputs, InputType, ValueLike>) => Inspection {
  checkOptions("inspector", options as InspectorOptions<unknown>, expected);
  return looker("inspector", model, options, names);
}

const expected = { inputs: "a tree of types", loss: "a function", backend: true } as const;

/** As `inspector`, whose errors begin with `where`. */
export function looker<Inputs>(
  where: string,
  model: object,
  { inputs, loss, backend }: InspectorOptions<Inputs>,
  names: readonly string[] | undefined,
): (values: MapTree<Inputs, InputType, ValueLike>) => Inspection {
  if (typeof loss !== "function") {
    throw new UsageError(`${where}: loss ${printGiven(loss)} given, a function over tensors expected`);
  }
  const selection = new Selection(where, names);
  const build = (tensors: never) => withKey(null, () => lossOf(where, loss(tensors, undefined, undefined)));
  const program = lookProgram(model, { inputs, loss: build, backend }, selection);
  return (values) => {
    const seen = program.run(values);
    requireSteps(where, program, seen);
    return { ...inspectionOf(program.plan, seen), radius: radii(program.plan.places, selection) };
  };
}

/** The loss that a function returned. Throws UsageError for what is none. */
export function lossOf(where: string, returned: Tensor | { readonly loss: Tensor }): Tensor {
  const loss = returned instanceof Tensor ? returned : returned?.loss;
  if (loss instanceof Tensor) return loss;
  throw new UsageError(`${where}: the loss returned ${printGiven(returned)}, a tensor or { loss } expected`);
}

/** Throws DataError where passes along time have seen one step alone. */
function requireSteps(where: string, { plan }: LookProgram, seen: Seen): void {
  const lengths = [
    ...plan.gradients.map((_, at) => (seen.gradients[at] as Value).shape[0] as number),
    ...plan.values.flatMap(({ what }, at) =>
      what.place.pass === undefined ? [] : [(seen.values[at] as Value).shape[0] as number],
    ),
  ];
  const longest = Math.max(...lengths);
  if (lengths.length === 0 || longest >= 2) return;
  throw new DataError(
    `${where}: a window of ${longest} step given, 2 or more expected to see anything along time`,
  );
}

/** What a program gave, as plain data. */
export function inspectionOf(plan: Plan, seen: Seen): Omit<Inspection, "radius"> {
  const along = (...kinds: readonly string[]) =>
    Object.fromEntries(
      plan.values.flatMap(({ name, what: { kind, squashing } }, at) =>
        kinds.includes(kind) ? [[name, stepsOf(seen.values[at] as Value, squashing)] as const] : [],
      ),
    );
  return {
    loss: Number(seen.loss.data[0]),
    states: along("state"),
    gates: along("gate"),
    outputs: along("output"),
    attention: along("attention"),
    gradients: Object.fromEntries(
      plan.gradients.map(({ name, what }, at) => {
        const { data, shape } = seen.gradients[at] as Value;
        return [name, stepGradient(data, shape as [number, number], what.place.reverse === true)];
      }),
    ),
    saturation: Object.fromEntries(
      plan.saturation.map(({ name, kind }, at) => {
        const { count, of } = seen.saturation[at] as Seen["saturation"][number];
        return [name, { share: Number(count.data[0]) / Number(of.data[0]), kind }];
      }),
    ),
    weights: Object.fromEntries(
      plan.weights.map((name, at) => {
        const { gradient, value } = seen.weights[at] as Seen["weights"][number];
        return [name, { gradient: together(gradient), value: together(value) }];
      }),
    ),
  };
}

const together = (norms: readonly Value[]) => Math.hypot(...norms.map(({ data }) => Number(data[0])));

function stepsOf({ data, shape }: Value, squashing: Squashing | undefined): Steps {
  const all = { shape: [...shape], data: data instanceof Float32Array ? data : Float32Array.from(data) };
  return squashing ? { ...all, squashing } : all;
}

/** The spectral radii of the matrices of passes, as their weights are now. */
function radii(
  places: ReadonlyMap<string, ObservedPlace>,
  selection: Selection,
): Record<string, readonly number[]> {
  const found: Record<string, readonly number[]> = {};
  for (const [place, { matrices = [] }] of places) {
    for (const matrix of matrices) {
      const name = pathBelow(place, matrix.name);
      if (matrix.weight instanceof Variable && selection.has(name, "radius")) found[name] = radiiOf(matrix);
    }
  }
  return found;
}

/** Radii take long to find: those of a weight that has not changed are known. */
const known = new WeakMap<Variable, { readonly version: number; readonly radii: readonly number[] }>();

function radiiOf(matrix: StateMatrix): readonly number[] {
  const weight = matrix.weight as Variable;
  const before = known.get(weight);
  if (before?.version === weight.version) return before.radii;
  const radii = newRadiiOf(matrix);
  known.set(weight, { version: weight.version, radii });
  return radii;
}

function newRadiiOf({ weight, size, count, axis }: StateMatrix): number[] {
  const { value, dimensions } = weight as Variable;
  const [, columns] = dimensions as readonly [number, number];
  return Array.from({ length: count }, (_, block) => {
    const start = axis === 0 ? block * size * columns : block * size;
    const square = Float64Array.from({ length: size * size }, (_, at) =>
      Number(value[start + Math.floor(at / size) * columns + (at % size)]),
    );
    return spectralRadius(square, size);
  });
}
