/** Counter-based uniform random numbers in WebAssembly: the same bits as `uniform` of src/graph/threefry.ts. */

import { threefryParity, threefryRotations } from "../../../graph/threefry.ts";
import type { ModuleBuilder } from "../assembler/encoder.ts";
import { type FunctionReference, f32x4, i32, i32x4, type V128, v128 } from "../assembler/instructions.ts";

/**
 * Defines `(key0, key1, counter) -> uniform`, each a v128: int32 words in, four float32 in [0, 1) out; every lane has
 * a key and counter of its own.
 */
export function defineRandom(module: ModuleBuilder): FunctionReference {
  return module.function("random", ["v128", "v128", "v128"], "v128", (builder, key0, key1, counter) => {
    const splat = (value: number) => i32x4.splat(i32.const(value));
    const key2 = builder.local("v128", v128.xor(v128.xor(key0, key1), splat(threefryParity)));
    const key = [key0, key1, key2];
    const x = builder.local("v128", i32x4.add(counter, key0));
    const y = builder.local("v128", key1);
    threefryRotations.forEach((amount, round) => {
      builder.set(x, i32x4.add(x, y));
      const rotated = v128.or(i32x4.shl(y, i32.const(amount)), i32x4.shr_u(y, i32.const(32 - amount)));
      builder.set(y, v128.xor(rotated, x));
      if (round % 4 === 3) {
        const group = (round + 1) / 4;
        builder.set(x, i32x4.add(x, key[group % 3] as V128));
        builder.set(y, i32x4.add(i32x4.add(y, key[(group + 1) % 3] as V128), splat(group)));
      }
    });
    const high = i32x4.shr_u(x, i32.const(8));
    builder.return(f32x4.mul(f32x4.convert_i32x4_s(high), f32x4.const(2 ** -24)));
  });
}
