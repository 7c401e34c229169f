// Rows picked out of arrays: the elements of each row, along any axis, and what is no row.
import fc from "fast-check";
import { expect, it } from "vitest";
import { pickRows } from "../../src/data/pick-rows.ts";
import { DataError, ShapeError } from "../../src/errors.ts";
import { countOf } from "../../src/numbers.ts";
import { value } from "../../src/program/values.ts";
import { foreign } from "../helpers/realm.ts";

const shapes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });

it("gives the elements whose place along the axis was picked", () => {
  fc.assert(
    fc.property(shapes, fc.nat(), fc.array(fc.nat(), { maxLength: 6 }), (shape, wanted, chosen) => {
      const axis = wanted % shape.length;
      const size = shape[axis] as number;
      const rows = chosen.map((row) => row % size);
      const all = value(
        Float32Array.from({ length: countOf(shape) }, (_, at) => at),
        shape,
      );
      const picked = pickRows(all, rows, axis);
      expect(picked.shape).toEqual(shape.with(axis, rows.length));
      const inner = countOf(shape.slice(axis + 1));
      const expected = Array.from({ length: picked.data.length }, (_, at) => {
        const [part, row] = [Math.floor(at / inner / rows.length), Math.floor(at / inner) % rows.length];
        return (part * size + (rows[row] as number)) * inner + (at % inner);
      });
      expect([...picked.data]).toEqual(expected);
    }),
  );
});

it("picks along the first axis, or the batch of what is time-major, and keeps the type", () => {
  const tokens = value(Int32Array.of(0, 1, 2, 10, 11, 12), [2, 3]);
  expect(pickRows(tokens, [1])).toEqual({ data: Int32Array.of(10, 11, 12), shape: [1, 3] });
  expect(pickRows(tokens, Int32Array.of(2, 0), 1)).toEqual({
    data: Int32Array.of(2, 0, 12, 10),
    shape: [2, 2],
  });
  const doubles = pickRows(value(Float64Array.of(1, 2), [2]), [1, 1, 0]);
  expect(doubles.data).toEqual(Float64Array.of(2, 2, 1));
  const other = pickRows({ data: foreign("Int32Array.of(5, 6)"), shape: [2] }, [1]);
  expect([...other.data]).toEqual([6]);
});

it.each<[unknown, unknown, unknown, DataError | ShapeError]>([
  [[1, 2], [2], 0, new DataError("pickRows: row 2 given at 0, 0 to 1 expected")],
  [[1, 2], [0, -1], 0, new DataError("pickRows: row -1 given at 1, 0 to 1 expected")],
  [[1, 2], [0.5], 0, new DataError("pickRows: row 0.5 given at 0, 0 to 1 expected")],
  [[1, 2], ["1"], 0, new DataError('pickRows: row "1" given at 0, 0 to 1 expected')],
  [[1, 2], 1, 0, new DataError("pickRows: 1 given, an array of numbers of rows expected")],
  [[1, 2], [0], 1, new ShapeError("pickRows: axis 1 given for the shape (2)")],
  [[1, 2], [0], -1, new ShapeError("pickRows: axis -1 given for the shape (2)")],
  [[1, 2, 3], [0], 0, new ShapeError("pickRows: 3 numbers given for the shape (2)")],
])("refuses %j, %j, %j", (data, rows, axis, error) => {
  expect(() => pickRows({ data: data as never, shape: [2] }, rows as number[], axis as number)).toThrow(
    error,
  );
});
