/** Checks of what distributions are given. */

import { printGiven } from "../../checks.ts";
import { UsageError } from "../../errors.ts";

/** Throws UsageError for what is no number within its range, which is told in words. */
export function checkParameter(
  where: string,
  name: string,
  given: number,
  isWithin: (given: number) => boolean,
  range: string,
): void {
  if (typeof given === "number" && isWithin(given)) return;
  throw new UsageError(`${where}: ${name} ${printGiven(given)} given, ${range} expected`);
}
