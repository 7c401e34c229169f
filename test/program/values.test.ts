// What a compiled function takes for a tensor: every number is read as it is, or refused with its place.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm } from "../../src/backends/wasm/index.ts";
import { DataError, ShapeError } from "../../src/errors.ts";
import { compile, float32, InputType, int32, type ValueLike, value } from "../../src/program/compile.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { foreign } from "../helpers/realm.ts";

const types = { x: float32("T", "B"), n: int32("S", "C") } as const;
const whole = value(Int32Array.of(1), [1, 1]);

for (const backend of [wasm, reference]) {
  const run = compile(({ x, n }) => [x.mul(2), n.add(1)] as const, { inputs: types, backend });
  const floats = (x: unknown) => [...run({ x: x as ValueLike, n: whole })[0].data];
  const integers = (n: unknown) => [...run({ x: [[0]], n: n as ValueLike })[1].data];

  describe(`inputs of a program on ${backend.name}`, () => {
    test.each([
      ["NaN", Number.NaN],
      ["Infinity", Infinity],
      ["0.5", 0.5],
      ["1099511627776", 2 ** 40],
      ["undefined", undefined],
      ["null", null],
      ['"5"', "5"],
      ["true", true],
      ["5n", 5n],
      ["an object", {}],
      ["an array of 1", [5]],
    ])("%s is no int32, in nested lists, values and lists of typed arrays", (printed, wrong) => {
      const refused = `${printed} given at [1][0], int32 expected`;
      expect(() =>
        integers([
          [1, 2],
          [wrong, 3],
        ]),
      ).toThrow(new DataError(`input n: ${refused}`));
      expect(() => integers([Int32Array.of(1, 2), [wrong, 3]])).toThrow(new DataError(`input n: ${refused}`));
      expect(() => integers({ data: [1, 2, wrong, 3], shape: [2, 2] })).toThrow(
        new DataError(`input n: ${printed} given at 2 ([1][0]), int32 expected`),
      );
    });

    test.each([
      ["undefined", undefined],
      ["null", null],
      ['"5"', "5"],
      ["false", false],
      ["5n", 5n],
      ["an array of 1", [5]],
    ])("%s is no float32", (printed, wrong) => {
      expect(() =>
        floats([
          [1, 2],
          [3, wrong],
        ]),
      ).toThrow(new DataError(`input x: ${printed} given at [1][1], float32 expected`));
      expect(() => floats({ data: [wrong, 2], shape: [1, 2] })).toThrow(
        new DataError(`input x: ${printed} given at 0 ([0][0]), float32 expected`),
      );
    });

    test("NaN and Infinity are float32; a finite number beyond its range is not", () => {
      expect(floats([[Number.NaN, Infinity, -Infinity]])).toEqual([Number.NaN, Infinity, -Infinity]);
      const refused = "1e+300 given at [0][0], float32, at most 3.4e38, expected";
      expect(() => floats([[1e300]])).toThrow(new DataError(`input x: ${refused}`));
      expect(() => floats({ data: Float64Array.of(1, -1e300), shape: [1, 2] })).toThrow("-1e+300 given at 1");
    });

    test("holes are undefined", () => {
      // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
      expect(() => floats([[1, , 2]])).toThrow("input x: undefined given at [0][1], float32 expected");
      // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
      expect(() => floats([[1], , [2]])).toThrow("input x: undefined given at [1], a list of 1 expected");
      expect(() => floats(value(Array(2), [1, 2]))).toThrow("value: undefined given at 0");
    });

    test("lists of uneven lengths, or that hold themselves", () => {
      expect(() => floats([[1], [1, 2]])).toThrow(
        new DataError(
          "input x: lists of uneven lengths given: 2 at [1], 1 before it, an array of one shape expected",
        ),
      );
      expect(() => floats([[1], 2])).toThrow(new DataError("input x: 2 given at [1], a list of 1 expected"));
      expect(() => floats([1, [2]])).toThrow("input x: an array of 1 given at 1, float32 expected");
      const endless: unknown[] = [];
      endless.push(endless);
      expect(() => floats(endless)).toThrow(DataError);
    });

    test("what is no numbers at all", () => {
      for (const wrong of [null, "12", new Map(), () => 1, new Date(0)]) {
        expect(() => floats(wrong)).toThrow(
          /^input x: .* given, numbers, nested lists of them or a value expected$/,
        );
      }
      expect(() => floats(undefined)).toThrow("input x is missing");
      expect(() => floats({ data: 5, shape: [1, 1] })).toThrow(
        "input x: 5 given, an array of numbers expected",
      );
      expect(() => floats({ data: BigInt64Array.of(1n), shape: [1, 1] })).toThrow(
        "input x: a BigInt64Array given, an array of numbers expected",
      );
    });

    test("typed arrays of every kind are read as numbers, or refused as numbers", () => {
      const kinds = [
        Int8Array,
        Uint8Array,
        Uint8ClampedArray,
        Int16Array,
        Uint16Array,
        Int32Array,
        Uint32Array,
      ];
      for (const Kind of [...kinds, Float32Array, Float64Array]) {
        expect(integers({ data: Kind.of(1, 2), shape: [1, 2] })).toEqual([2, 3]);
        expect(floats({ data: Kind.of(1, 2), shape: [1, 2] })).toEqual([2, 4]);
        expect(integers([Kind.of(1, 2)])).toEqual([2, 3]);
      }
      expect(() => integers(value(Float32Array.of(1, 2.5), [1, 2]))).toThrow(
        new DataError("input n: 2.5 given at 1 ([0][1]), int32 expected"),
      );
      expect(() => value(Uint32Array.of(2 ** 31), [1])).toThrow(
        "value: 2147483648 given at 0, int32 expected",
      );
    });

    test("arrays of another realm, views with an offset, and shared memory", () => {
      expect(integers(foreign("{ data: Int32Array.of(1, 2), shape: [1, 2] }"))).toEqual([2, 3]);
      expect(integers(value(foreign("Int32Array.of(1, 2)"), [1, 2]))).toEqual([2, 3]);
      expect(floats(value(foreign("Float32Array.of(1, 2)"), [1, 2]))).toEqual([2, 4]);
      expect(floats(foreign("[[1, 2], Float32Array.of(3, 4)]"))).toEqual([2, 4, 6, 8]);
      expect(() => integers(value(foreign("Float32Array.of(1.5)"), [1, 1]))).toThrow("1.5 given at 0");
      expect(() => integers(foreign("[[1], ['a']]"))).toThrow('input n: "a" given at [1][0], int32 expected');
      expect(floats(value(Float32Array.of(0, 1, 2, 3).subarray(1, 3), [1, 2]))).toEqual([2, 4]);
      const shared = new Int32Array(new SharedArrayBuffer(16), 4, 2);
      shared.set([7, 8]);
      expect(integers(value(shared, [1, 2]))).toEqual([8, 9]);
    });

    test("a tensor that is returned twice is two arrays, and none is an input's", () => {
      const given = Float32Array.of(1, 2);
      const twice = compile(({ x }) => ({ first: x, second: x }), { inputs: { x: float32(2) }, backend });
      const { first, second } = twice({ x: value(given, [2]) });
      first.data[0] = 9;
      expect([...second.data]).toEqual([1, 2]);
      expect([...given]).toEqual([1, 2]);
    });
  });
}

describe("value", () => {
  test.each<[unknown, string]>([
    [[2.5, 2], "the shape (2.5, 2) given, whole numbers from 0 on expected"],
    [[-1, -5], "the shape (-1, -5) given, whole numbers from 0 on expected"],
    [[Number.NaN], "the shape (NaN) given, whole numbers from 0 on expected"],
    [["5"], 'the shape ("5") given, whole numbers from 0 on expected'],
    [Array(1), "the shape (undefined) given, whole numbers from 0 on expected"],
    [undefined, "the shape undefined given, a list of whole numbers expected"],
    [5, "the shape 5 given, a list of whole numbers expected"],
    [[2, 2], "5 numbers given for the shape (2, 2)"],
    [[], "5 numbers given for the shape ()"],
  ])("of the shape %j", (shape, message) => {
    const make = () => value(new Float32Array(5), shape as number[]);
    expect(make).toThrow(new ShapeError(`value: ${message}`));
    const run = compile((x) => x, { inputs: float32("N") });
    expect(() => run({ data: new Float32Array(5), shape } as never)).toThrow(ShapeError);
  });

  test.each<[unknown, string]>([
    [undefined, "undefined given, an array of numbers expected"],
    ["12", '"12" given, an array of numbers expected'],
    [[1, undefined], "undefined given at 1, a number expected"],
    [["a", 1], '"a" given at 0, a number expected'],
  ])("of %j", (data, message) => {
    expect(() => value(data as number[], [2])).toThrow(new DataError(`value: ${message}`));
  });

  test("has the array that it is given, and a shape of its own", () => {
    const [data, shape] = [Float32Array.of(1, 2), [2]];
    const made = value(data, shape);
    shape[0] = 3;
    expect(made.shape).toEqual([2]);
    expect(made.data).toBe(data);
    expect(value([1, 0.5], [2]).data).toEqual(Float64Array.of(1, 0.5));
    expect(value(Uint8Array.of(7), [1]).data).toEqual(Int32Array.of(7));
  });
});

describe("a program without declared inputs", () => {
  const run = compile((inputs: { x: Tensor; y?: Tensor }) =>
    inputs.y ? inputs.x.add(inputs.y) : inputs.x.add(1),
  );
  test("takes the dtype from the array, of any realm", () => {
    expect(run({ x: value(foreign("Int32Array.of(1)"), [1]) }).data).toEqual(Int32Array.of(2));
    expect(run({ x: value(Uint8Array.of(1), [1]) }).data).toEqual(Int32Array.of(2));
    expect(run({ x: value([0.5], [1]) }).data).toEqual(Float32Array.of(1.5));
  });
  test("refuses what is no value: a number would be built into the program", () => {
    for (const wrong of [1, [1], [[1, 2]], "a", null, Float32Array.of(1)]) {
      expect(() => run({ x: wrong as never })).toThrow(
        /^input x[.0]*: .* given, value\(data, shape\) expected where no inputs are declared$/,
      );
    }
    expect(run({ x: value([1], [1]), y: undefined as never }).data).toEqual(Float32Array.of(2));
  });
});

test("the shape of an input is its own", () => {
  const shape = ["T", 2];
  const type = new InputType("float32", shape);
  shape[1] = 3;
  expect(type.shape).toEqual(["T", 2]);
});
