/** Machine code of a module's functions, and where those begin that are called from outside. */

import type { FunctionReference } from "../../instructions/expressions.ts";
import type { FunctionCode } from "../../instructions/functions.ts";
import { Assembler, type InstructionSet, type Label } from "../assembler/assembler.ts";
import { type Allocation, allocate } from "./allocation.ts";
import { argumentOffsets } from "./arguments.ts";
import { Emission } from "./emission.ts";
import { type Abi, emitEntry } from "./entry.ts";
import type { Instruction, LinearFunction } from "./instruction.ts";
import type { RegisterFile } from "./scan.ts";
import { selectInstructions } from "./selection.ts";

export type { Abi } from "./entry.ts";

export interface NativeOptions {
  readonly set: InstructionSet;
  /** How many registers of each kind are used, or which of the general ones; all that there are where it is not given. */
  readonly registers?: { readonly general: number | readonly number[]; readonly vector: number };
  /** How functions are called from outside: as on Linux and macOS, or on Windows. */
  readonly abi: Abi;
}

export interface NativeCode {
  /** To be placed at a multiple of 64 bytes. */
  readonly bytes: Uint8Array;
  /** Of exported functions: at which byte they begin. */
  readonly entries: Readonly<Record<string, number>>;
}

/** All but rsp and r15, those first that no instruction has as its own. */
const generalRegisters = [3, 5, 8, 9, 12, 13, 14, 10, 11, 7, 6, 2, 1, 0];
const vectorRegisters = Array.from({ length: 32 }, (_, register) => register);

/**
 * Compiles functions, all that there are of a module, by their index. Exported ones have no result, and at most three parameters
 * of type i32.
 */
export function compileNative(
  functions: readonly FunctionCode[],
  { set, registers, abi }: NativeOptions,
): NativeCode {
  const assembler = new Assembler(set);
  const labels = functions.map(() => assembler.newLabel());
  const references = functions.map(({ reference }) => reference);
  const file: RegisterFile = {
    general:
      typeof registers?.general === "object"
        ? registers.general
        : generalRegisters.slice(0, registers?.general),
    vector: vectorRegisters.slice(0, Math.min(registers?.vector ?? 32, set === "avx512" ? 32 : 16)),
  };
  const entries: [string, Label][] = [];
  functions.forEach((code, index) => {
    const label = labels[index] as Label;
    if (code.exported) {
      const entry = assembler.newLabel();
      entries.push([code.reference.name, entry]);
      assembler.bind(entry);
      emitEntry(assembler, code.reference, label, abi);
    }
    const { linear, allocation } = allocated(code, references, file, { set, registers });
    const { offsets } = argumentOffsets(code.reference.parameters);
    assembler.bind(label);
    emitFunction(new Emission(assembler, { code: linear, allocation }, offsets, labels), linear, allocation);
  });
  const bytes = assembler.finish();
  return {
    bytes,
    entries: Object.fromEntries(entries.map(([name, label]) => [name, assembler.position(label)])),
  };
}

interface Allocated {
  readonly linear: LinearFunction;
  readonly allocation: Allocation;
}

/** A function with its registers; what was allocated before is known. */
function allocated(
  code: FunctionCode,
  references: readonly FunctionReference[],
  file: RegisterFile,
  { set, registers }: Pick<NativeOptions, "set" | "registers">,
): Allocated {
  const key = `${set} ${registers?.general} ${registers?.vector}`;
  const known = knownFunctions.get(code) ?? new Map<string, Allocated>();
  let found = known.get(key);
  if (!found) {
    const linear = selectInstructions(code, set, references);
    found = { linear, allocation: allocate(linear, file) };
    known.set(key, found);
    knownFunctions.set(code, known);
  }
  return found;
}
const knownFunctions = new WeakMap<FunctionCode, Map<string, Allocated>>();

function emitFunction(
  emission: Emission,
  { code, parameters }: LinearFunction,
  { registers, before, after, atStart }: Allocation,
): void {
  emission.enter();
  const isHome = (local: number) => (registers[local] as number) < 0;
  // Homes first: clearing them takes a register.
  for (const local of atStart) if (isHome(local) && local >= parameters) emission.clear(local, true);
  for (const local of atStart.filter((one) => !isHome(one))) {
    if (local < parameters) emission.reload(registers[local] as number, local);
    else emission.clear(local, false);
  }
  for (let index = 0; index < code.length; index++) {
    const loads = before.get(index);
    if (loads) for (const { virtual, origin } of loads) emission.reload(registers[virtual] as number, origin);
    const instruction = code[index] as Instruction;
    instruction.form.emit(emission, instruction);
    const stores = after.get(index);
    if (stores) for (const { virtual, origin } of stores) emission.save(origin, registers[virtual] as number);
  }
}
