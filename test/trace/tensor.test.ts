import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { ShapeError } from "../../src/errors.ts";
import { addDimensions } from "../../src/graph/dimension.ts";
import { node } from "../../src/graph/node.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { broadcastShapes } from "../../src/trace/align.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import { Tensor } from "../../src/trace/tensor.ts";
import { leaves, mapTree } from "../../src/trace/tree.ts";
import { Variable } from "../../src/trace/variable.ts";

const input = (name: string, ...shape: (number | string)[]) =>
  new Tensor(node("input", [], { name, shape, dtype: "float32" }));
const x = input("x", "T", "B", 6);
const w = input("w", 6, 4);

/** The message of what a function throws, which must be a ShapeError. */
function problem(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(ShapeError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("shape errors name the operation, the shapes and the line", () => {
  const cases: [string, () => unknown][] = [
    ["add: shapes (T, B, 6) and (6, 4) do not fit", () => x.add(w)],
    ["product: (T, B, 6) and (4, 6) do not fit: 6 against 4", () => x.dot(w.transpose())],
    ["dot: (T, B, 6) and (T, B, 6) given, (..., I) and (I, H) or (I) expected", () => x.dot(x)],
    ["dot: () and (6, 4) given", () => f.scalar(1).dot(w)],
    ["axis 3 does not exist in (T, B, 6)", () => x.sum(3)],
    ["axis -4 does not exist in (T, B, 6)", () => x.flip(-4)],
    ["split: axis -1 of (T, B, 6) does not fall into 4 equal parts", () => x.split(4)],
    ["split: axis 0 of (T, B, 6) does not fall into 2 equal parts", () => x.split(2, 0)],
    ["pad: 1.5 given for an axis of (T, B, 6), a whole number expected", () => x.pad(0, 1.5)],
    ["mean: axis 0 of (0, 3) has no elements", () => input("none", 0, 3).mean(0)],
    ["slice: 4 to 9 of axis 2 lies outside of (T, B, 6)", () => x.slice(2, 4, 9)],
    ["reshape: (T, B, 6) does not have the elements of (T, 6)", () => x.reshape(["T", 6])],
    ["broadcastTo: shapes (T, B, 6) and (B, 6, 6) do not fit", () => x.broadcastTo(["B", 6, 6])],
    ["broadcastTo: (T, B, 6) does not fit in (1, B, 6)", () => x.broadcastTo([1, "B", 6])],
    ["transpose: the permutation (0, 1) does not fit (T, B, 6)", () => x.transpose([0, 1])],
    ["concat: float32 (T, B, 6) and float32 (6, 4) do not fit along axis 2", () => f.concat(x, w)],
    ["where: shapes (T, B, 6) and (6, 4) do not fit", () => f.where(x.less(0), x, w)],
    ['einsum: the label "h" of "tbi->tbh"', () => f.einsum("tbi,tbi->tbh", x, x)],
    ["gather: indices of float32 given, int32 expected", () => w.gather(x)],
    ["divide: int32 and int32 given, all float32 expected", () => f.range(3).div(f.range(3))],
    [
      "scan: inputs ((T, B, 6), (6, 4)) given, tensors (T, ...) with one T expected",
      () => scan((s: Tensor) => [s, {}] as const, { init: w, inputs: [x, w] }),
    ],
    [
      "scan: state h starts as (B, 6) and the step gives (B, 4)",
      () =>
        scan((s: { h: Tensor }, at: Tensor) => [{ h: at.dot(w) as Tensor }, s.h] as const, {
          init: { h: f.zeros(["B", 6]) },
          inputs: x,
        }),
    ],
    [
      "scan: the step returns the state {c}, {h} expected",
      () =>
        scan((s: { h: Tensor }) => [{ c: s.h } as unknown as { h: Tensor }, {}] as const, {
          init: { h: f.zeros(["B", 6]) },
          inputs: x,
        }),
    ],
  ];
  test.each(cases)("%s", (message, make) => {
    const given = problem(make);
    expect(given.replaceAll("tbi,tbi->tbh", "tbi->tbh")).toContain(message);
    expect(given).toMatch(/, at \/?.*test\/trace\/tensor\.test\.ts:\d+:\d+$/);
    expect(given).not.toContain("\n");
  });

  test("the line is where the user's code asked, also within a step", () => {
    const here = new Error().stack?.match(/tensor\.test\.ts:(\d+)/)?.[1];
    const given = problem(() =>
      scan((s: Tensor, at: Tensor) => [s.add(at), at.dot(s)] as const, { init: w, inputs: x }),
    );
    expect(given).toContain("add: shapes (6, 4) and (B, 6) do not fit");
    expect(given).toContain(`tensor.test.ts:${Number(here) + 2}:`);
    expect(given.split(", at ")).toHaveLength(2);
  });
});

describe("broadcasting", () => {
  test.each<[(number | string)[], (number | string)[], (number | string)[]]>([
    [[], ["T", 3], ["T", 3]],
    [[3], ["T", 3], ["T", 3]],
    [["T", 1], [3], ["T", 3]],
    [
      ["T", 1, 3],
      ["B", 1],
      ["T", "B", 3],
    ],
    [[1], [], [1]],
    [[0], [1], [0]],
  ])("%j and %j give %j", (a, b, expected) => {
    expect(broadcastShapes("add", a, b)).toEqual(expected);
    expect(broadcastShapes("add", b, a)).toEqual(expected);
    expect(input("a", ...a).add(input("b", ...b)).shape).toEqual(expected);
  });
  test("axes that differ do not fit, symbols by name", () => {
    for (const [a, b] of [
      [["T"], ["B"]],
      [[2], [3]],
      [["T"], [4]],
      [[0], [2]],
    ] as const)
      expect(() => broadcastShapes("add", a, b)).toThrow(ShapeError);
  });
});

test("numbers take the dtype of the tensor beside them", () => {
  expect(f.range(3).add(2).dtype).toBe("int32");
  expect(x.mul(2).dtype).toBe("float32");
  expect(f.where(x.less(0), 1, 2).dtype).toBe("float32");
  expect(f.where(f.range(3).less(1), f.range(3), 2).dtype).toBe("int32");
});

test("axes: negative ones count from the last, kept ones have size 1", () => {
  expect(x.sum(-1).shape).toEqual(["T", "B"]);
  expect(x.sum([0, -1], { keep: true }).shape).toEqual([1, "B", 1]);
  expect(x.mean().shape).toEqual([]);
  expect(x.size(-2)).toBe("B");
  expect(x.at(-1, 0).shape).toEqual(["T", "B"]);
  expect(x.split(3).map(({ shape }) => shape)).toEqual(Array(3).fill(["T", "B", 2]));
  expect(f.stack([w, w], 1).shape).toEqual([6, 2, 4]);
});

describe("sizes and positions over symbols", () => {
  const run = (build: (x: Tensor) => Tensor, shape: (number | string)[], data: unknown) =>
    compile(build, { inputs: float32(...shape), backend: reference })(data as never);
  const rows = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
    [10, 11, 12],
  ];
  test("negative positions count from the end", () => {
    for (const shape of [
      [4, 3],
      ["T", 3],
    ]) {
      expect(Array.from(run((t) => t.at(0, -1), shape, rows).data)).toEqual([10, 11, 12]);
      expect(Array.from(run((t) => t.at(-1, -3), shape, rows).data)).toEqual([1, 4, 7, 10]);
      expect(Array.from(run((t) => t.slice(0, -2), shape, rows).data)).toEqual([7, 8, 9, 10, 11, 12]);
      expect(Array.from(run((t) => t.slice(0, 1, -2), shape, rows).data)).toEqual([4, 5, 6]);
      expect(Array.from(run((t) => t.slice(0, -3, 2), shape, rows).data)).toEqual([4, 5, 6]);
    }
    expect(x.slice(0, -3).shape).toEqual([3, "B", 6]);
    expect(x.slice(0, 1, -1).shape).toEqual(["T-2", "B", 6]);
    expect(() => run((t) => t.slice(0, -5), ["T", 3], rows)).toThrow(
      new ShapeError("slice: T-5 to T of axis 0 lies outside of (T, 3) where T = 4"),
    );
  });
  test("one size of a shape may be left out", () => {
    expect(x.reshape([-1, 6]).shape).toEqual(["B*T", 6]);
    expect(x.reshape(["T", -1]).shape).toEqual(["T", "6*B"]);
    expect(x.reshape([2, "B", -1, 3]).shape).toEqual([2, "B", "T", 3]);
    expect(f.zeros(["T*B+B", 4]).reshape(["1+T", -1, 2]).shape).toEqual(["T+1", "2*B", 2]);
    expect(w.reshape([-1]).shape).toEqual([24]);
    expect(f.zeros([0, 3]).reshape([-1, 3]).shape).toEqual([0, 3]);
  });
  test("a shape may be written with arithmetic, and sizes of other tensors", () => {
    expect(f.zeros(["1+2*T", `${x.size(2)}`]).shape).toEqual(["2*T+1", 6]);
    expect(f.range("T+B").shape).toEqual(["B+T"]);
    expect(x.pad(0, "2*B").slice(0, "B*2").shape).toEqual(["T", "B", 6]);
    expect(f.randomUniform(f.zeros([2], "int32"), ["T+0"]).shape).toEqual(["T"]);
    expect(scan((s: Tensor) => [s, s], { init: w, inputs: {}, length: "1+T" }).outputs.shape).toEqual([
      "T+1",
      6,
      4,
    ]);
    expect(addDimensions(x.size(0), "2*B+1")).toBe("2*B+T+1");
  });
  test("an input's size may be such a text: it tells the symbol, or no call fits", () => {
    expect(run((t) => t.slice(0, 0, "T").add(f.zeros(["T", 3])), ["T+1", 3], rows).shape).toEqual([3, 3]);
    expect(run((t) => t.reshape(["T", -1]), ["2*T", 3], rows).shape).toEqual([2, 6]);
    for (const shape of ["2*T+1", "T+5"])
      expect(() => run((t) => t, [shape, 3], rows)).toThrow(
        new ShapeError(`input input: (4, 3) given, (${shape}, 3) expected`),
      );
  });
});

describe("variables", () => {
  test("take values of their size alone, and copies of them", () => {
    const weight = new Variable("rnn.weight", [2, 3]);
    expect(weight.hasValue).toBe(false);
    expect(() => weight.value).toThrow("rnn.weight has no value yet");
    expect(() => {
      weight.value = [1, 2];
    }).toThrow("rnn.weight: 2 numbers given, 6 expected for (2, 3)");
    const values = Float32Array.of(1, 2, 3, 4, 5, 6);
    weight.value = values;
    values[0] = 9;
    expect(weight.value[0]).toBe(1);
    expect(weight.version).toBe(1);
  });
  test.each([0, -1, 1.5])("a size of %d is refused", (size) => {
    expect(() => new Variable("w", [2, size])).toThrow(
      `w: the size ${size} given, a positive integer expected`,
    );
  });
});

test("trees: paths in the order of the keys, form kept, other things left alone", () => {
  const isNumber = (value: unknown): value is number => typeof value === "number";
  const tree = { b: 1, a: [2, { c: 3 }], name: "kept", none: null };
  expect(leaves(tree, isNumber)).toEqual([
    ["b", 1],
    ["a.0", 2],
    ["a.1.c", 3],
  ]);
  expect(mapTree(tree, isNumber, (leaf, path) => `${path}=${leaf}`)).toEqual({
    b: "b=1",
    a: ["a.0=2", { c: "a.1.c=3" }],
    name: "kept",
    none: null,
  });
  expect(leaves(5, isNumber)).toEqual([["", 5]]);
});

test("a shape that was given is the graph's own", () => {
  const shape = ["T", "B", 2, 3];
  const cut = x.reshape(shape);
  shape[3] = 7;
  expect(cut.shape).toEqual(["T", "B", 2, 3]);
  expect((cut.node.attributes as { shape: unknown }).shape).toEqual(["T", "B", 2, 3]);
});
