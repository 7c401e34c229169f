// Places of images: their coordinates and their order as steps, of sizes that are known and of those that a call brings, against plain loops.
import { describe, expect, it } from "vitest";
import { ShapeError } from "../../../src/errors.ts";
import { placesOf, withCoordinates } from "../../../src/nn/index.ts";
import { compile, float32 } from "../../../src/program/compile.ts";
import { checkGradient, weightedSum } from "../../gradient/check.ts";
import { expectClose } from "../../helpers/close.ts";
import { floats } from "../../helpers/values.ts";

const shapes = [
  { given: [2, 4, 3, 5], symbols: ["B", "R", "C", 5] },
  { given: [3, 2, 2, 5, 1], symbols: ["T", "B", "R", "C", 1] },
  { given: [1, 1, 6, 2], symbols: ["B", 1, "C", 2] },
  { given: [4, 3, 2], symbols: ["R", "C", 2] },
] as const;

describe.each(shapes)("images $given", ({ given, symbols }) => {
  const x = floats([...given], 4);
  const [rows, columns, channels] = given.slice(-3) as [number, number, number];
  const count = given.slice(0, -3).reduce((product: number, size) => product * size, 1);
  const types = [float32(...given), float32(...symbols)];

  it("get how far down and across each place is", () => {
    const far = (at: number, size: number) => (size === 1 ? 0 : -1 + (2 * at) / (size - 1));
    const right: number[] = [];
    for (let image = 0; image < count; image++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const start = ((image * rows + row) * columns + column) * channels;
          right.push(...x.data.slice(start, start + channels), far(row, rows), far(column, columns));
        }
    for (const inputs of types) {
      const found = compile(withCoordinates, { inputs })(x);
      expect(found.shape).toEqual([...given.slice(0, -1), channels + 2]);
      expectClose(found.data, right, 6);
    }
  });

  it("become steps, row by row", () => {
    const right: number[] = [];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        for (let image = 0; image < count; image++) {
          const start = ((image * rows + row) * columns + column) * channels;
          right.push(...x.data.slice(start, start + channels));
        }
    for (const inputs of types) {
      const found = compile(placesOf, { inputs })(x);
      expect(found.shape).toEqual([rows * columns, ...given.slice(0, -3), channels]);
      expect(Array.from(found.data)).toEqual(right);
    }
  });
});

it("gradients are those of central differences", () => {
  checkGradient(({ x, weights }) => weightedSum(placesOf(withCoordinates(x.square())), weights), {
    x: floats([2, 3, 2, 2], 7),
    weights: floats([6, 2, 4], 8),
  });
});

it.each([
  [withCoordinates, "withCoordinates"],
  [placesOf, "placesOf"],
])("what is no image is refused, by %s's name", (of, name) => {
  const run = () => compile(of as typeof placesOf, { inputs: float32("B", 4) });
  expect(run).toThrow(ShapeError);
  expect(run).toThrow(`${name}: float32 (B, 4) given, float32 (..., rows, columns, channels) expected`);
});
