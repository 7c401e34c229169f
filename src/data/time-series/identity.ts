/** Tells tables of series apart, so that a training goes on with the same one. */

import { printGiven } from "../../checks.ts";
import { DataError, FormatError } from "../../errors.ts";
import { fingerprint, fingerprintOfNumbers } from "../fingerprint.ts";
import type { SeriesSet } from "./series.ts";

export interface SeriesIdentity {
  /** What the table is called, or where it is to be found again. */
  readonly name: string;
  /** Rows of the table, those that stand for gaps not counted. */
  readonly rows: number;
  readonly fingerprint: string;
}

export function identifySeries(name: string, { series }: SeriesSet): SeriesIdentity {
  const rows = series.reduce(
    (sum, { lines }) => sum + lines.reduce((count, line) => count + Math.sign(line), 0),
    0,
  );
  const parts = series.map(({ id, start, length, columns, statics }) => ({
    ...{ id, start, length, statics },
    columns: Object.entries(columns).map(([column, values]) => [column, fingerprintOfNumbers(values)]),
  }));
  return { name, rows, fingerprint: fingerprint(JSON.stringify(parts)) };
}

/** Throws DataError unless a table is the one that a training began with. */
export function requireSameSeries(found: SeriesIdentity, before: SeriesIdentity, where: string): void {
  if (found.fingerprint === before.fingerprint) return;
  throw new DataError(
    `${found.name} (${found.rows} rows) is not the file that ${where} was trained on (${before.name}, ${before.rows} rows)`,
  );
}

/** An identity that was written as JSON. Throws FormatError for what is none. */
export function identityOfJson(json: unknown, where: string): SeriesIdentity {
  const { name, rows, fingerprint: found } = (json ?? {}) as Partial<SeriesIdentity>;
  if (typeof name === "string" && typeof found === "string" && Number.isSafeInteger(rows)) {
    return { name, rows: rows as number, fingerprint: found };
  }
  throw new FormatError(`${where}: ${printGiven(json)} given, name, rows and fingerprint expected`);
}
