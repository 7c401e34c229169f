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

/** Asserts that a number is the expected one to `tolerance`, times the expected one where that is larger than 1. */
export function expectNear(given: number, expected: number, tolerance: number, what?: string): void {
  expect(Math.abs(given - expected), what).toBeLessThan(tolerance * Math.max(1, Math.abs(expected)));
}

/** The largest difference, relative to the largest element expected. */
export function relativeError(given: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(given.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, at) => Math.abs(value - (given[at] as number)))) / scale;
}
