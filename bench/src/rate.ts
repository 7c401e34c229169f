/**
 * How fast this machine multiplies and adds: bare loops of WebAssembly SIMD that never leave the registers, with two
 * instructions for it and, where they may be used, with one. No product of matrices on 128-bit vectors can be faster than
 * the faster loop. And how fast it multiplies small matrices, which tells whether it does nothing else.
 */

import { f32xN, i32, type Local, type Vector, vectors } from "../../src/backends/instructions/expressions.ts";
import { ModuleBuilder } from "../../src/backends/instructions/functions.ts";
import { defineProduct, productScratchBytes } from "../../src/backends/products/product.ts";
import { printModule } from "../../src/backends/wasm/assembler/module.ts";
import { wasmInstructions, wasmTarget } from "../../src/backends/wasm/target.ts";
import { median } from "./statistics.ts";

/** As many sums as hide the latency of a multiplication and an addition; with a and b they fit 16 registers. */
const sumCounts = [12, 13];
const lanes = 4;

/** Each round, every sum becomes sum * a + b: no two are alike, and none can be taken out of the loop. */
function writeModule(sums: number, fused: boolean): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder(wasmInstructions(fused));
  module.function(
    "loop",
    ["i32"],
    undefined,
    (f, rounds) => {
      const a = f.local("vector", vectors.load(i32.const(0)));
      const b = f.local("vector", vectors.load(i32.const(16)));
      const all: Local<"vector">[] = Array.from({ length: sums }, (_, index) =>
        f.local("vector", f32xN.const(index / sums)),
      );
      f.doWhile(rounds, () => {
        for (const sum of all) f.set(sum, f.multiplyAdd(sum, a, b));
        f.set(rounds, i32.sub(rounds, i32.const(1)));
      });
      const total = all.reduce<Vector>((left, right) => f32xN.add(left, right), f32xN.const(0));
      f.emit(vectors.store(i32.const(32), total));
    },
    { exported: true },
  );
  return printModule(module, { initial: 1 });
}

/** Measures for so many milliseconds; the result is in GFLOP/s, a multiplication and an addition counted as two. */
export function createRate(fused: boolean): (milliseconds: number) => number {
  const memory = new WebAssembly.Memory({ initial: 1 });
  // x = 0.999 x + 0.001 stays near 1, far from numbers that are slow.
  new Float32Array(memory.buffer).set([...Array(lanes).fill(0.999), ...Array(lanes).fill(0.001)]);
  const loops = sumCounts.flatMap((sums) =>
    (fused ? [false, true] : [false]).map((form) => ({ sums, form })),
  );
  const rounds = 20_000;
  const rates = loops.map(({ sums, form }) => {
    const loop = instantiate(writeModule(sums, form), memory, "loop");
    return (milliseconds: number) =>
      (rounds * sums * lanes * 2) / nanoseconds(() => loop(rounds), milliseconds);
  });
  const measure = (milliseconds: number) =>
    Math.max(...rates.map((rate) => rate(milliseconds / rates.length)));
  // Compiled anew by the optimising compiler while it runs.
  measure(500);
  return measure;
}

/**
 * The rate of a product of matrices in the L1 cache, likewise. It needs all of a core, not only its arithmetic, and so tells
 * whether others take any of it.
 */
export function createProductRate(fused: boolean): (milliseconds: number) => number {
  const [M, N, K] = [48, 32, 64];
  const target = wasmTarget(fused);
  const module = new ModuleBuilder(wasmInstructions(fused));
  const { product } = defineProduct(module, target);
  const [a, b, c, scratch] = [0, 4 * M * K, 4 * (M * K + K * N), 4 * (M * K + K * N + M * N)];
  const run = module.declare("run", ["i32"], undefined, true);
  module.define(run, (f) => {
    const operands = [a, 4 * K, 4, b, c, 4 * N, 4, M, N, K, 0, scratch];
    f.call(product, ...operands.map((operand) => i32.const(operand)));
  });
  const memory = new WebAssembly.Memory({
    initial: Math.ceil((scratch + productScratchBytes(target)) / 65536),
  });
  const multiply = instantiate(printModule(module, { initial: 1 }), memory, "run");
  const runs = 20;
  const measure = (milliseconds: number) =>
    (runs * 2 * M * N * K) /
    nanoseconds(() => {
      for (let count = 0; count < runs; count += 1) multiply(0);
    }, milliseconds);
  measure(500);
  return measure;
}

function instantiate(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory, name: string) {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { environment: { memory } });
  return exports[name] as (parameter: number) => void;
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
