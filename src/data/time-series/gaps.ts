/** What stands where values are missing between others. */
import type { GapKind } from "./reading.ts";

/** Fills values that are missing (NaN) between others, in place; those before the first and after the last one stay missing. */
export function fillGaps(values: Float64Array, kind: GapKind): void {
  if (kind === "mask") return;
  let last = -1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] as number;
    if (Number.isNaN(value)) continue;
    if (last >= 0 && at - last > 1) {
      const before = values[last] as number;
      const rise = kind === "linear" ? (value - before) / (at - last) : 0;
      for (let gap = last + 1; gap < at; gap++) values[gap] = before + rise * (gap - last);
    }
    last = at;
  }
}
