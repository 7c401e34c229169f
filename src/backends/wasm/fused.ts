/** Whether the engine multiplies and adds in one instruction: relaxed SIMD, which not every engine has. */

import { ModuleBuilder } from "./encoder.ts";
import { v128 } from "./instructions.ts";

/** Asks the engine anew at every call: Node 20 answers otherwise once its flag is set. */
export function fusedAvailable(): boolean {
  const module = new ModuleBuilder(true);
  module.function("multiplyAdd", ["v128"], "v128", (builder, x) =>
    builder.return(v128.or(builder.multiplyAdd(x, x, x), builder.multiplySubtract(x, x, x))),
  );
  return WebAssembly.validate(module.toBytes());
}
