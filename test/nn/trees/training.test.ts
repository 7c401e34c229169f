/** Layers over trees in a training: cells of one's own, dropout, words below trees, and trees of any size. */

import { expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { gradient } from "../../../src/gradient/index.ts";
import {
  type AnyTreeCell,
  atPositions,
  childSumCell,
  crossEntropy,
  embedding,
  initialize,
  linear,
  lstm,
  matrix,
  parameters,
  recurrent,
  recursive,
  type TreeTensors,
  treeCell,
  treeLstm,
  vector,
  withKey,
} from "../../../src/nn/index.ts";
import { compile, float32, int32 } from "../../../src/program/compile.ts";
import { concat, tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { adam } from "../../../src/training/optimizers.ts";
import { trainingStep } from "../../../src/training/step.ts";
import { expectClose } from "../../helpers/close.ts";
import { floats, integers } from "../../helpers/values.ts";
import { type Arrays, H, I, typesOf, without } from "./check-tree-cell.ts";
import { arraysOf, chain, randomTree, type Shape, star } from "./trees.ts";

/** A network that is written as its equations. */
const own = treeCell(
  "own",
  (input, hidden, arity) => ({
    state: { h: hidden },
    weights: { W: matrix(arity * hidden + input, hidden), b: vector(hidden) },
  }),
  ({ W, b }, children, x) => ({
    h: tanh(
      concat(...children.map(({ h }) => h), x)
        .dot(W)
        .add(b),
    ),
  }),
);

const ownSum = childSumCell(
  "own sum",
  (input, hidden) => ({
    state: { h: hidden },
    weights: { W: matrix(input, hidden), U: matrix(hidden, hidden), b: vector(hidden) },
  }),
  {
    message: ({ U }, { h }) => ({ below: h.dot(U) }),
    compose: ({ W, b }, { below }, x) => ({ h: tanh(x.dot(W).add(below).add(b)) }),
  },
  { output: ({ h }) => concat(h, h.square()) },
);

/** Random trees whose label at each node is whether the tokens 0 and 1 at the leaves below make an odd sum. */
function parities(count: number, arity: number) {
  const trees = Array.from({ length: count }, (_, seed) => randomTree(5 + (seed % 4), arity, seed + 1));
  const arrays = arraysOf(trees, arity);
  const { shape } = arrays.parent as Value;
  const tokens = new Int32Array((shape[0] as number) * count);
  const labels = new Int32Array(tokens.length).fill(-1);
  trees.forEach((tree, b) => {
    const sums: number[] = [];
    tree.forEach((below, t) => {
      const token = below.length === 0 ? (t * 7 + b * 3) % 2 : 0;
      sums.push(below.reduce((sum, child) => sum + (sums[child] as number), token));
      tokens[t * count + b] = token;
      labels[t * count + b] = (sums[t] as number) % 2;
    });
  });
  return { arrays, tokens: integers(tokens, shape), labels: integers(labels, shape) };
}

test.each<[string, AnyTreeCell<string, string>]>([
  ["ordered children", own as never],
  ["sums over children", ownSum as never],
  ["the Tree-LSTM", treeLstm as never],
])("learns the parity of the leaves below each node, with %s", (_, cell) => {
  const model = {
    embed: embedding(2, 6),
    tree: recursive(cell, 6, 12),
    head: linear(recursive(cell, 6, 12).outputSize, 2),
  };
  initialize(model, { seed: 3 });
  const { arrays, tokens, labels } = parities(24, 2);
  const types = model.tree.treeTypes;
  const step = trainingStep({
    parameters: parameters(model),
    optimizer: adam(),
    inputs: { tokens: int32("T", "B"), labels: int32("T", "B"), trees: types },
    loss: ({ tokens: read, labels: target, trees }) =>
      crossEntropy(model.head.apply(model.tree.apply(model.embed.apply(read), trees).output), target),
  });
  const given = Object.fromEntries(Object.keys(types).map((name) => [name, arrays[name]])) as never;
  let loss = Number.POSITIVE_INFINITY;
  for (let update = 0; update < 150; update++) loss = step.run({ tokens, labels, trees: given }, 0.03).loss;
  expect(loss).toBeLessThan(0.05);
});

test("words below, a tree above: a vector for each leaf comes from a sequence layer", () => {
  const words = recurrent(lstm, I, H, { direction: "both" });
  const tree = recursive(treeLstm, words.outputSize, H, { reads: "leaves" });
  const model = { words, tree };
  initialize(model, { seed: 1 });
  const arrays = without(arraysOf([star(2), chain(1)], 2), "types", "lastChild", "previousSibling", "parent");
  const program = compile(
    ({ x, at, lengths, trees }: { x: Tensor; at: Tensor; lengths: Tensor; trees: TreeTensors }) => {
      const { output } = words.apply(x, { lengths });
      const { root } = tree.apply(atPositions(output, at), trees);
      return gradient(root.square().sum(), x);
    },
    {
      inputs: {
        x: float32(2, 2, I),
        at: int32(3, 2),
        lengths: int32(2),
        trees: { lengths: int32(2), children: int32(2, 3, 2), leaves: int32("L", 2), inner: int32("N", 2) },
      } as never,
    },
  ) as unknown as (values: object) => Value;
  const slopes = program({
    x: floats([2, 2, I]),
    at: integers([0, 0, 1, -1, -1, -1], [3, 2]),
    lengths: integers([2, 1]),
    trees: arrays,
  }).data;
  // Both words of the first tree, and the only one of the second.
  expect(slopes.slice(0, 3 * I).every((slope) => slope !== 0)).toBe(true);
  expect(Array.from(slopes.slice(3 * I))).toEqual(Array<number>(I).fill(0));
});

test.each(["up", "down", "both"] as const)(
  "recurrent dropout on the way %s has its key's masks",
  (direction) => {
    const trees: Shape[] = [randomTree(9, 2, 3), chain(3)];
    for (const left of [[], ["leaves", "inner"]]) {
      const arrays = without(arraysOf(trees, 2), "types", ...left);
      const { shape } = arrays.parent as Value;
      const layer = recursive(treeLstm, I, H, {
        direction,
        recurrentDropout: 0.5,
        ...(direction === "both" && { down: lstm }),
      });
      const plain = recursive(treeLstm, I, H, { direction, ...(direction === "both" && { down: lstm }) });
      initialize({ layer }, { seed: 2 });
      initialize({ layer: plain }, { seed: 2 });
      const program = compile(
        ({ x, key, trees: given }: { x: Tensor; key: Tensor; trees: TreeTensors }) => ({
          dropped: layer.apply(x, given, { key }).output,
          around: withKey(key, () => layer.apply(x, given).output),
          kept: layer.apply(x, given).output,
          plain: plain.apply(x, given).output,
        }),
        { inputs: { x: float32("T", "B", I), key: int32(2), trees: typesOf(arrays) } as never },
      ) as unknown as (values: object) => Record<"dropped" | "around" | "kept" | "plain", Value>;
      const x = floats([...shape, I]);
      const run = (key: number[]) => program({ x, key: integers(key), trees: arrays as Arrays });
      const [one, again, other] = [run([1, 2]), run([1, 2]), run([1, 3])];
      expect(one.dropped.data).toEqual(again.dropped.data);
      expect(one.dropped.data).not.toEqual(other.dropped.data);
      expect(one.around.data).not.toEqual(one.kept.data);
      expectClose(Array.from(one.kept.data), one.plain.data, 5);
      expect(one.dropped.data.every(Number.isFinite)).toBe(true);
    }
    const arrays = without(arraysOf(trees, 2), "types");
    const layer = recursive(treeLstm, I, H, { direction: "up", recurrentDropout: 0.5 });
    expect(() =>
      compile(
        ({ x, given }: { x: Tensor; given: TreeTensors }) => gradient(layer.apply(x, given).root.sum(), x),
        { inputs: { x: float32("T", "B", I), given: typesOf(arrays) } as never },
      ),
    ).toThrow("recursive(tree-lstm) draws nothing, for it has no key");
  },
);

test("a chain and a star of twenty thousand nodes: the root is the sum of all, and the slope of each is 1", () => {
  const size = 20_000;
  const parts = (input: number) => ({ state: { h: input }, weights: {} });
  const chained = treeCell("chained", parts, (_, [child], x) => ({ h: x.add((child as { h: Tensor }).h) }), {
    arity: 1,
  });
  const starred = childSumCell("starred", parts, {
    message: (_, { h }) => ({ h }),
    compose: (_, { h }, x) => ({ h: x.add(h) }),
  });
  for (const [cell, tree] of [
    [chained, chain(size)],
    [starred, star(size - 1)],
  ] as const) {
    const layer = recursive(cell as AnyTreeCell<string, string>, 2, 2);
    const all = arraysOf([tree], 1);
    const arrays = Object.fromEntries(Object.keys(layer.treeTypes).map((name) => [name, all[name]]));
    const program = compile(
      ({ x, trees }: { x: Tensor; trees: TreeTensors }) => {
        const { root } = layer.apply(x, trees);
        return { root, slopes: gradient(root.sum(), x) };
      },
      { inputs: { x: float32("T", "B", 2), trees: layer.treeTypes } as never },
    ) as unknown as (values: object) => { root: Value; slopes: Value };
    const x = { data: new Float32Array(2 * size).fill(1), shape: [size, 1, 2] };
    const { root, slopes } = program({ x, trees: arrays });
    expect(Array.from(root.data)).toEqual([size, size]);
    expect(slopes.data.every((slope) => slope === 1)).toBe(true);
  }
});
