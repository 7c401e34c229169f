/** How close numbers are to those that are expected. */

import { expect } from "vitest";

/** Asserts that numbers are the expected ones to so many digits behind the point. */
export function expectClose(
  given: ArrayLike<number> | undefined,
  expected: ArrayLike<number>,
  digits = 12,
): void {
  expect(given).toHaveLength(expected.length);
  Array.from(expected).forEach((wanted, at) => {
    expect(given?.[at]).toBeCloseTo(wanted, digits);
  });
}

/** Asserts that numbers are the expected ones to `tolerance`, times the expected one where that is larger than 1. */
export function expectNear(
  given: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what = "number",
): void {
  expect(given).toHaveLength(expected.length);
  Array.from(expected).forEach((wanted, at) => {
    const distance = Math.abs((given[at] as number) - wanted);
    expect(distance, `${what} ${at}`).toBeLessThan(tolerance * Math.max(1, Math.abs(wanted)));
  });
}

/** The largest difference, relative to the largest element expected. */
export function relativeError(given: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(given.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, at) => Math.abs(value - (given[at] as number)))) / scale;
}
