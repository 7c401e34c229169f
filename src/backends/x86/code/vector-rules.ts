/** Selection of vectors of 32-bit lanes. */

import type { Expression } from "../../instructions/expressions.ts";
import { setByTest } from "./conditions.ts";
import { type Form, none } from "./instruction.ts";
import * as lanes from "./lane-forms.ts";
import * as byMask from "./mask-forms.ts";
import { and, bitselect, compareLanes } from "./masks.ts";
import { bitsOfFloat, type Rule, type Selector } from "./selector.ts";
import * as vectors from "./vector-forms.ts";

const signBit = -(2 ** 31);

/** to = form of all operands. */
export const direct =
  (form: Form, immediate = 0): Rule =>
  (selector, { operands }, to) =>
    selector.apply(form, to, 2, operands, immediate);

export const exchanged =
  (form: Form): Rule =>
  (selector, { operands }, to) =>
    selector.apply(form, to, 2, operands.toReversed());

/** to = a op a constant. */
const withWord =
  (form: Form, word: number): Rule =>
  (selector, { operands }, to) =>
    selector.vector(form, selector.value(operands[0] as Expression), selector.constant(word), none, 0, to);

export function constantTo(selector: Selector, constant: number, to: number): number {
  return to === none ? constant : selector.copy(to, constant);
}

/** Shifts by an i32, modulo the bits of an element. */
export const shift =
  ({ by, variable }: ReturnType<typeof vectors.shift>, elementBits: 32 | 64): Rule =>
  (selector, { operands }, to) => {
    const [a, count] = operands as [Expression, Expression];
    const value = selector.value(a);
    const mask = elementBits - 1;
    if (count.op === "i32.const")
      return selector.vector(by, value, none, none, (count.immediates[0] as number) & mask, to);
    const masked = { type: "i32", op: "i32.and", immediates: [] } as const;
    const least = { type: "i32", op: "i32.const", operands: [], immediates: [mask] } as const;
    const distance = selector.value({ ...masked, operands: [count, least] });
    const inVector = selector.temporary(1);
    selector.emit(vectors.fromGeneral, inVector, distance, none, none, 0, 128);
    return selector.vector(variable, value, inVector, none, 0, to);
  };

/** See `float-rules.ts`. */
const minimum: Rule = (selector, { operands }, to) => {
  const [a, b] = operands.map((operand) => selector.value(operand)) as [number, number];
  const one = selector.vector(vectors.floats.min, a, b);
  return selector.vector(vectors.bits.or, one, selector.vector(vectors.floats.min, b, a), none, 0, to);
};

const maximum: Rule = (selector, { operands }, to) => {
  const [a, b] = operands.map((operand) => selector.value(operand)) as [number, number];
  const one = selector.vector(vectors.floats.max, a, b);
  const difference = selector.vector(vectors.bits.xor, one, selector.vector(vectors.floats.max, b, a));
  const both = selector.vector(vectors.bits.or, one, difference);
  return selector.vector(vectors.floats.sub, both, difference, none, 0, to);
};

/** Toward zero; the nearest i32 of what is out of range, 0 of NaN. */
const truncate: Rule = (selector, { operands }, to) => {
  const value = selector.value(operands[0] as Expression);
  const limit = selector.float(2 ** 31);
  if (selector.set === "avx512") {
    selector.emit(byMask.compareFloatsToMask, none, value, value, none, ordered);
    const whole = selector.vector(byMask.truncateByMask, value);
    const most = selector.constant(2 ** 31 - 1);
    selector.emit(byMask.compareFloatsToMask, none, value, limit, none, greaterOrEqual);
    return selector.vector(byMask.blendByMask, most, whole, none, 0, to);
  }
  const isNumber = selector.vector(vectors.compareFloats, value, value, none, ordered);
  const number = selector.vector(vectors.bits.and, isNumber, value);
  const isTooHigh = selector.vector(vectors.compareFloats, value, limit, none, greaterOrEqual);
  const whole = selector.vector(vectors.truncate, number);
  return selector.vector(vectors.bits.xor, whole, isTooHigh, none, 0, to);
};
const ordered = 7;
const greaterOrEqual = 0x1d;

/** Splat of a general register, or of the first lane. */
export function splatInteger(selector: Selector, operand: Expression, to = none): number {
  if (operand.op === "i32.const")
    return constantTo(selector, selector.constant((operand.immediates[0] as number) | 0), to);
  const value = selector.value(operand);
  if (selector.set === "avx512") return selector.vector(vectors.splatGeneral, value, none, none, 0, to);
  const first = selector.temporary(1);
  selector.emit(vectors.fromGeneral, first, value, none, none, 0, 128);
  return selector.vector(vectors.splat, first, none, none, 0, to);
}

const splatFloat: Rule = (selector, { operands: [operand] }, to) => {
  if (operand?.op === "f32.const")
    return constantTo(selector, selector.float(operand.immediates[0] as number), to);
  return selector.apply(vectors.splat, to, 2, [operand as Expression]);
};

const extractInteger: Rule = (selector, { operands, immediates }, to) => {
  const lane = immediates[0] as number;
  const part = selector.lanesFrom(selector.value(operands[0] as Expression), lane);
  const result = selector.result(to, 0);
  const form = lane % 4 === 0 ? vectors.toGeneral : vectors.extractToGeneral;
  selector.emit(form, result, part, none, none, lane % 4, 128);
  return result;
};

const extractFloat: Rule = (selector, { operands, immediates }, to) => {
  const lane = immediates[0] as number;
  const part = selector.lanesFrom(selector.value(operands[0] as Expression), lane);
  const result = selector.result(to, 1);
  if (lane % 4 === 0) selector.emit(vectors.moveOne, result, part);
  else selector.emit(lanes.permute, result, part, none, none, lane % 4, 128);
  return result;
};

/** Lane i takes the place of lane i xor distance. */
const exchange: Rule = (selector, { operands, immediates }, to) => {
  const distance = immediates[0] as number;
  const value = selector.value(operands[0] as Expression);
  if (distance === 1) return selector.vector(lanes.permute, value, none, none, 0xb1, to);
  if (distance === 2) return selector.vector(lanes.permute, value, none, none, 0x4e, to);
  // Halves of each 256 bits, then of 512.
  if (distance === 4) return selector.vector(lanes.permutePairs, value, none, none, 0x4e, to);
  return selector.vector(lanes.permuteQuarters, value, value, none, 0x4e, to);
};

/** The lanes of each 128 bits that the immediate of vshufps picks, then those of `a` before those of `b`. */
const pick =
  (immediate: number): Rule =>
  (selector, { operands }, to) => {
    if (selector.lanes === 4) return selector.apply(lanes.shuffle, to, 2, operands, immediate);
    const pairs = selector.apply(lanes.shuffle, none, 2, operands, immediate);
    if (selector.lanes === 8) return selector.vector(lanes.permutePairs, pairs, none, none, 0xd8, to);
    const order = selector.constant(...[0, 2, 4, 6, 1, 3, 5, 7].flatMap((pair) => [2 * pair, 2 * pair + 1]));
    return selector.vector(lanes.permuteBy, order, pairs, none, 0, to);
  };

/** Four lanes of two vectors of four. */
const shuffle: Rule = (selector, { operands, immediates }, to) => {
  const values = operands.map((operand) => selector.value(operand)) as [number, number];
  const from = immediates.map((lane) => values[lane >> 2] as number) as [number, number, number, number];
  const [i, j, k, l] = immediates.map((lane) => lane & 3) as [number, number, number, number];
  if (from[0] === from[1] && from[2] === from[3]) {
    const immediate = i | (j << 2) | (k << 4) | (l << 6);
    return selector.vector(lanes.shuffle, from[0], from[2], none, immediate, to);
  }
  const low = selector.vector(lanes.shuffle, from[0], from[1], none, i | (j << 4));
  const high = selector.vector(lanes.shuffle, from[2], from[3], none, k | (l << 4));
  return selector.vector(lanes.shuffle, low, high, none, 0x88, to);
};

const { floats, integers, rounding } = vectors;

export const vectorRules = {
  "vector.not": (selector, { operands }, to) => {
    const ones = selector.constant(-1);
    return selector.vector(vectors.bits.xor, selector.value(operands[0] as Expression), ones, none, 0, to);
  },
  "vector.and": and,
  "vector.andnot": exchanged(vectors.bits.andNot),
  ...{ "vector.or": direct(vectors.bits.or), "vector.xor": direct(vectors.bits.xor) },
  "vector.bitselect": bitselect,
  ...{ "vector.any_true": setByTest, "i32xN.all_true": setByTest },
  ...{ "vector.exchange": exchange, "vector.even": pick(0x88), "vector.odd": pick(0xdd) },
  "vector.shuffle": shuffle,

  "i32xN.const": (selector, { immediates }, to) =>
    constantTo(selector, selector.constant((immediates[0] as number) | 0), to),
  "i32xN.iota": (selector, _expression, to) => constantTo(selector, selector.iota(), to),
  "i32xN.splat": (selector, { operands }, to) => splatInteger(selector, operands[0] as Expression, to),
  "i32xN.extract_lane": extractInteger,
  ...{ "i32xN.eq": compareLanes, "i32xN.ne": compareLanes, "i32xN.lt_s": compareLanes },
  ...{ "i32xN.lt_u": compareLanes, "i32xN.gt_s": compareLanes, "i32xN.le_s": compareLanes },
  "i32xN.ge_s": compareLanes,
  "i32xN.abs": direct(integers.abs),
  "i32xN.neg": (selector, { operands }, to) => {
    const value = selector.value(operands[0] as Expression);
    return selector.vector(integers.sub, selector.constant(0), value, none, 0, to);
  },
  "i32xN.trunc_sat_f32xN_s": truncate,
  "i32xN.shl": shift(vectors.shift("vpslld"), 32),
  "i32xN.shr_s": shift(vectors.shift("vpsrad"), 32),
  "i32xN.shr_u": shift(vectors.shift("vpsrld"), 32),
  ...{ "i32xN.add": direct(integers.add), "i32xN.sub": direct(integers.sub) },
  ...{ "i32xN.mul": direct(integers.mul), "i32xN.min_s": direct(integers.min) },
  "i32xN.max_s": direct(integers.max),

  "f32xN.const": (selector, { immediates }, to) =>
    constantTo(selector, selector.constant(bitsOfFloat(immediates[0] as number)), to),
  ...{ "f32xN.splat": splatFloat, "f32xN.extract_lane": extractFloat },
  ...{ "f32xN.eq": compareLanes, "f32xN.ne": compareLanes, "f32xN.lt": compareLanes },
  ...{ "f32xN.gt": compareLanes, "f32xN.le": compareLanes, "f32xN.ge": compareLanes },
  ...{ "f32xN.ceil": direct(rounding, 10), "f32xN.floor": direct(rounding, 9) },
  ...{ "f32xN.trunc": direct(rounding, 11), "f32xN.nearest": direct(rounding, 8) },
  "f32xN.abs": withWord(vectors.bits.and, ~signBit),
  "f32xN.neg": withWord(vectors.bits.xor, signBit),
  "f32xN.sqrt": direct(floats.sqrt),
  ...{ "f32xN.add": direct(floats.add), "f32xN.sub": direct(floats.sub) },
  ...{ "f32xN.mul": direct(floats.mul), "f32xN.div": direct(floats.div) },
  ...{ "f32xN.min": minimum, "f32xN.max": maximum },
  // The processor's minimum is a < b ? a : b.
  ...{ "f32xN.pmin": exchanged(floats.min), "f32xN.pmax": exchanged(floats.max) },
  "f32xN.convert_i32xN_s": direct(vectors.fromIntegers),
  "f32xN.relaxed_madd": direct(vectors.multiplyAdds.relaxed_madd),
  "f32xN.relaxed_nmadd": direct(vectors.multiplyAdds.relaxed_nmadd),
} satisfies Record<string, Rule>;
