/** What the rules of selection write with: instructions, virtual registers, constants, addresses. */

import type { Expression, FunctionReference } from "../../instructions/expressions.ts";
import type { FunctionCode } from "../../instructions/functions.ts";
import type { InstructionSet } from "../assembler/assembler.ts";
import * as general from "./general-forms.ts";
import {
  type Constant,
  type Form,
  Instruction,
  inMemory,
  type Loop,
  none,
  type TypeNumber,
  typeNumbers,
} from "./instruction.ts";
import { extractQuarter } from "./lane-forms.ts";
import * as vectors from "./vector-forms.ts";

/** Writes what an expression computes to the virtual register `to`, or to one of its own choice; returns which. */
export type Rule = (selector: Selector, expression: Expression, to: number) => number;

/** Offsets that an address is folded with: an address that is not negative stays below 4 GiB with them, as one that was added does. */
const mostFolded = 2 ** 16;

export class Selector {
  readonly set: InstructionSet;
  readonly lanes: number;
  readonly bits: 128 | 256 | 512;
  readonly functions: readonly FunctionReference[];
  readonly code: Instruction[] = [];
  readonly types: TypeNumber[];
  readonly constants = new Map<number, Constant>();
  readonly loops: Loop[] = [];
  readonly loopAt: number[] = [];
  labels = 0;
  argumentBytes = 0;
  /** The innermost loop that is open. */
  loop = none;
  /** What `address` found last. */
  base = none;
  displacement = 0;
  readonly #rules: ReadonlyMap<string, Rule>;
  /** Virtual registers of constants, by their word or by the text of their words. */
  readonly #constants = new Map<number | string, number>();

  constructor(
    { lanes, locals }: Pick<FunctionCode, "lanes" | "locals">,
    set: InstructionSet,
    functions: readonly FunctionReference[],
    rules: ReadonlyMap<string, Rule>,
  ) {
    this.set = set;
    this.lanes = lanes;
    this.bits = (lanes * 32) as 128 | 256 | 512;
    this.functions = functions;
    this.types = locals.map((type) => typeNumbers[type]);
    this.#rules = rules;
  }

  /** The virtual register with the value of an expression: `to`, or the one where it stands already, or a fresh one. */
  value(expression: Expression, to = none): number {
    if (expression.op === "local") {
      const { index } = expression as Expression & { readonly index: number };
      if (to === none || to === index) return index;
      return this.copy(to, index);
    }
    const rule = this.#rules.get(expression.op);
    if (!rule) throw new Error(`${expression.op}: not an instruction that machine code can be made from`);
    return rule(this, expression, to);
  }

  copy(to: number, from: number): number {
    const type = this.types[to] as TypeNumber;
    const move = type === 0 ? general.move : type === 1 ? vectors.moveOne : vectors.move;
    this.emit(move, to, from);
    return to;
  }

  temporary(type: TypeNumber): number {
    return this.types.push(type) - 1;
  }

  /** `to`, or a fresh virtual register. */
  result(to: number, type: TypeNumber): number {
    return to === none ? this.temporary(type) : to;
  }

  emit(form: Form, to = none, a = none, b = none, c = none, immediate = 0, bits = this.bits): Instruction {
    const instruction = new Instruction(form, bits, to, a, b, c);
    instruction.immediate = immediate;
    this.code.push(instruction);
    this.loopAt.push(this.loop);
    return instruction;
  }

  /** An instruction whose memory operand is what `address` found. */
  emitAt(
    { base, displacement }: { readonly base: number; readonly displacement: number },
    ...rest: Parameters<Selector["emit"]>
  ): Instruction {
    const instruction = this.emit(...rest);
    instruction.memory = "address";
    instruction.base = base;
    instruction.displacement = displacement;
    return instruction;
  }

  /** A vector instruction to a fresh register, or to `to`. */
  vector(form: Form, a: number, b = none, c = none, immediate = 0, to = none): number {
    const result = this.result(to, 2);
    this.emit(form, result, a, b, c, immediate);
    return result;
  }

  /** The virtual register of a constant. Words are 32 bits; they are repeated. */
  constant(...words: readonly number[]): number {
    const repeated = words.every((word) => word === words[0]) ? words.slice(0, 1) : words;
    const key = repeated.length === 1 ? (repeated[0] as number) : repeated.join();
    let virtual = this.#constants.get(key);
    if (virtual === undefined) {
      virtual = this.temporary(2);
      this.#constants.set(key, virtual);
      this.constants.set(virtual, repeated);
    }
    return virtual;
  }

  /** The 128 bits of a vector in which a lane stands. */
  lanesFrom(value: number, lane: number): number {
    if (lane < 4) return value;
    return this.vector(extractQuarter[this.set], value, none, none, lane >> 2);
  }

  float(value: number): number {
    return this.constant(bitsOfFloat(value));
  }

  /** Address and offset as a virtual register, or none, and a displacement. */
  address(expression: Expression, offset: number): { readonly base: number; readonly displacement: number } {
    let address = expression;
    let displacement = offset;
    for (;;) {
      const folded = this.#offsetOf(address);
      if (folded === undefined) break;
      displacement += folded.offset;
      address = folded.rest;
    }
    if (address.op === "i32.const") {
      const whole = ((address.immediates[0] as number) >>> 0) + displacement;
      if (whole < 2 ** 31) return { base: none, displacement: whole };
    }
    let base = this.value(address);
    if (displacement >= 2 ** 31) {
      const far = this.temporary(0);
      this.emit(general.add, far, base, none, none, displacement | 0);
      base = far;
      displacement = 0;
    }
    return { base, displacement };
  }

  #offsetOf({ op, operands }: Expression): { offset: number; rest: Expression } | undefined {
    if (op !== "i32.add") return undefined;
    const [a, b] = operands as [Expression, Expression];
    const constant = b.op === "i32.const" ? b : a.op === "i32.const" ? a : undefined;
    const offset = constant?.immediates[0] as number;
    if (!constant || offset < 0 || offset >= mostFolded) return undefined;
    return { offset, rest: constant === b ? a : b };
  }

  /** Whether an expression can be the memory operand of a form whose vectors are the function's. */
  isFoldable({ width }: Form, { op }: Expression): boolean {
    if (width === "one") return op === "f32.load" || op === "i32.load";
    return op === "vector.load" || (op === "vector.load32_splat" && width === 32 && this.set === "avx512");
  }

  /** to = form of the values of expressions, of which one is a memory operand where that can be; without a type there is no result. */
  apply(
    form: Form,
    to: number,
    type: TypeNumber | undefined,
    operands: readonly Expression[],
    immediate = 0,
    bits = this.bits,
  ): number {
    let folded = none;
    for (let index = operands.length - 1; index >= 0 && folded < 0; index--) {
      const operand = operands[index] as Expression;
      const canFold = (form.memory & (1 << index)) !== 0 && this.isFoldable(form, operand);
      if (canFold && operands.slice(index + 1).every(isPure)) folded = index;
    }
    const values = [none, none, none];
    let place: { readonly base: number; readonly displacement: number } | undefined;
    for (let index = 0; index < operands.length; index++) {
      const operand = operands[index] as Expression;
      if (index === folded) {
        place = this.address(operand.operands[0] as Expression, operand.immediates[0] as number);
        values[index] = inMemory;
      } else values[index] = this.value(operand);
    }
    const result = type === undefined ? none : this.result(to, type);
    const [a, b, c] = values as [number, number, number];
    if (!place) this.emit(form, result, a, b, c, immediate, bits);
    else {
      const instruction = this.emitAt(place, form, result, a, b, c, immediate, bits);
      instruction.broadcast = operands[folded]?.op === "vector.load32_splat";
    }
    return result;
  }
}

const float = new Float32Array(1);
const integer = new Int32Array(float.buffer);
export function bitsOfFloat(value: number): number {
  float[0] = value;
  return integer[0] as number;
}

/** Whether an expression changes nothing, so that what is read from memory may be read after it. */
function isPure({ op, operands }: Expression): boolean {
  return op !== "call" && !op.startsWith("atomics") && operands.every(isPure);
}
