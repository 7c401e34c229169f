/** Layers along time as functions on arrays: their states, their calls, and a loss that sees all that they give. */

import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { type SequenceLayer, stateTypes } from "../../src/nn/index.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import { tensorsOf } from "../../src/trace/step.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { randomValue } from "./values.ts";

/** A layer whose state is a record of parts. */
type Layer = SequenceLayer<Record<string, Tensor>>;
type Values = Record<string, Value>;

/** Random values for the parts of a layer's state; they differ from part to part. */
export function stateOf(layer: Pick<Layer, "stateShapes">, batch: number, seed: number): Values {
  return Object.fromEntries(
    Object.entries(layer.stateShapes(batch)).map(([name, shape], index) => [
      name,
      randomValue(shape, seed + index),
    ]),
  );
}

type Run = (values: { x: Value; state?: Values; lengths?: Value }) => { output: Value; state: Values };

/** The layer as a function on arrays in float64, for any T and B; what it is called with must be said here. */
export function runner(layer: Layer, given: { state?: boolean; lengths?: boolean } = {}): Run {
  const inputs = {
    x: float32("T", "B", layer.inputSize),
    ...(given.state && { state: stateTypes(layer) }),
    ...(given.lengths && { lengths: int32("B") }),
  };
  return compile(
    ({ x, ...call }: { x: Tensor; state?: Record<string, Tensor>; lengths?: Tensor }) => layer.apply(x, call),
    { inputs: inputs as never, backend: reference },
  ) as unknown as Run;
}

/** The sum of the squares of all numbers of a state, whatever its tree. */
export function squaresOf(state: unknown): Tensor {
  const parts = tensorsOf(state).map((part) => part.square().sum());
  return parts.reduce((sum, part) => sum.add(part));
}
