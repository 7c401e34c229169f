/** What Rondo's programs run on: machine code of one instruction set or another, or WebAssembly. */

import { nativeObstacle } from "../../src/backends/x86/runtime/obstacle.ts";
import { instructionSets } from "../../src/backends/x86/runtime/processor.ts";

export type Engine = "avx512" | "avx2" | "wasm";

export const engineLabels: Readonly<Record<Engine, string>> = {
  avx512: "AVX-512",
  avx2: "AVX2",
  wasm: "WebAssembly",
};

/** Those that run here, the one with the widest vectors first. */
export function enginesHere(): readonly Engine[] {
  return (["avx512", "avx2", "wasm"] as const).filter((engine) => engineObstacle(engine, 1) === undefined);
}

/** Why an engine does not run in so many threads here; undefined where it does. */
export function engineObstacle(engine: Engine, threads: number): string | undefined {
  if (engine === "wasm") return undefined;
  return (
    nativeObstacle(threads) ?? (instructionSets().has(engine) ? undefined : "the processor has none of it")
  );
}
