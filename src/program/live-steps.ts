/** Steps that have begun: their rows, the memory and what was computed from it, and the state that goes on. */

import { bindSymbols, type Executable, type Prepared, type Value } from "../backends/backend.ts";
import { printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { type Bindings, evaluateDimension, type Shape } from "../graph/dimension.ts";
import type { Node } from "../graph/node.ts";
import { countOf, type NumberType, type NumericArray } from "../numbers.ts";
import { refuseWhileTracing } from "../trace/current.ts";
import type { Expectation } from "../trace/expectation.ts";
import { mapTree, strayPart } from "../trace/tree.ts";
import { isTensor, isType, type Traced } from "./compile.ts";
import { expectationCheck } from "./expectations.ts";
import { type Place, partAt, writePlace } from "./places.ts";
import { axisOfRows } from "./row-wise.ts";
import { RowOrder, repeatRows } from "./rows.ts";
import { readValue } from "./values.ts";

/** One thing that steps are given. */
export interface Given {
  /** At every step; from step to step; or once. */
  readonly group: "input" | "state" | "memory";
  /** The path to it in the tree of its group. */
  readonly keys: readonly string[];
  readonly name: string;
  readonly dtype: NumberType;
  readonly shape: Shape;
  /** Where its rows stand; negative for nowhere. */
  readonly axis: number;
}

export interface StepsProgram {
  readonly given: readonly Given[];
  /** The symbol for the rows. */
  readonly rows: string;
  /** Its inputs are a tree of the groups; its result is { next, output }, the next states as a list. */
  readonly traced: Traced;
  /** The step, over what is given and kept. */
  readonly executable: Executable;
  /** Computes what is kept, where there is something. */
  readonly keeper: Executable | undefined;
  readonly kept: readonly Node<"input">[];
}

interface Start {
  readonly state: unknown;
  readonly memory?: unknown;
  readonly repeat?: number;
}

/** A part of the state: where it stands, and where the program leaves the next one. */
interface Carried {
  readonly array: NumericArray;
  readonly next: Value["data"];
  readonly shape: readonly number[];
  readonly axis: number;
}

export class LiveProgram {
  readonly rows: number;
  readonly #isCurrent: () => boolean;
  readonly #prepared: Prepared;
  readonly #tree: unknown;
  readonly #places: readonly Place[];
  readonly #values: Readonly<Record<string, Value>>;
  readonly #check: (values: Readonly<Record<string, Value>>) => void;
  readonly #carried: readonly Carried[];
  readonly #output: unknown;
  readonly #order: RowOrder;

  constructor(program: StepsProgram, start: Start, isCurrent: () => boolean) {
    const { given, rows, traced, executable, keeper, kept } = program;
    const { repeat = 1 } = start;
    if (!Number.isInteger(repeat) || repeat < 1) {
      throw new UsageError(`begin: repeat ${printGiven(repeat)} given, a whole number from 1 expected`);
    }
    const values = readStart(program, start);
    const inputs = traced.program.inputs;
    const single = bindSymbols(
      inputs.filter((_, index) => given[index]?.group !== "input"),
      values,
    );
    const batch = single[rows] as number;
    if (batch < 1) throw new UsageError("begin: no rows given, one or more expected");
    const repeated: Bindings = { ...single, [rows]: batch * repeat };
    checkOf(program, single, (group) => group !== "input")(values);
    for (const { group, name, ...type } of given) if (group === "input") values[name] = zerosOf(type, single);
    const found = keeper?.run(values) ?? [];

    const room = [
      ...given,
      ...kept.map(({ attributes, shape, dtype }) => ({ name: attributes.name, shape, dtype })),
    ];
    const arrays = Object.fromEntries(
      room.map(({ name, shape, dtype }) => [name, zerosOf({ shape, dtype: dtype as NumberType }, repeated)]),
    );
    const prepared = executable.prepare(arrays);
    const put = (name: string, { data, shape }: Value, axis: number) =>
      repeatRows(data, shape, axis, repeat, prepared.inputs[name] as NumericArray);
    for (const { group, name, axis } of given) if (group !== "input") put(name, values[name] as Value, axis);
    kept.forEach(({ attributes, shape }, index) => {
      put(attributes.name, found[index] as Value, axisOfRows(shape, rows));
    });

    this.rows = batch * repeat;
    this.#isCurrent = isCurrent;
    this.#prepared = prepared;
    this.#tree = (traced.inputs as { input: unknown }).input;
    this.#check = checkOf(program, repeated, (group) => group === "input");
    this.#order = new RowOrder(this.rows);
    const shapeOf = (name: string) => (arrays[name] as Value).shape;
    const arrayOf = (name: string) => prepared.inputs[name] as NumericArray;
    this.#places = given
      .filter(({ group }) => group === "input")
      .map(({ keys, name, dtype }) => ({ keys, name, dtype, array: arrayOf(name), shape: shapeOf(name) }));
    this.#values = Object.fromEntries(
      this.#places.map(({ name, array, shape }) => [name, { data: array, shape }]),
    );
    const states = given.filter(({ group }) => group === "state");
    this.#carried = states.map(({ name, axis }, index) => ({
      array: arrayOf(name),
      next: prepared.results[index] as Value["data"],
      shape: shapeOf(name),
      axis,
    }));
    let at = states.length;
    this.#output = mapTree(
      (traced.result as { output: unknown }).output,
      isTensor,
      () => prepared.results[at++],
    );
  }

  next(input: unknown): unknown {
    refuseWhileTracing("next of compiled steps", "the step that was compiled");
    this.#checkCurrent();
    const stray = isType(this.#tree) ? undefined : strayPart(input, this.#tree, isType);
    if (stray !== undefined) throw new DataError(`steps: input ${stray}`);
    for (const place of this.#places) writePlace("steps", place, input);
    this.#check(this.#values);
    this.#prepared.run();
    for (const { array, next } of this.#carried) array.set(next);
    return this.#output;
  }

  reorder(order: ArrayLike<number>): void {
    this.#checkCurrent();
    this.#order.plan("steps", order);
    for (const { array, shape, axis } of this.#carried) if (axis >= 0) this.#order.apply(array, shape, axis);
  }

  #checkCurrent(): void {
    if (this.#isCurrent()) return;
    throw new UsageError("steps have begun anew meanwhile: one compiled step has one beginning at a time");
  }
}

/** The state and the memory that steps begin with, by name. */
function readStart({ given, traced }: StepsProgram, start: Start): Record<string, Value> {
  const values: Record<string, Value> = {};
  const trees = traced.inputs as Readonly<Record<string, unknown>>;
  for (const group of ["state", "memory"] as const) {
    const form = trees[group];
    const stray = form === undefined || isType(form) ? undefined : strayPart(start[group], form, isType);
    if (stray !== undefined) throw new DataError(`begin: ${group} ${stray}`);
  }
  if (trees.memory === undefined && start.memory !== undefined)
    throw new DataError("begin: a memory given to a step that was compiled without one");
  for (const { group, keys, name, dtype } of given) {
    if (group === "input") continue;
    const found = partAt(start[group], keys);
    if (found === undefined) throw new DataError(`begin: ${name} is missing`);
    values[name] = readValue(`begin: ${name}`, found, dtype);
  }
  return values;
}

/** The check of what the step expects of some of what it is given, for sizes that are known: nothing is allocated. */
function checkOf(
  { given, traced }: StepsProgram,
  bindings: Bindings,
  isChecked: (group: Given["group"]) => boolean,
): (values: Readonly<Record<string, Value>>) => void {
  const names = new Set(given.filter(({ group }) => isChecked(group)).map(({ name }) => name));
  const expectations = traced.expectations.flatMap((expectation): Expectation[] => {
    const { input, part, least, most } = expectation;
    if (!names.has((input as Node<"input">).attributes.name)) return [];
    const numberOf = (size: Expectation["least"]) => evaluateDimension(size, bindings);
    const ranges = part.map((range) => range && { start: numberOf(range.start), size: numberOf(range.size) });
    return [{ ...expectation, part: ranges, least: numberOf(least), most: numberOf(most) }];
  });
  return expectationCheck({ expectations, program: { ...traced.program, inputs: [] } });
}

function zerosOf(
  { shape, dtype }: { readonly shape: Shape; readonly dtype: NumberType },
  bindings: Bindings,
): Value {
  const sizes = shape.map((size) => evaluateDimension(size, bindings));
  const count = countOf(sizes);
  return { data: dtype === "int32" ? new Int32Array(count) : new Float32Array(count), shape: sizes };
}
