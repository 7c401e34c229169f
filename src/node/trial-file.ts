/** Trials of an experiment that was stopped, as lines of a file, so that the next run of it goes on. */

import { existsSync, readFileSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { isObject } from "../formats/json.ts";
import type { KeptTrial, TrialStore } from "../lab/run.ts";
import { appendLine, makeDirectory } from "./files.ts";
import { jsonLine } from "./json-line.ts";

export class TrialFile implements TrialStore {
  readonly path: string;
  readonly kept: readonly KeptTrial[];

  /** What the file at `path` holds, where there is one; lines that are none of ours, or cut short, are passed over. */
  constructor(path: string) {
    this.path = path;
    this.kept = existsSync(path) ? readFileSync(path, "utf8").split("\n").flatMap(trialsOf) : [];
  }

  keep(trial: KeptTrial): void {
    makeDirectory(dirname(this.path));
    appendLine(this.path, jsonLine(trial));
  }

  /** All are measured: there is nothing to go on with. */
  remove(): void {
    rmSync(this.path, { force: true });
  }
}

function trialsOf(line: string): KeptTrial[] {
  try {
    const read: unknown = JSON.parse(line);
    return isObject(read) && isObject(read.settings) && "measured" in read
      ? [read as unknown as KeptTrial]
      : [];
  } catch {
    return [];
  }
}
