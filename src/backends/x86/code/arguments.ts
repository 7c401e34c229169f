/** Where arguments of our own calls stand: in the caller's frame, from its lowest address on. */

import type { ValueType } from "../../instructions/expressions.ts";

const vectorBytes = 64;

export function argumentOffsets(types: readonly ValueType[]): {
  readonly offsets: readonly number[];
  readonly bytes: number;
} {
  let bytes = 0;
  const offsets = types.map((type) => {
    const size = type === "vector" ? vectorBytes : 8;
    const offset = Math.ceil(bytes / size) * size;
    bytes = offset + size;
    return offset;
  });
  return { offsets, bytes };
}
