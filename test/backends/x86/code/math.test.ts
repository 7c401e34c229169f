import { describe, expect, test } from "vitest";
import { i32, vectors } from "../../../../src/backends/instructions/expressions.ts";
import { inlineMath, type MathName } from "../../../../src/backends/kernels/math.ts";
import { bitsOf } from "./interpreter.ts";
import { build, comparing, fewest, obstacle, variants } from "./native.ts";

const names = Object.keys(inlineMath) as MathName[];
const inputsAt = 1024;
const resultsAt = 8192;
const count = 192;
const crowded = variants.flatMap((variant) => [variant, { ...variant, registers: fewest }]);

describe.skipIf(obstacle !== undefined).each(crowded)("$set, $lanes lanes, $registers", (variant) => {
  test.each(names)("%s has the bits that its instructions mean", (name) => {
    const functions = build(variant.lanes, (module) =>
      module.function(
        "f",
        [],
        undefined,
        (f) => {
          const at = f.local("i32", i32.const(0));
          f.doWhile(i32.lt_s(at, i32.const(4 * count)), () => {
            f.emit(vectors.store(at, inlineMath[name](f, vectors.load(at, inputsAt)), resultsAt));
            f.set(at, i32.add(at, i32.const(4 * variant.lanes)));
          });
        },
        { exported: true },
      ),
    );
    const special = [0, -0, Infinity, -Infinity, Number.NaN, 2 ** -149, 3e38, -3e38, 1, -1, 88.7, -103.9];
    const { native, expected } = comparing(functions, "f", variant)(
      (words) => {
        for (let index = 0; index < count; index++)
          words[inputsAt / 4 + index] = bitsOf(special[index] ?? Math.sin(index) * 2 ** ((index % 40) - 20));
      },
      0,
      0,
    );
    const [a, b] = [native, expected].map((words) => new Float32Array(words.buffer, resultsAt, count));
    expect(a?.findIndex((result, index) => !Object.is(result, b?.[index]))).toBe(-1);
  });
});
