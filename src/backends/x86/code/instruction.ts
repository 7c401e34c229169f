/** Linear code over virtual registers: what selection writes, allocation gives registers, and emission prints. */

import type { Condition } from "../assembler/assembler.ts";
import type { Emission } from "./emission.ts";

/** In place of a virtual register: no operand. */
export const none = -1;
/** In place of a virtual register: the instruction's memory operand. */
export const inMemory = -2;

/** What a virtual register holds: general registers hold i32, vector registers both others. */
export const typeNumbers = { i32: 0, f32: 1, vector: 2 } as const;
export type TypeNumber = 0 | 1 | 2;

/** Conditions of the flags, and two for floats, of which a NaN is unequal to all. */
export type Test = Condition | "equal" | "unequal";

/** What a kind of instruction is like. */
export interface Form {
  /** Sources that may be in memory, at most one of them at once: 1 for a, 2 for b, 4 for c. */
  readonly memory: number;
  /** Whether a may be in memory where it is the result too. */
  readonly updates: boolean;
  /** What a memory operand is: one number, a vector that EVEX can broadcast from elements of 32 or 64 bits, or a whole vector. */
  readonly width: "one" | 32 | 64 | "whole";
  /** Sources that are still read when the result is written: 1 for a, 2 for b, 4 for c, 8 for the register of an address. */
  readonly late: number;
  /** General registers that it overwrites; "all" are those of both classes. */
  readonly clobbers: readonly number[] | "all";
  /** Whether the result can not be in one of them either. */
  readonly clobbersResult: boolean;
  readonly control?: "label" | "jump" | "branch" | "return";
  emit(emission: Emission, instruction: Instruction): void;
}

export function form(emit: Form["emit"], facts: Partial<Form> = {}): Form {
  return {
    memory: 0,
    updates: false,
    width: "one",
    late: 0,
    clobbers: [],
    clobbersResult: false,
    ...facts,
    emit,
  };
}

/** One instruction; its operands are virtual registers, `none` or `inMemory`. */
export class Instruction {
  readonly form: Form;
  readonly bits: 128 | 256 | 512;
  to: number;
  a: number;
  b: number;
  c: number;
  /** What the memory operand is: nothing, an address of memory, or the home of the virtual register `base`. */
  memory: "none" | "address" | "home" = "none";
  base = none;
  displacement = 0;
  /** Whether the memory operand is one element, for all lanes. */
  broadcast = false;
  /** An immediate, a label or a function. */
  immediate = 0;
  test: Test = "e";

  constructor(form: Form, bits: 128 | 256 | 512, to: number, a: number, b: number, c: number) {
    this.form = form;
    this.bits = bits;
    this.to = to;
    this.a = a;
    this.b = b;
    this.c = c;
  }
}

/** A constant: a pattern of 32-bit words that is repeated as far as a vector reaches, or as long as the longest vector. */
export type Constant = readonly number[];

/** A loop: from the first instruction, its label, to the one after its last. */
export interface Loop {
  readonly from: number;
  to: number;
  readonly parent: number;
  readonly depth: number;
  calls: boolean;
}

/** A function after selection. */
export interface LinearFunction {
  readonly name: string;
  readonly bits: 128 | 256 | 512;
  readonly code: Instruction[];
  /** Types of the virtual registers: first the locals, then what is between. */
  readonly types: TypeNumber[];
  readonly locals: number;
  readonly parameters: number;
  /** Constants by the virtual register that stands for them. */
  readonly constants: ReadonlyMap<number, Constant>;
  readonly loops: readonly Loop[];
  /** The innermost loop at each instruction, or none. */
  readonly loopAt: readonly number[];
  readonly labels: number;
  /** Bytes that arguments of its calls take. */
  readonly argumentBytes: number;
}
