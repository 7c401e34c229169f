/** The processor itself as what runs a program. */

import type { Target } from "../../compiler/target.ts";
import type { FunctionReference } from "../instructions/expressions.ts";
import type { ModuleBuilder } from "../instructions/functions.ts";
import type { Compiled, Machine } from "../runtime/machine.ts";
import { defineBarrier } from "../wasm/barrier.ts";
import type { InstructionSet } from "./assembler/assembler.ts";
import { compileNative } from "./code/compile.ts";
import { callable, memoryAddress, nativeCode } from "./runtime/calls.ts";
import { codePages } from "./runtime/pages.ts";
import { system } from "./runtime/system.ts";
import { nativeInstructions } from "./target.ts";

/** A machine of one instruction set; `registers` for tests that leave it few. */
export function nativeMachine(
  set: InstructionSet,
  registers?: { readonly general: number; readonly vector: number },
): Machine {
  return {
    pinsMemory: true,
    instructions: (_: Target) => nativeInstructions(set),
    defineBarrier: (module: ModuleBuilder, haveProcessors: boolean): FunctionReference =>
      defineBarrier(module, haveProcessors),
    compile(module): Compiled {
      const abi = system()?.abi ?? "sysv";
      const { bytes, entries } = compileNative(module.functions, { set, abi, ...(registers && { registers }) });
      const pages = codePages(bytes);
      const entry = (name: string) => entries[name] as number;
      return {
        portable: { pages, offset: entry("run") },
        attach(memory) {
          const base = Number(memoryAddress(memory));
          const [run, setUp] = [callable(pages, entry("run")), callable(pages, entry("setUp"))];
          return {
            run: (thread, threads) => run(base, thread, threads),
            setUp: (thread, threads) => setUp(base, thread, threads),
          };
        },
      };
    },
  };
}
