/** The vector code of every elementwise operation: lanes of float32, int32, or masks for bool. */

import type { Node } from "../../graph/node.ts";
import type { DType, Elementwise } from "../../graph/operations.ts";
import { call, f32xN, i32xN, type Vector, vectors } from "../instructions/expressions.ts";
import type { FunctionBuilder } from "../instructions/functions.ts";
import type { KernelContext } from "./kernel.ts";
import { inlineMath, type MathName } from "./math.ts";
import { writePower } from "./power.ts";

/** The vector code of an operation, appended to a function where it takes more than an expression. */
type Emit = (inputs: readonly Vector[], node: Node, context: KernelContext, f: FunctionBuilder) => Vector;

const typed =
  (ofFloat: (a: Vector, b: Vector) => Vector, ofInt: (a: Vector, b: Vector) => Vector): Emit =>
  ([a, b], node) =>
    (node.inputs[0]?.dtype === "float32" ? ofFloat : ofInt)(a as Vector, b as Vector);
const math =
  (name: MathName): Emit =>
  ([a], _node, _context, f) =>
    inlineMath[name](f, a as Vector);

/** A number in all lanes. */
export function splatNumber(value: number, dtype: DType): Vector {
  if (dtype === "float32") return f32xN.const(value);
  const bits = dtype === "bool" ? (value === 0 ? 0 : -1) : value;
  return i32xN.const(bits);
}

function converted(a: Vector, from: DType, to: DType): Vector {
  if (from === to) return a;
  if (to === "bool")
    return from === "float32" ? f32xN.ne(a, f32xN.const(0)) : i32xN.ne(a, splatNumber(0, "int32"));
  if (from === "bool") return vectors.and(a, splatNumber(1, to));
  return to === "float32" ? f32xN.convert_i32xN_s(a) : i32xN.trunc_sat_f32xN_s(a);
}

export const elementwiseCode: Record<Elementwise, Emit> = {
  negate: ([a], node) => (node.dtype === "float32" ? f32xN.neg : i32xN.neg)(a as Vector),
  exp: math("exp"),
  log: math("log"),
  tanh: math("tanh"),
  sigmoid: math("sigmoid"),
  sqrt: ([a]) => f32xN.sqrt(a as Vector),
  floor: ([a]) => f32xN.floor(a as Vector),
  sin: math("sin"),
  cos: math("cos"),
  not: ([a]) => vectors.not(a as Vector),
  stopGradient: ([a]) => a as Vector,
  convert: ([a], node) => converted(a as Vector, (node.inputs[0] as Node).dtype, node.dtype),
  add: typed(f32xN.add, i32xN.add),
  subtract: typed(f32xN.sub, i32xN.sub),
  multiply: typed(f32xN.mul, i32xN.mul),
  divide: ([a, b]) => f32xN.div(a as Vector, b as Vector),
  power: ([x, y], _node, _context, f) =>
    writePower(f, f.local("vector", x as Vector), f.local("vector", y as Vector)),
  maximum: typed(f32xN.max, i32xN.max_s),
  minimum: typed(f32xN.min, i32xN.min_s),
  less: typed(f32xN.lt, i32xN.lt_s),
  lessEqual: typed(f32xN.le, i32xN.le_s),
  equal: typed(f32xN.eq, i32xN.eq),
  and: ([a, b]) => vectors.and(a as Vector, b as Vector),
  or: ([a, b]) => vectors.or(a as Vector, b as Vector),
  select: ([condition, a, b]) => vectors.bitselect(a as Vector, b as Vector, condition as Vector),
  random: ([key0, key1, counter], _node, context) =>
    call<"vector">(context.random(), key0 as Vector, key1 as Vector, counter as Vector),
};
