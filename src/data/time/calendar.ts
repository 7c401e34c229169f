/** What a calendar says of a step: the hour of its day, the day of its week, the day of its year, as points on circles. */

import { DAY, weekOf } from "./days.ts";
import type { TimeGrid } from "./grid.ts";

/** A cycle that steps go through. */
interface Cycle {
  readonly name: string;
  /** Whether the steps of a grid are at different places of it. */
  varies(grid: TimeGrid): boolean;
  /** How far a time of the clock is along it, from 0 to below 1. */
  part(wall: number): number;
}

const isOfMonths = ({ unit }: TimeGrid) => unit === "month";
const isOfTimes = ({ unit }: TimeGrid) => unit !== "row";

const CYCLES: readonly Cycle[] = [
  {
    name: "hour of day",
    varies: ({ unit, every }) => unit === "millisecond" && every % DAY !== 0,
    part: (wall) => wall / DAY - Math.floor(wall / DAY),
  },
  {
    name: "day of week",
    varies: (grid) => isOfTimes(grid) && !isOfMonths(grid) && stepDays(grid) % 7 !== 0,
    part: (wall) => weekOf(Math.floor(wall / DAY)).weekday / 7,
  },
  {
    name: "day of year",
    varies: (grid) => isOfTimes(grid) && !isOfMonths(grid),
    part: (wall) => {
      const year = new Date(wall).getUTCFullYear();
      const start = Date.UTC(year, 0);
      return Math.floor((wall - start) / DAY) / ((Date.UTC(year + 1, 0) - start) / DAY);
    },
  },
  {
    name: "month of year",
    varies: (grid) => isOfMonths(grid) && grid.every % 12 !== 0,
    part: (wall) => new Date(wall).getUTCMonth() / 12,
  },
];

function stepDays({ unit, every }: TimeGrid): number {
  if (unit === "millisecond") return every / DAY;
  return unit === "business day" ? (every * 7) / 5 : every;
}

/** The names of `calendarFeatures`, two for each cycle that the steps of a grid go through; none for rows, which are no times. */
export function calendarNames(grid: TimeGrid): readonly string[] {
  return cyclesOf(grid).flatMap(({ name }) => [`sine of ${name}`, `cosine of ${name}`]);
}

/** Sine and cosine of where a step begins, in each cycle that `calendarNames` names. */
export function calendarFeatures(grid: TimeGrid, index: number): readonly number[] {
  const cycles = cyclesOf(grid);
  if (cycles.length === 0) return [];
  const wall = grid.wallAt(index);
  return cycles.flatMap(({ part }) => {
    const angle = 2 * Math.PI * part(wall);
    return [Math.sin(angle), Math.cos(angle)];
  });
}

const cyclesOfGrids = new WeakMap<TimeGrid, readonly Cycle[]>();

function cyclesOf(grid: TimeGrid): readonly Cycle[] {
  const known = cyclesOfGrids.get(grid);
  if (known !== undefined) return known;
  const cycles = CYCLES.filter(({ varies }) => varies(grid));
  cyclesOfGrids.set(grid, cycles);
  return cycles;
}
