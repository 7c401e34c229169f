/** The rows of a batch, one by one and side by side: of any inputs that have an axis "B". */

import type { Value } from "../backends/backend.ts";
import { pickRows } from "../data/pick-rows.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { isObject } from "../formats/json.ts";
import { countOf, fits } from "../numbers.ts";
import { type InputType, isType, type ValueLike } from "../program/compile.ts";
import { readValue } from "../program/values.ts";
import { type MapTree, mapTree, namedLeaves } from "../trace/tree.ts";

/** A row of a batch: the numbers of each input, by its path, without the axis of rows. */
export type BatchRow = Readonly<Record<string, Value>>;

/** A row as plain JSON, which has names for the numbers that it cannot write: such as NaN, where a target is missing. */
export type PlainRow = Readonly<
  Record<
    string,
    {
      readonly shape: readonly number[];
      readonly data: readonly (number | "NaN" | "Infinity" | "-Infinity")[];
    }
  >
>;

type PlainNumber = PlainRow[string]["data"][number];

/** An input: where it stands in the tree, and which axis its rows are along. */
interface RowInput {
  readonly path: string;
  readonly axis: number;
  readonly dtype: "float32" | "int32";
}

/** Where the rows of batches of some inputs are. */
export class BatchRows<const Inputs> {
  readonly inputs: readonly RowInput[];
  readonly #where: string;
  readonly #types: Inputs;

  /** Throws UsageError, which begins with `where`, for an input without an axis "B". */
  constructor(where: string, types: Inputs) {
    this.#where = where;
    this.#types = types;
    this.inputs = namedLeaves(`${where}: inputs`, types, isType, "float32(...) or int32(...)").map(
      ([path, { shape, dtype }]) => {
        const axis = shape.indexOf("B");
        if (axis >= 0) return { path, axis, dtype };
        throw new UsageError(
          `${where}: ${path || "the input"} has no axis "B", of rows, such as float32("T", "B", 1)`,
        );
      },
    );
  }

  /** The rows of a batch. Throws ShapeError where inputs have other numbers of them, and what `compile` throws for wrong values. */
  split(batch: MapTree<Inputs, InputType, ValueLike>): BatchRow[] {
    const values = this.inputs.map((input) => ({
      ...input,
      ...readValue(`${this.#where}: ${input.path}`, partAt(batch, input.path), input.dtype),
    }));
    const [rows = 0, ...others] = new Set(values.map(({ shape, axis }) => shape[axis] ?? 0));
    if (others.length > 0) {
      const counts = [rows, ...others].join(" and ");
      throw new ShapeError(`${this.#where}: inputs of ${counts} rows given, of as many rows expected`);
    }
    return Array.from({ length: rows }, (_, row) =>
      Object.fromEntries(values.map((whole) => [whole.path, rowOf(whole, row)])),
    );
  }

  /** Rows side by side. Throws ShapeError for rows of several shapes, UsageError for none: their shape is not known. */
  join(rows: readonly BatchRow[]): MapTree<Inputs, InputType, Value> {
    const [first] = rows;
    if (!first) throw new UsageError(`${this.#where}: no rows given, one or more expected`);
    for (const row of rows) this.check(row, first);
    return mapTree(this.#types, isType, ({ dtype, shape }, path) => {
      const one = (first[path] as Value).shape;
      const axis = shape.indexOf("B");
      const inner = countOf(one.slice(axis));
      const data = new (dtype === "int32" ? Int32Array : Float32Array)(countOf(one) * rows.length);
      rows.forEach((row, b) => {
        const numbers = (row[path] as Value).data;
        for (let at = 0; at < numbers.length; at++) {
          data[(Math.floor(at / inner) * rows.length + b) * inner + (at % inner)] = numbers[at] as number;
        }
      });
      return { data, shape: one.toSpliced(axis, 0, rows.length) };
    }) as MapTree<Inputs, InputType, Value>;
  }

  /** A row as plain JSON. */
  plain(row: BatchRow): PlainRow {
    const part = ({ shape, data }: Value) => ({
      shape: [...shape],
      data: Array.from<number, PlainNumber>(data, plainNumber),
    });
    return Object.fromEntries(Object.entries(row).map(([path, value]) => [path, part(value)]));
  }

  /** What `plain` gave as a row again; undefined for what is none of such inputs. */
  read(given: unknown): BatchRow | undefined {
    if (!isObject(given) || Object.keys(given).length !== this.inputs.length) return undefined;
    const parts = this.inputs.map(({ path, dtype }) => {
      const part = given[path];
      if (!isObject(part) || !Array.isArray(part.shape) || !Array.isArray(part.data)) return undefined;
      const shape = part.shape as number[];
      const data = part.data.map((one) => (dtype === "float32" ? readNumber(one) : one));
      if (data.length !== countOf(shape) || !data.every((one) => fits(one, dtype))) return undefined;
      return [
        path,
        { shape, data: dtype === "int32" ? Int32Array.from(data) : Float32Array.from(data) },
      ] as const;
    });
    return parts.every((part) => part !== undefined) ? Object.fromEntries(parts) : undefined;
  }

  /** Throws ShapeError unless a row has the shapes of another one. */
  check(row: BatchRow, other: BatchRow): void {
    for (const { path } of this.inputs) {
      const [given, expected] = [row, other].map((one) => `(${(one[path] as Value).shape.join(", ")})`);
      if (given === expected) continue;
      throw new ShapeError(
        `${this.#where}: a row ${given} of ${path || "the input"} given, ${expected} as those before expected`,
      );
    }
  }
}

/** A row of a whole, without the axis. */
function rowOf({ data, shape, axis }: Value & RowInput, row: number): Value {
  return { data: pickRows({ data, shape }, [row], axis).data, shape: shape.toSpliced(axis, 1) };
}

const beyond: readonly unknown[] = ["NaN", "Infinity", "-Infinity"];

const plainNumber = (number: number) => (Number.isFinite(number) ? number : (String(number) as PlainNumber));
/** What `plainNumber` gave as a number again; what is none stays. */
const readNumber = (given: unknown) => (beyond.includes(given) ? Number(given) : given);

/** What stands in a tree at a path. */
function partAt(tree: unknown, path: string): unknown {
  if (path === "") return tree;
  return path.split(".").reduce<unknown>((part, name) => (part as Record<string, unknown>)?.[name], tree);
}
