/** Operands of instructions, and how memory is addressed in their bytes: ModR/M, SIB, displacement (Intel's manual, 2.1.5). */

import type { Label, LabelledCode } from "./labels.ts";

/** A general register: 0 rax, 1 rcx, 2 rdx, 3 rbx, 4 rsp, 5 rbp, 6 rsi, 7 rdi, 8 to 15 r8 to r15. */
export type General = number;

/** `[base + index * scale + displacement]`, or `[label + displacement]`; a displacement has 32 bits and a sign. */
export interface Memory {
  readonly base?: General;
  /** Not rsp. */
  readonly index?: General;
  readonly scale?: 1 | 2 | 4 | 8;
  readonly displacement?: number;
  /** Instead of base and index. */
  readonly label?: Label;
}

export interface Immediate {
  readonly immediate: number;
}

const rsp = 4;
const rbp = 5;

export function isByte(value: number): boolean {
  return value >= -128 && value <= 127;
}

/** What a base or index adds to a prefix: the fourth bit of its number. */
export function highBit(register: number | undefined): number {
  return register === undefined ? 0 : (register >> 3) & 1;
}

/** ModR/M for two registers; of both numbers the low three bits. */
export function writeRegisters(code: LabelledCode, register: number, other: number): void {
  code.bytes.byte(0xc0 | ((register & 7) << 3) | (other & 7));
}

/**
 * ModR/M and what follows it for memory. A displacement of 8 bits counts units of `unit` bytes (EVEX; else 1). `trailing` is the
 * number of bytes that the instruction has after it.
 */
export function writeMemory(
  code: LabelledCode,
  register: number,
  memory: Memory,
  trailing: number,
  unit = 1,
): void {
  const { bytes } = code;
  const { base, index, displacement = 0 } = memory;
  const field = (register & 7) << 3;
  if ((displacement | 0) !== displacement)
    throw new Error(`displacement: ${displacement} given, 32 bits expected`);
  if (memory.label) {
    if (base !== undefined || index !== undefined)
      throw new Error("a label and a base or an index in one operand");
    bytes.byte(field | 5);
    code.distance(memory.label, displacement, trailing);
    return;
  }
  if (index === rsp) throw new Error("rsp can be no index");
  if (base === undefined) {
    bytes.byte(field | 4);
    bytes.byte(index === undefined ? 0x25 : scaleAndIndex(memory.scale, index) | 5);
    bytes.int32(displacement);
    return;
  }
  const units = displacement / unit;
  const short = isByte(units) && Number.isInteger(units);
  const mode = displacement === 0 && (base & 7) !== rbp ? 0 : short ? 0x40 : 0x80;
  if (index !== undefined) {
    bytes.byte(mode | field | 4);
    bytes.byte(scaleAndIndex(memory.scale, index) | (base & 7));
  } else if ((base & 7) === rsp) {
    bytes.byte(mode | field | 4);
    bytes.byte(0x24);
  } else bytes.byte(mode | field | (base & 7));
  if (mode === 0x40) bytes.byte(units);
  else if (mode === 0x80) bytes.int32(displacement);
}

function scaleAndIndex(scale: Memory["scale"], index: General): number {
  const exponent = scale === 8 ? 3 : scale === 4 ? 2 : scale === 2 ? 1 : 0;
  return (exponent << 6) | ((index & 7) << 3);
}
