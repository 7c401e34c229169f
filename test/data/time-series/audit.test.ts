// What is found in series before anything is learnt from them, for people and as figures.
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { textSource } from "../../../src/data/source.ts";
import { seriesOfData } from "../../../src/data/time-series/from-arrays.ts";
import type { ReadSeriesOptions } from "../../../src/data/time-series/options.ts";
import { readSeries } from "../../../src/data/time-series/read.ts";
import { fileSource } from "../../../src/node/file-source.ts";
import { realData } from "../../helpers/real-data.ts";

const read = (text: string, options: ReadSeriesOptions) => readSeries(textSource("sales.csv", text), options);

it("says what is constant, missing, far out, and where there are gaps", async () => {
  const days = Array.from({ length: 30 }, (_, at) => `2020-01-${String(at + 1).padStart(2, "0")}`);
  const rows = days.flatMap((day, at) => [
    ...(at === 5 || at === 6 || at === 20
      ? []
      : [`${day},A,${at === 10 ? 999 : at % 7},${at % 2 ? "yes" : "no"}\n`]),
    ...(at < 20 ? [`${day},B,4,no\n`] : []),
    ...(at < 28 ? [`${day},C,${at > 25 || at === 3 ? "" : -at},\n`] : []),
  ]);
  const { audit } = await read(`date,store,sales,promotion\n${rows.join("")}`, {
    columns: { time: "date", series: "store", targets: ["sales"], known: ["promotion"] },
  });
  expect(audit.lines()).toEqual([
    "3 series, 75 rows, 2020-01-01 to 2020-01-30, step 1 day (times as yyyy-MM-dd)",
    "sales is constant in 1 of 3 series (B): 4",
    "2 gaps in 1 of 3 series (A): 3 steps of 1 day without a row, masked",
    "missing values: sales 1",
    "2 rows without targets at the end: what is known ahead",
    "series end at different times: B at 2020-01-20, A at 2020-01-30",
    "sales: -25 to 999, whole numbers, 24 below 0, 1 outlier such as 999 at 2020-01-11",
    "promotion: texts, no, yes",
  ]);
  expect(audit.json).toMatchObject({ rows: 75, step: "1 day", merged: 0 });
  expect(audit.json.series[0]).toEqual({
    id: "A",
    rows: 27,
    first: "2020-01-01",
    last: "2020-01-30",
    gaps: 2,
    gapSteps: 3,
    ahead: 0,
    missing: {},
    targets: {
      sales: {
        count: 27,
        least: 0,
        greatest: 999,
        constant: false,
        whole: true,
        negative: 0,
        outliers: 1,
        farthest: { time: "2020-01-11", line: expect.any(Number), value: 999 },
      },
    },
  });
  expect(audit.json.series[2]).toMatchObject({ ahead: 2, missing: { sales: 1 } });
  expect(JSON.parse(JSON.stringify(audit.json))).toEqual(audit.json);
});

it("names the first of many series, and counts the others", () => {
  const { audit } = seriesOfData(
    Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`s${at}`, [at, at]])),
  );
  expect(audit.lines()).toContain("value is constant in 9 of 9 series (s0, s1, s2, s3, s4 and 4 more)");
  expect(audit.json.series).toHaveLength(9);
});

it("takes few sales among zeros for no outliers, and says how rows were put together", async () => {
  const hours = ["00:00", "06:00", "12:00", "18:00"];
  const rows = Array.from({ length: 20 }, (_, at) =>
    hours.map(
      (hour) => `${String((at % 20) + 1).padStart(2, "0")}.01.2020 ${hour};${at % 9 === 0 ? "1,5" : "0"}\n`,
    ),
  );
  const { audit } = await read(`time;sales\n${rows.flat().join("")}`, {
    columns: { time: "time", targets: ["sales"] },
    frequency: "1d",
    aggregate: "sum",
    zone: "Europe/Berlin",
  });
  expect(audit.lines()).toEqual([
    "80 rows, 01.01.2020 00:00 to 20.01.2020 00:00, step 1 day (times as dd.MM.yyyy HH:mm, Europe/Berlin), decimal commas",
    "60 rows put together with others of their step: sum",
    "sales: 0 to 6, whole numbers",
  ]);
});

const FILES = [
  ["small-series/airline-passengers.csv", "Month", "Passengers", {}, 144, "1 month", 0],
  ["small-series/monthly-sunspots.csv", "Month", "Sunspots", {}, 2820, "1 month", 0],
  ["small-series/daily-min-temperatures.csv", "Date", "Temp", {}, 3652, "1 day", 2],
  ["nab/realKnownCause/nyc_taxi.csv", "timestamp", "value", {}, 10320, "30 minutes", 0],
  [
    "nab/realKnownCause/ambient_temperature_system_failure.csv",
    "timestamp",
    "value",
    {},
    7888,
    "1 hour",
    621,
  ],
  ["nab/realKnownCause/rogue_agent_key_hold.csv", "timestamp", "value", {}, 5338, "5 minutes", 3456],
  [
    "nab/realKnownCause/machine_temperature_system_failure.csv",
    "timestamp",
    "value",
    { aggregate: "mean" },
    22683,
    "5 minutes",
    0,
  ],
  [
    "nab/realKnownCause/ec2_request_latency_system_failure.csv",
    "timestamp",
    "value",
    { aggregate: "mean", frequency: "5min" },
    4033,
    "5 minutes",
    13,
  ],
] as const;

for (const [file, time, target, options, length, step, gapSteps] of FILES) {
  it(`reads ${file}`, async (context) => {
    const path = realData(file, context);
    const { series, audit } = await readSeries(await fileSource(path), {
      columns: { time, targets: [target] },
      ...options,
    });
    expect(series.map((one) => one.length)).toEqual([length]);
    expect(audit.json.step).toBe(step);
    expect(audit.json.series[0]?.gapSteps).toBe(gapSteps);
  });
}

it("reads ETTh1", async (context) => {
  const path = realData("ett/ETTh1.csv.gz", context);
  const source = textSource("ETTh1.csv", gunzipSync(await readFile(path)).toString());
  const names = ["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL"];
  const { series, grid } = await readSeries(source, {
    columns: { time: "date", targets: ["OT"], past: names },
  });
  expect([series[0]?.length, grid.step, grid.write(0)]).toEqual([17420, "1 hour", "2016-07-01 00:00:00"]);
  expect(series[0]?.columns.OT?.[0]).toBe(30.5310001373291);
});

it("names series without any value, and no constant that is not that of all", () => {
  const nothing = [null, null];
  const { audit } = seriesOfData({ a: [1, 2], b: nothing, c: [3, 3], d: [3, 3] }, {});
  expect(audit.lines()).toContain("value has no value in 1 of 4 series (b)");
  expect(audit.lines()).toContain("value is constant in 2 of 4 series (c, d): 3");
});

it("names the columns that are not read, and rows that have no times, in numbers that people read", async () => {
  const { audit } = await read("date,store,sales\n2020-01-01,A,1.100000023841858\n2020-01-01,B,1234567\n", {
    columns: { targets: ["sales"] },
  });
  expect(audit.lines()).toEqual([
    "2 rows without times, step 1 row",
    "other columns: date, store",
    "sales: 1.1 to 1234567",
  ]);
  expect(audit.json).toMatchObject({ others: ["date", "store"] });
});
