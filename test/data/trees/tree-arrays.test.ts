// Trees side by side: every array against a plain walk over the trees, and what is refused.
import fc from "fast-check";
import { expect, it, test } from "vitest";
import type { Value } from "../../../src/backends/backend.ts";
import { LengthBatches } from "../../../src/data/length-batches.ts";
import type { Tree } from "../../../src/data/trees/tree.ts";
import { type TreeArrays, type TreeArraysOptions, treeArrays } from "../../../src/data/trees/tree-arrays.ts";
import { Vocabulary } from "../../../src/data/vocabulary.ts";
import { DataError, UsageError } from "../../../src/errors.ts";
import { randomTrees, readAll } from "../../helpers/trees.ts";

const tokens = Vocabulary.fromTokens(["a", "b", "c"], { order: "sorted", unknown: "<unk>" });
const labels = Vocabulary.fromTokens(["0", "1", "2"], { order: "sorted" });
const roles = Vocabulary.fromTokens(["", "x", "y"], { order: "sorted" });

/** The rows of an int32 matrix. */
function rowsOf({ data, shape }: Value): number[][] {
  expect(data).toBeInstanceOf(Int32Array);
  const columns = shape.at(-1) as number;
  const rows = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  expect(data.length).toBe(rows * columns);
  return Array.from({ length: rows }, (_, row) => Array.from(data.slice(row * columns, (row + 1) * columns)));
}

it("puts nodes along time, and tells who is whose child", async () => {
  const trees = await readAll("x.txt", "(2 (0 a) (1 (2 b) (0 zzz)))\n(1 c)");
  const arrays = treeArrays(trees, { tokens, labels, arity: 2, padding: 9 });
  const told = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [name, rowsOf(array as Value)]),
  );
  const [a, b, c, unknown] = ["a", "b", "c", "zzz"].map((token) => tokens.id(token));
  expect(told).toEqual({
    tokens: [
      [a, c],
      [b, 9],
      [unknown, 9],
      [9, 9],
      [9, 9],
    ],
    positions: [
      [0, 0],
      [1, -1],
      [2, -1],
      [-1, -1],
      [-1, -1],
    ],
    labels: [
      [0, 1],
      [2, -1],
      [0, -1],
      [1, -1],
      [2, -1],
    ],
    lengths: [[5, 1]],
    lastChild: [
      [-1, -1],
      [-1, -1],
      [-1, -1],
      [2, -1],
      [3, -1],
    ],
    previousSibling: [
      [-1, -1],
      [-1, -1],
      [1, -1],
      [0, -1],
      [-1, -1],
    ],
    parent: [
      [4, -1],
      [3, -1],
      [3, -1],
      [4, -1],
      [-1, -1],
    ],
    children: [
      ...[
        [-1, -1],
        [-1, -1],
        [-1, -1],
        [1, -1],
        [0, -1],
      ],
      ...[
        [-1, -1],
        [-1, -1],
        [-1, -1],
        [2, -1],
        [3, -1],
      ],
    ],
    leaves: [
      [0, 0],
      [1, -1],
      [2, -1],
    ],
    inner: [
      [3, -1],
      [4, -1],
    ],
  });
  expect(arrays.children?.shape).toEqual([2, 5, 2]);
});

it("has the labels of the nodes that are asked for, and roles as types", async () => {
  const trees = await readAll(
    "x.jsonl",
    '{"label":2,"token":"b","role":"y","children":[{"label":0,"token":"a","role":"x"},{"token":"c"}]}',
  );
  const labelled = (which: TreeArraysOptions["labelled"]) =>
    Array.from(treeArrays(trees, { tokens, labels, labelled: which }).labels.data);
  expect(labelled("all")).toEqual([0, -1, 2]);
  expect(labelled("root")).toEqual([-1, -1, 2]);
  expect(labelled("leaves")).toEqual([0, -1, -1]);
  expect(Array.from(treeArrays(trees, { tokens, roles }).types?.data ?? [])).toEqual([1, 0, 2]);
  const plain = treeArrays(trees, { tokens });
  expect(Array.from(plain.labels.data)).toEqual([-1, -1, -1]);
  expect(Array.from(plain.positions.data)).toEqual([0, 1, 2]);
  expect(plain).not.toHaveProperty("types");
  expect(plain).not.toHaveProperty("children");
});

it("has the positions of a sentence", async () => {
  const row = (id: number, head: number) => `${id}\ta\ta\tX\t_\t_\t${head}\tdep\t_\t_\n`;
  const trees = await readAll("x.conllu", row(1, 2) + row(2, 0) + row(3, 2));
  expect(Array.from(treeArrays(trees, { tokens }).positions.data)).toEqual([0, 2, 1]);
});

it("agrees with a walk over the trees, whatever their shapes", () => {
  const node = fc.record({
    token: fc.constantFrom("a", "b"),
    label: fc.constantFrom("0", "1"),
    role: fc.constantFrom("x", "y"),
  });
  const forest = fc.array(
    randomTrees(() => node),
    { minLength: 1, maxLength: 4 },
  );
  fc.assert(
    fc.property(forest, (trees) => {
      const arity = Math.max(
        ...trees.flatMap(({ nodes }) => nodes.map(({ children }) => children.length)),
        1,
      );
      const arrays = treeArrays(trees, { tokens, labels, roles, arity });
      const [steps, batch] = arrays.tokens.shape as [number, number];
      expect([steps, batch]).toEqual([Math.max(...trees.map(({ nodes }) => nodes.length)), trees.length]);
      const at = (name: keyof TreeArrays, t: number, b: number, k = 0) =>
        arrays[name]?.data[(k * steps + t) * batch + b];
      trees.forEach(({ nodes }: Tree, b) => {
        expect(arrays.lengths.data[b]).toBe(nodes.length);
        for (let t = 0; t < steps; t++) {
          const node = nodes[t];
          const ordered: number[] = [];
          for (
            let child = at("lastChild", t, b) as number;
            child >= 0;
            child = at("previousSibling", child, b) as number
          ) {
            expect(at("parent", child, b)).toBe(t);
            ordered.unshift(child);
          }
          expect(ordered).toEqual(node?.children ?? []);
          const places = Array.from({ length: arity }, (_, k) => at("children", t, b, k));
          expect(places).toEqual(Array.from({ length: arity }, (_, k) => node?.children[k] ?? -1));
          expect(at("tokens", t, b)).toBe(node?.token === undefined ? 0 : tokens.id(node.token));
          expect(at("labels", t, b)).toBe(node?.label === undefined ? -1 : labels.id(node.label));
          expect(at("types", t, b)).toBe(node ? roles.id(node.role as string) : 0);
        }
        const listed = (name: "leaves" | "inner") =>
          rowsOf(arrays[name])
            .map((row) => row[b] as number)
            .filter((one) => one >= 0);
        expect([...listed("leaves"), ...listed("inner")].sort((one, other) => one - other)).toEqual(
          nodes.map((_, t) => t),
        );
        expect(listed("leaves").every((one) => nodes[one]?.children.length === 0)).toBe(true);
      });
    }),
  );
});

it("stands in batches of like sizes", async () => {
  const trees = await readAll("x.txt", "(1 a)(1 (1 a) (1 b))(1 b)(1 (1 c) (1 b))");
  const order = new LengthBatches(
    trees.map(({ nodes }) => nodes.length),
    { batch: 2, seed: 1 },
  );
  const steps = [0, 1].map(
    (k) =>
      treeArrays(
        Array.from(order.at(k), (at) => trees[at] as Tree),
        { tokens },
      ).tokens.shape[0],
  );
  expect(steps.sort()).toEqual([1, 3]);
});

test.each<[text: string, options: Partial<TreeArraysOptions>, message: string]>([
  [
    "(9 a)",
    { labels },
    'tree 0: node 0: line 1, column 1: token "9" is not in the vocabulary: "0", "1", "2" expected',
  ],
  [
    "(1 (1 a) (1 a) (1 a))",
    { arity: 2 },
    "tree 0: node 3: line 1, column 1 has 3 children, at most 2 expected",
  ],
  [
    "(1 a)(1 z)",
    { tokens: labels },
    'tree 0: node 0: line 1, column 1: token "a" is not in the vocabulary: "0", "1", "2" expected',
  ],
  [
    "(1 a)",
    { roles: labels },
    'tree 0: node 0: line 1, column 1: token "" is not in the vocabulary: "0", "1", "2" expected',
  ],
])("%j with %j is refused with its place", async (text, options, message) => {
  const trees = await readAll("x.txt", text);
  expect(() => treeArrays(trees, { tokens, ...options })).toThrow(new DataError(message));
});

it("refuses trees without the labels that are asked for, no trees, and what is no tree", () => {
  const leaf = { token: "a", children: [] };
  const tree = (label?: string): Tree => ({ nodes: [leaf, { label, children: [0], line: 3 }] });
  const asked = (trees: readonly Tree[], labelled: "all" | "root" | "leaves") => () =>
    treeArrays(trees, { tokens, labels, labelled });
  expect(asked([tree("1"), tree()], "all")).toThrow(
    new DataError("tree 1: line 3 has no node with a label, one expected"),
  );
  expect(asked([tree()], "root")).toThrow(
    new DataError("tree 0: line 3 has no root with a label, one expected"),
  );
  expect(asked([tree("1")], "leaves")).toThrow(
    new DataError("tree 0: line 3 has no leaf with a label, one expected"),
  );
  expect(() => treeArrays([], { tokens })).toThrow(
    new DataError("treeArrays: an array of 0 given, a list of one tree or more expected"),
  );
  expect(() => treeArrays([{ nodes: [leaf, leaf] }], { tokens })).toThrow(
    new DataError("tree 0: node 0 has no parent, the last node alone is the root"),
  );
});

test.each<[options: object, message: string]>([
  [{ tokens: ["a"] }, "treeArrays: tokens an array of 1 given, a vocabulary expected"],
  [{ labels: 3 }, "treeArrays: labels 3 given, a vocabulary expected"],
  [{ labelled: "some" }, 'treeArrays: labelled "some" is unknown: expected all, root, leaves'],
  [{ padding: 0.5 }, "treeArrays: padding 0.5 given, int32 expected"],
  [{ arity: 0 }, "arity 0: expected a whole number from 1"],
])("the options %j are refused", (options, message) => {
  expect(() => treeArrays([{ nodes: [{ token: "a", children: [] }] }], { tokens, ...options })).toThrow(
    new UsageError(message),
  );
});
