/** Which grid some times lie on: found from what they are, or made for a frequency that is stated. */
import { printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { DAY, daysInMonth, HOUR, MINUTE, weekOf } from "./days.ts";
import { offsetAt, type TimeFormat, timeOfWall } from "./format.ts";
import { TimeGrid } from "./grid.ts";
import { NUMBER } from "./pattern.ts";
import { type GridUnit, units } from "./units.ts";

/** A distance that is found less often than this part of the commonest one is an exception, not the step. */
const RARE = 0.1;

/**
 * The grid whose step is the least distance of times that follow each other, but for rare ones: of days where all times are at one time of the day,
 * of business days where weekends are left out, of months where all are on one day of the month, or at its end. Not all times need lie on
 * it. Undefined where no two times of a series differ.
 *
 * @param series the times of each series, in any order
 */
export function findGrid(series: readonly (readonly number[])[], format: TimeFormat): TimeGrid | undefined {
  const all = series.flat();
  const [anchor] = all;
  if (anchor === undefined) return undefined;
  const walls = (times: readonly number[]) => times.map((time) => time + offsetAt(format, time));
  const unit = unitOf(walls(all), format);
  const dayOfMonth = unit === "month" ? commonDay(walls(all)) : undefined;
  const fine = new TimeGrid({ unit, every: 1, anchor, dayOfMonth, format });
  const every = leastCommon(series.map((times) => times.map((time) => fine.stepOf(time))));
  return every === undefined ? undefined : new TimeGrid({ ...fine.toJSON(), every });
}

/** The unit of times of the clock. */
function unitOf(walls: readonly number[], { pattern }: TimeFormat): GridUnit {
  if (pattern === NUMBER) return "row";
  const timeOfDay = (wall: number) => wall - Math.floor(wall / DAY) * DAY;
  const first = timeOfDay(walls[0] as number);
  if (!walls.every((wall) => timeOfDay(wall) === first)) return "millisecond";
  const days = [...new Set(walls.map((wall) => Math.floor(wall / DAY)))].sort((a, b) => a - b);
  if (isMonthly(days.map((day) => day * DAY))) return "month";
  return skipsWeekends(days) ? "business day" : "day";
}

/** Whether days are all on the same day of different months, or on the last one where a month has no such day. */
function isMonthly(days: readonly number[]): boolean {
  if (days.length < 2) return false;
  const phase = { timeOfDay: 0, dayOfMonth: commonDay(days) };
  const months = new Set(days.map((day) => units.month.count(day, phase)));
  return (
    months.size === days.length &&
    days.every((day) => units.month.wall(units.month.count(day, phase), phase) === day)
  );
}

/** 31 where all days are the last of their months, else the latest day of a month that there is. */
function commonDay(walls: readonly number[]): number {
  let [latest, areEnds] = [1, true];
  for (const wall of walls) {
    const date = new Date(wall);
    const day = date.getUTCDate();
    latest = Math.max(latest, day);
    areEnds &&= day === daysInMonth(date.getUTCFullYear(), date.getUTCMonth() + 1);
  }
  return areEnds ? 31 : latest;
}

/** Whether there is no Saturday and no Sunday among some days, and yet a Monday that follows a Friday. */
function skipsWeekends(days: readonly number[]): boolean {
  if (days.some((day) => weekOf(day).weekday > 4)) return false;
  return days.some((day, at) => weekOf(day).weekday === 0 && days[at - 1] === day - 3);
}

/** The least distance of numbers that follow each other, when they are sorted, of those that are not rare; undefined where all are equal. */
function leastCommon(series: readonly (readonly number[])[]): number | undefined {
  const counts = new Map<number, number>();
  for (const numbers of series) {
    const sorted = Float64Array.from(numbers).sort();
    for (let at = 1; at < sorted.length; at++) {
      const distance = (sorted[at] as number) - (sorted[at - 1] as number);
      if (distance > 0) counts.set(distance, (counts.get(distance) ?? 0) + 1);
    }
  }
  let most = 0;
  for (const count of counts.values()) most = Math.max(most, count);
  let least: number | undefined;
  for (const [distance, count] of counts) {
    if (count > most * RARE && distance < (least ?? Number.POSITIVE_INFINITY)) least = distance;
  }
  return least;
}

/** What a frequency may be counted in; a week is 7 days, so all are these. */
const FREQUENCIES: Readonly<Record<string, { readonly unit: GridUnit; readonly every: number }>> = {
  "": { unit: "row", every: 1 },
  ms: { unit: "millisecond", every: 1 },
  s: { unit: "millisecond", every: 1000 },
  min: { unit: "millisecond", every: MINUTE },
  h: { unit: "millisecond", every: HOUR },
  d: { unit: "day", every: 1 },
  b: { unit: "business day", every: 1 },
  w: { unit: "day", every: 7 },
  M: { unit: "month", every: 1 },
  q: { unit: "month", every: 3 },
  y: { unit: "month", every: 12 },
};

/**
 * The grid of a stated frequency: `15min`, `1h`, `1d`, `1B` (business days), `1w`, `1M` (months), `1Q`, `1Y`, `30s`, `100ms`, or `1` for
 * whole numbers. Its steps begin at the first of the times, if all times are then on it, else at full hours, at midnight, on
 * Mondays, on the first of a month, whichever fits the frequency.
 *
 * @throws UsageError for what is no frequency, and one that does not fit the format
 */
export function gridOfFrequency(frequency: string, times: readonly number[], format: TimeFormat): TimeGrid {
  const { unit, every } = parseFrequency(frequency, format);
  const [anchor] = times;
  if (anchor === undefined) throw new DataError("a grid of no times: one or more expected");
  const walls = () => times.map((time) => time + offsetAt(format, time));
  const grid = new TimeGrid({
    unit,
    every,
    anchor,
    dayOfMonth: unit === "month" ? commonDay(walls()) : undefined,
    format,
  });
  return times.every((time) => grid.indexOf(time) !== undefined) ? grid : alignedGrid(grid);
}

function parseFrequency(frequency: string, { pattern }: TimeFormat): { unit: GridUnit; every: number } {
  const [, count = "1", letters = ""] = /^\s*(\d+)?\s*([A-Za-z]*)\s*$/.exec(frequency) ?? [undefined, "0"];
  const found = FREQUENCIES[letters] ?? FREQUENCIES[letters.toLowerCase()];
  if (found === undefined || letters === "m" || Number(count) < 1 || frequency.trim() === "") {
    const expected =
      "30s, 15min, 1h, 1d, 1B (business days), 1w, 1M (months), 1Q, 1Y, or a whole number of steps";
    throw new UsageError(`frequency ${printGiven(frequency)} given, ${expected} expected`);
  }
  if ((found.unit === "row") !== (pattern === NUMBER)) {
    const expected =
      pattern === NUMBER ? "a number alone, for times are whole numbers," : "a unit of time, such as 1d,";
    throw new UsageError(`frequency ${printGiven(frequency)} given, ${expected} expected`);
  }
  return { unit: found.unit, every: found.every * Number(count) };
}

/** A grid of the same steps that begin where people expect them to, near the anchor. */
function alignedGrid({ unit, every, anchor, format }: TimeGrid): TimeGrid {
  const wall = anchor + offsetAt(format, anchor);
  const midnight = Math.floor(wall / DAY) * DAY;
  const phase = { timeOfDay: 0, dayOfMonth: 1 };
  const size = every % 7 === 0 && unit === "day" ? 7 : every;
  const starts: Readonly<Record<GridUnit, () => number>> = {
    row: () => Math.floor(anchor / every) * every,
    millisecond: () => (every < DAY ? midnight + Math.floor((wall - midnight) / every) * every : midnight),
    day: () => (size === 7 ? midnight - weekOf(midnight / DAY).weekday * DAY : midnight),
    "business day": () => units["business day"].wall(units["business day"].count(wall, phase), phase),
    month: () => units.month.wall(Math.floor(units.month.count(wall, phase) / every) * every, phase),
  };
  const start = starts[unit]();
  const aligned = unit === "row" ? start : timeOfWall(format, start);
  return new TimeGrid({ unit, every, anchor: aligned, format });
}
