/** Runs the reference cases of a folder on every backend and tells how each went. */

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "../../src/errors.ts";
import { readFileBytes } from "../../src/node/files.ts";
import { backends } from "./backends.ts";
import { readCase } from "./case.ts";
import { type Deviation, largestDeviation } from "./compare.ts";
import { kindOf } from "./kinds.ts";

export interface Outcome {
  readonly result: "passed" | "failed" | "skipped";
  /** The largest deviation on each backend, or the reason why there is none. */
  readonly detail: string;
}

/** The reference cases of a folder, in order. Throws DataError for a folder that is missing, unreadable or without any. */
export function casesOf(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new DataError(`cannot read the folder: ${(error as Error).message}`, { cause: error });
  }
  const files = names.filter((name) => name.endsWith(".safetensors")).sort();
  if (files.length === 0) throw new DataError(`${folder} holds no *.safetensors files`);
  return files.map((name) => join(folder, name));
}

/** How one case went. What is wrong with the file itself is a failure too. */
export function runCase(path: string): Outcome {
  try {
    const given = readCase(readFileBytes(path), basename(path, ".safetensors"));
    const kind = kindOf(given);
    const deviations: (Deviation & { backend: string })[] = [];
    for (const backend of backends) {
      const computed = kind.compute(given, backend);
      if ("skip" in computed) return { result: "skipped", detail: computed.skip };
      deviations.push({ backend: backend.name, ...largestDeviation(given, computed) });
    }
    return {
      result: deviations.every(({ error }) => error <= kind.tolerance) ? "passed" : "failed",
      detail: deviations
        .map(({ backend, error, tensor }) => `${backend} ${error.toExponential(1)} (${tensor})`)
        .join(", "),
    };
  } catch (error) {
    return { result: "failed", detail: error instanceof Error ? error.message : String(error) };
  }
}

/** One line about a case: what came of it, its name, and the detail. */
export function printOutcome(path: string, { result, detail }: Outcome): string {
  return `${result.padEnd(7)} ${basename(path, ".safetensors")}: ${detail}`;
}
