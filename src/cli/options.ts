/** Turning the words of the command line into values. */

import { InvalidArgumentError } from "commander";

/** A number; its range is checked where it is used. */
export function number(text: string): number {
  const given = Number(text);
  if (text.trim() === "" || !Number.isFinite(given)) throw new InvalidArgumentError("A number is expected.");
  return given;
}
