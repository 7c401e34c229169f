// One use of every operation, on inputs of each type; the type of the table says that none is left out.
import {
  atomics,
  type Expression,
  type F32,
  f32,
  f32xN,
  f64xN,
  families,
  type I32,
  i8x16,
  i32,
  i32xN,
  i64xN,
  type Operation,
  type Store,
  type Vector,
  vector,
} from "../../../../src/backends/instructions/expressions.ts";

export interface Inputs {
  /** An address of 64 bytes or more. */
  readonly address: I32;
  readonly i: I32;
  readonly j: I32;
  readonly x: F32;
  readonly y: F32;
  readonly a: Vector;
  readonly b: Vector;
  readonly c: Vector;
  readonly lanes: number;
}

export type Sample = (inputs: Inputs) => Expression | Store;

type Names<Family extends object> = (keyof Family & string)[];
const names = <Family extends object>(family: Family) => Object.keys(family) as Names<Family>;
const entries = (family: string, chosen: readonly string[], make: (name: string) => Sample) =>
  Object.fromEntries(chosen.map((name) => [`${family}.${name}`, make(name)]));

const dividing = ["div_s", "div_u", "rem_s", "rem_u"];
/** From 1 to 255. */
const divisor = (value: I32) => i32.or(i32.and(value, i32.const(255)), i32.const(1));

type Make = (...operands: Expression[]) => Expression;
const from = (family: object, name: string) => (family as Record<string, Make>)[name] as Make;

export const samples = {
  ...entries(
    "i32",
    names(i32),
    (name) =>
      ({ i, j }) =>
        from(i32, name)(i, dividing.includes(name) ? divisor(j) : j),
  ),
  "i32.eqz": ({ i }: Inputs) => i32.eqz(i),
  "i32.const": () => i32.const(-123456789),
  "i32.load": ({ address }: Inputs) => i32.load(address, 8),
  "i32.store": ({ address, i }: Inputs) => i32.store(address, i, 4),
  "i32.trunc_sat_f32_s": ({ x }: Inputs) => i32.trunc_sat_f32_s(x),
  "i32.reinterpret_f32": ({ x }: Inputs) => i32.reinterpret_f32(x),

  ...entries(
    "f32",
    names(f32),
    (name) =>
      ({ x, y }) =>
        from(f32, name)(x, y),
  ),
  ...entries(
    "f32",
    ["abs", "neg", "floor", "sqrt"],
    (name) =>
      ({ x }) =>
        from(f32, name)(x),
  ),
  "f32.const": () => f32.const(-1.1),
  "f32.load": ({ address }: Inputs) => f32.load(address, 12),
  "f32.store": ({ address, x }: Inputs) => f32.store(address, x, 4),
  "f32.convert_i32_s": ({ i }: Inputs) => f32.convert_i32_s(i),
  "f32.reinterpret_i32": ({ i }: Inputs) => f32.reinterpret_i32(i),

  "atomics.load": ({ address }: Inputs) => atomics.load(address, 4),
  "atomics.store": ({ address, i }: Inputs) => atomics.store(address, i, 4),
  "atomics.add": ({ address, i }: Inputs) => atomics.add(address, i),
  "atomics.notify": ({ address }: Inputs) => atomics.notify(address),
  // Sleeps if the memory has what is expected.
  "atomics.wait": ({ address }: Inputs) => atomics.wait(address, i32.xor(i32.load(address), i32.const(1))),

  ...entries(
    "vector",
    ["and", "andnot", "or", "xor", "even", "odd"],
    (name) =>
      ({ a, b }) =>
        from(vector, name)(a, b),
  ),
  "vector.load": ({ address }: Inputs) => vector.load(address, 4),
  "vector.load32_splat": ({ address }: Inputs) => vector.load32_splat(address, 4),
  "vector.load32_zero": ({ address }: Inputs) => vector.load32_zero(address, 4),
  "vector.load64_zero": ({ address }: Inputs) => vector.load64_zero(address, 4),
  "vector.store": ({ address, a }: Inputs) => vector.store(address, a, 4),
  "vector.store64_low": ({ address, a }: Inputs) => vector.store64_low(address, a, 4),
  "vector.load32_lane": ({ address, a, lanes }: Inputs) => vector.load32_lane(address, a, lanes - 2, 8),
  "vector.store32_lane": ({ address, a, lanes }: Inputs) => vector.store32_lane(address, a, lanes - 1, 8),
  "vector.not": ({ a }: Inputs) => vector.not(a),
  "vector.bitselect": ({ a, b, c }: Inputs) => vector.bitselect(a, b, c),
  "vector.any_true": ({ a }: Inputs) => vector.any_true(vector.and(a, i32xN.const(1))),
  "vector.exchange": ({ a, lanes }: Inputs) => vector.exchange(vector.exchange(a, lanes / 2), 1),
  "vector.shuffle": ({ a, b, lanes }: Inputs) => (lanes === 4 ? vector.shuffle(a, b, [6, 1, 3, 4]) : a),

  ...entries(
    "i32xN",
    names(i32xN),
    (name) =>
      ({ a, b }) =>
        from(i32xN, name)(a, b),
  ),
  "i32xN.const": () => i32xN.const(-77),
  "i32xN.iota": () => i32xN.iota(),
  "i32xN.splat": ({ i }: Inputs) => i32xN.splat(i),
  "i32xN.extract_lane": ({ a, lanes }: Inputs) => i32xN.extract_lane(a, lanes - 3),
  ...entries(
    "i32xN",
    ["abs", "neg", "trunc_sat_f32xN_s", "all_true"],
    (name) =>
      ({ a }) =>
        from(i32xN, name)(a),
  ),
  ...entries(
    "i32xN",
    ["shl", "shr_s", "shr_u"],
    (name) =>
      ({ a, i }) =>
        from(i32xN, name)(a, i),
  ),

  ...entries(
    "f32xN",
    names(f32xN),
    (name) =>
      ({ a, b, c }) =>
        from(f32xN, name)(a, b, c),
  ),
  ...entries(
    "f32xN",
    ["ceil", "floor", "trunc", "nearest", "abs", "neg", "sqrt", "convert_i32xN_s"],
    (name) =>
      ({ a }) =>
        from(f32xN, name)(a),
  ),
  ...entries(
    "f32xN",
    names(f32xN).filter(
      (name) => !name.startsWith("relaxed") && /^(eq|ne|[lg][te]|add|sub|mul|div|p?min|p?max)$/.test(name),
    ),
    (name) =>
      ({ a, b }) =>
        from(f32xN, name)(a, b),
  ),
  "f32xN.const": () => f32xN.const(0.1),
  "f32xN.splat": ({ x }: Inputs) => f32xN.splat(x),
  "f32xN.extract_lane": ({ a, lanes }: Inputs) => f32xN.extract_lane(a, lanes - 2),

  ...entries(
    "f64xN",
    names(f64xN),
    (name) =>
      ({ a, b }) =>
        from(f64xN, name)(a, b),
  ),
  ...entries(
    "f64xN",
    names(f64xN).filter((name) => /^(promote|convert)/.test(name)),
    (name) =>
      ({ a }) =>
        from(f64xN, name)(a),
  ),
  "f64xN.const": () => f64xN.const(Math.PI),

  "i64xN.const": () => i64xN.const(5, -6),
  "i64xN.add": ({ a, b }: Inputs) => i64xN.add(a, b),
  "i64xN.shl": ({ a, i }: Inputs) => i64xN.shl(a, i),
  "i64xN.shr_u": ({ a, i }: Inputs) => i64xN.shr_u(a, i),
  "i64xN.extend_low_i32xN_u": ({ a }: Inputs) => i64xN.extend_low_i32xN_u(a),
  "i64xN.extend_high_i32xN_u": ({ a }: Inputs) => i64xN.extend_high_i32xN_u(a),
  "i64xN.extmul_low_i32xN_u": ({ a, b }: Inputs) => i64xN.extmul_low_i32xN_u(a, b),
  "i64xN.extmul_high_i32xN_u": ({ a, b }: Inputs) => i64xN.extmul_high_i32xN_u(a, b),

  "i8x16.const": () => i8x16.const([0, 1, 2, 3, 250, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]),
  "i8x16.swizzle": ({ a, b }: Inputs) => i8x16.swizzle(a, vector.and(b, i32xN.const(0x8f1f0f17 | 0))),
} as Record<Operation, Sample>;

/** Every operation there is. */
export const operations = Object.entries(families).flatMap(([family, members]) =>
  Object.keys(members).map((name) => `${family}.${name}` as Operation),
);
