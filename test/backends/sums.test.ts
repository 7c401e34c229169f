/** Long sums: right to 1e-6 of the sum of all magnitudes, however many terms there are and wherever they meet. */

import { describe, expect, test } from "vitest";
import type { Backend, Value } from "../../src/backends/backend.ts";
import { reference } from "../../src/backends/reference/index.ts";
import { wasm, wasmBackend } from "../../src/backends/wasm/index.ts";
import { type PassName, passes } from "../../src/compiler/passes/index.ts";
import { gradient } from "../../src/gradient/index.ts";
import { crossEntropy, l2Penalty, meanSquaredError } from "../../src/nn/index.ts";
import { compile, float32, type InputType, int32 } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { globalNorm } from "../../src/training/clipping.ts";
import { floats, integers } from "../helpers/values.ts";

type Tensors = Record<string, Tensor>;
type Arrays = Record<string, Value>;

function run(
  build: (inputs: Tensors) => Tensor,
  types: Record<string, InputType>,
  inputs: Arrays,
  backend: Backend = wasm,
): ArrayLike<number> {
  const call = compile((tensors: Tensors) => build(tensors), { inputs: types, backend });
  return (call as unknown as (given: Arrays) => Value)(inputs).data;
}

const repeated = (number: number, ...shape: number[]): Value => ({
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(number),
  shape,
});
/** These numbers by their index, in int32. */
const counted = (count: number, of: (index: number) => number): Value =>
  integers(Array.from({ length: count }, (_, index) => of(index)));
const tenth = Math.fround(0.1);

/** All numbers are `expected`, to 1e-6 of it. */
function expectAll(actual: ArrayLike<number>, expected: number): void {
  expect(actual.length).toBeGreaterThan(0);
  for (const number of Array.from(actual)) expect(Math.abs(number / expected - 1)).toBeLessThan(1e-6);
}

describe("of 0.1", () => {
  test.each([
    ["wasm", wasm],
    ["reference", reference],
  ])("4 million times, on %s", (_name, backend) => {
    expectAll(
      run(({ x }) => (x as Tensor).mean(), { x: float32("N") }, { x: repeated(0.1, 4e6) }, backend),
      tenth,
    );
  });

  test("10^8 times", () => {
    expectAll(
      run(() => f.full(0.1, [1e8]).mean(), {}, {}),
      tenth,
    );
  });

  test("over a million rows, and over rows of a million", () => {
    const sums = (axis: number, ...shape: number[]) =>
      run(({ x }) => (x as Tensor).sum(axis), { x: float32("N", "M") }, { x: repeated(0.1, ...shape) });
    expectAll(sums(0, 1e6, 8), 1e6 * tenth);
    expectAll(sums(0, 1e6, 3), 1e6 * tenth);
    expectAll(sums(1, 3, 1e6), 1e6 * tenth);
  });

  test("as the gradient of a bias over a million rows", () => {
    const build = ({ x, bias }: Tensors) => {
      const rows = (x as Tensor).add(bias as Tensor);
      return gradient(rows.mul(0.1).sum(), bias as Tensor);
    };
    const types = { x: float32("T", "B", 8), bias: float32(8) };
    expectAll(run(build, types, { x: repeated(1, 1000, 1000, 8), bias: repeated(0, 8) }), 1e6 * tenth);
  });

  test("as norms and penalties of 4 million weights", () => {
    const inputs = { x: repeated(0.1, 2000, 2000) };
    const types = { x: float32("N", "M") };
    expectAll(
      run(({ x }) => globalNorm([x as Tensor]), types, inputs),
      2000 * tenth,
    );
    expectAll(
      run(({ x }) => l2Penalty([x as Tensor]), types, inputs),
      4e6 * tenth * tenth,
    );
    expectAll(
      run(({ x }) => meanSquaredError(x as Tensor, (x as Tensor).mul(0)), types, inputs),
      tenth * tenth,
    );
  });

  test("as the gradient of one token's vector, a million times", () => {
    const build = ({ table, tokens, x }: Tensors) =>
      gradient(
        (table as Tensor)
          .gather(tokens as Tensor)
          .mul(x as Tensor)
          .sum(),
        table as Tensor,
      );
    const types = { table: float32("V", "E"), tokens: int32("N"), x: float32("N", "E") };
    for (const size of [8, 3]) {
      const inputs = {
        table: repeated(0, 4, size),
        tokens: counted(1e6, () => 2),
        x: repeated(0.1, 1e6, size),
      };
      const result = Array.from(run(build, types, inputs));
      expectAll(result.slice(2 * size, 3 * size), 1e6 * tenth);
      expect(result.filter((number) => number !== 0)).toHaveLength(size);
    }
  });

  test.each([undefined, 316])("as gradients of what every step reads, checkpoint %s", (checkpoint) => {
    const build = ({ x, w, h }: Tensors) => {
      const { outputs } = scan(
        (state: Tensor, at: Tensor) => [state, at.mul(w as Tensor).add(state)] as const,
        { init: h as Tensor, inputs: x as Tensor, checkpoint },
      );
      return gradient((outputs as Tensor).sum(), w as Tensor);
    };
    const given = (...shape: number[]) => ({
      x: repeated(0.1, 1e5, 2, 3),
      w: repeated(0, ...shape),
      h: repeated(0, 2, 3),
    });
    const types = { x: float32("T", "B", 3), h: float32("B", 3) };
    // One for all rows, and one for each.
    expectAll(run(build, { ...types, w: float32(3) }, given(3)), 2e5 * tenth);
    expectAll(run(build, { ...types, w: float32("B", 3) }, given(2, 3)), 1e5 * tenth);
  });
});

test("the cross-entropy of a model that knows nothing is log V, over a million targets", () => {
  const types = { logits: float32("T", "B", 5), targets: int32("T", "B") };
  const targets = {
    data: new Int32Array(1e6).map((_, index) => (index % 10 === 0 ? -1 : index % 5)),
    shape: [1000, 1000],
  };
  const inputs = { logits: repeated(0, 1000, 1000, 5), targets };
  const loss = (reduction: "mean" | "sum") =>
    run(
      ({ logits, targets }) => crossEntropy(logits as Tensor, targets as Tensor, { reduction }),
      types,
      inputs,
    );
  expectAll(loss("mean"), Math.log(5));
  expectAll(loss("sum"), 9e5 * Math.log(5));
});

const everyPass = Object.keys(passes) as PassName[];
const configurations: [string, Backend][] = [
  ["all passes", wasm],
  ["no pass", wasmBackend({ without: everyPass })],
  ["loops not fused", wasmBackend({ without: ["fuseLoops"] })],
];

/** Results are those in float64, to 1e-6 of what the magnitudes of all numbers would come to. */
function expectExact(
  build: (inputs: Tensors) => Tensor,
  types: Record<string, InputType>,
  inputs: Arrays,
): void {
  const magnitudes = Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => [
      name,
      { data: data.map(Math.abs) as Float32Array, shape },
    ]),
  );
  const exact = run(build, types, inputs, reference);
  const whole = run(build, types, magnitudes, reference);
  for (const [name, backend] of configurations) {
    const actual = run(build, types, inputs, backend);
    expect(actual.length).toBe(exact.length);
    Array.from(actual).forEach((number, at) => {
      const error = Math.abs(number - (exact[at] as number)) / (whole[at] as number);
      expect(error, `${name}, element ${at}`).toBeLessThan(1e-6);
    });
  }
}

const random = (...shape: number[]): Value => floats(shape, 3);

describe("in blocks that end anywhere, over any axes", () => {
  test.each([1, 31, 127, 128, 129, 131, 132, 133, 255, 256, 260, 387])("rows of %d", (size) => {
    for (const width of [size, "N"]) {
      expectExact(({ x }) => (x as Tensor).sum(1), { x: float32("B", width) }, { x: random(5, size) });
      expectExact(({ x }) => (x as Tensor).sum(), { x: float32("B", width) }, { x: random(5, size) });
    }
  });

  test.each([1, 31, 32, 33, 64, 65, 97])("%d rows", (count) => {
    for (const columns of [1, 4, 7]) {
      for (const rows of [count, "N"])
        expectExact(
          ({ x }) => (x as Tensor).sum(0),
          { x: float32(rows, columns) },
          { x: random(count, columns) },
        );
    }
  });

  const axes = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]];
  test.each(axes.map((list) => [list]))("axes %j of three", (list) => {
    const types = { x: float32("A", "B", "C"), m: float32("A", "B"), n: float32("A", "C") };
    for (const [A, B, C] of [
      [70, 9, 5],
      [40, 40, 4],
      [2, 3, 300],
    ] as const) {
      const inputs = { x: random(A, B, C), m: random(A, B), n: random(A, C) };
      expectExact(({ x }) => (x as Tensor).sum(list), types, inputs);
      // With operands that do not have all axes, so that axes cannot be joined.
      expectExact(
        ({ x, m, n }) =>
          (x as Tensor)
            .mul((m as Tensor).reshape(["A", "B", 1]))
            .mul((n as Tensor).reshape(["A", 1, "C"]))
            .sum(list),
        types,
        inputs,
      );
      expectExact(({ x }) => (x as Tensor).transpose([2, 0, 1]).sum(list), types, inputs);
      // In a part of a concatenation, with gaps between its elements.
      if (list.length < 3) {
        expectExact(
          ({ x }) => {
            const sum = (x as Tensor).sum(list);
            return f.join([sum, sum.mul(2)], -1);
          },
          types,
          inputs,
        );
      }
    }
  });

  test("four axes, the first and the third of them", () => {
    const types = { x: float32("A", "B", "C", "D") };
    expectExact(({ x }) => (x as Tensor).sum([0, 2]), types, { x: random(40, 3, 50, 5) });
    expectExact(({ x }) => (x as Tensor).sum([1, 3]), types, { x: random(4, 40, 3, 150) });
  });

  test("with a sum of the same rows for each of them, and the rows themselves", () => {
    const types = { x: float32("N", 7) };
    expectExact(
      ({ x }) => {
        const doubled = (x as Tensor).mul(2);
        return f.join([doubled, doubled.sum(0).reshape([1, 7]), (x as Tensor).sum(0).reshape([1, 7])], 0);
      },
      types,
      { x: random(100, 7) },
    );
  });

  test("rows by index, a few often and many seldom", () => {
    const build = ({ table, tokens, x }: Tensors) =>
      gradient(
        (table as Tensor)
          .gather(tokens as Tensor)
          .mul(x as Tensor)
          .sum(),
        table as Tensor,
      );
    // Positive numbers, so that the sum of magnitudes is the sum.
    const positive = ({ data, shape }: Value): Value => ({
      data: (data as Float32Array).map(Math.abs),
      shape,
    });
    for (const size of [1, 3, 4, 9]) {
      const types = { table: float32("V", size), tokens: int32("N"), x: float32("N", size) };
      const tokens = counted(3000, (index) => (index % 3 === 0 ? 7 : index % 5 === 0 ? 3 : index % 60) - 1);
      const inputs = { table: repeated(1, 50, size), tokens, x: positive(random(3000, size)) };
      const exact = run(build, types, inputs, reference);
      for (const [name, backend] of configurations) {
        const actual = run(build, types, inputs, backend);
        Array.from(exact).forEach((number, at) => {
          const error = Math.abs((actual[at] as number) - number);
          expect(error, `${name}, element ${at}`).toBeLessThanOrEqual(1e-6 * number);
        });
      }
    }
  });
});

test("the same bits on any number of threads", async () => {
  const build = ({ x, m, table, tokens }: Tensors) => {
    const [all, part] = [x as Tensor, (x as Tensor).mul((m as Tensor).reshape(["A", "B", 1]))];
    const sums = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]].map((axes) => part.sum(axes));
    const rows = (table as Tensor).gather(tokens as Tensor);
    const { outputs, final } = scan(
      (state: Tensor, at: Tensor) => [state.add(at.square()), at.mul(all.sum(0)).tanh()] as const,
      { init: all.sum(0), inputs: all },
    );
    return [
      ...sums,
      final,
      ...gradient((outputs as Tensor).sum().add(rows.square().sum()), [all, table as Tensor]),
    ];
  };
  const types = {
    x: float32("A", "B", "C"),
    m: float32("A", "B"),
    table: float32("V", 5),
    tokens: int32("N"),
  };
  const inputs = {
    x: random(150, 40, 37),
    m: random(150, 40),
    table: random(9, 5),
    tokens: counted(1000, (index) => index % 11),
  };
  const results = async (threads: number) => {
    const backend = wasmBackend({ threads, minimumWork: 0 });
    const call = compile((tensors: Tensors) => build(tensors), { inputs: types, backend });
    const given = inputs as Parameters<typeof call>[0];
    call(given);
    // After the workers had time to start.
    await new Promise((resolve) => setTimeout(resolve, threads > 1 ? 60 : 0));
    return call(given).map(({ data }) => Array.from(data));
  };
  const alone = await results(1);
  for (const threads of [2, 3, 5]) expect(await results(threads), `${threads} threads`).toEqual(alone);
});

test("infinities and NaN come through, whole numbers stay whole", () => {
  const at = (place: number, number: number, ...shape: number[]) => {
    const value = repeated(1, ...shape);
    value.data[place] = number;
    return value;
  };
  const both = (x: Value) => [
    ...Array.from(run(({ x }) => (x as Tensor).sum(0), { x: float32("N", "M") }, { x })),
    ...Array.from(
      run(({ x }) => (x as Tensor).sum(1), { x: float32("N", "M") }, { x: { ...x, shape: [2, 300] } }),
    ),
  ];
  expect(both(at(0, Number.POSITIVE_INFINITY, 300, 2))).toEqual([
    Number.POSITIVE_INFINITY,
    300,
    Number.POSITIVE_INFINITY,
    300,
  ]);
  expect(both(at(599, Number.NEGATIVE_INFINITY, 300, 2))).toEqual([
    300,
    Number.NEGATIVE_INFINITY,
    300,
    Number.NEGATIVE_INFINITY,
  ]);
  expect(both(at(301, Number.NaN, 300, 2))).toEqual([300, Number.NaN, 300, Number.NaN]);
  const total = ({ x, h }: Tensors) =>
    scan((state: Tensor, at: Tensor) => [state.add(at), {}] as const, {
      init: h as Tensor,
      inputs: x as Tensor,
    }).final;
  const types = { x: float32("T", 2), h: float32(2) };
  const summed = run(total, types, { x: at(10, Number.POSITIVE_INFINITY, 100, 2), h: repeated(0, 2) });
  expect(Array.from(summed)).toEqual([Number.POSITIVE_INFINITY, 100]);
  const counts = run(
    ({ i }) => (i as Tensor).sum(),
    { i: int32("N") },
    { i: counted(1e6, (index) => index % 7) },
  );
  expect(counts[0]).toBe(Array.from({ length: 1e6 }, (_, index) => index % 7).reduce((sum, n) => sum + n));
});
