/** Grids of times: steps of equal length, numbered by whole numbers, so that series are arrays. */
import { checkOptions, printGiven } from "../../checks.ts";
import { FormatError, UsageError } from "../../errors.ts";
import { DAY, HOUR, MINUTE } from "./days.ts";
import { checkPattern, offsetAt, type TimeFormat, timeOfWall, writeTime } from "./format.ts";
import { GRID_UNITS, type GridUnit, type Phase, units } from "./units.ts";
import { zoneOf } from "./zone.ts";

/** A grid as plain JSON. */
export interface TimeGridJson {
  readonly unit: GridUnit;
  /** How many units a step has, from 1. */
  readonly every: number;
  /** The time of the step with number 0, as `readTime` gives it. */
  readonly anchor: number;
  /** On which day of a month steps begin, for months: 1 to 31; 31 is the end of every month. */
  readonly dayOfMonth?: number | undefined;
  readonly format: TimeFormat;
}

/**
 * A grid: an anchor, and steps before and after it. Days, business days (Monday to Friday) and months begin at the same time of the clock
 * in their zone, also where clocks are changed; steps of milliseconds are equally long. Rows are whole numbers, which are no times.
 */
export class TimeGrid {
  readonly unit: GridUnit;
  readonly every: number;
  readonly anchor: number;
  readonly format: TimeFormat;
  readonly #phase: Phase;
  readonly #origin: number;

  /** @throws UsageError for what is out of range */
  constructor(given: TimeGridJson) {
    checkGrid(given);
    const { unit, every, anchor, dayOfMonth, format } = given;
    this.unit = unit;
    this.every = every;
    this.anchor = anchor;
    this.format = format;
    const wall = this.#wallOf(anchor);
    this.#phase = {
      timeOfDay: wall - Math.floor(wall / DAY) * DAY,
      dayOfMonth: dayOfMonth ?? new Date(wall).getUTCDate(),
    };
    this.#origin = units[unit].count(wall, this.#phase);
  }

  /** The number of the step that begins at a time; undefined for a time at which none does: it is not on the grid. */
  indexOf(time: number): number | undefined {
    const index = this.stepOf(time);
    return this.timeAt(index) === time ? index : undefined;
  }

  /** The number of the step in which a time lies. */
  stepOf(time: number): number {
    const count = units[this.unit].count(this.#wallOf(time), this.#phase);
    // A sum with 0, for there is a -0 otherwise.
    return Math.floor((count - this.#origin) / this.every) + 0;
  }

  /** When a step begins. */
  timeAt(index: number): number {
    const wall = units[this.unit].wall(this.#origin + index * this.every, this.#phase);
    return this.#hasClock ? timeOfWall(this.format, wall) : wall;
  }

  /** What clocks show when a step begins, in milliseconds since 1970 as if they stood in Greenwich; of rows the number. */
  wallAt(index: number): number {
    const time = this.timeAt(index);
    return this.unit === "row" ? time : time + offsetAt(this.format, time);
  }

  /** The time of a step as the file writes it. */
  write(index: number): string {
    return writeTime(this.format, this.timeAt(index));
  }

  /**
   * How many steps the likeliest season has: a day of steps of a second or more (24 hours, 96 quarters of an hour), a week of
   * days (7) or business days (5), a year of weeks (52), months (12) or quarters (4); else 1: none.
   */
  get season(): number {
    const { unit, every } = this;
    if (unit === "millisecond") return every >= 1000 && every < DAY && DAY % every === 0 ? DAY / every : 1;
    if (unit === "day") return every === 1 ? 7 : every % 7 === 0 && 52 % (every / 7) === 0 ? 364 / every : 1;
    if (unit === "business day") return every === 1 ? 5 : 1;
    if (unit === "month") return 12 % every === 0 ? 12 / every : 1;
    return 1;
  }

  /** A step in words, for messages: "1 hour", "15 minutes", "2 business days", "1 month". */
  get step(): string {
    const [count, noun] = this.#named();
    return `${count} ${noun}${count === 1 ? "" : "s"}`;
  }

  #named(): [number, string] {
    const { unit, every } = this;
    if (unit === "millisecond") {
      const longer = [
        [DAY, "day"],
        [HOUR, "hour"],
        [MINUTE, "minute"],
        [1000, "second"],
      ] as const;
      const found = longer.find(([size]) => every % size === 0);
      return found === undefined ? [every, unit] : [every / found[0], found[1]];
    }
    if (unit === "day" && every % 7 === 0) return [every / 7, "week"];
    if (unit === "month" && every % 12 === 0) return [every / 12, "year"];
    if (unit === "month" && every % 3 === 0) return [every / 3, "quarter"];
    return [every, unit];
  }

  get #hasClock(): boolean {
    return this.unit !== "millisecond" && this.unit !== "row";
  }

  #wallOf(time: number): number {
    return this.#hasClock ? time + offsetAt(this.format, time) : time;
  }

  toJSON(): TimeGridJson {
    const { unit, every, anchor, format } = this;
    return { unit, every, anchor, ...(unit === "month" && { dayOfMonth: this.#phase.dayOfMonth }), format };
  }

  /**
   * The grid that `toJSON` was called on.
   *
   * @param where what it stands in, for messages
   * @throws FormatError for what is no such grid
   */
  static fromJSON(json: unknown, where: string): TimeGrid {
    try {
      return new TimeGrid(json as TimeGridJson);
    } catch (error) {
      throw new FormatError(`${where}: ${(error as Error).message}`, { cause: error });
    }
  }
}

function checkGrid(given: TimeGridJson): void {
  checkOptions<TimeGridJson>("TimeGrid", given, {
    unit: GRID_UNITS.join(", "),
    every: "a whole number",
    anchor: "a time",
    format: "a format of times",
    dayOfMonth: true,
  });
  const { unit, every, anchor, dayOfMonth = 1, format } = given;
  const wrong = (name: string, value: unknown, expected: string) =>
    new UsageError(`TimeGrid: ${name} is ${printGiven(value)}, ${expected} expected`);
  if (!GRID_UNITS.includes(unit)) throw wrong("unit", unit, GRID_UNITS.join(", "));
  if (!Number.isSafeInteger(every) || every < 1) throw wrong("every", every, "a whole number from 1");
  if (!Number.isSafeInteger(anchor)) throw wrong("anchor", anchor, "a whole number");
  if (!Number.isInteger(dayOfMonth) || dayOfMonth < 1 || dayOfMonth > 31) {
    throw wrong("dayOfMonth", dayOfMonth, "1 to 31");
  }
  checkOptions<TimeFormat>("TimeGrid: format", format, { pattern: "tokens", zone: true });
  checkPattern(format.pattern);
  if (format.zone !== undefined) zoneOf(format.zone);
}
