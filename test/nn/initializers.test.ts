// Weights start with the statistics that their rule promises, and depend on the seed and their name alone.
import { describe, expect, test } from "vitest";
import { DataError, ShapeError, UsageError } from "../../src/errors.ts";
import {
  cell,
  cells,
  embedding,
  initialize,
  initializers,
  linear,
  lstm,
  matrix,
  parameters,
  recurrent,
  textbookGru,
  vector,
} from "../../src/nn/index.ts";
import { randomSource } from "../../src/nn/random.ts";
import { type Initializer, Variable } from "../../src/trace/variable.ts";

function moments(values: ArrayLike<number>) {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const deviation = Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
  return { mean, deviation, low: Math.min(...list), high: Math.max(...list) };
}

/** A uniform sample in +-bound: its range is used to the edges, and the moments are those of the distribution. */
function expectUniform(values: ArrayLike<number>, bound: number) {
  const { mean, deviation, low, high } = moments(values);
  const error = 5 / Math.sqrt(values.length);
  expect(low).toBeGreaterThanOrEqual(Math.fround(-bound));
  expect(high).toBeLessThanOrEqual(Math.fround(bound));
  expect(high - low).toBeGreaterThan(2 * bound * (1 - 20 / values.length));
  expect(Math.abs(mean) / bound).toBeLessThan(error);
  expect(Math.abs(deviation / (bound / Math.sqrt(3)) - 1)).toBeLessThan(error);
}

/** The rows or columns of a matrix, whichever are fewer, are orthonormal. */
function expectOrthonormal(values: ArrayLike<number>, rows: number, columns: number) {
  const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
  const element = (vector: number, at: number) =>
    values[rows < columns ? vector * columns + at : at * columns + vector] as number;
  for (let a = 0; a < count; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let at = 0; at < length; at++) product += element(a, at) * element(b, at);
      expect(product).toBeCloseTo(a === b ? 1 : 0, 5);
    }
  }
}

/** Rows and columns of a block of a variable's matrix. */
function block(
  { value, dimensions }: Variable,
  [top, left]: [number, number],
  [rows, columns]: [number, number],
) {
  const width = dimensions[1] as number;
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const row = top + Math.floor(index / columns);
    return value[row * width + left + (index % columns)] as number;
  });
}

const draw = (initializer: typeof initializers.zeros, ...shape: number[]) =>
  initializer(shape, randomSource(5, "test"));

describe("initialisers", () => {
  test("uniform", () => expectUniform(draw(initializers.uniform(0.25), 100, 200), 0.25));
  test("glorotUniform takes its bound from rows and columns", () => {
    expectUniform(draw(initializers.glorotUniform, 80, 120), Math.sqrt(6 / 200));
  });
  test("normal", () => {
    const { mean, deviation, high } = moments(draw(initializers.normal(2), 200, 200));
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(deviation / 2 - 1)).toBeLessThan(0.02);
    expect(high).toBeGreaterThan(6); // 3 deviations: 1 in 740
    expect(high).toBeLessThan(12);
  });
  test("normal is normal: as many values in each part of its range as there should be", () => {
    const values = Array.from(draw(initializers.normal(1), 40_000));
    const below = (limit: number) => values.filter((value) => value < limit).length / values.length;
    for (const [limit, probability] of [
      [-1.6449, 0.05],
      [-0.6745, 0.25],
      [0, 0.5],
      [0.6745, 0.75],
      [1.6449, 0.95],
    ] as const) {
      expect(Math.abs(below(limit) - probability)).toBeLessThan(0.012);
    }
  });
  test("constant and zeros", () => {
    expect(draw(initializers.constant(1.5), 2, 2)).toEqual(Float32Array.of(1.5, 1.5, 1.5, 1.5));
    expect(draw(initializers.zeros, 3)).toEqual(new Float32Array(3));
  });
  test("orthogonal, for tall, wide and square matrices", () => {
    for (const [rows, columns] of [
      [20, 20],
      [30, 8],
      [8, 30],
      [1, 5],
    ] as const) {
      expectOrthonormal(draw(initializers.orthogonal, rows, columns), rows, columns);
    }
  });
  test("orthogonal prefers no direction: each element has the moments of a random rotation's, and reflections are as likely", () => {
    const [n, draws] = [3, 2000];
    const matrices = Array.from({ length: draws }, (_, seed) =>
      initializers.orthogonal([n, n], randomSource(seed, "o")),
    );
    const mean = (of: (matrix: ArrayLike<number>) => number) =>
      matrices.reduce((sum, matrix) => sum + of(matrix), 0) / draws;
    for (let at = 0; at < n * n; at++) {
      // Uniform on the sphere in three dimensions: each coordinate is uniform in [-1, 1].
      expect(Math.abs(mean((matrix) => matrix[at] as number))).toBeLessThan(0.06);
      expect(Math.abs(mean((matrix) => (matrix[at] as number) ** 2) - 1 / 3)).toBeLessThan(0.03);
      expect(Math.abs(mean((matrix) => (matrix[at] as number) ** 4) - 1 / 5)).toBeLessThan(0.03);
    }
    const determinant = ([a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0]: number[]) =>
      a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
    expect(Math.abs(mean((matrix) => determinant(Array.from(matrix))))).toBeLessThan(0.12);
    // Of a random orthogonal matrix, the trace has mean 0 and variance 1.
    const trace = (matrix: ArrayLike<number>) =>
      (matrix[0] as number) + (matrix[4] as number) + (matrix[8] as number);
    expect(Math.abs(mean(trace))).toBeLessThan(0.12);
    expect(Math.abs(mean((matrix) => trace(matrix) ** 2) - 1)).toBeLessThan(0.15);
  });
  test("eachGate fills every square block by itself", () => {
    for (const [rows, columns] of [
      [24, 6],
      [6, 24],
    ] as const) {
      const values = draw(initializers.eachGate(initializers.orthogonal), rows, columns);
      for (let gate = 0; gate < 4; gate++) {
        const part = Float32Array.from({ length: 36 }, (_, index) => {
          const [row, column] = [Math.floor(index / 6), index % 6];
          return (
            rows > columns
              ? values[(gate * 6 + row) * columns + column]
              : values[row * columns + gate * 6 + column]
          ) as number;
        });
        expectOrthonormal(part, 6, 6);
      }
    }
  });
  test("a matrix is expected where a rule needs one", () => {
    expect(() => draw(initializers.orthogonal, 4)).toThrow(
      new UsageError("orthogonal: the shape (4) given, a matrix expected"),
    );
  });
});

describe("layers start as PyTorch does", () => {
  const [I, H] = [30, 50];
  test("recurrent: everything uniform in +-1/sqrt(H)", () => {
    const { weights } = initialize(recurrent(lstm, I, H, { layers: 2 }), { seed: 1 });
    expect(Object.keys(weights)).toHaveLength(8);
    for (const variable of Object.values(weights))
      expectUniform((variable as Variable).value, 1 / Math.sqrt(H));
  });
  test("linear: weight and bias uniform in +-1/sqrt(fan in)", () => {
    const { weights } = initialize(linear(40, 300), { seed: 1 });
    expectUniform(weights.weight.value, 1 / Math.sqrt(40));
    expectUniform(weights.bias?.value ?? [], 1 / Math.sqrt(40));
  });
  test("embedding: standard normal", () => {
    const { mean, deviation } = moments(initialize(embedding(100, 64), { seed: 1 }).weights.weight.value);
    expect(Math.abs(mean)).toBeLessThan(0.05);
    expect(Math.abs(deviation - 1)).toBeLessThan(0.05);
  });
});

describe("by choice", () => {
  const [I, H] = [12, 9];
  test("orthogonal: recurrent matrices gate by gate, the others Glorot, biases 0", () => {
    const { weights } = initialize(recurrent(lstm, I, H, { initialize: "orthogonal" }), { seed: 2 });
    const { weight_hh_l0, weight_ih_l0, bias_ih_l0, bias_hh_l0 } = weights as Record<string, Variable>;
    for (let gate = 0; gate < 4; gate++) {
      expectOrthonormal(block(weight_hh_l0 as Variable, [gate * H, 0], [H, H]), H, H);
    }
    expectUniform((weight_ih_l0 as Variable).value, Math.sqrt(6 / (4 * H + I)));
    for (const bias of [bias_ih_l0, bias_hh_l0]) expect(bias?.value).toEqual(new Float32Array(4 * H));
  });
  test("orthogonal, where one matrix reads [h, x]: its state part", () => {
    const { weights } = initialize(recurrent(textbookGru, I, H, { initialize: "orthogonal" }), { seed: 2 });
    for (const gate of ["z", "r", "n"] as const) {
      const variable = weights[`W_${gate}_l0`] as Variable;
      expectOrthonormal(block(variable, [0, 0], [H, H]), H, H);
      expectUniform(block(variable, [0, H], [H, I]), Math.sqrt(6 / (H + I)));
    }
  });
  test("glorot: every matrix gate by gate, biases 0", () => {
    const { weights } = initialize(recurrent(cells.gru, I, 60, { initialize: "glorot" }), { seed: 2 });
    expectUniform((weights.weight_hh_l0 as Variable).value, Math.sqrt(6 / 120));
    expect((weights.bias_hh_l0 as Variable).value).toEqual(new Float32Array(180));
  });
  test("what a cell declares comes first", () => {
    const forgetful = cell(
      "own start",
      (input, hidden) => ({
        state: { h: hidden },
        weights: {
          W: matrix(input, hidden, { initializer: initializers.constant(2) }),
          b: vector(hidden, { initializer: initializers.constant(3) }),
        },
      }),
      ({ W, b }, _state, x) => ({ h: x.dot(W).add(b) }),
    );
    for (const scheme of ["default", "orthogonal", "glorot"] as const) {
      const { weights } = initialize(recurrent(forgetful, 2, 2, { initialize: scheme }), { seed: 1 });
      expect(weights.W_l0?.value).toEqual(new Float32Array(4).fill(2));
      expect(weights.b_l0?.value).toEqual(new Float32Array(2).fill(3));
    }
  });
  test("linear by the same names", () => {
    const { weights } = initialize(linear(20, 8, { initialize: "orthogonal" }), { seed: 3 });
    expectOrthonormal(weights.weight.value, 8, 20);
    expect(weights.bias?.value).toEqual(new Float32Array(8));
    const glorot = initialize(linear(100, 60, { initialize: "glorot" }), { seed: 3 });
    expectUniform(glorot.weights.weight.value, Math.sqrt(6 / 160));
  });
  test("uniform: all weights of a model, biases too", () => {
    const scheme = { initialize: "uniform" } as const;
    const model = {
      words: embedding(40, 30, scheme),
      rnn: recurrent(lstm, 30, 30, scheme),
      head: linear(30, 300, scheme),
    };
    for (const { value } of Object.values(parameters(initialize(model, { seed: 4 }))))
      expectUniform(value, 0.1);
  });
});

describe("the random stream of a weight", () => {
  test("depends on the seed and the weight's name alone", () => {
    const small = initialize({ rnn: recurrent(lstm, 4, 6), head: linear(6, 3) }, { seed: 9 });
    const large = initialize(
      { before: linear(2, 2), head: linear(6, 3), rnn: recurrent(lstm, 4, 6, { layers: 2 }) },
      { seed: 9 },
    );
    expect(large.rnn.weights.weight_hh_l0?.value).toEqual(small.rnn.weights.weight_hh_l0?.value);
    expect(large.head.weights.weight.value).toEqual(small.head.weights.weight.value);
    expect(large.rnn.weights.weight_hh_l1?.value).not.toEqual(large.rnn.weights.weight_hh_l0?.value);
    const other = initialize({ rnn: recurrent(lstm, 4, 6) }, { seed: 10 });
    expect(other.rnn.weights.weight_hh_l0?.value).not.toEqual(small.rnn.weights.weight_hh_l0?.value);
  });
  test("differs between names that differ in one letter or its place, and between high parts of seeds", () => {
    const starts = ["a.b", "a.c", "b.a", "ab.", "", "a.b."].map((path) => randomSource(1, path).uniform());
    starts.push(randomSource(1 + 2 ** 32, "a.b").uniform());
    expect(new Set(starts).size).toBe(starts.length);
  });
  test("never changes: files made with a seed can be made again", () => {
    const source = randomSource(1, "rnn.weight_hh_l0");
    expect([source.uniform(), source.uniform(), source.normal()]).toMatchInlineSnapshot(`
      [
        0.2880265712738037,
        0.19400131702423096,
        1.7584168877960047,
      ]
    `);
  });
  test("gives uniform numbers of whole counters, whatever normal numbers are drawn between them", () => {
    const uniforms = (normals: number) => {
      const source = randomSource(3, "x");
      return Array.from({ length: 200 }, () => {
        for (let k = 0; k < normals; k++) source.normal();
        return source.uniform();
      });
    };
    const alone = uniforms(0);
    const everySecond = alone.filter((_, counter) => counter % 2 === 1);
    for (const normals of [1, 2]) expect(uniforms(normals).slice(0, 100)).toEqual(everySecond);
  });
  test("refuses seeds that are none", () => {
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => randomSource(seed, "x")).toThrow(
        new UsageError(`seed ${seed} given, an integer from 0 to 2^53 - 1 expected`),
      );
    }
  });
});

describe("an initialiser that goes wrong", () => {
  test.each<[unknown, Error]>([
    [undefined, new DataError("w: the initialiser: undefined given, an array of numbers expected")],
    [[1], new ShapeError("w: the initialiser: 1 numbers given, 4 expected for (2, 2)")],
    [[1, 2, "3", 4], new DataError('w: the initialiser: "3" given at 2 ([1][0]), float32 expected')],
    [
      [1, 2, 3, Number.NaN],
      new DataError("w: the initialiser: NaN given at 3 ([1][1]), a finite number expected"),
    ],
    [
      Float32Array.of(1, Infinity, 3, 4),
      new DataError("w: the initialiser: Infinity given at 1 ([0][1]), a finite number expected"),
    ],
  ])("giving %o is named", (given, error) => {
    const w = new Variable("weight", [2, 2], { initializer: () => given as Float32Array });
    expect(() => initialize({ w }, { seed: 1 })).toThrow(error);
    expect(w.hasValue).toBe(false);
  });
  test("as a part of a packed matrix is named too", () => {
    const parts = (...sizes: number[]) =>
      sizes.map((size) => ({ size, initializer: initializers.constant(1) }));
    const run = (initializer: Initializer) => () => initializer([4, 2], randomSource(1, "w"));
    expect(
      run(initializers.joined(0, [...parts(2), { size: 2, initializer: () => Float32Array.of(1) }])),
    ).toThrow("joined: the initialiser: 1 numbers given, 4 expected for (2, 2)");
    expect(run(initializers.joined(0, parts(2, 1)))).toThrow(
      new UsageError("joined: parts of 3 along axis 0 given, 4 expected"),
    );
  });
  test("its numbers are finite", () => {
    for (const make of [initializers.constant, initializers.uniform, initializers.normal]) {
      for (const wrong of [Number.NaN, Infinity, undefined, "1", null])
        expect(() => make(wrong as number)).toThrow(/ given, a finite number expected$/);
    }
  });
});
