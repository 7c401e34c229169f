// The value of a variable is one: the same for whoever reads it, programs and files, and no array that somebody holds is it.
import { describe, expect, test } from "vitest";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm, wasmBackend } from "../../src/backends/wasm/index.ts";
import { DataError, ShapeError, UsageError } from "../../src/errors.ts";
import { readSafetensors, writeSafetensors } from "../../src/formats/safetensors.ts";
import { initialize } from "../../src/nn/index.ts";
import { compile, float32 } from "../../src/program/compile.ts";
import { type NumericArray, Variable } from "../../src/trace/variable.ts";
import { foreign } from "../helpers/realm.ts";

/** Writes to an array, however it is typed. */
const spoil = (array: unknown) => (array as NumericArray).fill(100);

for (const backend of [wasm, wasmBackend({ threads: 2 }), reference]) {
  describe(`on ${backend.name}`, () => {
    const programs = (variable: Variable) => ({
      read: compile(() => variable, { inputs: {}, backend }),
      add: compile(
        ({ x }, update) => {
          update(variable, variable.add(x));
          return variable;
        },
        { inputs: { x: float32(2) }, backend },
      ),
    });
    /** What everybody who can read the variable reads. */
    const readings = (variable: Variable, { read }: ReturnType<typeof programs>) => {
      const tensors = new Map([
        ["w", { shape: [...variable.dimensions], data: variable.value as Float32Array }],
      ]);
      const stored = readSafetensors(writeSafetensors({ tensors, metadata: {} }), "w").tensors.get("w");
      return [variable.value, read({}).data, stored?.data].map((data) => Array.from(data as Float32Array));
    };

    test("set by hand: neither the array that was set nor the one that is read is the value", () => {
      const variable = new Variable("w", [2]);
      const given = Float32Array.of(1, 2);
      variable.value = given;
      const run = programs(variable);
      for (let call = 0; call < 2; call++) {
        expect(readings(variable, run)).toEqual(Array(3).fill([1, 2]));
        spoil(given);
        spoil(variable.value);
        spoil(run.read({}).data);
      }
      variable.value = [3, 4];
      expect(readings(variable, run)).toEqual(Array(3).fill([3, 4]));
    });

    test("by an initialiser, which may keep its array", () => {
      const kept = Float32Array.of(1, 2);
      const weight = new Variable("w", [2], { initializer: () => kept });
      initialize({ weight }, { seed: 1 });
      spoil(kept);
      spoil(weight.value);
      expect(readings(weight, programs(weight))).toEqual(Array(3).fill([1, 2]));
    });

    test("changed where it stands: it is the value for everybody, as often as it is changed", () => {
      const variable = new Variable("w", [2]);
      variable.value = [1, 2];
      const run = programs(variable);
      const addOne = (array: NumericArray) => array.set(array.map((number) => number + 1));
      const add = () => run.add({ x: { data: Float32Array.of(1, 1), shape: [2] } });
      addOne(variable.edit());
      expect(readings(variable, run)).toEqual(Array(3).fill([2, 3]));
      add();
      addOne(variable.edit());
      addOne(variable.edit());
      expect(readings(variable, run)).toEqual(Array(3).fill([5, 6]));
      add();
      addOne(variable.edit());
      add();
      expect(readings(variable, run)).toEqual(Array(3).fill([8, 9]));
      expect(() => new Variable("w", [2]).edit()).toThrow("w has no value yet");
    });

    test("by a program", () => {
      const variable = new Variable("w", [2]);
      variable.value = [1, 2];
      const run = programs(variable);
      spoil(run.add({ x: [1, 1] }).data);
      const read = variable.value;
      spoil(read);
      expect(readings(variable, run)).toEqual(Array(3).fill([2, 3]));
      run.add({ x: [1, 1] });
      expect(readings(variable, run)).toEqual(Array(3).fill([3, 4]));
      variable.value = read;
      expect(readings(variable, run)).toEqual(Array(3).fill([100, 100]));
    });
  });
}

test("to write to what was read does not compile: it would change nothing", () => {
  const variable = new Variable("w", [2]);
  variable.value = [1, 2];
  // @ts-expect-error: elements are read-only
  variable.value[0] = 100;
  expect([...variable.value]).toEqual([1, 2]);
});

test("dimensions are a variable's own", () => {
  const dimensions = [2, 3];
  const variable = new Variable("w", dimensions);
  dimensions[0] = 7;
  expect([variable.dimensions, variable.shape, variable.count]).toEqual([[2, 3], [2, 3], 6]);
  expect(() => (variable.dimensions as number[]).push(1)).toThrow(TypeError);
});

describe("refused", () => {
  test.each<[unknown, Error]>([
    [undefined, new DataError("w: undefined given, an array of numbers expected")],
    ["ab", new DataError('w: "ab" given, an array of numbers expected')],
    [{ length: 2 }, new DataError("w: an object given, an array of numbers expected")],
    [[1, undefined], new DataError("w: undefined given at 1, float32 expected")],
    [[1, "2"], new DataError('w: "2" given at 1, float32 expected')],
    [[1, 1e300], new DataError("w: 1e+300 given at 1, float32, at most 3.4e38, expected")],
    [BigInt64Array.of(1n, 2n), new DataError("w: a BigInt64Array given, an array of numbers expected")],
    [[1], new ShapeError("w: 1 numbers given, 2 expected for (2)")],
  ])("the value %o", (given, error) => {
    const variable = new Variable("w", [2]);
    variable.value = [1, 2];
    expect(() => {
      variable.value = given as number[];
    }).toThrow(error);
    expect([...variable.value]).toEqual([1, 2]);
  });
  test("fractions for int32", () => {
    const variable = new Variable("n", [2, 1], { dtype: "int32" });
    expect(() => {
      variable.value = [1, 0.5];
    }).toThrow(new DataError("n: 0.5 given at 1 ([1][0]), int32 expected"));
    variable.value = foreign<Float64Array>("Float64Array.of(1, -2)");
    expect(variable.value).toEqual(Int32Array.of(1, -2));
  });
  test.each([3, undefined, [Number.NaN], Array(1), ["2"]])("dimensions %o", (dimensions) => {
    expect(() => new Variable("w", dimensions as number[])).toThrow(ShapeError);
  });
  test("other dtypes", () => {
    expect(() => new Variable("w", [2], { dtype: "bool" as never })).toThrow(
      new UsageError('w: dtype "bool" given, float32 or int32 expected'),
    );
  });
});
