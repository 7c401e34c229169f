import { describe, expect, test } from "vitest";
import { bitsOf } from "./interpreter.ts";
import { both, build, fewest, obstacle, type Variant, variants } from "./native.ts";
import { firstByte, RandomFunctions } from "./random-functions.ts";

const seeds = Array.from(
  { length: Number(process.env.SEEDS ?? 12) },
  (_, index) => index + Number(process.env.FROM ?? 1),
);

const files: readonly Variant["registers"][] = [undefined, fewest, { general: 6, vector: 7 }];

const compared = 4096;

/** The first word that differs, where all bits of NaN are the same; else undefined. */
function firstDifference(a: Int32Array, b: Int32Array): number | undefined {
  const [x, y] = [new Float32Array(a.buffer), new Float32Array(b.buffer)];
  for (let index = 0; index < compared; index++) {
    const isSame = a[index] === b[index] || (Number.isNaN(x[index]) && Number.isNaN(y[index]));
    if (!isSame) return index;
  }
  return undefined;
}

describe.skipIf(obstacle !== undefined).each(variants)("$set, $lanes lanes", (variant) => {
  test.each(seeds)("random functions, seed %i", (seed) => {
    const functions = build(variant.lanes, (module) =>
      new RandomFunctions(seed, variant.lanes).write(module),
    );
    const fill = (bytes: Uint8Array) => {
      const words = new Int32Array(bytes.buffer);
      for (let index = 0; index < 512; index++)
        words[firstByte / 4 + index] =
          index % 3 ? bitsOf((index - 200) / 7) : Math.imul(index * seed, 0x9e3779b1);
    };
    for (const registers of files) {
      const { native, expected } = both(
        functions,
        "f",
        registers ? { ...variant, registers } : variant,
        fill,
        [seed, 5],
      );
      expect(firstDifference(native, expected), JSON.stringify(registers)).toBeUndefined();
    }
  });
});
