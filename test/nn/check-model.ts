/** Checks the gradient of a loss by a model's weights against central differences in float64, along a random direction. */

import { expect } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { gradient } from "../../src/gradient/index.ts";
import { parameters } from "../../src/nn/index.ts";
import { compile, InputType } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { numbers } from "../helpers/values.ts";

/** Weights are float32: multiples of this within +-1, moved by the step, are exact. */
const grid = 2 ** -12;
const step = 2 ** -17;

/**
 * Asserts that dL / d weights along a direction of +-1 is (L(w + h v) - L(w - h v)) / 2h, to `tolerance` relative to the
 * largest slope. Gives all weights of the model new values. Returns the number of weights whose slopes are not all zero.
 */
export function checkModelGradient<Names extends string>(
  model: object,
  loss: (inputs: Record<Names, Tensor>) => Tensor,
  inputs: Readonly<Record<Names, Value>>,
  tolerance = 1e-6,
): number {
  const weights = Object.values(parameters(model));
  const types = Object.fromEntries(
    Object.entries<Value>(inputs).map(([name, { data, shape }]) => [
      name,
      new InputType(data instanceof Int32Array ? "int32" : "float32", shape),
    ]),
  );
  const program = compile(
    (tensors: unknown) => {
      const total = loss(tensors as Record<Names, Tensor>);
      return { total, slopes: gradient(total, weights) };
    },
    { inputs: types as never, backend: reference },
  ) as (values: unknown) => { total: Value; slopes: Value[] };

  const start = weights.map(({ count }, index) =>
    numbers(count, 11 + index).map((value) => Math.round((0.7 * value) / grid) * grid),
  );
  const directions = weights.map(({ count }, index) => numbers(count, 301 + index).map(Math.sign));
  const runAt = (sign: number) => {
    weights.forEach((variable, index) => {
      const direction = directions[index] as Float64Array;
      variable.value = (start[index] as Float64Array).map(
        (value, at) => value + sign * step * (direction[at] as number),
      );
    });
    return program(inputs);
  };
  const { slopes } = runAt(0);
  const numeric = ((runAt(1).total.data[0] as number) - (runAt(-1).total.data[0] as number)) / (2 * step);
  let analytic = 0;
  let largest = 1;
  slopes.forEach(({ data }, index) => {
    data.forEach((slope, at) => {
      analytic += slope * (directions[index]?.[at] as number);
      largest = Math.max(largest, Math.abs(slope));
    });
  });
  expect(Number.isFinite(analytic)).toBe(true);
  expect(Math.abs(analytic - numeric) / largest, `analytic ${analytic}, numeric ${numeric}`).toBeLessThan(
    tolerance,
  );
  return slopes.filter(({ data }) => data.some((slope) => slope !== 0)).length;
}
