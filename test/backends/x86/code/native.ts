// Compiles functions and calls them on a memory of the tests, and runs the same by the interpreter on another one.

import { type FunctionCode, ModuleBuilder } from "../../../../src/backends/instructions/functions.ts";
import { compileNative, type NativeOptions } from "../../../../src/backends/x86/code/compile.ts";
import { callable, memoryAddress } from "../../../../src/backends/x86/runtime/calls.ts";
import { nativeObstacle } from "../../../../src/backends/x86/runtime/obstacle.ts";
import { codePages } from "../../../../src/backends/x86/runtime/pages.ts";
import { instructionSets } from "../../../../src/backends/x86/runtime/processor.ts";
import { system } from "../../../../src/backends/x86/runtime/system.ts";
import { Interpreter } from "./interpreter.ts";

/** Why nothing can be run here; undefined where it can. */
export const obstacle = nativeObstacle();

export type Variant = Pick<NativeOptions, "set" | "registers"> & { readonly lanes: number };

/** Vectors of all lengths in both instruction sets, as far as the processor has them. */
export const variants: readonly Variant[] = obstacle
  ? []
  : [...instructionSets()].flatMap((set) =>
      (set === "avx2" ? [4, 8] : [4, 8, 16]).map((lanes) => ({ set, lanes })),
    );

/** The fewest registers that every instruction finds room in. */
export const fewest = { general: 4, vector: 4 };

/** Those general registers that some instruction overwrites. */
export const special = { general: [1, 0, 2, 7, 6], vector: 5 };

export const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
export const shadow = new ArrayBuffer(memory.buffer.byteLength);

export type Define = (module: ModuleBuilder) => unknown;

export function build(lanes: number, define: Define): readonly FunctionCode[] {
  const module = new ModuleBuilder({ lanes, fused: true, masked: true });
  define(module);
  return module.functions;
}

/** The exported functions, as calls with two i32. */
export function compiled(
  functions: readonly FunctionCode[],
  { set, registers }: Variant,
): Record<string, (a?: number, b?: number) => void> {
  const { abi = "sysv" } = system() ?? {};
  const { bytes, entries } = compileNative(functions, { set, abi, ...(registers && { registers }) });
  const pages = codePages(bytes);
  const base = memoryAddress(memory);
  return Object.fromEntries(
    Object.entries(entries).map(([name, offset]) => {
      const run = callable(pages, offset);
      return [name, (a = 0, b = 0) => run(base, a, b)];
    }),
  );
}

/** Of an exported function: runs it natively and by the interpreter on memories of the same bytes, and returns both as they are then. */
export function comparing(functions: readonly FunctionCode[], name: string, variant: Variant) {
  const run = compiled(functions, variant)[name];
  const index = functions.findIndex(({ reference }) => reference.name === name);
  const count = functions[index]?.reference.parameters.length ?? 0;
  const interpreter = new Interpreter(functions, shadow);
  return (fill: (words: Int32Array) => void, a: number, b: number) => {
    for (const buffer of [memory.buffer, shadow]) {
      const words = new Int32Array(buffer);
      words.fill(0);
      fill(words);
    }
    run?.(a, b);
    interpreter.call(index, [a, b].slice(0, count));
    return { native: new Int32Array(memory.buffer), expected: new Int32Array(shadow) };
  };
}
