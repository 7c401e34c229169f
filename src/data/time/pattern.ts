/**
 * Patterns of times, in Luxon's tokens: `yyyy-MM-dd HH:mm`. Those of digits alone, which nearly all files use, are read by a
 * regular expression that is made of them, in a thirtieth of the time; others, such as `d MMM yyyy`, by Luxon.
 */
import { DateTime, FixedOffsetZone } from "luxon";
import { daysInMonth, MINUTE } from "./days.ts";

/** What a text says of a time. */
export interface Clock {
  /** Milliseconds since 1970 of what the clock shows, as if it stood in Greenwich. */
  readonly wall: number;
  /** How far the clock is ahead of Greenwich, in milliseconds; undefined where the text does not say. */
  readonly offset: number | undefined;
}

export interface Pattern {
  /** Undefined for a text that is not written so, and for a day or an hour that there is not. */
  read(text: string): Clock | undefined;
  write(clock: { readonly wall: number; readonly offset: number }): string;
}

/** Whole numbers, which are no times: steps. */
export const NUMBER = "number";
const UNIX = { X: 1000, x: 1 };

/** A quoted text, a run of one letter, or a character. */
const TOKEN = /'([^']*)'|([A-Za-z])\2*|[^A-Za-z']/g;

/** A token that is read by an expression of one group. */
interface Token {
  readonly source: string;
  /** What it is called below; the width of a number comes before it. */
  readonly field: Field;
}

type Field =
  | "year"
  | "month"
  | "day"
  | "hour"
  | "hour12"
  | "half"
  | "minute"
  | "second"
  | "fraction"
  | "quarter"
  | "offset";

const TOKENS: Readonly<Record<string, Token>> = {
  yyyy: { source: "(\\d{4})", field: "year" },
  ...number("M", "month"),
  ...number("d", "day"),
  ...number("H", "hour"),
  ...number("h", "hour12"),
  ...number("m", "minute"),
  ...number("s", "second"),
  a: { source: "([AaPp][Mm])", field: "half" },
  q: { source: "([1-4])", field: "quarter" },
  SSS: { source: "(\\d{3})", field: "fraction" },
  SSSSSS: { source: "(\\d{6})", field: "fraction" },
  SSSSSSSSS: { source: "(\\d{9})", field: "fraction" },
  ZZ: { source: "(Z|[-+]\\d{2}:\\d{2})", field: "offset" },
  ZZZ: { source: "(Z|[-+]\\d{4})", field: "offset" },
  Z: { source: "([-+]\\d{1,2})", field: "offset" },
  fraction: { source: "(?:[.,](\\d{1,9}))?", field: "fraction" },
};

function number(letter: string, field: Field): Record<string, Token> {
  return {
    [letter]: { source: "(\\d{1,2})", field },
    [letter + letter]: { source: "(\\d{2})", field },
  };
}

const compiled = new Map<string, Pattern>();

/** The pattern that a text of tokens is. */
export function patternOf(tokens: string): Pattern {
  const known = compiled.get(tokens);
  if (known !== undefined) return known;
  const pattern = tokens === NUMBER ? steps : (unix(tokens) ?? digits(tokens) ?? luxon(tokens));
  compiled.set(tokens, pattern);
  return pattern;
}

const steps: Pattern = {
  read: (text) => (/^[-+]?\d{1,15}$/.test(text) ? { wall: Number(text), offset: 0 } : undefined),
  write: ({ wall }) => String(wall),
};

/** Seconds or milliseconds since 1970 in Greenwich, between 2001 and 2286. */
function unix(tokens: string): Pattern | undefined {
  if (tokens !== "X" && tokens !== "x") return undefined;
  const expression = tokens === "X" ? /^\d{10}(?:\.\d+)?$/ : /^\d{13}$/;
  return {
    read: (text) =>
      expression.test(text) ? { wall: Math.round(Number(text) * UNIX[tokens]), offset: 0 } : undefined,
    write: ({ wall, offset }) => String((wall - offset) / UNIX[tokens]),
  };
}

/** A pattern of digits alone; undefined for one with other tokens. */
function digits(tokens: string): Pattern | undefined {
  const parts = partsOf(tokens);
  if (parts === undefined) return undefined;
  const source = parts.map((part) => (typeof part === "string" ? escaped(part) : part.token.source)).join("");
  const expression = new RegExp(`^${source}$`);
  const fields = parts.flatMap((part) => (typeof part === "string" ? [] : [part.token.field]));
  const isGreenwich = parts.some((part) => typeof part === "string" && /^\s*(?:Z|UTC|GMT)$/.test(part));
  return {
    read(text) {
      const groups = expression.exec(text);
      if (groups === null) return undefined;
      const found: Partial<Record<Field, string>> = {};
      for (let at = 0; at < fields.length; at++) found[fields[at] as Field] = groups[at + 1];
      const wall = wallOf(found);
      if (wall === undefined) return undefined;
      return {
        wall,
        offset: isGreenwich ? 0 : found.offset === undefined ? undefined : offsetOf(found.offset),
      };
    },
    write(clock) {
      const date = new Date(clock.wall);
      return parts
        .map((part) => (typeof part === "string" ? part : written(part, date, clock.offset)))
        .join("");
    },
  };
}

interface NamedToken {
  readonly name: string;
  readonly token: Token;
}

/** Literal texts and tokens; seconds that have no fraction may have one. */
function partsOf(tokens: string): (string | NamedToken)[] | undefined {
  const parts: (string | NamedToken)[] = [];
  for (const { 0: piece, 1: quoted, index } of tokens.matchAll(TOKEN)) {
    if (quoted !== undefined) parts.push(quoted);
    else if (!/^[A-Za-z]/.test(piece)) parts.push(piece);
    else if (!Object.hasOwn(TOKENS, piece)) return undefined;
    else parts.push({ name: piece, token: TOKENS[piece] as Token });
    const next = tokens.slice(index + piece.length);
    if (piece === "ss" && !/^[.,]S/.test(next))
      parts.push({ name: "fraction", token: TOKENS.fraction as Token });
  }
  return parts;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function wallOf(found: Partial<Record<Field, string>>): number | undefined {
  const year = Number(found.year);
  const month = found.quarter === undefined ? Number(found.month ?? 1) : 3 * Number(found.quarter) - 2;
  const day = Number(found.day ?? 1);
  const hour =
    found.hour12 === undefined ? Number(found.hour ?? 0) : hourOf(Number(found.hour12), found.half);
  const [minute, second] = [Number(found.minute ?? 0), Number(found.second ?? 0)];
  if (
    !(year >= 1000 && year < 3000) ||
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > daysInMonth(year, month)
  ) {
    return undefined;
  }
  if (!(hour < 24) || minute > 59 || second > 59) return undefined;
  const fraction = found.fraction === undefined ? 0 : Math.round(Number(`0.${found.fraction}`) * 1000);
  return Date.UTC(year, month - 1, day, hour, minute, second) + fraction;
}

/** The hour of a day of twice twelve hours; NaN where there is none. */
function hourOf(hour: number, half: string | undefined): number {
  if (half === undefined || hour < 1 || hour > 12) return Number.NaN;
  return (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
}

function offsetOf(text: string): number {
  if (text === "Z") return 0;
  const [, hours, minutes = "0"] = /^[-+](\d{1,2}):?(\d{2})?$/.exec(text) ?? [];
  return (text.startsWith("-") ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
}

function written({ name, token }: NamedToken, date: Date, offset: number): string {
  const width = name.length;
  const number = (value: number) => String(value).padStart(width, "0");
  const milliseconds = String(date.getUTCMilliseconds()).padStart(3, "0");
  const writers: Readonly<Record<Field, () => string>> = {
    year: () => number(date.getUTCFullYear()),
    month: () => number(date.getUTCMonth() + 1),
    day: () => number(date.getUTCDate()),
    hour: () => number(date.getUTCHours()),
    hour12: () => number(date.getUTCHours() % 12 || 12),
    half: () => (date.getUTCHours() < 12 ? "AM" : "PM"),
    minute: () => number(date.getUTCMinutes()),
    second: () => number(date.getUTCSeconds()),
    quarter: () => String(Math.floor(date.getUTCMonth() / 3) + 1),
    fraction: () => {
      if (name !== "fraction") return milliseconds.padEnd(width, "0");
      return milliseconds === "000" ? "" : `.${milliseconds}`;
    },
    offset: () => writeOffset(offset, name === "ZZ" ? ":" : "", name === "Z"),
  };
  return writers[token.field]();
}

/** An offset as `+01:00`, with what stands between hours and minutes; hours alone where they are enough. */
export function writeOffset(offset: number, between = ":", hoursAlone = false): string {
  const minutes = Math.abs(offset) / MINUTE;
  const [hours, rest] = [Math.floor(minutes / 60), Math.round(minutes % 60)].map((part) =>
    String(part).padStart(2, "0"),
  );
  return `${offset < 0 ? "-" : "+"}${hours}${hoursAlone ? "" : between + rest}`;
}

/** Any other pattern, with names of months and days in English. */
function luxon(tokens: string): Pattern {
  const saysOffset = /[zZ]/.test(tokens.replace(/'[^']*'/g, ""));
  return {
    read(text) {
      const time = DateTime.fromFormat(text, tokens, { zone: "utc", setZone: true, locale: "en" });
      if (!time.isValid) return undefined;
      const offset = time.offset * MINUTE;
      return { wall: time.toMillis() + offset, offset: saysOffset ? offset : undefined };
    },
    write({ wall, offset }) {
      const zone = FixedOffsetZone.instance(offset / MINUTE);
      return DateTime.fromMillis(wall - offset, { zone, locale: "en" }).toFormat(tokens);
    },
  };
}
