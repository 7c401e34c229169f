/** Ways over trees: a chain is a sequence, down is up turned round, both ways see the whole tree. */

import { expect, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { wasm } from "../../../src/backends/wasm/index.ts";
import {
  type Cell,
  cells,
  parameters,
  recurrent,
  recursive,
  type TreeTensors,
  textbookGru,
  treeCell,
  treeGru,
  treeLstm,
  vector,
} from "../../../src/nn/index.ts";
import { compile, float32, int32 } from "../../../src/program/compile.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { expectClose } from "../../helpers/close.ts";
import { floats, integers, numbers, randomValue, rowAt } from "../../helpers/values.ts";
import { caseOf, H, I, run, without, withRandomWeights } from "./check-tree-cell.ts";
import { arraysOf, chain, randomTree, type Shape, single } from "./trees.ts";

test.each(["rnn", "lstm", "gru", "mgu", "lstm-layer-norm", "recurrent-highway"] as const)(
  "a chain of %s has the bits of the sequence, in both directions",
  (name) => {
    const cell = cells[name] as Cell<string, string>;
    for (const direction of ["forward", "reverse"] as const) {
      const sequence = recurrent(cell, I, H, { direction });
      const tree = recursive(cell, I, H, { direction: direction === "forward" ? "up" : "down" });
      Object.entries(parameters(tree)).forEach(([name, variable], index) => {
        variable.value = numbers(variable.count, index + 1);
        const along = parameters(sequence)[`${name}_l0${direction === "reverse" ? "_reverse" : ""}`];
        if (along) along.value = variable.value;
      });
      const lengths = [7, 4, 1];
      const arrays = without(arraysOf(lengths.map(chain), 1), "types", "leaves", "inner");
      const program = compile(
        ({ x, trees }: { x: Tensor; trees: TreeTensors }) => ({
          tree: tree.apply(x, trees).output,
          sequence: sequence.apply(x, { lengths: trees.lengths }).output,
        }),
        {
          inputs: {
            x: float32("T", "B", I),
            trees: {
              lengths: int32("B"),
              children: int32(1, "T", "B"),
              lastChild: int32("T", "B"),
              previousSibling: int32("T", "B"),
              parent: int32("T", "B"),
            },
          } as never,
          backend: wasm,
        },
      ) as unknown as (values: object) => { tree: Value; sequence: Value };
      const found = program({ x: floats([7, 3, I], 5), trees: arrays });
      expect(Array.from(found.tree.data)).toEqual(Array.from(found.sequence.data));
      expect(found.tree.data.some((value) => value !== 0)).toBe(true);
    }
  },
);

test("with one child a Tree-GRU is the textbook's GRU", () => {
  const tree = recursive(treeGru, I, H, { arity: 1 });
  const rows = withRandomWeights(tree);
  const sequence = recurrent(textbookGru, I, H);
  const side = (gate: string, sign = 1) =>
    rows(`U_${gate}`).flatMap((row, at) => [...row, ...(rows(`W_${gate}`)[at] ?? [])].map((w) => sign * w));
  const set = (name: keyof typeof sequence.weights, values: readonly number[]) => {
    Object.assign(sequence.weights[name] ?? {}, { value: Float32Array.from(values) });
  };
  for (const gate of ["r", "n"] as const) {
    set(`W_${gate}_l0`, side(gate));
    set(`b_${gate}_l0`, rows(`b_${gate}`)[0] ?? []);
  }
  // The textbook's z is the share of what is new.
  set("W_z_l0", side("z", -1));
  set(
    "b_z_l0",
    (rows("b_z")[0] ?? []).map((value) => -value),
  );
  const x = randomValue([5, 1, I], 3);
  const { output } = run(tree, x, without(arraysOf([chain(5)], 1), "types"));
  const program = compile(({ x: read }: { x: Tensor }) => sequence.apply(read).output, {
    inputs: { x: float32(5, 1, I) },
  });
  const expected = program({ x: { ...x, data: Float32Array.from(x.data) } });
  expectClose(Array.from(output.data), expected.data, 5);
});

test("down, a node comes from its parent alone", () => {
  const trees: Shape[] = [randomTree(8, 3, 2), single, chain(4)];
  const steps = Math.max(...trees.map(({ length }) => length));
  const arrays = without(arraysOf(trees, 2), "types");
  const layer = recursive(cells.lstm, I, H, { direction: "down" });
  withRandomWeights(layer);
  const x = randomValue([steps, 3, I], 1);
  const apart = run(layer, x, arrays).output;
  const stepByStep = run(layer, x, without(arrays, "leaves", "inner")).output;
  expectClose(Array.from(apart.data), stepByStep.data);
  // The path from the root to a node is a chain whose last node is that one.
  trees.forEach((tree, b) => {
    tree.forEach((_, node) => {
      const path = [node];
      for (let at = node; at < tree.length - 1; ) {
        const child = at;
        at = tree.findIndex((below) => below.includes(child));
        path.push(at);
      }
      const own = path.flatMap((at) => rowAt(x, at, b));
      const { output } = run(
        layer,
        { data: Float64Array.from(own), shape: [path.length, 1, I] },
        without(arraysOf([chain(path.length)], 2), "types"),
      );
      expectClose(rowAt(apart, node, b), rowAt(output, 0, 0), 10);
    });
  });
});

test("both ways, every node sees the whole tree; upwards only what is below it", () => {
  const tree = randomTree(9, 2, 3);
  const arrays = without(arraysOf([tree], 2), "types");
  const layer = recursive(treeLstm, I, H, { direction: "both" });
  expect(Object.keys(layer.weights)).toEqual(["up", "down"]);
  expect(layer.outputSize).toBe(2 * H);
  withRandomWeights(layer);
  const size = tree.length;
  const x = randomValue([size, 1, I], 1);
  const before = run(layer, x, arrays);
  expect(before.root.shape).toEqual([1, 2 * H]);
  expectClose(Array.from(before.root.data), rowAt(before.output, size - 1, 0));
  tree.forEach((below, changed) => {
    if (below.length > 0) return;
    const data = Float64Array.from(x.data);
    data[changed * I] = 3;
    const after = run(layer, { data, shape: x.shape }, arrays).output;
    const ancestors = new Set<number>();
    for (let at = changed; at >= 0; at = tree.findIndex((children) => children.includes(at)))
      ancestors.add(at);
    tree.forEach((_, node) => {
      const [old, now] = [rowAt(before.output, node, 0), rowAt(after, node, 0)];
      expect(now.slice(0, H).join() !== old.slice(0, H).join()).toBe(ancestors.has(node));
      expect(now.slice(H).join()).not.toBe(old.slice(H).join());
    });
  });
});

test.each(["tree-lstm", "child-sum-tree-lstm"] as const)("%s has weights for each type of node", (name) => {
  const { layer, trees, arrays, x } = caseOf(name, { types: 2 });
  const weights = layer.weights as Record<string, { value: Float32Array | Float64Array }>;
  const plain = recursive({ "tree-lstm": treeLstm, "child-sum-tree-lstm": treeLstm }[name], I, H);
  expect(Object.keys(weights)).toHaveLength(2 * Object.keys(plain.weights).length);
  const typed = (type: number) => ({
    ...arrays,
    types: integers(
      Array<number>((arrays.types as Value).data.length).fill(type),
      (arrays.types as Value).shape,
    ),
  });
  const [zero, one] = [run(layer, x, typed(0)).output, run(layer, x, typed(1)).output];
  expect(Array.from(zero.data)).not.toEqual(Array.from(one.data));
  // With equal weights types make no difference; with others, of each node its own counts.
  const mixed = run(layer, x, arrays).output;
  trees.forEach((tree, b) => {
    tree.forEach((below, t) => {
      if (below.length > 0) return;
      expectClose(rowAt(mixed, t, b), rowAt((t + b) % 2 === 0 ? zero : one, t, b));
    });
  });
  for (const full of Object.keys(weights).filter((key) => key.endsWith("_type0"))) {
    const other = full.replace("_type0", "_type1");
    (weights[other] as { value: unknown }).value = weights[full]?.value;
  }
  expectClose(Array.from(run(layer, x, arrays).output.data), run(layer, x, typed(1)).output.data);
});

test("what a node puts out may be made with the weights of its type", () => {
  const scaled = treeCell(
    "scaled",
    (input) => ({ state: { h: input }, weights: { scale: vector(input) } }),
    (_, children, x) => ({ h: children.reduce((sum, { h }) => sum.add(h), x) }),
    { output: ({ h }, { scale }) => h.mul(scale).add(1) },
  );
  const layer = recursive(scaled, 2, 2, { types: 2 });
  const [first, second] = Object.values(parameters(layer));
  if (first) first.value = [1, 1];
  if (second) second.value = [10, 10];
  const trees = [chain(3), single];
  const x = { data: Float64Array.from({ length: 12 }, () => 1), shape: [3, 2, 2] };
  for (const left of [[], ["leaves", "inner"]]) {
    const { output, root } = run(layer, x, without(arraysOf(trees, 2), ...left));
    // Types are (t + b) modulo 2, and the second tree has one node.
    expect(Array.from(output.data)).toEqual([2, 2, 11, 11, 21, 21, 0, 0, 4, 4, 0, 0]);
    expect(Array.from(root.data)).toEqual([4, 4, 11, 11]);
  }
});
