/** Runs the reference cases of a folder on every backend and tells how each went. */

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError } from "../../src/errors.ts";
import { backends } from "./backends.ts";
import { type Case, readCase } from "./case.ts";
import { type Deviation, largestDeviation } from "./compare.ts";
import { crossEntropyLoss, layerNormalisation } from "./functions.ts";
import type { Kind } from "./kind.ts";
import { recurrentModule } from "./modules.ts";
import { normClipping, optimizerUpdates } from "./optimizers.ts";
import { skipNetwork, textbookCell } from "./textbook.ts";
import { trainingRun } from "./training-run.ts";
import { unbuiltKinds } from "./unbuilt.ts";

/** The first kind that recognises a case computes it. */
const kinds: readonly Kind[] = [
  recurrentModule,
  trainingRun,
  optimizerUpdates,
  normClipping,
  textbookCell,
  skipNetwork,
  crossEntropyLoss,
  layerNormalisation,
  ...unbuiltKinds,
];

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
    const given = readCase(path);
    const kind = kinds.find(({ recognises }) => recognises(given));
    if (!kind) return { result: "skipped", detail: `no program for the tensors ${namesOf(given)}` };
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

function namesOf({ parameters, inputs }: Case): string {
  return [...Object.keys(parameters), ...Object.keys(inputs)].join(", ") || "(none)";
}

/** One line about a case: what came of it, its name, and the detail. */
export function printOutcome(path: string, { result, detail }: Outcome): string {
  return `${result.padEnd(7)} ${basename(path, ".safetensors")}: ${detail}`;
}
