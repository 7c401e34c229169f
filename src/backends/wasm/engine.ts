/** The engine that runs WebAssembly: what it has, and why it refuses a module. */

import { UsageError } from "../../errors.ts";
import { vectors } from "../instructions/expressions.ts";
import { ModuleBuilder } from "../instructions/functions.ts";
import { printModule } from "./assembler/module.ts";
import { wasmInstructions } from "./target.ts";

/**
 * Whether the engine multiplies and adds in one instruction: relaxed SIMD, which not every engine has. Asks anew at
 * every call: Node 20 answers otherwise once its flag is set.
 */
export function fusedAvailable(): boolean {
  const module = new ModuleBuilder(wasmInstructions(true));
  module.function("multiplyAdd", ["vector"], "vector", (builder, x) =>
    builder.return(vectors.or(builder.multiplyAdd(x, x, x), builder.multiplySubtract(x, x, x))),
  );
  return isValid(module);
}

/** A module of WebAssembly. Throws UsageError where the platform has none, forbids it, or has none with SIMD. */
export function webAssemblyModule(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    const obstacle = engineObstacle();
    if (obstacle === undefined) throw cause;
    throw new UsageError(`${obstacle}: the backend named reference runs everywhere, slowly`, { cause });
  }
}

function engineObstacle(): string | undefined {
  if (typeof WebAssembly === "undefined") return "there is no WebAssembly here";
  if (isForbidden()) {
    return "WebAssembly may not be compiled here: a Content-Security-Policy allows it by 'wasm-unsafe-eval' in script-src";
  }
  const simd = new ModuleBuilder(wasmInstructions(false));
  simd.function("and", ["vector"], "vector", (builder, x) => builder.return(vectors.and(x, x)));
  return isValid(simd) ? undefined : "the engine has no SIMD in its WebAssembly";
}

/** Whether even an empty module is refused. */
function isForbidden(): boolean {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    return false;
  } catch {
    return true;
  }
}

function isValid(module: ModuleBuilder): boolean {
  return typeof WebAssembly !== "undefined" && WebAssembly.validate(printModule(module));
}
