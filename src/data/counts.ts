/** Checks of the numbers that data is cut by, and counted with. */
import { printGiven } from "../checks.ts";
import { UsageError } from "../errors.ts";

/** Throws UsageError unless each of the named numbers is a whole number from 1. */
export function requireCounts(counts: Readonly<Record<string, unknown>>): void {
  for (const [name, count] of Object.entries(counts)) {
    if (Number.isSafeInteger(count) && (count as number) > 0) continue;
    throw new UsageError(`${name} ${printGiven(count)}: expected a whole number from 1`);
  }
}

/** Throws UsageError unless a number is whole and not negative. */
export function requireWhole(name: string, number: number): void {
  if (Number.isSafeInteger(number) && number >= 0) return;
  throw new UsageError(`${name} ${printGiven(number)}: expected a whole number from 0`);
}
