/** Checks that every stage needs of what it is given: options by name, and which array something is. */

import { UsageError } from "./errors.ts";

/**
 * The names of all options of a function: `true` for one that may be left out, and for one that must be given, what is
 * expected. Written as a record, so that an option that is not listed does not compile.
 */
export type OptionNames<Options> = {
  readonly [Name in keyof Options]-?: object extends Pick<Options, Name> ? true : string;
};

/**
 * Throws UsageError for options that are no object, for an option that does not exist (with the name that may have been
 * meant), and for an option that must be given and is missing.
 *
 *     checkOptions("dropout", options, { seed: true, rate: "a number from 0 to below 1" });
 */
export function checkOptions<Options extends object>(
  where: string,
  given: Options | undefined,
  names: OptionNames<NoInfer<Options>>,
): void {
  if (given !== undefined && !isOptions(given)) {
    throw new UsageError(`${where}: options ${printGiven(given)} given, an object expected`);
  }
  const options: Readonly<Record<string, unknown>> = { ...given };
  const stray = Object.keys(options).find((name) => !Object.hasOwn(names, name));
  if (stray !== undefined) {
    throw new UsageError(`${where}: option ${stray} is unknown: ${expectedNames(stray, Object.keys(names))}`);
  }
  for (const [name, expected] of Object.entries<string | true>(names)) {
    if (typeof expected !== "string" || options[name] !== undefined) continue;
    throw new UsageError(`${where}: option ${name} is missing: ${expected} expected`);
  }
}

function isOptions(given: unknown): given is object {
  return typeof given === "object" && given !== null && !Array.isArray(given) && isPlain(given);
}

/** Whether something is a record or a list, whatever realm made it, and no instance of a class. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Array.isArray(value) || Object.getPrototypeOf(prototype) === null;
}

/** What was expected in place of a name that is not known, for a message: the name it may have been meant to be, or all. */
export function expectedNames(stray: string, known: readonly string[]): string {
  const near = nearName(stray, known);
  return near === undefined ? `${known.join(", ") || "none"} expected` : `did you mean ${near}?`;
}

/** The name that another one may have been meant to be. */
export function nearName(stray: string, known: readonly string[]): string | undefined {
  const isSame = (name: string) => name.toLowerCase() === stray.toLowerCase();
  return known.find(isSame) ?? known.find((name) => isNear(name, stray));
}

/** Something that was given where something else was expected, for a message: short, on one line. */
export function printGiven(given: unknown): string {
  if (typeof given === "string")
    return given.length <= 40 ? JSON.stringify(given) : `a text of ${given.length}`;
  if (typeof given === "bigint") return `${given}n`;
  if (typeof given === "function") return given.name === "" ? "a function" : `the function ${given.name}`;
  if (typeof given !== "object" || given === null) return String(given);
  if (Array.isArray(given)) return `an array of ${given.length}`;
  const tag = tagOf(given);
  const name = tag === "Object" ? String(given.constructor?.name ?? "Object") : tag;
  return name === "Object" ? "an object" : `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/**
 * What an object is, whatever realm it comes from: "Array", "Int32Array", "Float32Array", "Map", "Date". An array that was made in
 * an iframe, in node:vm or by a test runner is no `instanceof` this realm's Array.
 */
export function tagOf(given: unknown): string {
  return Object.prototype.toString.call(given).slice("[object ".length, -1);
}

/** Whether two names differ by a slip: one letter wrong, missing, added, or two swapped; short ones by case alone. */
function isNear(a: string, b: string): boolean {
  const [left, right] = [a.toLowerCase(), b.toLowerCase()];
  if (Math.min(left.length, right.length) < 3) return left === right;
  let start = 0;
  while (start < left.length && left[start] === right[start]) start += 1;
  const [restA, restB] = [left.slice(start), right.slice(start)];
  if (restA === restB || restA.slice(1) === restB.slice(1)) return true;
  if (restA.slice(1) === restB || restA === restB.slice(1)) return true;
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
}
