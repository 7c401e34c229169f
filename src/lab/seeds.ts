/** Numbers of several seeds, as experiments tell them. */

import type { MeasuredTrial } from "./experiment.ts";

/** What the trials of a name measured, by seed in the order in which they ran. */
export function ofTrial<Measured, Found>(
  trials: readonly MeasuredTrial<Measured>[],
  name: string,
  found: (measured: Measured) => Found,
): Found[] {
  return trials.filter((trial) => trial.name === name).map(({ measured }) => found(measured));
}

/** "0.12, 0.34, 1.00", with so many digits after the point; null, which is no finite number, is said so. */
export function listed(values: readonly (number | null)[], digits = 2): string {
  return values.map((value) => (value === null ? "not finite" : value.toFixed(digits))).join(", ");
}

export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
