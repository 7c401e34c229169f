// Rows in another order, in place: every order of few rows, against the plainest loop.
import { expect, test, vi } from "vitest";
import { RowOrder } from "../../src/program/rows.ts";

/** Every list of `rows` numbers from 0 to rows - 1. */
function orders(rows: number): number[][] {
  let lists: number[][] = [[]];
  for (let k = 0; k < rows; k++) {
    lists = lists.flatMap((list) => Array.from({ length: rows }, (_, row) => [...list, row]));
  }
  return lists;
}

test.each([1, 2, 3, 4, 5])("all orders of %i rows, along any axis", (rows) => {
  const order = new RowOrder(rows);
  for (const given of orders(rows)) {
    order.plan("test", given);
    for (const [shape, axis] of [
      [[rows], 0],
      [[rows, 3], 0],
      [[2, rows, 2], 1],
      [[2, 3, rows], 2],
    ] as const) {
      const length = shape.slice(axis + 1).reduce((product: number, size) => product * size, 1);
      const before = Float32Array.from(
        { length: shape.reduce((a: number, b) => a * b, 1) },
        (_, at) => at + 1,
      );
      const expected = before.map((_, at) => {
        const row = Math.floor(at / length) % rows;
        return before[at + ((given[row] as number) - row) * length] as number;
      });
      order.apply(before, shape, axis);
      expect(before).toEqual(expected);
    }
  }
});

test.each([
  [[0, 1, 2, 3], 0],
  [[0, 0, 2, 3], 1],
  [[1, 1, 1, 1], 3],
  [[1, 2, 3, 3], 3],
  [[1, 2, 3, 0], 3], // and one row aside
  [[1, 0, 3, 2], 2],
])("%j copies no row that stays", (given, copies) => {
  const order = new RowOrder(4);
  const array = Float32Array.of(1, 2, 3, 4);
  const copyWithin = vi.spyOn(array, "copyWithin");
  order.plan("test", given);
  order.apply(array, [4], 0);
  expect([...array]).toEqual(given.map((row) => row + 1));
  expect(copyWithin).toHaveBeenCalledTimes(copies);
});
