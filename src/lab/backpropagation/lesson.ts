/** One relu unit over a few steps, worked out: every value forwards, every gradient backwards, every term of each weight's gradient. */

import { reference } from "../../backends/reference/index.ts";
import { gradient } from "../../gradient/index.ts";
import { type GradientTerms, gradientTerms } from "../../inspect/gradient-terms.ts";
import { compile, value } from "../../program/compile.ts";
import { relu, scalar } from "../../trace/functions.ts";
import type { Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import type { TrialContext } from "../experiment.ts";

export const weightNames = ["w1", "w2", "b1", "w3", "b2"] as const;
export type WeightName = (typeof weightNames)[number];

export interface LessonSettings extends Readonly<Record<WeightName, number>> {
  /** An input for each step. */
  readonly x: readonly number[];
  readonly target: number;
}

type Weights<Of> = Readonly<Record<WeightName, Of>>;

export type Lesson = {
  /** z_k = w1 x_k + w2 h_{k-1} + b1 and h_k = max(z_k, 0) for each step, y = w3 h_T + b2, L = (y - target)^2. */
  readonly values: Computed;
  /** dL of each of them. */
  readonly gradients: Computed;
  /** dh_T/dh_k for each step. */
  readonly paths: readonly number[];
  /** dh_k/dh_{k-1} for each step. */
  readonly jacobians: readonly number[];
  /** ∂h_k/∂w for each step, h_{k-1} held fixed, and dh_k/dw by way of h_{k-1}; of the weights in the unit. */
  readonly explicit: Readonly<Record<string, readonly number[]>>;
  readonly implicit: Readonly<Record<string, readonly number[]>>;
  /** dL/dh_T · dh_T/dh_k · ∂h_k/∂w for each step. */
  readonly terms: Readonly<Record<string, readonly number[]>>;
  /** What the readout reads of a weight. */
  readonly direct: Weights<number>;
  readonly sum: Weights<number>;
  readonly training: Weights<number>;
  /** (L(w + e) - L(w - e)) / 2e by plain arithmetic. */
  readonly nudged: Weights<number>;
};

type Computed = {
  readonly z: readonly number[];
  readonly h: readonly number[];
  readonly y: number;
  readonly loss: number;
};

/** The weights that stand in the unit itself. */
export const unitWeights = ["w1", "w2", "b1"] as const satisfies readonly WeightName[];
export const readoutWeights = ["w3", "b2"] as const satisfies readonly WeightName[];

export function workOut(settings: LessonSettings, context: TrialContext): Lesson {
  const { x, target } = settings;
  const weights = Object.fromEntries(
    weightNames.map((name) => {
      const weight = new Variable(name, []);
      weight.value = [settings[name]];
      return [name, weight];
    }),
  ) as Record<WeightName, Variable>;
  const { w1, w2, b1, w3, b2 } = weights;
  const sum = (h: Tensor, input: Tensor) => input.mul(w1).add(h.mul(w2)).add(b1);
  const predict = (h: Tensor) => h.mul(w3).add(b2);
  const lossOf = (y: Tensor) => y.sub(target).square();

  const found = compile(
    (inputs: Tensor) => {
      const z: Tensor[] = [];
      const h: Tensor[] = [];
      for (let at = 0; at < x.length; at++) {
        z.push(sum(h[at - 1] ?? scalar(0), inputs.at(0, at)));
        h.push(relu(z[at] as Tensor));
      }
      const y = predict(h.at(-1) as Tensor);
      const values = { z, h, y, loss: lossOf(y) };
      return { values, gradients: gradient(values.loss, values) };
    },
    { backend: reference },
  )(value(x, [x.length]));
  const numberOf = ({ data }: { readonly data: ArrayLike<number> }) => data[0] as number;
  const plain = ({ z, h, y, loss }: (typeof found)["values"]): Computed => ({
    z: z.map(numberOf),
    h: h.map(numberOf),
    y: numberOf(y),
    loss: numberOf(loss),
  });

  const told = gradientTerms((h, input: Tensor) => relu(sum(h, input)), {
    init: value([0], []),
    inputs: value(x, [x.length]),
    weights,
    loss: (h) => lossOf(predict(h.at(0, x.length - 1))),
    backend: context.backend,
  });
  const byWeight = (map: (name: WeightName) => number) =>
    Object.fromEntries(weightNames.map((name) => [name, map(name)])) as Weights<number>;
  const byStep = (map: (step: GradientTerms["steps"][number], name: string) => number | undefined) =>
    Object.fromEntries(unitWeights.map((name) => [name, told.steps.map((step) => map(step, name) ?? 0)]));
  const termAt = (step: number) => told.terms.find(({ at }) => at === step + 1);
  return {
    values: plain(found.values),
    gradients: plain(found.gradients as (typeof found)["values"]),
    paths: pathsOf(told),
    jacobians: told.steps.map(({ jacobian }) => jacobian[0]?.[0] ?? 0),
    explicit: byStep(({ explicit }, name) => explicit[name]?.[0]?.[0]),
    implicit: byStep(({ implicit }, name) => implicit[name]?.[0]?.[0]),
    terms: Object.fromEntries(
      unitWeights.map((name) => [name, told.steps.map((_, step) => termAt(step)?.values[name]?.[0] ?? 0)]),
    ),
    direct: byWeight((name) => told.direct[name]?.[0] ?? 0),
    sum: byWeight((name) => told.sum[name]?.[0] ?? 0),
    training: byWeight((name) => told.gradient[name]?.[0] ?? 0),
    nudged: byWeight((name) => nudge(settings, name)),
  };
}

/** dh_T/dh_k: the products of the later steps' derivatives, also where the loss has no slope. */
function pathsOf({ steps }: GradientTerms): number[] {
  return steps.map((_, at) =>
    steps.slice(at + 1).reduce((product, { jacobian }) => product * (jacobian[0]?.[0] ?? 0), 1),
  );
}

/** The loss by plain arithmetic. */
export function lossByHand({ x, target, w1, w2, w3, b1, b2 }: LessonSettings): number {
  const h = x.reduce((before, input) => Math.max(w1 * input + w2 * before + b1, 0), 0);
  return (w3 * h + b2 - target) ** 2;
}

function nudge(settings: LessonSettings, name: WeightName): number {
  const step = 1e-6;
  const [above, below] = [1, -1].map((sign) =>
    lossByHand({ ...settings, [name]: settings[name] + sign * step }),
  ) as [number, number];
  return (above - below) / (2 * step);
}
