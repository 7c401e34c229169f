/** Normalisation of each series by its own window, which is taken back from what is predicted for it. */

import { checkOptions, printGiven } from "../../checks.ts";
import { ShapeError, UsageError } from "../../errors.ts";
import { printShape, sameShape } from "../../graph/dimension.ts";
import { expectWithin } from "../../trace/expectation.ts";
import { stack, where } from "../../trace/functions.ts";
import { expectTensors, located, sizeTensor, type Tensor } from "../../trace/tensor.ts";
import { Variable } from "../../trace/variable.ts";
import { zeros } from "../initializers.ts";
import { checkEpsilon, checkInput, checkSize, type Layer } from "./layer.ts";

export interface ReversibleInstanceNormOptions {
  /** Whether each feature has a factor and a shift that are trained. Default true. */
  readonly affine?: boolean | undefined;
  /** What is added to a variance, so that a division is never by 0; default 1e-5. */
  readonly epsilon?: number | undefined;
}

export interface ReversibleInstanceNormCall {
  /** float32 (T, B, F): 1 for what was observed, 0 for what is missing, whatever stands there, NaN included. Default all 1. */
  readonly observed?: Tensor | undefined;
}

/** Where the numbers of each window lie, and how far they spread. */
export interface InstanceStatistics {
  /** (B, F): the mean of what was observed; 0 where nothing was. */
  readonly center: Tensor;
  /** (B, F): sqrt(variance + epsilon); 1 where nothing was observed. */
  readonly scale: Tensor;
}

export interface NormalizedInstance extends InstanceStatistics {
  /** (T, B, F); 0 for what was not observed. */
  readonly values: Tensor;
}

export interface RestoreCall {
  /** Which of the F features the values are of, one for each of the F'. Default all in order. */
  readonly features?: readonly number[] | undefined;
  /** Whether the values are distances, such as standard deviations: they are scaled, not moved. Default false. */
  readonly distances?: boolean | undefined;
}

export interface ReversibleInstanceNorm extends Layer {
  /** (F) each; none where the layer is not affine. */
  readonly weights: Readonly<Partial<Record<"log_weight" | "bias", Variable>>>;
  /** A window x (T, B, F), normalised along T. */
  apply(x: Tensor, call?: ReversibleInstanceNormCall): NormalizedInstance;
  /** Values (..., B, F') that were predicted for what `apply` normalised, in the units of x. */
  restore(values: Tensor, statistics: InstanceStatistics, call?: RestoreCall): Tensor;
}

/**
 * y = (x - center) / scale e^log_weight + bias, where center is the mean of each feature over the window of its row, and scale
 * sqrt(variance + epsilon); `restore` solves it for x. What is predicted so follows a level that drifts. Kim et al., "Reversible instance
 * normalization for accurate time-series forecasting against distribution shift", 2022; there the factor is a weight itself,
 * which could be trained to 0, from where nothing can be restored.
 *
 *     const { values, ...statistics } = norm.apply(x, { observed });
 *     const forecast = norm.restore(head.apply(encode(values)), statistics);
 *
 * A constant window gives the bias alone. `log_weight` and `bias` (F) start as 0. As epsilon is fixed, features are best brought near
 * the size of 1 before, as by a `Scaler`. Throws UsageError for features that are not a positive integer, or an epsilon that is not positive.
 */
export function reversibleInstanceNorm(
  features: number,
  options: ReversibleInstanceNormOptions = {},
): ReversibleInstanceNorm {
  const name = "reversibleInstanceNorm";
  checkOptions(name, options, { affine: true, epsilon: true });
  const { affine = true, epsilon = 1e-5 } = options;
  checkSize(name, "features", features);
  checkEpsilon(name, epsilon);
  if (typeof affine !== "boolean") {
    throw new UsageError(`${name}: affine ${printGiven(affine)} given, true or false expected`);
  }
  const variable = (weight: string) =>
    new Variable(weight, [features], { initializer: zeros, layer: `${name}(${features})` });
  const weights = affine ? { log_weight: variable("log_weight"), bias: variable("bias") } : {};
  const { log_weight, bias } = weights;

  return {
    weights,
    apply(x, call = {}) {
      checkOptions(name, call, { observed: true });
      checkInput(name, x, features, 3);
      const keep = keeper(x, call.observed);
      const { centred, ...statistics } = statisticsOf(x, keep, call.observed, epsilon);
      const normal = centred.div(statistics.scale);
      const values = log_weight && bias ? keep(normal.mul(log_weight.exp()).add(bias)) : normal;
      return { values, ...statistics };
    },
    restore(values, statistics, call = {}) {
      const where = `${name}.restore`;
      checkOptions(where, call, { features: true, distances: true });
      const { features: chosen, distances = false } = call;
      checkChosen(where, chosen, features);
      checkInput(where, values, chosen?.length ?? features);
      checkInput(`${where}: center`, statistics.center, features, 2);
      checkInput(`${where}: scale`, statistics.scale, features, 2);
      const pick = (of: Tensor) =>
        chosen
          ? stack(
              chosen.map((feature) => of.at(-1, feature)),
              -1,
            )
          : of;
      const shifted = bias && !distances ? values.sub(pick(bias)) : values;
      const normal = log_weight ? shifted.div(pick(log_weight).exp()) : shifted;
      const distance = normal.mul(pick(statistics.scale));
      return distances ? distance : distance.add(pick(statistics.center));
    },
  };
}

/** A function that puts 0 in place of what was not observed. Throws ShapeError for what does not say that of each number of x. */
function keeper(x: Tensor, observed: Tensor | undefined): (of: Tensor) => Tensor {
  if (observed === undefined) return (of) => of;
  expectTensors("reversibleInstanceNorm: observed", observed);
  if (observed.dtype !== "float32" || !sameShape(observed.shape, x.shape)) {
    located(() => {
      const given = `observed ${observed.dtype} ${printShape(observed.shape)}`;
      throw new ShapeError(`reversibleInstanceNorm: ${given} given, float32 ${printShape(x.shape)} expected`);
    });
  }
  expectWithin(observed, 0, 1);
  const isObserved = observed.notEqual(0);
  return (of) => where(isObserved, of, 0);
}

/**
 * Distances to the center, and the statistics. They start from distances to one of the numbers, the largest: so those of a constant
 * are 0 exactly, and a small spread far from 0 is not lost. It cancels out of the center, so no gradient flows through it.
 */
function statisticsOf(
  x: Tensor,
  keep: (of: Tensor) => Tensor,
  observed: Tensor | undefined,
  epsilon: number,
): InstanceStatistics & { readonly centred: Tensor } {
  const count = observed ? observed.notEqual(0).convert("float32").sum(0) : sizeTensor(x.size(0));
  const isNone = count.equal(0);
  const mean = (of: Tensor) => of.sum(0).div(count.maximum(1));
  const candidates = observed ? where(observed.notEqual(0), x, Number.NEGATIVE_INFINITY) : x;
  const anchor = where(isNone, 0, candidates.max(0)).stopGradient();
  const distances = keep(x.sub(anchor));
  const center = mean(distances);
  const centred = keep(distances.sub(center));
  const scale = where(isNone, 1, mean(centred.square()).add(epsilon).sqrt());
  return { center: anchor.add(center), scale, centred };
}

/** Throws UsageError unless features are some of those that there are. */
function checkChosen(where: string, chosen: readonly number[] | undefined, features: number): void {
  if (chosen === undefined) return;
  const isFeature = (given: unknown) =>
    Number.isInteger(given) && (given as number) >= 0 && (given as number) < features;
  if (Array.isArray(chosen) && chosen.length > 0 && chosen.every(isFeature)) return;
  const wrong = Array.isArray(chosen) ? chosen.find((feature) => !isFeature(feature)) : chosen;
  throw new UsageError(
    `${where}: features ${printGiven(wrong ?? chosen)} given, whole numbers from 0 to ${features - 1} expected`,
  );
}
