import { describe, expect, test } from "vitest";
import {
  call,
  type Expression,
  type FunctionReference,
  f32,
  f32xN,
  i8x16,
  i32,
  i32xN,
  select,
  type Vector,
  vectors,
} from "../../src/backends/instructions/expressions.ts";
import { ModuleBuilder } from "../../src/backends/instructions/functions.ts";
import { printModule } from "../../src/backends/wasm/assembler/module.ts";
import { wasmInstructions } from "../../src/backends/wasm/target.ts";
import { instantiate } from "./instantiate.ts";

const memory = new WebAssembly.Memory({ initial: 1 });
const words = new Int32Array(memory.buffer);
const floats = new Float32Array(memory.buffer);

/** Four integers. */
const integers = (...numbers: readonly number[]) =>
  i8x16.const([...new Uint8Array(Int32Array.from(numbers).buffer)]);

/** Evaluates an expression of no parameters. */
function evaluate(value: Expression): number | undefined {
  const define = (module: ModuleBuilder) => [
    module.function("f", [], value.type, (builder) => builder.return(value)),
  ];
  return instantiate(memory, define).f?.();
}

/** The lanes of a vector, as integers or as floats. */
function lanes(value: Vector, view: Int32Array | Float32Array): number[] {
  const define = (module: ModuleBuilder) => [
    module.function("f", [], undefined, (builder) => builder.emit(vectors.store(i32.const(64), value))),
  ];
  instantiate(memory, define).f?.();
  return [...view.subarray(16, 20)];
}

describe("constants", () => {
  // The borders of LEB128: where a byte more is needed, and where the sign bit of the last one decides.
  const borders = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8193, 2 ** 20, 2 ** 31 - 1, -(2 ** 31)];
  test.each(borders)("i32 %i", (value) => expect(evaluate(i32.const(value))).toBe(value));

  test.each([0, -0, 1.5, -(2 ** -149), Infinity, Number.NaN])("f32 %f", (value) =>
    expect(evaluate(f32.const(value))).toBe(value),
  );

  test("vectors", () => {
    expect(lanes(integers(1, -2, 2 ** 31 - 1, -(2 ** 31)), words)).toEqual([1, -2, 2 ** 31 - 1, -(2 ** 31)]);
    expect(lanes(f32xN.const(0.1), floats)).toEqual([0, 1, 2, 3].map(() => Math.fround(0.1)));
  });
});

describe("i32", () => {
  const [a, b] = [-7, 3];
  const expected: Partial<Record<keyof typeof i32, number>> = {
    eq: 0,
    ne: 1,
    lt_s: 1,
    lt_u: 0,
    gt_s: 0,
    gt_u: 1,
    le_s: 1,
    le_u: 0,
    ge_s: 0,
    ge_u: 1,
    add: -4,
    sub: -10,
    mul: -21,
    div_s: -2,
    div_u: Math.floor((2 ** 32 - 7) / 3),
    rem_s: -1,
    rem_u: (2 ** 32 - 7) % 3,
    and: -7 & 3,
    or: -7 | 3,
    xor: -7 ^ 3,
    shl: -56,
    shr_s: -1,
    shr_u: (-7 >>> 3) | 0,
    rotl: (-7 << 3) | (-7 >>> 29),
  };
  test.each(Object.entries(expected))("%s", (name, value) => {
    const operation = i32[name as "add"];
    expect(evaluate(operation(i32.const(a), i32.const(b)))).toBe(value);
  });

  test("conversions", () => {
    expect(evaluate(i32.eqz(i32.const(0)))).toBe(1);
    expect(evaluate(i32.trunc_sat_f32_s(f32.const(-3.9)))).toBe(-3);
    expect(evaluate(i32.trunc_sat_f32_s(f32.const(1e20)))).toBe(2 ** 31 - 1);
    expect(evaluate(i32.reinterpret_f32(f32.const(1)))).toBe(0x3f800000);
    expect(evaluate(f32.reinterpret_i32(i32.const(0x3f800000)))).toBe(1);
    expect(evaluate(f32.convert_i32_s(i32.const(-5)))).toBe(-5);
  });
});

test("f32", () => {
  const [a, b] = [f32.const(-2.25), f32.const(0.5)];
  const comparisons = [f32.eq, f32.ne, f32.lt, f32.gt, f32.le, f32.ge].map((compare) =>
    evaluate(compare(a, b)),
  );
  expect(comparisons).toEqual([0, 1, 1, 0, 1, 0]);
  const binary = [f32.add, f32.sub, f32.mul, f32.div, f32.min, f32.max].map((operation) =>
    evaluate(operation(a, b)),
  );
  expect(binary).toEqual([-1.75, -2.75, -1.125, -4.5, -2.25, 0.5]);
  const unary = [f32.abs, f32.neg, f32.floor].map((operation) => evaluate(operation(a)));
  expect(unary).toEqual([2.25, 2.25, -3]);
  expect(evaluate(f32.sqrt(f32.const(6.25)))).toBe(2.5);
});

describe("vectors", () => {
  const ascending = integers(1, 2, 3, 4);
  const mixed = integers(-1, 2, -3, 2 ** 31 - 1);

  test("of integers", () => {
    const results: [Vector, number[]][] = [
      [i32xN.add(ascending, mixed), [0, 4, 0, -(2 ** 31) + 3]],
      [i32xN.sub(ascending, mixed), [2, 0, 6, -(2 ** 31) + 5]],
      [i32xN.mul(ascending, mixed), [-1, 4, -9, -4]],
      [i32xN.eq(ascending, mixed), [0, -1, 0, 0]],
      [i32xN.ne(ascending, mixed), [-1, 0, -1, -1]],
      [i32xN.lt_s(ascending, mixed), [0, 0, 0, -1]],
      [i32xN.lt_u(ascending, mixed), [-1, 0, -1, -1]],
      [i32xN.gt_s(ascending, mixed), [-1, 0, -1, 0]],
      [i32xN.le_s(ascending, mixed), [0, -1, 0, -1]],
      [i32xN.ge_s(ascending, mixed), [-1, -1, -1, 0]],
      [i32xN.min_s(ascending, mixed), [-1, 2, -3, 4]],
      [i32xN.max_s(ascending, mixed), [1, 2, 3, 2 ** 31 - 1]],
      [i32xN.abs(mixed), [1, 2, 3, 2 ** 31 - 1]],
      [i32xN.neg(mixed), [1, -2, 3, -(2 ** 31) + 1]],
      [i32xN.shl(mixed, i32.const(4)), [-16, 32, -48, -16]],
      [i32xN.shr_s(mixed, i32.const(1)), [-1, 1, -2, 2 ** 30 - 1]],
      [i32xN.shr_u(mixed, i32.const(31)), [1, 0, 1, 0]],
      [i32xN.splat(i32.const(-9)), [-9, -9, -9, -9]],
      [i32xN.trunc_sat_f32xN_s(f32xN.const(-2.7)), [-2, -2, -2, -2]],
      [vectors.not(ascending), [-2, -3, -4, -5]],
      [vectors.and(ascending, mixed), [1, 2, 1, 4]],
      [vectors.andnot(mixed, ascending), [-2, 0, -4, 2 ** 31 - 5]],
      [vectors.or(ascending, mixed), [-1, 2, -1, 2 ** 31 - 1]],
      [vectors.xor(ascending, mixed), [-2, 0, -2, 2 ** 31 - 5]],
      [vectors.bitselect(ascending, mixed, integers(-1, 0, 0, -1)), [1, 2, -3, 4]],
      [vectors.shuffle(ascending, mixed, [3, 0, 4, 7]), [4, 1, -1, 2 ** 31 - 1]],
      [vectors.exchange(ascending, 1), [2, 1, 4, 3]],
      [vectors.exchange(ascending, 2), [3, 4, 1, 2]],
      [vectors.even(ascending, mixed), [1, 3, -1, -3]],
      [vectors.odd(ascending, mixed), [2, 4, 2, 2 ** 31 - 1]],
      [i32xN.iota(), [0, 1, 2, 3]],
    ];
    for (const [value, expected] of results) expect(lanes(value, words)).toEqual(expected);
    expect(evaluate(i32xN.extract_lane(mixed, 2))).toBe(-3);
    expect(
      [mixed, integers(0, 0, 1, 0), integers(0, 0, 0, 0)].map((x) => evaluate(vectors.any_true(x))),
    ).toEqual([1, 1, 0]);
    expect([mixed, integers(0, 0, 1, 0)].map((x) => evaluate(i32xN.all_true(x)))).toEqual([1, 0]);
  });

  test("of floats", () => {
    floats.set([-2.5, 0.5, 1.5, 4, 1, 0.5, -3, 8]);
    const a = vectors.load(i32.const(0));
    const b = vectors.load(i32.const(0), 16);
    const results: [Vector, number[]][] = [
      [f32xN.add(a, b), [-1.5, 1, -1.5, 12]],
      [f32xN.sub(a, b), [-3.5, 0, 4.5, -4]],
      [f32xN.mul(a, b), [-2.5, 0.25, -4.5, 32]],
      [f32xN.div(a, b), [-2.5, 1, -0.5, 0.5]],
      [f32xN.min(a, b), [-2.5, 0.5, -3, 4]],
      [f32xN.max(a, b), [1, 0.5, 1.5, 8]],
      [f32xN.pmin(a, b), [-2.5, 0.5, -3, 4]],
      [f32xN.pmax(a, b), [1, 0.5, 1.5, 8]],
      [f32xN.pmin(f32xN.const(Number.NaN), b), [Number.NaN, Number.NaN, Number.NaN, Number.NaN]],
      [f32xN.pmax(b, f32xN.const(Number.NaN)), [1, 0.5, -3, 8]],
      [f32xN.ceil(a), [-2, 1, 2, 4]],
      [f32xN.floor(a), [-3, 0, 1, 4]],
      [f32xN.trunc(a), [-2, 0, 1, 4]],
      [f32xN.nearest(a), [-2, 0, 2, 4]],
      [f32xN.abs(a), [2.5, 0.5, 1.5, 4]],
      [f32xN.neg(a), [2.5, -0.5, -1.5, -4]],
      [f32xN.sqrt(f32xN.mul(b, b)), [1, 0.5, 3, 8]],
      [f32xN.splat(f32.const(0.75)), [0.75, 0.75, 0.75, 0.75]],
      [f32xN.convert_i32xN_s(integers(1, -2, 3, 1 << 30)), [1, -2, 3, 2 ** 30]],
      [vectors.load32_splat(i32.const(0), 4), [0.5, 0.5, 0.5, 0.5]],
      [vectors.load32_zero(i32.const(12)), [4, 0, 0, 0]],
      [vectors.load32_lane(i32.const(0), b, 2, 12), [1, 0.5, 4, 8]],
    ];
    for (const [value, expected] of results) expect(lanes(value, floats)).toEqual(expected.map((x) => x + 0));
    const comparisons: [Vector, number[]][] = [
      [f32xN.eq(a, b), [0, -1, 0, 0]],
      [f32xN.ne(a, b), [-1, 0, -1, -1]],
      [f32xN.lt(a, b), [-1, 0, 0, -1]],
      [f32xN.gt(a, b), [0, 0, -1, 0]],
      [f32xN.le(a, b), [-1, -1, 0, -1]],
      [f32xN.ge(a, b), [0, -1, -1, 0]],
    ];
    for (const [value, expected] of comparisons) expect(lanes(value, words)).toEqual(expected);
    expect(evaluate(f32xN.extract_lane(a, 3))).toBe(4);
  });
});

describe("functions", () => {
  test("control flow: the sum of 0 to n-1, by each kind of loop", () => {
    const { whileLoop, doWhileLoop, blockLoop } = instantiate(memory, (module) => {
      const define = (name: string, loop: "while" | "doWhile" | "block") =>
        module.function(name, ["i32"], "i32", (builder, n) => {
          const [sum, at] = [builder.local("i32"), builder.local("i32", i32.const(0))];
          const body = () => {
            builder.set(sum, i32.add(sum, at));
            builder.set(at, i32.add(at, i32.const(1)));
          };
          if (loop === "while") builder.while(i32.lt_s(at, n), body);
          else if (loop === "doWhile") builder.doWhile(i32.lt_s(at, n), body);
          else {
            builder.block(() =>
              builder.doWhile(i32.const(1), () => {
                builder.leaveIf(i32.ge_s(at, n), 1);
                body();
              }),
            );
          }
          builder.return(sum);
        });
      return [define("whileLoop", "while"), define("doWhileLoop", "doWhile"), define("blockLoop", "block")];
    });
    for (const [n, sum] of [
      [0, 0],
      [1, 0],
      [2, 1],
      [100, 4950],
    ] as const) {
      for (const loop of [whileLoop, doWhileLoop, blockLoop]) expect(loop?.(n)).toBe(sum);
    }
  });

  test("if, select, calls with and without results, mutual recursion, memory in bulk", () => {
    const kernels = instantiate(memory, (module) => {
      const isOdd = module.declare("isOdd", ["i32"], "i32");
      const parity = (
        builder: Parameters<Parameters<ModuleBuilder["define"]>[1]>[0],
        n: Expression<"i32">,
        next: FunctionReference,
        atZero: number,
      ) => {
        builder.if(n, () => builder.return(call(next, i32.sub(n, i32.const(1)))));
        builder.return(i32.const(atZero));
      };
      const isEven = module.function("isEven", ["i32"], "i32", (builder, n) => parity(builder, n, isOdd, 1));
      module.define(isOdd, (builder, [n]) => parity(builder, n as Expression<"i32">, isEven, 0));
      const sign = module.function("sign", ["f32"], "i32", (builder, x) => {
        const result = builder.local("i32");
        builder.if(
          f32.lt(x, f32.const(0)),
          () => builder.set(result, i32.const(-1)),
          () => builder.set(result, select(f32.gt(x, f32.const(0)), i32.const(1), i32.const(0))),
        );
        builder.return(result);
      });
      const bulk = module.function("bulk", [], undefined, (builder) => {
        builder.call(sign, f32.const(1)); // the result is dropped
        builder.fillMemory(i32.const(256), i32.const(7), i32.const(8));
        builder.copyMemory(i32.const(260), i32.const(0), i32.const(4));
        builder.emit(i32.store(i32.const(264), i32.const(-5)));
        builder.emit(f32.store(i32.const(264), f32.const(2), 4));
        builder.emit(vectors.store32_lane(i32.const(268), integers(1, 2, 3, 4), 2, 4));
      });
      return [isEven, sign, bulk];
    });
    expect([0, 1, 10, 11].map((n) => kernels.isEven?.(n))).toEqual([1, 0, 1, 0]);
    expect([-2, 0, 3].map((x) => kernels.sign?.(x))).toEqual([-1, 0, 1]);
    words[0] = 123456;
    kernels.bulk?.();
    expect([...words.subarray(64, 67), floats[67], words[68]]).toEqual([0x07070707, 123456, -5, 2, 3]);
    expect(evaluate(i32.load(i32.const(256), 4))).toBe(123456);
    expect(evaluate(f32.load(i32.const(268)))).toBe(2);
  });

  test("many functions, parameters and locals: indices of more than one byte", () => {
    const count = 300;
    const kernels = instantiate(memory, (module) => {
      const functions = Array.from({ length: count }, (_, index) =>
        module.function(`f${index}`, ["i32", "f32"], "i32", (builder, n) => {
          const locals = Array.from({ length: 200 }, (__, at) => builder.local(at % 3 === 0 ? "f32" : "i32"));
          const last = builder.local("i32", i32.add(n, i32.const(index)));
          expect(locals.length + 2).toBe(last.index);
          builder.return(last);
        }),
      );
      return [functions[0], functions[count - 1]] as FunctionReference[];
    });
    expect(kernels.f0?.(5, 0)).toBe(5);
    expect(kernels[`f${count - 1}`]?.(5, 0)).toBe(count + 4);
  });

  test("mistakes of whoever writes a module are refused", () => {
    const module = new ModuleBuilder(wasmInstructions(false));
    const empty = module.declare("empty", []);
    expect(() => printModule(module)).toThrow("empty is declared and never defined");
    expect(() => call(empty)).toThrow("empty has no result");
    module.define(empty, () => {});
    expect(() => module.define(empty, () => {})).toThrow("empty is not declared, or defined twice");
    expect(WebAssembly.validate(printModule(module))).toBe(true);
  });

  test("a module of shared memory", () => {
    const module = new ModuleBuilder(wasmInstructions(false));
    module.function("f", [], "i32", (builder) => builder.return(i32.load(i32.const(8))), { exported: true });
    const shared = new WebAssembly.Memory({ initial: 1, maximum: 300, shared: true });
    new Int32Array(shared.buffer)[2] = 42;
    const compiled = new WebAssembly.Module(printModule(module, { initial: 1, maximum: 300, shared: true }));
    const exports = new WebAssembly.Instance(compiled, { environment: { memory: shared } }).exports;
    expect((exports.f as () => number)()).toBe(42);
  });
});
