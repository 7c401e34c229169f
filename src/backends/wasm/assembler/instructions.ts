/**
 * The instructions that Rondo's kernels use (integers, float32, 128-bit SIMD, atomics), as functions from typed
 * expressions to typed expressions.
 */

import { type Bytes, float32Bytes, float64Bytes, int32Bytes, signed, unsigned } from "./bytes.ts";

export type ValueType = "i32" | "f32" | "v128";

/** An expression: the instructions that leave one value of type `type` on the stack. */
export interface Expression<Type extends ValueType = ValueType> {
  readonly type: Type;
  readonly code: Bytes;
}
export type I32 = Expression<"i32">;
export type F32 = Expression<"f32">;
export type V128 = Expression<"v128">;

/** A local variable of the function being written; reading it is an expression. */
export interface Local<Type extends ValueType = ValueType> extends Expression<Type> {
  readonly index: number;
}

export interface FunctionReference {
  readonly index: number;
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

export const typeByte: Record<ValueType, number> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

function expression<Type extends ValueType>(type: Type, ...code: Bytes): Expression<Type> {
  return { type, code };
}

type Operands<Types extends readonly ValueType[]> = { [Key in keyof Types]: Expression<Types[Key]> };

/** An instruction that pops its operands and pushes one value. */
function instruction<const Types extends readonly ValueType[], Result extends ValueType>(
  opcode: readonly number[],
  _operands: Types,
  result: Result,
) {
  return (...operands: Operands<Types>): Expression<Result> =>
    expression(result, ...(operands as readonly Expression[]).map((operand) => operand.code), ...opcode);
}

const plain = (opcode: number) => [opcode];
const simd = (opcode: number) => [0xfd, ...unsigned(opcode)];

const i32Binary = (opcode: number) => instruction(plain(opcode), ["i32", "i32"], "i32");
const f32Binary = (opcode: number) => instruction(plain(opcode), ["f32", "f32"], "f32");
const f32Unary = (opcode: number) => instruction(plain(opcode), ["f32"], "f32");
const f32Compare = (opcode: number) => instruction(plain(opcode), ["f32", "f32"], "i32");
const vectorBinary = (opcode: number) => instruction(simd(opcode), ["v128", "v128"], "v128");
const vectorTernary = (opcode: number) => instruction(simd(opcode), ["v128", "v128", "v128"], "v128");
const vectorUnary = (opcode: number) => instruction(simd(opcode), ["v128"], "v128");
const vectorShift = (opcode: number) => instruction(simd(opcode), ["v128", "i32"], "v128");

/** Load from `address + offset` bytes. */
const load =
  <Type extends ValueType>(opcode: readonly number[], type: Type, align: number) =>
  (address: I32, offset = 0): Expression<Type> =>
    expression(type, address.code, ...opcode, ...unsigned(align), ...unsigned(offset));

/** A statement that writes `value` to `address + offset` bytes. */
const store =
  <Type extends ValueType>(opcode: readonly number[], _type: Type, align: number) =>
  (address: I32, value: Expression<Type>, offset = 0): Bytes => [
    address.code,
    value.code,
    ...opcode,
    ...unsigned(align),
    ...unsigned(offset),
  ];

export const i32 = {
  const: (value: number): I32 => expression("i32", 0x41, ...signed(value)),
  load: load(plain(0x28), "i32", 2),
  store: store(plain(0x36), "i32", 2),
  eqz: instruction(plain(0x45), ["i32"], "i32"),
  eq: i32Binary(0x46),
  ne: i32Binary(0x47),
  lt_s: i32Binary(0x48),
  lt_u: i32Binary(0x49),
  gt_s: i32Binary(0x4a),
  gt_u: i32Binary(0x4b),
  le_s: i32Binary(0x4c),
  le_u: i32Binary(0x4d),
  ge_s: i32Binary(0x4e),
  ge_u: i32Binary(0x4f),
  add: i32Binary(0x6a),
  sub: i32Binary(0x6b),
  mul: i32Binary(0x6c),
  div_s: i32Binary(0x6d),
  div_u: i32Binary(0x6e),
  rem_s: i32Binary(0x6f),
  rem_u: i32Binary(0x70),
  and: i32Binary(0x71),
  or: i32Binary(0x72),
  xor: i32Binary(0x73),
  shl: i32Binary(0x74),
  shr_s: i32Binary(0x75),
  shr_u: i32Binary(0x76),
  rotl: i32Binary(0x77),
  trunc_sat_f32_s: instruction([0xfc, 0x00], ["f32"], "i32"),
  reinterpret_f32: instruction(plain(0xbc), ["f32"], "i32"),
};

export const f32 = {
  const: (value: number): F32 => expression("f32", 0x43, ...float32Bytes(value)),
  load: load(plain(0x2a), "f32", 2),
  store: store(plain(0x38), "f32", 2),
  eq: f32Compare(0x5b),
  ne: f32Compare(0x5c),
  lt: f32Compare(0x5d),
  gt: f32Compare(0x5e),
  le: f32Compare(0x5f),
  ge: f32Compare(0x60),
  abs: f32Unary(0x8b),
  neg: f32Unary(0x8c),
  floor: f32Unary(0x8e),
  sqrt: f32Unary(0x91),
  add: f32Binary(0x92),
  sub: f32Binary(0x93),
  mul: f32Binary(0x94),
  div: f32Binary(0x95),
  min: f32Binary(0x96),
  max: f32Binary(0x97),
  convert_i32_s: instruction(plain(0xb2), ["i32"], "f32"),
  reinterpret_i32: instruction(plain(0xbe), ["i32"], "f32"),
};

const atomic = (opcode: number) => [0xfe, opcode];

/** What threads meet by, on shared memory. */
export const atomics = {
  load: load(atomic(0x10), "i32", 2),
  store: store(atomic(0x17), "i32", 2),
  /** Adds and returns what was there before. */
  add: (address: I32, value: I32): I32 => expression("i32", address.code, value.code, ...atomic(0x1e), 2, 0),
  /** Wakes all that wait at an address; returns their number. */
  notify: (address: I32): I32 => expression("i32", address.code, 0x41, 0x7f, ...atomic(0x00), 2, 0),
  /** Sleeps until notified, if the address holds `expected`. */
  wait: (address: I32, expected: I32): I32 =>
    expression("i32", address.code, expected.code, 0x42, 0x7f, ...atomic(0x01), 2, 0),
};

type Lane = 0 | 1 | 2 | 3;

export const v128 = {
  load: load(simd(0x00), "v128", 2),
  load32_splat: load(simd(0x09), "v128", 2),
  load32_zero: load(simd(0x5c), "v128", 2),
  load64_zero: load(simd(0x5d), "v128", 2),
  store: store(simd(0x0b), "v128", 2),
  /** Load one float into lane `lane` of `vector`, leaving the other lanes. */
  load32_lane: (address: I32, vector: V128, lane: Lane, offset = 0): V128 =>
    expression("v128", address.code, vector.code, ...simd(0x56), 2, ...unsigned(offset), lane),
  store32_lane: (address: I32, vector: V128, lane: Lane, offset = 0): Bytes => [
    address.code,
    vector.code,
    ...simd(0x5a),
    2,
    ...unsigned(offset),
    lane,
  ],
  /** Store the first 64 bits. */
  store64_low: (address: I32, vector: V128): Bytes => [address.code, vector.code, ...simd(0x5b), 2, 0, 0],
  not: vectorUnary(0x4d),
  and: vectorBinary(0x4e),
  andnot: vectorBinary(0x4f),
  or: vectorBinary(0x50),
  xor: vectorBinary(0x51),
  /** Bits of the first operand where the third has ones, of the second elsewhere. */
  bitselect: vectorTernary(0x52),
  any_true: instruction(simd(0x53), ["v128"], "i32"),
  /** Lanes 0..3 of `a` and 4..7 of `b`, picked by `lanes`. */
  shuffle: (a: V128, b: V128, lanes: readonly [number, number, number, number]): V128 =>
    expression(
      "v128",
      a.code,
      b.code,
      ...simd(0x0d),
      ...lanes.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]),
    ),
};

export const i32x4 = {
  const: (a: number, b: number, c: number, d: number): V128 =>
    expression("v128", ...simd(0x0c), ...int32Bytes(a), ...int32Bytes(b), ...int32Bytes(c), ...int32Bytes(d)),
  splat: instruction(simd(0x11), ["i32"], "v128"),
  extract_lane: (vector: V128, lane: Lane): I32 => expression("i32", vector.code, ...simd(0x1b), lane),
  eq: vectorBinary(0x37),
  ne: vectorBinary(0x38),
  lt_s: vectorBinary(0x39),
  lt_u: vectorBinary(0x3a),
  gt_s: vectorBinary(0x3b),
  le_s: vectorBinary(0x3d),
  ge_s: vectorBinary(0x3f),
  abs: vectorUnary(0xa0),
  neg: vectorUnary(0xa1),
  all_true: instruction(simd(0xa3), ["v128"], "i32"),
  shl: vectorShift(0xab),
  shr_s: vectorShift(0xac),
  shr_u: vectorShift(0xad),
  add: vectorBinary(0xae),
  sub: vectorBinary(0xb1),
  mul: vectorBinary(0xb5),
  min_s: vectorBinary(0xb6),
  max_s: vectorBinary(0xb8),
  trunc_sat_f32x4_s: vectorUnary(0xf8),
};

export const f32x4 = {
  const: (value: number): V128 =>
    expression("v128", ...simd(0x0c), ...[0, 1, 2, 3].flatMap(() => float32Bytes(value))),
  splat: instruction(simd(0x13), ["f32"], "v128"),
  extract_lane: (vector: V128, lane: Lane): F32 => expression("f32", vector.code, ...simd(0x1f), lane),
  eq: vectorBinary(0x41),
  ne: vectorBinary(0x42),
  lt: vectorBinary(0x43),
  gt: vectorBinary(0x44),
  le: vectorBinary(0x45),
  ge: vectorBinary(0x46),
  ceil: vectorUnary(0x67),
  floor: vectorUnary(0x68),
  trunc: vectorUnary(0x69),
  nearest: vectorUnary(0x6a),
  abs: vectorUnary(0xe0),
  neg: vectorUnary(0xe1),
  sqrt: vectorUnary(0xe3),
  add: vectorBinary(0xe4),
  sub: vectorBinary(0xe5),
  mul: vectorBinary(0xe6),
  div: vectorBinary(0xe7),
  /** IEEE minimum: NaN if either is NaN. */
  min: vectorBinary(0xe8),
  max: vectorBinary(0xe9),
  /** `b < a ? b : a`, `a < b ? b : a`: one instruction on x86, NaN treated as the comparison treats it. */
  pmin: vectorBinary(0xea),
  pmax: vectorBinary(0xeb),
  convert_i32x4_s: vectorUnary(0xfa),
  /** a b + c, of relaxed SIMD: rounded once where the processor can, else twice. */
  relaxed_madd: vectorTernary(0x105),
  /** c - a b, likewise. */
  relaxed_nmadd: vectorTernary(0x106),
};

/** Vectors of two float64, and between those and vectors of four float32 or int32. */
export const f64x2 = {
  const: (value: number): V128 =>
    expression("v128", ...simd(0x0c), ...float64Bytes(value), ...float64Bytes(value)),
  add: vectorBinary(0xf0),
  sub: vectorBinary(0xf1),
  mul: vectorBinary(0xf2),
  div: vectorBinary(0xf3),
  /** `b < a ? b : a`, `a < b ? b : a`. */
  pmin: vectorBinary(0xf6),
  pmax: vectorBinary(0xf7),
  /** The first two lanes of float32 as float64. */
  promote_low_f32x4: vectorUnary(0x5f),
  /** Two float64 rounded to the first two lanes of float32; zeros in the others. */
  demote_to_f32x4: vectorUnary(0x5e),
  /** The first two lanes of int32, with a sign or without, as float64. */
  convert_low_i32x4_s: vectorUnary(0xfe),
  convert_low_i32x4_u: vectorUnary(0xff),
};

export const i64x2 = {
  const: (low: number, high: number): V128 =>
    expression("v128", ...simd(0x0c), ...[low, high, low, high].flatMap(int32Bytes)),
  add: vectorBinary(0xce),
  shl: vectorShift(0xcb),
  shr_u: vectorShift(0xcd),
  /** The 64 bits of the products of the first, or the last, two lanes of int32 without a sign. */
  extmul_low_i32x4_u: vectorBinary(0xde),
  extmul_high_i32x4_u: vectorBinary(0xdf),
};

export const i8x16 = {
  const: (bytes: readonly number[]): V128 => expression("v128", ...simd(0x0c), ...bytes),
  /** The bytes of a table of 16 at the positions in the second vector; 0 for a position from 16 on. */
  swizzle: vectorBinary(0x0e),
};

/** `condition ? a : b`, both evaluated. */
export function select<Type extends ValueType>(
  condition: I32,
  a: Expression<Type>,
  b: Expression<Type>,
): Expression<Type> {
  return expression(a.type, a.code, b.code, condition.code, 0x1c, 1, typeByte[a.type]);
}

/** Call a function for its result. */
export function call<Type extends ValueType = ValueType>(
  callee: FunctionReference,
  ...operands: Expression[]
): Expression<Type> {
  if (callee.result === undefined) throw new Error(`${callee.name} has no result`);
  return expression(
    callee.result as Type,
    ...operands.map((operand) => operand.code),
    0x10,
    ...unsigned(callee.index),
  );
}
