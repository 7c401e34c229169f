/** The arrays that data makes of trees are those that layers over trees read. */

import { expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { readTrees, type Tree, textSource, treeArrays, treeTokens, Vocabulary } from "../../../src/index.ts";
import {
  type AnyTreeCell,
  initialize,
  recursive,
  type TreeTensors,
  treeCells,
} from "../../../src/nn/index.ts";
import { compile, float32 } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { floats } from "../../helpers/values.ts";
import { arraysOf } from "./trees.ts";

test.each<[string, string, AnyTreeCell<string, string>]>([
  ["brackets", "(1 (0 not) (4 (2 very) (4 good)))\n(2 yes)\n(4 (2 very) (4 good))\n", treeCells["tree-lstm"]],
  ["expressions", "1 + 2 * (3 - 4)\n- 5\n7\n", treeCells["tree-gru"]],
  [
    "conllu",
    "1\tIt\tit\tPRON\t_\t_\t2\tnsubj\t_\t_\n2\trains\train\tVERB\t_\t_\t0\troot\t_\t_\n3\there\there\tADV\t_\t_\t2\tadvmod\t_\t_\n4\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_\n\n1\tYes\tyes\tINTJ\t_\t_\t0\troot\t_\t_\n\n",
    treeCells["child-sum-tree-lstm"],
  ],
] as const)("of %s", async (form, text, cell) => {
  const trees: Tree[] = [];
  for await (const tree of readTrees(textSource("t", text), { form: form as "brackets" })) trees.push(tree);
  const tokens = Vocabulary.fromTokens(trees.map(treeTokens), { unknown: "<unk>" });
  const found = treeArrays(trees, { tokens, arity: 3 }) as unknown as Record<string, Value>;
  const shapes = trees.map(({ nodes }) => nodes.map(({ children }) => children));
  const { types, ...expected } = arraysOf(shapes, 3);
  expect(types).toBeDefined();
  for (const [name, { data, shape }] of Object.entries(expected)) {
    expect([name, found[name]?.shape, Array.from(found[name]?.data ?? [])]).toEqual([
      name,
      shape,
      Array.from(data),
    ]);
  }
  const layer = recursive(cell, 2, 3, { direction: "both", arity: 3 });
  initialize({ layer }, { seed: 1 });
  const program = compile(
    ({ x, trees: given }: { x: Tensor; trees: TreeTensors }) => layer.apply(x, given).root,
    { inputs: { x: float32("T", "B", 2), trees: layer.treeTypes } as never },
  ) as unknown as (values: object) => Value;
  const given = Object.fromEntries(Object.keys(layer.treeTypes).map((name) => [name, found[name]]));
  const root = program({ x: floats([...(found.tokens as Value).shape, 2]), trees: given });
  expect(root.shape).toEqual([trees.length, 6]);
  expect(root.data.every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
});
