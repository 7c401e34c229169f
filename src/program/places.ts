/** Where a program that runs step by step reads its inputs: their numbers are checked and copied there. */

import { printGiven } from "../checks.ts";
import { DataError, ShapeError } from "../errors.ts";
import {
  firstUnfit,
  fits,
  isArray,
  type NumberType,
  type NumericArray,
  printPlace,
  unfit,
} from "../numbers.ts";

/** What one step's input can be given as: numbers in row-major order, in the tree of the inputs. */
export type Numbers = number | ArrayLike<number>;

/** Where the program reads one of its inputs. */
export interface Place {
  /** The path to it in the tree of inputs. */
  readonly keys: readonly string[];
  readonly name: string;
  readonly dtype: NumberType;
  readonly array: NumericArray;
  readonly shape: readonly number[];
}

/** The names on a path in a tree. */
export function keysOf(path: string): readonly string[] {
  return path === "" ? [] : path.split(".");
}

/** What stands in a tree behind the names; undefined for nothing. */
export function partAt(tree: unknown, keys: readonly string[]): unknown {
  let part = tree;
  for (const key of keys) part = (part as Record<string, unknown> | undefined | null)?.[key];
  return part;
}

/** Copy the numbers of one input to where the program reads them. */
export function writePlace(where: string, { keys, name, dtype, array, shape }: Place, input: unknown): void {
  const given = partAt(input, keys);
  if (typeof given === "number" && array.length === 1) {
    if (!fits(given, dtype)) throw unfit(`${where}: input ${name}`, given, dtype);
    array[0] = given;
  } else if (isArray(given) && given.length === array.length) {
    const at = firstUnfit(given, dtype);
    if (at >= 0) throw unfit(`${where}: input ${name}`, given[at], dtype, printPlace(at, shape));
    array.set(given as ArrayLike<number>);
  } else {
    const expected = `given for the input ${name}, ${array.length}`;
    const count = isArray(given) ? given.length : typeof given === "number" ? 1 : undefined;
    if (count === undefined)
      throw new DataError(`${where}: ${printGiven(given)} ${expected} numbers expected`);
    throw new ShapeError(`${where}: ${count} numbers ${expected} expected`);
  }
}
