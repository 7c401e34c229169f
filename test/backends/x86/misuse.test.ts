// What has no encoding is refused: a wrong byte would be found much later, if at all.
import { expect, test } from "vitest";
import { Assembler, type Memory } from "../../../src/backends/x86/assembler/assembler.ts";

const memory: Memory = { base: 0 };

test.each<[message: string, write: (assembler: Assembler) => unknown]>([
  ["vaddps: memory, register, register given", (a) => a.vector("vaddps", 128, [memory, 1, 2])],
  ["vaddps: register, register given", (a) => a.vector("vaddps", 128, [1, 2])],
  ["vmovd: register, register given", (a) => a.vector("vmovd", 128, [1, 2])],
  ["vmovd to general: memory, register given", (a) => a.vector("vmovd to general", 128, [memory, 2])],
  ["vshufps: no immediate given", (a) => a.vector("vshufps", 128, [1, 2, 3])],
  ["vaddps: an immediate given", (a) => a.vector("vaddps", 128, [1, 2, 3], { immediate: 1 })],
  ["vshufps: immediate 256 given", (a) => a.vector("vshufps", 128, [1, 2, 3], { immediate: 256 })],
  ["vshufps: immediate -1 given", (a) => a.vector("vshufps", 128, [1, 2, 3], { immediate: -1 })],
  ["vpermd: 128 bits given, 256 expected", (a) => a.vector("vpermd", 128, [1, 2, 3])],
  ["vptest: the instruction has no EVEX encoding", (a) => a.vector("vptest", 512, [1, 2])],
  ["vblendvps: the instruction has no EVEX encoding", (a) => a.vector("vblendvps", 128, [1, 2, 3, 16])],
  ["vaddps: registers 32, 1, 2 given", (a) => a.vector("vaddps", 128, [32, 1, 2])],
  ["vaddps: broadcast given", (a) => a.vector("vaddps", 128, [1, 2, 3], { broadcast: true })],
  ["vmovups: broadcast given", (a) => a.vector("vmovups", 128, [1, memory], { broadcast: true })],
  ["vaddps: zero given", (a) => a.vector("vaddps", 128, [1, 2, 3], { zero: true })],
  ["vmovups: zero given", (a) => a.vector("vmovups", 128, [memory, 2], { mask: 1, zero: true })],
  ["displacement: 2147483648 given", (a) => a.lea(1, { base: 0, displacement: 2 ** 31 })],
  ["displacement: 0.5 given", (a) => a.lea(1, { base: 0, displacement: 0.5 })],
  ["rsp can be no index", (a) => a.lea(1, { base: 0, index: 4 })],
  ["a label and a base or an index", (a) => a.lea(1, { base: 0, label: a.newLabel() }, 8)],
  ["lea: 4 bytes given", (a) => a.lea(1, { label: a.newLabel() })],
  ["both operands are memory", (a) => a.move(memory, memory)],
  ["both operands are memory", (a) => a.arithmetic("add", memory, memory)],
  ["immediate: 4294967296 given, 32 bits", (a) => a.arithmetic("add", 1, { immediate: 2 ** 32 })],
  ["immediate: 2147483648 given, 32 bits", (a) => a.arithmetic("add", 1, { immediate: 2 ** 31 }, 8)],
  ["immediate: 1.5 given", (a) => a.test(1, { immediate: 1.5 })],
  ["alignment: 128 given", (a) => a.align(128)],
  ["alignment: 3 given", (a) => a.align(3)],
  ["no place before the code is finished", (a) => a.position(a.constant(new Uint8Array(4), 4))],
])("%s", (message, write) => {
  expect(() => write(new Assembler("avx512"))).toThrow(message);
});

test.each<[name: string, write: (assembler: Assembler) => void]>([
  ["512 bits", (a) => a.vector("vaddps", 512, [1, 2, 3])],
  ["registers above 15", (a) => a.vector("vaddps", 128, [1, 2, 16])],
  ["masks", (a) => a.vector("vaddps", 128, [1, 2, 3], { mask: 1 })],
  ["broadcast elements", (a) => a.vector("vaddps", 128, [1, 2, memory], { broadcast: true })],
])("avx2 has no %s", (_, write) => {
  expect(() => write(new Assembler("avx2"))).toThrow("vaddps: avx2 has no EVEX encoding");
  expect(() => write(new Assembler("avx512"))).not.toThrow();
});

test("a label is bound once", () => {
  const assembler = new Assembler("avx2");
  const label = assembler.newLabel();
  assembler.bind(label);
  expect(() => assembler.bind(label)).toThrow("a label is bound twice");
});
