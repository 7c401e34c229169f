/** Checks at each call that the numbers given to a program are within the limits that its function expects. */

import { bindSymbols, type Program, type Value } from "../backends/backend.ts";
import { DataError } from "../errors.ts";
import { type Bindings, type Dimension, evaluateDimension } from "../graph/dimension.ts";
import type { Node } from "../graph/node.ts";
import { countOf, printPlace } from "../numbers.ts";
import type { Expectation, Range } from "../trace/expectation.ts";

const none: Bindings = {};

/**
 * A function of the inputs by name that throws DataError for the first number that is not within its limits. Nothing is
 * allocated where inputs are looked at as a whole and the limits are numbers.
 */
export function expectationCheck({
  expectations,
  program,
}: {
  readonly expectations: readonly Expectation[];
  readonly program: Program;
}): (values: Readonly<Record<string, Value>>) => void {
  const checks = expectations.map((expectation) => {
    const { name } = (expectation.input as Node<"input">).attributes;
    const { least, most, except, part } = expectation;
    const ranges = part.some((range) => range !== undefined) ? part : undefined;
    const isFixed = typeof least === "number" && typeof most === "number" && !ranges;
    return { name, least, most, except, ranges, isFixed };
  });
  if (checks.length === 0) return () => {};
  const areFixed = checks.every(({ isFixed }) => isFixed);
  return (values) => {
    const bindings = areFixed ? none : bindSymbols(program.inputs, values);
    for (const { name, least, most, except, ranges } of checks) {
      const { data, shape } = values[name] as Value;
      const low = evaluateDimension(least, bindings);
      const high = evaluateDimension(most, bindings);
      const at = ranges
        ? firstOutsideOf(data, shape, ranges, bindings, low, high, except)
        : firstOutside(data, 0, data.length, low, high, except);
      if (at < 0) continue;
      const print = (limit: Dimension, size: number) => (limit === size ? `${size}` : `${limit} = ${size}`);
      const also = except === undefined ? "" : `, or ${except},`;
      const given = `${data[at]} given at ${printPlace(at, shape)}`;
      throw new DataError(
        `input ${name}: ${given}, ${print(least, low)} to ${print(most, high)}${also} expected`,
      );
    }
  };
}

/** The first place from `start` to `end` (exclusive) of a number that is not within the limits; -1 for none. */
function firstOutside(
  data: Value["data"],
  start: number,
  end: number,
  low: number,
  high: number,
  except: number | undefined,
): number {
  for (let at = start; at < end; at++) {
    const number = data[at] as number;
    if (!(number >= low && number <= high) && number !== except) return at;
  }
  return -1;
}

/** The same of the part of an array that lies within ranges along its axes. */
function firstOutsideOf(
  data: Value["data"],
  shape: readonly number[],
  ranges: readonly (Range | undefined)[],
  bindings: Bindings,
  low: number,
  high: number,
  except: number | undefined,
): number {
  const limits = shape.map((size, axis) => {
    const range = ranges[axis];
    if (!range) return [0, size] as const;
    const start = evaluateDimension(range.start, bindings);
    const end = start + evaluateDimension(range.size, bindings);
    return [Math.max(0, start), Math.min(size, end)] as const;
  });
  const visit = (axis: number, base: number): number => {
    const [start, end] = limits[axis] as readonly [number, number];
    if (axis === shape.length - 1) return firstOutside(data, base + start, base + end, low, high, except);
    const stride = countOf(shape.slice(axis + 1));
    for (let at = start; at < end; at++) {
      const found = visit(axis + 1, base + at * stride);
      if (found >= 0) return found;
    }
    return -1;
  };
  return visit(0, 0);
}
