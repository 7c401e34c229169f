/** A run's folder: the model, the checkpoint and the measurements of one training. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { DataError, RondoError, UsageError } from "../errors.ts";
import type { TrainingProgress } from "../training/progress.ts";
import { appendLine, readFileBytes, removeLeftovers, writeFileAtomic } from "./files.ts";
import { jsonLine } from "./json-line.ts";
import { type Lock, type LockOwner, lockFolder, lockOwner } from "./lock.ts";

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
  #lock: Lock | undefined;

  constructor(path: string) {
    this.path = path;
    this.model = join(path, "model.safetensors");
    this.checkpoint = join(path, "checkpoint.safetensors");
    this.metrics = join(path, "metrics.jsonl");
  }

  /**
   * The folder of a new run, which belongs to this process until `release`.
   * Throws UsageError where there is a run in it already, RondoError where another process trains in it.
   */
  static claim(path: string): RunFolder {
    const folder = new RunFolder(path);
    if (folder.#holdsRun()) {
      const owner = lockOwner(path);
      if (owner) throw inUse(path, owner);
    } else {
      const owner = folder.#take();
      if (owner) throw inUse(path, owner);
      if (!folder.#holdsRun()) return folder;
      folder.release();
    }
    throw new UsageError(`${path} holds a run already: go on with it, or choose another folder`);
  }

  /** As `claim`, of the first folder that is free: `path`, else the same with -2, -3 ... at its end. */
  static claimNew(path: string): RunFolder {
    for (let count = 1; ; count++) {
      const folder = new RunFolder(count === 1 ? path : `${path}-${count}`);
      if (folder.#holdsRun() || folder.#take()) continue;
      if (!folder.#holdsRun()) return folder;
      folder.release();
    }
  }

  /**
   * The folder of a run to go on with, which belongs to this process until `release`.
   * Throws DataError where there is no folder, or no checkpoint in it, RondoError where another process trains in it.
   */
  static reopen(path: string): RunFolder {
    const folder = new RunFolder(path);
    requireFolder(path);
    if (!existsSync(folder.checkpoint)) {
      const owner = lockOwner(path);
      throw owner
        ? inUse(path, owner)
        : new DataError(`${path} holds no checkpoint.safetensors to go on from`);
    }
    const owner = folder.#take();
    if (owner) throw inUse(path, owner);
    return folder;
  }

  /** The folder of a run to go on with where it holds a checkpoint, as `reopen`, else of a new one, as `claim`. */
  static open(path: string): RunFolder {
    return new RunFolder(path).hasCheckpoint ? RunFolder.reopen(path) : RunFolder.claim(path);
  }

  /** Gives the folder free; one in which nothing came to be is removed, if it was not there before. */
  release(): void {
    this.#lock?.release();
  }

  /** Takes the folder for this process, or says who has it. */
  #take(): LockOwner | undefined {
    const taken = lockFolder(this.path);
    if (!("release" in taken)) return taken;
    this.#lock = taken;
    // What a process that was killed was about to write.
    for (const file of [this.model, this.checkpoint]) removeLeftovers(this.path, basename(file));
    return undefined;
  }

  /** Whether there is a checkpoint to go on from. */
  get hasCheckpoint(): boolean {
    return existsSync(this.checkpoint);
  }

  #holdsRun(): boolean {
    return [this.model, this.checkpoint, this.metrics].some((path) => existsSync(path));
  }

  readCheckpoint(): Uint8Array {
    return readFileBytes(this.checkpoint);
  }

  writeCheckpoint(bytes: Uint8Array): void {
    writeFileAtomic(this.checkpoint, bytes);
  }

  writeModel(bytes: Uint8Array): void {
    writeFileAtomic(this.model, bytes);
  }

  addMetrics(line: MetricsLine): void {
    appendLine(this.metrics, jsonLine(line));
  }

  /** Drops what was measured after a checkpoint, so that going on from it measures it again. `batches` is an epoch's. */
  rewindMetrics(progress: TrainingProgress, batches: number): void {
    if (!existsSync(this.metrics)) return;
    const validationIsNext = progress.batch === batches;
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

/** The file of the model of a run's folder, or of a model file. Throws DataError where there is none. */
export function modelFile(path: string): string {
  const folder = new RunFolder(path);
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  if (!isFolder) return path;
  if (existsSync(folder.model)) return folder.model;
  const reason = existsSync(folder.checkpoint)
    ? "no model yet: one is written when an epoch ends"
    : "no model.safetensors";
  throw new DataError(`${path} holds ${reason}`);
}

function requireFolder(path: string): void {
  if (!existsSync(path)) throw new DataError(`cannot read ${path}: no such file or directory`);
  if (!statSync(path).isDirectory()) throw new DataError(`${path} is a file, the folder of a run expected`);
}

function inUse(path: string, { pid, host }: LockOwner): RondoError {
  const elsewhere = host === undefined ? "" : ` of ${host}; if it has ended, remove ${join(path, ".lock")}`;
  return new RondoError(`${path} is in use: another training runs in it, process ${pid}${elsewhere}`);
}
