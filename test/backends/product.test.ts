import { beforeAll, describe, expect, test } from "vitest";
import {
  defineProduct,
  packedBytes,
  productScratchBytes,
  productUnpackedScratchBytes,
} from "../../src/backends/products/product.ts";
import { wasmTarget } from "../../src/backends/wasm/target.ts";
import { uniform } from "../../src/graph/threefry.ts";
import { enableFusedMultiplyAdd } from "../../src/node/index.ts";
import { type Exported, instantiate } from "./instantiate.ts";

const memory = new WebAssembly.Memory({ initial: 512 });
const floats = new Float32Array(memory.buffer);
const words = new Uint32Array(memory.buffer);
let kernels: Exported = {};
let target = wasmTarget(false);

/** A matrix in memory: element (i, j) is at index start + i * rowStride + j * columnStride, in floats. */
interface Matrix {
  start: number;
  rowStride: number;
  columnStride: number;
}

type Layout = "rows" | "columns" | "spread" | "backwards";
const layouts: readonly Layout[] = ["rows", "columns", "spread", "backwards"];

const guard = 16;
const guardWord = 0x7fc12345; // a NaN that no kernel makes: reading it shows in the sums, writing over it in the check
let drawn = 0;
const random = () => uniform(1, 2, drawn++);
const randomFloat = () => 2 * random() - 1;

/** Hands out guarded pieces of memory, and tells which words outside of what may be written have changed. */
class Arena {
  #top = guard;
  #writable: (index: number) => boolean = () => false;

  constructor() {
    words.fill(guardWord, 0, guard);
  }

  floats(count: number): number {
    const start = this.#top;
    this.#top += count + guard;
    words.fill(guardWord, start, this.#top);
    return start;
  }

  matrix(rows: number, columns: number, layout: Layout, value: () => number): Matrix {
    const [rowStride, columnStride, span] = {
      rows: [columns, 1, rows * columns],
      columns: [1, rows, rows * columns],
      spread: [3 * columns + 1, 3, rows * (3 * columns + 1)],
      backwards: [-columns, -1, rows * columns],
    }[layout] as [number, number, number];
    const low = this.floats(span);
    const start = layout === "backwards" ? low + Math.max(span - 1, 0) : low;
    const matrix = { start, rowStride, columnStride };
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) floats[at(matrix, i, j)] = value();
    return matrix;
  }

  allow(ranges: [number, number][], indices: Iterable<number> = []): void {
    const set = new Set(indices);
    this.#writable = (index) =>
      set.has(index) || ranges.some(([start, count]) => index >= start && index < start + count);
  }

  /** Runs `kernel` and returns the indices it changed but should not have. */
  strayWrites(kernel: () => void): number[] {
    const before = words.slice(0, this.#top);
    kernel();
    const stray: number[] = [];
    for (let index = 0; index < this.#top; index++) {
      if (words[index] !== before[index] && !this.#writable(index)) stray.push(index);
    }
    return stray;
  }
}

const at = (matrix: Matrix, i: number, j: number) =>
  matrix.start + i * matrix.rowStride + j * matrix.columnStride;
const operand = (matrix: Matrix) => [4 * matrix.start, 4 * matrix.rowStride, 4 * matrix.columnStride];

interface Case {
  M: number;
  N: number;
  K: number;
  a: Layout;
  b: Layout;
  c: Layout;
  accumulate: boolean;
}

/** Runs one product both ways and says what is wrong with it, or nothing. */
function wrong({ M, N, K, a, b, c, accumulate }: Case): string | undefined {
  for (const way of ["product", "productUnpacked"] as const) {
    const arena = new Arena();
    const left = arena.matrix(M, K, a, randomFloat);
    const right = arena.matrix(K, N, b, randomFloat);
    const result = arena.matrix(M, N, c, accumulate ? randomFloat : () => Number.NaN);
    const indices: number[] = [];
    const expected: { sum: number; size: number }[] = [];
    for (let m = 0; m < M; m++) {
      for (let n = 0; n < N; n++) {
        const index = at(result, m, n);
        let sum = accumulate ? (floats[index] as number) : 0;
        let size = Math.abs(sum);
        for (let k = 0; k < K; k++) {
          const term = (floats[at(left, m, k)] as number) * (floats[at(right, k, n)] as number);
          sum += term;
          size += Math.abs(term);
        }
        indices.push(index);
        expected.push({ sum, size });
      }
    }
    const scratchBytes = (way === "product" ? productScratchBytes : productUnpackedScratchBytes)(target);
    const scratch = words.length - scratchBytes / 4; // the end of the memory: what goes further traps
    const packed = arena.floats(packedBytes(target, K, N) / 4);
    const shape = [M, N, K, accumulate ? 1 : 0, 4 * scratch];
    arena.allow([[packed, packedBytes(target, K, N) / 4]]);
    const strayPack = arena.strayWrites(() => kernels.pack?.(...operand(right), K, N, 4 * packed));
    if (strayPack.length > 0) return `pack wrote outside of its panels: ${strayPack.length} words`;
    arena.allow([], indices);
    const stray = arena.strayWrites(() => {
      if (way === "product") kernels.product?.(...operand(left), 4 * packed, ...operand(result), ...shape);
      else kernels.productUnpacked?.(...operand(left), ...operand(right), ...operand(result), ...shape);
    });
    if (stray.length > 0) return `${way} wrote outside of C: ${stray.length} words, first ${stray[0]}`;
    for (const [position, index] of indices.entries()) {
      const { sum, size } = expected[position] as { sum: number; size: number };
      const got = floats[index] as number;
      const tolerance = size * 2 ** -24 * (Math.min(K, 256) + 4);
      if (!(Math.abs(got - sum) <= tolerance))
        return `${way}: element ${position} is ${got}, expected ${sum}`;
    }
  }
  return undefined;
}

const pick = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)] as Item;

/** C = A B for contiguous A and B at fixed places. */
function multiply(M: number, N: number, K: number, left: number, right: number, way: "packed" | "unpacked") {
  const [result, packed, scratch] = [1 << 20, 2 << 20, 4 << 20].map((index) => 4 * index) as [
    number,
    number,
    number,
  ];
  const rest = [result, 4 * N, 4, M, N, K, 0, scratch];
  kernels.pack?.(right, 4 * N, 4, K, N, packed);
  if (way === "packed") kernels.product?.(left, 4 * K, 4, packed, ...rest);
  else kernels.productUnpacked?.(left, 4 * K, 4, right, 4 * N, 4, ...rest);
  return words.slice(result / 4, result / 4 + M * N);
}

describe.each([
  ["two instructions", false],
  ["one instruction", true],
])("multiplying and adding by %s", (_, fused) => {
  beforeAll(() => {
    enableFusedMultiplyAdd();
    target = wasmTarget(fused);
    kernels = instantiate(memory, (module) => Object.values(defineProduct(module, target)), fused);
  });

  test("every small shape, the layouts in turn", () => {
    let turn = 0;
    for (let M = 0; M <= 13; M++) {
      for (let N = 0; N <= 17; N++) {
        for (let K = 0; K <= 9; K++) {
          turn += 37; // odd: over the 2520 shapes, every one of the 128 combinations comes about 20 times
          const layout = (digit: number) => layouts[(turn >> (2 * digit)) % 4] as Layout;
          const product = {
            M,
            N,
            K,
            a: layout(0),
            b: layout(1),
            c: layout(2),
            accumulate: (turn >> 6) % 2 === 1,
          };
          expect(wrong(product), JSON.stringify(product)).toBeUndefined();
        }
      }
    }
  });

  test.each(layouts)("every layout of B and C, both ways of writing, with A in %s", (a) => {
    for (const b of layouts) {
      for (const c of layouts) {
        for (const accumulate of [false, true]) {
          for (const [M, N, K] of [
            [1, 43, 21],
            [3, 33, 12],
            [23, 19, 14],
            [68, 24, 9],
          ] as const) {
            const product = { M, N, K, a, b, c, accumulate };
            expect(wrong(product), JSON.stringify(product)).toBeUndefined();
          }
        }
      }
    }
  });

  test.each([1, 2, 3])("%i rows by every number of columns up to 74", (M) => {
    for (let N = 1; N <= 74; N++) {
      for (const a of ["rows", "columns"] as const) {
        const product = { M, N, K: 6, a, b: "rows", c: "rows", accumulate: N % 2 === 0 } as const;
        expect(wrong(product), JSON.stringify(product)).toBeUndefined();
      }
    }
  });

  test("shapes around and beyond the blocks", () => {
    const around = (size: number) => size + pick([-1, 0, 1]);
    for (let round = 0; round < 24; round++) {
      const M = pick([1, 2, 5, around(16), around(64), around(96), around(192)]);
      const N = pick([1, 7, around(32), around(65), around(704)]);
      const K = pick([3, around(256), around(1024), around(2048), 2600]);
      const accumulate = random() < 0.5;
      const product = { M, N, K, a: pick(layouts), b: pick(layouts), c: pick(layouts), accumulate };
      expect(wrong(product), JSON.stringify(product)).toBeUndefined();
    }
  });

  test.each(layouts)(
    "packing gives panels of eight columns, with zeros beyond the last, from B in %s",
    (layout) => {
      for (const [K, N] of [
        [5, 3],
        [13, 27],
        [4, 40],
        [1, 8],
      ] as const) {
        const arena = new Arena();
        const source = arena.matrix(K, N, layout, randomFloat);
        const packed = arena.floats(packedBytes(target, K, N) / 4);
        kernels.pack?.(...operand(source), K, N, 4 * packed);
        const expected: number[] = [];
        for (let panel = 0; panel < N; panel += 8) {
          for (let k = 0; k < K; k++) {
            for (let n = panel; n < panel + 8; n++)
              expected.push(n < N ? (floats[at(source, k, n)] as number) : 0);
          }
        }
        expect([...floats.subarray(packed, packed + expected.length)]).toEqual(expected);
        expect(words[packed + expected.length]).toBe(guardWord);
      }
    },
  );

  test("the bits of a row do not depend on how many rows there are, nor on the way", () => {
    const [M, N, K, right] = [71, 533, 801, 4 << 18];
    for (let index = 0; index < 1 << 20; index++) floats[index] = randomFloat();
    const all = multiply(M, N, K, 0, right, "packed");
    expect(multiply(M, N, K, 0, right, "unpacked")).toEqual(all);
    for (const rows of [1, 2, 3, 4, 7, 11, 32, 67]) {
      for (const first of [0, 1, M - rows]) {
        const some = multiply(rows, N, K, 4 * first * K, right, pick(["packed", "unpacked"]));
        expect(some).toEqual(all.slice(first * N, (first + rows) * N));
      }
    }
  });

  test("an infinity or NaN of A reaches its own row alone, and one of B its own column alone", () => {
    const [M, N, K, right] = [6, 11, 5, 4096];
    floats.fill(1, 0, 2048);
    floats[2 * K + 3] = Infinity;
    floats[right / 4 + 4 * N + 9] = Number.NaN;
    const got = new Float32Array(multiply(M, N, K, 0, right, "packed").buffer);
    got.forEach((value, index) => {
      const [m, n] = [Math.floor(index / N), index % N];
      expect(value).toBe(n === 9 ? Number.NaN : m === 2 ? Infinity : K);
    });
  });
});
