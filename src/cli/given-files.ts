/** Which of a task's files are given: those that must be, and those that stand for another one. */

import { UsageError } from "../errors.ts";
import type { FileTable } from "../tasks/task.ts";
import { fileFlag, STANDARD } from "./task-options.ts";

/** The files that stand for another one, by their names. */
const standIns = (files: FileTable, name: string) =>
  Object.keys(files).filter((other) => files[other]?.insteadOf === name);

/** The names of files that are not given beside one: what it stands for, or what stands for it. */
export function insteadOf(files: FileTable, name: string): readonly string[] {
  const replaced = files[name]?.insteadOf;
  return [...(replaced === undefined ? [] : [replaced]), ...standIns(files, name)];
}

/** A file as the command names it: "--source", or "PAIRS" for the one that is an argument. */
const wordOf = (files: FileTable, name: string, argument: string | undefined) =>
  name === argument ? name.toUpperCase() : fileFlag(name, files[name] ?? {});

/** A required file that is not given, nor all of those that stand for it. */
export interface MissingFile {
  readonly name: string;
  /** Each way to give it, in words: "PAIRS", and "--source FILE --target FILE". */
  readonly ways: readonly string[];
}

/** The first required file that is missing; `argument` is the one that has no flag. */
export function missingFile(
  files: FileTable,
  paths: Readonly<Record<string, string>>,
  argument?: string,
): MissingFile | undefined {
  const isThere = (name: string) => paths[name] !== undefined;
  const name = Object.keys(files).find(
    (one) => files[one]?.required && !isThere(one) && !standIns(files, one).some(isThere),
  );
  if (name === undefined) return undefined;
  const given = (one: string) => `${wordOf(files, one, argument)}${one === argument ? "" : " FILE"}`;
  const others = standIns(files, name).map(given);
  return { name, ways: [given(name), ...(others.length > 0 ? [others.join(" ")] : [])] };
}

/** Throws UsageError for a file that is given beside one that it stands for, or without another that does so too. */
export function checkFiles(
  files: FileTable,
  paths: Readonly<Record<string, string>>,
  argument?: string,
): void {
  const word = (name: string) => wordOf(files, name, argument);
  for (const name of Object.keys(paths)) {
    const replaced = files[name]?.insteadOf;
    if (replaced === undefined) continue;
    if (paths[replaced] !== undefined) {
      throw new UsageError(
        `${word(name)} stands for ${word(replaced)}, and both are given: one of both expected`,
      );
    }
    const missing = standIns(files, replaced).find((other) => paths[other] === undefined);
    if (missing !== undefined)
      throw new UsageError(`${word(name)} given without ${word(missing)}: both expected`);
  }
}

/** Throws UsageError where what is read a second time can be read once. */
export function requireFiles(paths: Readonly<Record<string, string>>, use: string): void {
  if (!Object.values(paths).includes(STANDARD)) return;
  throw new UsageError(`the standard input cannot be read again for ${use}: a file expected in place of -`);
}
