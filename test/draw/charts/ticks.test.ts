// Where the ticks of an axis stand: at round values, and at round times, which are known by their labels alone.
import { describe, expect, it } from "vitest";
import { placeTicks, valueTicks } from "../../../src/draw/charts/ticks.ts";
import { DAY, HOUR, times } from "./example.ts";

const texts = (...given: Parameters<typeof placeTicks>) => placeTicks(...given).map(({ text }) => text);

describe("values", () => {
  it.each([
    [
      [0, 1],
      ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"],
    ],
    [
      [-1, 1],
      ["-1.0", "-0.5", "0.0", "0.5", "1.0"],
    ],
    [
      [0, 12_000],
      ["0", "2,000", "4,000", "6,000", "8,000", "10,000", "12,000"],
    ],
    [
      [0, 4e6],
      ["0", "1M", "2M", "3M", "4M"],
    ],
    [
      [0, 4e-9],
      ["0", "1.0e-9", "2.0e-9", "3.0e-9", "4.0e-9"],
    ],
    [
      [0, 5e18],
      ["0", "1.0e+18", "2.0e+18", "3.0e+18", "4.0e+18", "5.0e+18"],
    ],
    [
      [0.001, 0.003],
      ["0.0010", "0.0015", "0.0020", "0.0025", "0.0030"],
    ],
  ] as const)("%j", ([least, greatest], expected) => {
    const ticks = valueTicks([least, greatest], 5);
    expect(ticks.map(({ text }) => text)).toEqual(expected);
    for (const { at } of ticks) expect(at >= least && at <= greatest).toBe(true);
  });
});

describe("times", () => {
  const hours = times("2024-02-20T00:00", HOUR);
  const days = times("2023-11-03T00:00", DAY, 10);
  const months = (x: number) => `${1949 + Math.floor(x / 12)}-${String((x % 12) + 1).padStart(2, "0")}`;

  it("of some days of hours are the days, without their hours", () => {
    expect(placeTicks(hours, [0, 95], 8)).toEqual([
      { at: 0, text: "2024-02-20" },
      { at: 24, text: "2024-02-21" },
      { at: 48, text: "2024-02-22" },
      { at: 72, text: "2024-02-23" },
    ]);
  });

  it("of one day of hours are hours that 3 divides", () => {
    expect(texts(hours, [0, 23], 8)).toEqual(
      ["00", "03", "06", "09", "12", "15", "18", "21"].map((hour) => `2024-02-20 ${hour}:00`),
    );
  });

  it("of an hour of minutes are round minutes", () => {
    expect(texts(times("2024-02-20T13:00", 60_000), [0, 59], 8)).toEqual(
      ["00", "10", "20", "30", "40", "50"].map((minute) => `2024-02-20 13:${minute}`),
    );
  });

  it("of half a year of days are the months", () => {
    expect(texts(days, [0, 180], 8)).toEqual([
      "2023-12",
      "2024-01",
      "2024-02",
      "2024-03",
      "2024-04",
      "2024-05",
    ]);
    expect(placeTicks(days, [0, 180], 8)[0]?.at).toBe(28);
  });

  it("of a month of days are weeks from its first, and none next to the next month", () => {
    const ticks = texts(times("2024-01-01T00:00", DAY, 10), [0, 40], 8);
    expect(ticks).toEqual([
      ...["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-02-01", "2024-02-08"],
    ]);
  });

  it("of many years of months are years, and of few are months", () => {
    expect(texts(months, [0, 47], 8)).toEqual(["1949", "1950", "1951", "1952"]);
    expect(texts(months, [0, 143], 8)).toEqual(["1950", "1952", "1954", "1956", "1958", "1960"]);
    expect(texts(months, [0, 14], 8)).toEqual([
      ...["1949-01", "1949-03", "1949-05", "1949-07", "1949-09", "1949-11", "1950-01", "1950-03"],
    ]);
  });

  it("are found exactly where a label in many is looked at", () => {
    const ticks = placeTicks(hours, [0, 24 * 365 * 3], 8);
    expect(ticks.map(({ text }) => text)).toEqual(["2025", "2026", "2027"]);
    expect(ticks.map(({ at }) => hours(at))).toEqual([
      ...["2025-01-01 00:00", "2026-01-01 00:00", "2027-01-01 00:00"],
    ]);
  });

  it("may be written in another order, with signs, zones and names of months", () => {
    const german = (x: number) => days(x).split("-").reverse().join(".");
    expect(texts(german, [0, 100], 8)).toEqual(["12.2023", "01.2024", "02.2024"]);
    const zoned = (x: number) => `${hours(x).replace(" ", "T")}:00+01:00`;
    expect(texts(zoned, [0, 95], 8)).toEqual(["2024-02-20", "2024-02-21", "2024-02-22", "2024-02-23"]);
    const quarters = (x: number) => `${2000 + Math.floor(x / 4)}Q${(x % 4) + 1}`;
    expect(texts(quarters, [0, 19], 8)).toEqual(["2000", "2001", "2002", "2003", "2004"]);
    const named = (x: number) => `${["Jan", "Feb", "Mar", "Apr"][x % 4]} ${2000 + Math.floor(x / 4)}`;
    expect(texts(named, [0, 7], 4)).toEqual(["Jan 2000", "Mar 2000", "Jan 2001", "Mar 2001"]);
  });
});

describe("other labels", () => {
  it("that are numbers on a line have round ones", () => {
    expect(placeTicks((x) => String(x + 1), [0, 143], 8)).toEqual([
      ...[20, 40, 60, 80, 100, 120, 140].map((value) => ({ at: value - 1, text: String(value) })),
    ]);
    expect(texts((x) => String(1700 + x), [0, 288], 8)).toEqual([
      "1700",
      "1750",
      "1800",
      "1850",
      "1900",
      "1950",
    ]);
    expect(texts((x) => String(1_467_331_200 + 3600 * x), [0, 9], 4)).toEqual(["1467331200", "1467349200"]);
  });

  it("that have nothing in common stand at round numbers", () => {
    const words = ["a", "b 2", "c,3", "d", "e", "f"];
    expect(texts((x) => words[x] as string, [0, 5], 4)).toEqual(["a", "c,3", "e"]);
    expect(texts(() => "same", [0, 5], 4)).toEqual(["same", "same", "same"]);
  });

  it("of one place are that one", () => {
    expect(placeTicks((x) => `row ${x}`, [6.5, 7.5], 8)).toEqual([{ at: 7, text: "row 7" }]);
  });
});
