/** Virtual registers that stay in memory: at home they are read and written, but for loops and instructions that need a register. */

import { type Instruction, inMemory, type Loop, none } from "./instruction.ts";
import { type Intervals, lost, positions, written } from "./intervals.ts";

/** The source that an instruction may update in memory. */
const bitOfA = 1;

export class Homes {
  readonly #intervals: Intervals;
  /** Homes in the frame, in bytes, and how many all take. */
  readonly slots = new Map<number, number>();
  slotBytes = 0;
  /** Virtual registers that stand for another one in a loop, with that. */
  readonly loopOf = new Map<number, number>();
  /** Those that do at one instruction. */
  readonly tiny: number[] = [];

  constructor(intervals: Intervals) {
    this.#intervals = intervals;
  }

  /** Leaves a virtual register at its home. */
  giveUp(virtual: number): void {
    const { origin } = this.#intervals;
    const home = origin[virtual] as number;
    const instructions = this.#intervals.instructionsOf(virtual);
    const scope = this.#scopeOf(virtual, instructions[0] ?? 0);
    this.#makeHome(home);
    this.#intervals.giveUp(virtual);
    let loopNow = none;
    let inLoop = none;
    for (let index = instructions.length - 1; index >= 0; index--) {
      const at = instructions[index] as number;
      const loop = this.#loopWithin(scope, at);
      if (loop === none) this.#keepAround(virtual, home, at);
      else {
        if (loop !== loopNow) {
          const { from, to } = this.#intervals.function.loops[loop] as Loop;
          inLoop = this.#intervals.add(home, positions * from, positions * to);
          this.loopOf.set(inLoop, loop);
          loopNow = loop;
        }
        rename(this.#intervals.function.code[at] as Instruction, virtual, inLoop);
        this.#intervals.note(inLoop, at);
      }
    }
  }

  /** The innermost loop that its interval lies within, or none. */
  #scopeOf(virtual: number, instruction: number): number {
    const known = this.loopOf.get(virtual);
    if (known !== undefined) return known;
    if (this.#intervals.function.constants.has(virtual)) return none;
    const { start, end } = this.#intervals;
    const { loops, loopAt } = this.#intervals.function;
    let loop = loopAt[instruction] as number;
    while (loop !== none) {
      const { from, to, parent } = loops[loop] as Loop;
      if (positions * from <= (start[virtual] as number) && (end[virtual] as number) <= positions * to) break;
      loop = parent;
    }
    return loop;
  }

  /** The outermost loop within another one that an instruction lies in and that calls nothing, or none. */
  #loopWithin(scope: number, instruction: number): number {
    const { loops, loopAt } = this.#intervals.function;
    let found = none;
    for (let loop = loopAt[instruction] as number; loop !== scope && loop !== none; ) {
      const { parent, calls } = loops[loop] as Loop;
      if (!calls) found = loop;
      loop = parent;
    }
    return found;
  }

  /** Makes an instruction take its operand from memory, or by a register that it is loaded to before, or stored from after. */
  #keepAround(virtual: number, home: number, at: number): void {
    const instruction = this.#intervals.function.code[at] as Instruction;
    const { form, a, b, c, base, to, memory } = instruction;
    const used = (a === virtual ? 1 : 0) | (b === virtual ? 2 : 0) | (c === virtual ? 4 : 0);
    const all = used | (memory === "address" && base === virtual ? 8 : 0);
    const position = positions * at;
    if (form.updates && memory === "none" && used === bitOfA && to === virtual) {
      rename(instruction, virtual, inMemory);
      instruction.memory = "home";
      instruction.base = home;
      return;
    }
    if (all !== 0) {
      if (memory === "none" && (used === 1 || used === 2 || used === 4) && (form.memory & used) !== 0) {
        rename(instruction, virtual, inMemory, false);
        instruction.memory = "home";
        instruction.base = home;
      } else {
        const isLate = (form.late & all) !== 0;
        const tiny = this.#addTiny(home, position, position + (isLate ? written + 1 : lost));
        rename(instruction, virtual, tiny, false);
        this.#intervals.note(tiny, at);
      }
    }
    if (to === virtual) {
      const tiny = this.#addTiny(home, position + written, position + written + 1);
      instruction.to = tiny;
      this.#intervals.definedAt[tiny] = at;
      this.#intervals.note(tiny, at);
    }
  }

  #addTiny(home: number, from: number, to: number): number {
    const tiny = this.#intervals.add(home, from, to);
    this.#intervals.isTiny[tiny] = true;
    this.tiny.push(tiny);
    return tiny;
  }

  #makeHome(virtual: number): void {
    const { constants, parameters, types, bits } = this.#intervals.function;
    if (constants.has(virtual) || virtual < parameters || this.slots.has(virtual)) return;
    const size = types[virtual] === 0 ? 8 : types[virtual] === 1 ? 16 : bits / 8;
    const offset = Math.ceil(this.slotBytes / size) * size;
    this.slots.set(virtual, offset);
    this.slotBytes = offset + size;
  }
}

function rename(instruction: Instruction, from: number, to: number, isResultToo = true): void {
  if (instruction.a === from) instruction.a = to;
  if (instruction.b === from) instruction.b = to;
  if (instruction.c === from) instruction.c = to;
  if (instruction.memory === "address" && instruction.base === from) instruction.base = to;
  if (isResultToo && instruction.to === from) instruction.to = to;
}
