/**
 * How fast this machine multiplies and adds: bare loops that never leave the registers, written once and run as Rondo's
 * programs are, as WebAssembly and as machine code. No product of matrices on the same vectors can be faster. And how
 * fast it multiplies small matrices, which tells whether it does nothing else.
 */

import { f32xN, i32, type Local, type Vector, vectors } from "../../src/backends/instructions/expressions.ts";
import {
  type FunctionBuilder,
  type Instructions,
  ModuleBuilder,
} from "../../src/backends/instructions/functions.ts";
import { defineProduct, productScratchBytes } from "../../src/backends/products/product.ts";
import type { Machine } from "../../src/backends/runtime/machine.ts";
import { wasmMachine } from "../../src/backends/wasm/machine.ts";
import { wasmInstructions, wasmTarget } from "../../src/backends/wasm/target.ts";
import { nativeMachine } from "../../src/backends/x86/machine.ts";
import { nativeInstructions } from "../../src/backends/x86/target.ts";
import type { Engine } from "./engines.ts";
import { median } from "./statistics.ts";

/** As many sums as hide the latency of a multiplication and an addition; with a and b they fit 16 registers. */
const sumCounts = [12, 13];
const widest = 16;
/** Where a, b and the result stand, in bytes. */
const [first, second, result] = [0, 64, 128];

/** Each round, every sum becomes sum * a + b: no two are alike, and none can be taken out of the loop. */
function writeModule(sums: number, instructions: Instructions): ModuleBuilder {
  const module = new ModuleBuilder(instructions);
  defineRun(module, (f, rounds) => {
    const a = f.local("vector", vectors.load(i32.const(first)));
    const b = f.local("vector", vectors.load(i32.const(second)));
    const all: Local<"vector">[] = Array.from({ length: sums }, (_, index) =>
      f.local("vector", f32xN.const(index / sums)),
    );
    f.doWhile(rounds, () => {
      for (const sum of all) f.set(sum, f.multiplyAdd(sum, a, b));
      f.set(rounds, i32.sub(rounds, i32.const(1)));
    });
    const total = all.reduce<Vector>((left, right) => f32xN.add(left, right), f32xN.const(0));
    f.emit(vectors.store(i32.const(result), total));
  });
  return module;
}

/** What a loop may be made of: in WebAssembly with one instruction for both, or with two. */
const forms = (engine: Engine, fused: boolean): readonly Instructions[] =>
  engine === "wasm" ? [false, ...(fused ? [true] : [])].map(wasmInstructions) : [nativeInstructions(engine)];

/**
 * Measures for so many milliseconds; the result is in GFLOP/s, a multiplication and an addition counted as two. `fused` is for
 * WebAssembly; machine code always multiplies and adds at once.
 */
export function createRate(engine: Engine, fused: boolean): (milliseconds: number) => number {
  const machine = engine === "wasm" ? wasmMachine : nativeMachine(engine);
  const memory = memoryOf(1);
  // x = 0.999 x + 0.001 stays near 1, far from numbers that are slow.
  const numbers = new Float32Array(memory.memory.buffer);
  numbers.fill(0.999, first / 4, first / 4 + widest);
  numbers.fill(0.001, second / 4, second / 4 + widest);
  const rounds = 20_000;
  const rates = sumCounts.flatMap((sums) =>
    forms(engine, fused).map((instructions) => {
      const loop = enter(writeModule(sums, instructions), machine, memory);
      return (milliseconds: number) =>
        (rounds * sums * instructions.lanes * 2) / nanoseconds(() => loop(rounds), milliseconds);
    }),
  );
  const measure = (milliseconds: number) =>
    Math.max(...rates.map((rate) => rate(milliseconds / rates.length)));
  // WebAssembly is compiled anew by the optimising compiler while it runs.
  measure(500);
  return measure;
}

/**
 * The rate of a product of matrices in the L1 cache, likewise, as WebAssembly. It needs all of a core, not only its arithmetic,
 * and so tells whether others take any of it.
 */
export function createProductRate(fused: boolean): (milliseconds: number) => number {
  const [M, N, K] = [48, 32, 64];
  const target = wasmTarget(fused);
  const module = new ModuleBuilder(wasmInstructions(fused));
  const { product } = defineProduct(module, target);
  const [a, b, c, scratch] = [0, 4 * M * K, 4 * (M * K + K * N), 4 * (M * K + K * N + M * N)];
  defineRun(module, (f) => {
    const operands = [a, 4 * K, 4, b, c, 4 * N, 4, M, N, K, 0, scratch];
    f.call(product, ...operands.map((operand) => i32.const(operand)));
  });
  const memory = memoryOf(scratch + productScratchBytes(target));
  const multiply = enter(module, wasmMachine, memory);
  const runs = 20;
  const measure = (milliseconds: number) =>
    (runs * 2 * M * N * K) /
    nanoseconds(() => {
      for (let count = 0; count < runs; count += 1) multiply(0);
    }, milliseconds);
  measure(500);
  return measure;
}

/** The functions of a program, of which `run` gets a number in place of the thread. */
function defineRun(module: ModuleBuilder, write: (f: FunctionBuilder, number: Local<"i32">) => void): void {
  const exported = { exported: true };
  module.function("setUp", ["i32", "i32"], undefined, () => {}, exported);
  module.function("run", ["i32", "i32"], undefined, (f, number) => write(f, number), exported);
}

/** Shared, as machine code works on no other. */
function memoryOf(bytes: number) {
  const pages = Math.ceil(bytes / 65536);
  const limits = { initial: pages, maximum: pages, shared: true };
  return { limits, memory: new WebAssembly.Memory(limits) };
}

function enter(module: ModuleBuilder, machine: Machine, { limits, memory }: ReturnType<typeof memoryOf>) {
  const { run } = machine.compile(module, limits).attach(memory);
  return (number: number) => run(number, 0);
}

/** Nanoseconds of a run, the median over as many as fit. */
function nanoseconds(run: () => void, milliseconds: number): number {
  const samples: number[] = [];
  for (const end = performance.now() + milliseconds; samples.length === 0 || performance.now() < end; ) {
    const start = performance.now();
    run();
    samples.push(performance.now() - start);
  }
  return 1e6 * median(samples);
}
