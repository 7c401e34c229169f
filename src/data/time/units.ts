/** What steps of time are counted in: each unit numbers the clock's times, and knows when each number begins. */
import { DAY, daysInMonth, FIRST_MONDAY, weekOf } from "./days.ts";

export const GRID_UNITS = ["millisecond", "day", "business day", "month", "row"] as const;
export type GridUnit = (typeof GRID_UNITS)[number];

/** When in a day, and on which day of a month, a step begins. */
export interface Phase {
  /** Milliseconds since midnight. */
  readonly timeOfDay: number;
  /** From 1; in a month that has no such day, it is the last one. 31 is the end of every month. */
  readonly dayOfMonth: number;
}

interface Unit {
  /** The number of the last step that begins at such a time of the clock or before it. */
  count(wall: number, phase: Phase): number;
  /** When the step of a number begins. */
  wall(count: number, phase: Phase): number;
}

const same: Unit = { count: (wall) => wall, wall: (count) => count };

export const units: Readonly<Record<GridUnit, Unit>> = {
  millisecond: same,
  row: same,
  day: {
    count: (wall, { timeOfDay }) => Math.floor((wall - timeOfDay) / DAY),
    wall: (count, { timeOfDay }) => count * DAY + timeOfDay,
  },
  "business day": {
    count: (wall, { timeOfDay }) => {
      const { week, weekday } = weekOf(Math.floor((wall - timeOfDay) / DAY));
      return week * 5 + Math.min(weekday, 4);
    },
    wall: (count, { timeOfDay }) => {
      const week = Math.floor(count / 5);
      return (week * 7 + FIRST_MONDAY + (count - week * 5)) * DAY + timeOfDay;
    },
  },
  month: {
    count: (wall, { timeOfDay, dayOfMonth }) => {
      const date = new Date(wall - timeOfDay);
      const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
      const begins = Math.min(dayOfMonth, daysInMonth(year, month + 1));
      return year * 12 + month - (date.getUTCDate() < begins ? 1 : 0);
    },
    wall: (count, { timeOfDay, dayOfMonth }) => {
      const year = Math.floor(count / 12);
      const month = count - year * 12;
      return Date.UTC(year, month, Math.min(dayOfMonth, daysInMonth(year, month + 1))) + timeOfDay;
    },
  },
};
