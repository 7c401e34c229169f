// What functions of instructions mean: a plain walk over the tree, one number or one lane after the other.
import type { Expression, Store } from "../../../../src/backends/instructions/expressions.ts";
import type { FunctionCode, Statement } from "../../../../src/backends/instructions/functions.ts";

/** A vector is its lanes' bits. */
export type Value = number | Int32Array;

const word = new DataView(new ArrayBuffer(8));
export function floatOf(bits: number): number {
  word.setInt32(0, bits);
  return word.getFloat32(0);
}
export function bitsOf(float: number): number {
  word.setFloat32(0, float);
  return word.getInt32(0);
}

const min = (a: number, b: number) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.min(a, b));
const max = (a: number, b: number) => (Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : Math.max(a, b));
const truncate = (x: number) =>
  Number.isNaN(x) ? 0 : Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x))) | 0;
function nearest(x: number): number {
  if (!Number.isFinite(x) || Math.abs(x) >= 2 ** 23) return x;
  const floor = Math.floor(x);
  const rest = x - floor;
  const rounded = rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

/** a b + c, rounded once: first to an odd float64 where it is not exact (Boldo and Melquiond, 2008). */
function multiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const back = sum - product;
  const error = product - (sum - back) + (c - back);
  if (error === 0 || !Number.isFinite(sum)) return Math.fround(sum);
  word.setFloat64(0, sum);
  const bits = word.getBigInt64(0);
  if ((bits & 1n) === 0n) word.setBigInt64(0, bits + (error > 0 === sum > 0 ? 1n : -1n));
  return Math.fround(word.getFloat64(0));
}

const integers: Record<string, (a: number, b: number) => number> = {
  eq: (a, b) => +(a === b),
  ne: (a, b) => +(a !== b),
  lt_s: (a, b) => +(a < b),
  lt_u: (a, b) => +(a >>> 0 < b >>> 0),
  gt_s: (a, b) => +(a > b),
  gt_u: (a, b) => +(a >>> 0 > b >>> 0),
  le_s: (a, b) => +(a <= b),
  le_u: (a, b) => +(a >>> 0 <= b >>> 0),
  ge_s: (a, b) => +(a >= b),
  ge_u: (a, b) => +(a >>> 0 >= b >>> 0),
  add: (a, b) => (a + b) | 0,
  sub: (a, b) => (a - b) | 0,
  mul: Math.imul,
  div_s: (a, b) => Math.trunc(a / b) | 0,
  div_u: (a, b) => Math.floor((a >>> 0) / (b >>> 0)) | 0,
  rem_s: (a, b) => (a % b) | 0,
  rem_u: (a, b) => ((a >>> 0) % (b >>> 0)) | 0,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b) => a << b,
  shr_s: (a, b) => a >> b,
  shr_u: (a, b) => (a >>> b) | 0,
  rotl: (a, b) => (a << b) | (a >>> (32 - (b & 31))) | 0,
  min_s: Math.min,
  max_s: Math.max,
  eqz: (a) => +(a === 0),
  neg: (a) => -a | 0,
  abs: (a) => Math.abs(a) | 0,
};
const floatComparisons: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
};
const floats: Record<string, (a: number, b: number, c: number) => number> = {
  abs: Math.abs,
  neg: (a) => -a,
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  nearest,
  sqrt: Math.sqrt,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  min,
  max,
  pmin: (a, b) => (b < a ? b : a),
  pmax: (a, b) => (a < b ? b : a),
  relaxed_madd: multiplyAdd,
  relaxed_nmadd: (a, b, c) => multiplyAdd(-a, b, c),
};
const bitwise: Record<string, (a: number, b: number, c: number) => number> = {
  not: (a) => ~a,
  and: (a, b) => a & b,
  andnot: (a, b) => a & ~b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  bitselect: (a, b, c) => (a & c) | (b & ~c),
};

/** A function that ended, with its result. */
class Ended {
  readonly value: Value | undefined;
  constructor(value: Value | undefined) {
    this.value = value;
  }
}

export class Interpreter {
  readonly #functions: readonly FunctionCode[];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(functions: readonly FunctionCode[], memory: ArrayBufferLike) {
    this.#functions = functions;
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
  }

  call(index: number, parameters: readonly Value[]): Value | undefined {
    const code = this.#functions[index] as FunctionCode;
    const zero = (type: string) => (type === "vector" ? new Int32Array(code.lanes) : 0);
    const locals = code.locals.map((type, local) => parameters[local] ?? zero(type));
    const end = new Frame(this, locals, code.lanes).run(code.body);
    return end instanceof Ended ? end.value : undefined;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }
}

class Frame {
  readonly #own: Interpreter;
  readonly #locals: Value[];
  readonly #lanes: number;

  constructor(own: Interpreter, locals: Value[], lanes: number) {
    this.#own = own;
    this.#locals = locals;
    this.#lanes = lanes;
  }

  /** How many structures are still to be left, the end of the function, or undefined where the next statement follows. */
  run(statements: readonly Statement[]): number | Ended | undefined {
    for (const statement of statements) {
      const end = this.#statement(statement);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  #inner(statements: readonly Statement[]): number | Ended | undefined {
    const end = this.run(statements);
    if (typeof end !== "number") return end;
    return end === 0 ? undefined : end - 1;
  }

  #statement(statement: Statement): number | Ended | undefined {
    const number = (value: Expression) => this.value(value) as number;
    const { bytes } = this.#own;
    switch (statement.kind) {
      case "set":
        this.#locals[statement.local.index] = this.value(statement.value);
        return undefined;
      case "store":
        this.#store(statement);
        return undefined;
      case "call":
        this.#own.call(
          statement.callee.index,
          statement.operands.map((operand) => this.value(operand)),
        );
        return undefined;
      case "drop":
        this.value(statement.value);
        return undefined;
      case "if":
        return this.#inner(number(statement.condition) ? statement.then : (statement.otherwise ?? []));
      case "block":
        return this.#inner(statement.body);
      case "loop":
        for (;;) {
          const end = this.run(statement.body);
          if (end === undefined) {
            if (!number(statement.condition)) return undefined;
          } else if (end instanceof Ended) return end;
          else if (end > 0) return end - 1;
        }
      case "leave":
        return number(statement.condition) ? statement.depth : undefined;
      case "return":
        return new Ended(statement.value && this.value(statement.value));
      case "copy": {
        const source = number(statement.source);
        bytes.copyWithin(number(statement.destination), source, source + number(statement.bytes));
        return undefined;
      }
      case "fill": {
        const to = number(statement.destination);
        bytes.fill(number(statement.value), to, to + number(statement.bytes));
        return undefined;
      }
    }
  }

  #store({ op, operands, immediates }: Store): void {
    const [address, value] = operands.map((operand) => this.value(operand)) as [number, Value];
    const [offset = 0, lane = 0] = immediates;
    const at = (address >>> 0) + offset;
    const { view } = this.#own;
    const words = typeof value === "number" ? [op === "f32.store" ? bitsOf(value) : value] : [...value];
    const stored =
      op === "vector.store64_low"
        ? words.slice(0, 2)
        : op === "vector.store32_lane"
          ? [words[lane] as number]
          : words;
    stored.forEach((bits, index) => {
      view.setInt32(at + 4 * index, bits, true);
    });
  }

  value(expression: Expression): Value {
    const { op, immediates } = expression;
    if (op === "local") return this.#locals[(expression as Expression & { index: number }).index] as Value;
    const operands = expression.operands.map((operand) => this.value(operand));
    if (op === "select") return operands[2] !== 0 ? (operands[0] as Value) : (operands[1] as Value);
    if (op === "call") return this.#own.call(immediates[0] as number, operands) as Value;
    const [family, name] = op.split(".") as [string, string];
    if (op.includes("load")) return this.#load(op, operands, immediates);
    if (family === "i32") return this.#integer(name, operands as number[], immediates);
    if (family === "f32") return this.#float(name, operands as number[], immediates);
    if (family === "atomics") return this.#atomic(name, operands as number[]);
    return this.#vector(family, name, operands, immediates);
  }

  #load(op: string, [address, vector]: Value[], [offset = 0, lane = 0]: readonly number[]): Value {
    const { view } = this.#own;
    const at = ((address as number) >>> 0) + offset;
    const get = (index: number) => view.getInt32(at + 4 * index, true);
    if (op === "i32.load" || op === "atomics.load") return get(0);
    if (op === "f32.load") return floatOf(get(0));
    if (op === "vector.load") return this.#fill(get);
    if (op === "vector.load32_splat") return this.#fill(() => get(0));
    if (op === "vector.load32_lane") return (vector as Int32Array).with(lane, get(0));
    const count = op === "vector.load64_zero" ? 2 : 1;
    return this.#fill((index) => (index < count ? get(index) : 0));
  }

  #integer(name: string, [a = 0, b = 0]: number[], immediates: readonly number[]): number {
    if (name === "const") return (immediates[0] as number) | 0;
    if (name === "trunc_sat_f32_s") return truncate(a);
    if (name === "reinterpret_f32") return bitsOf(a);
    return (integers[name] as (a: number, b: number) => number)(a, b);
  }

  #float(name: string, [a = 0, b = 0]: number[], immediates: readonly number[]): number {
    if (name === "const") return Math.fround(immediates[0] as number);
    if (name === "convert_i32_s") return Math.fround(a);
    if (name === "reinterpret_i32") return floatOf(a);
    const compare = floatComparisons[name];
    return compare ? +compare(a, b) : Math.fround((floats[name] as (typeof floats)[string])(a, b, 0));
  }

  #atomic(name: string, [address = 0, value = 0]: number[]): number {
    const { view } = this.#own;
    const before = view.getInt32(address, true);
    if (name === "notify") return 0;
    if (name === "wait") return before === value ? 0 : 1;
    view.setInt32(address, before + value, true);
    return before;
  }

  #fill(lane: (index: number) => number): Int32Array {
    return Int32Array.from({ length: this.#lanes }, (_, index) => lane(index));
  }

  #vector(family: string, name: string, operands: Value[], immediates: readonly number[]): Value {
    const count = this.#lanes;
    const [a, b, c] = operands as [Int32Array, Int32Array, Int32Array];
    const at = (vector: Int32Array | undefined, lane: number) => vector?.[lane] ?? 0;
    const float = (vector: Int32Array | undefined, lane: number) => floatOf(at(vector, lane));
    if (family === "vector") {
      const op = bitwise[name];
      if (op) return this.#fill((lane) => op(at(a, lane), at(b, lane), at(c, lane)));
      if (name === "any_true") return +a.some((lane) => lane !== 0);
      if (name === "exchange") return this.#fill((lane) => at(a, lane ^ (immediates[0] as number)));
      const both = [...a, ...b];
      if (name === "shuffle") return this.#fill((lane) => both[immediates[lane] as number] as number);
      return this.#fill((lane) => both[2 * lane + (name === "odd" ? 1 : 0)] as number);
    }
    if (family === "i32xN") {
      if (name === "const") return this.#fill(() => (immediates[0] as number) | 0);
      if (name === "iota") return this.#fill((lane) => lane);
      if (name === "splat") return this.#fill(() => operands[0] as number);
      if (name === "extract_lane") return at(a, immediates[0] as number);
      if (name === "all_true") return +a.every((lane) => lane !== 0);
      if (name === "trunc_sat_f32xN_s") return this.#fill((lane) => truncate(float(a, lane)));
      const op = integers[name] as (a: number, b: number) => number;
      if (name.startsWith("sh")) return this.#fill((lane) => op(at(a, lane), operands[1] as number));
      const isComparison = /^(eq|ne|[lg][te]_.)$/.test(name);
      return this.#fill((lane) => (isComparison ? -1 : 1) * op(at(a, lane), at(b, lane)));
    }
    if (family === "f32xN") {
      if (name === "const") return this.#fill(() => bitsOf(immediates[0] as number));
      if (name === "splat") return this.#fill(() => bitsOf(operands[0] as number));
      if (name === "extract_lane") return float(a, immediates[0] as number);
      if (name === "convert_i32xN_s") return this.#fill((lane) => bitsOf(at(a, lane)));
      const compare = floatComparisons[name];
      if (compare) return this.#fill((lane) => -compare(float(a, lane), float(b, lane)));
      const op = floats[name] as (typeof floats)[string];
      return this.#fill((lane) => bitsOf(op(float(a, lane), float(b, lane), float(c, lane))));
    }
    if (family === "i8x16") {
      if (name === "const")
        return new Int32Array(
          Uint8Array.from({ length: 4 * count }, (_, i) => immediates[i % 16] as number).buffer,
        );
      const table = new Uint8Array(a.buffer);
      const places = new Uint8Array(b.buffer);
      return new Int32Array(
        places.map((place, index) => (place < 16 ? (table[(index & ~15) + place] as number) : 0)).buffer,
      );
    }
    return this.#wide(`${family}.${name}`, operands, immediates);
  }

  /** Elements of 64 bits, half as many. */
  #wide(op: string, operands: Value[], immediates: readonly number[]): Value {
    const half = this.#lanes / 2;
    const [a, b] = operands as [Int32Array, Int32Array];
    const doubles = (vector: Int32Array) => new Float64Array(vector.buffer);
    const longs = (vector: Int32Array) => new BigUint64Array(vector.buffer);
    const from = op.includes("_high_") ? half : 0;
    const fromDoubles = (element: (index: number) => number) =>
      new Int32Array(Float64Array.from({ length: half }, (_, index) => element(index)).buffer);
    const fromLongs = (element: (index: number) => bigint) =>
      new Int32Array(BigUint64Array.from({ length: half }, (_, index) => element(index)).buffer);
    const at = (vector: Int32Array, index: number) => vector[from + index] as number;
    const name = op.slice(6);
    if (op === "f64xN.const") return fromDoubles(() => immediates[0] as number);
    if (op === "i64xN.const") return this.#fill((lane) => (immediates[lane % 2] as number) | 0);
    if (op === "f64xN.demote_to_f32xN") {
      const all = [...doubles(a), ...doubles(b)];
      return this.#fill((lane) => bitsOf(all[lane] as number));
    }
    if (name.startsWith("promote")) return fromDoubles((index) => floatOf(at(a, index)));
    if (name.startsWith("convert"))
      return fromDoubles((index) => (op.endsWith("_u") ? at(a, index) >>> 0 : at(a, index)));
    if (name.startsWith("extend")) return fromLongs((index) => BigInt(at(a, index) >>> 0));
    if (name.startsWith("extmul"))
      return fromLongs((index) => BigInt(at(a, index) >>> 0) * BigInt(at(b, index) >>> 0));
    if (op.startsWith("f64xN")) {
      const operation = floats[name] as (typeof floats)[string];
      return fromDoubles((index) => operation(doubles(a)[index] as number, doubles(b)[index] as number, 0));
    }
    const element = (index: number) => longs(a)[index] as bigint;
    if (name === "add") return fromLongs((index) => element(index) + (longs(b)[index] as bigint));
    const count = BigInt(operands[1] as number) & 63n;
    return fromLongs((index) => (name === "shl" ? element(index) << count : element(index) >> count));
  }
}
