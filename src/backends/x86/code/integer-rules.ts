/** Selection of i32. */

import type { Expression } from "../../instructions/expressions.ts";
import { setByTest } from "./conditions.ts";
import * as general from "./general-forms.ts";
import { type Form, none } from "./instruction.ts";
import type { Rule, Selector } from "./selector.ts";
import * as vectors from "./vector-forms.ts";

const isConstant = ({ op }: Expression) => op === "i32.const";
const numberOf = ({ immediates }: Expression) => immediates[0] as number;

/** The exponent of a power of two; else undefined. */
function exponent(value: number): number | undefined {
  const bits = value >>> 0;
  return bits !== 0 && (bits & (bits - 1)) === 0 ? 31 - Math.clz32(bits) : undefined;
}

const constant: Rule = (selector, expression, to) => {
  const result = selector.result(to, 0);
  selector.emit(general.constant, result, none, none, none, numberOf(expression) | 0);
  return result;
};

/** a op b, where b may be an immediate. */
const binary =
  (form: Form, isCommutative: boolean): Rule =>
  (selector, { operands }, to) => {
    const [a, b] = operands as [Expression, Expression];
    if (isConstant(b)) return selector.apply(form, to, 0, [a], numberOf(b) | 0);
    if (isCommutative && isConstant(a)) return selector.apply(form, to, 0, [b], numberOf(a) | 0);
    return selector.apply(form, to, 0, operands);
  };

const product = binary(general.multiply, true);
const multiply: Rule = (selector, expression, to) => {
  const [a, b] = expression.operands as [Expression, Expression];
  const [factor, other] = isConstant(b) ? [b, a] : [a, b];
  const shift = isConstant(factor) ? exponent(numberOf(factor)) : undefined;
  if (shift === undefined) return product(selector, expression, to);
  return selector.apply(general.shifts.shl.by, to, 0, [other], shift);
};

const shift =
  ({ by, variable }: (typeof general.shifts)["shl"]): Rule =>
  (selector, { operands }, to) => {
    const [a, b] = operands as [Expression, Expression];
    if (isConstant(b)) return selector.apply(by, to, 0, [a], numberOf(b) & 31);
    return plain(variable)(selector, { operands } as Expression, to);
  };

/** All operands in registers. */
const plain =
  (form: Form): Rule =>
  (selector, { operands }, to) => {
    const [a = none, b = none] = operands.map((operand) => selector.value(operand));
    const result = selector.result(to, 0);
    selector.emit(form, result, a, b);
    return result;
  };

const divide =
  (form: Form, byPower?: (selector: Selector, a: Expression, exponent: number, to: number) => number): Rule =>
  (selector, expression, to) => {
    const [a, b] = expression.operands as [Expression, Expression];
    const power = byPower && isConstant(b) ? exponent(numberOf(b)) : undefined;
    if (byPower && power !== undefined) return byPower(selector, a, power, to);
    return plain(form)(selector, expression, to);
  };

const { divisions, shifts } = general;

export const integerRules = {
  "i32.const": constant,
  ...{ "i32.eqz": setByTest, "i32.eq": setByTest, "i32.ne": setByTest, "i32.lt_s": setByTest },
  ...{ "i32.lt_u": setByTest, "i32.gt_s": setByTest, "i32.gt_u": setByTest, "i32.le_s": setByTest },
  ...{ "i32.le_u": setByTest, "i32.ge_s": setByTest, "i32.ge_u": setByTest },
  "i32.add": binary(general.add, true),
  "i32.sub": ((selector, expression, to) => {
    const [a, b] = expression.operands as [Expression, Expression];
    if (isConstant(b)) return selector.apply(general.add, to, 0, [a], -numberOf(b) | 0);
    return selector.apply(general.subtract, to, 0, [a, b]);
  }) satisfies Rule,
  "i32.mul": multiply,
  "i32.div_s": divide(divisions.div_s),
  "i32.div_u": divide(divisions.div_u, (selector, a, power, to) =>
    selector.apply(shifts.shr_u.by, to, 0, [a], power),
  ),
  "i32.rem_s": divide(divisions.rem_s),
  "i32.rem_u": divide(divisions.rem_u, (selector, a, power, to) =>
    selector.apply(general.and, to, 0, [a], (2 ** power - 1) | 0),
  ),
  ...{ "i32.and": binary(general.and, true), "i32.or": binary(general.or, true) },
  "i32.xor": binary(general.xor, true),
  ...{ "i32.shl": shift(shifts.shl), "i32.shr_s": shift(shifts.shr_s) },
  ...{ "i32.shr_u": shift(shifts.shr_u), "i32.rotl": shift(shifts.rotl) },
  "i32.trunc_sat_f32_s": plain(vectors.toInteger),
  "i32.reinterpret_f32": plain(vectors.toGeneral),
} satisfies Record<string, Rule>;
