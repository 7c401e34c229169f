/** Instructions on general registers, and others that are no vector ones, with operands of all kinds, and how a disassembler prints each. */

import type {
  Arithmetic,
  Assembler,
  Condition,
  Label,
  Memory,
  Shift,
} from "../../../src/backends/x86/assembler/assembler.ts";
import { address, Choice, displacements, hex, hex64, indices, registers } from "./operands.ts";

export type GeneralCase = readonly [text: string, write: (assembler: Assembler) => void];

const all = registers.qword.map((_, index) => index);
const conditions: readonly Condition[] = [
  ...(["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"] as const),
];
const arithmetic: readonly Arithmetic[] = ["add", "or", "and", "sub", "xor", "cmp"];
const shifts: readonly Shift[] = ["rol", "ror", "shl", "shr", "sar"];
const immediates = [0, 1, -1, 127, 128, -128, -129, 1000, 2 ** 31 - 1, -(2 ** 31)];

/** An immediate as the operand of `size` bytes that it is extended to. */
function extended(value: number, size: 4 | 8): string {
  return size === 8 ? hex64(BigInt(value)) : hex(value >>> 0);
}

export function* generalCases(start: Label): Generator<GeneralCase> {
  yield ["ret", (a) => a.ret()];
  yield ["syscall", (a) => a.syscall()];
  yield ["pause", (a) => a.pause()];
  yield ["cpuid", (a) => a.cpuid()];
  yield ["xgetbv", (a) => a.xgetbv()];
  yield ["vzeroupper", (a) => a.vzeroupper()];
  yield ["cdq", (a) => a.signExtendEax()];
  yield ["rep movs BYTE PTR es:[rdi],BYTE PTR ds:[rsi]", (a) => a.rep("movsb")];
  yield ["rep stos BYTE PTR es:[rdi],al", (a) => a.rep("stosb")];
  const choice = new Choice(2);
  for (const register of all) yield* withRegister(register, choice);
  for (let index = 0; index < 40; index++) yield* withMemory(choice.memory(1), choice);
  for (const base of [undefined, ...all])
    for (const index of [undefined, ...indices]) {
      const scale = choice.of([1, 2, 4, 8] as const);
      const memory: Memory = { base, index, scale, displacement: choice.of(displacements(1)) };
      yield [`lea rcx,${address(memory)}`, (a) => a.lea(1, memory, 8)];
    }
  yield* withMemory({ label: start, displacement: 40 }, choice);
  for (const value of immediates) yield* withImmediate(value, choice);
  for (const value of [2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n, 0xffff_ffffn, 0x8000_0000n, 0x1_0000_0000n])
    for (const to of [0, 9]) {
      const high = BigInt.asUintN(64, value);
      const [name, register] =
        high < 2n ** 32n
          ? ["mov", registers.dword[to]]
          : [high >= 2n ** 64n - 2n ** 31n ? "mov" : "movabs", registers.qword[to]];
      yield [`${name} ${register},${hex64(value)}`, (a) => a.move(to, { immediate: value }, 8)];
    }
}

function* withRegister(register: number, choice: Choice): Generator<GeneralCase> {
  const other = choice.below(16);
  for (const size of [4, 8] as const) {
    const names = size === 4 ? registers.dword : registers.qword;
    const pair = `${names[register]},${names[other]}`;
    yield [`mov ${pair}`, (a) => a.move(register, other, size)];
    for (const op of arithmetic) yield [`${op} ${pair}`, (a) => a.arithmetic(op, register, other, size)];
    yield [`test ${pair}`, (a) => a.test(register, other, size)];
    yield [`imul ${pair}`, (a) => a.multiply(register, other, size)];
    yield [`imul ${pair},0x7`, (a) => a.multiplyImmediate(register, other, 7, size)];
    yield [`neg ${names[register]}`, (a) => a.negate(register, size)];
    yield [`not ${names[register]}`, (a) => a.not(register, size)];
    yield [`div ${names[register]}`, (a) => a.divide(false, register, size)];
    yield [`idiv ${names[register]}`, (a) => a.divide(true, register, size)];
    for (const op of shifts) {
      const by = 2 + choice.below(8 * size - 2);
      yield [`${op} ${names[register]},${hex(by)}`, (a) => a.shift(op, register, by, size)];
      yield [`${op} ${names[register]},${hex(by)}`, (a) => a.shift(op, register, by + 8 * size, size)];
      yield [`${op} ${names[register]},1`, (a) => a.shift(op, register, 1, size)];
      yield [`${op} ${names[register]},cl`, (a) => a.shift(op, register, "cl", size)];
    }
    const condition = choice.of(conditions);
    yield [`cmov${condition} ${pair}`, (a) => a.moveIf(condition, register, other, size)];
  }
  for (const condition of conditions)
    yield [`set${condition} ${registers.byte[register]}`, (a) => a.setIf(condition, register)];
  const byte = `${registers.dword[other]},${registers.byte[register]}`;
  yield [`movzx ${byte}`, (a) => a.zeroExtendByte(other, register)];
  yield [`push ${registers.qword[register]}`, (a) => a.push(register)];
  yield [`pop ${registers.qword[register]}`, (a) => a.pop(register)];
  yield [`call ${registers.qword[register]}`, (a) => a.callTo(register)];
  yield [`jmp ${registers.qword[register]}`, (a) => a.jumpTo(register)];
}

function* withMemory(memory: Memory, choice: Choice): Generator<GeneralCase> {
  const register = choice.below(16);
  const at = address(memory);
  for (const size of [4, 8] as const) {
    const name = (size === 4 ? registers.dword : registers.qword)[register];
    const word = `${size === 4 ? "DWORD" : "QWORD"} PTR ${at}`;
    yield [`mov ${name},${word}`, (a) => a.move(register, memory, size)];
    yield [`mov ${word},${name}`, (a) => a.move(memory, register, size)];
    for (const value of [5, -5, 70000])
      yield [`mov ${word},${extended(value, size)}`, (a) => a.move(memory, { immediate: value }, size)];
    const op = choice.of(arithmetic);
    yield [`${op} ${name},${word}`, (a) => a.arithmetic(op, register, memory, size)];
    yield [`${op} ${word},${name}`, (a) => a.arithmetic(op, memory, register, size)];
    for (const value of [5, -5, 70000])
      yield [
        `${op} ${word},${extended(value, size)}`,
        (a) => a.arithmetic(op, memory, { immediate: value }, size),
      ];
    yield [`test ${word},${name}`, (a) => a.test(memory, register, size)];
    yield [`test ${word},0x80`, (a) => a.test(memory, { immediate: 128 }, size)];
    yield [`imul ${name},${word}`, (a) => a.multiply(register, memory, size)];
    for (const value of [5, 70000])
      yield [`imul ${name},${word},${hex(value)}`, (a) => a.multiplyImmediate(register, memory, value, size)];
    yield [`neg ${word}`, (a) => a.negate(memory, size)];
    yield [`idiv ${word}`, (a) => a.divide(true, memory, size)];
    yield [`shl ${word},0x3`, (a) => a.shift("shl", memory, 3, size)];
    if (!memory.label || size === 8) yield [`lea ${name},${at}`, (a) => a.lea(register, memory, size)];
    yield [`lock xadd ${word},${name}`, (a) => a.exchangeAdd(memory, register, size)];
    yield [`xchg ${word},${name}`, (a) => a.exchange(memory, register, size)];
    yield [`cmovb ${name},${word}`, (a) => a.moveIf("b", register, memory, size)];
  }
  yield [`sete BYTE PTR ${at}`, (a) => a.setIf("e", memory)];
  yield [`movzx ${registers.dword[register]},BYTE PTR ${at}`, (a) => a.zeroExtendByte(register, memory)];
  yield [`call QWORD PTR ${at}`, (a) => a.callTo(memory)];
  yield [`jmp QWORD PTR ${at}`, (a) => a.jumpTo(memory)];
  yield [`prefetcht0 BYTE PTR ${at}`, (a) => a.prefetcht0(memory)];
  yield [`ldmxcsr DWORD PTR ${at}`, (a) => a.ldmxcsr(memory)];
  yield [`stmxcsr DWORD PTR ${at}`, (a) => a.stmxcsr(memory)];
}

function* withImmediate(value: number, choice: Choice): Generator<GeneralCase> {
  for (const register of [0, 1, 8, 13])
    for (const size of [4, 8] as const) {
      const name = (size === 4 ? registers.dword : registers.qword)[register];
      const short = value >= 0 ? registers.dword[register] : name;
      yield [`mov ${short},${extended(value, size)}`, (a) => a.move(register, { immediate: value }, size)];
      for (const op of arithmetic)
        yield [
          `${op} ${name},${extended(value, size)}`,
          (a) => a.arithmetic(op, register, { immediate: value }, size),
        ];
      yield [`test ${name},${extended(value, size)}`, (a) => a.test(register, { immediate: value }, size)];
      const from = choice.below(16);
      const other = (size === 4 ? registers.dword : registers.qword)[from];
      yield [
        `imul ${name},${other},${extended(value, size)}`,
        (a) => a.multiplyImmediate(register, from, value, size),
      ];
    }
}
