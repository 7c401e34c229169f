/** Which files of pairs a translator was trained on: told in its file, and looked at when a training goes on. */

import { isObject } from "../../formats/json.ts";
import { type IdentityForm, identifyRows, identityOfJson, type RowsIdentity } from "../identity.ts";
import type { GivenFile } from "../task.ts";
import type { Corpus, PairFiles } from "./pairs.ts";

/** The identity of pairs, and where their files are to be found again. */
export interface PairsIdentity extends RowsIdentity {
  readonly files:
    | { readonly pairs: string }
    | { readonly source: string; readonly target: string }
    | { readonly [none: string]: never };
}

/** The identity of the pairs of files; of a list in memory there are none. */
export function identifyPairs({ name, pairs }: Corpus, files?: PairFiles): PairsIdentity {
  const { rows, fingerprint } = identifyRows(
    { name },
    pairs.map(({ source, target }) => JSON.stringify([source, target])),
  );
  const locations = Object.entries(files ?? {}).map(([role, file]: [string, GivenFile]) => [
    role,
    file.location ?? file.name,
  ]);
  return { name, rows, fingerprint, files: Object.fromEntries(locations) as PairsIdentity["files"] };
}

const ROLES: readonly string[] = ["", "pairs", "source,target"];

const form: IdentityForm = {
  part: "data",
  counts: "rows",
  holds: ({ files }) =>
    isObject(files) &&
    ROLES.includes(Object.keys(files).sort().join()) &&
    Object.values(files).every((path) => typeof path === "string"),
};

/** The identity of pairs out of a file's JSON; `part` is its name there. Throws FormatError. */
export function pairsIdentityOfJson(given: unknown, where: string, part = "data"): PairsIdentity {
  return identityOfJson<PairsIdentity>(given, where, { ...form, part });
}

/** Where the files of a training were, by their names in its table of files. */
export function locationsOf(
  data: PairsIdentity,
  validationData: PairsIdentity | null,
): Readonly<Record<string, string>> {
  const held = Object.entries(validationData?.files ?? {}).map(([role, path]) => [
    `validation${role.charAt(0).toUpperCase()}${role.slice(1)}`,
    path,
  ]);
  return { ...(data.files as Readonly<Record<string, string>>), ...Object.fromEntries(held) };
}
