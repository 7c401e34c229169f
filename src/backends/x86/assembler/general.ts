/**
 * Instructions on general registers, and jumps. A `size` is that of the operands in bytes, 4 where none is given; with 4 the upper half
 * of a register that is written becomes zero.
 */

import { type Label, LabelledCode } from "./labels.ts";
import {
  type General,
  highBit,
  type Immediate,
  isByte,
  type Memory,
  writeMemory,
  writeRegisters,
} from "./operands.ts";

export type Size = 4 | 8;

const conditions = {
  ...{ o: 0, no: 1, b: 2, ae: 3, e: 4, ne: 5, be: 6, a: 7 },
  ...{ s: 8, ns: 9, p: 10, np: 11, l: 12, ge: 13, le: 14, g: 15 },
};
/** Below and above are unsigned, less and greater signed; o is overflow, s sign, p parity (of vucomiss: a NaN). */
export type Condition = keyof typeof conditions;

const arithmetic = { add: 0, or: 1, and: 4, sub: 5, xor: 6, cmp: 7 };
export type Arithmetic = keyof typeof arithmetic;

const shifts = { rol: 0, ror: 1, shl: 4, shr: 5, sar: 7 };
export type Shift = keyof typeof shifts;

const fullSet = 0x0f00;

const shortJump = [0xeb];
const longJump = [0xe9];
const shortJumps = Array.from({ length: 16 }, (_, condition) => [0x70 | condition]);
const longJumps = Array.from({ length: 16 }, (_, condition) => [0x0f, 0x80 | condition]);

export class GeneralInstructions extends LabelledCode {
  jump(label: Label): void {
    this.insertJump(label, shortJump, longJump);
  }

  jumpIf(condition: Condition, label: Label): void {
    const number = conditions[condition];
    this.insertJump(label, shortJumps[number] ?? shortJump, longJumps[number] ?? longJump);
  }

  /** Jumps to the address that a register of 64 bits, or memory, holds. */
  jumpTo(target: General | Memory): void {
    this.general(0xff, 4, target, 4);
  }

  callLabel(label: Label): void {
    this.bytes.byte(0xe8);
    this.distance(label, 0, 0);
  }

  /** Calls the address that a register of 64 bits, or memory, holds. */
  callTo(target: General | Memory): void {
    this.general(0xff, 2, target, 4);
  }

  ret(): void {
    this.bytes.byte(0xc3);
  }

  syscall(): void {
    this.plain(0x0f, 0x05);
  }

  pause(): void {
    this.plain(0xf3, 0x90);
  }

  cpuid(): void {
    this.plain(0x0f, 0xa2);
  }

  xgetbv(): void {
    this.plain(0x0f, 0x01, 0xd0);
  }

  /** An immediate of 8 bytes may be a bigint, of either sign; it takes the shortest form that keeps all 64 bits. */
  move(
    to: General | Memory,
    from: General | Memory | { readonly immediate: number | bigint },
    size: Size = 4,
  ): void {
    if (typeof from === "number") this.general(0x89, from, to, size);
    else if (!("immediate" in from)) this.general(0x8b, register(to), from, size);
    else if (typeof to !== "number") {
      this.general(0xc7, 0, to, size, 4);
      this.bytes.int32(immediate32(Number(from.immediate), size));
    } else this.moveImmediate(to, from.immediate, size);
  }

  private moveImmediate(to: General, value: number | bigint, size: Size): void {
    const bits = BigInt.asUintN(64, BigInt(value));
    if (size === 4 || bits < 0x1_0000_0000n) {
      this.registerCode(0xb8, to, 4);
      this.bytes.int32(immediate32(Number(value), 4));
    } else if (bits >= 0xffff_ffff_8000_0000n) {
      this.general(0xc7, 0, to, 8);
      this.bytes.int32(Number(BigInt.asIntN(32, bits)));
    } else {
      this.registerCode(0xb8, to, 8);
      this.bytes.int32(Number(BigInt.asIntN(32, bits)));
      this.bytes.int32(Number(BigInt.asIntN(32, bits >> 32n)));
    }
  }

  arithmetic(op: Arithmetic, to: General | Memory, from: General | Memory | Immediate, size: Size = 4): void {
    const number = arithmetic[op];
    if (typeof from === "number") this.general((number << 3) | 1, from, to, size);
    else if (!("immediate" in from)) this.general((number << 3) | 3, register(to), from, size);
    else {
      const value = immediate32(from.immediate, size);
      const short = isByte(value);
      if (!short && to === 0) {
        if (size === 8) this.bytes.byte(0x48);
        this.bytes.byte((number << 3) | 5);
      } else this.general(short ? 0x83 : 0x81, number, to, size, short ? 1 : 4);
      this.immediate(value, short);
    }
  }

  test(a: General | Memory, b: General | Immediate, size: Size = 4): void {
    if (typeof b === "number") this.general(0x85, b, a, size);
    else {
      this.general(0xf7, 0, a, size, 4);
      this.bytes.int32(immediate32(b.immediate, size));
    }
  }

  multiply(to: General, from: General | Memory, size: Size = 4): void {
    this.general(fullSet | 0xaf, to, from, size);
  }

  multiplyImmediate(to: General, from: General | Memory, immediate: number, size: Size = 4): void {
    const value = immediate32(immediate, size);
    const short = isByte(value);
    this.general(short ? 0x6b : 0x69, to, from, size, short ? 1 : 4);
    this.immediate(value, short);
  }

  negate(to: General | Memory, size: Size = 4): void {
    this.general(0xf7, 3, to, size);
  }

  not(to: General | Memory, size: Size = 4): void {
    this.general(0xf7, 2, to, size);
  }

  /** The address itself; that of a label has 8 bytes. */
  lea(to: General, memory: Memory, size: Size = 4): void {
    if (memory.label && size === 4) throw new Error("lea: 4 bytes given, the address of a label has 8");
    this.general(0x8d, to, memory, size);
  }

  /** Distances are modulo 32, with 8 bytes 64. */
  shift(op: Shift, to: General | Memory, by: number | "cl", size: Size = 4): void {
    const short = by === "cl" || by === 1;
    this.general(by === "cl" ? 0xd3 : short ? 0xd1 : 0xc1, shifts[op], to, size, short ? 0 : 1);
    if (!short) this.bytes.byte(by & (8 * size - 1));
  }

  /** Divides edx:eax (rdx:rax): the quotient goes to eax, the remainder to edx. */
  divide(signed: boolean, by: General | Memory, size: Size = 4): void {
    this.general(0xf7, signed ? 7 : 6, by, size);
  }

  /** Fills edx with the sign of eax. */
  signExtendEax(): void {
    this.bytes.byte(0x99);
  }

  /** Sets the lowest byte of a register, or a byte of memory, to 1 or 0; see `zeroExtendByte` for the other bytes. */
  setIf(condition: Condition, to: General | Memory): void {
    this.general(fullSet | 0x90 | conditions[condition], 0, to, 4, 0, true);
  }

  moveIf(condition: Condition, to: General, from: General | Memory, size: Size = 4): void {
    this.general(fullSet | 0x40 | conditions[condition], to, from, size);
  }

  zeroExtendByte(to: General, from: General | Memory): void {
    this.general(fullSet | 0xb6, to, from, 4, 0, true);
  }

  push(from: General): void {
    this.registerCode(0x50, from, 4);
  }

  pop(to: General): void {
    this.registerCode(0x58, to, 4);
  }

  /** Adds to memory, as one step for all threads; the register takes what was there before. */
  exchangeAdd(memory: Memory, added: General, size: Size = 4): void {
    this.bytes.byte(0xf0);
    this.general(fullSet | 0xc1, added, memory, size);
  }

  /** Exchanges memory and a register as one step for all threads, after all that was written before. */
  exchange(memory: Memory, other: General, size: Size = 4): void {
    this.general(0x87, other, memory, size);
  }

  /** Copies rcx bytes from rsi to rdi, or fills those at rdi with al. */
  rep(op: "movsb" | "stosb"): void {
    this.plain(0xf3, op === "movsb" ? 0xa4 : 0xaa);
  }

  /** Which way `rep` goes from there on; calls expect "up". */
  direction(way: "up" | "down"): void {
    this.plain(way === "up" ? 0xfc : 0xfd);
  }

  /** Asks for a line of memory in the nearest cache. */
  prefetcht0(memory: Memory): void {
    this.general(fullSet | 0x18, 1, memory, 4);
  }

  /** Sets how floats are rounded and which exceptions are masked (MXCSR). */
  ldmxcsr(memory: Memory): void {
    this.general(fullSet | 0xae, 2, memory, 4);
  }

  stmxcsr(memory: Memory): void {
    this.general(fullSet | 0xae, 3, memory, 4);
  }

  private plain(...values: number[]): void {
    for (const value of values) this.bytes.byte(value);
  }

  /** An instruction whose last three bits are its register. */
  private registerCode(opcode: number, to: General, size: Size): void {
    const rex = (size === 8 ? 8 : 0) | highBit(to);
    if (rex !== 0) this.bytes.byte(0x40 | rex);
    this.bytes.byte(opcode | (to & 7));
  }

  private immediate(value: number, short: boolean): void {
    if (short) this.bytes.byte(value);
    else this.bytes.int32(value);
  }

  /**
   * Prefix, opcode and operands. `field` is a register or a part of the opcode, `other` the operand that may be memory, of one byte
   * where `byte` says so: of registers 4 to 7 the lowest one needs a prefix, without which these numbers mean ah to bh.
   */
  private general(
    opcode: number,
    field: number,
    other: General | Memory,
    size: Size,
    trailing = 0,
    byte = false,
  ): void {
    const { bytes } = this;
    let rex = (size === 8 ? 8 : 0) | (highBit(field) << 2);
    if (typeof other === "number") rex |= highBit(other);
    else rex |= (highBit(other.index) << 1) | highBit(other.base);
    if (rex !== 0 || (byte && typeof other === "number" && other >= 4)) bytes.byte(0x40 | rex);
    if (opcode >= fullSet) bytes.byte(0x0f);
    bytes.byte(opcode & 0xff);
    if (typeof other === "number") writeRegisters(this, field, other);
    else writeMemory(this, field, other, trailing);
  }
}

function register(to: General | Memory): General {
  if (typeof to !== "number") throw new Error("both operands are memory");
  return to;
}

/** As 32 bits: of either sign with operands of 4 bytes; with 8 it is extended by its sign. */
function immediate32(value: number, size: Size): number {
  const limit = size === 4 ? 2 ** 32 : 2 ** 31;
  if (!Number.isInteger(value) || value < -(2 ** 31) || value >= limit)
    throw new Error(`immediate: ${value} given, ${size === 4 ? "32 bits" : "32 bits with sign"} expected`);
  return value | 0;
}
