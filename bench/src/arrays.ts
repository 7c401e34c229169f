/** The arrays that every contender of a case gets, through a file, and the fingerprints by which results are compared. */

import { readFileSync, writeFileSync } from "node:fs";
import { readSafetensors, type StoredTensor, writeSafetensors } from "../../src/index.ts";
import { randomSource } from "../../src/nn/random.ts";
import { type Task, weightShapes } from "./cases.ts";
import { sharpen, translatorTokens } from "./translator.ts";

/** Float32 arrays by name: x (T, B, I), or the tokens that a translator reads, and the weights. */
export type Arrays = ReadonlyMap<string, Float32Array>;

/** Write x, from a normal distribution, or tokens, and weights uniform in +-1/sqrt(H); what multiplies a norm is near 1. */
export function writeArrays(path: string, task: Task): void {
  const { B, T, I, H } = task.size;
  const isTranslator = task.model === "translator";
  const bound = 1 / Math.sqrt(H);
  const tensors = new Map<string, StoredTensor>();
  const source = randomSource(1, "x");
  const x = () => ({
    shape: [T, B, I],
    data: Float32Array.from({ length: T * B * I }, () => source.normal()),
  });
  const inputs: Record<string, StoredTensor> = isTranslator ? translatorTokens(task.size) : { x: x() };
  for (const [name, input] of Object.entries(inputs)) tensors.set(name, input);
  for (const [name, shape] of Object.entries(weightShapes(task))) {
    const uniform = randomSource(1, name);
    const centre = name.startsWith("gain") ? 1 : 0;
    const length = shape.reduce((product, axis) => product * axis, 1);
    const data = Float32Array.from({ length }, () => centre + bound * (2 * uniform.uniform() - 1));
    if (isTranslator) sharpen(name, data);
    tensors.set(name, { shape: [...shape], data });
  }
  writeFileSync(path, writeSafetensors({ tensors, metadata: {} }));
}

export function readArrays(path: string): Arrays {
  const { tensors } = readSafetensors(readFileSync(path), path);
  return new Map([...tensors].map(([name, { data }]) => [name, data as Float32Array]));
}

export function arrayOf(arrays: Arrays, name: string): Float32Array {
  const found = arrays.get(name);
  if (!found) throw new Error(`no array ${name} in the file`);
  return found;
}

/** Two numbers that tell an array from others: its norm, and its sum weighted with cos(index). */
export interface Fingerprint {
  readonly norm: number;
  readonly projection: number;
}

export function fingerprint(array: ArrayLike<number>): Fingerprint {
  let squares = 0;
  let projection = 0;
  for (let index = 0; index < array.length; index += 1) {
    const element = array[index] as number;
    squares += element * element;
    projection += element * Math.cos(index);
  }
  return { norm: Math.sqrt(squares), projection };
}

/** The relative difference that float32 may make over a sequence. */
const tolerance = 5e-4;

/** Why two sets of results differ, or undefined where they agree in all that both have. */
export function disagreement(
  given: Readonly<Record<string, Fingerprint>>,
  expected: Readonly<Record<string, Fingerprint>>,
): string | undefined {
  for (const [name, { norm, projection }] of Object.entries(given)) {
    const right = expected[name];
    if (!right) continue;
    const allowed = tolerance * right.norm;
    if (Math.abs(norm - right.norm) <= allowed && Math.abs(projection - right.projection) <= allowed)
      continue;
    const print = (of: Fingerprint) => `norm ${of.norm} and projection ${of.projection}`;
    return `${name} has ${print({ norm, projection })}, ${print(right)} expected`;
  }
  return undefined;
}
