// Tables of series: what they are read into, as a whole, in the same way again, the last steps alone, and row by row; all that is refused.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import type { ReadSeriesOptions } from "../../../src/data/time-series/options.ts";
import { readSeries, readSeriesAs, seriesRows } from "../../../src/data/time-series/read.ts";
import { seriesReadingOfJson } from "../../../src/data/time-series/reading.ts";
import type { TimeSeries } from "../../../src/data/time-series/series.ts";
import { DataError, FormatError, UsageError } from "../../../src/errors.ts";

const columns = { time: "date", targets: ["sales"] };
const stores = { time: "date", series: "store", targets: ["sales"] };
const file = (text: string) => textSource("sales.csv", text);
const read = (text: string, options: Partial<ReadSeriesOptions> = {}) =>
  readSeries(file(text), { columns, ...options } as ReadSeriesOptions);
const values = ({ columns }: TimeSeries, name = "sales") => Array.from(columns[name] as Float64Array);
const plain = ({ id, start, length, columns, statics, lines }: TimeSeries) => ({
  id,
  start,
  length,
  columns: Object.fromEntries(Object.entries(columns).map(([name, list]) => [name, Array.from(list)])),
  statics,
  lines: Array.from(lines),
});
const nan = Number.NaN;

const TABLE = `\uFEFFdate;store;sales;price;promotion;region;size
2020-01-01;A;1,5;10;yes;north;3
2020-01-01;B;2;;no;south;4
2020-01-02;A;NA;11;yes;north;3
2020-01-02;B;3;12;none;south;4

2020-01-04;A;4;13;maybe;;
2020-01-05;A;;14;no;north;3
`;
const all = { ...stores, past: ["price"], known: ["promotion"], statics: ["region", "size"] };

describe("readSeries", () => {
  it("reads series of different ends, gaps, missing values, texts and static columns", async () => {
    const { series, grid, reading } = await read(TABLE, { columns: all });
    expect(series.map(plain)).toEqual([
      {
        id: "A",
        start: 0,
        length: 5,
        columns: {
          sales: [1.5, nan, nan, 4, nan],
          price: [10, 11, nan, 13, 14],
          "promotion=yes": [1, 1, nan, 0, 0],
          "promotion=no": [0, 0, nan, 0, 1],
          "promotion=maybe": [0, 0, nan, 1, 0],
        },
        statics: { "region=north": 1, "region=south": 0, size: 3 },
        lines: [2, 4, 0, 7, 8],
      },
      {
        id: "B",
        start: 0,
        length: 2,
        columns: {
          sales: [2, 3],
          price: [nan, 12],
          "promotion=yes": [0, 0],
          "promotion=no": [1, 0],
          "promotion=maybe": [0, 0],
        },
        statics: { "region=north": 0, "region=south": 1, size: 4 },
        lines: [3, 5],
      },
    ]);
    expect([grid.step, grid.write(4), reading.decimal]).toEqual(["1 day", "2020-01-05", "comma"]);
  });

  it("fills gaps between values, if asked, and nothing else", async () => {
    const filled = async (gaps: "last" | "linear") => {
      const { series } = await read(TABLE, { columns: all, gaps });
      const [first] = series as [TimeSeries];
      return [values(first), values(first, "price"), values(first, "promotion=yes")];
    };
    expect(await filled("last")).toEqual([
      [1.5, 1.5, 1.5, 4, nan],
      [10, 11, 11, 13, 14],
      [1, 1, 1, 0, 0],
    ]);
    expect(await filled("linear")).toEqual([
      [1.5, 1.5 + 2.5 / 3, 1.5 + 5 / 3, 4, nan],
      [10, 11, 12, 13, 14],
      [1, 1, 1, 0, 0],
    ]);
  });

  it("numbers rows where there is no column of times", async () => {
    const text = "store,sales\nA,1\nB,2\nA,3\n";
    const { series, grid } = await read(text, { columns: { series: "store", targets: ["sales"] } });
    expect(series.map((one) => [one.start, values(one)])).toEqual([
      [0, [1, 3]],
      [0, [2]],
    ]);
    expect([grid.write(0), grid.step, grid.season]).toEqual(["1", "1 row", 1]);
  });

  it.each([
    ["sum", [6, 4], [3, 9]],
    ["mean", [3, 4], [3, 9]],
    ["first", [1, 4], [2, 9]],
    ["last", [5, 4], [4, 9]],
  ] as const)("puts rows of a step together: %s", async (aggregate, sales, price) => {
    const text = `date,sales,price
2020-01-01 10:00,1,2
2020-01-01 18:00,,
2020-01-01 18:00,5,4
2020-01-02 09:00,4,9
`;
    const known = { ...columns, known: ["price"] };
    const { series, audit } = await read(text, { columns: known, aggregate, frequency: "1d" });
    const [one] = series as [TimeSeries];
    expect([values(one), values(one, "price")]).toEqual([sales, price]);
    expect(Array.from(one.lines)).toEqual([2, 5]);
    expect(audit.json.merged).toBe(2);
  });

  it("puts a row together with one of its step that stands further up, and no row before that", async () => {
    const rows = "date,sales\n2020-01-01,1\n2020-01-02,2\n2020-01-03,3\n";
    const { series } = await read(`${rows}2020-01-02,4\n2020-01-04,5\n`, { aggregate: "mean" });
    expect(values(series[0] as TimeSeries)).toEqual([1, 3, 3, 5]);
    await expect(read(`${rows}2019-12-31,4\n`, { aggregate: "mean" })).rejects.toThrow(
      "sales.csv: line 5: 2019-12-31 stands after 2020-01-03 (line 4): rows in the order of time expected",
    );
  });

  it("reads business days, months, steps and times in zones", async () => {
    const step = async (times: readonly string[], options?: Partial<ReadSeriesOptions>) => {
      const table = await read(`date,sales\n${times.map((time) => `${time},1\n`).join("")}`, options);
      return [table.grid.step, table.series[0]?.length];
    };
    expect(await step(["2020-01-02", "2020-01-03", "2020-01-06"])).toEqual(["1 business day", 3]);
    expect(await step(["31.01.2020", "29.02.2020", "31.03.2020"])).toEqual(["1 month", 3]);
    expect(await step(["10", "20", "50"], { frequency: "10" })).toEqual(["10 rows", 5]);
    expect(await step(["1", "2"], { timeFormat: "number" })).toEqual(["1 row", 2]);
    const night = ["2020-10-25 01:00", "2020-10-25 02:00", "2020-10-25 02:00", "2020-10-25 03:00"];
    expect(await step(night, { zone: "Europe/Berlin" })).toEqual(["1 hour", 4]);
    expect(await step(["2020-03-29 01:00", "2020-03-29 03:00", "2020-03-29 04:00"])).toEqual(["1 hour", 4]);
    expect(await step(["2020-01-01"], { frequency: "1d" })).toEqual(["1 day", 1]);
  });

  it("finds a decimal mark in all columns together, or takes the one that is stated", async () => {
    const text = 'date,sales,price\n2020-01-01,"1,234","0,5"\n2020-01-02,"2,5",1\n';
    const two = { ...columns, past: ["price"] };
    expect(values((await read(text, { columns: two })).series[0] as TimeSeries)).toEqual([1.234, 2.5]);
    const doubt = 'date,sales\n2020-01-01,"1,234"\n2020-01-02,5\n';
    await expect(read(doubt)).rejects.toThrow(
      'sales.csv: line 2: sales is "1,234", which may be 1234 or 1.234: a decimal mark (point or comma) expected that says which',
    );
    expect(values((await read(doubt, { decimal: "point" })).series[0] as TimeSeries)).toEqual([1234, 5]);
  });
});

const day = (rows: string) => `date,sales\n${rows}`;

describe("what is refused", () => {
  it.each<[what: string, text: string, message: string, options?: Partial<ReadSeriesOptions>]>([
    ["no header", "2020-01-01,1\n2020-01-02,2\n", "sales.csv: line 1 looks like data"],
    ["no rows", "date,sales\n", "sales.csv has no rows: two or more expected"],
    [
      "one row",
      day("2020-01-01,1\n"),
      "sales.csv has one row: two times of a series expected, or a frequency",
    ],
    [
      "a column that is not there",
      "date,sale\n2020-01-01,1\n",
      'sales.csv has no column "sales": did you mean sale?',
    ],
    [
      "a target that is text",
      day("2020-01-01,1\n2020-01-02,abc\n"),
      'sales.csv: line 3: sales is "abc", a number expected',
    ],
    [
      "a target of nothing",
      day("2020-01-01,\n2020-01-02,NA\n"),
      "sales.csv: sales is missing in all rows: numbers expected",
    ],
    [
      "a text among numbers",
      "date,sales,price\n2020-01-01,1,2\n2020-01-02,1,x\n2020-01-03,1,2\n",
      'sales.csv: line 3: price is "x", a number expected',
      { columns: { ...columns, known: ["price"] } },
    ],
    ["no time", day("2020-01-01,1\n,2\n"), 'sales.csv: line 3: date is "", a time expected'],
    [
      "two formats",
      day("2020-01-01,1\n02.01.2020,2\n"),
      'sales.csv: line 3: date is "02.01.2020", a time written as',
    ],
    [
      "days or months",
      day("01/02/2020,1\n02/02/2020,2\n"),
      'sales.csv: line 2: date is "01/02/2020", which may be dd/MM/yyyy or MM/dd/yyyy',
    ],
    [
      "another format than stated",
      day("2020-01-01,1\n"),
      "a time as dd.MM.yyyy expected",
      { timeFormat: "dd.MM.yyyy" },
    ],
    [
      "times out of order",
      day("2020-01-01,1\n2020-01-03,2\n2020-01-02,2\n2020-01-04,1\n"),
      "sales.csv: line 4: 2020-01-02 stands after 2020-01-03 (line 3): rows in the order of time expected",
    ],
    [
      "a time twice in a series",
      "date,store,sales\n2020-01-01,A,1\n2020-01-01,B,2\n2020-01-02,A,1\n2020-01-01,B,2\n",
      "sales.csv: line 5: 2020-01-01 of series B stands at line 3 too: an aggregate (sum, mean, first or last) puts such rows together",
      { columns: stores },
    ],
    [
      "the hour that clocks show twice",
      day("2020-10-25 01:00,1\n2020-10-25 02:00,2\n2020-10-25 02:00,2\n"),
      "puts such rows together; a time zone tells the hour apart that clocks show twice in autumn",
    ],
    [
      "the hour that clocks never show",
      day("2020-03-29 01:00,1\n2020-03-29 02:00,2\n"),
      'sales.csv: line 3: date is "2020-03-29 02:00", which clocks in Europe/Berlin never show',
      { zone: "Europe/Berlin" },
    ],
    [
      "times on no grid",
      day(
        "2020-01-01 00:00,1\n2020-01-01 00:05,2\n2020-01-01 00:10,2\n2020-01-01 00:12,1\n2020-01-01 00:13,1\n2020-01-01 00:20,1\n",
      ),
      'sales.csv: line 3: date is "2020-01-01 00:05"',
      { frequency: "10min" },
    ],
    [
      "a frequency that most times are not on",
      day("2020-01-01 00:00,1\n2020-01-01 12:00,2\n2020-01-02 00:00,2\n"),
      "the first of 1 of 3 times that lie on no step of 1 day from 2020-01-01 00:00: a frequency with an aggregate puts rows into steps",
      { frequency: "1d" },
    ],
    [
      "days whose offsets differ, without a zone",
      day("2020-10-24T00:00+02:00,1\n2020-10-25T00:00+02:00,2\n2020-10-26T00:00+01:00,2\n"),
      "a zone keeps days together whose offsets differ, a frequency with an aggregate puts rows into steps",
    ],
    [
      "times on no grid, of which none is stated",
      day("2020-01-01 00:00,1\n2020-01-01 00:05,2\n2020-01-01 00:11,2\n2020-01-01 00:30,1\n"),
      'sales.csv: line 4: date is "2020-01-01 00:11", the first of 1 of 4 times that lie on no step of 5 minutes from 2020-01-01 00:00',
    ],
    [
      "a name that a text makes too",
      "date,sales,a,a=b\n2020-01-01,1,b,1\n2020-01-02,1,c,1\n",
      "sales.csv: a=b is the name of a column, and of a text of another one: one expected",
      { columns: { ...columns, past: ["a", "a=b"] } },
    ],
    [
      "a time far away",
      day("2020-01-01 00:00:00,1\n2020-01-01 00:00:01,2\n2021-01-01 00:00:00,2\n"),
      "sales.csv: line 4: 2021-01-01 00:00:00 is 31622399 steps of 1 second after the row before: at most 1000000 expected",
    ],
    [
      "a series without a name",
      "date,store,sales\n2020-01-01,,1\n",
      'line 2: store is "", the name of a series expected',
      { columns: stores },
    ],
    [
      "a static column that changes",
      "date,sales,region\n2020-01-01,1,3\n2020-01-02,1,4\n",
      "sales.csv: line 3: region is 4, and 3 before (line 2): a static column is the same in all rows of a series",
      { columns: { ...columns, statics: ["region"] } },
    ],
    [
      "too many texts",
      `date,sales,note\n${Array.from({ length: 101 }, (_, at) => `${2000 + at},1,text ${at}\n`).join("")}`,
      "sales.csv: note has 101 different texts: numbers, or at most 100 texts expected",
      { columns: { ...columns, past: ["note"] } },
    ],
    ["a row that is cut off", day("2020-01-01,1\n2020-01-02\n"), "sales.csv: line 3 has 1 cell, 2 expected"],
    [
      "a column that is there twice",
      "date,sales,sales\n2020-01-01,1,2\n",
      "sales.csv: several columns are named sales",
    ],
  ])("%s", async (_, text, message, options) => {
    await expect(read(text, options)).rejects.toThrow(DataError);
    await expect(read(text, options)).rejects.toThrow(message);
    await expect(read(text, options)).rejects.toThrow(/^[^\n]*$/);
  });

  it.each<[options: object, message: string]>([
    [{ columns: undefined }, "option columns is missing"],
    [{ columns: { time: "date" } }, "option targets is missing"],
    [{ columns: { ...columns, targets: [] } }, "no targets given"],
    [{ columns: { ...columns, targets: "sales" } }, 'targets "sales" given, a list of names expected'],
    [{ columns: { ...columns, known: [5] } }, "known: 5 given, the name of a column expected"],
    [
      { columns: { ...columns, known: ["sales"] } },
      'column "sales" is given for two uses (known, targets), one expected',
    ],
    [{ columns: { ...columns, features: [] } }, "option features is unknown"],
    [{ decimal: "," }, 'decimal "," is unknown: expected point, comma'],
    [{ aggregate: "max" }, 'aggregate "max" is unknown'],
    [{ gaps: "zero" }, 'gaps "zero" is unknown: expected mask, last, linear'],
    [{ zone: "Mars" }, 'zone "Mars" is unknown'],
    [{ frequency: 5 }, "frequency 5 given"],
    [{ frequency: "often" }, 'frequency "often" given'],
    [{ timeFormat: "%Y-%m-%d" }, 'time format "%Y-%m-%d" given'],
    [{ columns: { targets: ["sales"] }, zone: "UTC" }, "but no column of times"],
    [{ delimiter: "ab" }, 'delimiter "ab" given'],
    [{ header: true }, "option header is unknown"],
  ])("%j", async (options, message) => {
    const text = day("2020-01-01,1\n2020-01-02,2\n");
    await expect(read(text, options)).rejects.toThrow(UsageError);
    await expect(read(text, options)).rejects.toThrow(message);
  });
});

describe("another table", () => {
  const readingOf = async (text: string, options?: Partial<ReadSeriesOptions>) => {
    const { reading } = await read(text, options);
    return seriesReadingOfJson(JSON.parse(JSON.stringify(reading)), "model.safetensors");
  };

  it("is read in the same way: columns in another order, texts that are unknown, on the same grid", async () => {
    const reading = await readingOf(TABLE, { columns: all });
    const other = `size;region;more;promotion;price;sales;store;date
5;west;x;no;1,234;1.000;C;2019-12-31
5;west;x;sometimes;2;2;C;2020-01-02
`;
    const { series, grid } = await readSeriesAs(file(other), reading);
    expect(series.map(plain)).toEqual([
      {
        id: "C",
        start: -1,
        length: 3,
        columns: {
          sales: [1000, nan, 2],
          price: [1.234, nan, 2],
          "promotion=yes": [0, nan, 0],
          "promotion=no": [1, nan, 0],
          "promotion=maybe": [0, nan, 0],
        },
        statics: { "region=north": 0, "region=south": 0, size: 5 },
        lines: [2, 0, 3],
      },
    ]);
    expect(grid.write(-1)).toBe("2019-12-31");
  });

  it("is refused where a column is missing, or a time is written otherwise or on no step", async () => {
    const reading = await readingOf(day("2020-01-06,1\n2020-01-13,2\n"));
    const again = (text: string) => readSeriesAs(file(text), reading);
    await expect(again("date,sale\n2020-01-06,1\n")).rejects.toThrow(
      'sales.csv has no column "sales": did you mean sale?',
    );
    await expect(again(day("06.01.2020,1\n"))).rejects.toThrow(
      'line 2: date is "06.01.2020", a time as yyyy-MM-dd expected',
    );
    await expect(again(day("2020-01-07,1\n"))).rejects.toThrow(
      "sales.csv: line 2: 2020-01-07 lies on no step of 1 week from 2020-01-06",
    );
    await expect(again(day("2020-01-06,x\n"))).rejects.toThrow('line 2: sales is "x", a number expected');
  });

  it("is held by its last steps alone, if asked: the same as those of the whole", async () => {
    const reading = await readingOf(TABLE, { columns: all });
    const row = fc.record({
      store: fc.constantFrom("A", "B", "C"),
      ahead: fc.integer({ min: 1, max: 9 }),
      sales: fc.nat(99),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        async (rows, keep) => {
          const at: Record<string, number> = {};
          const lines = rows.map(({ store, ahead, sales }) => {
            at[store] = (at[store] ?? -20) + ahead;
            return `${reading.grid.write(at[store] as number)};${store};${sales};1;no;north;3\n`;
          });
          const text = `date;store;sales;price;promotion;region;size\n${lines.join("")}`;
          const whole = await readSeriesAs(file(text), reading);
          const kept = await readSeriesAs(file(text), reading, { keep });
          expect(kept.series.map(plain)).toEqual(
            whole.series.map((series) => {
              const cut = plain(series);
              const from = Math.max(0, cut.length - keep);
              return {
                ...cut,
                start: cut.start + from,
                length: cut.length - from,
                columns: Object.fromEntries(
                  Object.entries(cut.columns).map(([name, list]) => [name, list.slice(from)]),
                ),
                lines: cut.lines.slice(from),
              };
            }),
          );
        },
      ),
    );
    await expect(readSeriesAs(file(TABLE), reading, { keep: 0 })).rejects.toThrow(UsageError);
    await expect(readSeriesAs(file(TABLE), reading, { last: 1 } as never)).rejects.toThrow(/last is unknown/);
  });

  it("puts rows of a step together as the first one did, also of the last steps alone", async () => {
    const reading = await readingOf(day("2020-01-01 00:30,1\n2020-01-01 01:10,2\n2020-01-01 01:50,4\n"), {
      frequency: "1h",
      aggregate: "mean",
    });
    const text = day(
      "2020-01-01 05:10,1\n2020-01-01 07:10,1\n2020-01-01 07:20,2\n2020-01-01 08:10,6\n2020-01-01 07:50,6\n",
    );
    const { series } = await readSeriesAs(file(text), reading, { keep: 3 });
    expect(series.map((one) => [one.start, values(one)])).toEqual([[6, [nan, 3, 6]]]);
  });
});

describe("rows", () => {
  it("come one at a time, doubled, out of order and on no step as they are", async () => {
    const { reading } = await read(TABLE, { columns: all });
    const rows = [];
    const text = `date;store;sales;price;promotion;region;size
2020-01-07;A;5;1;no;north;3
2020-01-07;A;NA;1;yes;north;3
2020-01-06;A;7;1;maybe;north;3
`;
    for await (const row of seriesRows(file(text), reading))
      rows.push({ ...row, values: Array.from(row.values), statics: Array.from(row.statics) });
    const statics = [1, 0, 3];
    expect(rows).toEqual([
      { line: 2, id: "A", time: "2020-01-07", index: 6, within: 6, values: [5, 1, 0, 1, 0], statics },
      { line: 3, id: "A", time: "2020-01-07", index: 6, within: 6, values: [nan, 1, 1, 0, 0], statics },
      { line: 4, id: "A", time: "2020-01-06", index: 5, within: 5, values: [7, 1, 0, 0, 1], statics },
    ]);
    const weekly = await read(day("2020-01-06,1\n2020-01-13,2\n"));
    const [row] = [await seriesRows(file(day("2020-01-07,1\n")), weekly.reading).next()];
    expect(row.value).toMatchObject({ index: undefined, within: 0, time: "2020-01-07" });
  });

  it("come as soon as their lines are there, of a source that never ends", async () => {
    const { reading } = await read(day("2020-01-01,1\n2020-01-02,2\n"));
    const pieces = [day("2020-01-03,3\n2020-"), "01-04,4\n"].map((text) => new TextEncoder().encode(text));
    let closed = false;
    const endless = {
      name: "-",
      size: 0,
      arrayBuffer: () => Promise.reject(new Error("endless")),
      stream: () => ({
        getReader: () => ({
          read: () =>
            pieces.length > 0
              ? Promise.resolve({ done: false, value: pieces.shift() })
              : new Promise<never>(() => {}),
          cancel: async () => {
            closed = true;
          },
        }),
      }),
    };
    const found = [];
    for await (const { time } of seriesRows(endless, reading)) {
      found.push(time);
      if (found.length === 2) break;
    }
    expect(found).toEqual(["2020-01-03", "2020-01-04"]);
    expect(closed).toBe(true);
  });

  it("end with an error that names line and column", async () => {
    const { reading } = await read(day("2020-01-01,1\n2020-01-02,2\n"));
    const rows = seriesRows(file(day("2020-01-03,3\n2020-01-04,x\n")), reading);
    await rows.next();
    await expect(rows.next()).rejects.toThrow('sales.csv: line 3: sales is "x", a number expected');
  });
});

it("asks for a reading that was read from its JSON", async () => {
  const { reading } = await read(day("2020-01-01,1\n2020-01-02,2\n"));
  const json = JSON.parse(JSON.stringify(reading));
  expect(() => seriesRows(file(""), json)).toThrow(UsageError);
  await expect(readSeriesAs(file(""), json)).rejects.toThrow(
    /^readSeriesAs: reading an object given, one of readSeries/,
  );
  for (const wrong of [
    null,
    { ...json, grid: {} },
    { ...json, decimal: "." },
    { ...json, gaps: undefined },
    { ...json, aggregate: 1 },
    { ...json, categories: { a: [1] } },
    { ...json, categories: null },
    { ...json, columns: { targets: [] } },
    { ...json, more: 1 },
  ]) {
    const again = () => seriesReadingOfJson(wrong, "model.safetensors");
    expect(again).toThrow(FormatError);
    expect(again).toThrow(/^model\.safetensors: [^\n]+$/);
  }
});
