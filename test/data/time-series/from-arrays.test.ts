// Series from arrays: the same as from a file, whatever form they have, and errors that name row and series.
import { describe, expect, it } from "vitest";
import { type SeriesData, seriesOfData, seriesOfDataAs } from "../../../src/data/time-series/from-arrays.ts";
import { seriesReadingOfJson } from "../../../src/data/time-series/reading.ts";
import type { SeriesSet } from "../../../src/data/time-series/series.ts";
import { DataError, UsageError } from "../../../src/errors.ts";

const nan = Number.NaN;
const plain = ({ series }: SeriesSet) =>
  series.map(({ id, start, columns }) => [
    id,
    start,
    ...Object.entries(columns).map(([name, values]) => [name, ...values]),
  ]);
const day = (number: number) => new Date(Date.UTC(2020, 0, number));
const columns = { time: "day", targets: ["sales"] };

describe("seriesOfData", () => {
  it.each<[what: string, data: SeriesData]>([
    ["an array", [1, 2.5, null, 4]],
    ["a typed array", Float32Array.of(1, 2.5, nan, 4)],
  ])("reads %s as one series", (_, data) => {
    const table = seriesOfData(data);
    expect(plain(table)).toEqual([["", 0, ["value", 1, 2.5, nan, 4]]]);
    expect(Array.from(table.series[0]?.lines ?? [])).toEqual([1, 2, 3, 4]);
    expect(table.audit.lines()).toEqual([
      "4 rows without times, step 1 row",
      "missing values: value 1",
      "value: 1 to 4",
    ]);
  });

  it("reads series by name, of numbers or of rows", () => {
    expect(plain(seriesOfData({ north: [1, 2], south: Float64Array.of(3) }))).toEqual([
      ["north", 0, ["value", 1, 2]],
      ["south", 0, ["value", 3]],
    ]);
    const rows = {
      north: [
        { day: day(1), sales: 1 },
        { day: day(3), sales: 2 },
      ],
      south: [{ day: day(2), sales: 5 }],
    };
    const table = seriesOfData(rows, { columns, frequency: "1d" });
    expect(plain(table)).toEqual([
      ["north", 0, ["sales", 1, nan, 2]],
      ["south", 1, ["sales", 5]],
    ]);
  });

  it("reads rows: dates, texts, booleans, and columns that some rows lack", () => {
    const data = [
      { day: day(1), store: "A", sales: 1, holiday: true },
      { day: day(2), store: "A", sales: undefined, holiday: false },
      { day: day(1), store: "B", sales: "1.5", price: 7 },
      { day: day(3), store: "A", sales: 3, holiday: false },
    ];
    const table = seriesOfData(data, {
      columns: { ...columns, series: "store", past: ["price"], known: ["holiday"] },
    });
    expect(plain(table)).toEqual([
      [
        "A",
        0,
        ["sales", 1, nan, 3],
        ["price", nan, nan, nan],
        ["holiday=true", 1, 0, 0],
        ["holiday=false", 0, 1, 1],
      ],
      ["B", 0, ["sales", 1.5], ["price", 7], ["holiday=true", 0], ["holiday=false", 0]],
    ]);
    expect(table.grid.write(0)).toBe("2020-01-01T00:00:00.000Z");
  });

  it.each<[data: unknown, options: object | undefined, message: string]>([
    [[1, "abc"], undefined, 'data: row 2: value is "abc", a number expected'],
    [[1, Infinity], undefined, 'data: row 2: value is "Infinity", a number expected'],
    [
      { a: [1], b: [1, {}] },
      undefined,
      "data: row 2 of series b: value is an object, a number, a text, a date or null expected",
    ],
    [{ a: [1], b: ["x"] }, undefined, 'data: row 1 of series b: value is "x", a number expected'],
    [[], undefined, "data has no rows"],
    [[nan, null], undefined, "data: value is missing in all rows"],
    [[{ day: day(1), sales: 1 }, 5], { columns }, "data: row 2 is 5, an object with columns expected"],
    [[{ day: day(1), sale: 1 }], { columns }, 'data has no column "sales": did you mean sale?'],
    [
      [{ day: new Date(nan), sales: 1 }],
      { columns },
      "data: row 1: day is a Date, a number, a text, a date or null expected",
    ],
    [
      [
        { day: day(2), sales: 1 },
        { day: day(1), sales: 1 },
      ],
      { columns },
      "data: row 2: 2020-01-01T00:00:00.000Z stands after",
    ],
    [
      {
        a: [
          { day: day(2), sales: 1 },
          { day: day(2), sales: 1 },
        ],
      },
      { columns, frequency: "1d" },
      "data: row 2 of series a: 2020-01-02T00:00:00.000Z of series a stands at row 1 too",
    ],
  ])("refuses %j", (data, options, message) => {
    expect(() => seriesOfData(data as SeriesData, options)).toThrow(DataError);
    expect(() => seriesOfData(data as SeriesData, options)).toThrow(message);
  });

  it.each<[data: unknown, options: object | undefined, message: string]>([
    [5, undefined, "seriesOfData: 5 given, numbers, rows, or a record of them expected"],
    [null, undefined, "seriesOfData: null given"],
    [new Map(), undefined, "seriesOfData: a Map given"],
    [{ a: 5 }, undefined, "seriesOfData: series a: 5 given, numbers or rows expected"],
    [[{ sales: 1 }], undefined, "option columns is missing"],
    [[1], { rate: 1 }, "option rate is unknown"],
    [[1], { frequency: "1d" }, "but no column of times"],
  ])("refuses %j with %j", (data, options, message) => {
    expect(() => seriesOfData(data as SeriesData, options)).toThrow(UsageError);
    expect(() => seriesOfData(data as SeriesData, options)).toThrow(message);
  });
});

describe("seriesOfDataAs", () => {
  const json = (set: { readonly reading: object }) =>
    seriesReadingOfJson(JSON.parse(JSON.stringify(set.reading)), "m");

  it("reads other data in the same way", () => {
    const rows = [
      { day: day(1), store: "A", sales: 1 },
      { day: day(2), store: "A", sales: 2 },
    ];
    const reading = json(seriesOfData(rows, { columns: { ...columns, series: "store" } }));
    const other = seriesOfDataAs([{ sales: 3, store: "B", day: day(4) }], reading);
    expect(plain(other)).toEqual([["B", 3, ["sales", 3]]]);
    expect(() => seriesOfDataAs([{ sales: 3, day: day(4) }], reading)).toThrow('data has no column "store"');
    const named = seriesOfDataAs({ C: [{ sales: 3, day: day(4) }] }, reading);
    expect(plain(named)).toEqual([["C", 3, ["sales", 3]]]);
  });

  it("takes numbers for the target, and a series alone without a name", () => {
    const reading = json(seriesOfData({ north: [1, 2], south: [3] }));
    expect(plain(seriesOfDataAs([5, 6], reading))).toEqual([["", 0, ["value", 5, 6]]]);
    expect(plain(seriesOfDataAs({ west: [7] }, reading))).toEqual([["west", 0, ["value", 7]]]);
    expect(() => seriesOfDataAs([1], {} as never)).toThrow(UsageError);
    expect(() => seriesOfDataAs(7 as never, reading)).toThrow(/^seriesOfDataAs: 7 given/);
  });

  it("reads several where one was read", () => {
    const reading = json(seriesOfData([1, 2]));
    expect(plain(seriesOfDataAs({ west: [7], east: [8] }, reading))).toEqual([
      ["west", 0, ["value", 7]],
      ["east", 0, ["value", 8]],
    ]);
  });
});
