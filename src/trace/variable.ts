/**
 * Variables: tensors whose values live from call to call, such as weights and an optimiser's moments. A program updates
 * them in place; the newest value stays where it was computed until somebody reads it.
 */

import { checkOptions, printGiven } from "../checks.ts";
import { ShapeError, UsageError } from "../errors.ts";
import { newNode } from "../graph/node.ts";
import type { VariableIdentity } from "../graph/operations.ts";
import { checkNumbers, copyNumbers, countOf, type NumberType, type NumericArray } from "../numbers.ts";
import { Tensor } from "./tensor.ts";

export type { NumericArray } from "../numbers.ts";

let count = 0;

/** Fills a new variable: given its shape and a source of random numbers of its own. */
export type Initializer = (shape: readonly number[], random: RandomSource) => NumericArray;

/** Random numbers from a seed: the same seed gives the same numbers. */
export interface RandomSource {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/** Where a program keeps the newest value of a variable until somebody reads it. */
export interface ValueHolder {
  /** The value, copied. */
  read(): NumericArray;
  /** The value itself, which becomes that of a new version. Not every program lets it be changed where it stands. */
  readonly edit?: (version: number) => NumericArray;
}

export interface VariableOptions {
  /** Default "float32". */
  readonly dtype?: NumberType;
  /** Whether optimisers change it. Default true. */
  readonly trainable?: boolean;
  readonly initializer?: Initializer;
  /** The layer that has it, such as "linear(3, 2)", for messages. */
  readonly layer?: string;
}

export class Variable extends Tensor {
  readonly dimensions: readonly number[];
  readonly trainable: boolean;
  readonly initializer: Initializer | undefined;
  readonly layer: string | undefined;
  /** Where it stands in its model, such as "rnn.weight_hh_l0"; used in files and messages. */
  name: string;
  readonly identity: VariableIdentity;
  #value: NumericArray | undefined;
  #holder: ValueHolder | undefined;
  #version = 0;

  constructor(name: string, shape: readonly number[], options: VariableOptions = {}) {
    if (typeof name !== "string") {
      throw new UsageError(`a variable: the name ${printGiven(name)} given, a text expected`);
    }
    if (!Array.isArray(shape)) {
      throw new ShapeError(`${name}: the shape ${printGiven(shape)} given, a list of sizes expected`);
    }
    checkOptions(name, options, { dtype: true, trainable: true, initializer: true, layer: true });
    const dtype = options.dtype ?? "float32";
    if (dtype !== "float32" && dtype !== "int32")
      throw new UsageError(`${name}: dtype ${printGiven(dtype)} given, float32 or int32 expected`);
    if (!Array.isArray(shape))
      throw new ShapeError(`${name}: the shape ${printGiven(shape)} given, a list of sizes expected`);
    const dimensions: readonly number[] = Object.freeze([...shape]);
    const wrong = dimensions.findIndex((size) => !Number.isInteger(size) || size < 1);
    if (wrong >= 0) {
      const size = printGiven(dimensions[wrong]);
      throw new ShapeError(`${name}: the size ${size} given, a positive integer expected`);
    }
    count += 1;
    const identity = { id: count, name };
    super(newNode("variable", [], { variable: identity, shape: dimensions, dtype }));
    identities.set(this.node, this);
    this.identity = identity;
    this.name = name;
    this.dimensions = dimensions;
    this.trainable = options.trainable ?? true;
    this.initializer = options.initializer;
    this.layer = options.layer;
  }

  override get [Symbol.toStringTag](): string {
    return "Variable";
  }
  override toString(): string {
    return `Variable ${this.name} ${this.dtype} (${this.dimensions.join(", ")})`;
  }

  /** Number of elements. */
  get count(): number {
    return countOf(this.dimensions);
  }

  get hasValue(): boolean {
    return this.#version > 0;
  }

  /** Grows with every change of the value. */
  get version(): number {
    return this.#version;
  }

  /**
   * The value, row-major. What is read is a copy, and what is set is copied: writing to either array changes nothing, setting
   * the value does, for every program and file from then on.
   * Reading throws UsageError while there is none. Setting throws ShapeError for another number of elements, DataError for
   * one that the dtype cannot hold.
   */
  get value(): Readonly<Float32Array> | Readonly<Int32Array> {
    return this.peek().slice();
  }

  set value(value: ArrayLike<number>) {
    const dtype = this.dtype === "int32" ? "int32" : "float32";
    checkNumbers(this.name, value, dtype, this.dimensions);
    this.#value = copyNumbers(value, dtype);
    this.#holder = undefined;
    this.#version += 1;
  }

  /** For executables: the value itself, not to be written to. */
  peek(): NumericArray {
    if (this.#holder) {
      this.#value = this.#holder.read();
      this.#holder = undefined;
    }
    if (!this.#value) {
      const of = this.layer === undefined ? "" : ` of ${this.layer}`;
      throw new UsageError(
        `${this.name}${of} has no value yet: initialize(model, { seed: 1 }) expected first`,
      );
    }
    return this.#value;
  }

  /** For executables: the value changed, and `holder` has it. Returns the new version. */
  changed(holder: ValueHolder): number {
    this.#holder = holder;
    this.#value = undefined;
    this.#version += 1;
    return this.#version;
  }

  /** For streams: the value itself, where it stands, to be changed at once: it counts as a new one. */
  edit(): NumericArray {
    const edit = this.#holder?.edit;
    const value = edit ? undefined : this.peek();
    this.#version += 1;
    return value ?? (edit as (version: number) => NumericArray)(this.#version);
  }
}

/** The variable behind each leaf of the graph. */
const identities = new WeakMap<object, Variable>();

/** The variable whose leaf this node is. */
export function variableOf(leaf: object): Variable {
  const variable = identities.get(leaf);
  if (!variable) throw new UsageError("a program refers to a leaf that no variable made");
  return variable;
}
