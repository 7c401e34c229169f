/** Which table a model was trained on: by its values, so that a training goes on with no other. */

import { fingerprint } from "../data/fingerprint.ts";
import type { SeriesSet } from "../data/time-series/series.ts";

export interface SeriesIdentity {
  readonly name: string;
  readonly rows: number;
  readonly fingerprint: string;
}

export function identifySeries(name: string, { series }: SeriesSet): SeriesIdentity {
  let rows = 0;
  const parts = series.map(({ id, start, lines, columns }) => {
    rows += lines.reduce((count, line) => count + (line > 0 ? 1 : 0), 0);
    const values = Object.entries(columns).map(([column, numbers]) => `${column}\t${numbers.join(" ")}\n`);
    return `${id}\t${start}\n${values.join("")}`;
  });
  return { name, rows, fingerprint: fingerprint(parts.join("")) };
}
