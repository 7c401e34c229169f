// Tables: what records, cells and headers are, against Papa Parse given whole texts, and every way in which they are none.
import fc from "fast-check";
import Papa from "papaparse";
import { expect, it } from "vitest";
import { type CsvOptions, columnOf, openCsv } from "../../src/data/csv.ts";
import { textSource } from "../../src/data/source.ts";
import { DataError, UsageError } from "../../src/errors.ts";

async function read(text: string, options?: CsvOptions) {
  const table = await openCsv(textSource("table.csv", text), options);
  const rows = [];
  for await (const row of table.rows()) rows.push(row);
  return { names: table.names, delimiter: table.delimiter, rows, cells: rows.map(({ cells }) => cells) };
}

it("reads what Papa Parse writes, whatever stands in the cells", async () => {
  const special = fc.string({ unit: fc.constantFrom("a", '"', ",", ";", "\n", "\t", " "), maxLength: 8 });
  const cell = fc.oneof(fc.string({ unit: "grapheme-ascii", maxLength: 5 }), special);
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.constantFrom(",", ";", "\t", "|"),
      fc.constantFrom("\n", "\r\n"),
      async (cells, delimiter, newline) => {
        const text = Papa.unparse([["one", "two"], ...cells], { delimiter, newline });
        const found = await read(text);
        expect(found.delimiter).toBe(delimiter);
        expect(found.cells).toEqual(cells.map((row) => row.map((text) => text)));
      },
    ),
  );
});

it("finds columns and lines of records, past blank lines, a byte order mark and quotes across lines", async () => {
  const { names, rows } = await read('\uFEFF"day, first" ; value\r\n\r\n1;"a\r\n""b"""\r\n  \n2;5" pipe\n');
  expect(names).toEqual(["day, first", "value"]);
  expect(rows).toEqual([
    { line: 3, cells: ["1", 'a\n"b"'] },
    { line: 6, cells: ["2", '5" pipe'] },
  ]);
});

it("takes a blank line between the rows of one column for an empty cell", async () => {
  expect((await read("value\n1\n\n3\n\n\n")).rows).toEqual([
    { line: 2, cells: ["1"] },
    { line: 3, cells: [""] },
    { line: 4, cells: ["3"] },
  ]);
});

it("keeps lines of delimiters that are white space", async () => {
  expect((await read("a\tb\n1\t2\n\t\n")).cells).toEqual([
    ["1", "2"],
    ["", ""],
  ]);
});

it("numbers columns that have no name, or that of another one, and finds the others by name", async () => {
  const table = await openCsv(textSource("t.csv", ",price,x,x\n"));
  expect(table.names).toEqual(["column 1", "price", "x", "column 4"]);
  expect(columnOf(table, "price")).toBe(1);
  expect(() => columnOf(table, "Price")).toThrow(/^t\.csv has no column "Price": did you mean price\?$/);
  expect(() => columnOf(table, "x")).toThrow(/^t\.csv: several columns are named x: one expected$/);
  await table.close();
});

it.each([
  ["", "table.csv is empty: a header with the names of columns expected"],
  ["\n \n", "table.csv is empty: a header with the names of columns expected"],
  [
    "\n2020-01-01 00:00:00,5.5,-1e3\n",
    'table.csv: line 2 looks like data ("2020-01-01 00:00:00,5.5,-1e3"): a header',
  ],
  ["a,b\n1,2\n3\n", "table.csv: line 3 has 1 cell, 2 expected, as in the header"],
  ["a,b\n1,2,\n", "table.csv: line 2 has 3 cells, 2 expected, as in the header"],
  ['a,b\n1,2\n3,"4\n5,6\n', "table.csv: line 3: a quote is opened and never closed"],
  ['"a,b\n1,2\n', "table.csv: line 1: a quote is opened and never closed"],
  ['a,b\n"1"2,3\n', "table.csv: line 2: a quoted cell goes on after its closing quote"],
])("refuses %j", async (text, message) => {
  await expect(read(text)).rejects.toThrow(DataError);
  await expect(read(text)).rejects.toThrow(message);
});

it("refuses delimiters that are none, and uses one that is given", async () => {
  for (const delimiter of ["", "ab", '"', "\n", 1]) {
    await expect(read("a", { delimiter } as never)).rejects.toThrow(UsageError);
  }
  expect((await read("a,b:c,d\n1,2:3\n", { delimiter: ":" })).cells).toEqual([["1,2", "3"]]);
});

it("stops reading a quote that nobody closes long before the end of a large file", async () => {
  let pieces = 0;
  const encoder = new TextEncoder();
  const rows = encoder.encode("3,4\n".repeat(2 ** 18));
  const endless = {
    name: "endless.csv",
    size: 1,
    arrayBuffer: async () => new ArrayBuffer(0),
    stream: () => ({
      getReader: () => ({
        read: async () => ({
          done: ++pieces > 100,
          value: pieces === 1 ? encoder.encode('a,b\n1,"2\n') : rows,
        }),
        cancel: async () => undefined,
      }),
    }),
  };
  const table = await openCsv(endless);
  await expect(table.rows().next()).rejects.toThrow(
    "endless.csv: line 2: a quote is opened and never closed",
  );
  expect(pieces).toBeLessThan(10);
});

it("closes what it reads from, when it is left in the middle or at the header", async () => {
  let closed = 0;
  const source = (text: string) => ({
    ...textSource("t.csv", text),
    stream: () => {
      const chunks = [new TextEncoder().encode(text), new TextEncoder().encode("1,2\n")];
      return {
        getReader: () => ({
          read: async () => ({ done: chunks.length === 0, value: chunks.shift() }),
          cancel: async () => void closed++,
        }),
      };
    },
  });
  for await (const _ of (await openCsv(source("a,b\n1,2\n"))).rows()) break;
  await (await openCsv(source("a,b\n1,2\n"))).close();
  await expect(openCsv(source("1,2\n"))).rejects.toThrow(DataError);
  expect(closed).toBe(3);
});
