// Rows side by side: where each number stands, what fills the ends, and that a network given the lengths computes for each
// row what it computes for the row alone.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { padTokens, padVectors } from "../../src/data/padding.ts";
import { IGNORED_TARGET } from "../../src/data/windows.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { type CellName, cells, initialize, parameters, recurrent } from "../../src/nn/index.ts";
import { compile, float32, int32 } from "../../src/program/compile.ts";
import { expectNear } from "../helpers/close.ts";
import { foreign } from "../helpers/realm.ts";
import { numbers } from "../helpers/values.ts";

describe("tokens side by side", () => {
  it("are time-major, as long as the longest row, with 0 or another number after the ends", () => {
    const rows = [[1, 2, 3], [4], Int32Array.of(5, 6)];
    expect(padTokens(rows)).toEqual({
      values: { data: Int32Array.of(1, 4, 5, 2, 0, 6, 3, 0, 0), shape: [3, 3] },
      lengths: { data: Int32Array.of(3, 1, 2), shape: [3] },
    });
    const targets = padTokens(rows, { padding: IGNORED_TARGET });
    expect(targets.values.data).toEqual(Int32Array.of(1, 4, 5, 2, -1, 6, 3, -1, -1));
  });

  it("refuse nothing at all, and rows without a step", () => {
    expect(() => padTokens([])).toThrow(DataError);
    expect(() => padTokens([])).toThrow("no rows given");
    expect(() => padTokens([[1], []])).toThrow("row 1 has 0 numbers, one or more expected");
  });
});

describe("what is no number of a row", () => {
  it.each<[unknown, string]>([
    [[[1], [2, Number.NaN]], "row 1: NaN given at 1, int32 expected"],
    [[[0.5]], "row 0: 0.5 given at 0, int32 expected"],
    [[[2 ** 40]], "row 0: 1099511627776 given at 0, int32 expected"],
    [[["1"]], 'row 0: "1" given at 0, int32 expected'],
    [[[1], null], "row 1: null given, an array of numbers expected"],
    [["12"], 'row 0: "12" given, an array of numbers expected'],
    [[1, 2], "row 0: 1 given, an array of numbers expected"],
    [Array(1), "row 0: undefined given, an array of numbers expected"],
    [Int32Array.of(1), "an Int32Array given, a list of rows expected"],
    [undefined, "undefined given, a list of rows expected"],
  ])("among tokens: %j", (rows, message) => {
    expect(() => padTokens(rows as number[][])).toThrow(new DataError(`padTokens: ${message}`));
  });

  it.each<[unknown, string]>([
    [
      [
        [1, 2],
        [1, undefined],
      ],
      "row 1: undefined given at 1 ([0][1]), float32 expected",
    ],
    [[[1, 2, 3, null]], "row 0: null given at 3 ([1][1]), float32 expected"],
    [[[1, 1e300]], "row 0: 1e+300 given at 1 ([0][1]), float32, at most 3.4e38, expected"],
    [[[[1, 2]]], "row 0: an array of 2 given at 0, float32 expected"],
  ])("among vectors: %j", (rows, message) => {
    expect(() => padVectors(rows as number[][], 2)).toThrow(new DataError(`padVectors: ${message}`));
  });

  it("as the padding", () => {
    for (const padding of [0.5, Number.NaN, 2 ** 40, "0", null])
      expect(() => padTokens([[1]], { padding: padding as number })).toThrow(UsageError);
  });

  it("but NaN in vectors is one: a value that is missing", () => {
    expect(padVectors([[Number.NaN, Infinity]], 2).values.data).toEqual(
      Float32Array.of(Number.NaN, Infinity),
    );
    expect(padTokens(foreign("[[1], Int32Array.of(2)]")).values.data).toEqual(Int32Array.of(1, 2));
  });
});

describe("vectors side by side", () => {
  it("stand whole at their step and row", () => {
    const { values, lengths } = padVectors([[1, 2], Float32Array.of(3, 4, 5, 6)], 2);
    expect(values).toEqual({ data: Float32Array.of(1, 2, 3, 4, 0, 0, 5, 6), shape: [2, 2, 2] });
    expect(lengths).toEqual({ data: Int32Array.of(1, 2), shape: [2] });
    expect(padVectors([[7]], 1).values.shape).toEqual([1, 1, 1]);
  });

  it("refuse vectors that are not whole, and sizes that are none", () => {
    expect(() => padVectors([[1, 2, 3]], 2)).toThrow(
      "row 0 has 3 numbers, one or more vectors of 2 expected",
    );
    expect(() => padVectors([[1, 2], []], 2)).toThrow(DataError);
    for (const size of [0, -1, 1.5, Number.NaN]) expect(() => padVectors([[1]], size)).toThrow(UsageError);
  });
});

const [input, hidden] = [2, 3];

/** What a network makes of rows: outputs, final state, and the gradient of a loss that sees all of both. */
function program(cell: CellName) {
  const rnn = recurrent(cells[cell], input, hidden, { layers: 2, direction: "both" });
  const model = initialize({ rnn }, { seed: 5 });
  const run = compile(
    ({ x, lengths }) => {
      const { output, state } = model.rnn.apply(x, { lengths });
      const finals = Object.values(state);
      const loss = finals.reduce((sum, final) => sum.add(final.square().sum()), output.exp().sub(1).sum());
      return { output, finals, slopes: gradient(loss, Object.values(parameters(model))) };
    },
    { inputs: { x: float32("T", "B", input), lengths: int32("B") }, backend: reference },
  );
  return (rows: readonly Float64Array[]) => {
    const { values, lengths } = padVectors(rows, input);
    return run({ x: values, lengths });
  };
}

/** Element [first][row] of a tensor (N, B, size), for each of the N. */
function rowOf({ data, shape: [, batch = 0, size = 0] }: Value, row: number): number[] {
  return [...data].filter((_, at) => Math.floor(at / size) % batch === row);
}

describe("a network that is given the lengths", () => {
  it.each(Object.keys(cells) as CellName[])(
    "computes for each row what it computes for the row alone: %s",
    (cell) => {
      const run = program(cell);
      const lengthsOfRows = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 });
      fc.assert(
        fc.property(lengthsOfRows, fc.integer({ min: 1, max: 1000 }), (lengths, seed) => {
          const rows = lengths.map((length, row) => numbers(length * input, seed + row));
          const together = run(rows);
          const alone = rows.map((row) => run([row]));
          alone.forEach((one, row) => {
            const outputs = rowOf(together.output, row);
            expectNear(outputs.slice(0, one.output.data.length), [...one.output.data], 1e-12);
            expect(outputs.slice(one.output.data.length).every((number) => number === 0)).toBe(true);
            one.finals.forEach((final, at) => {
              expectNear(rowOf(together.finals[at] as Value, row), [...final.data], 1e-12);
            });
          });
          together.slopes.forEach(({ data }, at) => {
            const sums = Array.from(data, (_, index) =>
              alone.reduce((sum, { slopes }) => sum + (slopes[at]?.data[index] as number), 0),
            );
            expectNear([...data], sums, 1e-12);
          });
        }),
        { numRuns: 10 },
      );
    },
  );
});
