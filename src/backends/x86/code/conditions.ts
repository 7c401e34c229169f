/** Conditions: what a jump or a choice asks of the flags, and the instruction before it that sets them. */

import type { Expression } from "../../instructions/expressions.ts";
import { opposite } from "./emission.ts";
import * as general from "./general-forms.ts";
import { none, type Test } from "./instruction.ts";
import * as byMask from "./mask-forms.ts";
import { emitMask } from "./masks.ts";
import type { Rule, Selector } from "./selector.ts";
import * as vectors from "./vector-forms.ts";

const integers: Readonly<Record<string, Test>> = {
  ...{ "i32.eq": "e", "i32.ne": "ne", "i32.lt_s": "l", "i32.lt_u": "b", "i32.gt_s": "g", "i32.gt_u": "a" },
  ...{ "i32.le_s": "le", "i32.le_u": "be", "i32.ge_s": "ge", "i32.ge_u": "ae" },
};

/** The same comparison with its operands exchanged. */
const mirrored: Partial<Record<Test, Test>> = {
  ...{ e: "e", ne: "ne", l: "g", g: "l", b: "a", a: "b", le: "ge", ge: "le", be: "ae", ae: "be" },
};

/** Of vucomiss, where "above" is false for NaN: less is above with the operands exchanged. */
const floats: Readonly<Record<string, readonly [test: Test, isExchanged: boolean]>> = {
  "f32.eq": ["equal", false],
  "f32.ne": ["unequal", false],
  "f32.lt": ["a", true],
  "f32.gt": ["a", false],
  "f32.le": ["ae", true],
  "f32.ge": ["ae", false],
};

/** Sets the flags by an expression; returns what holds of them where it is not zero. */
export function emitTest(selector: Selector, expression: Expression): Test {
  const { op, operands } = expression;
  const integer = integers[op];
  if (integer) return compareIntegers(selector, integer, operands as [Expression, Expression]);
  const float = floats[op];
  if (float) {
    const [test, isExchanged] = float;
    selector.apply(vectors.compareOnes, none, undefined, isExchanged ? operands.toReversed() : operands);
    return test;
  }
  if (op === "i32.eqz") return opposite(emitTest(selector, operands[0] as Expression));
  if (op === "i32.and") {
    const [a, b] = operands as [Expression, Expression];
    const isConstant = b.op === "i32.const";
    const first = selector.value(a);
    if (isConstant) selector.emit(general.test, none, first, none, none, b.immediates[0]);
    else selector.emit(general.test, none, first, selector.value(b));
    return "ne";
  }
  if (op === "vector.any_true") return testLanes(selector, operands[0] as Expression, "any");
  if (op === "i32xN.all_true") return testLanes(selector, operands[0] as Expression, "all");
  selector.emit(general.compare, none, selector.value(expression), none, none, 0);
  return "ne";
}

function compareIntegers(selector: Selector, test: Test, [a, b]: [Expression, Expression]): Test {
  if (b.op === "i32.const") {
    const operands = [a];
    selector.apply(general.compare, none, undefined, operands, b.immediates[0]);
    return test;
  }
  if (a.op === "i32.const") return compareIntegers(selector, mirrored[test] as Test, [b, a]);
  selector.apply(general.compare, none, undefined, [a, b]);
  return test;
}

function testLanes(selector: Selector, expression: Expression, kind: "any" | "all"): Test {
  if (selector.set === "avx512") {
    if (kind === "any" && emitMask(selector, expression)) {
      selector.emit(byMask.testMask);
      return "ne";
    }
    const value = selector.value(expression);
    selector.emit(kind === "any" ? byMask.anyToMask : byMask.noneToMask, none, value, value);
    selector.emit(byMask.testMask);
    return kind === "any" ? "ne" : "e";
  }
  let value = selector.value(expression);
  if (kind === "all") value = selector.vector(vectors.equalIntegers, value, selector.constant(0));
  selector.emit(vectors.testVector, none, value, value);
  return kind === "any" ? "ne" : "e";
}

/** 1 where the condition holds, else 0. */
export const setByTest: Rule = (selector, expression, to) => {
  const test = emitTest(selector, expression);
  const result = selector.result(to, 0);
  selector.emit(general.setIf, result).test = test;
  return result;
};

export const select: Rule = (selector, { type, operands }, to) => {
  const [a, b, condition] = operands as [Expression, Expression, Expression];
  const first = selector.value(a);
  const second = selector.value(b);
  const test = emitTest(selector, condition);
  const result = selector.result(to, type === "i32" ? 0 : type === "f32" ? 1 : 2);
  selector.emit(type === "i32" ? general.moveIf : vectors.moveIf, result, first, second).test = test;
  return result;
};
