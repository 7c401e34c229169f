/**
 * Registers for virtual ones, by linear scan. What finds none gives way where it is used least for its length: it stays at home, in
 * memory, and gets a register in the loops that use it, or at least around each use; then the scan runs again.
 */

import { type Instruction, inMemory, type LinearFunction, type Loop, none } from "./instruction.ts";
import { Intervals, lost, positions, written } from "./intervals.ts";

/** The registers that may be given, by preference. */
export interface RegisterFile {
  readonly general: readonly number[];
  readonly vector: readonly number[];
}

/** Between a register, by its virtual one, and the home of its origin. */
export interface Transfer {
  readonly virtual: number;
  readonly origin: number;
}

export interface Allocation {
  /** By virtual register. */
  readonly registers: readonly number[];
  /** Homes in the frame, in bytes. */
  readonly slots: ReadonlyMap<number, number>;
  readonly slotBytes: number;
  readonly calls: boolean;
  /** Loads before instructions, before the label of a loop, and stores after them. */
  readonly before: ReadonlyMap<number, readonly Transfer[]>;
  readonly after: ReadonlyMap<number, readonly Transfer[]>;
  /** Locals that have a value when the function begins: zero, but for parameters. */
  readonly atStart: readonly number[];
}

/** What a constant in a register is worth beside a local: its home is a memory operand in most places. */
const worthOfConstant = 0.4;
const classSize = 32;

export function allocate(code: LinearFunction, file: RegisterFile): Allocation {
  return new Allocator(code, file).run();
}

class Allocator {
  readonly #function: LinearFunction;
  readonly #file: RegisterFile;
  readonly #intervals: Intervals;
  /** Positions where general registers are overwritten, by register, and those of calls. */
  readonly #lostAt: number[][] = Array.from({ length: classSize }, () => []);
  readonly #calls: number[] = [];
  /** The loop that a virtual register stands for another one in; at one instruction, or everywhere, none. */
  readonly #loopOf = new Map<number, number>();
  readonly #isTiny = new Set<number>();
  readonly #slots = new Map<number, number>();
  #slotBytes = 0;
  #registers: number[] = [];

  constructor(code: LinearFunction, file: RegisterFile) {
    this.#function = code;
    this.#file = file;
    this.#intervals = new Intervals(code);
    code.code.forEach(({ form: { clobbers, clobbersResult } }, index) => {
      if (clobbers === "all") this.#calls.push(positions * index + lost);
      else
        for (const register of clobbers)
          this.#lostAt[register]?.push(positions * index + (clobbersResult ? written : lost));
    });
  }

  run(): Allocation {
    const { start, end } = this.#intervals;
    for (const constant of this.#function.constants.keys()) this.#giveUp(constant);
    if (this.#calls.length > 0) {
      const { length } = start;
      for (let virtual = 0; virtual < length; virtual++)
        if (crosses(this.#calls, start[virtual] as number, end[virtual] as number)) this.#giveUp(virtual);
    }
    for (let spilled = this.#scan(); spilled.length > 0; spilled = this.#scan())
      for (const virtual of spilled) this.#giveUp(virtual);
    return this.#result();
  }

  /** Gives registers to intervals by their start; returns those that found none. */
  #scan(): number[] {
    const { start, end, definedAt } = this.#intervals;
    const { types, code } = this.#function;
    const registers: number[] = new Array(types.length).fill(none);
    this.#registers = registers;
    const weights = new Float64Array(types.length);
    const occupants = new Int32Array(2 * classSize).fill(none);
    const freeFrom = new Float64Array(2 * classSize);
    const spilled: number[] = [];
    for (const virtual of this.#byStart()) {
      const from = start[virtual] as number;
      const to = end[virtual] as number;
      const isGeneral = types[virtual] === 0;
      const first = isGeneral ? 0 : classSize;
      const candidates = isGeneral ? this.#file.general : this.#file.vector;
      const isKept = (register: number) =>
        !isGeneral ||
        (this.#lostAt[register] as number[]).length === 0 ||
        !crosses(this.#lostAt[register] as number[], from, to);
      weights[virtual] = this.#weight(virtual);
      let chosen = none;
      const defined = definedAt[virtual] as number;
      if (defined !== none) {
        const { a, b, c, form } = code[defined] as Instruction;
        for (const source of [c, a, b]) {
          if (source < 0 || (types[source] === 0) !== isGeneral) continue;
          const register = registers[source] as number;
          if (register >= 0 && (freeFrom[first + register] as number) <= from && isKept(register)) {
            chosen = register;
            break;
          }
        }
        if (
          form.clobbers === "all" &&
          candidates.includes(0) &&
          (freeFrom[first] as number) <= from &&
          isKept(0)
        )
          chosen = 0;
      }
      if (chosen === none) {
        for (const register of candidates) {
          if ((freeFrom[first + register] as number) <= from && isKept(register)) {
            chosen = register;
            break;
          }
        }
      }
      if (chosen === none) {
        let least = weights[virtual] as number;
        for (const register of candidates) {
          const occupant = occupants[first + register] as number;
          if ((freeFrom[first + register] as number) <= from) continue;
          const weight = weights[occupant] as number;
          if (weight < least && isKept(register)) {
            least = weight;
            chosen = register;
          }
        }
        if (chosen === none) {
          if (this.#isTiny.has(virtual))
            throw new Error(`${this.#function.name}: an instruction needs more registers than there are`);
          spilled.push(virtual);
          continue;
        }
        const occupant = occupants[first + chosen] as number;
        registers[occupant] = none;
        spilled.push(occupant);
      }
      registers[virtual] = chosen;
      occupants[first + chosen] = virtual;
      freeFrom[first + chosen] = to;
    }
    return spilled;
  }

  /** Virtual registers that are live somewhere, by the start of their intervals. */
  #byStart(): number[] {
    const { start, end } = this.#intervals;
    const starting = new Int32Array(positions * this.#function.code.length + 1).fill(none);
    const next = new Int32Array(start.length);
    for (let virtual = start.length - 1; virtual >= 0; virtual--) {
      if ((end[virtual] as number) === 0) continue;
      const from = start[virtual] as number;
      next[virtual] = starting[from] as number;
      starting[from] = virtual;
    }
    const order: number[] = [];
    for (const first of starting)
      for (let virtual = first; virtual !== none; virtual = next[virtual] as number) order.push(virtual);
    return order;
  }

  #weight(virtual: number): number {
    if (this.#isTiny.has(virtual)) return Number.POSITIVE_INFINITY;
    const { start, end, uses, origin } = this.#intervals;
    const length = (end[virtual] as number) - (start[virtual] as number);
    const worth = this.#function.constants.has(origin[virtual] as number) ? worthOfConstant : 1;
    return ((uses[virtual] as number) * worth) / length;
  }

  /** Leaves a virtual register at its home. */
  #giveUp(virtual: number): void {
    const { start, end, origin } = this.#intervals;
    const home = origin[virtual] as number;
    const instructions = this.#intervals.instructionsOf(virtual);
    const scope = this.#scopeOf(virtual, instructions[0] ?? 0);
    this.#makeHome(home);
    end[virtual] = 0;
    start[virtual] = Number.POSITIVE_INFINITY;
    let loopNow = none;
    let inLoop = none;
    for (let index = instructions.length - 1; index >= 0; index--) {
      const at = instructions[index] as number;
      const loop = this.#loopWithin(scope, at);
      if (loop === none) this.#keepAround(virtual, home, at);
      else {
        if (loop !== loopNow) {
          const { from, to } = this.#function.loops[loop] as Loop;
          inLoop = this.#intervals.add(home, positions * from, positions * to);
          this.#loopOf.set(inLoop, loop);
          loopNow = loop;
        }
        rename(this.#function.code[at] as Instruction, virtual, inLoop);
        this.#intervals.note(inLoop, at);
      }
    }
  }

  /** The innermost loop that its interval lies within, or none. */
  #scopeOf(virtual: number, instruction: number): number {
    const known = this.#loopOf.get(virtual);
    if (known !== undefined) return known;
    if (this.#function.constants.has(virtual)) return none;
    const { start, end } = this.#intervals;
    const { loops, loopAt } = this.#function;
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
    const { loops, loopAt } = this.#function;
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
    const instruction = this.#function.code[at] as Instruction;
    const { form, a, b, c, base, to, memory } = instruction;
    const used = (a === virtual ? 1 : 0) | (b === virtual ? 2 : 0) | (c === virtual ? 4 : 0);
    const all = used | (memory === "address" && base === virtual ? 8 : 0);
    const position = positions * at;
    if (all !== 0) {
      if (memory === "none" && (used === 1 || used === 2 || used === 4) && (form.memory & used) !== 0) {
        rename(instruction, virtual, inMemory, false);
        instruction.memory = "home";
        instruction.base = home;
      } else {
        const isLate = (form.late & all) !== 0;
        const tiny = this.#intervals.add(home, position, position + (isLate ? written + 1 : lost));
        this.#isTiny.add(tiny);
        rename(instruction, virtual, tiny, false);
        this.#intervals.note(tiny, at);
      }
    }
    if (to === virtual) {
      const tiny = this.#intervals.add(home, position + written, position + written + 1);
      this.#isTiny.add(tiny);
      instruction.to = tiny;
      this.#intervals.definedAt[tiny] = at;
      this.#intervals.note(tiny, at);
    }
  }

  #makeHome(virtual: number): void {
    const { constants, parameters, types, bits } = this.#function;
    if (constants.has(virtual) || virtual < parameters || this.#slots.has(virtual)) return;
    const size = types[virtual] === 0 ? 8 : types[virtual] === 1 ? 16 : bits / 8;
    const offset = Math.ceil(this.#slotBytes / size) * size;
    this.#slots.set(virtual, offset);
    this.#slotBytes = offset + size;
  }

  #result(): Allocation {
    const { code, loops } = this.#function;
    const { origin, start, atStart } = this.#intervals;
    const before = new Map<number, Transfer[]>();
    const after = new Map<number, Transfer[]>();
    const transfer = (list: Map<number, Transfer[]>, at: number, virtual: number) => {
      const one = { virtual, origin: origin[virtual] as number };
      const those = list.get(at);
      if (those) those.push(one);
      else list.set(at, [one]);
    };
    for (const [virtual, loop] of this.#loopOf) {
      if (this.#registers[virtual] === none) continue;
      transfer(before, (loops[loop] as Loop).from, virtual);
      for (const at of this.#intervals.instructionsOf(virtual))
        if (code[at]?.to === virtual) transfer(after, at, virtual);
    }
    for (const virtual of this.#isTiny) {
      const position = start[virtual] as number;
      const isResult = position % positions === written;
      transfer(isResult ? after : before, Math.floor(position / positions), virtual);
    }
    return {
      ...{ registers: this.#registers, slots: this.#slots, slotBytes: this.#slotBytes },
      ...{ calls: this.#calls.length > 0, before, after, atStart },
    };
  }
}

function rename(instruction: Instruction, from: number, to: number, isResultToo = true): void {
  if (instruction.a === from) instruction.a = to;
  if (instruction.b === from) instruction.b = to;
  if (instruction.c === from) instruction.c = to;
  if (instruction.memory === "address" && instruction.base === from) instruction.base = to;
  if (isResultToo && instruction.to === from) instruction.to = to;
}

/** Whether one of these positions, in ascending order, lies in an interval. */
function crosses(ascending: readonly number[], from: number, to: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low < ascending.length && (ascending[low] as number) < to;
}
