// Grids of times: found, stated, counted to and fro for every unit, over changes of clocks and ends of months; what calendars say.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendarFeatures, calendarNames } from "../../../src/data/time/calendar.ts";
import { findGrid, gridOfFrequency } from "../../../src/data/time/find-grid.ts";
import { findTimeFormat, readTime } from "../../../src/data/time/format.ts";
import { TimeGrid, type TimeGridJson } from "../../../src/data/time/grid.ts";
import { FormatError, UsageError } from "../../../src/errors.ts";

const timesOf = (texts: readonly string[], zone?: string) => {
  const format = findTimeFormat(texts, { zone });
  let before: number | undefined;
  const times = texts.map((text) => {
    before = readTime(format, text, before) as number;
    return before;
  });
  return { format, times };
};
const found = (texts: readonly string[], zone?: string) => {
  const { format, times } = timesOf(texts, zone);
  const grid = findGrid([times], format) as TimeGrid;
  return { grid, indexes: times.map((time) => grid.indexOf(time)) };
};

const zones = [undefined, "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "+05:30"];
const grids = fc.record({
  unit: fc.constantFrom("millisecond", "day", "business day", "month", "row"),
  every: fc.integer({ min: 1, max: 12 }),
  // Quarters of an hour, for clocks are changed at such times.
  anchor: fc
    .integer({ min: Date.UTC(1990, 0) / 9e5, max: Date.UTC(2030, 0) / 9e5 })
    .map((count) => count * 9e5),
  dayOfMonth: fc.option(fc.integer({ min: 1, max: 31 }), { nil: undefined }),
  format: fc.constantFrom(...zones).map((zone) => ({ pattern: "yyyy-MM-dd HH:mm", zone })),
}) as fc.Arbitrary<TimeGridJson>;

it("numbers the steps of every unit: the time of a step has its number, and what is between has the one before", () => {
  fc.assert(
    fc.property(grids, fc.integer({ min: -200, max: 200 }), (json, index) => {
      const grid = new TimeGrid(json);
      const [time, next] = [grid.timeAt(index), grid.timeAt(index + 1)];
      expect(next).toBeGreaterThan(time);
      expect(grid.indexOf(time)).toBe(index);
      expect(grid.stepOf(time)).toBe(index);
      if (next - time > 1) expect(grid.indexOf(time + 1)).toBeUndefined();
      const again = TimeGrid.fromJSON(JSON.parse(JSON.stringify(grid)), "m");
      expect(again.timeAt(index)).toBe(time);
      expect(again.season).toBe(grid.season);
    }),
    { numRuns: 1000 },
  );
});

describe("findGrid", () => {
  it.each([
    [["2020-01-01 00:00", "2020-01-01 01:00", "2020-01-01 04:00"], "1 hour", 24, [0, 1, 4]],
    [["2020-01-01 14:27", "2020-01-01 14:42"], "15 minutes", 96, [0, 1]],
    [["2020-01-01 14:27:00", "2020-01-01 14:27:30"], "30 seconds", 2880, [0, 1]],
    [["2020-01-01 14:27:00.000", "2020-01-01 14:27:00.010"], "10 milliseconds", 1, [0, 1]],
    [["2020-01-01", "2020-01-02", "2020-01-05"], "1 day", 7, [0, 1, 4]],
    [["2020-01-01 14:00", "2020-01-02 14:00"], "1 day", 7, [0, 1]],
    [["2020-01-02", "2020-01-03", "2020-01-06", "2020-01-08"], "1 business day", 5, [0, 1, 2, 4]],
    [["2020-01-02", "2020-01-03", "2020-01-04", "2020-01-06"], "1 day", 7, [0, 1, 2, 4]],
    [["2020-01-06", "2020-01-13", "2020-01-27"], "1 week", 52, [0, 1, 3]],
    [["2020-01", "2020-02", "2021-01"], "1 month", 12, [0, 1, 12]],
    [["2020-01-31", "2020-02-29", "2020-03-31"], "1 month", 12, [0, 1, 2]],
    [["2020-01-30", "2020-02-29", "2020-03-30"], "1 month", 12, [0, 1, 2]],
    [["2020-02-29", "2020-04-30", "2020-06-30"], "2 months", 6, [0, 1, 2]],
    [["2020Q1", "2020Q2", "2021Q1"], "1 quarter", 4, [0, 1, 4]],
    [["1999", "2000", "2002"], "1 year", 1, [0, 1, 3]],
    [["5", "10", "20"], "5 rows", 1, [0, 1, 3]],
  ])("finds the step of %j: %s", (texts, step, season, indexes) => {
    const { grid, indexes: given } = found(texts);
    expect(grid.step).toBe(step);
    expect(grid.season).toBe(season);
    expect(given).toEqual(indexes);
  });

  it("keeps the time of the day of days, and the length of hours, where clocks are changed", () => {
    const days = found(
      ["2020-03-28", "2020-03-29", "2020-03-30", "2020-10-24", "2020-10-25", "2020-10-26"],
      "Europe/Berlin",
    );
    expect(days.grid.step).toBe("1 day");
    expect(days.indexes).toEqual([0, 1, 2, 210, 211, 212]);
    expect(days.grid.write(213)).toBe("2020-10-27");
    const hours = found(
      ["2020-10-25 01:00", "2020-10-25 02:00", "2020-10-25 02:00", "2020-10-25 03:00"],
      "Europe/Berlin",
    );
    expect(hours.indexes).toEqual([0, 1, 2, 3]);
    expect([1, 2, 3].map((index) => hours.grid.write(index))).toEqual([
      "2020-10-25 02:00",
      "2020-10-25 02:00",
      "2020-10-25 03:00",
    ]);
  });

  it("keeps days together whose offset from Greenwich changes, in a zone that is named", () => {
    const texts = ["2020-10-24T00:00:00+02:00", "2020-10-25T00:00:00+02:00", "2020-10-26T00:00:00+01:00"];
    const { grid, indexes } = found(texts, "Europe/Berlin");
    expect([grid.step, indexes]).toEqual(["1 day", [0, 1, 2]]);
    expect(grid.write(2)).toBe(texts[2]);
    expect(grid.write(3)).toBe("2020-10-27T00:00:00+01:00");
  });

  it("looks at each series for itself, and takes rare distances for exceptions", () => {
    const format = { pattern: "yyyy-MM-dd HH:mm" };
    const minutes = (numbers: readonly number[]) => numbers.map((number) => number * 60_000);
    const every5 = Array.from({ length: 40 }, (_, at) => at * 5);
    const grid = findGrid([minutes([...every5, 201]), minutes(every5.map((at) => at + 500))], format);
    expect(grid?.step).toBe("5 minutes");
    expect(grid?.indexOf(201 * 60_000)).toBeUndefined();
    expect(grid?.stepOf(201 * 60_000)).toBe(40);
    expect(findGrid([[5], [9]], format)).toBeUndefined();
    expect(findGrid([], format)).toBeUndefined();
  });
});

describe("gridOfFrequency", () => {
  const { format, times } = timesOf(["2020-01-01 14:27", "2020-01-01 14:42"]);
  it.each([
    ["15min", "15 minutes", "2020-01-01 14:27", 1],
    ["5 min", "5 minutes", "2020-01-01 14:27", 3],
    ["1h", "1 hour", "2020-01-01 14:00", 0],
    ["H", "1 hour", "2020-01-01 14:00", 0],
    ["1d", "1 day", "2020-01-01 00:00", 0],
    ["1B", "1 business day", "2020-01-01 00:00", 0],
    ["1w", "1 week", "2019-12-30 00:00", 0],
    ["1M", "1 month", "2020-01-01 00:00", 0],
    ["1Q", "1 quarter", "2020-01-01 00:00", 0],
    ["1Y", "1 year", "2020-01-01 00:00", 0],
    ["30s", "30 seconds", "2020-01-01 14:27", 30],
    ["100ms", "100 milliseconds", "2020-01-01 14:27", 9000],
  ])("makes a grid of %s", (frequency, step, start, last) => {
    const grid = gridOfFrequency(frequency, times, format);
    expect([grid.step, grid.write(0)]).toEqual([step, start]);
    expect(grid.stepOf(times[1] as number)).toBe(last);
  });

  it("begins at full steps in the zone where the first time is on none", () => {
    const given = timesOf(["2020-07-01 05:30", "2020-07-01 06:10", "2020-07-02 00:00"], "Asia/Kathmandu");
    const grid = gridOfFrequency("1d", given.times, given.format);
    expect(grid.write(0)).toBe("2020-07-01 00:00");
    expect(given.times.map((time) => grid.stepOf(time))).toEqual([0, 0, 1]);
    const rows = gridOfFrequency("10", [3, 12, 29], { pattern: "number" });
    expect([3, 12, 29].map((time) => rows.stepOf(time))).toEqual([0, 1, 2]);
  });

  it("counts a weekend to the Friday before", () => {
    const days = timesOf(["2020-01-02", "2020-01-03", "2020-01-04", "2020-01-05", "2020-01-06"]);
    const grid = gridOfFrequency("1B", days.times, days.format);
    expect(days.times.map((time) => grid.stepOf(time))).toEqual([0, 1, 1, 1, 2]);
    expect(days.times.map((time) => grid.indexOf(time))).toEqual([0, 1, undefined, undefined, 2]);
  });

  it.each(["", "h1", "0h", "1x", "1m", "1.5h", "-1d", "5"])("refuses %j of times", (frequency) => {
    expect(() => gridOfFrequency(frequency, times, format)).toThrow(UsageError);
    expect(() => gridOfFrequency(frequency, times, format)).toThrow(/^frequency ".*" given, .* expected$/);
  });

  it("refuses a unit of time where times are whole numbers", () => {
    expect(() => gridOfFrequency("1h", [1, 2], { pattern: "number" })).toThrow(
      'frequency "1h" given, a number alone, for times are whole numbers, expected',
    );
  });
});

it.each([
  [{ unit: "week" }, 'unit is "week"'],
  [{ every: 0 }, "every is 0"],
  [{ every: 1.5 }, "every is 1.5"],
  [{ anchor: "2020" }, 'anchor is "2020"'],
  [{ anchor: Number.NaN }, "anchor is null"],
  [{ dayOfMonth: 32 }, "dayOfMonth is 32"],
  [{ format: { pattern: "%Y" } }, "time format"],
  [{ format: { pattern: "yyyy", zone: "Mars" } }, 'zone "Mars" is unknown'],
  [{ format: undefined }, "option format is missing"],
  [{ more: 1 }, "option more is unknown"],
])("refuses %j as JSON of a grid", (wrong, message) => {
  const json = { unit: "day", every: 1, anchor: 0, format: { pattern: "yyyy-MM-dd" }, ...wrong };
  const read = () => TimeGrid.fromJSON(JSON.parse(JSON.stringify(json)), "m.safetensors");
  expect(read).toThrow(FormatError);
  expect(read).toThrow(message);
  expect(read).toThrow(/^m\.safetensors: /);
  expect(() => TimeGrid.fromJSON(null, "m")).toThrow(FormatError);
});

describe("the calendar", () => {
  const cycles = (texts: readonly string[]) =>
    calendarNames(found(texts).grid).filter((name) => name.startsWith("sine"));
  it.each([
    [
      ["2020-01-01 00:00", "2020-01-01 01:00"],
      ["sine of hour of day", "sine of day of week", "sine of day of year"],
    ],
    [
      ["2020-01-01", "2020-01-02"],
      ["sine of day of week", "sine of day of year"],
    ],
    [
      ["2020-01-02", "2020-01-03", "2020-01-06"],
      ["sine of day of week", "sine of day of year"],
    ],
    [["2020-01-06", "2020-01-13"], ["sine of day of year"]],
    [["2020-01", "2020-02"], ["sine of month of year"]],
    [["2019", "2020"], []],
    [["1", "2"], []],
  ])("of %j has %j", (texts, names) => {
    expect(cycles(texts)).toEqual(names);
  });

  it("says where in a cycle a step is, by the clock of the zone", () => {
    const { grid } = found(["2020-06-01 06:00", "2020-06-01 07:00"], "Europe/Berlin");
    const [sine, cosine, ofWeek, ofWeek2] = calendarFeatures(grid, 0) as [number, number, number, number];
    expect([sine, cosine]).toEqual([expect.closeTo(1), expect.closeTo(0)]);
    // A Monday.
    expect([ofWeek, ofWeek2]).toEqual([0, 1]);
    // A week later the same, but for the day of the year.
    const later = calendarFeatures(grid, 168);
    expect(later.slice(0, 4)).toEqual(calendarFeatures(grid, 0).slice(0, 4));
    expect(later[4]).not.toBe(calendarFeatures(grid, 0)[4]);
    expect(calendarFeatures(found(["1", "2"]).grid, 3)).toEqual([]);
    const { grid: months } = found(["2020-01", "2020-02"]);
    expect(calendarFeatures(months, 3)).toEqual([expect.closeTo(1), expect.closeTo(0)]);
    expect(calendarFeatures(months, 12)).toEqual(calendarFeatures(months, 0));
  });
});
