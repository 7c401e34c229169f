/** Odd corners that every backend must get right: axes without elements, variables that trade places, sizes that do not fit. */

import { describe, expect, test } from "vitest";
import type { Backend, Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm, wasmBackend } from "../../src/backends/wasm/index.ts";
import { type PassName, passes } from "../../src/compiler/passes/index.ts";
import { ShapeError, UsageError } from "../../src/errors.ts";
import { gradient } from "../../src/gradient/index.ts";
import { compile, float32, type InputType, int32, type Update } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { floats, integers } from "../helpers/values.ts";

const backends: [string, Backend][] = [
  ["reference", reference],
  ["wasm", wasm],
  ["wasm without rewrites", wasmBackend({ without: Object.keys(passes) as PassName[] })],
];

type Tensors = Record<string, Tensor>;
type Arrays = Record<string, Value>;

const variable = (name: string, shape: readonly number[], values: ArrayLike<number>, dtype?: "int32") => {
  const made = new Variable(name, shape, { dtype });
  made.value = values;
  return made;
};

function compiled(
  backend: Backend,
  types: Record<string, InputType>,
  build: (inputs: Tensors, update: Update) => Tensor | Tensor[],
): (inputs: Arrays) => Value[] {
  return compile((inputs: Tensors, update) => [build(inputs, update)].flat(), {
    inputs: types,
    backend,
  }) as unknown as (inputs: Arrays) => Value[];
}

describe.each(backends)("%s", (_name, backend) => {
  describe("axes without elements", () => {
    const types = { x: float32("T", "B", 3), w: float32(3, 4), i: int32("T", "B") };
    test.each([
      [0, 2],
      [2, 0],
      [0, 0],
    ])("T = %i, B = %i: sums are 0, maxima -Infinity, states stay", (T, B) => {
      const call = compiled(backend, types, ({ x, w, i }) => {
        const [sequence, weight, index] = [x as Tensor, w as Tensor, i as Tensor];
        const { final, outputs } = scan(
          (state: Tensor, at: Tensor) => {
            const next = at.dot(weight).add(state).tanh();
            return [next, next] as const;
          },
          { init: f.full(0.5, ["B", 4]), inputs: sequence },
        );
        return [
          final,
          outputs,
          sequence.sum(),
          sequence.max([0, 1]),
          sequence.dot(weight),
          f.einsum("tbi,tbj->ij", sequence, sequence),
          f.softmax(sequence),
          weight.gather(index),
          f.join([sequence, sequence], 0),
          sequence.pad(0, 1),
          ...(gradient(outputs.square().sum().add(final.sum()), [weight, sequence]) as Tensor[]),
        ];
      });
      const results = call({ x: floats([T, B, 3]), w: floats([3, 4], 2), i: integers([], [T, B]) });
      const [final, outputs, sum, most, product, gram, softmax, rows, joined, padded, dw, dx] = results;
      const zeros = (count: number) => Array<number>(count).fill(0);
      expect(final?.shape).toEqual([B, 4]);
      if (T === 0) expect([...(final?.data ?? [])]).toEqual(Array(4 * B).fill(0.5));
      expect(outputs?.shape).toEqual([T, B, 4]);
      expect([...(sum?.data ?? [])]).toEqual([0]);
      expect([...(most?.data ?? [])]).toEqual(Array(3).fill(Number.NEGATIVE_INFINITY));
      expect(product?.shape).toEqual([T, B, 4]);
      expect([...(gram?.data ?? [])]).toEqual(zeros(9));
      expect(softmax?.shape).toEqual([T, B, 3]);
      expect(rows?.shape).toEqual([T, B, 4]);
      expect(joined?.shape).toEqual([2 * T, B, 3]);
      expect([...(padded?.data ?? [])]).toEqual(zeros(3 * B * (T + 1)));
      expect([...(dw?.data ?? [])].map(Math.abs)).toEqual(zeros(12));
      expect(dx?.shape).toEqual([T, B, 3]);
    });

    test("a mean of nothing is refused, not NaN; of no axis that is empty it is one", () => {
      const call = compiled(backend, { x: float32("T", "B") }, ({ x }) => [
        (x as Tensor).mean(),
        ...(gradient((x as Tensor).mean(), [x as Tensor]) as Tensor[]),
      ]);
      expect(() => call({ x: floats([0, 2]) })).toThrow(
        new ShapeError("mean over no elements: B*T is 0 where T = 0, B = 2"),
      );
      expect(call({ x: floats([3, 2]) })[1]?.shape).toEqual([3, 2]);
      const rows = compiled(backend, { x: float32("T", "B") }, ({ x }) => (x as Tensor).mean(1));
      expect(rows({ x: floats([0, 2]) })[0]?.shape).toEqual([0]);
      expect(() => rows({ x: floats([2, 0]) })).toThrow("mean over no elements: B is 0 where T = 2, B = 0");
    });

    test("no rows in a table, and no indices", () => {
      const call = compiled(backend, { table: float32("V", 3), i: int32("N") }, ({ table, i }) => {
        const rows = (table as Tensor).gather(i as Tensor);
        return [rows, ...(gradient(rows.sum(), [table as Tensor]) as Tensor[])];
      });
      const noRows = call({ table: floats([0, 3]), i: integers([0, -1]) });
      expect(noRows.map(({ shape }) => shape)).toEqual([
        [2, 3],
        [0, 3],
      ]);
      expect([...(noRows[0] as Value).data]).toEqual([0, 0, 0, 0, 0, 0]);
      const noIndices = call({ table: floats([2, 3]), i: integers([]) });
      expect([...(noIndices[1] as Value).data]).toEqual([0, 0, 0, 0, 0, 0]);
    });
  });

  describe("sizes that only the data tells", () => {
    const slice = (start: number, end?: number) =>
      compiled(backend, { x: float32("T", 2) }, ({ x }) => (x as Tensor).slice(0, start, end));

    test("a slice that leaves its axis is refused", () => {
      const first = slice(0, 2);
      expect(() => first({ x: floats([1, 2]) })).toThrow(ShapeError);
      expect(() => first({ x: floats([1, 2]) })).toThrow(
        "slice: 0 to 2 of axis 0 lies outside of (T, 2) where T = 1",
      );
      expect(first({ x: floats([2, 2]) })[0]?.shape).toEqual([2, 2]);
    });
    test("a negative size is refused, in the body of a scan too", () => {
      expect(() => slice(3)({ x: floats([2, 2]) })).toThrow("slice: 3 to T of axis 0 lies outside of (T, 2)");
      const inside = compiled(
        backend,
        { x: float32("T", "B") },
        ({ x }) =>
          scan((state: Tensor, at: Tensor) => [state.add(at.slice(0, 2).sum()), {}] as const, {
            init: f.scalar(0),
            inputs: x as Tensor,
          }).final,
      );
      expect(() => inside({ x: floats([3, 1]) })).toThrow(/^slice: 2 to B of axis 0 lies outside of \(B\)/);
      expect(inside({ x: floats([3, 2]) })[0]?.data[0]).toBe(0);
    });
    test("a call after a refused one is right", () => {
      const first = slice(0, 2);
      const x = floats([3, 2]);
      first({ x });
      expect(() => first({ x: floats([1, 2]) })).toThrow(ShapeError);
      expect([...(first({ x })[0] as Value).data]).toEqual([...x.data.slice(0, 4)]);
    });
  });

  describe("dtypes", () => {
    test("bool results are 0 and 1, and pass through states and gathers", () => {
      const call = compiled(backend, { x: float32("T", "B"), i: int32("N") }, ({ x, i }) => {
        const sequence = x as Tensor;
        const { final, outputs } = scan(
          (state: Tensor, at: Tensor) => [state.or(at.less(0)), state.not()] as const,
          { init: sequence.at(0, 0).less(-5), inputs: sequence },
        );
        return [sequence.less(0), final, outputs, sequence.less(0).gather(i as Tensor)];
      });
      const results = call({
        x: { data: Float32Array.of(1, -1, 1, 2, -2, 1), shape: [3, 2] },
        i: integers([1, 0, -1]),
      });
      expect(results.map(({ data }) => [...data])).toEqual([
        [0, 1, 0, 0, 1, 0],
        [1, 1],
        [1, 1, 1, 0, 1, 0],
        [0, 0, 0, 1, 0, 0],
      ]);
    });
    test("maxima of negative integers, over every choice of axes", () => {
      const call = compiled(backend, { i: int32("T", "B") }, ({ i }) => {
        const x = i as Tensor;
        return [x.max(0), x.max(1), x.max(), x.max(0).max(0)];
      });
      const results = call({ i: integers([-5, -3, -2, -7, -2147483648, -4], [3, 2]) });
      expect(results.map(({ data }) => [...data])).toEqual([[-2, -3], [-3, -2, -4], [-2], [-2]]);
    });
    test("int32 variables count exactly beyond float32", () => {
      const count = variable("count", [3], [1, 2 ** 24, -(2 ** 30)], "int32");
      const call = compiled(backend, { i: int32(3) }, ({ i }, update) => {
        update(count, count.add(i as Tensor));
        return count.mul(2);
      });
      const steps = [1, 2, 3].map(() => [...(call({ i: integers([1, 1, 1]) })[0] as Value).data]);
      expect(steps[2]).toEqual([6, 2 ** 25 + 4, -(2 ** 31) + 4]);
      expect([...count.value]).toEqual([4, 2 ** 24 + 3, -(2 ** 30) + 3]);
      expect(count.value).toBeInstanceOf(Int32Array);
    });
  });

  describe("updates read the values from before", () => {
    const first = () => variable("first", [3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const second = () => variable("second", [3, 3], [10, 20, 30, 40, 50, 60, 70, 80, 90]);
    const updated = (build: (a: Variable, b: Variable, x: Tensor, update: Update) => Tensor, calls = 1) => {
      const [a, b] = [first(), second()];
      const call = compiled(backend, { x: float32(3, 3) }, ({ x }, update) =>
        build(a, b, x as Tensor, update),
      );
      let result: Value[] = [];
      for (let count = 0; count < calls; count += 1)
        result = call({ x: { data: new Float32Array(9).fill(1), shape: [3, 3] } });
      return { a: [...a.value], b: [...b.value], result: [...(result[0] as Value).data] };
    };
    const [ones, tens] = [
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
      [10, 20, 30, 40, 50, 60, 70, 80, 90],
    ];

    test("two variables swap, and swap back", () => {
      const swap = (a: Variable, b: Variable, x: Tensor, update: Update) => {
        update(a, b);
        update(b, a);
        return x;
      };
      expect(updated(swap)).toMatchObject({ a: tens, b: ones });
      expect(updated(swap, 2)).toMatchObject({ a: ones, b: tens });
    });
    test("a variable becomes a view of itself", () => {
      const transposed = updated((a, _b, x, update) => {
        update(a, a.transpose());
        return x;
      });
      expect(transposed.a).toEqual([1, 4, 7, 2, 5, 8, 3, 6, 9]);
      const flipped = updated((a, _b, x, update) => {
        update(a, a.flip(0).flip(1));
        return a.mul(x);
      });
      expect(flipped).toMatchObject({ a: [9, 8, 7, 6, 5, 4, 3, 2, 1], result: ones });
      const rotated = updated((a, _b, x, update) => {
        update(a, f.join([a.slice(0, 1), a.slice(0, 0, 1)], 0));
        return x;
      });
      expect(rotated.a).toEqual([4, 5, 6, 7, 8, 9, 1, 2, 3]);
    });
    test("a variable becomes a view of one that changes in the same loop nest", () => {
      const { a, b, result } = updated((a, b, x, update) => {
        update(a, b.transpose());
        update(b, a.add(b));
        return a.mul(x).add(b);
      });
      expect(a).toEqual([10, 40, 70, 20, 50, 80, 30, 60, 90]);
      expect(b).toEqual([11, 22, 33, 44, 55, 66, 77, 88, 99]);
      expect(result).toEqual([11, 22, 33, 44, 55, 66, 77, 88, 99]);
    });
    test("a variable is scaled by its own sum, and multiplied with itself", () => {
      const scaled = updated((a, _b, x, update) => {
        update(a, a.mul(a.sum()));
        return a.add(x);
      });
      expect(scaled.a).toEqual(ones.map((value) => 45 * value));
      expect(scaled.result).toEqual(ones.map((value) => value + 1));
      const squared = updated((a, _b, x, update) => {
        update(a, a.dot(a));
        return x;
      });
      expect(squared.a).toEqual([30, 36, 42, 66, 81, 96, 102, 126, 150]);
    });
    test("one that is only set needs no value before", () => {
      const target = new Variable("target", [2]);
      const call = compiled(backend, { x: float32(2) }, ({ x }, update) => {
        update(target, (x as Tensor).mul(2));
        return x as Tensor;
      });
      call({ x: { data: Float32Array.of(1, 2), shape: [2] } });
      expect([...target.value]).toEqual([2, 4]);
      const unset = new Variable("unset", [2]);
      const read = compiled(backend, { x: float32(2) }, ({ x }) => unset.add(x as Tensor));
      expect(() => read({ x: floats([2]) })).toThrow(UsageError);
    });
  });

  test("one variable in two programs has one value", () => {
    const shared = variable("shared", [2], [1, 2]);
    const types = { x: float32(2) };
    const adding = compiled(backend, types, ({ x }, update) => {
      update(shared, shared.add(x as Tensor));
      return shared;
    });
    const doubling = compiled(backend, types, ({ x }, update) => {
      update(shared, shared.mul(2));
      return shared.add(x as Tensor);
    });
    const reading = compiled(backend, types, ({ x }) =>
      shared
        .transpose()
        .mul(3)
        .add(x as Tensor),
    );
    const call = (program: typeof adding) => [
      ...(program({ x: { data: Float32Array.of(1, 1), shape: [2] } })[0] as Value).data,
    ];
    expect(call(adding)).toEqual([1, 2]);
    expect(call(reading)).toEqual([7, 10]);
    expect(call(doubling)).toEqual([3, 4]);
    expect([...shared.value]).toEqual([4, 6]);
    shared.value = [10, 20];
    expect(call(reading)).toEqual([31, 61]);
    expect(call(adding)).toEqual([10, 20]);
    expect(call(adding)).toEqual([11, 21]);
    expect(call(doubling)).toEqual([13, 23]);
    expect(call(reading)).toEqual([73, 133]);
    expect([...shared.value]).toEqual([24, 44]);
  });

  test("what depends on variables alone follows their values", () => {
    const weight = variable("weight", [2, 3], [1, 2, 3, 4, 5, 6]);
    const call = compiled(backend, { x: float32("B", 3) }, ({ x }) => {
      const row = f.full(0.5, [1, 2]).dot(weight).mul(2);
      return [row.add(x as Tensor), f.join([weight, row], 0).dot((x as Tensor).transpose())];
    });
    const x = { data: Float32Array.of(1, 0, 0, 0, 1, 0), shape: [2, 3] };
    const results = () => call({ x }).map(({ data }) => [...data]);
    const first = [
      [6, 7, 9, 5, 8, 9],
      [1, 2, 4, 5, 5, 7],
    ];
    expect(results()).toEqual(first);
    expect(results()).toEqual(first);
    weight.value = [0, 0, 0, 1, 1, 1];
    expect(results()).toEqual([
      [2, 1, 1, 1, 2, 1],
      [0, 0, 1, 1, 1, 1],
    ]);
  });

  test("one input as several arguments, and inputs that nobody reads", () => {
    const call = compiled(backend, { x: float32("B", "B"), unread: float32("N") }, ({ x }) => {
      const square = x as Tensor;
      return [square.dot(square), square.mul(square), f.einsum("ij,ji->", square, square), square, square];
    });
    const x = { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] };
    const results = call({ x, unread: floats([5000], 3) });
    expect(results.map(({ data }) => [...data])).toEqual([
      [7, 10, 15, 22],
      [1, 4, 9, 16],
      [29],
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
    expect(results[3]?.data).not.toBe(x.data);
    expect([...x.data]).toEqual([1, 2, 3, 4]);
  });

  test("views of views of what stands between other things", () => {
    const call = compiled(backend, { x: float32("B", 4), y: float32("B", "T", 4) }, ({ x, y }) => {
      const doubled = (x as Tensor).mul(2);
      const turned = (y as Tensor).transpose([1, 0, 2]);
      const { outputs } = scan(
        (state: Tensor, at: Tensor) => [state, at.reshape([4, "B"]).add(state)] as const,
        { init: f.zeros([4, "B"]), inputs: turned },
      );
      return [f.concat(doubled, x as Tensor), doubled.slice(0, 0, 2).reshape([8]), outputs];
    });
    const results = call({
      x: { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 4] },
      y: { data: Float32Array.from({ length: 16 }, (_, at) => at), shape: [2, 2, 4] },
    });
    expect(results.map(({ data }) => [...data])).toEqual([
      [2, 4, 6, 8, 1, 2, 3, 4, 10, 12, 14, 16, 5, 6, 7, 8],
      [2, 4, 6, 8, 10, 12, 14, 16],
      [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15],
    ]);
  });

  test("the gradient of what a step reads by index and keeps as it is", () => {
    const call = compiled(backend, { x: float32(4, 1), i: int32(4, 1) }, ({ x, i }) => {
      const { final } = scan(
        (_state: Tensor, at: { x: Tensor; i: Tensor }, past) => [past.at(at.i), at.x.mul(at.x)] as const,
        { init: f.zeros([1]), inputs: { x: x as Tensor, i: i as Tensor }, history: f.zeros([1]) },
      );
      return [final, ...(gradient(final.sum(), [x as Tensor]) as Tensor[])];
    });
    const results = call({
      x: { data: Float32Array.of(1, 2, 3, 4), shape: [4, 1] },
      i: integers([-1, 0, 1, 1], [4, 1]),
    });
    expect(results.map(({ data }) => [...data])).toEqual([[4], [0, 4, 0, 0]]);
  });
});

describe("wasm", () => {
  test("a table of 25 MB, read and learnt from at both ends", () => {
    const [rows, columns] = [100_000, 64];
    const table = new Variable("table", [rows, columns]);
    table.value = Float32Array.from({ length: table.count }, (_, at) => Math.floor(at / columns) % 1000);
    const call = compiled(wasm, { i: int32("N") }, ({ i }, update) => {
      const read = table.gather(i as Tensor);
      const [slope] = gradient(read.sum(), [table] as const);
      update(table, table.sub(slope));
      return read.at(1, columns - 1);
    });
    const index = { i: integers([0, rows - 1, 45_678, rows - 1]) };
    expect([...(call(index)[0] as Value).data]).toEqual([0, 999, 678, 999]);
    expect([...(call(index)[0] as Value).data]).toEqual([-1, 997, 677, 997]);
    expect(table.value[table.count - 1 - columns]).toBe(998);
  });

  test("more memory than there can be is refused, and the program still runs for less", () => {
    const call = compiled(wasm, { x: float32("M"), empty: float32("N", 0) }, ({ x }) =>
      (x as Tensor).pad(0, "N", 0).flip(0).slice(0, 0, 2),
    );
    const given = (N: number) => ({ x: floats([2]), empty: { data: new Float32Array(0), shape: [N, 0] } });
    const expected = [...(call(given(1))[0] as Value).data];
    expect(() => call(given(1_200_000_000))).toThrow(UsageError);
    expect(() => call(given(1_200_000_000))).toThrow(
      /^a program needs 4\d{3} MiB for the sizes \{"M":2,"N":1200000000\}/,
    );
    expect([...(call(given(1))[0] as Value).data]).toEqual(expected);
  });

  test("a prepared call refuses to run when its arrays have moved", () => {
    const x = new Variable("x", [1]);
    x.value = [2];
    let executable: ReturnType<Backend["compile"]> | undefined;
    compile(({ y }: Tensors) => (y as Tensor).mul(x), {
      inputs: { y: float32("N") },
      backend: {
        name: "caught",
        compile(program) {
          executable = wasm.compile(program);
          return executable;
        },
      },
    });
    const small = { y: { data: Float32Array.of(1, 2), shape: [2] } };
    const prepared = executable?.prepare(small);
    prepared?.inputs.y?.set([3, 4]);
    prepared?.run();
    expect([...(prepared?.results[0] ?? [])]).toEqual([6, 8]);
    executable?.run({ y: floats([100_000]) });
    expect(() => prepared?.run()).toThrow(UsageError);
    executable?.run(small);
    expect(() => prepared?.run()).toThrow(UsageError);
  });
});
