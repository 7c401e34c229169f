// Of several encodings of one instruction the shortest is taken.
import { expect, test } from "vitest";
import { Assembler, type Memory, type VectorOptions } from "../../../src/backends/x86/assembler/assembler.ts";

function length(write: (assembler: Assembler) => void): number {
  const assembler = new Assembler("avx512");
  write(assembler);
  return assembler.finish().length;
}

const lengths = <Value>(values: readonly Value[], write: (assembler: Assembler, value: Value) => void) =>
  values.map((value) => length((assembler) => write(assembler, value)));

test("displacements have 0, 8 or 32 bits", () => {
  const lea = (base: number) => (a: Assembler, displacement: number) => a.lea(0, { base, displacement });
  expect(lengths([0, 1, 127, -128, 128, -129], lea(0))).toEqual([2, 3, 3, 3, 6, 6]);
  expect(lengths([0, 1, 127, -128, 128, -129], lea(5))).toEqual([3, 3, 3, 3, 6, 6]);
  expect(lengths([0, 1, 127, -128, 128, -129], lea(4))).toEqual([3, 4, 4, 4, 7, 7]);
});

test("displacements of EVEX count vectors, or elements", () => {
  const add = (bits: 256 | 512, options: VectorOptions) => (a: Assembler, displacement: number) =>
    a.vector("vaddps", bits, [16, 17, { base: 0, displacement }], options);
  const counts = [0, 1, 127, -128, 128, -129, 0.5];
  const expected = [6, 7, 7, 7, 10, 10, 10];
  const units = (unit: number) => counts.map((count) => count * unit);
  expect(lengths(units(64), add(512, {}))).toEqual(expected);
  expect(lengths(units(32), add(256, {}))).toEqual(expected);
  expect(lengths(units(4), add(512, { broadcast: true }))).toEqual(expected);
});

test("immediates have 8 bits where their sign gives the others; those of a move lose zeros", () => {
  const add = (to: number) => (a: Assembler, immediate: number) => a.arithmetic("add", to, { immediate });
  expect(lengths([0, 127, -128, 128, -129], add(1))).toEqual([3, 3, 3, 6, 6]);
  expect(lengths([127, 128], add(0))).toEqual([3, 5]);
  const multiply = (a: Assembler, immediate: number) => a.multiplyImmediate(1, 2, immediate);
  expect(lengths([127, -128, 128, -129], multiply)).toEqual([3, 3, 6, 6]);
  const move = (a: Assembler, immediate: number) => a.move(1, { immediate }, 8);
  expect(lengths([0, 2 ** 32 - 1, -1, -(2 ** 31), 2 ** 32, -(2 ** 31) - 1], move)).toEqual([
    5, 5, 7, 7, 10, 10,
  ]);
});

test("VEX has 2 or 3 bytes, and is taken before EVEX", () => {
  const memory: Memory = { base: 0 };
  const add = (a: Assembler, operands: readonly (number | Memory)[]) => a.vector("vaddps", 256, operands);
  expect(
    lengths(
      [
        [9, 10, 3],
        [9, 10, memory],
        [1, 2, 11],
        [1, 2, 16],
      ],
      add,
    ),
  ).toEqual([4, 4, 5, 6]);
});
