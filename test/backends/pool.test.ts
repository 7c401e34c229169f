/**
 * Programs with different numbers of threads take turns: no worker may join a run that it is no part of, or join one twice.
 * Of many programs, workers hold those that were run last.
 */

import { expect, test } from "vitest";
import { atomics, i32 } from "../../src/backends/instructions/expressions.ts";
import { ModuleBuilder } from "../../src/backends/instructions/functions.ts";
import { Pool, type PooledProgram } from "../../src/backends/runtime/pool.ts";
import { printModule } from "../../src/backends/wasm/assembler/module.ts";
import { wasmBackend } from "../../src/backends/wasm/index.ts";
import { wasmInstructions } from "../../src/backends/wasm/target.ts";
import { compile, float32, value } from "../../src/program/compile.ts";
import { softmax } from "../../src/trace/functions.ts";

test("thousands of runs by two, five and three threads in turn", async () => {
  const size = [64, 8];
  const x = value(
    Float32Array.from({ length: 512 }, (_, index) => Math.sin(index)),
    size,
  );
  const programs = [2, 5, 3].map((threads) =>
    compile(({ x: input }) => softmax(input.mul(threads)).exp().sum(), {
      inputs: { x: float32("B", 8) },
      backend: wasmBackend({ threads, minimumWork: 0 }),
    }),
  );
  const run = () => programs.map((program) => program({ x }).data[0]);
  const expected = run();
  await new Promise((resolve) => setTimeout(resolve, 200));
  for (let round = 0; round < 6000; round += 1) expect(run()).toEqual(expected);
}, 60_000);

test("workers hold so many bytes: a program that is run twice takes the place of one that was not run between", async () => {
  const page = 2 ** 16;
  const limits = { initial: 1, maximum: 1, shared: true };
  const builder = new ModuleBuilder(wasmInstructions(false));
  // Counts its runs in the first word.
  builder.function("run", ["i32", "i32"], undefined, (f) => f.drop(atomics.add(i32.const(0), i32.const(1))), {
    exported: true,
  });
  const module = new WebAssembly.Module(printModule(builder, limits));
  const workers = new Pool(3 * page);
  const make = () => workers.add({}, module, new WebAssembly.Memory(limits), 2);
  const wait = () => new Promise((resolve) => setTimeout(resolve, 2));
  /** Asks until the worker has the program, and has run it. */
  const runs = async (program: PooledProgram) => {
    const words = new Int32Array(program.memory.buffer);
    const before = Atomics.load(words, 0);
    const end = performance.now() + 20_000;
    while (!workers.isReady(program, 2) && performance.now() < end) await wait();
    workers.start(program, 2);
    while (Atomics.load(words, 0) === before && performance.now() < end) await wait();
    expect(Atomics.load(words, 0)).toBe(before + 1);
  };
  const [first, second, third, fourth] = [make(), make(), make(), make()];
  for (const program of [first, second, third]) await runs(program);
  for (let round = 0; round < 3; round += 1) {
    for (const program of [first, second, third]) expect(workers.isReady(program, 2)).toBe(true);
    expect(workers.isReady(fourth, 2)).toBe(false);
    await wait();
  }
  await runs(fourth);
  for (const program of [second, third, fourth]) expect(workers.isReady(program, 2)).toBe(true);
  expect(workers.isReady(first, 2)).toBe(false);
  await runs(second);
  await runs(first);
  await runs(third);
}, 60_000);
