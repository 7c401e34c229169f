/** Gradients through trees agree with central differences, and nothing beyond a tree's nodes reaches them. */

import { describe, expect, test } from "vitest";
import { reference } from "../../../src/backends/reference/index.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  gru,
  type Recursive,
  type RecursiveOptions,
  recursive,
  type TreeCellName,
  type TreeTensors,
  treeCells,
} from "../../../src/nn/index.ts";
import { compile, float32 } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { Variable } from "../../../src/trace/variable.ts";
import { weightedSum } from "../../gradient/check.ts";
import { randomValue } from "../../helpers/values.ts";
import { checkModelGradient } from "../check-model.ts";
import {
  type Arrays,
  caseOf,
  H,
  I,
  typesOf,
  withNaN,
  without,
  withRandomWeights,
} from "./check-tree-cell.ts";
import { arraysOf, chain, randomTree, type Shape, single, star } from "./trees.ts";

/** Asserts the gradients by all weights and by x, of a loss that sees the output of every node and the roots. */
function checkSlopes(layer: Recursive, trees: Arrays): void {
  const shape = trees.parent?.shape ?? [];
  const x = new Variable("x", [...shape, I]);
  const loss = ({ seed, ...structure }: Record<string, Tensor>) => {
    const { output, root } = layer.apply(x, structure as unknown as TreeTensors);
    return weightedSum(output, seed as Tensor).add(root.square().sum());
  };
  checkModelGradient(
    { layer, x },
    loss,
    { seed: randomValue([...shape, layer.outputSize], 2), ...trees },
    2e-5,
  );
}

const names = Object.keys(treeCells) as TreeCellName[];

describe.each(names)("%s", (name) => {
  const shapes: Record<string, Shape[]> = {
    "a single node": [single],
    chains: [chain(6), chain(2)],
    stars: [star(2), star(1)],
    "random trees": [randomTree(9, 2, 3), randomTree(6, 2, 4), single, randomTree(11, 2, 5)],
  };
  test.each(Object.entries(shapes))("of %s", (_, trees) => {
    const arrays = without(arraysOf(trees, 2), "types");
    for (const reads of ["nodes", "leaves"] as const) {
      checkSlopes(recursive(treeCells[name], I, H, { reads }), arrays);
    }
    checkSlopes(recursive(treeCells[name], I, H), without(arrays, "leaves", "inner"));
  });
});

test("of a star with many children", () => {
  const trees = [star(9), randomTree(12, 7, 3)];
  checkSlopes(recursive(treeCells["child-sum-tree-lstm"], I, H), without(arraysOf(trees, 2), "types"));
});

const ways: Record<string, RecursiveOptions> = {
  "the way down": { direction: "down" },
  "both ways": { direction: "both" },
  "both ways, with another cell down": { direction: "both", down: gru },
  "weights by type": { types: 2 },
  "weights by type, both ways": { types: 2, direction: "both" },
};

test.each(Object.entries(ways))("of %s", (_, options) => {
  for (const name of ["tree-lstm", "child-sum-tree-lstm"] as const) {
    const { layer, arrays } = caseOf(name, options);
    checkSlopes(layer, arrays);
    checkSlopes(layer, without(arrays, "leaves", "inner"));
  }
});

test.each(names)("%s: what stands beyond a tree's nodes reaches no gradient", (name) => {
  for (const left of [[], ["leaves", "inner"]]) {
    const given = caseOf(name, name === "tree-matrix-vector" ? {} : { direction: "both" });
    const { layer, arrays, trees } = given;
    withRandomWeights(layer);
    const structure = without(arrays, "types", ...left);
    const program = compile(
      ({ x, structure: tensors }: { x: Tensor; structure: TreeTensors }) =>
        gradient(layer.apply(x, tensors).output.square().sum(), x),
      { inputs: { x: float32("T", "B", I), structure: typesOf(structure) } as never, backend: reference },
    ) as unknown as (values: object) => { data: Float64Array };
    const slopes = program({ x: withNaN(given), structure }).data;
    slopes.forEach((slope, at) => {
      const row = Math.floor(at / I);
      const [t, b] = [Math.floor(row / trees.length), row % trees.length];
      expect(Number.isFinite(slope)).toBe(true);
      if (t >= (trees[b] as Shape).length) expect(slope).toBe(0);
    });
    expect(slopes.some((slope) => slope !== 0)).toBe(true);
  }
});
