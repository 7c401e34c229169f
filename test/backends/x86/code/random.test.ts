import { describe, expect, test } from "vitest";
import { bitsOf, Interpreter } from "./interpreter.ts";
import {
  build,
  compiled,
  fewest,
  memory,
  obstacle,
  shadow,
  special,
  type Variant,
  variants,
} from "./native.ts";
import { firstByte, RandomFunctions } from "./random-functions.ts";

const seeds = Array.from(
  { length: Number(process.env.SEEDS ?? 5) },
  (_, index) => index + Number(process.env.FROM ?? 1),
);

const files: readonly Variant["registers"][] = [undefined, fewest, special, { general: 6, vector: 7 }];

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
    const words = [memory.buffer, shadow].map((buffer) => new Int32Array(buffer)) as [Int32Array, Int32Array];
    const fill = (into: Int32Array) => {
      into.fill(0);
      for (let index = 0; index < 512; index++)
        into[firstByte / 4 + index] =
          index % 3 ? bitsOf((index - 200) / 7) : Math.imul(index * seed, 0x9e3779b1);
    };
    fill(words[1]);
    const last = functions.length - 1;
    new Interpreter(functions, shadow).call(last, [seed, 5]);
    for (const registers of files) {
      fill(words[0]);
      compiled(functions, registers ? { ...variant, registers } : variant).f?.(seed, 5);
      expect(firstDifference(...words), JSON.stringify(registers)).toBeUndefined();
    }
  });
});
