import { expect, test } from "vitest";
import { i32, vectors } from "../../../../src/backends/instructions/expressions.ts";
import { Assembler } from "../../../../src/backends/x86/assembler/assembler.ts";
import { type Abi, compileNative } from "../../../../src/backends/x86/code/compile.ts";
import { callable, memoryAddress } from "../../../../src/backends/x86/runtime/calls.ts";
import { codePages } from "../../../../src/backends/x86/runtime/pages.ts";
import { system } from "../../../../src/backends/x86/runtime/system.ts";
import { build, memory, obstacle } from "./native.ts";

const [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8] = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const;
const savedAt = 1024;

/** What a caller may expect to find again. */
const kept: Readonly<
  Record<Abi, { readonly general: readonly number[]; readonly vectors: readonly number[] }>
> = {
  sysv: { general: [rbx, rbp, 12, 13, 14, 15], vectors: [] },
  windows: { general: [rbx, rbp, rsi, rdi, 12, 13, 14, 15], vectors: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15] },
};
const everything = [rbx, rbp, rsi, rdi, 12, 13, 14, 15];

/** A caller, called as on Linux, that calls what follows it as `abi` says, and stores the registers to be kept in memory then. */
function caller(abi: Abi): Uint8Array {
  const assembler = new Assembler("avx2");
  const callee = assembler.newLabel();
  for (const register of everything) assembler.push(register);
  assembler.push(rdi);
  // Our own address of the memory, the room below it that Windows gives a callee, and the stack at a multiple of 16.
  assembler.arithmetic("sub", rsp, { immediate: 32 }, 8);
  if (abi === "windows") {
    assembler.move(r8, rdx);
    assembler.move(rdx, rsi);
    assembler.move(rcx, rdi, 8);
  }
  for (const register of kept[abi].general) assembler.move(register, { immediate: 1000 + register });
  for (const register of kept[abi].vectors) {
    assembler.move(rax, { immediate: 2000 + register });
    assembler.vector("vmovd from general", 128, [register, rax]);
    assembler.vector("vpbroadcastd", 128, [register, register]);
  }
  assembler.lea(rax, { label: callee }, 8);
  assembler.callTo(rax);
  assembler.move(rax, { base: rsp, displacement: 32 }, 8);
  kept[abi].general.forEach((register, index) => {
    assembler.move({ base: rax, displacement: savedAt + 4 * index }, register);
  });
  kept[abi].vectors.forEach((register, index) => {
    assembler.vector("vmovups", 128, [{ base: rax, displacement: savedAt + 64 + 16 * index }, register]);
  });
  assembler.arithmetic("add", rsp, { immediate: 32 }, 8);
  assembler.pop(rdi);
  for (const register of everything.toReversed()) assembler.pop(register);
  assembler.ret();
  assembler.align(64);
  assembler.bind(callee);
  return assembler.finish();
}

const isElsewhere = obstacle !== undefined || system()?.abi !== "sysv";

test.skipIf(isElsewhere).each(["sysv", "windows"] as const)("what a caller finds again: %s", (abi) => {
  const functions = build(8, (module) => {
    const spoil = module.function("spoil", ["i32", "i32"], undefined, (f, a, b) => {
      const integers = Array.from({ length: 13 }, (_, index) => f.local("i32", i32.load(a, 4 * index)));
      const locals = Array.from({ length: 16 }, (_, index) => f.local("vector", vectors.load(b, 4 * index)));
      for (const local of integers) f.emit(i32.store(i32.const(512), local));
      for (const local of locals) f.emit(vectors.store(i32.const(512), local));
      f.emit(i32.store(i32.const(600), i32.sub(a, b)));
    });
    module.function("f", ["i32", "i32"], undefined, (f, a, b) => f.call(spoil, a, b), { exported: true });
  });
  const { bytes, entries } = compileNative(functions, { set: "avx2", abi });
  const before = caller(abi);
  const jump = new Assembler("avx2");
  const target = jump.newLabel();
  expect(before.length % 64).toBe(0);
  // The entry need not be the first function.
  jump.lea(rax, { label: target }, 8);
  jump.arithmetic("add", rax, { immediate: entries.f as number }, 8);
  jump.jumpTo(rax);
  jump.align(64);
  jump.bind(target);
  const words = new Int32Array(memory.buffer);
  words.fill(0);
  callable(codePages(Uint8Array.of(...before, ...jump.finish(), ...bytes)))(memoryAddress(memory), 100, 36);
  expect(words[150]).toBe(64);
  const { general, vectors: kinds } = kept[abi];
  expect([...words.subarray(savedAt / 4, savedAt / 4 + general.length)]).toEqual(
    general.map((register) => 1000 + register),
  );
  expect([...words.subarray(savedAt / 4 + 16, savedAt / 4 + 16 + 4 * kinds.length)]).toEqual(
    kinds.flatMap((register) => Array.from({ length: 4 }, () => 2000 + register)),
  );
});
