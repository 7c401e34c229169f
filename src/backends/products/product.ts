/**
 * Float32 matrix products, C = A B or C += A B, blocked for the caches around the microkernels. All strides are in
 * bytes and may be anything. An element of C is summed in blocks along K, in the order of k, and K alone says where they
 * end: its bits depend on its row of A, its column of B and K.
 */

import { elementBytes, type Target } from "../../compiler/target.ts";
import { type FunctionReference, type I32, i32 } from "../instructions/expressions.ts";
import type { FunctionBuilder, ModuleBuilder } from "../instructions/functions.ts";
import { defineIntegers, type Integer, increase, minimum, times } from "../instructions/integers.ts";
import { blockScratchBytes, defineBlockProduct } from "./block.ts";
import { definePack, panelRowBytes } from "./pack.ts";

export { packedBytes } from "./pack.ts";

/** Bytes of scratch memory that `product` needs, whatever the shapes. */
export const productScratchBytes = blockScratchBytes;

/** Bytes of scratch memory that `productUnpacked` needs, whatever the shapes; `product` may share them. */
export function productUnpackedScratchBytes(target: Target): number {
  const { k, columns } = target.product.block;
  return productScratchBytes(target) + k * columns * elementBytes;
}

/** The parameters of every function are i32, addresses and strides in bytes; none has a result. */
export interface ProductFunctions {
  /** `(source, strideK, strideN, K, N, packed)`: B[k][n] to the panels that `product` reads, `packedBytes` of them. */
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

const zero = i32.const(0);
const one = i32.const(1);

/**
 * Runs `body` for each block of K, `size` long: as few as `most` allows, and equal but for the last. Runs it once if K is
 * 0 and C is to be set to zero. K counts down to 0, and blocks after the first accumulate.
 */
function forBlocksOfK(
  builder: FunctionBuilder,
  most: number,
  K: Integer,
  accumulate: Integer,
  body: (size: I32) => void,
): void {
  const size = builder.local("i32");
  builder.if(i32.or(K, i32.eqz(accumulate)), () => {
    // How many there are besides the first: none where K is 0.
    const others = builder.local("i32", i32.div_s(i32.sub(K, one), i32.const(most)));
    builder.set(size, i32.div_u(i32.add(K, others), i32.add(others, one)));
    builder.doWhile(K, () => {
      builder.if(i32.gt_s(size, K), () => builder.set(size, K));
      body(size);
      builder.set(accumulate, one);
      builder.set(K, i32.sub(K, size));
    });
  });
}

// biome-ignore format: one line for each operand
const productParameters = [
  "a", "strideM", "strideK",
  "packed",
  "c", "strideCm", "strideCn",
  "M", "N", "K", "accumulate", "scratch",
] as const;

function definePackedProduct(
  module: ModuleBuilder,
  target: Target,
  blockProduct: FunctionReference,
): FunctionReference {
  const rowBytes = panelRowBytes(target);
  return defineIntegers(module, "product", productParameters, (builder, given) => {
    const { a, strideM, strideK, packed, c, strideCm, strideCn, M, N, K, accumulate, scratch } = given;
    const panelBytes = builder.local("i32", times(K, rowBytes));
    const result = [c, strideCm, strideCn];
    forBlocksOfK(builder, target.product.block.k, K, accumulate, (size) => {
      const left = [a, strideM, strideK];
      builder.call(blockProduct, ...left, packed, panelBytes, ...result, M, N, size, accumulate, scratch);
      increase(builder, a, i32.mul(size, strideK));
      increase(builder, packed, times(size, rowBytes));
    });
  });
}

// biome-ignore format: one line for each operand
const unpackedParameters = [
  "a", "strideM", "strideK",
  "b", "strideBk", "strideBn",
  "c", "strideCm", "strideCn",
  "M", "N", "K", "accumulate", "scratch",
] as const;

function defineUnpackedProduct(
  module: ModuleBuilder,
  target: Target,
  pack: FunctionReference,
  blockProduct: FunctionReference,
): FunctionReference {
  const { block } = target.product;
  const rowBytes = panelRowBytes(target);
  return defineIntegers(module, "productUnpacked", unpackedParameters, (builder, given) => {
    const {
      a,
      strideM,
      strideK,
      b,
      strideBk,
      strideBn,
      c,
      strideCm,
      strideCn,
      M,
      N,
      K,
      accumulate,
      scratch,
    } = given;
    const packed = builder.local("i32", i32.add(scratch, i32.const(productScratchBytes(target))));
    const columns = builder.local("i32");
    const left = builder.local("i32");
    const right = builder.local("i32");
    const depth = builder.local("i32");
    const add = builder.local("i32");
    const result = [c, strideCm, strideCn];
    builder.while(i32.gt_s(N, zero), () => {
      builder.set(columns, minimum(N, block.columns));
      builder.set(left, a);
      builder.set(right, b);
      builder.set(depth, K);
      builder.set(add, accumulate);
      forBlocksOfK(builder, block.k, depth, add, (size) => {
        builder.call(pack, right, strideBk, strideBn, size, columns, packed);
        const panels = [packed, times(size, rowBytes)];
        builder.call(
          blockProduct,
          left,
          strideM,
          strideK,
          ...panels,
          ...result,
          M,
          columns,
          size,
          add,
          scratch,
        );
        increase(builder, left, i32.mul(size, strideK));
        increase(builder, right, i32.mul(size, strideBk));
      });
      increase(builder, b, times(strideBn, block.columns));
      increase(builder, c, times(strideCn, block.columns));
      increase(builder, N, -block.columns);
    });
  });
}

/** The matrix products of one module. */
export function defineProduct(module: ModuleBuilder, target: Target): ProductFunctions {
  const { pack, packLeft } = definePack(module, target);
  const blockProduct = defineBlockProduct(module, target, packLeft);
  return {
    pack,
    product: definePackedProduct(module, target, blockProduct),
    productUnpacked: defineUnpackedProduct(module, target, pack, blockProduct),
  };
}
