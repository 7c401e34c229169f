// How times are written: found, read and written again to the letter; what is no time, is written in two ways, or may be two times.
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  findTimeFormat,
  readTime,
  type TimeFormat,
  timeProblem,
  writeTime,
} from "../../../src/data/time/format.ts";
import { DataError, UsageError } from "../../../src/errors.ts";

const MINUTE = 60_000;

/** Formats as files have them, and the unit in which their times are whole. */
const FORMATS: readonly [pattern: string, unit: number, zone?: string][] = [
  ["yyyy-MM-dd", 24 * 60 * MINUTE],
  ["yyyyMMdd", 24 * 60 * MINUTE],
  ["dd.MM.yyyy", 24 * 60 * MINUTE],
  ["yyyy-MM-dd HH:mm", MINUTE],
  ["yyyy-MM-dd'T'HH:mm:ss", 1000],
  ["yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", 1, "UTC"],
  ["yyyy-MM-dd HH:mm:ss", 1],
  ["yyyy-MM-dd HH:mm:ss.SSSSSS", 1],
  ["yyyy-MM-dd'T'HH:mm:ssZZ", 1000, "+05:30"],
  ["yyyy-MM-dd HH:mmZZZ", MINUTE, "-03:00"],
  ["d.M.yyyy H:mm", MINUTE],
  ["M/d/yyyy h:mm a", MINUTE],
  ["X", 1000, "UTC"],
  ["x", 1, "UTC"],
  ["d MMM yyyy HH:mm", MINUTE],
  ["cccc, d MMMM yyyy", 24 * 60 * MINUTE],
];

it.each(FORMATS)("reads what it writes as %s", (pattern, unit, zone) => {
  const format: TimeFormat = { pattern, zone };
  const offset = { "+05:30": 330 * MINUTE, "-03:00": -180 * MINUTE }[zone ?? ""] ?? 0;
  const range = { min: Math.ceil(Date.UTC(2002, 0) / unit), max: Math.floor(Date.UTC(2199, 11) / unit) };
  fc.assert(
    fc.property(fc.integer(range), (count) => {
      const time = count * unit - (unit > MINUTE ? offset : 0);
      expect(readTime(format, writeTime(format, time))).toBe(time);
    }),
  );
});

it.each(FORMATS.filter(([pattern]) => !pattern.includes("MMM")))("finds %s", (pattern, unit, zone) => {
  const times = [Date.UTC(2020, 0, 31), Date.UTC(2020, 1, 1, 13, 5, 7, 250), Date.UTC(2020, 10, 25)];
  const texts = times.map((time) => writeTime({ pattern, zone }, Math.floor(time / unit) * unit));
  expect(findTimeFormat(texts)).toEqual(zone === undefined ? { pattern } : { pattern, zone });
});

it.each([
  [["1999", "2000"], "yyyy", Date.UTC(1999, 0)],
  [["1949-01", "1949-12"], "yyyy-MM", Date.UTC(1949, 0)],
  [["01/2020"], "MM/yyyy", Date.UTC(2020, 0)],
  [["2020Q3"], "yyyy'Q'q", Date.UTC(2020, 6)],
  [["2020-Q4"], "yyyy-'Q'q", Date.UTC(2020, 9)],
  [["-3", "0", "12"], "number", -3],
  [["13/1/2020", "1/2/2020"], "d/M/yyyy", Date.UTC(2020, 0, 13)],
  [["1/13/2020 9:30"], "M/d/yyyy H:mm", Date.UTC(2020, 0, 13, 9, 30)],
  [["01/02/2020", "13/02/2020"], "dd/MM/yyyy", Date.UTC(2020, 1, 1)],
  [["01-02-2020", "02-13-2020"], "MM-dd-yyyy", Date.UTC(2020, 0, 2)],
  [["04/04/2020", "05/05/2020"], "dd/MM/yyyy", Date.UTC(2020, 3, 4)],
  [["2020-01-01 00:00:00", "2020-01-01 00:00:00.5"], "yyyy-MM-dd HH:mm:ss", Date.UTC(2020, 0)],
  [["2020-01-01T00:00:00Z", "2020-01-01T02:00:00+01:00"], "yyyy-MM-dd'T'HH:mm:ssZZ", Date.UTC(2020, 0)],
])("finds how %j are written: %s", (texts, pattern, first) => {
  const format = findTimeFormat(texts);
  expect(format.pattern).toBe(pattern);
  expect(readTime(format, texts[0] as string)).toBe(first);
});

it.each([
  [
    ["2020-01-01", "02.01.2020"],
    'time 2 is "02.01.2020", a time written as the first one, "2020-01-01", expected',
  ],
  [["2020-01-01 00:00", "2020-01-02"], "time 2 is"],
  [["2020-02-28", "2020-02-30"], 'time 2 is "2020-02-30"'],
  [["yesterday"], 'time 1 is "yesterday", a time such as 2020-01-31'],
  [[""], 'time 1 is "", a time expected'],
  [["2020-01-01", "NA"], 'time 2 is "NA", a time expected'],
  [["2020-01-01 24:00"], "time 1 is"],
  [["01/02/2020"], 'time 1 is "01/02/2020", which may be dd/MM/yyyy or MM/dd/yyyy'],
  [["05/05/2020", "01/02/2020"], 'time 2 is "01/02/2020", which may be'],
])("refuses %j", (texts, message) => {
  expect(() => findTimeFormat(texts)).toThrow(DataError);
  expect(() => findTimeFormat(texts)).toThrow(message);
});

it("names the place of a text", () => {
  const place = (at: number) => `a.csv: line ${at + 2}: day`;
  expect(() => findTimeFormat(["2020-01-01", "x"], { place })).toThrow(/^a\.csv: line 3: day is "x", /);
});

it("reads a stated pattern alone, and refuses what is none", () => {
  const options = { pattern: "d MMM yy" };
  expect(readTime(findTimeFormat(["5 Jan 20"], options), "5 Jan 20")).toBe(Date.UTC(2020, 0, 5));
  expect(() => findTimeFormat(["2020-01-01"], options)).toThrow(
    'is "2020-01-01", a time as d MMM yy expected',
  );
  for (const pattern of ["%Y-%m-%d", "HH:mm", "", 5]) {
    expect(() => findTimeFormat(["1"], { pattern } as never)).toThrow(UsageError);
  }
  for (const zone of ["Mars", "", 5]) {
    expect(() => findTimeFormat(["1"], { zone } as never)).toThrow(/^zone .* is unknown: a name such as/);
  }
});

it("tells the hour apart that clocks show twice, by the time before, and finds the one that they never show", () => {
  const format = { pattern: "yyyy-MM-dd HH:mm", zone: "Europe/Berlin" };
  const texts = ["02:00", "02:30", "02:00", "02:30", "03:00"].map((time) => `2020-10-25 ${time}`);
  let before: number | undefined;
  const times = texts.map((text) => {
    before = readTime(format, text, before);
    return before;
  });
  const first = Date.UTC(2020, 9, 25, 0);
  expect(times).toEqual([0, 30, 60, 90, 120].map((minutes) => first + minutes * MINUTE));
  expect(times.map((time) => writeTime(format, time as number))).toEqual(texts);
  expect(readTime(format, "2020-03-29 02:30")).toBeUndefined();
  expect(timeProblem(format, "2020-03-29 02:30")).toBe(
    "which clocks in Europe/Berlin never show: they are put forward past it",
  );
});

it("shows instants as the clocks of a zone do, in the north, in the south, and half an hour apart", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.UTC(1990, 0) / MINUTE, max: Date.UTC(2037, 0) / MINUTE }),
      fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"),
      (minutes, zone) => {
        const format = { pattern: "yyyy-MM-dd HH:mm", zone };
        const time = minutes * MINUTE;
        const text = writeTime(format, time);
        const shown = new Intl.DateTimeFormat("sv-SE", {
          timeZone: zone,
          dateStyle: "short",
          timeStyle: "short",
        }).format(time);
        expect(text).toBe(shown);
        // The time before tells which of two it is.
        expect(readTime(format, text, time - 1)).toBe(time);
      },
    ),
  );
});
