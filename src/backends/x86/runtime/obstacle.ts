/** Why machine code cannot run here. */

import { selfCheck } from "../self-check.ts";
import { guardObstacle } from "./guard.ts";
import { koffiObstacle } from "./koffi.ts";
import { instructionSets } from "./processor.ts";
import { system } from "./system.ts";

interface Platform {
  readonly process?: {
    readonly platform?: string;
    readonly arch?: string;
    getBuiltinModule?(name: string): unknown;
  };
}

let obstacle: { readonly reason: string | undefined } | undefined;

/** Why machine code cannot run here, in so many threads, in plain words; undefined where it can. Looks once. */
export function nativeObstacle(threads = 1): string | undefined {
  obstacle ??= { reason: find() };
  const { process } = globalThis as unknown as Platform;
  // A thread that waits for others sleeps by a call of Linux.
  if (obstacle.reason === undefined && threads > 1 && process?.platform !== "linux")
    return `machine code has one thread on ${process?.platform}, and ${threads} are asked for`;
  return obstacle.reason;
}

function find(): string | undefined {
  const { process } = globalThis as unknown as Platform;
  if (!process?.getBuiltinModule) return koffiObstacle();
  if (process.arch !== "x64") return `machine code is written for x64 alone, and this is ${process.arch}`;
  if (!system()) return `machine code does not know how to ask ${process.platform} for leave to run`;
  if (typeof SharedArrayBuffer === "undefined")
    return "there is no SharedArrayBuffer here, and other memory may move";
  const missing = koffiObstacle();
  if (missing !== undefined) return missing;
  try {
    const sets = instructionSets();
    if (!sets.has("avx2")) return "the processor, or the system, has no AVX2 with FMA";
    return guardObstacle() ?? selfCheck(sets.has("avx512") ? "avx512" : "avx2");
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
