/** Instructions on general registers: how each is printed, whatever registers its operands were given. */

import type { Arithmetic, Memory, Shift } from "../assembler/assembler.ts";
import { type Emission, opposite } from "./emission.ts";
import { type Form, form, inMemory, none } from "./instruction.ts";

const rax = 0;
const rcx = 1;
const rdx = 2;

const bitOfA = 1;
const bitOfB = 2;
/** The register of an address, as a source that is late. */
const bitOfBase = 8;

/** to = a. */
export const move = form(
  (e, i) => {
    const to = e.register(i.to);
    const from = e.operand(i, i.a);
    if (from !== to) e.assembler.move(to, from);
  },
  { memory: bitOfA },
);

/** to = the immediate. */
export const constant = form((e, i) => {
  const to = e.register(i.to);
  // Not xor, which would write the flags.
  e.assembler.move(to, { immediate: i.immediate });
});

/** [memory] = a; or the immediate. */
export const store = form((e, i) =>
  e.assembler.move(e.memory(i), i.a === none ? { immediate: i.immediate } : e.register(i.a)),
);

/** [argument] = a; or the immediate. */
export const argument = form((e, i) =>
  e.assembler.move(
    e.argument(i.displacement),
    i.a === none ? { immediate: i.immediate } : e.register(i.a),
    8,
  ),
);

type Source = number | Memory;
/** Whether writing a register spoils what a source is or is read by. */
const reads = (source: Source, register: number) =>
  typeof source === "number" ? source === register : source.index === register;

/** to = a op b, where op may write over its first operand. */
function inPlace(e: Emission, to: number, a: Source, b: Source, write: (b: Source) => void): void {
  if (a === to) write(b);
  else if (reads(b, to)) {
    if (b !== to) e.assembler.move(to, b);
    write(a);
  } else {
    e.assembler.move(to, a);
    write(b);
  }
}

/** to = a op b; without b, of the immediate. */
const arithmetic = (op: Arithmetic): Form =>
  form(
    (e, i) => {
      const { assembler } = e;
      if (i.to === inMemory) {
        const other = i.b === none ? { immediate: i.immediate } : e.register(i.b);
        assembler.arithmetic(op, e.memory(i), other);
        return;
      }
      const to = e.register(i.to);
      const a = e.operand(i, i.a);
      if (i.b === none) {
        if (op === "add" && typeof a === "number" && a !== to)
          assembler.lea(to, { base: a, displacement: i.immediate });
        else {
          if (a !== to) assembler.move(to, a);
          assembler.arithmetic(op, to, { immediate: i.immediate });
        }
        return;
      }
      const b = e.operand(i, i.b);
      if (op === "add" && typeof a === "number" && typeof b === "number" && a !== to && b !== to)
        assembler.lea(to, { base: a, index: b });
      else if (op === "sub" && a !== to && reads(b, to)) {
        if (b !== to) assembler.move(to, b);
        assembler.negate(to);
        assembler.arithmetic("add", to, a);
      } else inPlace(e, to, a, b, (other) => assembler.arithmetic(op, to, other));
    },
    { memory: bitOfA | bitOfB, updates: true },
  );

export const add = arithmetic("add");
export const subtract = arithmetic("sub");
export const and = arithmetic("and");
export const or = arithmetic("or");
export const xor = arithmetic("xor");

export const multiply = form(
  (e, i) => {
    const to = e.register(i.to);
    const a = e.operand(i, i.a);
    if (i.b === none) e.assembler.multiplyImmediate(to, a, i.immediate);
    else inPlace(e, to, a, e.operand(i, i.b), (other) => e.assembler.multiply(to, other));
  },
  { memory: bitOfA | bitOfB },
);

/** to = a shifted by b; without b, by the immediate. */
const shift = (op: Shift): { readonly by: Form; readonly variable: Form } => ({
  by: form(
    (e, i) => {
      const to = e.register(i.to);
      const from = e.operand(i, i.a);
      if (from !== to) e.assembler.move(to, from);
      e.assembler.shift(op, to, i.immediate);
    },
    { memory: bitOfA },
  ),
  variable: form(
    (e, i) => {
      const to = e.register(i.to);
      const from = e.register(i.a);
      if (from !== to) e.assembler.move(to, from);
      e.assembler.move(rcx, e.register(i.b));
      e.assembler.shift(op, to, "cl");
    },
    { late: bitOfB, clobbers: [rcx], clobbersResult: true },
  ),
});

export const shifts = { shl: shift("shl"), shr_s: shift("sar"), shr_u: shift("shr"), rotl: shift("rol") };

/** to = a / b, or what remains of it. */
const divide = (signed: boolean, result: number): Form =>
  form(
    (e, i) => {
      const { assembler } = e;
      const by = e.operand(i, i.b);
      assembler.move(rax, e.register(i.a));
      if (signed) assembler.signExtendEax();
      else assembler.arithmetic("xor", rdx, rdx);
      assembler.divide(signed, by);
      const to = e.register(i.to);
      if (to !== result) assembler.move(to, result);
    },
    { memory: bitOfB, late: bitOfB | bitOfBase, clobbers: [rax, rdx] },
  );

export const divisions = {
  ...{ div_s: divide(true, rax), div_u: divide(false, rax) },
  ...{ rem_s: divide(true, rdx), rem_u: divide(false, rdx) },
};

/** Flags of a - b; without b, of a - immediate. */
export const compare = form(
  (e, i) => {
    const a = e.operand(i, i.a);
    if (i.b !== none) e.assembler.arithmetic("cmp", a, e.operand(i, i.b));
    else if (i.immediate === 0 && i.a !== inMemory) e.assembler.test(a, a as number);
    else e.assembler.arithmetic("cmp", a, { immediate: i.immediate });
  },
  { memory: bitOfA | bitOfB },
);

/** Flags of a & b; without b, of a & immediate. */
export const test = form((e, i) =>
  e.assembler.test(e.register(i.a), i.b === none ? { immediate: i.immediate } : e.register(i.b)),
);

/** to = 1 where the flags hold, else 0. */
export const setIf = form((e, i) => {
  const { assembler } = e;
  const to = e.register(i.to);
  if (i.test === "equal" || i.test === "unequal") {
    const past = assembler.newLabel();
    assembler.move(to, { immediate: 1 });
    e.jumpWhen(i.test, past);
    assembler.move(to, { immediate: 0 });
    assembler.bind(past);
  } else {
    assembler.setIf(i.test, to);
    assembler.zeroExtendByte(to, to);
  }
});

/** to = a where the flags hold, else b. */
export const moveIf = form(
  (e, i) => {
    const { assembler } = e;
    const to = e.register(i.to);
    const a = e.operand(i, i.a);
    const b = e.operand(i, i.b);
    const past = i.test === "equal" || i.test === "unequal" ? assembler.newLabel() : undefined;
    const [kept, other, test] = a === to ? [a, b, opposite(i.test)] : [b, a, i.test];
    if (kept !== to) assembler.move(to, kept);
    if (!past) assembler.moveIf(test as Exclude<typeof test, "equal" | "unequal">, to, other);
    else {
      e.jumpWhen(opposite(test), past);
      assembler.move(to, other);
      assembler.bind(past);
    }
  },
  // The memory operand of a constant's or a local's home, which no general register leads to.
  { memory: bitOfA | bitOfB },
);
