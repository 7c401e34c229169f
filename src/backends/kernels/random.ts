/** Counter-based uniform random numbers: the same bits as `uniform` of src/graph/threefry.ts. */

import { threefryParity, threefryRotations } from "../../graph/threefry.ts";
import {
  type FunctionReference,
  f32xN,
  i32,
  i32xN,
  type Vector,
  vectors,
} from "../instructions/expressions.ts";
import type { ModuleBuilder } from "../instructions/functions.ts";

/**
 * Defines `(key0, key1, counter) -> uniform`, each a vector: int32 words in, float32 in [0, 1) out; every lane has
 * a key and counter of its own.
 */
export function defineRandom(module: ModuleBuilder): FunctionReference {
  return module.function(
    "random",
    ["vector", "vector", "vector"],
    "vector",
    (builder, key0, key1, counter) => {
      const splat = (value: number) => i32xN.splat(i32.const(value));
      const key2 = builder.local("vector", vectors.xor(vectors.xor(key0, key1), splat(threefryParity)));
      const key = [key0, key1, key2];
      const x = builder.local("vector", i32xN.add(counter, key0));
      const y = builder.local("vector", key1);
      threefryRotations.forEach((amount, round) => {
        builder.set(x, i32xN.add(x, y));
        const rotated = vectors.or(i32xN.shl(y, i32.const(amount)), i32xN.shr_u(y, i32.const(32 - amount)));
        builder.set(y, vectors.xor(rotated, x));
        if (round % 4 === 3) {
          const group = (round + 1) / 4;
          builder.set(x, i32xN.add(x, key[group % 3] as Vector));
          builder.set(y, i32xN.add(i32xN.add(y, key[(group + 1) % 3] as Vector), splat(group)));
        }
      });
      const high = i32xN.shr_u(x, i32.const(8));
      builder.return(f32xN.mul(f32xN.convert_i32xN_s(high), f32xN.const(2 ** -24)));
    },
  );
}
