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
  /** The number of operands, and at which of them each field stands; -1 where there is none. */
  readonly operands: number;
  readonly register: number;
  readonly second: number;
  readonly other: number;
  readonly last: number;
  /** What `other` may be. */
  readonly otherRegister: boolean;
  readonly otherMemory: boolean;
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
    operands: operands.length,
    register: operands.indexOf("r"),
    second: operands.indexOf("v"),
    other: operands.search(/[mRM]/),
    last: operands.indexOf("s"),
    otherRegister: !operands.includes("M"),
    otherMemory: !operands.includes("R"),
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
  if (form.operands !== operands.length) return false;
  for (let index = 0; index < operands.length; index++) {
    const isRegister = typeof operands[index] === "number";
    if (!(index === form.other ? (isRegister ? form.otherRegister : form.otherMemory) : isRegister))
      return false;
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
  // Only `other` may be memory: `fits` has seen to that.
  const register = form.digit < 0 ? Number(operands[form.register]) : form.digit;
  const second = form.second < 0 ? 0 : Number(operands[form.second]);
  const last = form.last < 0 ? 0 : Number(operands[form.last]);
  const other = operands[form.other] ?? 0;
  const registers = register | second | last | (typeof other === "number" ? other : 0);
  const long = bits === 512 && form.length < 0;
  const trailing = form.immediate || form.last >= 0 ? 1 : 0;
  if (form.vex && registers < 16 && !long && mask === 0 && !zero && !broadcast)
    writeVex(code, form, bits, register, second, other, trailing);
  else {
    if (!evex || !form.evex)
      throw new Error(`${name}: ${evex ? "the instruction" : "avx2"} has no EVEX encoding, which this needs`);
    if (registers > 31) throw new Error(`${name}: registers ${operands.join(", ")} given, up to 31 expected`);
    if (broadcast && (!form.broadcast || typeof other === "number"))
      throw new Error(`${name}: broadcast given, where there is none`);
    if (zero && (mask === 0 || typeof operands[0] !== "number"))
      throw new Error(`${name}: zero given, a mask and a register to write to expected`);
    const masked = (zero ? 0x80 : 0) | (broadcast ? 0x10 : 0) | mask;
    writeEvex(code, form, bits, register, second, other, trailing, masked);
  }
  if (form.last >= 0) code.bytes.byte(last << 4);
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
  const high = highBits(register, other);
  const rest = ((~second & 15) << 3) | (length << 2) | form.prefix;
  if ((high & 3) === 0 && form.map === 1 && form.vexW === 0)
    bytes.write(0xc5 | ((((high ^ 4) << 5) | rest) << 8) | (form.opcode << 16), 3);
  else {
    const fields = ((high ^ 7) << 5) | form.map | (((form.vexW << 7) | rest) << 8);
    bytes.write(0xc4 | (fields << 8) | (form.opcode << 24), 4);
  }
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
  masked: number,
): void {
  const { bytes } = code;
  const length = form.length < 0 ? (bits === 512 ? 2 : bits === 256 ? 1 : 0) : form.length;
  const x = typeof other === "number" ? (other >> 4) << 1 : 0;
  const high = ((highBits(register, other) | x) << 5) | (((register >> 4) & 1) << 4);
  const first = (high ^ 0xf0) | form.map;
  const next = (form.evexW << 7) | ((~second & 15) << 3) | 4 | form.prefix;
  const third = masked | (length << 5) | (second < 16 ? 8 : 0);
  bytes.int32(0x62 | (first << 8) | (next << 16) | (third << 24));
  bytes.byte(form.opcode);
  if (typeof other === "number") writeRegisters(code, register, other);
  else writeMemory(code, register, other, trailing, unitOf(form, bits, (masked & 0x10) !== 0));
}

/** The fourth bits of the registers, not yet inverted: R, X, B. */
function highBits(register: number, other: number | Memory): number {
  const r = highBit(register) << 2;
  if (typeof other === "number") return r | highBit(other);
  return r | (highBit(other.index) << 1) | highBit(other.base);
}

/** Bytes that a displacement of 8 bits counts in (Intel's manual, 2.7.5). */
function unitOf(form: Form, bits: number, broadcast: boolean): number {
  if (typeof form.unit === "number") return form.unit;
  if (broadcast) return form.evexW === 1 ? 8 : 4;
  return form.unit === "half" ? bits / 16 : bits / 8;
}
