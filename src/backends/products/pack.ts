/**
 * Packing: the copies that put the operands of a matrix product into the order in which the microkernels read them.
 * Strides are in bytes and may be anything, zero and negative included; nothing outside of the operand is touched.
 */

import { elementBytes, type Target } from "../../compiler/target.ts";
import {
  call,
  type FunctionReference,
  f32,
  type I32,
  i32,
  type Vector,
  vectors,
} from "../instructions/expressions.ts";
import type { FunctionBuilder, ModuleBuilder } from "../instructions/functions.ts";
import { defineIntegers, type Integer, increase, times } from "../instructions/integers.ts";
import { divideRows } from "./strips.ts";

/** Bytes of one row of a panel. */
export function panelRowBytes({ product }: Target): number {
  return product.panelColumns * elementBytes;
}

/** Bytes of a packed right-hand side of K rows and N columns. */
export function packedBytes(target: Target, K: number, N: number): number {
  return Math.ceil(N / target.product.panelColumns) * panelRowBytes(target) * K;
}

/** Strips of so many rows that are packed together: whole cache lines, then what is left; of middle heights there is one. */
function stripsAtOnce({ product, cache }: Target, rows: number): readonly number[] {
  if (rows !== product.tileRows[0] && rows !== product.tileRows.at(-1)) return [1];
  let strips = 1;
  while ((strips * rows * elementBytes) % cache.line !== 0) strips += 1;
  return [strips, 1];
}

/** Of vectors that are copied and transposed: pieces and panels are whole numbers of such. */
const lanes = 4;

/**
 * Copies `count` rows of `pieces` contiguous pieces of `bytes` bytes, 16 or more; the pieces of
 * one place in the row follow each other at to, to + pitch, ... Several pieces at once use the whole of a cache line.
 */
function defineCopyPieces(module: ModuleBuilder, pieces: number, bytes: number): FunctionReference {
  const parameters = ["source", "stride", "count", "to", "pitch"] as const;
  const write = (builder: FunctionBuilder, given: Record<(typeof parameters)[number], Integer>) => {
    const { source, stride, count, to, pitch } = given;
    const targets = [to];
    for (let piece = 1; piece < pieces; piece++) {
      targets.push(builder.local("i32", i32.add(targets[piece - 1] as Integer, pitch)));
    }
    builder.while(count, () => {
      targets.forEach((target, piece) => {
        for (let from = 0; from < bytes; from += 16) {
          const at = Math.min(from, bytes - 16);
          builder.emit(vectors.store(target, vectors.load(source, piece * bytes + at), at));
        }
      });
      increase(builder, source, stride);
      for (const target of targets) increase(builder, target, bytes);
      increase(builder, count, -1);
    });
  };
  return defineIntegers(module, `copy${pieces}x${bytes}`, parameters, write, { lanes });
}

/** `(source, strideN, K, to)`: a panel whose columns are contiguous, four rows at a time; returns how many rows. */
function defineTransposePanel(module: ModuleBuilder, rowBytes: number): FunctionReference {
  return module.function(
    "transposePanel",
    ["i32", "i32", "i32", "i32"],
    "i32",
    (builder, source, strideN, K, to) => {
      const rows = builder.local("i32");
      const column = builder.local("i32");
      const set = (value: Vector) => builder.local("vector", value);
      const loadColumn = () => {
        const vector = set(vectors.load(column));
        increase(builder, column, strideN);
        return vector;
      };
      const transpose = (offset: number) => {
        const [a, b, c, d] = [loadColumn(), loadColumn(), loadColumn(), loadColumn()];
        const low = [
          set(vectors.shuffle(a, b, [0, 4, 1, 5])),
          set(vectors.shuffle(c, d, [0, 4, 1, 5])),
        ] as const;
        const high = [
          set(vectors.shuffle(a, b, [2, 6, 3, 7])),
          set(vectors.shuffle(c, d, [2, 6, 3, 7])),
        ] as const;
        [low, high].forEach(([ab, cd], half) => {
          const at = offset + 2 * half * rowBytes;
          builder.emit(vectors.store(to, vectors.shuffle(ab, cd, [0, 1, 4, 5]), at));
          builder.emit(vectors.store(to, vectors.shuffle(ab, cd, [2, 3, 6, 7]), at + rowBytes));
        });
      };
      builder.while(i32.le_s(i32.add(rows, i32.const(4)), K), () => {
        builder.set(column, source);
        for (let at = 0; at < rowBytes; at += 16) transpose(at);
        increase(builder, source, 4 * elementBytes);
        increase(builder, to, 4 * rowBytes);
        increase(builder, rows, 4);
      });
      builder.return(rows);
    },
    { lanes },
  );
}

/** Copies floats one by one, to columns that touch. */
function defineCopyScalars(module: ModuleBuilder): FunctionReference {
  const parameters = ["source", "rowStride", "columnStride", "rows", "columns", "to", "toStride"] as const;
  return defineIntegers(module, "copyScalars", parameters, (builder, given) => {
    const { source, rowStride, columnStride, rows, columns, to, toStride } = given;
    const from = builder.local("i32");
    const target = builder.local("i32");
    const left = builder.local("i32");
    builder.while(rows, () => {
      builder.set(from, source);
      builder.set(target, to);
      builder.set(left, columns);
      builder.while(left, () => {
        builder.emit(f32.store(target, f32.load(from)));
        increase(builder, from, columnStride);
        increase(builder, target, elementBytes);
        increase(builder, left, -1);
      });
      increase(builder, source, rowStride);
      increase(builder, to, toStride);
      increase(builder, rows, -1);
    });
  });
}

const isFloat = (stride: I32) => i32.eq(stride, i32.const(elementBytes));

/** Packs the left-hand side; see `PackFunctions`. */
function definePackLeft(
  module: ModuleBuilder,
  target: Target,
  copyScalars: FunctionReference,
): FunctionReference {
  const { tileRows } = target.product;
  const copies = new Map(
    tileRows.map((rows) => [
      rows,
      stripsAtOnce(target, rows).map((strips) => ({
        strips,
        copy: defineCopyPieces(module, strips, rows * elementBytes),
      })),
    ]),
  );
  const parameters = ["source", "strideM", "strideK", "M", "K", "to"] as const;
  return defineIntegers(module, "packLeft", parameters, (builder, given) => {
    const { source, strideM, strideK, M, K, to } = given;
    const next = (rows: number) => {
      increase(builder, source, times(strideM, rows));
      increase(builder, to, times(K, rows * elementBytes));
    };
    const byScalars = (rows: number, count: Integer) =>
      builder.while(count, () => {
        const bytes = i32.const(rows * elementBytes);
        builder.call(copyScalars, source, strideK, strideM, K, i32.const(rows), to, bytes);
        next(rows);
        increase(builder, count, -1);
      });
    const { tiles, rest } = divideRows(builder, M, tileRows);
    for (const { rows, count } of tiles) {
      builder.if(isFloat(strideM), () => {
        for (const { strips, copy } of copies.get(rows) ?? []) {
          builder.while(i32.ge_s(count, i32.const(strips)), () => {
            builder.call(copy, source, strideK, K, to, times(K, rows * elementBytes));
            next(strips * rows);
            increase(builder, count, -strips);
          });
        }
      });
      byScalars(rows, count);
    }
    byScalars(1, rest);
  });
}

/** Packs the right-hand side; see `PackFunctions`. */
function definePackRight(
  module: ModuleBuilder,
  target: Target,
  copyScalars: FunctionReference,
): FunctionReference {
  const { panelColumns } = target.product;
  const rowBytes = panelRowBytes(target);
  // One cache line of the source where it is contiguous.
  const panelsAtOnce = Math.max(1, target.cache.line / rowBytes);
  const copyPanels = defineCopyPieces(module, panelsAtOnce, rowBytes);
  const transposePanel = defineTransposePanel(module, rowBytes);
  const parameters = ["source", "strideK", "strideN", "K", "N", "to"] as const;
  return defineIntegers(module, "pack", parameters, (builder, given) => {
    const { source, strideK, strideN, K, N, to } = given;
    const done = builder.local("i32");
    const columns = builder.local("i32");
    const panelBytes = builder.local("i32", times(K, rowBytes));
    const next = (panels: number) => {
      increase(builder, source, times(strideN, panels * panelColumns));
      increase(builder, to, times(panelBytes, panels));
      increase(builder, N, -panels * panelColumns);
    };
    const columnsAtOnce = panelsAtOnce * panelColumns;
    builder.if(isFloat(strideN), () =>
      builder.while(i32.ge_s(N, i32.const(columnsAtOnce)), () => {
        builder.call(copyPanels, source, strideK, K, to, panelBytes);
        next(panelsAtOnce);
      }),
    );
    builder.while(i32.gt_s(N, i32.const(0)), () => {
      builder.set(done, i32.const(0));
      builder.set(columns, i32.const(panelColumns));
      builder.if(
        i32.lt_s(N, columns),
        () => {
          builder.set(columns, N);
          builder.fillMemory(to, i32.const(0), panelBytes);
        },
        () =>
          builder.if(isFloat(strideK), () =>
            builder.set(done, call<"i32">(transposePanel, source, strideN, K, to)),
          ),
      );
      const from = i32.add(source, i32.mul(done, strideK));
      const below = i32.add(to, times(done, rowBytes));
      const rows = i32.sub(K, done);
      builder.call(copyScalars, from, strideK, strideN, rows, columns, below, i32.const(rowBytes));
      next(1);
    });
  });
}

export interface PackFunctions {
  /** `(source, strideK, strideN, K, N, to)`: B[k][n] to panels [panel][K][column], zero beyond the last column. */
  readonly pack: FunctionReference;
  /**
   * `(source, strideM, strideK, M, K, to)`: A[m][k] to strips [K][rows], one for each tile; the rows of the rest follow,
   * [K] each.
   */
  readonly packLeft: FunctionReference;
}

export function definePack(module: ModuleBuilder, target: Target): PackFunctions {
  const copyScalars = defineCopyScalars(module);
  return {
    pack: definePackRight(module, target, copyScalars),
    packLeft: definePackLeft(module, target, copyScalars),
  };
}
