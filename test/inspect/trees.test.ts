// What is seen of a layer over trees: the states of its nodes, and the gradient at what each node reads, against differences.
import { expect, it } from "vitest";
import { inspector } from "../../src/inspect/index.ts";
import { childSumTreeLstm, initialize, recursive, treeGru } from "../../src/nn/index.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { floats } from "../helpers/values.ts";

const [T, B, I] = [3, 2, 2];
// The first tree is two leaves below a root, the second one a node alone.
const none = [-1, -1];
const trees = {
  lengths: [3, 1],
  // The first child of each node, then the second one: (K, T, B).
  children: [
    [none, none, [0, -1]],
    [none, none, [1, -1]],
  ],
};
const x = floats([T, B, I], 2);

it.each([undefined, ["tree.h.values", "tree.input.gradient"]])(
  "is the states and the gradients of nodes: %j",
  (names) => {
    const tree = recursive(treeGru, I, 4);
    const model = initialize({ tree }, { seed: 4 });
    const inputs = { x: float32(T, B, I), lengths: int32(B), children: int32(2, T, B) };
    const lossOf = ({ x: read, ...structure }: { x: Tensor; lengths: Tensor; children: Tensor }) =>
      tree.apply(read, structure).root.square().sum();
    const found = inspector(model, { inputs, loss: lossOf }, names)({ x, ...trees });
    const run = compile(
      ({ x: read, ...structure }) => ({
        loss: lossOf({ x: read, ...structure }),
        output: tree.apply(read, structure).output,
      }),
      { inputs },
    );
    const { output, loss } = run({ x, ...trees });
    expect(found.loss).toBeCloseTo(Number(loss.data[0]), 5);
    const { shape, data } = found.states["tree.h"] as NonNullable<(typeof found.states)[string]>;
    expect(shape).toEqual([T, B, 4]);
    output.data.forEach((one, at) => {
      const [step, row] = [Math.floor(at / (B * 4)), Math.floor(at / 4) % B];
      if (row === 1 && step > 0) expect(data[at]).toBeNaN();
      else expect(data[at]).toBeCloseTo(Number(one), 6);
    });
    const at = (index: number, by: number) => {
      const moved = Float32Array.from(x.data);
      moved[index] = (moved[index] as number) + by;
      return Number(run({ x: { ...x, data: moved }, ...trees }).loss.data[0]);
    };
    const slopes = Array.from(x.data, (_, index) => (at(index, 0.01) - at(index, -0.01)) / 0.02);
    const expected = Array.from({ length: T }, (_, step) =>
      Math.hypot(...slopes.slice(step * B * I, (step + 1) * B * I)),
    );
    found.gradients["tree.input"]?.steps.forEach((norm, step) => {
      expect(norm).toBeCloseTo(expected[step] as number, 3);
    });
    expect(expected.every((norm) => norm > 0.001)).toBe(true);
    expect(Object.keys(found.gradients)).toEqual(["tree.input"]);
  },
);

it("has the names of both ways", () => {
  const tree = recursive(childSumTreeLstm, I, 3, { direction: "both" });
  const model = initialize({ tree }, { seed: 4 });
  const structure = { parent: int32(T, B), lastChild: int32(T, B), previousSibling: int32(T, B) };
  const found = inspector(model, {
    inputs: { x: float32(T, B, I), lengths: int32(B), ...structure },
    loss: ({ x: read, ...given }) => tree.apply(read, given).root.sum(),
  })({
    ...{ x, lengths: [3, 1] },
    parent: [[2, -1], [2, -1], none],
    lastChild: [none, none, [1, -1]],
    previousSibling: [none, [0, -1], none],
  });
  expect(Object.keys(found.states)).toEqual(["tree.up.h", "tree.up.c", "tree.down.h", "tree.down.c"]);
});
