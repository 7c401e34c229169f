/**
 * The instructions that kernels are written in, as a tree: functions from typed expressions to typed expressions. They are those of
 * WebAssembly, but for vectors, which have as many lanes of 32 bits as the function that they stand in says: a power of two, from 4 on.
 * A target prints them: see `wasm/` and `x86/`.
 */

export type ValueType = "i32" | "f32" | "vector";

/** An expression: what it does, to which operands, and the numbers that are part of it, such as constants and offsets. */
export interface Expression<Type extends ValueType = ValueType> {
  readonly type: Type;
  /** An `Operation`, or one of `local`, `select` and `call`. */
  readonly op: string;
  readonly operands: readonly Expression[];
  readonly immediates: readonly number[];
}
export type I32 = Expression<"i32">;
export type F32 = Expression<"f32">;
export type Vector = Expression<"vector">;

/** A local variable of the function being written; reading it is an expression. */
export interface Local<Type extends ValueType = ValueType> extends Expression<Type> {
  readonly op: "local";
  readonly index: number;
}

/** A write to memory. */
export interface Store {
  readonly kind: "store";
  readonly op: string;
  /** An address and a value; of `store_first`, a count. */
  readonly operands: readonly Expression[];
  /** An offset in bytes, and for one lane which. */
  readonly immediates: readonly number[];
}

export interface FunctionReference {
  readonly index: number;
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

const none: readonly never[] = [];

type Operands<Types extends readonly ValueType[]> = { [Key in keyof Types]: Expression<Types[Key]> };

/** Instructions that take operands of these types and give one value. */
function operations<
  const Name extends string,
  const Types extends readonly ValueType[],
  Result extends ValueType,
>(family: string, names: readonly Name[], _operands: Types, type: Result) {
  const made = names.map((name) => {
    const op = `${family}.${name}`;
    return [name, (...operands: Expression[]) => ({ type, op, operands, immediates: none })] as const;
  });
  return Object.fromEntries(made) as unknown as {
    readonly [Key in Name]: (...operands: Operands<Types>) => Expression<Result>;
  };
}

/** A constant of one number or several. */
const constant =
  <Type extends ValueType, Numbers extends readonly number[]>(op: string, type: Type) =>
  (...immediates: Numbers): Expression<Type> => ({ type, op, operands: none, immediates });

/** Load from `address + offset` bytes. */
const load =
  <Type extends ValueType>(op: string, type: Type) =>
  (address: I32, offset = 0): Expression<Type> => ({ type, op, operands: [address], immediates: [offset] });

/** A statement that writes `value` to `address + offset` bytes. */
const store =
  <Type extends ValueType>(op: string, _type: Type) =>
  (address: I32, value: Expression<Type>, offset = 0): Store => ({
    ...{ kind: "store", op },
    ...{ operands: [address, value], immediates: [offset] },
  });

const comparisons = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] as const;
const arithmetic = ["add", "sub", "mul", "div_s", "div_u", "rem_s", "rem_u"] as const;
const bits = ["and", "or", "xor", "shl", "shr_s", "shr_u", "rotl"] as const;

export const i32 = {
  const: constant<"i32", [value: number]>("i32.const", "i32"),
  load: load("i32.load", "i32"),
  store: store("i32.store", "i32"),
  ...operations("i32", ["eqz"], ["i32"], "i32"),
  ...operations("i32", [...comparisons, ...arithmetic, ...bits], ["i32", "i32"], "i32"),
  ...operations("i32", ["trunc_sat_f32_s", "reinterpret_f32"], ["f32"], "i32"),
};

export const f32 = {
  const: constant<"f32", [value: number]>("f32.const", "f32"),
  load: load("f32.load", "f32"),
  store: store("f32.store", "f32"),
  ...operations("f32", ["eq", "ne", "lt", "gt", "le", "ge"], ["f32", "f32"], "i32"),
  ...operations("f32", ["abs", "neg", "floor", "sqrt"], ["f32"], "f32"),
  ...operations("f32", ["add", "sub", "mul", "div", "min", "max"], ["f32", "f32"], "f32"),
  ...operations("f32", ["convert_i32_s", "reinterpret_i32"], ["i32"], "f32"),
};

/** What threads meet by, on shared memory. */
export const atomics = {
  load: load("atomics.load", "i32"),
  store: store("atomics.store", "i32"),
  /** `add(address, value)` adds and returns what was there before. */
  ...operations("atomics", ["add"], ["i32", "i32"], "i32"),
  /** Wakes all that wait at an address; returns their number. */
  ...operations("atomics", ["notify"], ["i32"], "i32"),
  /** `wait(address, expected)` sleeps until notified, if the address holds what is expected. */
  ...operations("atomics", ["wait"], ["i32", "i32"], "i32"),
};

/** Lanes as bits, and in memory. */
export const vectors = {
  load: load("vector.load", "vector"),
  /** One number of 32 bits in all lanes. */
  load32_splat: load("vector.load32_splat", "vector"),
  /** 32 or 64 bits in the first lanes, zeros in the others. */
  load32_zero: load("vector.load32_zero", "vector"),
  load64_zero: load("vector.load64_zero", "vector"),
  store: store("vector.store", "vector"),
  /** Store the first 64 bits. */
  store64_low: store("vector.store64_low", "vector"),
  /** `store_first(address, value, count)`: as many of the first lanes as there are, 1 or more; where lanes can be masked. */
  store_first: (address: I32, value: Vector, count: I32): Store => ({
    ...{ kind: "store", op: "vector.store_first" },
    ...{ operands: [address, value, count], immediates: none },
  }),
  /** Load one float into lane `lane` of a vector, leaving the other lanes. */
  load32_lane: (address: I32, value: Vector, lane: number, offset = 0): Vector => ({
    ...{ type: "vector", op: "vector.load32_lane" },
    ...{ operands: [address, value], immediates: [offset, lane] },
  }),
  store32_lane: (address: I32, value: Vector, lane: number, offset = 0): Store => ({
    ...{ kind: "store", op: "vector.store32_lane" },
    ...{ operands: [address, value], immediates: [offset, lane] },
  }),
  ...operations("vector", ["not"], ["vector"], "vector"),
  /** `andnot(a, b)` is a and not b. */
  ...operations("vector", ["and", "andnot", "or", "xor"], ["vector", "vector"], "vector"),
  /** Bits of the first operand where the third has ones, of the second elsewhere. */
  ...operations("vector", ["bitselect"], ["vector", "vector", "vector"], "vector"),
  ...operations("vector", ["any_true"], ["vector"], "i32"),
  /** Every lane takes the place of the one that is `distance` lanes from it: a power of two. The vector is read twice. */
  exchange: (value: Vector, distance: number): Vector => ({
    ...{ type: "vector", op: "vector.exchange" },
    ...{ operands: [value], immediates: [distance] },
  }),
  /** The first, or the second, of each two lanes of a vector, then those of another one. */
  ...operations("vector", ["even", "odd"], ["vector", "vector"], "vector"),
  /** Lanes 0 to 3 of `a` and 4 to 7 of `b`, picked by `lanes`; in functions of four lanes alone. */
  shuffle: (a: Vector, b: Vector, lanes: readonly [number, number, number, number]): Vector => ({
    ...{ type: "vector", op: "vector.shuffle" },
    ...{ operands: [a, b], immediates: lanes },
  }),
};

const compareFloats = ["eq", "ne", "lt", "gt", "le", "ge"] as const;
const compareIntegers = ["eq", "ne", "lt_s", "lt_u", "gt_s", "le_s", "ge_s"] as const;

export const i32xN = {
  const: constant<"vector", [value: number]>("i32xN.const", "vector"),
  /** 0, 1, 2, ... */
  iota: constant<"vector", []>("i32xN.iota", "vector"),
  ...operations("i32xN", ["splat"], ["i32"], "vector"),
  extract_lane: (value: Vector, lane: number): I32 => ({
    ...{ type: "i32", op: "i32xN.extract_lane" },
    ...{ operands: [value], immediates: [lane] },
  }),
  /** All ones in lanes where it holds. */
  ...operations("i32xN", compareIntegers, ["vector", "vector"], "vector"),
  ...operations("i32xN", ["abs", "neg", "trunc_sat_f32xN_s"], ["vector"], "vector"),
  ...operations("i32xN", ["all_true"], ["vector"], "i32"),
  ...operations("i32xN", ["shl", "shr_s", "shr_u"], ["vector", "i32"], "vector"),
  ...operations("i32xN", ["add", "sub", "mul", "min_s", "max_s"], ["vector", "vector"], "vector"),
};

export const f32xN = {
  const: constant<"vector", [value: number]>("f32xN.const", "vector"),
  ...operations("f32xN", ["splat"], ["f32"], "vector"),
  extract_lane: (value: Vector, lane: number): F32 => ({
    ...{ type: "f32", op: "f32xN.extract_lane" },
    ...{ operands: [value], immediates: [lane] },
  }),
  ...operations("f32xN", compareFloats, ["vector", "vector"], "vector"),
  ...operations("f32xN", ["ceil", "floor", "trunc", "nearest", "abs", "neg", "sqrt"], ["vector"], "vector"),
  /** `min` and `max` of IEEE: NaN if either is NaN. `pmin` is `b < a ? b : a`, `pmax` is `a < b ? b : a`. */
  ...operations(
    "f32xN",
    ["add", "sub", "mul", "div", "min", "max", "pmin", "pmax"],
    ["vector", "vector"],
    "vector",
  ),
  ...operations("f32xN", ["convert_i32xN_s"], ["vector"], "vector"),
  /** a b + c, and c - a b: rounded once where the processor can, else twice. */
  ...operations("f32xN", ["relaxed_madd", "relaxed_nmadd"], ["vector", "vector", "vector"], "vector"),
};

/** Half as many lanes of float64; and between those, two vectors of them, and vectors of float32 or int32. */
export const f64xN = {
  const: constant<"vector", [value: number]>("f64xN.const", "vector"),
  ...operations("f64xN", ["add", "sub", "mul", "div", "pmin", "pmax"], ["vector", "vector"], "vector"),
  /** The first, or the last, half of the lanes of float32 as float64; the vector is read once. */
  ...operations("f64xN", ["promote_low_f32xN", "promote_high_f32xN"], ["vector"], "vector"),
  /** Two vectors of float64 rounded to one of float32. */
  ...operations("f64xN", ["demote_to_f32xN"], ["vector", "vector"], "vector"),
  /** The first, or the last, half of the lanes of int32, with a sign or without, as float64. */
  ...operations("f64xN", ["convert_low_i32xN_s", "convert_low_i32xN_u"], ["vector"], "vector"),
  ...operations("f64xN", ["convert_high_i32xN_s", "convert_high_i32xN_u"], ["vector"], "vector"),
};

export const i64xN = {
  /** The low and the high 32 bits of every lane. */
  const: constant<"vector", [low: number, high: number]>("i64xN.const", "vector"),
  ...operations("i64xN", ["add"], ["vector", "vector"], "vector"),
  ...operations("i64xN", ["shl", "shr_u"], ["vector", "i32"], "vector"),
  /** The first, or the last, half of the lanes of int32 without a sign as 64 bits. */
  ...operations("i64xN", ["extend_low_i32xN_u", "extend_high_i32xN_u"], ["vector"], "vector"),
  /** The 64 bits of the products of these halves. */
  ...operations("i64xN", ["extmul_low_i32xN_u", "extmul_high_i32xN_u"], ["vector", "vector"], "vector"),
};

export const i8x16 = {
  /** 16 bytes, again and again. */
  const: (bytes: readonly number[]): Vector => ({
    ...{ type: "vector", op: "i8x16.const" },
    ...{ operands: none, immediates: bytes },
  }),
  /** Within each 16 bytes: those of the table at the positions in the second vector; 0 for a position from 16 on. */
  ...operations("i8x16", ["swizzle"], ["vector", "vector"], "vector"),
};

/** All families, by name. */
export const families = { i32, f32, atomics, vector: vectors, i32xN, f32xN, f64xN, i64xN, i8x16 };

/** An instruction, by its family and its name: `i32.add`. */
export type Operation = {
  [Family in keyof typeof families]: `${Family}.${keyof (typeof families)[Family] & string}`;
}[keyof typeof families];

/** `condition ? a : b`, both evaluated. */
export function select<Type extends ValueType>(
  condition: I32,
  a: Expression<Type>,
  b: Expression<Type>,
): Expression<Type> {
  return { type: a.type, op: "select", operands: [a, b, condition], immediates: none };
}

/** Call a function for its result. */
export function call<Type extends ValueType = ValueType>(
  callee: FunctionReference,
  ...operands: Expression[]
): Expression<Type> {
  if (callee.result === undefined) throw new Error(`${callee.name} has no result`);
  return { type: callee.result as Type, op: "call", operands, immediates: [callee.index] };
}
