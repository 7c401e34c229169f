/** How the times of a file are written: found from its texts, then read and written in that way. */
import { checkOptions, printGiven } from "../../checks.ts";
import { DataError, UsageError } from "../../errors.ts";
import { isMissing } from "../numerals.ts";
import { NUMBER, patternOf, writeOffset } from "./pattern.ts";
import { instantOf, instantsOf, zoneOf } from "./zone.ts";

/** How times are written, as plain JSON. */
export interface TimeFormat {
  /**
   * Luxon's tokens, such as `yyyy-MM-dd HH:mm:ss`; `X` and `x` for seconds and milliseconds since 1970, "number" for whole numbers.
   * Seconds that have no fraction may have one.
   */
  readonly pattern: string;
  /** Where clocks show these times: a name such as `Europe/Berlin`, or an offset such as `+01:00`; without it UTC counts. */
  readonly zone?: string | undefined;
}

export interface FindTimeFormatOptions {
  /** As in `TimeFormat`, if it is known. */
  readonly pattern?: string | undefined;
  /** As in `TimeFormat`, if it is known. */
  readonly zone?: string | undefined;
  /** Where a text stands, for messages: "sales.csv: line 7: date". By default its number. */
  readonly place?: ((at: number) => string) | undefined;
}

/** All that is tried, what is likelier first. */
const CANDIDATES: readonly string[] = candidates();

function candidates(): string[] {
  const dates = ["yyyy-MM-dd", "yyyy/MM/dd", "yyyy.MM.dd", "yyyy-M-d", "yyyy/M/d", "dd.MM.yyyy", "d.M.yyyy"];
  const doubtful = ["dd/MM/yyyy", "d/M/yyyy", "dd-MM-yyyy", "d-M-yyyy"];
  const clocks = ["HH:mm:ss.SSS", "HH:mm:ss.SSSSSS", "HH:mm:ss", "HH:mm", "HH", "H:mm:ss", "H:mm"];
  const halves = ["hh:mm:ss a", "hh:mm a", "h:mm:ss a", "h:mm a"];
  const offsets = ["'Z'", "ZZ", "ZZZ", "Z", " ZZ", " ZZZ", "' UTC'"];
  const iso = clocks.flatMap((clock) => ["", ...offsets].map((offset) => clock + offset));
  const timed = (date: string) => {
    const times = date.startsWith("yyyy") ? iso : clocks;
    return [
      date,
      ...times.flatMap((time) => [`${date} ${time}`, `${date}'T'${time}`]),
      ...halves.map((time) => `${date} ${time}`),
    ];
  };
  const months = ["yyyy-MM", "yyyy/MM", "MM/yyyy", "MM.yyyy", "MM-yyyy", "yyyyMM"];
  const quarters = ["yyyy'Q'q", "yyyy-'Q'q", "yyyy 'Q'q", "'Q'q yyyy"];
  return [
    ...[...dates, ...doubtful, ...doubtful.map(swapped)].flatMap(timed),
    ...["yyyyMMdd", ...months, ...quarters, "yyyy", "X", "x", NUMBER],
  ];
}

/** A pattern with day and month in each other's place. */
function swapped(pattern: string): string {
  return pattern.replace(/(dd?)([/-])(MM?)/, "$3$2$1");
}

/**
 * How some times are written, all in the same way.
 *
 * @throws UsageError for a zone that there is not, and a pattern without a date
 * @throws DataError, with its place, for the first text that is no time, or is written in another way than those before; and where
 *   days and months cannot be told apart
 */
export function findTimeFormat(texts: readonly string[], options: FindTimeFormatOptions = {}): TimeFormat {
  checkOptions("findTimeFormat", options, { pattern: true, zone: true, place: true });
  const { pattern, zone, place = (at) => `time ${at + 1}` } = options;
  if (pattern !== undefined) checkPattern(pattern);
  if (zone !== undefined) zoneOf(zone);
  let possible = pattern === undefined ? CANDIDATES : [pattern];
  let last: string | undefined;
  for (const [at, text] of texts.entries()) {
    // Most times differ from the one before, none says more when it does not.
    if (text === last) continue;
    const left = possible.filter((candidate) => patternOf(candidate).read(text) !== undefined);
    if (left.length === 0) throw noTime(place(at), text, pattern, at === 0 ? undefined : texts[0]);
    [possible, last] = [left, text];
  }
  const found = possible[0] ?? NUMBER;
  refuseDoubt(texts, found, possible, place);
  return { pattern: found, ...(zone === undefined ? zoneIn(texts, found) : { zone }) };
}

function noTime(
  place: string,
  text: string,
  pattern: string | undefined,
  first: string | undefined,
): DataError {
  if (isMissing(text)) return new DataError(`${place} is ${printGiven(text)}, a time expected`);
  if (pattern !== undefined)
    return new DataError(`${place} is ${printGiven(text)}, a time as ${pattern} expected`);
  if (first !== undefined) {
    return new DataError(
      `${place} is ${printGiven(text)}, a time written as the first one, ${printGiven(first)}, expected`,
    );
  }
  const expected =
    "a time such as 2020-01-31, 2020-01-31 23:59:59, 31.01.2020, 2020-01, 2020Q1 or a whole number";
  return new DataError(`${place} is ${printGiven(text)}, ${expected} expected, or a format of its own`);
}

/** Throws DataError if the same texts are other times with day and month in each other's place. */
function refuseDoubt(
  texts: readonly string[],
  found: string,
  possible: readonly string[],
  place: (at: number) => string,
): void {
  const other = swapped(found);
  if (other === found || !possible.includes(other)) return;
  const at = texts.findIndex(
    (text) => patternOf(found).read(text)?.wall !== patternOf(other).read(text)?.wall,
  );
  if (at < 0) return;
  throw new DataError(
    `${place(at)} is ${printGiven(texts[at])}, which may be ${found} or ${other}, as may all times there: a format expected that says which`,
  );
}

/** Where clocks show times that say how far they are from Greenwich: the offset of all of them, UTC where they differ. */
function zoneIn(texts: readonly string[], found: string): { zone?: string } {
  const pattern = patternOf(found);
  const offset = texts[0] === undefined ? undefined : pattern.read(texts[0])?.offset;
  if (offset === undefined || found === NUMBER) return {};
  const isSame = texts.every((text) => pattern.read(text)?.offset === offset);
  return { zone: isSame && offset !== 0 ? writeOffset(offset) : "UTC" };
}

/** Throws UsageError for a pattern that does not say which year it is. */
export function checkPattern(pattern: string): void {
  const isPattern = typeof pattern === "string" && !pattern.includes("%") && /[ykXx]|^number$/.test(pattern);
  if (isPattern) return;
  throw new UsageError(
    `time format ${printGiven(pattern)} given, tokens such as dd.MM.yyyy HH:mm expected (X: seconds since 1970, number: steps)`,
  );
}

/**
 * The time that a text is: milliseconds since 1970 of an instant where the text or the zone of the format says which, else of
 * what the clock shows, as if it stood in Greenwich; of pattern "number" the number. Undefined for what is not written so, and for what
 * clocks never show. Of two instants that clocks show alike, when they are put back, it is the first after the time before.
 *
 * @param before the time of the row before, if there is one
 */
export function readTime(
  format: TimeFormat,
  text: string,
  before = Number.NEGATIVE_INFINITY,
): number | undefined {
  const clock = patternOf(format.pattern).read(text);
  if (clock === undefined) return undefined;
  if (clock.offset !== undefined) return clock.wall - clock.offset;
  if (format.zone === undefined) return clock.wall;
  const instants = instantsOf(zoneOf(format.zone), clock.wall);
  return instants.find((time) => time > before) ?? instants[0];
}

/** A time as the file writes it: what `readTime` reads. */
export function writeTime(format: TimeFormat, time: number): string {
  const offset = offsetAt(format, time);
  return patternOf(format.pattern).write({ wall: time + offset, offset });
}

/** The first time at which the clocks of a format show something; where they are put forward past it, as if they were not yet. */
export function timeOfWall({ zone }: TimeFormat, wall: number): number {
  return zone === undefined ? wall : instantOf(zoneOf(zone), wall);
}

/** How far the clocks of a format are ahead of Greenwich at a time, in milliseconds. */
export function offsetAt({ zone }: TimeFormat, time: number): number {
  return zone === undefined ? 0 : zoneOf(zone).offsetAt(time);
}

/** Why `readTime` reads no time from a text, for messages. */
export function timeProblem({ pattern, zone }: TimeFormat, text: string): string {
  if (patternOf(pattern).read(text) === undefined) return `a time as ${pattern} expected`;
  return `which clocks in ${zone} never show: they are put forward past it`;
}
