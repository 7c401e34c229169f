/** Checks the gradient of a traced function against central differences in float64, along a random direction. */

import { expect } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { randomValue } from "../helpers/values.ts";

/** The weighted sum of a tensor, with weights that differ from element to element: a loss that sees every element. */
export function weightedSum(tensor: Tensor, weights: Tensor): Tensor {
  return tensor.mul(weights).sum();
}

/**
 * Asserts that d loss / d inputs along a random direction is (loss(x + h v) - loss(x - h v)) / 2h, to `tolerance`
 * relative to the gradient's size.
 */
export function checkGradient<Inputs extends Record<string, Value>>(
  loss: (inputs: { [Name in keyof Inputs]: Tensor }) => Tensor,
  inputs: Inputs,
  { tolerance = 1e-6, step = 1e-5 } = {},
): void {
  const types = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, float32(...shape)]),
  );
  type Tensors = { [Name in keyof Inputs]: Tensor };
  const evaluate = compile((tensors) => loss(tensors as unknown as Tensors), {
    inputs: types,
    backend: reference,
  });
  const derive = compile(
    (tensors) => gradient(loss(tensors as unknown as Tensors), tensors as unknown as Record<string, Tensor>),
    {
      inputs: types,
      backend: reference,
    },
  );
  const gradients = derive(inputs) as Record<string, Value>;
  const directions = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }], index) => [name, randomValue(shape, 101 + index)]),
  );
  const moved = (sign: number) =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, { data, shape }]) => {
        const direction = directions[name]?.data ?? [];
        return [
          name,
          {
            data: Float64Array.from(data, (x, index) => x + sign * step * (direction[index] as number)),
            shape,
          },
        ];
      }),
    );
  const numeric =
    ((evaluate(moved(1)).data[0] as number) - (evaluate(moved(-1)).data[0] as number)) / (2 * step);
  let analytic = 0;
  let scale = 1;
  for (const [name, { data }] of Object.entries(gradients)) {
    data.forEach((slope, index) => {
      analytic += slope * (directions[name]?.data[index] as number);
      scale = Math.max(scale, Math.abs(slope));
    });
  }
  expect(Number.isFinite(analytic)).toBe(true);
  expect(Math.abs(analytic - numeric) / scale, `analytic ${analytic}, numeric ${numeric}`).toBeLessThan(
    tolerance,
  );
}
