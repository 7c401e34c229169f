/**
 * Many files below one place, by their paths: a folder that somebody chose in a browser, files in memory, or a folder on disk
 * (`folderSource` of rondo/node).
 */

import { printGiven } from "../checks.ts";
import { DataError, UsageError } from "../errors.ts";
import { checkSource, type Source } from "./source.ts";

/** Files by their paths, whose parts have "/" between them wherever they are. */
export interface SourceFolder {
  /** What messages call it: its path or its name. */
  readonly name: string;
  /** The paths of all files in it and below it, sorted. Hidden files and folders, whose names begin with a dot, are left out. */
  paths(): Promise<readonly string[]>;
  /** The file at a path, which may begin with "./" too. Throws DataError where there is none. */
  open(path: string): Source;
}

/** A file that may say where it was chosen: a browser's `File` does. */
export interface ChosenFile extends Source {
  /** "recordings/dog/1.wav"; empty or undefined for a file that was chosen by itself. */
  readonly webkitRelativePath?: string | undefined;
}

/**
 * Files in memory as a folder: those of an `<input type="file" webkitdirectory>`, or any by their paths.
 *
 *     const folder = folderOf(input.files);
 *     const other = folderOf({ "dog/1.wav": first, "cat/1.wav": second });
 *
 * Nothing leads out of it: a path with ".." finds what is within, else DataError says that there is no such file. Throws UsageError for
 * what is no files, DataError for a path that leads nowhere and for two files at one path.
 *
 * @param name what messages call it; default the name of the folder that was chosen, or "folder"
 */
export function folderOf(
  files: Iterable<ChosenFile> | Readonly<Record<string, Source>>,
  name?: string,
): SourceFolder {
  if (typeof files !== "object" || files === null) {
    throw new UsageError(`folderOf: ${printGiven(files)} given, files or a record of them expected`);
  }
  const isList = Symbol.iterator in files;
  const entries = isList
    ? Array.from(files as Iterable<ChosenFile>, (file) => [chosenPath(file), file] as const)
    : Object.entries(files as Readonly<Record<string, Source>>);
  // What was chosen in a browser is all in one folder, whose name comes first.
  const [chosen = ""] = entries[0]?.[0].split("/") ?? [];
  const isChosen = isList && entries.every(([path]) => path.startsWith(`${chosen}/`));
  const where = name ?? (isChosen ? chosen : "folder");
  const byPath = new Map<string, Source>();
  for (const [given, file] of entries) {
    checkSource("folderOf", file);
    const path = normalPath(isChosen ? given.slice(chosen.length + 1) : given);
    if (path === undefined || path === "") {
      throw new DataError(`folderOf: path ${printGiven(given)} given, one within the folder expected`);
    }
    if (byPath.has(path)) throw new DataError(`${where}: two files given at ${path}`);
    byPath.set(path, file);
  }
  return {
    name: where,
    paths: async () => [...byPath.keys()].filter((path) => !isHidden(path)).sort(),
    open(path) {
      const file = byPath.get(normalPath(path) ?? "");
      if (file) return renamed(file, `${where}/${path}`);
      throw new DataError(`cannot read ${where}/${path}: no such file or directory`);
    },
  };
}

function chosenPath(file: ChosenFile): string {
  checkSource("folderOf", file);
  return file.webkitRelativePath || file.name;
}

/** A path without "." and ".."; undefined for one that leads out of the folder. */
function normalPath(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return undefined;
    } else if (part !== "." && part !== "") parts.push(part);
  }
  return path.startsWith("/") ? undefined : parts.join("/");
}

function isHidden(path: string): boolean {
  return path.split("/").some((part) => part.startsWith("."));
}

function renamed(file: Source, name: string): Source {
  const { size } = file;
  return { name, size, arrayBuffer: () => file.arrayBuffer(), stream: () => file.stream() };
}
