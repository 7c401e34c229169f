/** A compiled program that looks inside of a model: what is asked for, beside the loss. */

import type { Value } from "../backends/backend.ts";
import type { BackendChoice } from "../backends/choice.ts";
import { gradient } from "../gradient/index.ts";
import { topologicalOrder } from "../graph/traverse.ts";
import { weightsOf } from "../nn/model.ts";
import { compile } from "../program/compile.ts";
import { stack, zerosLike } from "../trace/functions.ts";
import { type Observed, type ObservedPlace, type Squashing, withObserver } from "../trace/observation.ts";
import type { Tensor } from "../trace/tensor.ts";
import { pathBelow } from "../trace/tree.ts";
import type { Variable } from "../trace/variable.ts";
import { alongOneAxis, Gathering, type Sight } from "./gather.ts";
import { norm, saturated, stepNorms, withoutEnded } from "./measures.ts";
import type { Asked } from "./names.ts";

/** What is looked at, in lists beside what the program gives for each of their elements. */
export interface Plan {
  readonly values: readonly Sight[];
  readonly gradients: readonly Sight[];
  readonly saturation: readonly { readonly name: string; readonly kind: Squashing }[];
  readonly weights: readonly string[];
  /** The weights whose norms these are. */
  readonly weightGroups: ReadonlyMap<string, readonly Variable[]>;
  /** The passes that show something that sigmoid gives besides their state. */
  readonly gated: readonly string[];
  readonly places: ReadonlyMap<string, ObservedPlace>;
}

/** What the program gives. */
interface Results<Leaf> {
  readonly loss: Leaf;
  readonly values: readonly Leaf[];
  /** Norms (T, B). */
  readonly gradients: readonly Leaf[];
  readonly saturation: readonly { readonly count: Leaf; readonly of: Leaf }[];
  readonly weights: readonly { readonly gradient: readonly Leaf[]; readonly value: readonly Leaf[] }[];
}
export type Seen = Results<Value>;

export interface LookProgram {
  readonly plan: Plan;
  run(values: unknown): Seen;
}

/** Compiles a look at what `loss` makes of inputs of these types. Throws UsageError for names that nothing has. */
export function lookProgram(
  model: object,
  {
    inputs,
    loss: build,
    backend,
  }: {
    readonly inputs: unknown;
    readonly loss: (tensors: never) => Tensor;
    readonly backend: BackendChoice | undefined;
  },
  selection: Asked,
): LookProgram {
  let plan: Plan | undefined;
  const run = compile(
    (tensors: never) => {
      const gathering = new Gathering(model, selection);
      const loss = withObserver(gathering.observer, () => build(tensors));
      const traced = results(loss, gathering, { model, selection });
      plan = traced.plan;
      return traced.results;
    },
    { inputs, ...(backend && { backend }) } as never,
  ) as unknown as (values: unknown) => Seen;
  return { plan: plan as unknown as Plan, run };
}

interface Looking {
  readonly model: object;
  readonly selection: Asked;
}

function results(
  loss: Tensor,
  gathering: Gathering,
  { model, selection }: Looking,
): { readonly plan: Plan; readonly results: Results<Tensor> } {
  const { sights, places } = gathering;
  const isValue = ({ what }: Sight) => what.kind !== "input";
  const values = sights.filter((sight) => isValue(sight) && selection.has(sight.name, "values"));
  const gradients = sights.filter(({ probes }) => probes.length > 0);
  const squashed = sights.flatMap(({ name, what: { squashing: kind, kind: of }, tensor }) =>
    kind && of !== "input" && selection.has(name, "saturation") ? [{ name, kind, tensor }] : [],
  );
  for (const [name, { matrices = [] }] of places)
    for (const matrix of matrices) selection.has(pathBelow(name, matrix.name), "radius");
  const groups = [...weightGroups(model, places)].filter(([name]) => selection.has(name, "weights"));
  selection.check();

  const sources = [...gradients.flatMap(({ probes }) => probes), ...groups.flatMap(([, weights]) => weights)];
  const slopes = gradientsOf(loss, sources);
  const slopeOf = (source: Tensor) => slopes.get(source) as Tensor;
  return {
    plan: {
      values,
      gradients,
      saturation: squashed,
      weights: groups.map(([name]) => name),
      weightGroups: new Map(groups),
      gated: sights.flatMap(({ name, what: { kind, squashing } }) =>
        kind === "gate" && squashing === "sigmoid" ? [name.slice(0, name.lastIndexOf("."))] : [],
      ),
      places,
    },
    results: {
      loss,
      values: values.map(({ tensor }) => withoutEnded(tensor)),
      gradients: gradients.map(({ what, tensor, probes }) =>
        stepNorms(slopeAlong(what, probes.map(slopeOf)), tensor),
      ),
      saturation: squashed.map(({ tensor, kind }) => saturated(tensor, kind)),
      weights: groups.map(([, weights]) => ({
        gradient: weights.map((weight) => norm(slopeOf(weight))),
        value: weights.map((weight) => norm(weight)),
      })),
    },
  };
}

/** The gradient (T, B, ...) of what was told of by a scan, or step by step. */
function slopeAlong(what: Observed, slopes: readonly Tensor[]): Tensor {
  const [first] = slopes as [Tensor];
  return what.stepAxes === 0 ? stack(slopes) : alongOneAxis(first, what);
}

/** The gradients of a loss; zeros of what it does not read. */
function gradientsOf(loss: Tensor, sources: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
  const reached = new Set(topologicalOrder([loss.node]));
  const read = [...new Set(sources.filter(({ node }) => reached.has(node)))];
  const slopes = read.length === 0 ? [] : gradient(loss, read);
  return new Map([
    ...sources.map((source) => [source, zerosLike(source)] as const),
    ...read.map((source, at) => [source, slopes[at] as Tensor] as const),
  ]);
}

/** The weights that are trained: of passes by their names, others by the path of their layer. */
function weightGroups(
  model: object,
  places: ReadonlyMap<string, ObservedPlace>,
): ReadonlyMap<string, Variable[]> {
  const passOf = new Map<Tensor, string>();
  for (const [name, { variables = [] }] of places)
    for (const variable of variables) if (!passOf.has(variable)) passOf.set(variable, name);
  const groups = new Map<string, Variable[]>();
  for (const { variable, path, owner } of weightsOf(model)) {
    if (!variable.trainable) continue;
    const name = passOf.get(variable) ?? owner?.path ?? path;
    groups.set(name, [...(groups.get(name) ?? []), variable]);
  }
  return groups;
}
