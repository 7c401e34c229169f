/** Where the numbers of columns lie and how far they spread, over several series. */

import { Scaler } from "../scaler.ts";

/** Of each column: what is taken off, and what is divided by then. */
export interface ColumnScales {
  readonly center: readonly number[];
  readonly scale: readonly number[];
}

/**
 * Mean and deviation of columns, each given as its numbers in each series, NaN for what is missing. A column without any
 * number is left as it is: center 0, scale 1.
 */
export function scalesOfColumns(columns: readonly (readonly Float64Array[])[]): ColumnScales {
  const scalers = columns.map((lists) => {
    const known = lists.filter((values) => values.some((value) => !Number.isNaN(value)));
    return known.length === 0 ? undefined : Scaler.fit("standard", known, { features: 1 });
  });
  return {
    center: scalers.map((scaler) => scaler?.center[0] ?? 0),
    scale: scalers.map((scaler) => scaler?.scale[0] ?? 1),
  };
}
