import { expect, test } from "vitest";
import { ModuleBuilder } from "../../src/backends/wasm/encoder.ts";
import {
  defineProduct,
  packedBytes,
  productScratchBytes,
  productUnpackedScratchBytes,
} from "../../src/backends/wasm/product.ts";

type Kernel = (...parameters: number[]) => void;

const memory = new WebAssembly.Memory({ initial: 1024 });
const floats = new Float32Array(memory.buffer);
const words = new Uint32Array(memory.buffer);
const kernels = instantiate();

function instantiate(): Record<"pack" | "product" | "productUnpacked", Kernel> {
  const module = new ModuleBuilder();
  const functions = defineProduct(module);
  for (const reference of Object.values(functions)) {
    const exported = module.declare(reference.name, reference.parameters, undefined, true);
    module.define(exported, (builder, parameters) => builder.call(reference, ...parameters));
  }
  const compiled = new WebAssembly.Module(module.toBytes({ initial: 1 }));
  return new WebAssembly.Instance(compiled, { environment: { memory } }).exports as ReturnType<typeof instantiate>;
}

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
const randomFloat = () => Math.fround(Math.random() * 2 - 1);

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
    this.#writable = (index) => set.has(index) || ranges.some(([start, count]) => index >= start && index < start + count);
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

const at = (matrix: Matrix, i: number, j: number) => matrix.start + i * matrix.rowStride + j * matrix.columnStride;
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
    const scratchBytes = way === "product" ? productScratchBytes : productUnpackedScratchBytes;
    const scratch = arena.floats(scratchBytes / 4);
    const packed = arena.floats(packedBytes(K, N) / 4);
    const shape = [M, N, K, accumulate ? 1 : 0, 4 * scratch];
    arena.allow([[packed, packedBytes(K, N) / 4]]);
    const strayPack = arena.strayWrites(() => kernels.pack(...operand(right), K, N, 4 * packed));
    if (strayPack.length > 0) return `pack wrote outside of its panels: ${strayPack.length} words`;
    arena.allow([[scratch, scratchBytes / 4]], indices);
    const stray = arena.strayWrites(() => {
      if (way === "product") kernels.product(...operand(left), 4 * packed, ...operand(result), ...shape);
      else kernels.productUnpacked(...operand(left), ...operand(right), ...operand(result), ...shape);
    });
    if (stray.length > 0) return `${way} wrote outside of C and scratch: ${stray.length} words, first ${stray[0]}`;
    for (const [position, index] of indices.entries()) {
      const { sum, size } = expected[position] as { sum: number; size: number };
      const got = floats[index] as number;
      const tolerance = size * 2 ** -24 * (Math.min(K, 256) + 4);
      if (!(Math.abs(got - sum) <= tolerance)) return `${way}: element ${position} is ${got}, expected ${sum}`;
    }
  }
  return undefined;
}

const pick = <Item>(items: readonly Item[]) => items[Math.floor(Math.random() * items.length)] as Item;

test("every small shape, in every combination of layouts in turn", () => {
  let turn = 0;
  for (let M = 0; M <= 9; M++) {
    for (let N = 0; N <= 17; N++) {
      for (let K = 0; K <= 9; K++) {
        turn++;
        const a = layouts[turn % 4] as Layout;
        const b = layouts[(turn >> 2) % 4] as Layout;
        const c = layouts[(turn >> 4) % 4] as Layout;
        const product = { M, N, K, a, b, c, accumulate: (turn >> 6) % 2 === 1 };
        expect(wrong(product), JSON.stringify(product)).toBeUndefined();
      }
    }
  }
});
