/** Which data a model was trained on: told in its file, and looked at when a training goes on. */

import { fingerprint, fingerprintOfNumbers } from "../data/fingerprint.ts";
import type { SeriesSet } from "../data/time-series/series.ts";
import { DataError, FormatError } from "../errors.ts";
import { isObject } from "../formats/json.ts";
import type { GivenFile } from "./task.ts";

export interface DataIdentity {
  /** Where the data are to be found again, or what they are called. */
  readonly name: string;
  /** 16 hexadecimal digits that differ for different data: see `fingerprint`. */
  readonly fingerprint: string;
}

/** The identity of data that are rows. */
export interface RowsIdentity extends DataIdentity {
  readonly rows: number;
}

/** The identity of the rows of a file; `lines` tell everything that is learnt of them. */
export function identifyRows(
  file: Pick<GivenFile, "location" | "name">,
  lines: readonly string[],
): RowsIdentity {
  const text = lines.map((line) => `${line}\n`).join("");
  return { name: file.location ?? file.name, rows: lines.length, fingerprint: fingerprint(text) };
}

/** The identity of the series of a table; `rows` are its own, those that stand for gaps not counted. */
export function identifySeries(
  { location, name }: Pick<GivenFile, "location" | "name">,
  { series }: SeriesSet,
): RowsIdentity {
  const rows = series.reduce((sum, { lines }) => sum + lines.filter((line) => line > 0).length, 0);
  const parts = series.map(({ id, start, length, columns, statics }) => ({
    ...{ id, start, length, statics },
    columns: Object.entries(columns).map(([column, values]) => [column, fingerprintOfNumbers(values)]),
  }));
  return { name: location ?? name, rows, fingerprint: fingerprint(JSON.stringify(parts)) };
}

/** What the identity of data is in a file: what it is of, what it counts, and what else must hold of it. */
export interface IdentityForm {
  /** Its name in the record of a training: "data". */
  readonly part: string;
  /** What it has beside name and fingerprint: "rows". */
  readonly counts: string;
  readonly holds?: (given: Readonly<Record<string, unknown>>) => boolean;
}

export const rowsForm: IdentityForm = { part: "data", counts: "rows" };

/** An identity out of a file's JSON. Throws FormatError for what is none. */
export function identityOfJson<Identity extends DataIdentity>(
  given: unknown,
  where: string,
  { part, counts, holds = () => true }: IdentityForm,
): Identity {
  const fits =
    isObject(given) &&
    typeof given.name === "string" &&
    /^[0-9a-f]{16}$/.test(String(given.fingerprint)) &&
    Number.isSafeInteger(given[counts]) &&
    holds(given);
  if (fits) return given as unknown as Identity;
  throw new FormatError(
    `${where}: training: ${part} ${JSON.stringify(given)}, expected a name and a fingerprint`,
  );
}

/**
 * Throws DataError unless the data that were found are those of before. `name` is what messages call them, `what` they are
 * "the file that", `counts` the part of an identity that says how many there are.
 */
export function requireSameData<Counts extends string>(
  name: string,
  found: DataIdentity & Readonly<Record<Counts, number>>,
  before: DataIdentity & Readonly<Record<Counts, number>>,
  { where, what, counts }: { readonly where: string; readonly what: string; readonly counts: Counts },
): void {
  if (found.fingerprint === before.fingerprint && found[counts] === before[counts]) return;
  throw new DataError(
    `${name} (${found[counts]} ${counts}) is not the ${what} that ${where} was trained on (${before.name}, ${before[counts]} ${counts})`,
  );
}
