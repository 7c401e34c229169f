import { describe, expect, test } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { type BodyParts, body } from "../../src/graph/body.ts";
import * as build from "../../src/graph/build.ts";
import { inProgram, isInProgram } from "../../src/graph/interning.ts";
import { type Node, node } from "../../src/graph/node.ts";
import { printGraph } from "../../src/graph/print.ts";
import { bodyArguments, scanOutput } from "../../src/graph/traverse.ts";
import { Variable } from "../../src/trace/variable.ts";

const input = (name: string, ...shape: (number | string)[]) =>
  node("input", [], { name, shape, dtype: "float32" });
const [x, y, w] = [input("x", "B", 41), input("y", "B", 41), input("w", 41, 42)];

describe("equal nodes are one object", () => {
  test("whatever they were made from", () => {
    expect(build.add(x, y)).toBe(build.add(x, y));
    expect(build.add(x, y)).not.toBe(build.add(y, x));
    expect(build.einsum(x, w, "bi,ih->bh")).toBe(build.einsum(x, w, "nk,kj->nj"));
    expect(build.reshape(x, ["B", 41, 1])).toBe(build.reshape(build.reshape(x, [41, "B"]), ["B", 41, 1]));
  });
  test("attributes tell them apart, to the sign of zero and NaN", () => {
    expect(build.constant(0)).not.toBe(build.constant(-0));
    expect(build.constant(Number.NaN)).toBe(build.constant(Number.NaN));
    expect(build.constant(Number.POSITIVE_INFINITY)).not.toBe(build.constant(Number.NEGATIVE_INFINITY));
    expect(build.constant(1)).not.toBe(build.constant(1, "int32"));
    expect(build.constant(0.1)).toBe(build.constant(Math.fround(0.1)));
    expect(build.slice(x, 1, 0, 2)).not.toBe(build.slice(x, 1, 1, 2));
    expect(input("x", "B", 41)).not.toBe(input("x", "B", 42));
  });
  test("variables of one name are two", () => {
    const leaf = (id: number) =>
      node("variable", [], { variable: { id, name: "w" }, shape: [2], dtype: "float32" });
    expect(leaf(-1)).toBe(leaf(-1));
    expect(leaf(-1)).not.toBe(leaf(-2));
  });
  test("and so are bodies", () => {
    const type = { shape: ["B", 43], dtype: "float32" } as const;
    const parts = (next: (state: Node, at: Node) => Node): BodyParts => {
      const open = {
        states: [type],
        sequences: [type],
        captures: [],
        inboxes: [],
        next: [],
        outputs: [],
        sends: [],
      };
      const [state, at] = bodyArguments(open) as [Node, Node];
      return { ...open, next: [next(state, at)], outputs: [state] };
    };
    expect(body(parts(build.add))).toBe(body(parts(build.add)));
    expect(body(parts(build.add))).not.toBe(body(parts(build.multiply)));
    const scan = (next: typeof build.add) =>
      node("scan", [input("h", "B", 43), input("s", "T", "B", 43)], {
        body: body(parts(next)),
        length: "T",
        reverse: false,
        recompute: false,
      });
    expect(scan(build.add)).toBe(scan(build.add));
    expect(scan(build.add)).not.toBe(scan(build.multiply));
  });
  test("in a program, computed from variables or not, and in the next one anew", () => {
    const weight = new Variable("w", [41]);
    const make = () => [build.negate(weight.node), build.add(x, y)] as const;
    const twice = () => inProgram(() => [make(), inProgram(make)] as const);
    const [[first, sum], again] = twice();
    expect(again).toEqual([first, sum]);
    expect(again[0]).toBe(first);
    expect(again[1]).toBe(sum);
    expect(twice()[0][0]).not.toBe(first);
    expect(() =>
      inProgram(() => {
        throw new Error("not made");
      }),
    ).toThrow("not made");
    expect(isInProgram()).toBe(false);
  });
  test("outside of programs only where no variable is read, so that nothing keeps variables", () => {
    const weight = new Variable("w", [41]);
    expect(build.negate(weight.node)).not.toBe(build.negate(weight.node));
    const held = build.add(x, y);
    expect(inProgram(() => build.add(x, y))).toBe(held);
  });
  test("and cannot be changed", () => {
    const sum = build.sum(x, [1]);
    expect(Object.isFrozen(sum)).toBe(true);
    expect(Object.isFrozen(sum.inputs)).toBe(true);
    expect(Object.isFrozen(sum.shape)).toBe(true);
  });
  test("inputs are older than their users", () => {
    const sum = build.add(build.multiply(x, y), x);
    for (const { id } of sum.inputs) expect(id).toBeLessThan(sum.id);
  });
});

describe("what does nothing is not made", () => {
  const zero = build.full(0, ["B", 41]);
  const one = build.full(1, ["B", 41]);
  test.each([
    ["x + 0", build.add(x, zero)],
    ["0 + x", build.add(zero, x)],
    ["x - 0", build.subtract(x, zero)],
    ["1 x", build.multiply(one, x)],
    ["x / 1", build.divide(x, one)],
    ["no axes", build.sum(x, [])],
    ["same dtype", build.convert(x, "float32")],
    ["transposed twice", build.transpose(build.transpose(x, [1, 0]), [1, 0])],
    ["all of it", build.slice(x, 1, 0, 41)],
    ["nothing around", build.pad(x, 0, 0, 0)],
    ["parts joined again", build.concat([build.slice(x, 1, 0, 11), build.slice(x, 1, 11, 30)], 1)],
    ["a part of a concatenation", build.slice(build.concat([y, x], 0), 0, "B", "B")],
    ["repeated to its own shape", build.broadcast(x, ["B", 41], [0, 1])],
  ])("%s", (_name, made) => {
    expect(made).toBe(x);
  });
  test("but -1 x, x - 0 of another kind and 0 - x are", () => {
    expect(build.multiply(build.full(-1, ["B", 41]), x)).not.toBe(x);
    expect(build.subtract(zero, x)).not.toBe(x);
  });
  test("transposes become an order of labels", () => {
    expect(build.einsum(build.transpose(w, [1, 0]), x, "hi,bi->bh")).toBe(build.einsum(w, x, "ih,bi->bh"));
    expect(build.transpose(build.einsum(x, w, "bi,ih->bh"), [1, 0])).toBe(build.einsum(x, w, "bi,ih->hb"));
  });
  test("slices of slices are one slice", () => {
    expect(build.slice(build.slice(x, 1, 3, 20), 1, 2, 5)).toBe(build.slice(x, 1, 5, 5));
    // Only the data tells whether 5 elements are within N: both slices are checked then.
    expect(build.slice(build.slice(x, 1, 0, "N"), 1, 0, 5)).not.toBe(build.slice(x, 1, 0, 5));
  });
  test("pads that fill an axis are a concatenation, in any order", () => {
    const [left, right] = [input("left", 3), input("right", 4)];
    expect(build.sumOf([build.pad(right, 0, 3, 0), build.pad(left, 0, 0, 4)])).toBe(
      build.concat([left, right], 0),
    );
    const overlapping = build.sumOf([build.pad(right, 0, 2, 1), build.pad(left, 0, 0, 4)]);
    expect(overlapping.op).toBe("add");
  });
});

describe("rules refuse what does not fit, and name it", () => {
  test.each([
    ["add: shapes (B, 41) and (41, 42) differ", () => build.add(x, w)],
    ["product: (B, 41) and (B, 41) do not fit: 41 against B", () => build.einsum(x, y, "bi,ih->bh")],
    ["reshape: (B, 41) does not have the elements of (B, 42)", () => build.reshape(x, ["B", 42])],
    ["slice: 40 to 42 of axis 1 lies outside of (B, 41)", () => build.slice(x, 1, 40, 2)],
    ["sum: axis 2 does not exist in (B, 41)", () => build.sum(x, [2])],
    ["gather: indices of float32 given, int32 expected", () => build.gather(w, x)],
    ["concat: float32 (B, 41) and float32 (41, 42) do not fit along axis 0", () => build.concat([x, w], 0)],
    ["transpose: the permutation (0, 0) does not fit (B, 41)", () => build.transpose(x, [0, 0])],
    ["transpose: the permutation (0) does not fit (B, 41)", () => build.transpose(x, [0])],
    ["slice: 0 to 5 of axis 1 lies outside of (B, 3)", () => build.slice(build.slice(x, 1, 0, 3), 1, 0, 5)],
    ["pad: -1 before and 0 after axis 1 of (B, 41) given", () => build.pad(x, 1, -1, 0)],
    ["broadcast: the shape (-1) given, whole numbers from 0 on expected", () => build.full(0, [-1])],
    ["iota: the shape (0.5) given", () => node("iota", [], { size: 0.5 })],
  ])("%s", (message, make) => {
    expect(make).toThrow(ShapeError);
    expect(make).toThrow(message);
  });
});

test("a graph in print: scans indented, dtypes marked, variables by name", () => {
  const type = { shape: ["B", 44], dtype: "float32" } as const;
  const open = { states: [type], sequences: [], captures: [], inboxes: [], next: [], outputs: [], sends: [] };
  const [state] = bodyArguments(open) as [Node];
  const bias = node("variable", [], {
    variable: { id: -3, name: "cell.bias" },
    shape: [44],
    dtype: "float32",
  });
  const scan = node("scan", [build.broadcast(bias, ["B", 44], [1])], {
    body: body({
      ...open,
      next: [build.negate(state)],
      outputs: [build.elementwise("less", state, build.negate(state))],
    }),
    length: "T",
    reverse: true,
    recompute: true,
  });
  expect(
    printGraph([scanOutput(scan, 1), build.convert(scanOutput(scan, 0), "int32")]),
  ).toMatchInlineSnapshot(`
    "%0 = variable() {cell.bias}: (44)
    %1 = broadcast(%0) {axes (1)}: (B, 44)
    %2 = scan(%1) {T steps reversed recomputed, 1 states, 0 sequences, 0 captures, 1 outputs}
        %0 = argument() {index 0}: (B, 44)
        %1 = negate(%0): (B, 44)
        %2 = less(%0, %1): b(B, 44)
        -> %1, %2
    %3 = output(%2) {index 1}: b(T, B, 44)
    %4 = output(%2) {index 0}: (B, 44)
    %5 = convert(%4): i(B, 44)
    -> %3, %5"
  `);
});
