/**
 * Plans of random programs: what is computed, with what data, in which calls; and what a difference between the results of two
 * backends is.
 */

import fc from "fast-check";
import type { Backend, Value } from "../../src/backends/backend.ts";
import { type PassName, passes } from "../../src/compiler/passes/index.ts";
import { ShapeError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { sameShape } from "../../src/graph/dimension.ts";
import { compile, float32, int32, type Update } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import type { Variable } from "../../src/trace/variable.ts";
import { integers, numbers } from "../helpers/values.ts";
import { type Instruction, run } from "./random-programs.ts";

export const names = Object.keys(passes) as PassName[];
export const types = {
  x: float32("T", "B", 4),
  y: float32("T", "B", 4),
  z: float32("B", 3),
  w: float32(4, 4),
  indices: int32("T", "B"),
  lengths: int32("B"),
  key: int32(2),
};

export interface Plan {
  readonly recipe: readonly Instruction[];
  readonly withGradient: boolean;
  /** How weights are updated: not at all, by gradients, from each other, by views of themselves. */
  readonly updates: number;
}

/** A program of a plan: some of what its recipe makes, the gradients of that, and updates of weights. */
export function build({ recipe, withGradient, updates }: Plan, weights: Map<string, Variable>) {
  return ({ indices, lengths, key, ...floats }: Record<keyof typeof types, Tensor>, update: Update) => {
    const made = run(Object.values(floats), recipe, { indices, lengths, key, weights });
    const results = made.slice(-4);
    const parts = results.map((result) => result.mul(0.5).tanh().sum());
    const loss = parts.reduce((sum, part) => sum.add(part));
    const all = [...weights.values()];
    const slopes = gradient(loss, all);
    const ways = [
      (weight: Variable, slope: Tensor) => weight.sub(slope.mul(0.1)),
      (weight: Variable, slope: Tensor) =>
        all.find((x) => x !== weight && sameShape(x.shape, weight.shape)) ?? slope,
      (weight: Variable) => weight.flip(0),
      (weight: Variable) => weight.add(parts[0]?.tanh() as Tensor),
      (weight: Variable) => (weight.shape[0] === weight.shape[1] ? weight.transpose() : weight.neg()),
    ];
    if (updates < 2 * ways.length) {
      all.forEach((weight, index) => {
        const way = ways[(updates + index) % ways.length] as (typeof ways)[0];
        update(weight, way(weight, slopes[index] as Tensor));
      });
    }
    return withGradient ? [...results, ...gradient(loss, Object.values(floats)), ...slopes] : results;
  };
}

type Sizes = readonly [T: number, B: number];

/** Data of a size; `nudge` changes every float by about a part in a million. */
export function data([T, B]: Sizes, nudge = 0): Record<keyof typeof types, Value> {
  const floats = (shape: number[], seed: number): Value => {
    const count = shape.reduce((product, size) => product * size, 1);
    const noise = numbers(count, seed + 50);
    return {
      data: Float64Array.from(
        numbers(count, seed),
        (x, at) => Math.fround(x) * (1 + nudge * (noise[at] as number)),
      ),
      shape,
    };
  };
  const counted = (shape: number[], of: (at: number) => number): Value =>
    integers(
      Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => of(at)),
      shape,
    );
  return {
    x: floats([T, B, 4], 1),
    y: floats([T, B, 4], 2),
    z: floats([B, 3], 3),
    w: floats([4, 4], 4),
    indices: counted([T, B], (at) => ((at * 7 + 3) % (T + 2)) - 1),
    lengths: counted([B], (at) => (T === 0 ? 0 : 1 + ((at * 3 + 1) % T))),
    key: counted([2], (at) => 5 + at),
  };
}

/** A call's results, or what it refuses. */
export function attempt(call: () => Value[]): Value[] | string {
  try {
    return call();
  } catch (error) {
    if (error instanceof ShapeError) return error.message;
    throw error;
  }
}

/** What is wrong with the results; how much they change where the data hardly does tells how exact they can be. */
export function difference(
  actual: Value[] | string,
  expected: Value[] | string,
  nudged: Value[] | string,
): string | undefined {
  if (typeof actual === "string" || typeof expected === "string" || typeof nudged === "string")
    return actual === expected ? undefined : `${actual} given, ${expected} expected`;
  // Beyond float32, nothing can be compared.
  if (expected.some(({ data }) => data.some((value) => Number.isFinite(value) && Math.abs(value) > 1e30)))
    return undefined;
  for (const [index, { data: wanted, shape }] of expected.entries()) {
    const own = actual[index] as Value;
    if (own.shape.join() !== shape.join()) return `result ${index} has the shape ${own.shape}, not ${shape}`;
    const moved = (nudged[index] as Value).data;
    let [size, sensitivity] = [1, 0];
    wanted.forEach((value, at) => {
      if (!Number.isFinite(value)) return;
      size = Math.max(size, Math.abs(value));
      sensitivity = Math.max(sensitivity, Math.abs(value - (moved[at] as number)));
    });
    const limit = 2e-5 * size + 20 * sensitivity;
    const wrong = wanted.findIndex((value, at) => {
      const given = own.data[at] as number;
      if (!Number.isFinite(value)) return Number.isFinite(given);
      return !(Math.abs(value - given) <= limit);
    });
    if (wrong >= 0)
      return `result ${index} of ${shape}: element ${wrong} is ${own.data[wrong]}, not ${wanted[wrong]} (limit ${limit})`;
  }
  return undefined;
}

const instruction = fc.tuple(fc.nat(11), fc.nat(29), fc.nat(29), fc.nat(29));
// Mostly few rows, so that odd sizes are common; sometimes more than fit a block.
const sizes = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 5 })) },
  { weight: 1, arbitrary: fc.constant([10, 7] as const) },
);
export const programs = fc.record({
  recipe: fc.array(instruction, { minLength: 1, maxLength: 20 }),
  withGradient: fc.boolean(),
  updates: fc.nat(15),
  changes: fc.boolean(),
  without: fc.subarray(names),
  calls: fc.array(sizes, { minLength: 1, maxLength: 3 }),
});

/** The program of a plan on a backend, with weights of its own. */
export function prepare(plan: Plan, backend: Backend) {
  const weights = new Map<string, Variable>();
  const compiled = compile(build(plan, weights), { inputs: types, backend }) as unknown as (
    given: unknown,
  ) => Value[];
  /** The results of a call, and the weights after it. */
  const call = (given: unknown): Value[] => [
    ...compiled(given),
    ...[...weights.values()].map(({ value, dimensions }) => ({ data: value, shape: dimensions })),
  ];
  const change = (call: number) => {
    for (const weight of [...weights.values()].slice(0, call)) weight.value = numbers(weight.count, call);
  };
  return { call, change };
}
