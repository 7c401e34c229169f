/** What runs the functions of a program: an engine of WebAssembly, or the processor itself. */

import type { Target } from "../../compiler/target.ts";
import type { Instructions, ModuleBuilder } from "../instructions/functions.ts";
import type { Patience } from "./barrier.ts";

/** The exported functions of a program, on its memory. */
export interface Entries {
  run(thread: number, threads: number): void;
  setUp(thread: number, threads: number): void;
}

/** The functions of a program as a machine runs them. */
export interface Compiled {
  attach(memory: WebAssembly.Memory): Entries;
  /** What is posted to a worker, with a memory, so that it makes the same of it. */
  readonly portable: unknown;
}

/** In pages of 64 KiB; those that are `shared` need a maximum. */
export interface MemoryLimits {
  readonly initial: number;
  readonly maximum?: number;
  readonly shared?: boolean;
}

export interface Machine {
  /** Whether memory must stay where it is, as shared memory does. */
  readonly pinsMemory: boolean;
  instructions(target: Target): Instructions;
  /** How often a thread looks for the others before it sleeps. */
  readonly patience: Patience;
  compile(module: ModuleBuilder, memory: MemoryLimits): Compiled;
}
