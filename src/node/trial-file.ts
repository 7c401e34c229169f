/** Trials of experiments that were stopped, as lines of a file, so that the next run of one goes on. */

import { existsSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { isObject } from "../formats/json.ts";
import type { KeptTrial, TrialStore } from "../lab/run.ts";
import { appendLine, makeDirectory, readFileBytes, writeFileAtomic } from "./files.ts";
import { jsonLine } from "./json-line.ts";

export class TrialFile implements TrialStore {
  readonly path: string;
  readonly kept: readonly KeptTrial[];

  /** What the file at `path` holds, where there is one; lines that are none of ours, or cut short, are passed over. */
  constructor(path: string) {
    this.path = path;
    this.kept = readTrials(path);
  }

  keep(trial: KeptTrial): void {
    makeDirectory(dirname(this.path));
    appendLine(this.path, jsonLine(trial));
  }

  /** All trials of these settings are measured: there is nothing to go on with but with those of others. */
  remove(settings: object): void {
    const own = JSON.stringify(settings);
    const others = readTrials(this.path).filter((trial) => JSON.stringify(trial.settings) !== own);
    if (others.length === 0) rmSync(this.path, { force: true });
    else
      writeFileAtomic(
        this.path,
        new TextEncoder().encode(others.map((trial) => `${jsonLine(trial)}\n`).join("")),
      );
  }
}

function readTrials(path: string): KeptTrial[] {
  return existsSync(path) ? new TextDecoder().decode(readFileBytes(path)).split("\n").flatMap(trialsOf) : [];
}

function trialsOf(line: string): KeptTrial[] {
  try {
    const read: unknown = JSON.parse(line);
    return isTrial(read) ? [read] : [];
  } catch {
    return [];
  }
}

function isTrial(read: unknown): read is KeptTrial {
  if (!isObject(read)) return false;
  const { experiment, settings, name, seed, seconds } = read;
  const isNamed = typeof experiment === "string" && typeof name === "string";
  return (
    isNamed && isObject(settings) && Number.isInteger(seed) && Number.isFinite(seconds) && "measured" in read
  );
}
