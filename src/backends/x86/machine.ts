/** The processor itself as what runs a program. */

import type { Machine } from "../runtime/machine.ts";
import type { InstructionSet } from "./assembler/assembler.ts";
import { compileNative, type NativeOptions } from "./code/compile.ts";
import { callable, memoryAddress, portableCode } from "./runtime/calls.ts";
import { codePages } from "./runtime/pages.ts";
import { system } from "./runtime/system.ts";
import { nativeInstructions } from "./target.ts";

/** A machine of one instruction set; `registers` are for tests that leave it few. */
export function nativeMachine(set: InstructionSet, registers?: NativeOptions["registers"]): Machine {
  return {
    pinsMemory: true,
    // A pause takes 20 to 45 nanoseconds, on processors from before 2017 a tenth of that.
    patience: { alone: 3000, sharing: 60 },
    instructions: () => nativeInstructions(set),
    compile({ functions }) {
      const abi = system()?.abi ?? "sysv";
      const { bytes, entries } = compileNative(functions, { set, abi, ...(registers && { registers }) });
      const pages = codePages(bytes);
      const [run, setUp] = [entries.run, entries.setUp] as [number, number];
      return {
        portable: portableCode(pages, run),
        attach(memory) {
          const base = Number(memoryAddress(memory));
          const [callRun, callSetUp] = [callable(pages, run), callable(pages, setUp)];
          return {
            run: (thread, threads) => callRun(base, thread, threads),
            setUp: (thread, threads) => callSetUp(base, thread, threads),
          };
        },
      };
    },
  };
}
