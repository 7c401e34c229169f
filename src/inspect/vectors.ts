/** Trees of values as vectors of numbers, part after part, and the products of matrices that derivatives of vectors are. */

import { isValue } from "../program/values.ts";
import { mapTree } from "../trace/tree.ts";

/** A matrix, row by row. */
export type Matrix = readonly (readonly number[])[];

/** The same names with other values. */
export function mapNamed<From, To>(
  record: Readonly<Record<string, From>>,
  map: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}

/** All numbers of a tree of values, one after the other. */
export function flat(tree: unknown): number[] {
  const numbers: number[] = [];
  mapTree(tree, isValue, ({ data }) => numbers.push(...data));
  return numbers;
}

/** A tree of the same form whose numbers come one after the other from `next`. */
function filled(tree: unknown, next: () => number): unknown {
  return mapTree(tree, isValue, ({ data: { length }, shape }) => ({
    data: Float64Array.from({ length }, next),
    shape,
  }));
}

/** The same numbers, in float64. */
export function asDoubles(tree: unknown): unknown {
  const numbers = flat(tree).values();
  return filled(tree, () => numbers.next().value as number);
}

/** Zeros in the form of a tree, but for one number, which is 1. */
export function unitOf(tree: unknown, row: number): unknown {
  let at = 0;
  return filled(tree, () => Number(at++ === row));
}

/** A step's part of values (T, ...). */
export function sliceOf(tree: unknown, at: number): unknown {
  return mapTree(tree, isValue, ({ data, shape }) => {
    const size = data.length / (shape[0] as number);
    return { data: data.slice(at * size, (at + 1) * size), shape: shape.slice(1) };
  });
}

/** Of each step, all numbers one after the other. */
export const slicesOf = (tree: unknown, steps: number): number[][] =>
  Array.from({ length: steps }, (_, at) => flat(sliceOf(tree, at)));

/** Trees of one form as one of values (T, ...). */
export function stackOf(form: unknown, trees: readonly unknown[]): unknown {
  const vectors = trees.map(flat);
  let at = 0;
  return mapTree(form, isValue, ({ data: { length }, shape }) => {
    const from = at;
    at += length;
    return {
      data: Float64Array.from(vectors.flatMap((vector) => vector.slice(from, from + length))),
      shape: [trees.length, ...shape],
    };
  });
}

export function identity(size: number): number[][] {
  return Array.from({ length: size }, (_, row) =>
    Array.from({ length: size }, (_, column) => Number(row === column)),
  );
}

/** The product of two matrices. */
export function times(left: Matrix, right: Matrix): number[][] {
  const columns = right[0]?.length ?? 0;
  return left.map((row) =>
    Array.from({ length: columns }, (_, column) =>
      row.reduce((sum, value, k) => sum + value * (right[k]?.[column] as number), 0),
    ),
  );
}

export function plus(left: Matrix, right: Matrix): number[][] {
  return left.map((row, at) => row.map((value, column) => value + (right[at]?.[column] as number)));
}
