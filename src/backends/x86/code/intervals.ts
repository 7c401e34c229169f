/**
 * One interval for each virtual register: from the first instruction at which it is live to the last. Positions are four for each
 * instruction: sources are read at its first, the registers that it overwrites are lost at the second, the result is there at the third.
 */

import { type Instruction, type LinearFunction, none } from "./instruction.ts";
import { type Block, blocksOf, livenessOf } from "./liveness.ts";

export const positions = 4;
export const lost = 1;
export const written = 2;

/** Later than every position. */
const never = 2 ** 30;

/** What `late` says of a register that an address is made with. */
const bitOfBase = 8;

export class Intervals {
  readonly function: LinearFunction;
  /** Positions, of which the end is the first that is free again; an interval that was given up has none. */
  readonly start: number[] = [];
  readonly end: number[] = [];
  /** How often it is used: ten times as much in a loop. */
  readonly uses: number[] = [];
  /** The instruction that writes it, or none where that is not clear. */
  readonly definedAt: number[] = [];
  /** The local or temporary that it stands for, in whose home its value is found. */
  readonly origin: number[] = [];
  /** Whether it lives at one instruction only, and must have a register. */
  readonly isTiny: boolean[] = [];
  /** Locals that have a value when the function begins. */
  readonly atStart: number[] = [];
  /** Lists of instructions, in their order, one for each operand. */
  readonly #first: number[] = [];
  readonly #next: number[] = [];
  readonly #at: number[] = [];

  /** The name of a local's value at the instruction, or none where nothing after it in the block reads that. */
  readonly #names: Int32Array;
  /** The first instruction of the block that gives a local a value without reading it. */
  readonly #fresh: Int32Array;

  constructor(code: LinearFunction) {
    this.function = code;
    this.#names = new Int32Array(code.locals);
    this.#fresh = new Int32Array(code.locals);
    for (let virtual = 0; virtual < code.types.length; virtual++) this.#begin(virtual);
    this.#build(blocksOf(code));
  }

  /** A virtual register that stands for another one in a part of the code. */
  add(origin: number, start: number, end: number): number {
    const { types } = this.function;
    const virtual = types.push(types[origin] as 0 | 1 | 2) - 1;
    this.#begin(virtual);
    this.start[virtual] = start;
    this.end[virtual] = end;
    this.origin[virtual] = this.origin[origin] as number;
    return virtual;
  }

  /** Notes that an instruction uses a virtual register; of one register from the last to the first. */
  note(virtual: number, instruction: number): void {
    const list = this.#at.push(instruction) - 1;
    this.#next.push(this.#first[virtual] as number);
    this.#first[virtual] = list;
    this.uses[virtual] = (this.uses[virtual] as number) + this.#weightAt(instruction);
  }

  #weightAt(instruction: number): number {
    const { loopAt, loops } = this.function;
    const loop = loopAt[instruction] as number;
    return loop === none ? 1 : 10 ** Math.min(loops[loop]?.depth ?? 0, 6);
  }

  /** The instructions that use it, each once. */
  instructionsOf(virtual: number): number[] {
    const found: number[] = [];
    for (let list = this.#first[virtual] as number; list !== none; list = this.#next[list] as number) {
      const at = this.#at[list] as number;
      if (found.at(-1) !== at) found.push(at);
    }
    return found;
  }

  /** Leaves a virtual register without an interval. */
  giveUp(virtual: number): void {
    this.start[virtual] = never;
    this.end[virtual] = 0;
  }

  #begin(virtual: number): void {
    this.giveUp(virtual);
    this.uses[virtual] = 0;
    this.definedAt[virtual] = none;
    this.origin[virtual] = virtual;
    this.isTiny[virtual] = false;
    this.#first[virtual] = none;
  }

  #cover(virtual: number, from: number, to: number): void {
    if (from < (this.start[virtual] as number)) this.start[virtual] = from;
    if (to > (this.end[virtual] as number)) this.end[virtual] = to;
  }

  /**
   * From the last instruction to the first. A value of a local that lives in one block only gets a virtual register of its own, so
   * that the local is not live between such values.
   */
  #build(blocks: readonly Block[]): void {
    const { code, locals } = this.function;
    const { words, before, after } = livenessOf(this.function, blocks);
    const has = (set: Int32Array, block: number, local: number) =>
      ((set[block * words + (local >> 5)] as number) & (1 << (local & 31))) !== 0;
    for (let local = 0; local < locals; local++) if (has(before, 0, local)) this.atStart.push(local);
    const names = this.#names;
    const fresh = this.#fresh;
    for (let block = blocks.length - 1; block >= 0; block--) {
      const { from, to } = blocks[block] as Block;
      fresh.fill(code.length);
      for (let index = to - 1; index >= from; index--) {
        const instruction = code[index] as Instruction;
        const result = instruction.to;
        if (result >= 0 && result < locals && !readsResult(instruction)) fresh[result] = index;
      }
      for (let local = 0; local < locals; local++) {
        const enters = has(before, block, local);
        const leaves = has(after, block, local);
        names[local] = leaves ? local : none;
        if (enters) this.#cover(local, positions * from, positions * from + 1);
        if (leaves) this.#cover(local, positions * to - 1, positions * to);
        // Live all along: it is the same register for all values.
        if (enters && leaves) fresh[local] = code.length;
      }
      for (let index = to - 1; index >= from; index--) this.#instruction(index);
    }
  }

  #instruction(index: number): void {
    const { code, locals } = this.function;
    const instruction = code[index] as Instruction;
    const { to, a, b, c, base } = instruction;
    const { late } = instruction.form;
    if (to >= 0) {
      let renamed = to;
      if (to < locals) {
        const isRead = readsResult(instruction);
        renamed = this.#name(to, index, isRead);
        instruction.to = renamed;
        if (!isRead && this.#fresh[to] !== code.length) this.#names[to] = none;
      }
      const position = positions * index + written;
      this.#cover(renamed, position, position + 1);
      this.definedAt[renamed] = index;
      this.note(renamed, index);
    }
    if (base >= 0) instruction.base = this.#read(base, index, (late & bitOfBase) !== 0);
    if (c >= 0) instruction.c = this.#read(c, index, (late & 4) !== 0);
    if (b >= 0) instruction.b = this.#read(b, index, (late & 2) !== 0);
    if (a >= 0) instruction.a = this.#read(a, index, (late & 1) !== 0);
  }

  /** The name of what an instruction reads. */
  #read(virtual: number, index: number, isLate: boolean): number {
    const renamed = virtual < this.function.locals ? this.#name(virtual, index, true) : virtual;
    const position = positions * index;
    this.#cover(renamed, position, position + (isLate ? written + 1 : lost));
    this.note(renamed, index);
    return renamed;
  }

  #name(local: number, index: number, isRead: boolean): number {
    let known = this.#names[local] as number;
    if (known === none) {
      known = isRead && index <= (this.#fresh[local] as number) ? local : this.#another(local);
      this.#names[local] = known;
    }
    return known;
  }

  #another(local: number): number {
    const { types } = this.function;
    const virtual = types.push(types[local] as 0 | 1 | 2) - 1;
    this.#begin(virtual);
    return virtual;
  }
}

function readsResult({ to, a, b, c, base }: Instruction): boolean {
  return a === to || b === to || c === to || base === to;
}
