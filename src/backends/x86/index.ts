/** The native backend: machine code for x86-64, written when a program is compiled. */

import { checker } from "../../compiler/check.ts";
import { rewriteAndLower } from "../../compiler/pipeline.ts";
import { checkGraph } from "../../graph/check.ts";
import { type Backend, computedNodes } from "../backend.ts";
import { CompiledExecutable } from "../runtime/executable.ts";
import type { InstructionSet } from "./assembler/assembler.ts";
import { nativeMachine } from "./machine.ts";
import { nativeTarget } from "./target.ts";

export function nativeBackend({
  set = "avx512" as InstructionSet,
  threads = 1,
  minimumWork = 4_000_000,
  without = [],
  check = false,
  registers = undefined as { general: number; vector: number } | undefined,
} = {}): Backend {
  return {
    name: "native",
    compile(program) {
      const target = nativeTarget(set);
      if (check) checkGraph(computedNodes(program));
      const lowered = rewriteAndLower(program, target, { without, threads }, check ? checker : {});
      return new CompiledExecutable(program, lowered, {
        machine: nativeMachine(set, registers),
        threads,
        minimumWork,
      });
    },
  };
}
