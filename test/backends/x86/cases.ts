/** Vector instructions with operands of all kinds, and how a disassembler prints each. */

import type {
  Label,
  Memory,
  VectorBits,
  VectorOperation,
  VectorOptions,
} from "../../../src/backends/x86/assembler/assembler.ts";
import { address, Choice, hex, registers } from "./operands.ts";
import { evexNames, signatures } from "./signatures.ts";

export interface VectorCase {
  readonly name: VectorOperation;
  readonly bits: VectorBits;
  readonly operands: readonly (number | Memory)[];
  readonly options: VectorOptions;
  readonly text: string;
}

/** What shall vary between the cases of a form. */
interface Wish {
  readonly evex: boolean;
  readonly choice: Choice;
  readonly memory?: boolean;
  readonly options?: VectorOptions;
  /** Instead of chosen operands. */
  readonly registers?: readonly number[];
  readonly address?: Memory;
}

const words: Readonly<Record<number, string>> = {
  ...{ 2: "WORD", 4: "DWORD", 8: "QWORD" },
  ...{ 16: "XMMWORD", 32: "YMMWORD", 64: "ZMMWORD" },
};

const floatPredicates = [
  ...["eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord", "eq_uq", "nge", "ngt", "false", "neq_oq", "ge"],
  ...["gt", "true", "eq_os", "lt_oq", "le_oq", "unord_s", "neq_us", "nlt_uq", "nle_uq", "ord_s", "eq_us"],
  ...["nge_uq", "ngt_uq", "false_os", "neq_os", "ge_oq", "gt_oq", "true_us"],
];
const integerPredicates = ["eq", "lt", "le", "", "neq", "nlt", "nle", ""];

/** The name as it is printed: with the predicate of a comparison in it, if that has a name. */
function printedName(name: string, evex: boolean, immediate: number | undefined) {
  const plain = (evex ? evexNames[name] : undefined) ?? name.split(" ")[0] ?? "";
  const comparison = /^(vp?cmp)(ps|pd|ss|d|ud)$/.exec(plain);
  if (!comparison || immediate === undefined) return { name: plain, immediate };
  const predicates = comparison[1] === "vpcmp" ? integerPredicates : floatPredicates;
  const predicate = predicates[immediate];
  return predicate
    ? { name: `${comparison[1]}${predicate}${comparison[2]}`, immediate: undefined }
    : { name: plain, immediate };
}

const limits: Readonly<Record<string, number>> = { K: 8, D: 16, Q: 16 };

function registerName(kind: string, bits: number, number: number): string | undefined {
  const vector = (size: number) => registers[size <= 128 ? "xmm" : size === 256 ? "ymm" : "zmm"];
  if (kind === "V") return vector(bits)[number];
  if (kind === "H") return vector(bits / 2)[number];
  if (kind === "X" || kind === "Y") return vector(kind === "X" ? 128 : 256)[number];
  return registers[kind === "K" ? "mask" : kind === "D" ? "dword" : "qword"][number];
}

/** Bytes of memory from `V`, `H` or a number. */
function memoryBytes(size: string, bits: number): number {
  return size === "V" ? bits / 8 : size === "H" ? bits / 16 : Number(size);
}

export function vectorCase(name: string, signature: string, bits: VectorBits, wish: Wish): VectorCase {
  const { choice, options = {} } = wish;
  const kinds = signature.split(" ").filter((kind) => /^[VHXYKDQM]/.test(kind));
  const highest = wish.evex ? 32 : 16;
  const printed: string[] = [];
  const operands = kinds.map((kind, position) => {
    const [register = "", memory = ""] = kind.startsWith("M") ? ["", kind.slice(1)] : kind.split("/");
    const [, whole = "", element = ""] = /^([VH\d]+)(?:b(\d))?$/.exec(memory) ?? [];
    const mask = position === 0 && options.mask ? `{k${options.mask}}${options.zero ? "{z}" : ""}` : "";
    if (register === "" || (memory !== "" && wish.memory)) {
      const bytes = options.broadcast ? Number(element) : memoryBytes(whole, bits);
      const operand = wish.address ?? choice.memory(bytes);
      const lanes = memoryBytes(whole, bits) / bytes;
      const pointer = options.broadcast ? `BCST ${address(operand)}{1to${lanes}}` : `PTR ${address(operand)}`;
      printed.push(`${words[bytes]} ${pointer}${mask}`);
      return operand;
    }
    const limit = Math.min(limits[register] ?? highest, kinds.length === 4 ? 16 : highest);
    const number = wish.registers ? (wish.registers[position] ?? 0) % limit : choice.below(limit);
    printed.push(`${registerName(register, bits, number)}${mask}`);
    return number;
  });
  const immediate = / i\b/.test(signature) ? choice.below(choice.below(2) ? 256 : 32) : undefined;
  const usesEvex =
    wish.evex && (wantsEvex(signature, bits, options) || operands.some((operand) => Number(operand) > 15));
  const print = printedName(name, usesEvex, immediate);
  if (print.immediate !== undefined) printed.push(hex(print.immediate));
  return {
    ...{ name: name as VectorOperation, bits, operands, text: `${print.name} ${printed.join(",")}` },
    options: immediate === undefined ? options : { ...options, immediate },
  };
}

function wantsEvex(signature: string, bits: number, options: VectorOptions): boolean {
  const length = bits === 512 && /[VH]/.test(signature);
  return length || signature.includes("@evex") || options.mask !== undefined || options.broadcast === true;
}

/** Lengths of vectors that a form has in an encoding. */
export function lengths(signature: string, evex: boolean): VectorBits[] {
  if (!/[VH]/.test(signature)) return signature.includes(evex ? "@vex" : "@evex") ? [] : [128];
  if (signature.includes(evex ? "@vex" : "@evex")) return [];
  const least = signature.includes("@512") ? 512 : signature.includes("@256") ? 256 : 128;
  return ([128, 256, 512] as const).filter((bits) => bits >= least && (evex || bits < 512));
}

/** Cases of each form, length and encoding, `count` of every kind: with registers, with memory, masked, with broadcast elements. */
export function* vectorCases(count: number, start: Label): Generator<VectorCase> {
  const choice = new Choice(1);
  for (const [name, forms] of signatures)
    for (const signature of forms)
      for (const evex of [false, true])
        for (const bits of lengths(signature, evex))
          for (let index = 0; index < count; index++)
            for (const wish of wishes(signature, evex, choice, start))
              yield vectorCase(name, signature, bits, { evex, choice, ...wish });
}

function* wishes(signature: string, evex: boolean, choice: Choice, start: Label): Generator<Partial<Wish>> {
  const memory = /[/M]/.test(signature);
  yield { memory: false };
  if (memory) {
    yield { memory };
    yield { memory, address: { label: start, displacement: choice.below(1000) } };
  }
  if (!evex || signature.includes("!") || !/[VHX]/.test(signature)) return;
  const mask = 1 + choice.below(7);
  const zero = choice.below(2) === 1;
  // There are no zeros in masks and in memory.
  const registerZero = zero && !/^[KM]/.test(signature);
  const memoryZero = registerZero && !/^\w\//.test(signature);
  yield { memory: false, options: { mask, zero: registerZero } };
  if (memory) yield { memory, options: { mask, zero: memoryZero } };
  if (!/b\d/.test(signature)) return;
  yield { memory, options: { broadcast: true } };
  yield { memory, options: { mask, zero: memoryZero, broadcast: true } };
}
