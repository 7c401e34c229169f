/**
 * Variables: tensors whose values live from call to call, such as weights and an optimiser's moments. A program updates
 * them in place; the newest value stays where it was computed until somebody reads it.
 */

import { ShapeError, UsageError } from "../errors.ts";
import { newNode } from "../graph/node.ts";
import type { DType, VariableIdentity } from "../graph/operations.ts";
import { Tensor } from "./tensor.ts";

export type NumericArray = Float32Array | Int32Array;

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

export interface VariableOptions {
  readonly dtype?: DType;
  /** Whether optimisers change it. Default true. */
  readonly trainable?: boolean;
  readonly initializer?: Initializer;
}

export class Variable extends Tensor {
  readonly dimensions: readonly number[];
  readonly trainable: boolean;
  readonly initializer: Initializer | undefined;
  /** Where it stands in its model, such as "rnn.weight_hh_l0"; used in files and messages. */
  name: string;
  readonly identity: VariableIdentity;
  #value: NumericArray | undefined;
  #read: (() => NumericArray) | undefined;
  #version = 0;

  constructor(name: string, shape: readonly number[], options: VariableOptions = {}) {
    const dtype = options.dtype ?? "float32";
    const wrong = shape.find((size) => !Number.isInteger(size) || size < 1);
    if (wrong !== undefined)
      throw new ShapeError(`${name}: the size ${wrong} given, a positive integer expected`);
    count += 1;
    const identity = { id: count, name };
    super(newNode("variable", [], { variable: identity, shape, dtype }));
    identities.set(this.node, this);
    this.identity = identity;
    this.name = name;
    this.dimensions = shape;
    this.trainable = options.trainable ?? true;
    this.initializer = options.initializer;
  }

  /** Number of elements. */
  get count(): number {
    return this.dimensions.reduce((product, size) => product * size, 1);
  }

  get hasValue(): boolean {
    return this.#version > 0;
  }

  /** Grows with every change of the value. */
  get version(): number {
    return this.#version;
  }

  /** The value, row-major; a fresh array if a program changed it since. Throws UsageError while there is none. */
  get value(): NumericArray {
    if (this.#read) {
      this.#value = this.#read();
      this.#read = undefined;
    }
    if (!this.#value) throw new UsageError(`${this.name} has no value yet: initialise the model first`);
    return this.#value;
  }

  set value(value: ArrayLike<number>) {
    if (value.length !== this.count) {
      throw new ShapeError(
        `${this.name}: ${value.length} numbers given, ${this.count} expected for (${this.dimensions.join(", ")})`,
      );
    }
    this.#value = this.dtype === "int32" ? Int32Array.from(value) : Float32Array.from(value);
    this.#read = undefined;
    this.#version += 1;
  }

  /** For executables: the value changed and is to be had from `read`. Returns the new version. */
  changed(read: () => NumericArray): number {
    this.#read = read;
    this.#value = undefined;
    this.#version += 1;
    return this.#version;
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
