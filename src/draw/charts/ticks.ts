/** Where the marks of an axis stand and what they say: round numbers, and round times as their labels show them. */

import { scaleLinear } from "d3-scale";
import type { Extent } from "./frame.ts";

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Ticks at round values, about `count` of them. */
export function valueTicks([least, greatest]: Extent, count: number): Tick[] {
  const ticks = scaleLinear().domain([least, greatest]).ticks(count);
  const step = (ticks[1] ?? greatest) - (ticks[0] ?? least);
  const print = printerOf(step, Math.max(Math.abs(least), Math.abs(greatest)));
  return ticks.map((at) => ({ at, text: print(at) }));
}

/** How numbers are written whose neighbours differ by `step`. */
function printerOf(step: number, greatest: number): (value: number) => string {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (greatest >= 1e15 || decimals > 6) return (value) => (value === 0 ? "0" : value.toExponential(1));
  const format =
    greatest >= 1e6
      ? new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 4 })
      : new Intl.NumberFormat("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  // There is no minus zero for people.
  return (value) => format.format(value === 0 ? 0 : value);
}

/** Labels that are looked at to find round ones. */
const MOST_LABELS = 4000;

/**
 * Ticks at whole numbers, about `count` at most. Nothing is known of what the numbers stand for but their labels. A label is
 * cut into its parts, such as year, month and day. Round is where a part changes that changes seldom enough: at the first of a
 * month, say, for a year of days. Where no part does, the places stand at which a part has a round value, such as hours that 6 divides.
 */
export function placeTicks(label: (x: number) => string, [least, greatest]: Extent, count: number): Tick[] {
  const [first, last] = [Math.ceil(least), Math.floor(greatest)];
  const stride = Math.max(1, Math.ceil((last - first) / MOST_LABELS));
  const seen: Seen[] = [];
  for (let x = first; x <= last; x += stride) seen.push({ x, parts: partsOf(label(x)) });
  const size = seen[0]?.parts.length;
  if (seen.length < 2 || seen.some(({ parts }) => parts.length !== size)) {
    return evenly(label, [first, last], count);
  }
  if (size === 1) return numberTicks(seen, count) ?? evenly(label, [first, last], count);
  const columns = columnsOf(seen);
  const fitting = columns.filter(({ changes }) => changes.length >= 3 && changes.length <= count).at(-1);
  const fine = fitting ?? columns.find(({ changes }) => changes.length > count);
  if (!fine) return evenly(label, [first, last], count);
  const places = fitting ? fine.changes : roundOnes(fine, seen, count);
  const ticks = places.map((at) => {
    const x = changeWithin(label, seen[at] as Seen, at > 0 ? stride : 1, fine.part);
    return { x, parts: partsOf(label(x)) };
  });
  return shortened(ticks, columns, fine);
}

/** A place, and the parts of its label. */
interface Seen {
  readonly x: number;
  readonly parts: readonly string[];
}

/** A part of labels that changes, with the places in the list at which it is new. */
interface Column {
  readonly part: number;
  readonly changes: readonly number[];
}

const partsOf = (text: string): string[] => text.match(/\p{L}+|\d+|[^\p{L}\d]+/gu) ?? [""];

/** The parts that change, the seldomest first. */
function columnsOf(seen: readonly Seen[]): Column[] {
  const found = (seen[0] as Seen).parts
    .map((_, part) => ({
      part,
      changes: seen.flatMap(({ parts }, at) =>
        at > 0 && parts[part] !== seen[at - 1]?.parts[part] ? [at] : [],
      ),
    }))
    .filter(({ changes }) => changes.length > 0)
    .sort((a, b) => a.changes.length - b.changes.length);
  // The first place is such a place too where the parts that change more often stand as they do at the others.
  return found.map(({ part, changes }, number) => {
    const finer = found.slice(number + 1);
    const isLike = finer.every(
      (other) => seen[0]?.parts[other.part] === seen[changes[0] as number]?.parts[other.part],
    );
    return { part, changes: isLike ? [0, ...changes] : changes };
  });
}

/** Labels that are numbers on a line: ticks at round ones. Undefined for others, and where there are too few. */
function numberTicks(seen: readonly Seen[], count: number): Tick[] | undefined {
  const values = seen.map(({ parts: [text = ""] }) => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN));
  const [start, end] = [seen[0] as Seen, seen.at(-1) as Seen];
  const [low, high] = [values[0] as number, values.at(-1) as number];
  const slope = (high - low) / (end.x - start.x);
  if (!(slope > 0) || values.some((value, at) => value !== low + slope * ((seen[at] as Seen).x - start.x))) {
    return undefined;
  }
  const ticks = scaleLinear()
    .domain([low, high])
    .ticks(Math.max(2, Math.floor(0.7 * count)))
    .map((value) => ({ at: start.x + (value - low) / slope, text: String(value) }))
    .filter(({ at }) => Number.isInteger(at));
  return ticks.length >= 2 ? ticks : undefined;
}

/** Ticks at numbers that are round themselves. */
function evenly(label: (x: number) => string, extent: Extent, count: number): Tick[] {
  return scaleLinear()
    .domain(extent)
    .ticks(Math.max(2, Math.floor(0.7 * count)))
    .filter((at) => Number.isInteger(at))
    .map((at) => ({ at, text: label(at) }));
}

/** Of the places at which a part changes, those at which it is round, so that there are `count` at most. */
function roundOnes({ part, changes }: Column, seen: readonly Seen[], count: number): number[] {
  const values = changes.map((at) => Number(seen[at]?.parts[part]));
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  if (Number.isNaN(least)) {
    const step = Math.ceil(changes.length / count);
    return changes.filter((_, place) => place % step === 0);
  }
  for (const step of roundSteps(greatest)) {
    // Months and days begin at 1, and so do their steps. The last days of a month stand too near to the first.
    const start = greatest <= 31 ? Math.min(1, least) : 0;
    const isDays = greatest >= 28 && greatest <= 31;
    const kept = changes.filter((_, place) => {
      const value = values[place] as number;
      return (value - start) % step === 0 && !(isDays && value > 28);
    });
    if (kept.length <= count) return kept;
  }
  return [];
}

/** By what values are divided to be round, for what goes up to `greatest`: months, hours, days, minutes, others. */
function* roundSteps(greatest: number): Generator<number> {
  if (greatest <= 12) yield* [2, 3, 6];
  else if (greatest <= 23) yield* [2, 3, 4, 6, 12];
  else if (greatest <= 31) yield* [2, 7, 14];
  else if (greatest <= 59) yield* [5, 10, 15, 30];
  for (let power = 1; power <= 1e15; power *= 10) yield* [2 * power, 5 * power, 10 * power];
}

/** Where exactly a part became what it is, of which every `stride`-th place was looked at. */
function changeWithin(
  label: (x: number) => string,
  { x, parts }: Seen,
  stride: number,
  part: number,
): number {
  let first = x;
  while (first > x - stride + 1 && partsOf(label(first - 1))[part] === parts[part]) first -= 1;
  return first;
}

/** Labels without what all of them have and what is finer than the part that tells them apart: 2020-03-01 00:00 is 2020-03. */
function shortened(ticks: readonly Seen[], columns: readonly Column[], { part: telling }: Column): Tick[] {
  const [first] = ticks;
  if (!first) return [];
  const rank = (part: number) => columns.findIndex((column) => column.part === part);
  const isFixed = (part: number) => rank(part) < 0;
  const isFine = (part: number) =>
    rank(part) > rank(telling) && ticks.every(({ parts }) => parts[part] === first.parts[part]);
  let [start, end] = [0, first.parts.length];
  for (let part = end - 1; part > telling && (isFixed(part) || isFine(part)); part--) {
    if (isFine(part)) end = part;
  }
  for (let part = 0; part < telling && (isFixed(part) || isFine(part)); part++) {
    if (isFine(part)) start = part + 1;
  }
  const isSign = (part: number) => isFixed(part) && !/\d/.test(first.parts[part] as string);
  if (end < first.parts.length) while (isSign(end - 1)) end -= 1;
  if (start > 0) while (isSign(start)) start += 1;
  return ticks.map(({ x, parts }) => ({ at: x, text: parts.slice(start, end).join("") }));
}
