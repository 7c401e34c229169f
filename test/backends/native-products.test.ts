/** Products of machine code are the bits of fused WebAssembly's, in all sizes and layouts. */

import { describe, expect, test } from "vitest";
import { float32 } from "../../src/program/compile.ts";
import * as f from "../../src/trace/functions.ts";
import type { Tensor } from "../../src/trace/tensor.ts";
import { Variable } from "../../src/trace/variable.ts";
import { type Computation, differences, sets } from "../helpers/native.ts";
import { floats, numbers } from "../helpers/values.ts";

const expectSameBits = (...given: Parameters<typeof differences>) =>
  expect(differences(...given)).toEqual([]);

type Sizes = readonly [M: number, K: number, N: number];

const upTo = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

/** Every M, K and N from 1 to 70, in company that changes; few rows and few columns with every number of the others. */
const small: readonly Sizes[] = upTo(70).flatMap((size): Sizes[] => [
  [size, (size * 29) % 71 || 1, (size * 13) % 71 || 1],
  [(size * 17) % 71 || 1, size, (size * 31) % 71 || 1],
  [(size * 19) % 71 || 1, (size * 37) % 71 || 1, size],
  [1, 5, size],
  [2, 9, size],
  [3, 1, size],
  [size, 7, 1],
  [size, 4, 17],
]);

/** No terms, more than a block's, and rows and columns around a block's. */
const large: readonly Sizes[] = [
  [3, 0, 5],
  [0, 3, 5],
  [5, 3, 0],
  [1, 1023, 33],
  [7, 1024, 18],
  [5, 1025, 9],
  [2, 2048, 70],
  [9, 2051, 1],
  [95, 3, 31],
  [96, 8, 32],
  [97, 5, 33],
  [193, 2, 65],
  [1, 6, 1500],
  [4, 3, 703],
  [6, 3, 705],
  [3, 2, 1410],
];

type Labels = (M: string, K: string, N: string) => readonly [string[], string[]];
const layouts: Readonly<Record<string, Labels>> = {
  "mk,kn->mn": (M, K, N) => [
    [M, K],
    [K, N],
  ],
  "mk,nk->mn": (M, K, N) => [
    [M, K],
    [N, K],
  ],
  "km,kn->mn": (M, K, N) => [
    [K, M],
    [K, N],
  ],
  "km,nk->nm": (M, K, N) => [
    [K, M],
    [N, K],
  ],
  "mk,kn->nm": (M, K, N) => [
    [M, K],
    [K, N],
  ],
};

function products(labels: string, sizes: readonly Sizes[]): Computation {
  const [a, b] = (layouts[labels] as Labels)("M", "K", "N");
  return {
    types: { a: float32(...a), b: float32(...b) },
    build: ({ a, b }) => f.einsum(labels, a as Tensor, b as Tensor),
    inputs: sizes.map(([M, K, N], at) => {
      const size = (dimensions: readonly string[]) =>
        dimensions.map((dimension) => ({ M, K, N })[dimension] as number);
      return { a: floats(size(a), at + 1), b: floats(size(b), at + 2) };
    }),
  };
}

describe.skipIf(sets.length === 0)("products", () => {
  for (const labels of Object.keys(layouts)) {
    test(`${labels}, small`, () => expectSameBits(products(labels, small)));
    test(`${labels}, large`, () => expectSameBits(products(labels, large)));
  }

  test("of one row or column, and of rows one by one", () => {
    const rows = upTo(70).map((size) => ({
      x: floats([size, 21], size),
      y: floats([21], 2),
      z: floats([size], 3),
    }));
    expectSameBits({
      types: { x: float32("N", 21), y: float32(21), z: float32("N") },
      build: ({ x, y, z }) => [
        (x as Tensor).dot(y as Tensor),
        (z as Tensor).dot(x as Tensor),
        f.einsum("ni,ni->n", x as Tensor, (x as Tensor).flip(1)),
        f.einsum("n,i->ni", z as Tensor, y as Tensor),
        f.einsum("ni,n->in", x as Tensor, z as Tensor),
      ],
      inputs: rows,
    });
  });

  test("with weights that are packed once, added to, and with what follows in the same loop", () => {
    for (const [K, N] of [
      [5, 9],
      [33, 70],
      [64, 32],
      [130, 67],
      [1030, 3],
    ] as const) {
      const weight = new Variable("weight", [K, N]);
      weight.value = numbers(K * N, 3);
      const bias = new Variable("bias", [N]);
      bias.value = numbers(N, 4);
      expectSameBits({
        types: { x: float32("B", K), y: float32("B", K) },
        build: (given) => {
          const [x, y] = [given.x as Tensor, given.y as Tensor];
          const sum = x.dot(weight).add(y.dot(weight)).add(bias);
          return [
            sum,
            sum.tanh(),
            f.softmax(x.dot(weight).add(bias)),
            f.logSoftmax(x.mul(2).dot(weight)).sum(),
          ];
        },
        inputs: [1, 2, 3, 4, 7, 8, 13, 64, 65, 100].map((B) => ({
          x: floats([B, K], B),
          y: floats([B, K], 2),
        })),
      });
    }
  });
});
