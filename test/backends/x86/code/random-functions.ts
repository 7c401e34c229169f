// Random functions over locals of all types: nested structures, calls, memory. The same seed gives the same functions.
import {
  call,
  type Expression,
  type F32,
  type FunctionReference,
  f32,
  f32xN,
  type I32,
  i32,
  i32xN,
  type Local,
  select,
  type ValueType,
  type Vector,
  vectors,
} from "../../../../src/backends/instructions/expressions.ts";
import type { FunctionBuilder, ModuleBuilder } from "../../../../src/backends/instructions/functions.ts";

/** Memory that random functions read and write: integers, and behind them floats. */
export const firstByte = 1024;
const bytes = 1024;

/** "floats" and "integers" are vectors, told apart because the bits of a NaN are nobody's business. */
type Kind = "i32" | "f32" | "floats" | "integers";

const integerOperations = [
  ...["add", "sub", "mul", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl"],
  ...["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"],
] as const;
const floatOperations = ["add", "sub", "mul", "div", "min", "max"] as const;
const floatComparisons = ["eq", "ne", "lt", "gt", "le", "ge"] as const;
const laneOperations = [
  "add",
  "sub",
  "mul",
  "min_s",
  "max_s",
  "eq",
  "ne",
  "lt_s",
  "lt_u",
  "gt_s",
  "le_s",
  "ge_s",
] as const;
const constants = [0, 1, -1, 2, 3, 7, 8, 31, 255, 4096, 65535, 2 ** 31 - 1, -(2 ** 31), 123456789];
const numbers = [0, -0, 1, -1, 0.5, 1.5, -3.25, 1e10, Infinity, 2 ** -149];

export class RandomFunctions {
  #state: number;
  readonly #lanes: number;
  readonly #functions: FunctionReference[] = [];
  #f!: FunctionBuilder;
  #locals: Record<Kind, Local[]> = { i32: [], f32: [], floats: [], integers: [] };
  #fuel!: Local<"i32">;
  #depth = 0;

  constructor(seed: number, lanes: number) {
    this.#state = seed;
    this.#lanes = lanes;
  }

  /** Some functions that call each other, and "f" of two i32, which stores half of its locals at the end. */
  write(module: ModuleBuilder): void {
    for (let index = 0; index < 3; index++) {
      const kinds = Array.from({ length: this.#below(6) }, () =>
        this.#of(["i32", "f32", "integers"] as const),
      );
      const parameters = kinds.map((kind): ValueType => (kind === "integers" ? "vector" : kind));
      const result = this.#of(["i32", "f32", undefined] as const);
      const reference = module.declare(`g${index}`, parameters, result);
      module.define(reference, (f, own) => {
        this.#begin(f);
        own.forEach((parameter, at) => {
          this.#locals[kinds[at] as Kind].push(parameter);
        });
        this.#body(8);
        if (result) f.return(this.#value(result, 3));
      });
      this.#functions.push(reference);
    }
    module.function(
      "f",
      ["i32", "i32"],
      undefined,
      (f, a, b) => {
        this.#begin(f);
        this.#locals.i32.push(a, b);
        this.#body(20);
        let at = firstByte + 2 * bytes;
        for (const local of Object.values(this.#locals)
          .flat()
          .filter(() => this.#below(2))) {
          const place = i32.const(at);
          if (local.type === "i32") f.emit(i32.store(place, local as I32));
          else if (local.type === "f32") f.emit(f32.store(place, local as F32));
          else f.emit(vectors.store(place, local as Vector));
          at += 64;
        }
      },
      { exported: true },
    );
  }

  #begin(f: FunctionBuilder): void {
    this.#f = f;
    this.#depth = 0;
    const several = <Type extends ValueType>(type: Type, count: number) =>
      Array.from({ length: count }, () => f.local(type));
    this.#fuel = f.local("i32", i32.const(40));
    this.#locals = {
      ...{ i32: several("i32", 4 + this.#below(8)), f32: several("f32", 3) },
      ...{ floats: several("vector", 4 + this.#below(12)), integers: several("vector", 3 + this.#below(8)) },
    };
  }

  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  #of<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item;
  }

  #body(count: number): void {
    for (let index = 0; index < count; index++) this.#statement();
  }

  #statement(): void {
    const f = this.#f;
    const kind = this.#below(this.#depth < 3 ? 16 : 11);
    if (kind < 8) this.#set();
    else if (kind < 10) this.#store();
    else if (kind < 11) {
      const callee = this.#functions.length > 0 && this.#depth < 2 ? this.#of(this.#functions) : undefined;
      if (callee) f.call(callee, ...this.#operands(callee));
    } else {
      this.#depth += 1;
      if (kind < 13)
        f.if(this.#i32(3), () => this.#body(3), this.#below(2) ? () => this.#body(3) : undefined);
      else if (kind < 15) this.#loop();
      else
        f.block(() => {
          this.#body(2);
          this.#leave();
          this.#body(2);
        });
      this.#depth -= 1;
    }
  }

  #loop(): void {
    const f = this.#f;
    const count = f.local("i32", i32.const(1 + this.#below(4)));
    f.doWhile(i32.gt_s(count, i32.const(0)), () => {
      f.set(count, i32.sub(count, i32.const(1)));
      this.#body(2);
      if (this.#below(2)) this.#leave();
      this.#body(2);
    });
  }

  /** Leaves a structure, which may be a loop that starts again, as long as there is fuel. */
  #leave(): void {
    const f = this.#f;
    f.set(this.#fuel, i32.sub(this.#fuel, i32.const(1)));
    const condition = i32.and(i32.gt_s(this.#fuel, i32.const(0)), i32.ne(this.#i32(2), i32.const(0)));
    f.leaveIf(condition, this.#below(this.#depth));
  }

  #set(): void {
    const kind = this.#of(["i32", "i32", "f32", "floats", "floats", "integers"] as const);
    this.#f.set(this.#of(this.#locals[kind]), this.#value(kind, 4));
  }

  #store(): void {
    const f = this.#f;
    const offset = 4 * this.#below(16);
    switch (this.#below(4)) {
      case 0:
        return void f.emit(i32.store(this.#address("integers"), this.#i32(3), offset));
      case 1:
        return void f.emit(f32.store(this.#address("floats"), this.#f32(3), offset));
      case 2:
        return void f.emit(vectors.store(this.#address("floats"), this.#floats(3), offset));
      default:
        return void f.emit(
          vectors.store32_lane(
            this.#address("integers"),
            this.#integers(3),
            this.#below(this.#lanes),
            offset,
          ),
        );
    }
  }

  #operands(callee: FunctionReference): Expression[] {
    return callee.parameters.map((type) => this.#value(type === "vector" ? "integers" : (type as Kind), 2));
  }

  #value(kind: Kind, depth: number): Expression {
    if (kind === "i32") return this.#i32(depth);
    if (kind === "f32") return this.#f32(depth);
    return kind === "floats" ? this.#floats(depth) : this.#integers(depth);
  }

  #address(kind: "integers" | "floats"): I32 {
    const index = i32.and(this.#i32(2), i32.const(0x1fc));
    return i32.add(index, i32.const(kind === "integers" ? firstByte : firstByte + bytes));
  }

  #call<Type extends ValueType>(type: Type, depth: number): Expression<Type> | undefined {
    const found = this.#functions.filter(({ result }) => result === type);
    if (found.length === 0 || depth < 3 || this.#depth > 1 || this.#below(3) > 0) return undefined;
    const callee = this.#of(found);
    return call<Type>(callee, ...this.#operands(callee));
  }

  #i32(depth: number): I32 {
    const local = this.#of(this.#locals.i32) as I32;
    if (depth === 0) return this.#below(3) ? local : i32.const(this.#of(constants));
    switch (this.#below(12)) {
      case 0:
        return local;
      case 1:
        return i32.load(this.#address("integers"), 4 * this.#below(8));
      case 2:
        return f32[this.#of(floatComparisons)](this.#f32(depth - 1), this.#f32(depth - 1));
      case 3:
        return select(this.#i32(depth - 1), this.#i32(depth - 1), this.#i32(depth - 1));
      case 4:
        return i32.trunc_sat_f32_s(this.#f32(depth - 1));
      case 5:
        return i32xN.extract_lane(this.#integers(depth - 1), this.#below(this.#lanes));
      case 6: {
        const divide = this.#of(["div_u", "rem_u", "rem_s"] as const);
        const by = this.#below(2) ? i32.const(this.#of([1, 2, 8, 10])) : i32.or(this.#i32(1), i32.const(1));
        return i32[divide](this.#i32(depth - 1), divide === "rem_s" ? i32.const(7) : by);
      }
      case 7:
        return this.#call("i32", depth) ?? i32xN.all_true(this.#integers(depth - 1));
      case 8:
        return i32.eqz(this.#i32(depth - 1));
      default:
        return i32[this.#of(integerOperations)](this.#i32(depth - 1), this.#i32(depth - 1));
    }
  }

  #f32(depth: number): F32 {
    const local = this.#of(this.#locals.f32) as F32;
    if (depth === 0) return this.#below(3) ? local : f32.const(this.#of(numbers));
    switch (this.#below(9)) {
      case 0:
        return local;
      case 1:
        return f32.load(this.#address("floats"), 4 * this.#below(8));
      case 2:
        return select(this.#i32(depth - 1), this.#f32(depth - 1), this.#f32(depth - 1));
      case 3:
        return f32.convert_i32_s(this.#i32(depth - 1));
      case 4:
        return f32xN.extract_lane(this.#floats(depth - 1), this.#below(this.#lanes));
      case 5:
        return f32[this.#of(["abs", "neg", "floor", "sqrt"] as const)](this.#f32(depth - 1));
      case 6:
        return this.#call("f32", depth) ?? local;
      default:
        return f32[this.#of(floatOperations)](this.#f32(depth - 1), this.#f32(depth - 1));
    }
  }

  #floats(depth: number): Vector {
    const local = this.#of(this.#locals.floats) as Vector;
    if (depth === 0) return this.#below(3) ? local : f32xN.const(this.#of(numbers));
    const one = () => this.#floats(depth - 1);
    switch (this.#below(13)) {
      case 0:
        return local;
      case 1:
        return vectors.load(this.#address("floats"), 4 * this.#below(8));
      case 2:
        return vectors.load32_splat(this.#address("floats"));
      case 3:
        return vectors.bitselect(one(), one(), f32xN[this.#of(floatComparisons)](one(), one()));
      case 4:
        return f32xN[this.#of(["ceil", "floor", "trunc", "nearest", "abs", "neg", "sqrt"] as const)](one());
      case 5:
        return f32xN.convert_i32xN_s(this.#integers(depth - 1));
      case 6:
        return f32xN.splat(this.#f32(depth - 1));
      case 7:
        return select(this.#i32(depth - 1), one(), one());
      case 8:
        return f32xN[this.#of(["relaxed_madd", "relaxed_nmadd"] as const)](one(), one(), one());
      case 9:
        return f32xN.relaxed_madd(local, one(), this.#of(this.#locals.floats) as Vector);
      default:
        return f32xN[this.#of([...floatOperations, "pmin", "pmax"] as const)](one(), one());
    }
  }

  #integers(depth: number): Vector {
    const local = this.#of(this.#locals.integers) as Vector;
    if (depth === 0) return this.#below(3) ? local : i32xN.const(this.#of(constants));
    const one = () => this.#integers(depth - 1);
    switch (this.#below(12)) {
      case 0:
        return local;
      case 1:
        return i32xN.splat(this.#i32(depth - 1));
      case 2:
        return f32xN[this.#of(floatComparisons)](this.#floats(depth - 1), this.#floats(depth - 1));
      case 3:
        return vectors.bitselect(one(), one(), one());
      case 4:
        return vectors[this.#of(["and", "andnot", "or", "xor"] as const)](one(), one());
      case 5:
        return i32xN[this.#of(["shl", "shr_s", "shr_u"] as const)](one(), this.#i32(1));
      case 6:
        return i32xN.trunc_sat_f32xN_s(this.#floats(depth - 1));
      case 7:
        return vectors.exchange(one(), this.#of(this.#lanes > 4 ? [1, 2, 4] : [1, 2]));
      case 8:
        return i32xN[this.#of(["abs", "neg"] as const)](one());
      case 9:
        return vectors[this.#of(["even", "odd"] as const)](one(), one());
      default:
        return i32xN[this.#of(laneOperations)](one(), one());
    }
  }
}
