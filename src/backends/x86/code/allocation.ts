/**
 * Registers for virtual ones, by linear scan. What finds none gives way where it is used least for its length: it stays at home, in
 * memory, and gets a register in the loops that use it, or at least around each use; then the scan runs again.
 */

import { Homes } from "./homes.ts";
import { type LinearFunction, type Loop, none } from "./instruction.ts";
import { Intervals, lost, positions, written } from "./intervals.ts";
import { crosses, type RegisterFile, Scan } from "./scan.ts";

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

export function allocate(code: LinearFunction, file: RegisterFile): Allocation {
  const intervals = new Intervals(code);
  const homes = new Homes(intervals);
  for (const constant of code.constants.keys()) homes.giveUp(constant);
  const calls: number[] = [];
  code.code.forEach(({ form }, index) => {
    if (form.clobbers === "all") calls.push(positions * index + lost);
  });
  const { start, end } = intervals;
  const { length } = start;
  for (let virtual = 0; virtual < length && calls.length > 0; virtual++)
    if (crosses(calls, start[virtual] as number, end[virtual] as number)) homes.giveUp(virtual);
  const scan = new Scan(intervals, file);
  for (let spilled = scan.run(); spilled.length > 0; spilled = scan.run())
    for (const virtual of spilled) homes.giveUp(virtual);
  return {
    ...{ registers: scan.registers, slots: homes.slots, slotBytes: homes.slotBytes },
    ...{ calls: calls.length > 0, ...transfers(intervals, homes, scan.registers) },
    atStart: intervals.atStart,
  };
}

/** Loads before loops and instructions, and stores after instructions, of what stands for what is at home. */
function transfers(
  intervals: Intervals,
  { loopOf, tiny }: Homes,
  registers: readonly number[],
): Pick<Allocation, "before" | "after"> {
  const { origin, start } = intervals;
  const { code, loops } = intervals.function;
  const before = new Map<number, Transfer[]>();
  const after = new Map<number, Transfer[]>();
  const transfer = (list: Map<number, Transfer[]>, at: number, virtual: number) => {
    const one = { virtual, origin: origin[virtual] as number };
    const those = list.get(at);
    if (those) those.push(one);
    else list.set(at, [one]);
  };
  for (const [virtual, loop] of loopOf) {
    if (registers[virtual] === none) continue;
    transfer(before, (loops[loop] as Loop).from, virtual);
    for (const at of intervals.instructionsOf(virtual))
      if (code[at]?.to === virtual) transfer(after, at, virtual);
  }
  for (const virtual of tiny) {
    const position = start[virtual] as number;
    const isResult = position % positions === written;
    transfer(isResult ? after : before, Math.floor(position / positions), virtual);
  }
  return { before, after };
}
