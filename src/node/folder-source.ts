/** A folder on disk as a source of many files, for Node. */

import { readdirSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { SourceFolder } from "../data/folder.ts";
import { fileSource } from "./file-source.ts";
import { unreadable } from "./files.ts";

/**
 * The files in a folder and below it; symbolic links are followed. `open` takes any path as a shell in the folder would, one that leads
 * out of it ("../more/1.wav") and an absolute one too: a table may name whatever its reader may read.
 *
 * @throws DataError naming path and reason, when its files are asked for: missing, no directory, not readable
 */
export function folderSource(path: string): SourceFolder {
  return {
    name: path,
    paths: async () => [...filesBelow(path)],
    open: (file) => fileSource(isAbsolute(file) ? file : join(path, file)),
  };
}

/** Whether there is a folder at a path. */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The paths of the files in a folder and below it, sorted; as far as they are asked for. */
export function filesBelow(folder: string): Generator<string> {
  return walk(folder, "", []);
}

/** `above` are the folders that lead here: a link to one of them would go on for ever. */
function* walk(folder: string, before: string, above: readonly string[]): Generator<string> {
  const own = orUnreadable(folder, (path) => realpathSync(path));
  if (above.includes(own)) return;
  const entries = orUnreadable(folder, (path) => readdirSync(path)).filter((name) => !name.startsWith("."));
  const found = entries.map((name) => {
    const path = join(folder, name);
    const kind = orUnreadable(path, (given) => statSync(given));
    return { name, path, kind, sort: kind.isDirectory() ? `${name}/` : name };
  });
  // As whole paths sort, whatever the order of the disk.
  found.sort((a, b) => (a.sort < b.sort ? -1 : 1));
  for (const { name, path, kind } of found) {
    if (kind.isDirectory()) yield* walk(path, `${before}${name}/`, [...above, own]);
    else if (kind.isFile()) yield `${before}${name}`;
  }
}

function orUnreadable<Result>(path: string, work: (path: string) => Result): Result {
  try {
    return work(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}
