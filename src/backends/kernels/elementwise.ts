/** The vector code of every elementwise operation: four lanes of float32, int32, or masks for bool. */

import type { Node } from "../../../graph/node.ts";
import type { DType, Elementwise } from "../../../graph/operations.ts";
import type { FunctionBuilder } from "../assembler/encoder.ts";
import { call, f32x4, i32x4, type V128, v128 } from "../assembler/instructions.ts";
import type { KernelContext } from "./kernel.ts";
import { inlineMath, type MathName } from "./math.ts";
import { writePower } from "./power.ts";

/** The vector code of an operation, appended to a function where it takes more than an expression. */
type Emit = (inputs: readonly V128[], node: Node, context: KernelContext, f: FunctionBuilder) => V128;

const typed =
  (ofFloat: (a: V128, b: V128) => V128, ofInt: (a: V128, b: V128) => V128): Emit =>
  ([a, b], node) =>
    (node.inputs[0]?.dtype === "float32" ? ofFloat : ofInt)(a as V128, b as V128);
const math =
  (name: MathName): Emit =>
  ([a], _node, _context, f) =>
    inlineMath[name](f, a as V128);

/** A number in all lanes. */
export function splatNumber(value: number, dtype: DType): V128 {
  if (dtype === "float32") return f32x4.const(value);
  const bits = dtype === "bool" ? (value === 0 ? 0 : -1) : value;
  return i32x4.const(bits, bits, bits, bits);
}

function converted(a: V128, from: DType, to: DType): V128 {
  if (from === to) return a;
  if (to === "bool")
    return from === "float32" ? f32x4.ne(a, f32x4.const(0)) : i32x4.ne(a, splatNumber(0, "int32"));
  if (from === "bool") return v128.and(a, splatNumber(1, to));
  return to === "float32" ? f32x4.convert_i32x4_s(a) : i32x4.trunc_sat_f32x4_s(a);
}

export const elementwiseCode: Record<Elementwise, Emit> = {
  negate: ([a], node) => (node.dtype === "float32" ? f32x4.neg : i32x4.neg)(a as V128),
  exp: math("exp"),
  log: math("log"),
  tanh: math("tanh"),
  sigmoid: math("sigmoid"),
  sqrt: ([a]) => f32x4.sqrt(a as V128),
  floor: ([a]) => f32x4.floor(a as V128),
  sin: math("sin"),
  cos: math("cos"),
  not: ([a]) => v128.not(a as V128),
  stopGradient: ([a]) => a as V128,
  convert: ([a], node) => converted(a as V128, (node.inputs[0] as Node).dtype, node.dtype),
  add: typed(f32x4.add, i32x4.add),
  subtract: typed(f32x4.sub, i32x4.sub),
  multiply: typed(f32x4.mul, i32x4.mul),
  divide: ([a, b]) => f32x4.div(a as V128, b as V128),
  power: ([x, y], _node, _context, f) =>
    writePower(f, f.local("v128", x as V128), f.local("v128", y as V128)),
  maximum: typed(f32x4.max, i32x4.max_s),
  minimum: typed(f32x4.min, i32x4.min_s),
  less: typed(f32x4.lt, i32x4.lt_s),
  lessEqual: typed(f32x4.le, i32x4.le_s),
  equal: typed(f32x4.eq, i32x4.eq),
  and: ([a, b]) => v128.and(a as V128, b as V128),
  or: ([a, b]) => v128.or(a as V128, b as V128),
  select: ([condition, a, b]) => v128.bitselect(a as V128, b as V128, condition as V128),
  random: ([key0, key1, counter], _node, context) =>
    call<"v128">(context.random(), key0 as V128, key1 as V128, counter as V128),
};
