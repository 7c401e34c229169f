/** Checks a cell along time: its values against its equations as plain loops, its gradients against central differences. */

import { expect } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { type Cell, type Recurrent, recurrent } from "../../../src/nn/index.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { checkGradient, weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { runner, squaresOf, stateOf } from "../../helpers/layers.ts";
import { numbers, randomValue, rowsOf } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";
import type { Row } from "./rows.ts";

/** The rows of a weight, a vector's as one row; none of a weight that the cell does not have. */
export type Weights = (name: string) => Row[];
export type State = Readonly<Record<string, Row>>;
/** One step of one row of the batch; `past` gives the state so many steps back, 1 being the given one. */
export type Equations = (w: Weights, s: State, x: Row, past: (distance: number) => State) => State;

export const sizes = { T: 5, B: 3, I: 2, H: 4 };
const { T, B, I, H } = sizes;

/** A layer of the cell with random weights, and their rows by the cell's own names. */
function layerOf(cell: Cell<string, string>) {
  const layer = recurrent(cell, I, H);
  const rows = new Map<string, Row[]>();
  Object.entries(layer.weights).forEach(([name, variable], index) => {
    variable.value = numbers(variable.count, 10 + index);
    rows.set(name.slice(0, -"_l0".length), rowsOf({ data: variable.value, shape: variable.dimensions }));
  });
  return { layer, weights: (name: string) => rows.get(name) ?? [] };
}

/** Values for the inputs of a layer: x, and the parts of the state before the first step. */
function inputsOf(layer: Recurrent<string, string>): { x: Value } & Record<string, Value> {
  return { x: randomValue([T, B, I], 1), ...stateOf(layer, B, 50) };
}

const without = <Of>(record: Readonly<Record<string, Of>>, ...names: string[]) =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

/** What a cell shows of its state: by default the first part. */
type Shown = (w: Weights, s: State) => Row;
const firstPart: Shown = (_w, s) => Object.values(s)[0] as Row;

/** Asserts that the outputs and the final state of a layer of the cell are those of the plain loop. */
export function checkEquations(
  cell: Cell<string, string>,
  equations: Equations,
  shown: Shown = firstPart,
): void {
  const { layer, weights } = layerOf(cell);
  const { x, ...initial } = inputsOf(layer);
  const given = runner(layer, { state: true })({ x, state: initial });
  for (let b = 0; b < B; b++) {
    const states = statesBefore(cell, initial, b);
    for (let t = 0; t < T; t++) {
      const past = (distance: number) => states.at(-distance) as State;
      const next = equations(weights, past(1), rowsOf(x)[t * B + b] as Row, past);
      states.push(next);
      expectClose(rowsOf(given.output)[t * B + b], shown(weights, next));
    }
    const last = states.at(-1) as State;
    expect(Object.keys(last)).toEqual(Object.keys(cell.parts(I, H).state));
    for (const [name, row] of Object.entries(last)) expectClose(rowsOf(given.state[name] as Value)[b], row);
  }
}

/** The states of a row before the first step, the oldest first: what a layer carries from further back, and the one before. */
function statesBefore(
  cell: Cell<string, string>,
  { past, ...last }: Record<string, Value>,
  b: number,
): State[] {
  const { state } = cell.parts(I, H);
  const earlier: State[] = [];
  let carried = past ? (rowsOf(past)[b] as Row) : [];
  while (carried.length > 0) {
    const one: Record<string, Row> = {};
    for (const [name, size] of Object.entries(state)) {
      one[name] = carried.slice(0, size as number);
      carried = carried.slice(size as number);
    }
    earlier.unshift(one);
  }
  return [
    ...earlier,
    Object.fromEntries(Object.entries(last).map(([name, value]) => [name, rowsOf(value)[b] as Row])),
  ];
}

/** Asserts that the gradients by inputs, states and weights agree with central differences, and that every weight has one. */
export function checkGradients(cell: Cell<string, string>): void {
  const { layer } = layerOf(cell);
  const inputs = { ...inputsOf(layer), seed: randomValue([T, B, layer.outputSize], 2) };
  const loss = (tensors: Record<string, Tensor>) => {
    const { output, state } = layer.apply(tensors.x as Tensor, { state: without(tensors, "x", "seed") });
    return weightedSum(output, tensors.seed as Tensor).add(squaresOf(state));
  };
  checkGradient(loss, inputs);
  expect(checkModelGradient(layer, loss, inputs, 2e-5)).toBe(Object.keys(layer.weights).length);
}
