/** Lengths of times, in milliseconds, and the arithmetic of days, weeks and months. */

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** 29 December 1969, in days since 1970. */
export const FIRST_MONDAY = -3;

/** How many days a month has, from 1 for January. */
export function daysInMonth(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** Which week since 1970 a day is in, and which day of it, from 0 for Monday. */
export function weekOf(day: number): { readonly week: number; readonly weekday: number } {
  const week = Math.floor((day - FIRST_MONDAY) / 7);
  return { week, weekday: day - FIRST_MONDAY - week * 7 };
}
