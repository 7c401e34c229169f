/** What a library implements to be measured, and what its process is asked and answers, one line of JSON each. */

import type { Arrays, Fingerprint } from "../arrays.ts";
import type { Task } from "../cases.ts";

/** A task made ready: `run` does it once. */
export interface Prepared {
  run(): void | Promise<void>;
  /** Do it once more (a streaming step three times, from a fresh state, updates of a translator four times, from fresh weights) and give what is compared. */
  results(): Record<string, ArrayLike<number>> | Promise<Record<string, ArrayLike<number>>>;
  /** Milliseconds that were spent on compiling alone, where that can be told. */
  readonly compiling?: number;
  /** Bytes of the memory that the library's own arrays stand in, where that can be told. */
  memory?(): number;
}

export interface Library {
  readonly version: string;
  prepare(task: Task, arrays: Arrays): Prepared | Promise<Prepared>;
}

/** The steps after which the outputs of streaming are compared. */
export const streamedSteps = 3;
/** The updates of a translator, without dropout, whose losses are compared. */
export const translatorUpdates = 4;

export type Request =
  | { readonly do: "prepare"; readonly task: Task; readonly arrays: string }
  | ({ readonly do: "measure" } & Duration);

/** Run for so long and at least so many times, but begin no run when more than `most` milliseconds have been spent. */
export interface Duration {
  readonly milliseconds: number;
  readonly runs: number;
  readonly most: number;
}

export interface Ready {
  readonly version: string;
}

export interface Preparation {
  /** Milliseconds until the first result stood. */
  readonly first: number;
  readonly compiling?: number | undefined;
  readonly results: Readonly<Record<string, Fingerprint>>;
  /** Bytes that the task added to the process at its peak; undefined where the system does not tell. */
  readonly peak?: number | undefined;
  /** Bytes of the library's own memory. */
  readonly memory?: number | undefined;
}

export interface Measurement {
  /** Milliseconds of a run, sample by sample. */
  readonly times: readonly number[];
}

export interface Failure {
  readonly error: string;
}

/** Replies start with this, so that what a library prints is not taken for one. */
export const replyMark = "@reply ";

/** Import a peer, which is installed in the bench's folder only. */
export async function importPeer<Module>(name: string): Promise<Module> {
  const module = (await import(name)) as { default?: Module } & Module;
  return module.default ?? module;
}
