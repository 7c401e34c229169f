/** Selection of f32: a number in the first lane of a vector register, whose other lanes hold anything. */

import type { Expression } from "../../instructions/expressions.ts";
import { setByTest } from "./conditions.ts";
import { type Form, none } from "./instruction.ts";
import { bitsOfFloat, type Rule, type Selector } from "./selector.ts";
import * as vectors from "./vector-forms.ts";

const signBit = -(2 ** 31);
const toNegativeInfinity = 9;

/** to = a op b. */
const binary =
  (form: Form): Rule =>
  (selector, { operands }, to) =>
    selector.apply(form, to, 1, operands, 0, 128);

function number(selector: Selector, form: Form, a: number, b = none, immediate = 0, to = none): number {
  const result = selector.result(to, 1);
  selector.emit(form, result, a, b, none, immediate, 128);
  return result;
}

const unary =
  (form: Form, immediate = 0): Rule =>
  (selector, { operands }, to) =>
    number(selector, form, selector.value(operands[0] as Expression), none, immediate, to);

const withBits =
  (form: Form, word: number): Rule =>
  (selector, { operands }, to) =>
    number(selector, form, selector.value(operands[0] as Expression), selector.constant(word), 0, to);

const { scalars } = vectors;

/**
 * Of numbers that are alike the processor's minimum and maximum give the second, and so of a NaN and another one: both orders tell
 * where that is so.
 */
const minimum: Rule = (selector, { operands }, to) => {
  const [a, b] = operands.map((operand) => selector.value(operand)) as [number, number];
  const one = number(selector, scalars.min, a, b);
  const other = number(selector, scalars.min, b, a);
  return number(selector, vectors.bits.or, one, other, 0, to);
};

const maximum: Rule = (selector, { operands }, to) => {
  const [a, b] = operands.map((operand) => selector.value(operand)) as [number, number];
  const one = number(selector, scalars.max, a, b);
  const difference = number(selector, vectors.bits.xor, one, number(selector, scalars.max, b, a));
  const both = number(selector, vectors.bits.or, one, difference);
  return number(selector, scalars.sub, both, difference, 0, to);
};

export const floatRules = {
  "f32.const": (selector, { immediates }, to) => {
    const constant = selector.constant(bitsOfFloat(immediates[0] as number));
    return to === none ? constant : selector.copy(to, constant);
  },
  ...{ "f32.eq": setByTest, "f32.ne": setByTest, "f32.lt": setByTest },
  ...{ "f32.gt": setByTest, "f32.le": setByTest, "f32.ge": setByTest },
  "f32.abs": withBits(vectors.bits.and, ~signBit),
  "f32.neg": withBits(vectors.bits.xor, signBit),
  "f32.floor": unary(scalars.round, toNegativeInfinity),
  "f32.sqrt": unary(scalars.sqrt),
  ...{ "f32.add": binary(scalars.add), "f32.sub": binary(scalars.sub) },
  ...{ "f32.mul": binary(scalars.mul), "f32.div": binary(scalars.div) },
  ...{ "f32.min": minimum, "f32.max": maximum },
  "f32.convert_i32_s": unary(vectors.fromInteger),
  "f32.reinterpret_i32": unary(vectors.fromGeneral),
} satisfies Record<string, Rule>;
