// Runs functions of the WebAssembly backend by themselves: every one that is given is exported under its name.

import {
  call,
  type FunctionReference,
  i32,
  type Vector,
  vectors,
} from "../../src/backends/instructions/expressions.ts";
import { type FunctionBuilder, ModuleBuilder } from "../../src/backends/instructions/functions.ts";

import { printModule } from "../../src/backends/wasm/assembler/module.ts";
import { wasmInstructions } from "../../src/backends/wasm/target.ts";

export type Exported = Record<string, (...parameters: number[]) => number | undefined>;

/** Builds a module with `define`, which returns what to export, and instantiates it on `memory`. */
export function instantiate(
  memory: WebAssembly.Memory,
  define: (module: ModuleBuilder) => readonly FunctionReference[],
  fused = false,
): Exported {
  const module = new ModuleBuilder(wasmInstructions(fused));
  for (const reference of define(module)) {
    const exported = module.declare(reference.name, reference.parameters, reference.result, true);
    module.define(exported, (builder, parameters) => {
      if (reference.result === undefined) builder.call(reference, ...parameters);
      else builder.return(call(reference, ...parameters));
    });
  }
  const compiled = new WebAssembly.Module(printModule(module, { initial: 1 }));
  return new WebAssembly.Instance(compiled, { environment: { memory } }).exports as Exported;
}

/** `(from, end, to)`: `write` over vectors of four, from memory to memory. */
export function defineMap(
  module: ModuleBuilder,
  name: string,
  write: (builder: FunctionBuilder, value: Vector) => Vector,
): FunctionReference {
  return module.function(name, ["i32", "i32", "i32"], undefined, (builder, from, end, to) =>
    builder.while(i32.lt_u(from, end), () => {
      builder.emit(vectors.store(to, write(builder, vectors.load(from))));
      builder.set(from, i32.add(from, i32.const(16)));
      builder.set(to, i32.add(to, i32.const(16)));
    }),
  );
}
