/** Runs a layer over trees in float64, beside its cell's equations as plain loops. */

import type { Value } from "../../../src/backends/backend.ts";
import { reference } from "../../../src/backends/reference/index.ts";
import {
  parameters,
  type Recursive,
  type RecursiveOptions,
  recursive,
  type TreeCellName,
  type TreeTensors,
  treeCells,
} from "../../../src/nn/index.ts";
import { compile, float32, InputType } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { numbers, randomValue, rowsOf } from "../../helpers/values.ts";
import type { State, Weights } from "../cells/check-cell.ts";
import type { Row } from "../cells/rows.ts";
import { equations } from "./equations.ts";
import { arraysOf, chain, randomTree, type Shape, single, star } from "./trees.ts";

export const [I, H] = [3, 4];

/** Trees of all kinds for nodes of at most so many children. */
export const treesFor = (arity: number): Shape[] => [
  randomTree(9, arity, 3),
  single,
  chain(5),
  star(arity),
  randomTree(12, arity, 8),
];

/** Sets random weights; returns their rows by name, of a vector one. */
export function withRandomWeights(layer: Recursive): Weights {
  const rows = new Map<string, Row[]>();
  Object.entries(parameters(layer)).forEach(([name, variable], index) => {
    variable.value = numbers(variable.count, 10 + index);
    rows.set(name, rowsOf({ data: variable.value, shape: variable.dimensions }));
  });
  return (name) => rows.get(name) ?? [];
}

export type Arrays = Record<string, Value>;

/** What a layer gives for x and trees, as arrays in float64. */
export function run(layer: Recursive, x: Value, trees: Arrays): { output: Value; root: Value } {
  return programOf(layer, trees)({ x, trees });
}

/** The layer as a function on arrays. */
export function programOf(layer: Recursive, trees: Arrays) {
  return compile(({ x, trees: given }: { x: Tensor; trees: TreeTensors }) => layer.apply(x, given), {
    inputs: { x: float32("T", "B", layer.inputSize), trees: typesOf(trees) } as never,
    backend: reference,
  }) as unknown as (values: { x: Value; trees: Arrays }) => { output: Value; root: Value };
}

/** The types of the arrays of trees, with the symbols of `TreeTensors`. */
export function typesOf(trees: Arrays): Record<string, InputType> {
  const shapes: Record<string, (string | number)[]> = {
    lengths: ["B"],
    children: [trees.children?.shape[0] ?? 2, "T", "B"],
    leaves: ["L", "B"],
    inner: ["N", "B"],
  };
  return Object.fromEntries(
    Object.keys(trees).map((name) => [name, new InputType("int32", shapes[name] ?? ["T", "B"])]),
  );
}

/** A record without some names. */
export const without = (arrays: Arrays, ...names: string[]): Arrays =>
  Object.fromEntries(Object.entries(arrays).filter(([name]) => !names.includes(name)));

/** The states of each tree's nodes by the equations, child by child. */
export function statesOf(
  name: TreeCellName,
  weights: Weights,
  { trees, arity, x, reads }: { trees: readonly Shape[]; arity: number; x: Value; reads: "nodes" | "leaves" },
): State[][] {
  const parts = treeCells[name].parts(I, H, arity);
  const none = Object.fromEntries(
    Object.entries(parts.state).map(([part, size]) => [part, Array<number>(size as number).fill(0)]),
  );
  return trees.map((tree, b) => {
    const states: State[] = [];
    tree.forEach((below, t) => {
      const isLeaf = below.length === 0;
      const own = rowsOf(x)[t * trees.length + b] as Row;
      const read = reads === "leaves" && !isLeaf ? own.map(() => 0) : own;
      const given = below.map((child) => states[child] as State);
      const isSum = name === "child-sum-tree-lstm";
      const children = isSum ? given : Array.from({ length: arity }, (_, k) => given[k] ?? none);
      states.push(equations[name](weights, children, read, isLeaf));
    });
    return states;
  });
}

/** A layer of a cell with random weights, trees for it, and their input, with NaN beyond each tree's nodes. */
export function caseOf(name: TreeCellName, options: RecursiveOptions = {}) {
  const arity = name === "tree-matrix-vector" ? 2 : (options.arity ?? 2);
  const layer = recursive(treeCells[name], I, H, options);
  const trees = treesFor(arity);
  const arrays = arraysOf(trees, arity);
  const steps = Math.max(...trees.map(({ length }) => length));
  const x = randomValue([steps, trees.length, I], 1);
  return { layer, weights: withRandomWeights(layer), trees, arity, arrays, x, steps };
}

/** x with NaN beyond the nodes of each tree. */
export function withNaN({ x, trees }: { x: Value; trees: readonly Shape[] }): Value {
  const data = Float64Array.from(x.data as Float64Array, (value, at) => {
    const row = Math.floor(at / I);
    const [t, b] = [Math.floor(row / trees.length), row % trees.length];
    return t < (trees[b] as Shape).length ? value : Number.NaN;
  });
  return { data, shape: x.shape };
}
