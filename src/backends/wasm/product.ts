/**
 * Float32 matrix products, C = A B or C += A B, blocked for the caches around the microkernels. All strides are in
 * bytes and may be anything. An element of C is summed in blocks of 256 along K, in the order of k, whatever M, N and
 * the strides are: its bits depend on its row of A, its column of B and K alone.
 */

import {
  type FunctionBuilder,
  type FunctionReference,
  f32,
  type I32,
  i32,
  type Local,
  type ModuleBuilder,
  select,
} from "./encoder.ts";
import { defineMicrokernel } from "./microkernel.ts";
import { definePack, floatBytes, increase, panelColumns, panelRowBytes, stripRows, times } from "./pack.ts";

export { packedBytes } from "./pack.ts";

/** Rows of A, rows of B and columns of B that are worked on at once: what A's and B's blocks leave fits the L2 cache. */
const blockM = 64;
const blockK = 256;
const blockN = 512;

const leftBytes = blockM * blockK * floatBytes;
const tileBytes = blockM * panelRowBytes;

/** Bytes of scratch memory that `product` needs, whatever the shapes. */
export const productScratchBytes = leftBytes + tileBytes;
/** Bytes of scratch memory that `productUnpacked` needs, whatever the shapes; `product` may share them. */
export const productUnpackedScratchBytes = productScratchBytes + blockK * blockN * floatBytes;

/** The parameters of every function are i32, addresses and strides in bytes; none has a result. */
export interface ProductFunctions {
  /** `(source, strideK, strideN, K, N, packed)`: B[k][n] to the panels that `product` reads, `packedBytes(K, N)`. */
  readonly pack: FunctionReference;
  /**
   * `(a, strideM, strideK, packed, c, strideCm, strideCn, M, N, K, accumulate, scratch)`: C (M, N) becomes A (M, K)
   * times the packed B (K, N), or is increased by it where `accumulate` is not 0.
   */
  readonly product: FunctionReference;
  /**
   * `(a, strideM, strideK, b, strideBk, strideBn, c, strideCm, strideCn, M, N, K, accumulate, scratch)`: the same with
   * a B that is used once, packed block by block on the way.
   */
  readonly productUnpacked: FunctionReference;
}

type Int = Local<"i32">;

const minimum = (a: I32, limit: number) => select(i32.lt_s(a, i32.const(limit)), a, i32.const(limit));
const zero = i32.const(0);
const one = i32.const(1);

/** `(tile, c, strideCm, strideCn, rows, columns, accumulate)`: a tile with rows of 8 floats to where it belongs in C. */
function defineWriteTile(module: ModuleBuilder): FunctionReference {
  return module.function(
    "writeTile",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    undefined,
    (builder, tile, c, strideCm, strideCn, rows, columns, accumulate) => {
      const from = builder.local("i32");
      const to = builder.local("i32");
      const left = builder.local("i32");
      builder.while(rows, () => {
        builder.set(from, tile);
        builder.set(to, c);
        builder.set(left, columns);
        builder.while(left, () => {
          const sum = f32.add(f32.load(to), f32.load(from));
          builder.emit(f32.store(to, select(accumulate, sum, f32.load(from))));
          increase(builder, from, floatBytes);
          increase(builder, to, strideCn);
          increase(builder, left, -1);
        });
        increase(builder, tile, panelRowBytes);
        increase(builder, c, strideCm);
        increase(builder, rows, -1);
      });
    },
  );
}

/** `(a, strideM, packedLeft, b, c, strideCm, rows, K, accumulate)`: the rows of A's block times one panel. */
function definePanelProduct(module: ModuleBuilder): FunctionReference {
  const strips = defineMicrokernel(module, { rows: 4, panels: 1, strips: true });
  const tiles = [1, 2, 3, 4].map((rows) => defineMicrokernel(module, { rows, panels: 1, strips: false }));
  return module.function(
    "panelProduct",
    ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"],
    undefined,
    (builder, a, strideM, packedLeft, b, c, strideCm, rows, K, accumulate) => {
      const whole = builder.local("i32", i32.shr_u(rows, i32.const(2)));
      const tail = builder.local("i32", i32.and(rows, i32.const(stripRows - 1)));
      const run = (kernel: FunctionReference | undefined, count: I32) =>
        builder.call(kernel as FunctionReference, a, strideM, b, zero, c, strideCm, count, K, accumulate);
      builder.if(whole, () => {
        builder.if(
          packedLeft,
          () => run(strips, whole),
          () => run(tiles[3], whole),
        );
        increase(builder, a, i32.mul(whole, times(strideM, stripRows)));
        increase(builder, c, i32.mul(whole, times(strideCm, stripRows)));
      });
      for (const size of [1, 2, 3])
        builder.if(i32.eq(tail, i32.const(size)), () => run(tiles[size - 1], one));
    },
  );
}

const blockParameters = Array.from({ length: 13 }, () => "i32" as const);

/**
 * `(a, strideM, strideK, b, panelBytes, c, strideCm, strideCn, M, N, K, accumulate, scratch)`: the product over one
 * block of K, its panels of B panelBytes apart.
 */
function defineBlockProduct(module: ModuleBuilder, packLeft: FunctionReference): FunctionReference {
  const panelProduct = definePanelProduct(module);
  const rowTile = defineMicrokernel(module, { rows: 1, panels: 4, strips: false });
  const writeTile = defineWriteTile(module);
  const reference = module.declare("blockProduct", blockParameters);
  module.define(reference, (builder, parameters) => {
    const [a, strideM, strideK, b, panelBytes, c, strideCm, strideCn, M, N, K, accumulate, scratch] =
      parameters as [Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int];
    const tile = builder.local("i32", i32.add(scratch, i32.const(leftBytes)));
    const packedLeft = builder.local("i32", i32.ne(strideK, i32.const(floatBytes)));
    const contiguous = builder.local("i32", i32.eq(strideCn, i32.const(floatBytes)));
    const [rows, left, leftStride, panel, target, columns] = [0, 1, 2, 3, 4, 5].map(() =>
      builder.local("i32"),
    ) as [Int, Int, Int, Int, Int, Int];

    const next = (panels: number) => {
      increase(builder, panel, times(panelBytes, panels));
      increase(builder, target, times(strideCn, panels * panelColumns));
      increase(builder, columns, -panels * panelColumns);
    };
    const onePanel = () => {
      const multiply = (to: I32, stride: I32, add: I32) =>
        builder.call(panelProduct, left, leftStride, packedLeft, panel, to, stride, rows, K, add);
      builder.if(
        i32.and(contiguous, i32.ge_s(columns, i32.const(panelColumns))),
        () => multiply(target, strideCm, accumulate),
        () => {
          multiply(tile, i32.const(panelRowBytes), zero);
          const width = minimum(columns, panelColumns);
          builder.call(writeTile, tile, target, strideCm, strideCn, rows, width, accumulate);
        },
      );
      next(1);
    };

    builder.while(i32.gt_s(M, zero), () => {
      builder.set(rows, minimum(M, blockM));
      builder.set(left, a);
      builder.set(leftStride, strideM);
      builder.if(packedLeft, () => {
        builder.call(packLeft, a, strideM, strideK, rows, K, scratch);
        builder.set(left, scratch);
        builder.set(leftStride, times(K, floatBytes));
      });
      builder.set(panel, b);
      builder.set(target, c);
      builder.set(columns, N);
      builder.if(i32.and(contiguous, i32.eq(rows, one)), () =>
        builder.while(i32.ge_s(columns, i32.const(4 * panelColumns)), () => {
          builder.call(rowTile, left, leftStride, panel, panelBytes, target, strideCm, one, K, accumulate);
          next(4);
        }),
      );
      builder.while(i32.gt_s(columns, zero), onePanel);
      increase(builder, a, times(strideM, blockM));
      increase(builder, c, times(strideCm, blockM));
      increase(builder, M, -blockM);
    });
  });
  return reference;
}

/** Runs `body` for each block of K, and once if K is 0 and C is to be set to zero; K counts down, `size` is the block's. */
function forBlocksOfK(builder: FunctionBuilder, K: Int, accumulate: I32, size: Int, body: () => void): void {
  builder.if(i32.or(K, i32.eqz(accumulate)), () =>
    builder.doWhile(i32.gt_s(K, zero), () => {
      builder.set(size, minimum(K, blockK));
      body();
      increase(builder, K, i32.sub(zero, size));
    }),
  );
}

function defineProductPacked(module: ModuleBuilder, blockProduct: FunctionReference): FunctionReference {
  const reference = module.declare("product", blockParameters.slice(1));
  module.define(reference, (builder, parameters) => {
    const [a, strideM, strideK, packed, c, strideCm, strideCn, M, N, K, accumulate, scratch] = parameters as [
      Int,
      Int,
      Int,
      Int,
      Int,
      Int,
      Int,
      Int,
      Int,
      Int,
      Int,
      Int,
    ];
    const size = builder.local("i32");
    const panelBytes = builder.local("i32", times(K, panelRowBytes));
    forBlocksOfK(builder, K, accumulate, size, () => {
      const operands = [
        a,
        strideM,
        strideK,
        packed,
        panelBytes,
        c,
        strideCm,
        strideCn,
        M,
        N,
        size,
        accumulate,
        scratch,
      ];
      builder.call(blockProduct, ...operands);
      increase(builder, a, i32.mul(size, strideK));
      increase(builder, packed, times(size, panelRowBytes));
      builder.set(accumulate, one);
    });
  });
  return reference;
}

function defineProductUnpacked(
  module: ModuleBuilder,
  pack: FunctionReference,
  blockProduct: FunctionReference,
): FunctionReference {
  const reference = module.declare("productUnpacked", [...blockParameters, "i32"]);
  module.define(reference, (builder, parameters) => {
    const [a, strideM, strideK, b, strideBk, strideBn, c, strideCm, strideCn, M, N, K, accumulate, scratch] =
      parameters as [Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int, Int];
    const packed = builder.local("i32", i32.add(scratch, i32.const(productScratchBytes)));
    const [size, columns, left, right, depth, add] = [0, 1, 2, 3, 4, 5].map(() => builder.local("i32")) as [
      Int,
      Int,
      Int,
      Int,
      Int,
      Int,
    ];
    builder.while(i32.gt_s(N, zero), () => {
      builder.set(columns, minimum(N, blockN));
      builder.set(left, a);
      builder.set(right, b);
      builder.set(depth, K);
      builder.set(add, accumulate);
      forBlocksOfK(builder, depth, add, size, () => {
        builder.call(pack, right, strideBk, strideBn, size, columns, packed);
        const pitch = times(size, panelRowBytes);
        const operands = [
          left,
          strideM,
          strideK,
          packed,
          pitch,
          c,
          strideCm,
          strideCn,
          M,
          columns,
          size,
          add,
          scratch,
        ];
        builder.call(blockProduct, ...operands);
        increase(builder, left, i32.mul(size, strideK));
        increase(builder, right, i32.mul(size, strideBk));
        builder.set(add, one);
      });
      increase(builder, b, times(strideBn, blockN));
      increase(builder, c, times(strideCn, blockN));
      increase(builder, N, -blockN);
    });
  });
  return reference;
}

/** The matrix products of one module. */
export function defineProduct(module: ModuleBuilder): ProductFunctions {
  const { pack, packLeft } = definePack(module);
  const blockProduct = defineBlockProduct(module, packLeft);
  return {
    pack,
    product: defineProductPacked(module, blockProduct),
    productUnpacked: defineProductUnpacked(module, pack, blockProduct),
  };
}
