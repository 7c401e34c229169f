/** Machine code gives the same bits as fused WebAssembly, so that a run begun with one goes on with the other. */

import { describe, expect, test } from "vitest";
import type { Value } from "../../src/backends/backend.ts";
import { gradient } from "../../src/gradient/index.ts";
import { float32, int32 } from "../../src/program/compile.ts";
import { cumsum } from "../../src/trace/along-axis.ts";
import * as f from "../../src/trace/functions.ts";
import { scan } from "../../src/trace/scan.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { type Computation, differences, natives, sets } from "../helpers/native.ts";
import { floats, integers } from "../helpers/values.ts";
import { cases } from "./cases.ts";

const expectSameBits = (...given: Parameters<typeof differences>) =>
  expect(differences(...given)).toEqual([]);

type Tensors = Record<string, Tensor>;
const wide = Object.fromEntries(Object.entries(natives).filter(([name]) => !name.includes("few")));

describe.skipIf(sets.length === 0)("the conformance cases, gradients among them", () => {
  for (const one of cases) test(one.name, () => expectSameBits(one, one.rewrites ? natives : wide));
});

const range = (from: number, to: number) => Array.from({ length: to + 1 - from }, (_, at) => from + at);
const special = [
  ...[0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1, 0.5, -0.5, 1.5, 2.5],
  ...[1e-40, -1e-40, 1.4e-45, 1.1754944e-38, 3.4028235e38, -3.4028235e38, 88.7, -87.4, 8388609, -2147483904],
];

/** Numbers of any bits: NaN, infinities and denormals among them. */
function anyBits(count: number): Float32Array {
  const words = new Uint32Array(count);
  let state = 12345;
  for (let at = 0; at < count; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[at] = state ^ (state >>> 13);
  }
  return new Float32Array(words.buffer);
}

const unary: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  exp: (x) => x.exp(),
  log: (x) => x.log(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  sqrt: (x) => x.sqrt(),
  sine: (x) => x.sin(),
  cosine: (x) => x.cos(),
  round: (x) => x.round().add(x.floor()).sub(x.ceil()),
  "to integers and back": (x) => x.convert("int32").convert("float32"),
  sign: (x) => x.sign().mul(x.abs()),
  "relu and negative": (x) => f.relu(x.neg()),
  "powers of two, and the fifth": (x) => f.pow(2, x).add(x.pow(5)),
  "running sums": (x) => cumsum(x, 0),
};
const binary: Readonly<Record<string, (x: Tensor, y: Tensor) => Tensor>> = {
  arithmetic: (x, y) => f.stack([x.add(y), x.sub(y), x.mul(y), x.div(y)]),
  "largest and smallest": (x, y) => f.stack([x.maximum(y), x.minimum(y), y.maximum(x), y.minimum(x)]),
  comparisons: (x, y) =>
    f.stack([
      f.where(x.less(y), x, y),
      f.where(x.lessEqual(y), x, y),
      f.where(x.greater(y).or(x.equal(y)), x, y),
      f.where(x.notEqual(y).and(x.greaterEqual(y)), x, y),
    ]),
  power: (x, y) => x.pow(y),
  "multiplied and added": (x, y) => x.mul(y).add(x).mul(y).sub(x),
};

describe.skipIf(sets.length === 0)("numbers of any kind", () => {
  const ofAll: Value = {
    data: Float32Array.of(...special, ...anyBits(3000)),
    shape: [special.length + 3000],
  };
  const small: Value = floats([3003], 7);
  for (const [name, build] of Object.entries(unary)) {
    test(name, () =>
      expectSameBits({
        types: { x: float32("N") },
        build: ({ x }) => build(x as Tensor),
        inputs: [
          { x: ofAll },
          { x: small },
          { x: { data: Float32Array.from(special), shape: [special.length] } },
        ],
      }),
    );
  }
  const pairs = special.flatMap((x) => special.map((y) => [x, y] as const));
  for (const [name, build] of Object.entries(binary)) {
    test(name, () =>
      expectSameBits({
        types: { x: float32("N"), y: float32("N") },
        build: ({ x, y }) => build(x as Tensor, y as Tensor),
        inputs: [
          {
            x: { data: Float32Array.from(pairs, ([x]) => x), shape: [pairs.length] },
            y: { data: Float32Array.from(pairs, ([, y]) => y), shape: [pairs.length] },
          },
          { x: small, y: floats([3003], 8) },
        ],
      }),
    );
  }

  test("integers, which wrap", () =>
    expectSameBits({
      types: { x: int32("N"), y: int32("N") },
      build: (given) => {
        const [x, y] = [given.x as Tensor, given.y as Tensor];
        return [
          x.add(y).mul(x).sub(y),
          x.maximum(y).sub(x.minimum(y)),
          f.where(x.less(y), x.neg(), y.abs()),
          x.pow(7).add(y.sign()),
          x.convert("float32"),
          x.sum(),
          x.max(),
        ];
      },
      inputs: [
        {
          x: integers([2147483647, -2147483648, 0, -1, 1, 65537, 7]),
          y: integers([1, -1, 3, 4, 5, 6, 65537]),
        },
      ],
    }));

  test("random numbers of any count", () =>
    expectSameBits({
      types: { key: int32(2), x: float32("N") },
      build: ({ key, x }) => [
        f.randomUniform(key as Tensor, ["N", 3]),
        f.randomUniform(key as Tensor, ["N"]).add(x as Tensor),
      ],
      inputs: [...range(0, 20), 127, 1000].map((N) => ({ key: integers([N, -5]), x: floats([N]) })),
    }));

  test("special numbers in sums, the largest, and products", () =>
    expectSameBits({
      types: { x: float32("N", "M"), w: float32("M", 9) },
      build: ({ x, w }) => {
        const y = x as Tensor;
        return [y.sum(0), y.sum(1), y.sum(), y.max(0), y.max(1), y.min(), f.softmax(y), y.dot(w as Tensor)];
      },
      inputs: special.map((number, at) => {
        const x = floats([21, 37], at);
        x.data.fill(number, 5 * at, 5 * at + 3);
        return { x, w: floats([37, 9]) };
      }),
    }));
});

const counts = [0, ...range(1, 40), ...range(127, 130), ...range(511, 545)];

/** What is computed of (N, M), over every choice of axes, and in other orders of them. */
function reductions(x: Tensor): Tensor[] {
  const y = x.mul(0.5).add(1);
  return [
    ...[x, y].flatMap((own) => [
      own.sum(0),
      own.sum(1),
      own.sum(),
      own.transpose().sum(0),
      own.flip(1).sum(1),
    ]),
    ...[x.max(0), x.max(1), x.min(), x.transpose().max(1)],
    x.mean(1, { keep: true }).sub(x).square().sum(1),
    f.softmax(x),
    x.logSumExp(0),
  ];
}

describe.skipIf(sets.length === 0)("reductions of any size", () => {
  const types = { x: float32("N", "M") };
  const ofSizes = (sizes: readonly (readonly [number, number])[]): Computation => ({
    types,
    build: ({ x }) => reductions(x as Tensor),
    inputs: sizes.map((size, at) => ({ x: floats(size, at + 1) })),
  });
  // Softmax and the largest number are of one element at least.
  const some = counts.filter((count) => count > 0);
  test("short rows, many or few", () =>
    expectSameBits(
      ofSizes(
        some.flatMap(
          (N) =>
            [
              [N, 3],
              [3, N],
            ] as const,
        ),
      ),
    ));
  test("square and odd", () => expectSameBits(ofSizes(some.map((N) => [N, (N * 7) % 41 || 1] as const))));
  test("of known sizes", () => {
    for (const size of [1, 5, 16, 17, 33, 129, 515]) {
      expectSameBits({
        types: { x: float32("N", size), z: float32(size, 3) },
        build: ({ x, z }) => [...reductions(x as Tensor), ...reductions(z as Tensor)],
        inputs: [{ x: floats([4, size]), z: floats([size, 3], 2) }],
      });
    }
  });
  test("none at all", () =>
    expectSameBits({
      types,
      build: ({ x }) => [(x as Tensor).sum(0), (x as Tensor).sum(1), (x as Tensor).sum()],
      inputs: [{ x: floats([0, 5]) }, { x: floats([5, 0]) }, { x: floats([0, 0]) }],
    }));

  const axes = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2], [0, 3], [1, 3], [0, 1, 3], [0, 2, 3]];
  test("several axes of four", () =>
    expectSameBits({
      types: { x: float32("A", "B", "C", "D"), m: float32("A", "C"), n: float32("D") },
      build: ({ x, m, n }) => {
        const y = (x as Tensor).mul((m as Tensor).reshape(["A", 1, "C", 1])).add(n as Tensor);
        return axes.flatMap((list) => [
          y.sum(list),
          (x as Tensor).max(list),
          (x as Tensor).transpose([3, 1, 0, 2]).sum(list),
        ]);
      },
      inputs: (
        [
          [2, 3, 5, 7],
          [1, 1, 1, 1],
          [33, 2, 17, 3],
          [3, 40, 2, 19],
          [2, 2, 2, 130],
        ] as const
      ).map(([A, B, C, D]) => ({ x: floats([A, B, C, D]), m: floats([A, C], 2), n: floats([D], 3) })),
    }));

  test("long sums, by rows and by columns", () =>
    expectSameBits({
      types: { x: float32("N", "M") },
      build: ({ x }) => {
        const y = (x as Tensor).add(1000);
        return [
          y.sum(0),
          y.sum(1),
          y.sum(),
          y.transpose().sum(0),
          y.square().sum(),
          f.join([y.sum(1), y.sum(1)], 0),
        ];
      },
      inputs: (
        [
          [3, 5000],
          [5000, 3],
          [700, 17],
          [1, 20001],
          [257, 131],
        ] as const
      ).map((size, at) => ({ x: floats(size, at) })),
    }));
});

describe.skipIf(sets.length === 0)("views at any place", () => {
  test("slices that begin at odd elements, flips and gaps", () =>
    expectSameBits({
      types: { x: float32("T", "B", 23), w: float32(19, 11) },
      build: ({ x, w }) => {
        const [y, v] = [x as Tensor, w as Tensor];
        return [1, 2, 3].flatMap((start) => {
          const cut = y.slice(2, start, start + 19);
          return [
            cut.exp(),
            cut.sum(2),
            cut.sum(0),
            cut.max([0, 1]),
            cut.dot(v),
            cut.flip(2).dot(v),
            f.einsum("tbi,tbj->ij", cut, cut.flip(1)),
            f.concat(cut, cut.neg()),
            cut.pad(2, start, 1).mul(3),
            cut.slice(2, 1, 6).dot(v.slice(0, start, start + 5)),
          ];
        });
      },
      inputs: (
        [
          [0, 3],
          [1, 1],
          [5, 3],
          [3, 16],
          [8, 0],
        ] as const
      ).map(([T, B]) => ({ x: floats([T, B, 23]), w: floats([19, 11], 2) })),
    }));

  test("gathers and scatters with rows that come often, and long sums of them", () => {
    for (const size of [1, 3, 8, 16, 17, 35]) {
      expectSameBits({
        types: { table: float32("V", size), tokens: int32("N"), x: float32("N", size) },
        build: ({ table, tokens, x }: Tensors) => {
          const rows = (table as Tensor).gather(tokens as Tensor);
          return [rows, ...gradient(rows.mul(x as Tensor).sum(), [table as Tensor, x as Tensor])];
        },
        inputs: [1, 7, 500, 3000].map((N) => ({
          table: floats([9, size]),
          tokens: integers(Array.from({ length: N }, (_, at) => (at % 3 === 0 ? 7 : (at % 11) - 1))),
          x: floats([N, size], 3),
        })),
      });
    }
  });

  test("no steps, and one", () =>
    expectSameBits({
      types: { x: float32("T", "B", 5), h: float32("B", 17), w: float32(22, 17) },
      build: ({ x, h, w }) => {
        const { final, outputs } = scan(
          (state: Tensor, at: Tensor) => {
            const next = f
              .concat(state, at)
              .dot(w as Tensor)
              .tanh();
            return [next, next.sum(1)] as const;
          },
          { init: h as Tensor, inputs: x as Tensor },
        );
        const loss = final.square().sum().add(outputs.sum());
        return [final, outputs, ...gradient(loss, [x, h, w] as Tensor[])];
      },
      inputs: (
        [
          [0, 3],
          [1, 1],
          [2, 33],
          [0, 0],
          [7, 8],
        ] as const
      ).map(([T, B]) => ({ x: floats([T, B, 5]), h: floats([B, 17], 2), w: floats([22, 17], 3) })),
    }));
});
