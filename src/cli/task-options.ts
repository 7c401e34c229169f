/** The options of a task's commands, from the task's tables: flags from options, and options from flags. */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../errors.ts";
import { fileSource } from "../node/file-source.ts";
import { folderSource, isFolder } from "../node/folder-source.ts";
import { standardInput } from "../node/standard-input.ts";
import { type OptionRow, optionRows } from "../options/table.ts";
import {
  type FileFacts,
  type FileTable,
  type GivenFile,
  type GivenFiles,
  type GivenOptions,
  givenFolder,
  type Signature,
} from "../tasks/task.ts";
import { names, number, numbers, path } from "./options.ts";

/** A name as it stands in flags: learningRate is learning-rate. */
function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The flag of an option, as in "--learning-rate". */
export function flagOf({ flag, path }: OptionRow): string {
  return `--${flag ?? dashed(path.at(-1) as string)}`;
}

/** The flag of a file, as in "--validation-text". */
export function fileFlag(name: string, { flag }: { readonly flag?: string }): string {
  return `--${flag ?? dashed(name)}`;
}

/** The files and options of one of a task's commands; a file that is an argument of the command is left out. */
export function signatureOptions({ files, options }: Signature, argument?: string): Option[] {
  const named = Object.entries(files).filter(([name]) => name !== argument);
  return [
    ...named.map(([name, facts]) =>
      new Option(`${fileFlag(name, facts)} <${facts.folder ? "path" : "file"}>`, facts.help).argParser(path),
    ),
    ...optionRows(options).map((row) => optionOf(row, fileOfOption(files, row))),
  ];
}

/** The file that the value of an option may name, as a flag; undefined where there is none. */
export function fileOfOption(files: FileTable, { path }: OptionRow): string | undefined {
  const found = Object.entries(files).find(([, { option }]) => option === path.join("."));
  return found && fileFlag(...found);
}

/** Adds `signatureOptions` to a command. */
export function addSignature(command: Command, signature: Signature, argument?: string): Command {
  for (const option of signatureOptions(signature, argument)) command.addOption(option);
  return command;
}

/** The default as people read it; undefined where there is none. */
export function defaultOf({ kind, usually, standard }: OptionRow): string | undefined {
  if (usually !== undefined) return usually;
  const said = String(standard ?? "");
  return kind === "yes" || said === "" ? undefined : said;
}

/** What turns the words of an option into its values; a list goes on where its flag is given again. */
const parsers: Partial<Record<OptionRow["kind"], <T>(text: string, before: T) => unknown>> = {
  number,
  numbers: (text, before) => [...((before ?? []) as number[]), ...numbers(text)],
  names: (text, before) => [...((before ?? []) as string[]), ...names(text)],
};

/** A number, or the path of a file that there is. */
function numberOrFile(text: string): number | string {
  if (text.trim() !== "" && Number.isFinite(Number(text))) return Number(text);
  if (existsSync(path(text))) return text;
  throw new InvalidArgumentError("It is neither a number nor a file that there is.");
}

function optionOf(row: OptionRow, file: string | undefined): Option {
  const { kind, argument = kind === "choice" ? "name" : kind, choices, required } = row;
  const value = file === undefined ? argument : `${argument} or file`;
  const flag = kind === "yes" ? flagOf(row) : `${flagOf(row)} <${value}>`;
  const said = defaultOf(row);
  const standard = required ? " (must be given)" : said === undefined ? "" : ` (default: ${said})`;
  const option = new Option(flag, `${helpOf(row, file)}${standard}`);
  if (choices) option.choices(choices);
  const parser = file === undefined ? parsers[kind] : numberOrFile;
  if (parser) option.argParser(parser);
  return option;
}

/** What is said of an option, and of the file that it may name. */
export function helpOf({ help }: OptionRow, file: string | undefined): string {
  return file === undefined ? help : `${help}; or a file, as ${file}`;
}

/** The options that flags give: a group's within it, those that were not given, or name a file, left out. */
export function givenOptions(signature: Signature, flags: Readonly<Record<string, unknown>>): GivenOptions {
  const given: Record<string, unknown> = {};
  for (const row of optionRows(signature.options)) {
    const value = flags[attributeOf(flagOf(row))];
    const isFile = typeof value === "string" && fileOfOption(signature.files, row) !== undefined;
    if (value === undefined || isFile) continue;
    const [group, name] = row.path as [string, string?];
    if (name === undefined) given[group] = value;
    else given[group] = { ...(given[group] as object), [name]: value };
  }
  return given;
}

/** The paths that flags give for files, by the names of the files. Throws UsageError for a file that is given twice. */
export function givenPaths(
  files: FileTable,
  flags: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const entries = Object.entries(files).flatMap(([name, facts]) => {
    const given = flagsOf(name, facts).flatMap((flag) => {
      const value = flags[attributeOf(flag)];
      return typeof value === "string" ? [{ flag, value }] : [];
    });
    const [first, second] = given;
    if (second) {
      const both = given.map(({ flag, value }) => `${flag} ${value}`).join(" and ");
      throw new UsageError(`${both} are one file: one of both expected`);
    }
    return first ? [[name, first.value]] : [];
  });
  return Object.fromEntries(entries);
}

/** Whether a flag, by what commander calls its value, gives a file. */
export function givesFile(
  files: FileTable,
  flags: Readonly<Record<string, unknown>>,
  attribute: string,
): boolean {
  const isIts = ([name, facts]: [string, FileFacts]) =>
    flagsOf(name, facts).some((flag) => attributeOf(flag) === attribute);
  return typeof flags[attribute] === "string" && Object.entries(files).some(isIts);
}

/** The flags that may give a file: its own, and that of an option which may name it. */
function flagsOf(name: string, facts: FileFacts): string[] {
  const { option } = facts;
  return [fileFlag(name, facts), ...(option === undefined ? [] : [`--${dashed(option)}`])];
}

/** Files to read, which are found again. Throws DataError for one that cannot be read, and for a folder where there may be none. */
export function openFiles(files: FileTable, paths: Readonly<Record<string, string>>): GivenFiles {
  return opened(paths, (path, name) => ({ ...openPath(path, files[name]), location: resolve(path) }));
}

/** The path that stands for the standard input, or the standard output. */
export const STANDARD = "-";

/** Files to read once, of which one may be the standard input. Throws as `openFiles` does, and UsageError where two are. */
export function openInputs(files: FileTable, paths: Readonly<Record<string, string>>): GivenFiles {
  const [, second] = Object.keys(paths).filter((name) => paths[name] === STANDARD);
  if (second !== undefined) {
    throw new UsageError(
      `${fileFlag(second, files[second] ?? {})} -: the standard input is read already, a file expected`,
    );
  }
  return opened(paths, (path, name) => openInput(path, files[name]));
}

export function openInput(path: string, facts?: FileFacts): GivenFile {
  if (path === STANDARD) return { ...standardInput(), folder: folderSource(".") };
  return openPath(path, facts);
}

function opened(
  paths: Readonly<Record<string, string>>,
  open: (path: string, name: string) => GivenFile,
): GivenFiles {
  return Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, open(path, name)]));
}

function openPath(path: string, facts: FileFacts | undefined): GivenFile {
  if (facts?.folder && isFolder(path)) return givenFolder(folderSource(path));
  return { ...fileSource(path), folder: folderSource(dirname(path)) };
}

/** The first required option that is not given, as a flag. */
export function missingOption(
  { options }: Signature,
  flags: Readonly<Record<string, unknown>>,
): string | undefined {
  const missing = optionRows(options).find(
    (row) => row.required && flags[attributeOf(flagOf(row))] === undefined,
  );
  return missing && flagOf(missing);
}

/** How commander calls the value of a flag. */
function attributeOf(flag: string): string {
  return new Option(flag).attributeName();
}
