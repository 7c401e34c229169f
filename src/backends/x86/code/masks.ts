/** Comparisons of lanes: to a mask register, which only the next instruction reads, or to all ones in a vector's lanes. */

import type { Expression } from "../../instructions/expressions.ts";
import { none } from "./instruction.ts";
import * as byMask from "./mask-forms.ts";
import type { Rule, Selector } from "./selector.ts";
import * as vectors from "./vector-forms.ts";

/** Predicates of vcmpps: ordered and quiet, but for `ne`, which NaN fulfils. */
const floats: Readonly<Record<string, number>> = {
  ...{ "f32xN.eq": 0, "f32xN.ne": 4, "f32xN.lt": 0x11, "f32xN.le": 0x12, "f32xN.gt": 0x1e, "f32xN.ge": 0x1d },
};

/** Predicates of vpcmpd. */
const integers: Readonly<Record<string, number>> = {
  ...{ "i32xN.eq": 0, "i32xN.lt_s": 1, "i32xN.le_s": 2, "i32xN.ne": 4, "i32xN.ge_s": 5, "i32xN.gt_s": 6 },
  ...{ "i32xN.lt_u": 1 },
};

/** Writes a comparison to the mask, if that is what the expression is; with AVX-512. */
export function emitMask(selector: Selector, { op, operands }: Expression): boolean {
  const float = floats[op];
  const integer = integers[op];
  if (float !== undefined) selector.apply(byMask.compareFloatsToMask, none, undefined, operands, float);
  else if (integer !== undefined) {
    const form = op === "i32xN.lt_u" ? byMask.compareUnsignedToMask : byMask.compareIntegersToMask;
    selector.apply(form, none, undefined, operands, integer);
  } else return false;
  return true;
}

export const isComparison = ({ op }: Expression): boolean => op in floats || op in integers;

/** All ones in lanes where a comparison holds. */
export const compareLanes: Rule = (selector, expression, to) => {
  const { op, operands } = expression;
  if (selector.set === "avx512") {
    emitMask(selector, expression);
    const result = selector.result(to, 2);
    selector.emit(byMask.maskToVector, result);
    return result;
  }
  const float = floats[op];
  if (float !== undefined) return selector.apply(vectors.compareFloats, to, 2, operands, float);
  const [a, b] = operands as [Expression, Expression];
  if (op === "i32xN.eq") return selector.apply(vectors.equalIntegers, to, 2, operands);
  if (op === "i32xN.gt_s") return selector.apply(vectors.greaterIntegers, to, 2, operands);
  if (op === "i32xN.lt_u") {
    const sign = selector.constant(-(2 ** 31));
    const first = selector.vector(vectors.bits.xor, selector.value(a), sign);
    const second = selector.vector(vectors.bits.xor, selector.value(b), sign);
    return selector.vector(vectors.greaterIntegers, second, first, none, 0, to);
  }
  const first = selector.value(a);
  const second = selector.value(b);
  if (op === "i32xN.lt_s") return selector.vector(vectors.greaterIntegers, second, first, none, 0, to);
  const opposite =
    op === "i32xN.ne"
      ? selector.vector(vectors.equalIntegers, first, second)
      : op === "i32xN.le_s"
        ? selector.vector(vectors.greaterIntegers, first, second)
        : selector.vector(vectors.greaterIntegers, second, first);
  return selector.vector(vectors.bits.xor, opposite, selector.constant(-1), none, 0, to);
};

/** Bits of the first operand where the third has ones, of the second elsewhere. */
export const bitselect: Rule = (selector, { operands }, to) => {
  const [a, b, where] = operands as [Expression, Expression, Expression];
  const first = selector.value(a);
  const second = selector.value(b);
  if (selector.set === "avx512") {
    if (emitMask(selector, where)) return selector.vector(byMask.blendByMask, first, second, none, 0, to);
    return selector.vector(byMask.choose, selector.value(where), first, second, 0, to);
  }
  const mask = selector.value(where);
  if (isComparison(where)) return selector.vector(vectors.blend, first, second, mask, 0, to);
  const chosen = selector.vector(vectors.bits.and, mask, first);
  const others = selector.vector(vectors.bits.andNot, mask, second);
  return selector.vector(vectors.bits.or, chosen, others, none, 0, to);
};

/** Bits of both; of one where a comparison holds. */
export const and: Rule = (selector, { operands }, to) => {
  const [a, b] = operands as [Expression, Expression];
  if (selector.set === "avx512" && (isComparison(a) || isComparison(b))) {
    const [where, other] = isComparison(a) ? [a, b] : [b, a];
    const value = selector.value(other);
    emitMask(selector, where);
    return selector.vector(byMask.keepByMask, value, none, none, 0, to);
  }
  return selector.apply(vectors.bits.and, to, 2, operands);
};
