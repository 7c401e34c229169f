// Reads a reference case of test/fixtures/torch, and compares tensors with it.
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { readSafetensors, type SafetensorsFile } from "../../src/formats/safetensors.ts";

export function readCase(name: string): SafetensorsFile {
  return readSafetensors(readFileSync(`test/fixtures/torch/${name}.safetensors`), name);
}

/** A tensor of a case as numbers. */
export function numbers(file: SafetensorsFile, name: string): number[] {
  const tensor = file.tensors.get(name);
  if (!tensor) throw new Error(`the case has no tensor ${name}`);
  return Array.from(tensor.data, Number);
}

/** The largest difference, relative to the largest element expected. */
export function relativeError(given: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(given.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  return Math.max(...Array.from(expected, (value, at) => Math.abs(value - (given[at] as number)))) / scale;
}
