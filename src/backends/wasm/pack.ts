/**
 * Packing: the copies that put the operands of a matrix product into the order in which the microkernels read them.
 * Strides are in bytes and may be anything, zero and negative included; nothing outside of the operand is touched.
 */

import {
  call,
  type FunctionBuilder,
  type FunctionReference,
  f32,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  type V128,
  v128,
} from "./encoder.ts";

/** Columns of a panel of the packed right-hand side. */
export const panelColumns = 8;
/** Rows of a strip of the packed left-hand side. */
export const stripRows = 4;
/** Bytes of one float32. */
export const floatBytes = 4;
export const panelRowBytes = floatBytes * panelColumns;
export const stripColumnBytes = floatBytes * stripRows;

/** Bytes of a packed right-hand side of K rows and N columns: ceil(N / 8) panels of K rows of 8 floats. */
export function packedBytes(K: number, N: number): number {
  return Math.ceil(N / panelColumns) * panelRowBytes * K;
}

export function increase(builder: FunctionBuilder, local: Local<"i32">, by: I32 | number): void {
  builder.set(local, i32.add(local, typeof by === "number" ? i32.const(by) : by));
}

export const times = (value: I32, factor: number): I32 => i32.mul(value, i32.const(factor));

/** `(source, stride, count, to)`: copies `count` rows of `bytes` contiguous bytes each, to rows that touch. */
function defineCopyRows(module: ModuleBuilder, bytes: number): FunctionReference {
  const write = (
    builder: FunctionBuilder,
    source: Local<"i32">,
    stride: I32,
    count: Local<"i32">,
    to: Local<"i32">,
  ) =>
    builder.while(count, () => {
      for (let at = 0; at < bytes; at += 16) builder.emit(v128.store(to, v128.load(source, at), at));
      increase(builder, source, stride);
      increase(builder, to, bytes);
      increase(builder, count, -1);
    });
  return module.function(`copyRows${bytes}`, ["i32", "i32", "i32", "i32"], undefined, write);
}

/** `(source, strideN, K, to)`: a panel whose columns are contiguous, four rows at a time; returns how many rows. */
function defineTransposeColumns(module: ModuleBuilder): FunctionReference {
  return module.function(
    "transposeColumns",
    ["i32", "i32", "i32", "i32"],
    "i32",
    (builder, source, strideN, K, to) => {
      const rows = builder.local("i32");
      const column = builder.local("i32");
      const set = (value: V128) => builder.local("v128", value);
      const loadColumn = () => {
        const vector = set(v128.load(column));
        increase(builder, column, strideN);
        return vector;
      };
      const transpose = (offset: number) => {
        const [a, b, c, d] = [loadColumn(), loadColumn(), loadColumn(), loadColumn()];
        const low = [set(v128.shuffle(a, b, [0, 4, 1, 5])), set(v128.shuffle(c, d, [0, 4, 1, 5]))] as const;
        const high = [set(v128.shuffle(a, b, [2, 6, 3, 7])), set(v128.shuffle(c, d, [2, 6, 3, 7]))] as const;
        [low, high].forEach(([ab, cd], half) => {
          const at = offset + 2 * half * panelRowBytes;
          builder.emit(v128.store(to, v128.shuffle(ab, cd, [0, 1, 4, 5]), at));
          builder.emit(v128.store(to, v128.shuffle(ab, cd, [2, 3, 6, 7]), at + panelRowBytes));
        });
      };
      builder.while(i32.le_s(i32.add(rows, i32.const(4)), K), () => {
        builder.set(column, source);
        for (let at = 0; at < panelRowBytes; at += 16) transpose(at);
        increase(builder, source, 4 * floatBytes);
        increase(builder, to, 4 * panelRowBytes);
        increase(builder, rows, 4);
      });
      builder.return(rows);
    },
  );
}

/** `(source, rowStride, columnStride, rows, columns, to, toStride)`: floats one by one, to contiguous columns. */
function defineCopyScalars(module: ModuleBuilder): FunctionReference {
  return module.function(
    "copyScalars",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    undefined,
    (builder, source, rowStride, columnStride, rows, columns, to, toStride) => {
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
          increase(builder, target, floatBytes);
          increase(builder, left, -1);
        });
        increase(builder, source, rowStride);
        increase(builder, to, toStride);
        increase(builder, rows, -1);
      });
    },
  );
}

/** Packs the left-hand side; see `PackFunctions`. */
function definePackLeft(module: ModuleBuilder, copyScalars: FunctionReference): FunctionReference {
  const copyStrip = defineCopyRows(module, stripColumnBytes);
  return module.function(
    "packLeft",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    undefined,
    (builder, source, strideM, strideK, M, K, to) => {
      const scalars = (rows: number) =>
        builder.call(
          copyScalars,
          source,
          strideK,
          strideM,
          K,
          i32.const(rows),
          to,
          i32.const(rows * floatBytes),
        );
      const next = (rows: number) => {
        increase(builder, source, times(strideM, rows));
        increase(builder, to, times(K, rows * floatBytes));
        increase(builder, M, -rows);
      };
      builder.while(i32.ge_s(M, i32.const(stripRows)), () => {
        builder.if(
          i32.eq(strideM, i32.const(floatBytes)),
          () => builder.call(copyStrip, source, strideK, K, to),
          () => scalars(stripRows),
        );
        next(stripRows);
      });
      builder.while(M, () => {
        scalars(1);
        next(1);
      });
    },
  );
}

/** Packs the right-hand side; see `PackFunctions`. */
function definePackRight(module: ModuleBuilder, copyScalars: FunctionReference): FunctionReference {
  const copyPanel = defineCopyRows(module, panelRowBytes);
  const transposeColumns = defineTransposeColumns(module);
  return module.function(
    "pack",
    ["i32", "i32", "i32", "i32", "i32", "i32"],
    undefined,
    (builder, source, strideK, strideN, K, N, to) => {
      const columns = builder.local("i32");
      const done = builder.local("i32");
      const panelBytes = builder.local("i32", times(K, panelRowBytes));
      const isFloat = (stride: I32) => i32.eq(stride, i32.const(floatBytes));
      builder.while(i32.gt_s(N, i32.const(0)), () => {
        builder.set(columns, N);
        builder.set(done, i32.const(0));
        builder.if(
          i32.lt_s(N, i32.const(panelColumns)),
          () => builder.fillMemory(to, i32.const(0), panelBytes),
          () => {
            builder.set(columns, i32.const(panelColumns));
            const rest = () =>
              builder.if(isFloat(strideK), () =>
                builder.set(done, call<"i32">(transposeColumns, source, strideN, K, to)),
              );
            const rows = () => {
              builder.call(copyPanel, source, strideK, K, to);
              builder.set(done, K);
            };
            builder.if(isFloat(strideN), rows, rest);
          },
        );
        const from = i32.add(source, i32.mul(done, strideK));
        const target = i32.add(to, times(done, panelRowBytes));
        const rows = i32.sub(K, done);
        builder.call(copyScalars, from, strideK, strideN, rows, columns, target, i32.const(panelRowBytes));
        increase(builder, source, times(strideN, panelColumns));
        increase(builder, to, panelBytes);
        increase(builder, N, -panelColumns);
      });
    },
  );
}

export interface PackFunctions {
  /** `(source, strideK, strideN, K, N, to)`: B[k][n] to panels [ceil(N / 8)][K][8], zero beyond the last column. */
  readonly pack: FunctionReference;
  /** `(source, strideM, strideK, M, K, to)`: A[m][k] to strips [M / 4][K][4]; the last M % 4 rows follow, [K] each. */
  readonly packLeft: FunctionReference;
}

export function definePack(module: ModuleBuilder): PackFunctions {
  const copyScalars = defineCopyScalars(module);
  return { pack: definePackRight(module, copyScalars), packLeft: definePackLeft(module, copyScalars) };
}
