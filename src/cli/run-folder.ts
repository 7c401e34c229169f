/** A run's folder: the model, the checkpoint and the measurements of one training. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Backend } from "../backends/backend.ts";
import { DataError, UsageError } from "../errors.ts";
import { appendLine, makeDirectory, readFileBytes, writeFileAtomic } from "../node/files.ts";
import { readLanguageModel } from "../tasks/language-model/index.ts";
import type { TrainingProgress } from "../training/progress.ts";

/** One line of metrics.jsonl. */
export interface MetricsLine {
  readonly event: string;
  readonly step: number;
}

export class RunFolder {
  readonly path: string;
  readonly model: string;
  readonly checkpoint: string;
  readonly metrics: string;

  constructor(path: string) {
    this.path = path;
    this.model = join(path, "model.safetensors");
    this.checkpoint = join(path, "checkpoint.safetensors");
    this.metrics = join(path, "metrics.jsonl");
  }

  holdsRun(): boolean {
    return [this.model, this.checkpoint, this.metrics].some((path) => existsSync(path));
  }

  /** Makes the folder for a new run. Throws UsageError where there is a run in it already. */
  create(): void {
    if (this.holdsRun()) {
      throw new UsageError(
        `${this.path} holds a run already: go on with it (rondo train --resume ${this.path}) or choose another --out`,
      );
    }
    makeDirectory(this.path);
  }

  /** Throws DataError where there is no folder, or no checkpoint in it. */
  readCheckpoint(): Uint8Array {
    requireFolder(this.path);
    if (!existsSync(this.checkpoint)) {
      throw new DataError(`${this.path} holds no checkpoint.safetensors to go on from`);
    }
    return readFileBytes(this.checkpoint);
  }

  writeCheckpoint(bytes: Uint8Array): void {
    writeFileAtomic(this.checkpoint, bytes);
  }

  writeModel(bytes: Uint8Array): void {
    writeFileAtomic(this.model, bytes);
  }

  addMetrics(line: MetricsLine): void {
    appendLine(this.metrics, JSON.stringify(line));
  }

  /** Drops what was measured after a checkpoint, so that going on from it measures it again. `windows` is an epoch's. */
  rewindMetrics(progress: TrainingProgress, windows: number): void {
    if (!existsSync(this.metrics)) return;
    const validationIsNext = progress.batch === windows;
    const kept = readFileSync(this.metrics, "utf8")
      .split("\n")
      .filter((line) => {
        const { event, step } = parseLine(line);
        return (
          step < progress.step || (step === progress.step && !(validationIsNext && event === "validation"))
        );
      });
    writeFileAtomic(this.metrics, new TextEncoder().encode(kept.map((line) => `${line}\n`).join("")));
  }
}

/** A line as it was measured; one that is no measurement, or was cut short, stands after everything. */
function parseLine(line: string): MetricsLine {
  try {
    return JSON.parse(line) as MetricsLine;
  } catch {
    return { event: "", step: Number.POSITIVE_INFINITY };
  }
}

/** A folder below runs/ that holds no run yet, named after the text and the cell. */
export function newRunPath(text: string, cell: string): string {
  const name = `${basename(text).replace(/\.[^.]*$/, "") || "text"}-${cell}`;
  for (let count = 1; ; count++) {
    const path = join("runs", count === 1 ? name : `${name}-${count}`);
    if (!new RunFolder(path).holdsRun()) return path;
  }
}

/** The model of a run's folder, or of a model file. */
export function readModel(
  path: string,
  backend?: Backend,
): ReturnType<typeof readLanguageModel> & { where: string } {
  const folder = new RunFolder(path);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const where = isFolder ? folder.model : path;
  if (isFolder && !existsSync(where)) {
    const reason = existsSync(folder.checkpoint)
      ? "no model yet: one is written when an epoch ends"
      : "no model.safetensors";
    throw new DataError(`${path} holds ${reason}`);
  }
  return { ...readLanguageModel(readFileBytes(where), where, { backend }), where };
}

function requireFolder(path: string): void {
  if (!existsSync(path)) throw new DataError(`cannot read ${path}: no such file or directory`);
  if (!statSync(path).isDirectory()) throw new DataError(`${path} is a file, the folder of a run expected`);
}
