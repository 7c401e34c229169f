import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { type Eigenvalue, eigenvalues, spectralRadius } from "../../src/inspect/eigenvalues.ts";
import { randomSource } from "../../src/nn/random.ts";

/** S D S^-1 for a random S: a matrix (n, n) whose eigenvalues are those of the block diagonal D. */
function similar(blocks: readonly (readonly number[])[][], seed: number): { matrix: number[]; size: number } {
  const size = blocks.reduce((sum, block) => sum + block.length, 0);
  let matrix = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  let start = 0;
  for (const block of blocks) {
    block.forEach((row, i) => {
      row.forEach((value, j) => {
        (matrix[start + i] as number[])[start + j] = value;
      });
    });
    start += block.length;
  }
  const random = randomSource(seed, "similar");
  // Elementary similarities, each undone on the other side.
  for (let turn = 0; turn < 6 * size; turn++) {
    const i = Math.floor(random.uniform() * size);
    const j = Math.floor(random.uniform() * size);
    if (i === j) continue;
    const factor = random.uniform() - 0.5;
    matrix = matrix.map((row, at) =>
      at === i ? row.map((value, k) => value + factor * ((matrix[j] as number[])[k] as number)) : [...row],
    );
    for (const row of matrix) row[j] = (row[j] as number) - factor * (row[i] as number);
  }
  return { matrix: matrix.flat(), size };
}

const sorted = (values: readonly Eigenvalue[] | undefined) =>
  [...(values ?? [])].sort((a, b) => a.real - b.real || a.imaginary - b.imaginary);

describe("eigenvalues", () => {
  it("of a rotation are a pair on the circle, which no power iteration finds", () => {
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    expect(spectralRadius([c, -s, s, c], 2)).toBeCloseTo(1, 14);
    expect(sorted(eigenvalues([c, -s, s, c], 2))[0]?.imaginary).toBeCloseTo(-s, 14);
  });

  it("of one number, of zeros, of a permutation, of a triangle", () => {
    expect(spectralRadius([-3], 1)).toBe(3);
    expect(spectralRadius(new Array(25).fill(0), 5)).toBe(0);
    const shift = Array.from({ length: 36 }, (_, at) => (at % 6 === (Math.floor(at / 6) + 1) % 6 ? 1 : 0));
    expect(spectralRadius(shift, 6)).toBeCloseTo(1, 12);
    expect(eigenvalues(shift, 6)).toHaveLength(6);
    expect(spectralRadius([1, 5, 7, 0, -2, 9, 0, 0, 1.5], 3)).toBeCloseTo(2, 14);
  });

  it("of a companion matrix are the roots of its polynomial", () => {
    // (x - 1)(x - 2)(x - 3)(x^2 + 4) = x^5 - 6x^4 + 15x^3 - 30x^2 + 44x - 24
    const companion = [0, 0, 0, 0, 24, 1, 0, 0, 0, -44, 0, 1, 0, 0, 30, 0, 0, 1, 0, -15, 0, 0, 0, 1, 6];
    const found = sorted(eigenvalues(companion, 5));
    const roots = [0, 0, 1, 2, 3];
    for (const [at, { real }] of found.entries()) expect(real).toBeCloseTo(roots[at] as number, 9);
    expect(found.map(({ imaginary }) => Math.abs(imaginary)).reduce((a, b) => a + b)).toBeCloseTo(4, 9);
    expect(spectralRadius(companion, 5)).toBeCloseTo(3, 9);
  });

  it.each([1, 2, 3, 4, 5])("of blocks behind a similarity, seed %d", (seed) => {
    const random = randomSource(seed, "blocks");
    const blocks: number[][][] = [];
    const known: Eigenvalue[] = [];
    for (let at = 0; at < 12; at++) {
      const [a, b] = [4 * random.uniform() - 2, 4 * random.uniform() - 2];
      if (at % 2 === 0) {
        blocks.push([[a]]);
        known.push({ real: a, imaginary: 0 });
      } else {
        blocks.push([
          [a, -b],
          [b, a],
        ]);
        known.push({ real: a, imaginary: b }, { real: a, imaginary: -b });
      }
    }
    const { matrix, size } = similar(blocks, seed);
    const found = sorted(eigenvalues(matrix, size));
    sorted(known).forEach((value, at) => {
      expect(found[at]?.real).toBeCloseTo(value.real, 6);
      expect(Math.abs(found[at]?.imaginary ?? 9)).toBeCloseTo(Math.abs(value.imaginary), 6);
    });
  });

  it("of large random matrices sum to the trace, and their radius follows the circular law", () => {
    const random = randomSource(1, "large");
    const size = 96;
    const matrix = Array.from({ length: size * size }, () => random.normal() / Math.sqrt(size));
    const found = eigenvalues(matrix, size) ?? [];
    let trace = 0;
    for (let at = 0; at < size; at++) trace += matrix[at * size + at] as number;
    expect(found.reduce((sum, { real }) => sum + real, 0)).toBeCloseTo(trace, 9);
    expect(found.reduce((sum, { imaginary }) => sum + imaginary, 0)).toBeCloseTo(0, 9);
    expect(spectralRadius(matrix, size)).toBeGreaterThan(0.9);
    expect(spectralRadius(matrix, size)).toBeLessThan(1.25);
  });

  it.each([
    [[1, 2, 3], 2, "an array of 3 given, the 4 numbers of a matrix expected"],
    [[], 0, "n 0 given, a whole number from 1 expected"],
    [[1], 1.5, "n 1.5 given, a whole number from 1 expected"],
    [[1], undefined, "n undefined given, a whole number from 1 expected"],
    [
      [
        [1, 2],
        [3, 4],
      ],
      2,
      "an array of 2 given, the 4 numbers of a matrix expected",
    ],
    [[1, "2", 3, 4], 2, '"2" given at 1, a number expected'],
    [null, 1, "null given, the 1 numbers of a matrix expected"],
  ])("refuse %j, %j", (matrix, size, message) => {
    for (const of of [eigenvalues, spectralRadius]) {
      expect(() => of(matrix as never, size as never)).toThrow(new UsageError(`${of.name}: ${message}`));
    }
  });

  it("of a matrix with numbers that are not finite are none", () => {
    expect(eigenvalues([Number.NaN], 1)).toBeUndefined();
    expect(spectralRadius([1, Number.NaN, 0, 1], 2)).toBeNaN();
    expect(spectralRadius([1, Number.POSITIVE_INFINITY, 0, 1], 2)).toBeNaN();
  });
});
