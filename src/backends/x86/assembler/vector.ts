/** VEX and EVEX: how vector instructions are encoded (Intel's manual, volume 2, 2.3 and 2.7). */

import type { LabelledCode } from "./labels.ts";
import { highBit, type Memory, writeMemory, writeRegisters } from "./operands.ts";
import { notations, type VectorOperation } from "./vector-forms.ts";

export type VectorBits = 128 | 256 | 512;

export interface VectorOptions {
  /** The immediate byte, 0 to 255; it must be given where the form has one. */
  readonly immediate?: number;
  /** Mask register 1 to 7: lanes whose bit is 0 are left as they are, or become zero with `zero`. EVEX only. */
  readonly mask?: number;
  readonly zero?: boolean;
  /** The memory operand is one element, for all lanes. EVEX only. */
  readonly broadcast?: boolean;
}

/** How many bytes of memory the displacement of 8 bits counts: a fixed number, or whole or half vectors. */
type Unit = number | "full" | "half";

interface Form {
  readonly operands: string;
  /** 0 none, 1 66, 2 F3, 3 F2. */
  readonly prefix: number;
  /** 1 0F, 2 0F38, 3 0F3A. */
  readonly map: number;
  readonly opcode: number;
  /** Stands in the register field if there is one; else -1. */
  readonly digit: number;
  readonly immediate: boolean;
  readonly vexW: number;
  readonly evexW: number;
  /** The length field where it does not follow the vector's length; else -1. */
  readonly length: number;
  readonly leastBits: number;
  readonly vex: boolean;
  readonly evex: boolean;
  readonly unit: Unit;
  readonly broadcast: boolean;
}

const prefixes = ["np", "66", "f3", "f2"];
const maps = ["", "0f", "0f38", "0f3a"];

function parse(notation: string): Form {
  const [operands = "", prefix = "", map = "", opcode = "", ...facts] = notation.split(" ");
  const has = (fact: string) => facts.includes(fact);
  const digit = facts.find((fact) => fact.startsWith("/"));
  const bytes = facts.find((fact) => /^n\d/.test(fact));
  const halves = has("half") || has("halfmem");
  const wholes = has("full") || has("fullmem");
  return {
    operands,
    prefix: prefixes.indexOf(prefix),
    map: maps.indexOf(map),
    opcode: Number.parseInt(opcode, 16),
    digit: digit ? Number(digit.slice(1)) : -1,
    immediate: has("ib"),
    vexW: has("w1") ? 1 : 0,
    evexW: has("w1") || has("evex.w1") ? 1 : 0,
    length: has("l0") ? 0 : has("l1") ? 1 : -1,
    leastBits: has("512") ? 512 : has("256") ? 256 : 128,
    vex: !has("evex"),
    evex: halves || wholes || bytes !== undefined,
    unit: bytes ? Number(bytes.slice(1)) : halves ? "half" : "full",
    broadcast: has("full") || has("half"),
  };
}

const parsed = new Map(
  Object.entries(notations).map(([name, forms]) => [name as VectorOperation, forms.map(parse)]),
);

type Operands = readonly (number | Memory)[];

function fits(form: Form, operands: Operands): boolean {
  if (form.operands.length !== operands.length) return false;
  for (let index = 0; index < operands.length; index++) {
    const role = form.operands[index];
    if (role !== "m" && (typeof operands[index] === "number") === (role === "M")) return false;
  }
  return true;
}

function formOf(name: VectorOperation, operands: Operands): Form {
  const forms = parsed.get(name) ?? [];
  for (const form of forms) if (fits(form, operands)) return form;
  const kinds = operands.map((operand) => (typeof operand === "number" ? "register" : "memory"));
  throw new Error(`${name}: ${kinds.join(", ")} given, no form has these operands`);
}

const noOptions: VectorOptions = {};

/** Writes a vector instruction; as VEX, which is shorter, where that can say it. `evex` says whether EVEX may be used. */
export function writeVector(
  code: LabelledCode,
  evex: boolean,
  name: VectorOperation,
  bits: VectorBits,
  operands: Operands,
  options: VectorOptions = noOptions,
): void {
  const form = formOf(name, operands);
  const { immediate, mask = 0, zero = false, broadcast = false } = options;
  if (form.immediate !== (immediate !== undefined))
    throw new Error(`${name}: ${form.immediate ? "no immediate" : "an immediate"} given`);
  if (immediate !== undefined && (immediate & 0xff) !== immediate)
    throw new Error(`${name}: immediate ${immediate} given, a byte expected`);
  if (bits < form.leastBits) throw new Error(`${name}: ${bits} bits given, ${form.leastBits} expected`);
  let register = form.digit < 0 ? 0 : form.digit;
  let second = 0;
  let other: number | Memory = 0;
  let last = -1;
  let highest = 0;
  for (let index = 0; index < operands.length; index++) {
    const operand = operands[index] ?? 0;
    const role = form.operands[index];
    if (typeof operand !== "number") other = operand;
    else {
      if (operand > highest) highest = operand;
      if (role === "r") register = operand;
      else if (role === "v") second = operand;
      else if (role === "s") last = operand;
      else other = operand;
    }
  }
  const long = bits === 512 && form.length < 0;
  const short = form.vex && !long && highest < 16 && mask === 0 && !zero && !broadcast;
  const trailing = form.immediate || last >= 0 ? 1 : 0;
  if (short) writeVex(code, form, bits, register, second, other, trailing);
  else {
    if (!evex || !form.evex)
      throw new Error(
        `${name}: ${evex ? "the instruction has" : "avx2 has"} no EVEX encoding, which this needs`,
      );
    if (highest > 31) throw new Error(`${name}: register ${highest} given, up to 31 expected`);
    if (broadcast && (!form.broadcast || typeof other === "number"))
      throw new Error(`${name}: broadcast given, it can not do that`);
    if (zero && mask === 0) throw new Error(`${name}: zero given without a mask`);
    writeEvex(code, form, bits, register, second, other, trailing, mask, zero, broadcast);
  }
  if (last >= 0) code.bytes.byte(last << 4);
  else if (immediate !== undefined) code.bytes.byte(immediate);
}

function writeVex(
  code: LabelledCode,
  form: Form,
  bits: number,
  register: number,
  second: number,
  other: number | Memory,
  trailing: number,
): void {
  const { bytes } = code;
  const length = form.length < 0 ? (bits === 256 ? 1 : 0) : form.length;
  const r = highBit(register) ^ 1;
  const x = typeof other === "number" ? 1 : highBit(other.index) ^ 1;
  const b = (typeof other === "number" ? highBit(other) : highBit(other.base)) ^ 1;
  const rest = ((~second & 15) << 3) | (length << 2) | form.prefix;
  if (x === 1 && b === 1 && form.map === 1 && form.vexW === 0) {
    bytes.byte(0xc5);
    bytes.byte((r << 7) | rest);
  } else {
    bytes.byte(0xc4);
    bytes.byte((r << 7) | (x << 6) | (b << 5) | form.map);
    bytes.byte((form.vexW << 7) | rest);
  }
  bytes.byte(form.opcode);
  if (typeof other === "number") writeRegisters(code, register, other);
  else writeMemory(code, register, other, trailing);
}

function writeEvex(
  code: LabelledCode,
  form: Form,
  bits: number,
  register: number,
  second: number,
  other: number | Memory,
  trailing: number,
  mask: number,
  zero: boolean,
  broadcast: boolean,
): void {
  const { bytes } = code;
  const length = form.length < 0 ? (bits === 512 ? 2 : bits === 256 ? 1 : 0) : form.length;
  const x = typeof other === "number" ? (other >> 4) & 1 : highBit(other.index);
  const b = typeof other === "number" ? highBit(other) : highBit(other.base);
  const inverted = (highBit(register) << 7) | (x << 6) | (b << 5) | (((register >> 4) & 1) << 4);
  bytes.byte(0x62);
  bytes.byte((inverted ^ 0xf0) | form.map);
  bytes.byte((form.evexW << 7) | ((~second & 15) << 3) | 4 | form.prefix);
  const high = ((second >> 4) & 1) ^ 1;
  bytes.byte((zero ? 0x80 : 0) | (length << 5) | (broadcast ? 0x10 : 0) | (high << 3) | mask);
  bytes.byte(form.opcode);
  if (typeof other === "number") writeRegisters(code, register, other);
  else writeMemory(code, register, other, trailing, unitOf(form, bits, broadcast));
}

/** Bytes that a displacement of 8 bits counts in (Intel's manual, 2.7.5). */
function unitOf(form: Form, bits: number, broadcast: boolean): number {
  if (typeof form.unit === "number") return form.unit;
  if (broadcast) return form.evexW === 1 ? 8 : 4;
  return form.unit === "half" ? bits / 16 : bits / 8;
}
