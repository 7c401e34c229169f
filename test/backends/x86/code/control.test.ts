import { describe, expect, test } from "vitest";
import {
  atomics,
  call,
  type Expression,
  type FunctionReference,
  f32,
  f32xN,
  i32,
  i32xN,
  select,
  type ValueType,
  vectors,
} from "../../../../src/backends/instructions/expressions.ts";
import type { FunctionBuilder } from "../../../../src/backends/instructions/functions.ts";
import { compileNative } from "../../../../src/backends/x86/code/compile.ts";
import { build, comparing, compiled, type Define, fewest, memory, obstacle, variants } from "./native.ts";

const crowded = variants.flatMap((variant) => [variant, { ...variant, registers: fewest }]);
const words = new Int32Array(memory.buffer);
const floats = new Float32Array(memory.buffer);
const resultAt = i32.const(256);
const result = 64;

describe.skipIf(obstacle !== undefined).each(crowded)("$set, $lanes lanes, $registers", (variant) => {
  const { lanes } = variant;
  const run = (define: Define, a = 0, b = 0) => {
    words.fill(0);
    const functions = build(lanes, define);
    const { f } = compiled(functions, variant);
    f?.(a, b);
  };

  test.each([
    [0, 0],
    [1, 0],
    [2, 1],
    [100, 4950],
  ])("loops sum to %i", (n, sum) => {
    const define =
      (kind: "while" | "doWhile" | "block"): Define =>
      (module) =>
        module.function(
          "f",
          ["i32"],
          undefined,
          (f, count) => {
            const i = f.local("i32");
            const total = f.local("i32");
            const body = () => {
              f.set(total, i32.add(total, i));
              f.set(i, i32.add(i, i32.const(1)));
            };
            if (kind === "while") f.while(i32.lt_s(i, count), body);
            else if (kind === "doWhile") f.if(count, () => f.doWhile(i32.lt_s(i, count), body));
            else
              f.block(() =>
                f.doWhile(i32.const(1), () => {
                  f.leaveIf(i32.ge_s(i, count), 1);
                  body();
                }),
              );
            f.emit(i32.store(resultAt, total));
          },
          { exported: true },
        );
    for (const kind of ["while", "doWhile", "block"] as const) {
      run(define(kind), n);
      expect(words[result]).toBe(sum);
    }
  });

  test("leave of a loop starts it again, of an if goes on behind it", () => {
    run((module) => {
      module.function(
        "f",
        ["i32"],
        undefined,
        (f, n) => {
          const turns = f.local("i32");
          f.doWhile(i32.const(0), () => {
            f.set(turns, i32.add(turns, i32.const(1)));
            f.leaveIf(i32.lt_s(turns, n), 0);
            f.if(i32.const(1), () => {
              f.leaveIf(i32.eq(turns, n), 0);
              f.set(turns, i32.const(-1));
            });
            f.set(turns, i32.add(turns, i32.const(100)));
          });
          f.emit(i32.store(resultAt, turns));
        },
        { exported: true },
      );
    }, 7);
    expect(words[result]).toBe(107);
  });

  test("if, select, calls with and without results, mutual recursion, memory in bulk", () => {
    run((module) => {
      const isOdd = module.declare("isOdd", ["i32"], "i32");
      const parity = (f: FunctionBuilder, n: Expression<"i32">, next: FunctionReference, atZero: number) => {
        f.if(n, () => f.return(call(next, i32.sub(n, i32.const(1)))));
        f.return(i32.const(atZero));
      };
      const isEven = module.function("isEven", ["i32"], "i32", (f, n) => parity(f, n, isOdd, 1));
      module.define(isOdd, (f, [n]) => parity(f, n as Expression<"i32">, isEven, 0));
      const sign = module.function("sign", ["f32"], "i32", (f, x) => {
        const found = f.local("i32");
        f.if(
          f32.lt(x, f32.const(0)),
          () => f.set(found, i32.const(-1)),
          () => f.set(found, select(f32.gt(x, f32.const(0)), i32.const(1), i32.const(0))),
        );
        f.return(found);
      });
      module.function(
        "f",
        [],
        undefined,
        (f) => {
          [0, 1, 10, 11].forEach((n, index) => {
            f.emit(i32.store(resultAt, call(isEven, i32.const(n)), 4 * index));
          });
          [-2, 0, 3, Number.NaN].forEach((x, index) => {
            f.emit(i32.store(resultAt, call(sign, f32.const(x)), 16 + 4 * index));
          });
          f.call(sign, f32.const(1)); // the result is dropped
          f.drop(call(sign, f32.const(1)));
          f.fillMemory(i32.const(512), i32.const(7), i32.const(8));
          f.copyMemory(i32.const(516), resultAt, i32.const(4));
          f.emit(i32.store(i32.const(520), i32.const(-5)));
          // Over itself, in both directions.
          for (const at of [1024, 1064]) f.emit(vectors.store(i32.const(at), i32xN.iota()));
          f.copyMemory(i32.const(1028), i32.const(1024), i32.const(16));
          f.copyMemory(i32.const(1060), i32.const(1064), i32.const(16));
        },
        { exported: true },
      );
    });
    expect([...words.subarray(result, result + 8)]).toEqual([1, 0, 1, 0, -1, 0, 1, 0]);
    expect([...words.subarray(128, 131)]).toEqual([0x07070707, 1, -5]);
    expect([...words.subarray(256, 261)]).toEqual([0, 0, 1, 2, 3]);
    expect([...words.subarray(265, 269)]).toEqual([0, 1, 2, 3]);
  });

  test("every condition, as a jump, as a choice of each type and as a number, NaN among the operands", () => {
    const integers = ["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] as const;
    const ofFloats = ["eq", "ne", "lt", "gt", "le", "ge"] as const;
    const functions = build(lanes, (module) => {
      module.function(
        "f",
        ["i32", "i32"],
        undefined,
        (f, a, b) => {
          const x = f.local("f32", f32.load(a));
          const y = f.local("f32", f32.load(b));
          const i = f.local("i32", i32.load(a));
          const j = f.local("i32", i32.load(b));
          const v = f.local("vector", vectors.load(a));
          const conditions = [
            ...integers.flatMap((name) => [
              i32[name](i, j),
              i32[name](i, i32.const(5)),
              i32[name](i32.const(5), i),
            ]),
            ...ofFloats.map((name) => f32[name](x, y)),
            ...ofFloats.map((name) => i32.eqz(f32[name](x, y))),
            ...[i32.and(i, j), i32.and(i, i32.const(4)), i32.eqz(i32.eqz(i)), i32.sub(i, j)],
            ...[vectors.any_true(v), vectors.any_true(f32xN.lt(v, f32xN.const(1))), i32xN.all_true(v)],
            i32xN.all_true(i32xN.ne(v, i32xN.splat(j))),
          ];
          let at = 256;
          const store = (value: Expression) => {
            if (value.type === "i32") f.emit(i32.store(i32.const(at), value as Expression<"i32">));
            else if (value.type === "f32") f.emit(f32.store(i32.const(at), value as Expression<"f32">));
            else f.emit(vectors.store64_low(i32.const(at), value as Expression<"vector">));
            at += 8;
          };
          for (const condition of conditions) {
            const found = f.local("i32", i32.const(1));
            f.block(() => {
              f.leaveIf(condition, 0);
              f.set(found, i32.const(2));
            });
            store(found);
            f.if(
              condition,
              () => store(i32.const(3)),
              () => store(i32.const(4)),
            );
            store(i32.add(condition, i32.const(10)));
            store(select(condition, i, j));
            store(select(condition, f32.const(1), f32.const(2)));
            store(select(condition, i32xN.const(7), v));
          }
        },
        { exported: true },
      );
    });
    const patterns = [0, 5, -1, 2 ** 31 - 1, -(2 ** 31), 0x7fc00000, 0x3f800000, 0x3f800000, 0x80000000 | 0];
    const run = comparing(functions, "f", variant);
    const fill = (words: Int32Array) => words.set([...patterns, ...patterns, ...patterns]);
    for (let a = 0; a < patterns.length; a++)
      for (const b of [0, 3, 5, 7]) {
        const { native, expected } = run(fill, 4 * a, 4 * b);
        expect(native.findIndex((word, index) => word !== expected[index])).toBe(-1);
      }
  });

  test("many parameters of all types, in order, and calls within their arguments", () => {
    const types: ValueType[] = Array.from(
      { length: 14 },
      (_, index) => (["i32", "f32", "vector"] as const)[index % 3] ?? "i32",
    );
    run((module) => {
      const twice = module.function("twice", ["i32"], "i32", (f, n) => f.return(i32.add(n, n)));
      const half = module.function("half", ["f32"], "f32", (f, x) => f.return(f32.mul(x, f32.const(0.5))));
      const next = module.function("next", ["vector"], "vector", (f, v) =>
        f.return(i32xN.add(v, i32xN.iota())),
      );
      const all = module.declare("all", types, "i32");
      module.define(all, (f, parameters) => {
        let at = 0;
        for (const parameter of parameters) {
          const place = i32.const(256 + 64 * at++);
          if (parameter.type === "i32") f.emit(i32.store(place, parameter as Expression<"i32">));
          else if (parameter.type === "f32") f.emit(f32.store(place, parameter as Expression<"f32">));
          else f.emit(vectors.store(place, parameter as Expression<"vector">));
        }
        f.return(i32.const(99));
      });
      module.function(
        "f",
        ["i32"],
        undefined,
        (f, n) => {
          const operands = types.map((type, index) => {
            if (type === "i32") return call(twice, i32.add(n, i32.const(index)));
            if (type === "f32") return call(half, f32.convert_i32_s(i32.add(n, i32.const(index))));
            return call(next, i32xN.splat(i32.add(n, i32.const(index))));
          });
          f.emit(i32.store(i32.const(128), call(all, ...operands)));
        },
        { exported: true },
      );
    }, 10);
    expect(words[32]).toBe(99);
    types.forEach((type, index) => {
      const at = 64 + 16 * index;
      if (type === "i32") expect(words[at]).toBe(2 * (10 + index));
      else if (type === "f32") expect(floats[at]).toBe((10 + index) / 2);
      else
        expect([...words.subarray(at, at + lanes)]).toEqual(
          Array.from({ length: lanes }, (_, lane) => 10 + index + lane),
        );
    });
  });

  test("a value that a loop reads first keeps its register until the loop starts again", () => {
    run(
      (module) => {
        module.function(
          "f",
          ["i32", "i32"],
          undefined,
          (f, n, kept) => {
            const sum = f.local("i32");
            f.doWhile(n, () => {
              f.set(sum, i32.add(sum, kept));
              for (let index = 0; index < 4; index++) {
                const other = f.local("i32", i32.mul(n, i32.const(1000 + index)));
                f.emit(i32.store(i32.const(64), i32.xor(other, i32.mul(other, other))));
              }
              f.set(n, i32.sub(n, i32.const(1)));
            });
            f.emit(i32.store(resultAt, sum));
          },
          { exported: true },
        );
      },
      3,
      7,
    );
    expect(words[result]).toBe(21);
  });

  test("a result in the register that its memory operand is addressed with", () => {
    run((module) => {
      module.function(
        "f",
        ["i32"],
        undefined,
        (f, n) => {
          f.emit(i32.store(resultAt, i32.const(5)));
          (["add", "sub", "mul"] as const).forEach((name, index) => {
            const address = f.local("i32", i32.load(i32.const(512)));
            f.set(address, i32.add(address, resultAt));
            const value = f.local("i32", i32[name](n, i32.load(address)));
            f.emit(i32.store(i32.const(64 + 4 * index), value));
          });
          f.emit(i32.store(i32.const(76), n));
        },
        { exported: true },
      );
    }, 100);
    expect([...words.subarray(16, 20)]).toEqual([105, 95, 500, 100]);
  });

  test("what is read from memory is read before a call, or an atomic addition, behind it in the expression", () => {
    run((module) => {
      const write = module.function("write", ["i32"], "i32", (f, n) => {
        f.emit(i32.store(resultAt, n));
        f.return(n);
      });
      module.function(
        "f",
        [],
        undefined,
        (f) => {
          f.emit(i32.store(resultAt, i32.const(1)));
          f.emit(i32.store(i32.const(64), i32.add(i32.load(resultAt), call(write, i32.const(10)))));
          f.emit(i32.store(i32.const(68), i32.sub(i32.load(resultAt), atomics.add(resultAt, i32.const(5)))));
        },
        { exported: true },
      );
    });
    expect([...words.subarray(16, 18), words[result]]).toEqual([11, 0, 15]);
  });

  test("a multiply-add in place of each operand, with each in memory, in a register or a constant", () => {
    const kinds = ["result", "local", "memory", "splat", "constant"] as const;
    const chosen = kinds.flatMap((a) => kinds.flatMap((b) => kinds.map((c) => [a, b, c] as const)));
    const functions = build(lanes, (module) => {
      module.function(
        "f",
        [],
        undefined,
        (f) => {
          const locals = [0, 1, 2].map((index) => f.local("vector", vectors.load(i32.const(64 * index))));
          chosen.forEach((operands, index) => {
            for (const op of [f32xN.relaxed_madd, f32xN.relaxed_nmadd]) {
              const to = f.local("vector", vectors.load(i32.const(256 + 4 * index)));
              const made = operands.map((kind, place) => {
                if (kind === "result") return to;
                if (kind === "local") return locals[place] as Expression<"vector">;
                if (kind === "constant") return f32xN.const(place + 0.25);
                return vectors[kind === "memory" ? "load" : "load32_splat"](i32.const(512 + 64 * place));
              });
              f.set(to, op(...(made as [Expression<"vector">, Expression<"vector">, Expression<"vector">])));
              const at = 4096 + 128 * index + (op === f32xN.relaxed_madd ? 0 : 64);
              f.emit(vectors.store(i32.const(at), to));
            }
          });
          for (const local of locals) f.emit(vectors.store(i32.const(0), local));
        },
        { exported: true },
      );
    });
    const fill = (into: Int32Array) =>
      new Float32Array(into.buffer, 0, 512).forEach((_, index, all) => {
        all[index] = Math.fround(Math.sin(index));
      });
    const { native, expected } = comparing(functions, "f", variant)(fill, 0, 0);
    expect(native.findIndex((word, index) => word !== expected[index])).toBe(-1);
  });

  test("recursion, with values that live across calls", () => {
    run((module) => {
      const fibonacci = module.declare("fibonacci", ["i32", "vector"], "i32");
      module.define(fibonacci, (f, [n, v]) => {
        const count = n as Expression<"i32">;
        const carried = v as Expression<"vector">;
        f.if(i32.lt_s(count, i32.const(2)), () =>
          f.return(i32xN.extract_lane(i32xN.add(carried, i32xN.splat(count)), 1)),
        );
        const one = f.local("i32", call(fibonacci, i32.sub(count, i32.const(1)), carried));
        f.return(i32.add(one, call(fibonacci, i32.sub(count, i32.const(2)), carried)));
      });
      module.function(
        "f",
        ["i32"],
        undefined,
        (f, n) => {
          f.emit(i32.store(resultAt, call(fibonacci, n, i32xN.const(0))));
        },
        { exported: true },
      );
    }, 15);
    expect(words[result]).toBe(610);
  });

  test("locals that are read before they are set start at zero", () => {
    run((module) => {
      const dirty = module.function("dirty", ["i32"], "i32", (f, n) => {
        const locals = Array.from({ length: 40 }, () => f.local("i32"));
        const vectors = Array.from({ length: 40 }, () => f.local("vector"));
        f.while(n, () => {
          for (const local of locals) f.set(local, i32.add(i32.add(local, n), i32.const(7)));
          for (const local of vectors) f.set(local, i32xN.add(local, i32xN.const(9)));
          f.set(n, i32.sub(n, i32.const(1)));
        });
        const sum = f.local("i32");
        for (const local of locals) f.set(sum, i32.add(sum, local));
        for (const local of vectors) f.set(sum, i32.add(sum, i32xN.extract_lane(local, 2)));
        f.return(sum);
      });
      module.function(
        "f",
        [],
        undefined,
        (f) => {
          f.emit(i32.store(resultAt, call(dirty, i32.const(3))));
          f.emit(i32.store(resultAt, call(dirty, i32.const(2)), 4));
          f.emit(i32.store(resultAt, call(dirty, i32.const(0)), 8));
        },
        { exported: true },
      );
    });
    expect([...words.subarray(result, result + 3)]).toEqual([40 * (6 + 21 + 27), 40 * (3 + 14 + 18), 0]);
  });
});

test("functions that can not be called from outside are refused", () => {
  const functions = build(4, (module) => {
    module.function("f", ["f32"], undefined, () => {}, { exported: true });
  });
  expect(() => compileNative(functions, { set: "avx2", abi: "sysv" })).toThrow(
    "f: (f32) -> nothing given, an exported function takes up to 3 i32 and gives nothing",
  );
});
