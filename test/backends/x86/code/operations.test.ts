import { describe, expect, test } from "vitest";
import { f32, i32, type Local, vectors } from "../../../../src/backends/instructions/expressions.ts";
import { bitsOf, Interpreter } from "./interpreter.ts";
import { build, compiled, fewest, memory, obstacle, shadow, variants } from "./native.ts";
import { operations, samples } from "./samples.ts";

/** Where results and inputs stand. */
const resultsAt = 512;
const inputsAt = 4096;

/** Numbers at which something changes, and others. */
const patterns = [
  ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 1e10, -1e10, 2 ** 31, -(2 ** 31), 2 ** 31 - 128].map(
    bitsOf,
  ),
  ...[Infinity, -Infinity, Number.NaN, 2 ** -149, -(2 ** -149), 2 ** -126, 3.4e38, 2 ** 23 + 0.5, -7.75].map(
    bitsOf,
  ),
  ...[1, 2, -1, 31, 32, 33, 63, 64, -(2 ** 31), 2 ** 31 - 1, 0x0f0f0f0f, 7, 12345678, -5],
  ...Array.from({ length: 26 }, (_, index) => Math.imul(index + 1, 0x9e3779b1)),
];

const isFloat = /^(f32|f64xN|f32xN)\.(?!(eq|ne|lt|gt|le|ge)$)/;

/** All operations as functions of two addresses of inputs. */
function all(lanes: number) {
  return build(lanes, (module) => {
    for (const operation of operations)
      module.function(
        operation,
        ["i32", "i32"],
        undefined,
        (f, at, other) => {
          const inputs = {
            ...{ address: at, i: f.local("i32", i32.load(at)), j: f.local("i32", i32.load(other)) },
            ...{ x: f.local("f32", f32.load(at)), y: f.local("f32", f32.load(other)) },
            ...{ a: f.local("vector", vectors.load(at)), b: f.local("vector", vectors.load(other)) },
            ...{ c: f.local("vector", vectors.load(at, 64)), lanes },
          };
          const made = samples[operation](inputs);
          const place = i32.const(resultsAt);
          if ("kind" in made) f.emit(made);
          else if (made.type === "i32") f.emit(i32.store(place, made as Local<"i32">));
          else if (made.type === "f32") f.emit(f32.store(place, made as Local<"f32">));
          else f.emit(vectors.store(place, made as Local<"vector">));
        },
        { exported: true },
      );
  });
}

/** What both memories have from a byte on, the same but for the bits of NaN in results that are numbers. */
function isSame(from: number, bytes: number, numbers: "none" | "f32" | "f64"): boolean {
  const [given, expected] = [memory.buffer, shadow].map((buffer) => new Int32Array(buffer, from, bytes / 4));
  if (given?.every((word, index) => word === expected?.[index])) return true;
  if (numbers === "none") return false;
  const Numbers = numbers === "f32" ? Float32Array : Float64Array;
  const [a, b] = [memory.buffer, shadow].map(
    (buffer) => new Numbers(buffer, from, bytes / Numbers.BYTES_PER_ELEMENT),
  );
  return a?.every((number, index) => Object.is(number, b?.[index])) === true;
}

describe.skipIf(obstacle !== undefined).each(variants)("$set, $lanes lanes", (variant) => {
  const functions = all(variant.lanes);
  const native = compiled(functions, variant);
  const crowded = compiled(functions, { ...variant, registers: fewest });
  const interpreter = new Interpreter(functions, shadow);
  const inputs = Int32Array.from([...patterns, ...patterns, ...patterns]);

  function check(operation: string, index: number, run: (a: number, b: number) => void) {
    const isDouble = operation.startsWith("f64") && !operation.includes("demote");
    const numbers = !isFloat.test(operation) ? "none" : isDouble ? "f64" : "f32";
    for (let step = 0; step < 64; step++) {
      const at = inputsAt + 4 * step;
      const other = inputsAt + 4 * ((step * 7 + 3) % 64);
      for (const buffer of [memory.buffer, shadow]) {
        new Int32Array(buffer).set(inputs, inputsAt / 4);
        new Int32Array(buffer).fill(0, resultsAt / 4, resultsAt / 4 + 16);
      }
      run(at, other);
      interpreter.call(index, [at, other]);
      const isRight = isSame(resultsAt, 64, numbers) && isSame(inputsAt, 1024, "none");
      if (!isRight) {
        const results = (buffer: ArrayBufferLike) => [...new Int32Array(buffer, resultsAt, 16)];
        expect([step, results(memory.buffer)]).toEqual([step, results(shadow)]);
        throw new Error(`step ${step}: memory differs elsewhere`);
      }
    }
  }

  test.each(operations.map((operation, index) => [operation, index] as const))("%s", (operation, index) => {
    check(operation, index, native[operation] as (a: number, b: number) => void);
    check(operation, index, crowded[operation] as (a: number, b: number) => void);
  });
});
