/** Operands of instructions as a disassembler prints them, and a seeded choice of them. */

import type { Memory } from "../../../src/backends/x86/assembler/assembler.ts";

const old = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];
const numbers = Array.from({ length: 32 }, (_, index) => index);
const extended = numbers.slice(8, 16);

/** Names of registers by their number. */
export const registers = {
  byte: ["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", ...extended.map((index) => `r${index}b`)],
  dword: [...old.map((name) => `e${name}`), ...extended.map((index) => `r${index}d`)],
  qword: [...old.map((name) => `r${name}`), ...extended.map((index) => `r${index}`)],
  mask: numbers.slice(0, 8).map((index) => `k${index}`),
  xmm: numbers.map((index) => `xmm${index}`),
  ymm: numbers.map((index) => `ymm${index}`),
  zmm: numbers.map((index) => `zmm${index}`),
} satisfies Record<string, string[]>;

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The address in brackets; labels are bound to the start of the code. */
export function address(memory: Memory): string {
  const { base, index, scale = 1, displacement = 0, label } = memory;
  const whole = (value: number) => hex64(BigInt(value));
  if (label) return `[rip ${whole(displacement)}]`;
  if (base === undefined && index === undefined) return `ds:${whole(displacement)}`;
  const parts = [
    base === undefined ? "" : registers.qword[base],
    index === undefined ? "" : `${registers.qword[index]}*${scale}`,
  ].filter((part) => part !== "");
  // Without a displacement in its bytes an address has none in print; rbp, r13 and an index alone always have one.
  const always = base === undefined || (base & 7) === 5;
  const distance =
    displacement === 0 && !always ? "" : `${displacement < 0 ? "-" : "+"}${hex(Math.abs(displacement))}`;
  return `[${parts.join("+")}${distance}]`;
}

export function hex64(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}

/** The same numbers each time. */
export class Choice {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }

  of<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  /** Memory of all kinds, with displacements around the borders of 8 bits, of units too. */
  memory(unit: number): Memory {
    const displacement = this.of(displacements(unit));
    const kind = this.below(8);
    const base = this.below(16);
    const index = this.of(indices);
    const scale = this.of([1, 2, 4, 8] as const);
    if (kind === 0) return { displacement };
    if (kind === 1) return { index, scale, displacement };
    if (kind <= 4) return { base, displacement };
    return { base, index, scale, displacement };
  }
}

/** All general registers but rsp. */
export const indices = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

export function displacements(unit: number): number[] {
  const borders = [0, 1, -1, 127, 128, -128, -129, 0x12345, 2 ** 31 - 1, -(2 ** 31)];
  const units = [1, -1, 127, 128, -128, -129].map((count) => count * unit);
  return [...borders, ...units, unit + 1, unit * 127 + 1];
}
