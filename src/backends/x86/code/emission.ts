/** What forms print by: the registers, homes and constants of a function whose registers are given. */

import type { Assembler, Label, Memory, VectorOperation, VectorOptions } from "../assembler/assembler.ts";
import type { Allocation } from "./allocation.ts";
import { type Constant, type Instruction, inMemory, type LinearFunction, type Test } from "./instruction.ts";

const stackPointer = 4;
/** Holds where our memory begins. */
export const memoryBase = 15;
/** What a call pushes. */
const returnBytes = 8;
const frameAlignment = 64;

const opposites: Readonly<Record<Test, Test>> = {
  ...{ o: "no", no: "o", b: "ae", ae: "b", e: "ne", ne: "e", be: "a", a: "be" },
  ...{ s: "ns", ns: "s", p: "np", np: "p", l: "ge", ge: "l", le: "g", g: "le" },
  ...{ equal: "unequal", unequal: "equal" },
};
export const opposite = (test: Test): Test => opposites[test];

export class Emission {
  readonly assembler: Assembler;
  readonly function: LinearFunction;
  readonly frameBytes: number;
  readonly #allocation: Allocation;
  readonly #parameterOffsets: readonly number[];
  readonly #functions: readonly Label[];
  readonly #labels: Label[] = [];
  readonly #slotsFrom: number;
  /** Whether the memory operand that was asked for last is one element, for all lanes. */
  #isBroadcast = false;

  constructor(
    assembler: Assembler,
    { code, allocation }: { readonly code: LinearFunction; readonly allocation: Allocation },
    parameterOffsets: readonly number[],
    functions: readonly Label[],
  ) {
    this.assembler = assembler;
    this.function = code;
    this.#allocation = allocation;
    this.#parameterOffsets = parameterOffsets;
    this.#functions = functions;
    this.#slotsFrom = Math.ceil(code.argumentBytes / frameAlignment) * frameAlignment;
    const bytes = this.#slotsFrom + allocation.slotBytes + returnBytes;
    const isBare = bytes === returnBytes && !allocation.calls;
    this.frameBytes = isBare ? 0 : Math.ceil(bytes / frameAlignment) * frameAlignment - returnBytes;
    for (let label = 0; label < code.labels; label++) this.#labels.push(assembler.newLabel());
  }

  /** The register of a virtual one. */
  register(virtual: number): number {
    return this.#allocation.registers[virtual] as number;
  }

  operand(instruction: Instruction, virtual: number): number | Memory {
    return virtual === inMemory ? this.memory(instruction) : this.register(virtual);
  }

  /** The memory operand. */
  memory({ memory, base, displacement, form, bits, broadcast }: Instruction): Memory {
    if (memory === "home") return this.home(base, form.width, bits);
    this.#isBroadcast = broadcast;
    if (base < 0) return { base: memoryBase, displacement };
    return { base: memoryBase, index: this.register(base), displacement };
  }

  /** Where a virtual register stands that is in memory: in the frame, in that of the caller, or among the constants. */
  home(virtual: number, width: Instruction["form"]["width"] = "whole", bits = 512): Memory {
    this.#isBroadcast = false;
    const constant = this.function.constants.get(virtual);
    if (constant) return this.#constant(constant, width, bits);
    const offset = this.#parameterOffsets[virtual];
    if (offset !== undefined && virtual < this.function.parameters)
      return { base: stackPointer, displacement: this.frameBytes + returnBytes + offset };
    const slot = this.#allocation.slots.get(virtual) as number;
    return { base: stackPointer, displacement: this.#slotsFrom + slot };
  }

  argument(offset: number): Memory {
    return { base: stackPointer, displacement: offset };
  }

  /** A vector instruction, with its immediate where it is given. */
  vector(
    name: VectorOperation,
    bits: Instruction["bits"],
    operands: readonly (number | Memory)[],
    immediate?: number,
    masked?: Pick<VectorOptions, "mask" | "zero">,
  ): void {
    const broadcast = this.#isBroadcast;
    this.#isBroadcast = false;
    if (masked) this.assembler.vector(name, bits, operands, { ...masked, broadcast });
    else if (broadcast)
      this.assembler.vector(
        name,
        bits,
        operands,
        immediate === undefined ? { broadcast } : { broadcast, immediate },
      );
    else if (immediate === undefined) this.assembler.vector(name, bits, operands);
    else this.assembler.vector(name, bits, operands, { immediate });
  }

  /** Words among the constants. */
  pool(words: readonly number[]): Memory {
    return {
      label: this.assembler.constant(new Uint8Array(Int32Array.from(words).buffer), 4 * words.length),
    };
  }

  /** Copies a vector, or a number in its first lane, from a register or the memory operand. */
  copyVector(bits: Instruction["bits"], width: "one" | "whole", to: number, from: number | Memory): void {
    if (from === to) return;
    if (typeof from === "number") this.assembler.vector("vmovaps", bits, [to, from]);
    else if (this.#isBroadcast) {
      this.#isBroadcast = false;
      this.assembler.vector("vbroadcastss", bits, [to, from]);
    } else if (width === "one") this.assembler.vector("vmovss", 128, [to, from]);
    else this.assembler.vector("vmovups", bits, [to, from]);
  }

  /** Fills a register from the home of a virtual one. */
  reload(to: number, virtual: number): void {
    const { types, bits, constants } = this.function;
    const constant = constants.get(virtual);
    if (types[virtual] === 0) this.assembler.move(to, this.home(virtual));
    else if (constant) this.fill(to, constant, bits);
    else if (types[virtual] === 1) this.assembler.vector("vmovss", 128, [to, this.home(virtual)]);
    else this.assembler.vector("vmovups", bits, [to, this.home(virtual)]);
  }

  /** Takes a register to the home of a virtual one. */
  save(virtual: number, from: number): void {
    const { types, bits } = this.function;
    if (types[virtual] === 0) this.assembler.move(this.home(virtual), from);
    else if (types[virtual] === 1) this.assembler.vector("vmovss", 128, [this.home(virtual), from]);
    else this.assembler.vector("vmovups", bits, [this.home(virtual), from]);
  }

  /** Sets a local to zero, in its register or at home. */
  clear(virtual: number, isHome: boolean): void {
    const { types } = this.function;
    const to = isHome ? 0 : this.register(virtual);
    if (types[virtual] === 0) this.assembler.arithmetic("xor", to, to);
    else this.assembler.vector("vxorps", 128, [to, to, to]);
    if (isHome) this.save(virtual, to);
  }

  /** A constant in a vector register. */
  fill(to: number, constant: Constant, bits: Instruction["bits"]): void {
    if (constant.every((word) => word === 0)) this.assembler.vector("vxorps", 128, [to, to, to]);
    else if (constant.length > 1)
      this.assembler.vector("vmovups", bits, [to, this.#constant(constant, "whole", bits)]);
    else this.assembler.vector("vbroadcastss", bits, [to, this.#constant(constant, "one", bits)]);
  }

  label(index: number): Label {
    return this.#labels[index] as Label;
  }

  functionLabel(index: number): Label {
    return this.#functions[index] as Label;
  }

  jumpWhen(test: Test, label: Label): void {
    const { assembler } = this;
    if (test === "unequal") {
      assembler.jumpIf("ne", label);
      assembler.jumpIf("p", label);
    } else if (test === "equal") {
      const past = assembler.newLabel();
      assembler.jumpIf("p", past);
      assembler.jumpIf("e", label);
      assembler.bind(past);
    } else assembler.jumpIf(test, label);
  }

  enter(): void {
    if (this.frameBytes > 0)
      this.assembler.arithmetic("sub", stackPointer, { immediate: this.frameBytes }, 8);
  }

  leave(): void {
    if (this.frameBytes > 0)
      this.assembler.arithmetic("add", stackPointer, { immediate: this.frameBytes }, 8);
    this.assembler.ret();
  }

  #constant(constant: Constant, width: Instruction["form"]["width"], bits: number): Memory {
    const canBroadcast = this.assembler.set === "avx512" && typeof width === "number";
    this.#isBroadcast = canBroadcast && constant.length * 32 <= width;
    const words = width === "one" ? 1 : this.#isBroadcast ? Number(width) / 32 : bits / 32;
    const key = words * 65536 + (this.#isBroadcast ? 1 : 0);
    let labels = this.#constants.get(constant);
    if (!labels) {
      labels = new Map();
      this.#constants.set(constant, labels);
    }
    let label = labels.get(key);
    if (!label) {
      const bytes = new Int32Array(words);
      for (let word = 0; word < words; word++) bytes[word] = constant[word % constant.length] as number;
      label = this.assembler.constant(new Uint8Array(bytes.buffer), words * 4);
      labels.set(key, label);
    }
    return { label };
  }
  readonly #constants = new Map<Constant, Map<number, Label>>();
}
