/**
 * The microkernels of the matrix product: a tile of C, a few rows by the columns of one panel or several, is summed over
 * K in registers. Every kernel sums in the order of k, so that an element of C does not depend on the tile it falls in.
 */

import { elementBytes, type Target, vectorBytes } from "../../compiler/target.ts";
import {
  type FunctionReference,
  f32xN,
  type I32,
  i32,
  type Local,
  vectors,
} from "../instructions/expressions.ts";
import type { FunctionBuilder, ModuleBuilder } from "../instructions/functions.ts";
import { defineIntegers, type Integer, increase, times } from "../instructions/integers.ts";
import { panelRowBytes } from "./pack.ts";

/**
 * Values of k that the inner loop takes at once. It may end after any of them, which spares a loop for the remainder, and
 * keeps V8 from loading the operands of all of them first, for which there are not enough registers.
 */
const unroll = 4;
/** The most panels whose vectors are held at once. */
const mostPanelsAtOnce = 2;

export interface Tile {
  /** Rows of C. */
  readonly rows: number;
  /** Panels side by side. */
  readonly panels: number;
  /** Whether A is packed in a strip [K][rows]; otherwise A[m][k] is at a + m strideM + 4 k. */
  readonly strips?: boolean;
  /** Whether the next tile is the one to the right, and not the one below. */
  readonly along?: boolean;
}

const tileParameters = [
  "a",
  "strideM",
  "b",
  "panelBytes",
  "c",
  "strideCm",
  "count",
  "K",
  "accumulate",
] as const;

/**
 * Defines `(a, strideM, b, panelBytes, c, strideCm, count, K, accumulate)`: `count` tiles one below the other, or side by
 * side, each the product of its rows of A and of its panels, which follow each other at a distance of panelBytes; written
 * to C, or added to it.
 */
export function defineMicrokernel(module: ModuleBuilder, target: Target, tile: Tile): FunctionReference {
  const { rows, panels, strips = false, along = false } = tile;
  const name = `tile${rows}x${panels * target.product.panelColumns}${strips ? "strips" : ""}${along ? "along" : ""}`;
  const rowBytes = panelRowBytes(target);
  const bytes = vectorBytes(target);
  /** Vectors in a row of a panel, and in a row of the tile. */
  const inPanel = rowBytes / bytes;
  const inRow = inPanel * panels;
  const range = (count: number) => Array.from({ length: count }, (_, index) => index);
  return defineIntegers(module, name, tileParameters, (builder, given) => {
    const { a, strideM, b, panelBytes, c, strideCm, count, K, accumulate } = given;
    // A pointer for each row, of strips too: their loads then share one constant offset, which V8 adds by an instruction.
    const left = range(rows).map(() => builder.local("i32"));
    const stepOfK = elementBytes * (strips ? rows : 1);
    const right = range(panels).map(() => builder.local("i32"));
    const end = builder.local("i32");
    const ends = range(unroll - 1).map(() => builder.local("i32"));
    const sums = range(rows).map(() => range(inRow).map(() => builder.local("vector")));
    const panelVectors = range(inRow).map(() => builder.local("vector"));
    const elements = range(rows).map(() => builder.local("vector"));
    const first = right[0] as Integer;
    // Whether there are registers for the operands of several rows or panels at once, and a product on its way.
    const operands = rows + inPanel * Math.min(panels, mostPanelsAtOnce);
    const isRoomy = rows * inRow + operands < target.registers;
    const [rowsAtOnce, panelsAtOnce] = isRoomy ? [rows, mostPanelsAtOnce] : [1, 1];
    // Else one register serves several rows, and an element is loaded again for each panel.
    const isKept = isRoomy || rows === 1;
    let branches = 0;

    const multiply = (rowFrom: number, panelFrom: number, k: number) => {
      const own = range(inRow).slice(inPanel * panelFrom, inPanel * (panelFrom + panelsAtOnce));
      for (const at of rowFrom === 0 ? own : []) {
        const pointer = right[Math.floor(at / inPanel)] as Integer;
        const offset = k * rowBytes + bytes * (at % inPanel);
        builder.set(panelVectors[at] as Local<"vector">, vectors.load(pointer, offset));
      }
      for (const index of range(rows).slice(rowFrom, rowFrom + rowsAtOnce)) {
        const element = elements[index] as Local<"vector">;
        if (panelFrom === 0 || !isKept)
          builder.set(element, vectors.load32_splat(left[index] as Integer, k * stepOfK));
        for (const at of own) {
          const sum = sums[index]?.[at] as Local<"vector">;
          builder.set(sum, builder.multiplyAdd(element, panelVectors[at] as Local<"vector">, sum));
        }
      }
    };
    const step = (k: number) => {
      for (let panel = 0; panel < panels; panel += panelsAtOnce) {
        for (let row = 0; row < rows; row += rowsAtOnce) {
          // What is loaded ahead stays behind the next branch, unless that is on the same condition as one before it. These are never
          // taken: no panel stands that low.
          if (panel + row > 0 && !target.product.keepsOrder) {
            branches += 1;
            builder.leaveIf(i32.eq(first, i32.const(branches)), 1);
          }
          multiply(row, panel, k);
        }
      }
    };
    const sumOverK = () =>
      builder.doWhile(i32.ne(first, end), () => {
        for (let k = 0; k < unroll; k++) {
          step(k);
          if (k < unroll - 1) builder.leaveIf(i32.eq(first, ends[k] as Integer), 1);
        }
        for (const pointer of left) increase(builder, pointer, unroll * stepOfK);
        for (const pointer of right) increase(builder, pointer, unroll * rowBytes);
      });

    builder.while(count, () => {
      setPointers(builder, left, a, strips ? i32.const(elementBytes) : strideM);
      setPointers(builder, right, b, panelBytes);
      builder.set(end, i32.add(b, times(K, rowBytes)));
      ends.forEach((after, k) => {
        builder.set(after, i32.sub(end, i32.const((k + 1) * rowBytes)));
      });
      for (const sum of sums.flat()) builder.set(sum, f32xN.const(0));
      builder.if(K, sumOverK);
      const to = builder.local("i32", c);
      builder.if(accumulate, () => {
        for (const row of sums) {
          row.forEach((sum, at) => {
            builder.set(sum, f32xN.add(vectors.load(to, bytes * at), sum));
          });
          increase(builder, to, strideCm);
        }
        builder.set(to, c);
      });
      for (const row of sums) {
        row.forEach((sum, at) => {
          builder.emit(vectors.store(to, sum, bytes * at));
        });
        increase(builder, to, strideCm);
      }
      if (along) {
        increase(builder, b, times(panelBytes, panels));
        increase(builder, c, panels * rowBytes);
      } else {
        builder.set(c, to);
        increase(builder, a, strips ? times(K, stepOfK) : times(strideM, rows));
      }
      increase(builder, count, -1);
    });
  });
}

/** Sets the pointers to start, start + stride, ... */
function setPointers(builder: FunctionBuilder, pointers: Integer[], start: I32, stride: I32): void {
  pointers.forEach((pointer, index) => {
    const previous = pointers[index - 1];
    builder.set(pointer, previous ? i32.add(previous, stride) : start);
  });
}
