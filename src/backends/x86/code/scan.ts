/** The linear scan: registers for intervals in the order of their starts. */

import { type Instruction, none } from "./instruction.ts";
import { type Intervals, lost, positions, written } from "./intervals.ts";

/** The registers that may be given, by preference. */
export interface RegisterFile {
  readonly general: readonly number[];
  readonly vector: readonly number[];
}

/** What a constant in a register is worth beside a local: its home is a memory operand in most places. */
const worthOfConstant = 0.4;
const classSize = 32;

export class Scan {
  readonly #intervals: Intervals;
  readonly #file: RegisterFile;
  /** Positions where general registers are overwritten, by register. */
  readonly #lostAt: readonly number[][] = Array.from({ length: 2 * classSize }, () => []);
  /** By register, of general and then of vector ones: what has it, and from which position on nothing does. */
  readonly #occupants = new Int32Array(2 * classSize);
  readonly #freeFrom = new Int32Array(2 * classSize);
  /** By virtual register; none where it has no interval, or found no register. */
  registers: number[] = [];

  constructor(intervals: Intervals, file: RegisterFile) {
    this.#intervals = intervals;
    this.#file = file;
    intervals.function.code.forEach(({ form: { clobbers, clobbersResult } }, index) => {
      if (clobbers === "all") return;
      for (const register of clobbers)
        this.#lostAt[register]?.push(positions * index + (clobbersResult ? written : lost));
    });
  }

  /** Gives registers to all intervals anew; returns those that found none. */
  run(): readonly number[] {
    const { end, isTiny } = this.#intervals;
    const { types, name } = this.#intervals.function;
    this.registers = new Array(types.length).fill(none);
    this.#occupants.fill(none);
    this.#freeFrom.fill(0);
    const spilled: number[] = [];
    for (const virtual of this.#byStart()) {
      const isGeneral = types[virtual] === 0;
      const first = isGeneral ? 0 : classSize;
      const candidates = isGeneral ? this.#file.general : this.#file.vector;
      let chosen = this.#hint(virtual, first, candidates);
      for (let index = 0; index < candidates.length && chosen === none; index++) {
        const register = candidates[index] as number;
        if (this.#isFree(virtual, first + register)) chosen = register;
      }
      if (chosen === none) {
        chosen = this.#leastUsed(virtual, first, candidates);
        if (chosen === none) {
          if (isTiny[virtual]) throw new Error(`${name}: an instruction needs more registers than there are`);
          spilled.push(virtual);
          continue;
        }
        const occupant = this.#occupants[first + chosen] as number;
        this.registers[occupant] = none;
        spilled.push(occupant);
      }
      this.registers[virtual] = chosen;
      this.#occupants[first + chosen] = virtual;
      this.#freeFrom[first + chosen] = end[virtual] as number;
    }
    return spilled;
  }

  /** Whether a register, one of both classes, is free where an interval starts, and is not overwritten before it ends. */
  #isFree(virtual: number, register: number): boolean {
    const from = this.#intervals.start[virtual] as number;
    return (this.#freeFrom[register] as number) <= from && this.#isKept(virtual, register);
  }

  #isKept(virtual: number, register: number): boolean {
    const lostAt = this.#lostAt[register] as number[];
    if (lostAt.length === 0) return true;
    const { start, end } = this.#intervals;
    return !crosses(lostAt, start[virtual] as number, end[virtual] as number);
  }

  /** The register of a source that ends where the interval begins, or that of a call's result; or none. */
  #hint(virtual: number, first: number, candidates: readonly number[]): number {
    const defined = this.#intervals.definedAt[virtual] as number;
    if (defined === none) return none;
    const { a, b, c, form } = this.#intervals.function.code[defined] as Instruction;
    if (form.clobbers === "all") return candidates.includes(0) && this.#isFree(virtual, first) ? 0 : none;
    for (let index = 0; index < 3; index++) {
      const source = index === 0 ? c : index === 1 ? a : b;
      if (source < 0 || (this.#intervals.function.types[source] === 0) !== (first === 0)) continue;
      const register = this.registers[source] as number;
      if (register >= 0 && this.#isFree(virtual, first + register)) return register;
    }
    return none;
  }

  /** The register whose occupant is used less for its length than the interval that needs one, and least; or none. */
  #leastUsed(virtual: number, first: number, candidates: readonly number[]): number {
    let least = this.#weight(virtual);
    let chosen = none;
    for (const register of candidates) {
      if ((this.#freeFrom[first + register] as number) <= (this.#intervals.start[virtual] as number))
        continue;
      const weight = this.#weight(this.#occupants[first + register] as number);
      if (weight < least && this.#isKept(virtual, first + register)) {
        least = weight;
        chosen = register;
      }
    }
    return chosen;
  }

  /** Virtual registers that are live somewhere, by the start of their intervals. */
  #byStart(): Int32Array {
    const { start, end } = this.#intervals;
    const places = new Int32Array(positions * this.#intervals.function.code.length + 2);
    let count = 0;
    for (let virtual = 0; virtual < start.length; virtual++) {
      if (end[virtual] === 0) continue;
      const from = (start[virtual] as number) + 1;
      places[from] = (places[from] as number) + 1;
      count += 1;
    }
    for (let position = 1; position < places.length; position++)
      places[position] = (places[position] as number) + (places[position - 1] as number);
    const order = new Int32Array(count);
    for (let virtual = 0; virtual < start.length; virtual++) {
      if (end[virtual] === 0) continue;
      const from = start[virtual] as number;
      order[places[from] as number] = virtual;
      places[from] = (places[from] as number) + 1;
    }
    return order;
  }

  #weight(virtual: number): number {
    const { start, end, uses, origin, isTiny } = this.#intervals;
    if (isTiny[virtual]) return Number.POSITIVE_INFINITY;
    const length = (end[virtual] as number) - (start[virtual] as number);
    const worth = this.#intervals.function.constants.has(origin[virtual] as number) ? worthOfConstant : 1;
    return ((uses[virtual] as number) * worth) / length;
  }
}

/** Whether one of these positions, in ascending order, lies in an interval. */
export function crosses(ascending: readonly number[], from: number, to: number): boolean {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low < ascending.length && (ascending[low] as number) < to;
}
