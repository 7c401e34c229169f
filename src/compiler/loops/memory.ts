/** Where buffers stand, once sizes are known: those that are alive at the same time stand apart. */

import { type Bindings, evaluateDimension } from "../../graph/dimension.ts";
import { elementBytes, type Target, vectorBytes } from "../target.ts";
import type { Buffer, Lifetime, LoweredProgram } from "./program.ts";

/** Whether a buffer stands in the arena, which is laid out for the sizes of a call, and not in a place of its own. */
export const isInArena = ({ kind }: Buffer) => kind !== "variable" && kind !== "lasting";

/** The buffers in the arena, each with its lifetime: the whole program where memory is not shared. */
export function livesOf({ lifetimes, buffers }: LoweredProgram): readonly Lifetime[] {
  return lifetimes ?? buffers.filter(isInArena).map((buffer) => ({ buffer, from: 0, to: 0 }));
}

/** What kernels read of so many bytes: a load of a vector may begin at the last element. Nothing is written behind that. */
export function usedBytes(bytes: number, target: Target): number {
  return bytes + vectorBytes(target);
}

/** Room for so many bytes, in whole cache lines. */
export function paddedBytes(bytes: number, target: Target): number {
  return alignedBytes(usedBytes(bytes, target), target);
}

/** The next address from `bytes` on at which a cache line starts. */
export function alignedBytes(bytes: number, { cache }: Target): number {
  return Math.ceil(bytes / cache.line) * cache.line;
}

/** Addresses of all buffers of the arena, in bytes from its start, and the arena's size. */
export function placeBuffers(
  program: LoweredProgram,
  bindings: Bindings,
): { addresses: Map<Buffer, number>; bytes: number } {
  const sized = livesOf(program).map((life) => {
    const bytes = elementBytes * evaluateDimension(life.buffer.size, bindings);
    return { life, bytes: paddedBytes(bytes, program.target) };
  });
  // Those first that take most room for longest, each at the lowest address where no other of the same time stands.
  const extent = ({ life, bytes }: (typeof sized)[number]) => bytes * (life.to - life.from + 1);
  sized.sort(
    (a, b) => extent(b) - extent(a) || a.life.from - b.life.from || a.life.buffer.id - b.life.buffer.id,
  );
  const placed: { life: Lifetime; start: number; end: number }[] = [];
  const addresses = new Map<Buffer, number>();
  let whole = 0;
  for (const { life, bytes } of sized) {
    const inTheWay = placed
      .filter((other) => other.life.from <= life.to && life.from <= other.life.to)
      .sort((a, b) => a.start - b.start);
    let start = 0;
    for (const other of inTheWay) {
      if (start + bytes <= other.start) break;
      start = Math.max(start, other.end);
    }
    placed.push({ life, start, end: start + bytes });
    addresses.set(life.buffer, start);
    whole = Math.max(whole, start + bytes);
  }
  return { addresses, bytes: whole };
}
