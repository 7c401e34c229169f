// Reads a reference case of test/fixtures/torch.
import { readFileSync } from "node:fs";
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
