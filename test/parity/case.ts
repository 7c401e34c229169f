/** A reference case computed by PyTorch: a safetensors file whose tensors' prefixes say what they are. */

import type { Value } from "../../src/backends/backend.ts";
import { DataError } from "../../src/errors.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";

/** Tensors by the name behind their prefix. */
export type Tensors = Readonly<Record<string, Value>>;

export interface Case {
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parameters: Tensors;
  readonly inputs: Tensors;
  /** What must come out. */
  readonly outputs: Tensors;
  /** Weights of the scalar that was differentiated: the sum of output * seed. */
  readonly seeds: Tensors;
  /** Its gradients, by the name of a parameter or input. */
  readonly gradients: Tensors;
}

const prefixes = {
  param: "parameters",
  in: "inputs",
  out: "outputs",
  seed: "seeds",
  grad: "gradients",
} as const;

/** A case from the bytes of its file. Throws a RondoError where they are not safetensors or hold what no case holds. */
export function readCase(bytes: Uint8Array, name: string): Case {
  const { tensors, metadata } = readSafetensors(bytes, `${name}.safetensors`);
  const parts: Record<(typeof prefixes)[keyof typeof prefixes], Record<string, Value>> = {
    parameters: {},
    inputs: {},
    outputs: {},
    seeds: {},
    gradients: {},
  };
  for (const [full, { data, shape }] of tensors) {
    const dot = full.indexOf(".");
    const part = Object.entries(prefixes).find(([prefix]) => prefix === full.slice(0, dot))?.[1];
    if (!part) {
      throw new DataError(
        `tensor ${full}: a name that starts with ${Object.keys(prefixes).join(", ")} expected`,
      );
    }
    if (!(data instanceof Float32Array || data instanceof Float64Array || data instanceof Int32Array)) {
      throw new DataError(`tensor ${full}: ${data.constructor.name} given, float32 or int32 expected`);
    }
    parts[part][full.slice(dot + 1)] = { data, shape };
  }
  return { name, metadata, ...parts };
}

/** The tensor of this name; throws DataError where the case has none. */
export function tensorOf(tensors: Tensors, name: string): Value {
  const found = tensors[name];
  if (!found) throw new DataError(`no tensor ${name} given, expected in a case like this`);
  return found;
}

/** Size of an axis of a case's tensor; throws DataError where there is no such axis. */
export function sizeOf(tensors: Tensors, name: string, axis: number): number {
  const { shape } = tensorOf(tensors, name);
  const size = shape.at(axis);
  if (size === undefined)
    throw new DataError(`tensor ${name}: (${shape.join(", ")}) given, an axis ${axis} expected`);
  return size;
}

/** A number from the metadata; throws DataError where it is missing or none. */
export function numberOf({ metadata }: Case, key: string, fallback?: number): number {
  const text = metadata[key];
  const value = text === undefined ? fallback : Number(text);
  if (value === undefined || !Number.isFinite(value)) {
    throw new DataError(`metadata ${key}: ${text ?? "nothing"} given, a number expected`);
  }
  return value;
}
