/** The engine of WebAssembly as what runs a program. */

import type { Entries, Machine } from "../runtime/machine.ts";
import { printModule } from "./assembler/module.ts";
import { webAssemblyModule } from "./engine.ts";
import { wasmInstructions } from "./target.ts";

export const wasmMachine: Machine = {
  pinsMemory: false,
  instructions: ({ fused }) => wasmInstructions(fused),
  patience: { alone: 200_000, sharing: 4000 },
  compile(module, limits) {
    const portable = webAssemblyModule(printModule(module, limits));
    return {
      portable,
      attach: (memory) =>
        new WebAssembly.Instance(portable, { environment: { memory } }).exports as unknown as Entries,
    };
  },
};
