// What a browser computed passes only when it is Node's bits, PyTorch's numbers and a training that learns.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { value, wasm } from "../../src/index.ts";
import { readCase, tensorOf } from "../parity/case.ts";
import type { Computed } from "../parity/evaluate.ts";
import { kindOf } from "../parity/kinds.ts";
import { firstDifference, judge } from "./judge.ts";

const numbers = (...elements: number[]): Computed => ({
  outputs: { y: value(Float32Array.from(elements), [elements.length]) },
  gradients: {},
});
const losses = (...curve: number[]): Computed => ({
  outputs: { losses: value(Float64Array.from(curve), [curve.length]) },
  gradients: {},
});

test("the first element that differs by a bit is named", () => {
  expect(firstDifference(numbers(1, 2, 3), numbers(1, 2, 3))).toBeUndefined();
  expect(firstDifference(numbers(1, Number.NaN), numbers(1, Number.NaN))).toBeUndefined();
  expect(firstDifference(numbers(1, 0.5 + 2 ** -24), numbers(1, 0.5))).toBe(
    "y[1]: 0.5000000596046448, but in Node 0.5",
  );
  expect(firstDifference(numbers(-0), numbers(0))).toBe("y[0]: -0, but in Node 0");
  expect(firstDifference(numbers(Number.NaN), numbers(0))).toBe("y[0]: NaN, but in Node 0");
});

test("tensors of other names, shapes and types differ", () => {
  expect(firstDifference(numbers(1), numbers(1, 2))).toBe(
    "y: Float32Array (1), but in Node Float32Array (2)",
  );
  const integers = { outputs: { y: value(Int32Array.of(1), [1]) }, gradients: {} };
  expect(firstDifference(integers, numbers(1))).toBe("y: Int32Array (1), but in Node Float32Array (1)");
  expect(firstDifference({ outputs: {}, gradients: {} }, numbers(1))).toBe("outputs (none), but in Node y");
  const slopes = { outputs: {}, gradients: numbers(2).outputs };
  expect(firstDifference({ outputs: {}, gradients: numbers(1).outputs }, slopes)).toBe(
    "y[0]: 1, but in Node 2",
  );
});

test("a case passes within PyTorch's tolerance, and fails when Node and the browser are wrong alike", () => {
  const reference = readCase(readFileSync("test/fixtures/torch/layer-norm.safetensors"), "layer-norm");
  const right = kindOf(reference).compute(reference, wasm) as Computed;
  expect(judge(right, { node: right, reference })).toMatchObject({ result: "passed" });
  const { data, shape } = tensorOf(right.outputs, "y");
  const moved = value(
    data.map((element) => element + 1e-3),
    shape,
  );
  const off = { ...right, outputs: { ...right.outputs, y: moved } };
  expect(judge(off, { node: off, reference })).toMatchObject({ result: "failed" });
  expect(judge(off, { node: right, reference })).toMatchObject({
    result: "failed",
    detail: expect.stringMatching(/^y\[0\]: .* but in Node /),
  });
});

test("a training must learn", () => {
  const fall = losses(3, 2.6, 2.2);
  expect(judge(fall, { node: fall })).toEqual({
    result: "passed",
    detail: "the bits of Node, 3 losses from 3.000 to 2.200",
  });
  for (const curve of [losses(3, 2.9, 2.8), losses(), losses(3, Number.NaN)]) {
    expect(judge(curve, { node: curve })).toMatchObject({ result: "failed" });
  }
});
