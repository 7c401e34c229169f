/** What layers over trees refuse, and how they say so. */

import { expect, test } from "vitest";
import {
  type AnyTreeCell,
  atPositions,
  cell,
  childSumCell,
  childSumTreeLstm,
  lstm,
  matrix,
  recursive,
  type TreeTensors,
  treeCell,
  treeLstm,
  treeMatrixVector,
  treeRnn,
  vector,
} from "../../../src/nn/index.ts";
import { compile, float32, int32 } from "../../../src/program/compile.ts";
import { concat, tanh } from "../../../src/trace/functions.ts";
import type { Tensor } from "../../../src/trace/tensor.ts";
import { floats, integers } from "../../helpers/values.ts";

const layer = recursive(treeRnn, 3, 4);

test.each<[string, () => unknown, string]>([
  [
    "no cell",
    () => recursive("tree-lstm" as never, 3, 4),
    'recursive: "tree-lstm" given, a cell over trees such as treeLstm expected',
  ],
  [
    "a size",
    () => recursive(treeLstm, 3, 0),
    "recursive(tree-lstm): hidden size 0 given, a positive integer expected",
  ],
  [
    "an option",
    () => recursive(treeLstm, 3, 4, { arty: 3 } as never),
    "recursive(tree-lstm): option arty is unknown: did you mean arity?",
  ],
  [
    "a direction",
    () => recursive(treeLstm, 3, 4, { direction: "left" as never }),
    'recursive(tree-lstm): direction "left" given, up, down, both expected',
  ],
  [
    "what is read",
    () => recursive(treeLstm, 3, 4, { reads: "words" as never }),
    'recursive(tree-lstm): reads "words" given, nodes, leaves expected',
  ],
  [
    "a cell down that has no way",
    () => recursive(treeLstm, 3, 4, { down: lstm }),
    'recursive(tree-lstm): down given with the direction up, "both" expected',
  ],
  [
    "another number of children",
    () => recursive(treeMatrixVector, 3, 4, { arity: 3 }),
    "cell tree-matrix-vector: is for 2 children, and 3 asked for",
  ],
  [
    "a cell of two children on the way down",
    () => recursive(treeMatrixVector, 3, 4, { direction: "both" }),
    "cell tree-matrix-vector: is for 2 children, and 1 asked for, as on the way down: another cell expected, there as `down`",
  ],
  [
    "no types",
    () => recursive(treeLstm, 3, 4, { types: 0 }),
    "recursive(tree-lstm): types 0 given, a positive integer expected",
  ],
  [
    "dropout of nothing",
    () => recursive(treeRnn, 3, 4, { recurrentDropout: 0.5 }),
    "recursive(tree-rnn): recurrentDropout given, a cell whose nodes call `drop` expected",
  ],
  [
    "a cell with a memory",
    () =>
      recursive(
        cell(
          "m",
          () => ({ state: { h: 4 }, weights: {} }),
          (_w, { h }, _x, { memory }) => ({ h: h.add(memory.values.at(0, 0)) }),
        ),
        3,
        4,
      ),
    "cell m: reads a memory, which a cell over trees has none of",
  ],
  [
    "a cell with a past",
    () =>
      recursive(
        cell(
          "p",
          () => ({ state: { h: 4 }, weights: {} }),
          (_w, _s, _x, { past }) => past(2),
        ),
        3,
        4,
      ),
    "cell p: reads 2 steps back, which a cell over trees cannot",
  ],
  [
    "an arity",
    () =>
      treeCell(
        "a",
        () => ({ state: {}, weights: {} }),
        () => ({}),
        { arity: 0 },
      ),
    "treeCell a: arity 0 given, a positive integer expected",
  ],
  [
    "a leaf",
    () =>
      treeCell(
        "a",
        () => ({ state: {}, weights: {} }),
        () => ({}),
        { leaf: 1 as never },
      ),
    "treeCell a: leaf 1 given, a function expected",
  ],
  [
    "no message",
    () => childSumCell("a", () => ({ state: {}, weights: {} }), { compose: () => ({}) } as never),
    "childSumCell a: equations: option message is missing: a function expected",
  ],
])("%s", (_, make, message) => {
  expect(make).toThrow(message);
});

test.each([{ arity: 2 }, { reads: "leaves" }] as const)("on the way down, %j", (options) => {
  expect(() => recursive(lstm, 3, 4, { direction: "down", ...options })).toThrow(
    "recursive(lstm): arity or reads given with the direction down, which they say nothing of",
  );
});

test.each([
  [[float32("S", "B", 2), int32("T", "C")], "atPositions: (S, B, 2) and int32 (T, C) given"],
  [[float32("S", "B", 2), float32("T", "B")], "atPositions: (S, B, 2) and float32 (T, B) given"],
  [[float32("S"), int32("T", "B")], "atPositions: (S) and int32 (T, B) given"],
])("positions of nothing %#", (inputs, message) => {
  const trace = () =>
    compile(([x, at]: Tensor[]) => atPositions(x as Tensor, at as Tensor), { inputs: inputs as never });
  expect(trace).toThrow(`${message}, (S, B, ...) and int32 (T, B) expected`);
});

test("a position that the words do not have is refused", () => {
  const program = compile(({ x, at }) => atPositions(x, at), {
    inputs: { x: float32(2, 1, 1), at: int32(3, 1) },
  });
  const x = floats([2, 1, 1]);
  expect(() => program({ x, at: integers([0, 2, -1], [3, 1]) })).toThrow(/at: .*2/);
  expect(Array.from(program({ x, at: integers([1, -1, 0], [3, 1]) }).data)).toEqual([
    x.data[1],
    0,
    x.data[0],
  ]);
});

const ofOwn = (given: AnyTreeCell<string, string>) => () => recursive(given, 3, 4);

test.each<[string, () => unknown, string]>([
  [
    "no state",
    ofOwn(
      treeCell(
        "s",
        () => ({ state: {}, weights: {} }),
        () => ({}),
      ),
    ),
    "cell s: no state given, at least one part expected",
  ],
  [
    "a weight without a size",
    ofOwn(
      treeCell(
        "s",
        () => ({ state: { h: 4 }, weights: { W: matrix(0, 4) } }),
        (_w, [left]) => left as never,
      ) as never,
    ),
    "cell s: weight W of size 0 given, a positive integer expected",
  ],
  [
    "a state of another size",
    ofOwn(
      treeCell(
        "s",
        (_i, hidden) => ({ state: { h: hidden }, weights: { b: vector(hidden) } }),
        (_w, children) => ({ h: concat(...children.map(({ h }) => h)) }),
      ) as never,
    ),
    "cell s: a node gives (B, 8) for the state h, (B, 4) expected",
  ],
  [
    "a leaf of another size",
    ofOwn(
      treeCell(
        "s",
        (_i, hidden) => ({ state: { h: hidden }, weights: { b: vector(hidden) } }),
        (_w, [left]) => left as { h: Tensor },
        { leaf: (_w, x) => ({ h: x }) },
      ) as never,
    ),
    "cell s: a leaf gives (B, 3) for the state h, (B, 4) expected",
  ],
  [
    "a message without sums",
    ofOwn(
      childSumCell("s", (_i, hidden) => ({ state: { h: hidden }, weights: { b: vector(hidden) } }), {
        message: () => ({}),
        compose: ({ b }, _s, x) => ({ h: tanh(x.add(b)) }),
      }) as never,
    ),
    "cell s: the message an object given, tensors by name expected",
  ],
])("a cell of one's own with %s", (_, make, message) => {
  expect(make).toThrow(message);
});

/** Traces a layer on trees of these types. */
const traced = (network: typeof layer, types: Record<string, ReturnType<typeof int32>>) => () =>
  compile(({ x, trees }: { x: Tensor; trees: TreeTensors }) => network.apply(x, trees).output, {
    inputs: { x: float32("T", "B", 3), trees: types } as never,
  });
const lengths = int32("B");
const grid = int32("T", "B");
const children = int32(2, "T", "B");

test.each<[string, () => unknown, string]>([
  ["none", traced(layer, {}), "recursive(tree-rnn): no trees given, { lengths, children } expected"],
  [
    "no children",
    traced(layer, { lengths }),
    "recursive(tree-rnn): no children given of the trees, int32 (2, T, B) expected",
  ],
  [
    "three children of two",
    traced(layer, { lengths, children: int32(3, "T", "B") }),
    "recursive(tree-rnn): children int32 (3, T, B) given, int32 (2, T, B) expected",
  ],
  [
    "lengths of other rows",
    traced(layer, { lengths: int32("C"), children }),
    "recursive(tree-rnn): lengths int32 (C) given, int32 (B) expected",
  ],
  [
    "leaves alone",
    traced(layer, { lengths, children, leaves: int32("L", "B") }),
    "recursive(tree-rnn): no inner given of the trees, int32 (N, B) expected",
  ],
  [
    "no siblings",
    traced(recursive(childSumTreeLstm, 3, 4), { lengths, lastChild: grid, parent: grid }),
    "recursive(child-sum-tree-lstm): no previousSibling given of the trees, int32 (T, B) expected",
  ],
  [
    "no parents",
    traced(recursive(lstm, 3, 4, { direction: "down" }), { lengths }),
    "recursive(lstm): no parent given of the trees, int32 (T, B) expected",
  ],
  [
    "no types",
    traced(recursive(treeLstm, 3, 4, { types: 2 }), { lengths, children }),
    "recursive(tree-lstm): no types given of the trees, int32 (T, B) expected",
  ],
])("trees with %s", (_, trace, message) => {
  expect(trace).toThrow(message);
});

test("numbers that are no nodes are refused before anything runs", () => {
  const program = compile(({ x, trees }: { x: Tensor; trees: TreeTensors }) => layer.apply(x, trees).output, {
    inputs: { x: float32("T", "B", 3), trees: { lengths, children } },
  });
  const call = (numbers: number[], length = 3) =>
    program({
      x: floats([3, 1, 3]),
      trees: { lengths: integers([length]), children: integers(numbers, [2, 3, 1]) },
    });
  expect(() => call([-1, -1, 0, -1, -1, 3])).toThrow(/children.* 3 .*-1|children.*3/);
  expect(() => call([-1, -1, -2, -1, -1, 1])).toThrow(/children/);
  expect(() => call([-1, -1, 0, -1, -1, 1], 4)).toThrow(/lengths/);
});
