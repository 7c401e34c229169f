/** Lines of JSON, for machines. */

import { RondoError } from "../errors.ts";

/** A line of JSON. Throws RondoError for a number that JSON does not have, which would become null without a word. */
export function jsonLine(value: object): string {
  return JSON.stringify(value, (name, part) => {
    if (typeof part === "number" && !Number.isFinite(part)) {
      throw new RondoError(`${name} is ${part}, which JSON cannot say`);
    }
    return part;
  });
}
