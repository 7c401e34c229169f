/** Files on disk, for Node: read whole, replaced whole or extended by lines. Knows nothing of what is in them. */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { DataError, RondoError } from "../errors.ts";

const REASONS: Record<string, string> = {
  ENOENT: "no such file or directory",
  ENOTDIR: "a part of the path is not a directory",
  EEXIST: "a file is in the way",
  EISDIR: "it is a directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the disk",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is too large",
  EMFILE: "too many open files",
  ERR_FS_FILE_TOO_LARGE: "the file is too large to read at once",
};

/** The bytes of a file. @throws DataError naming path and reason: missing, a directory, not readable */
export function readFileBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** The error for a file that cannot be read. */
export function unreadable(path: string, error: unknown): DataError {
  return new DataError(`cannot read ${path}: ${reasonOf(error)}`, { cause: error });
}

/** Makes a directory and those above it, where they are missing. @throws RondoError naming path and reason */
export function makeDirectory(path: string): void {
  try {
    makeMissing(path);
  } catch (error) {
    throw new RondoError(`cannot make the folder ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/**
 * Makes a directory and those above it, where they are missing, and returns the topmost that it made. Node's own way never
 * returns where a file system refuses to make a directory by saying that there is none, as /proc does.
 */
export function makeMissing(path: string): string | undefined {
  if (makeOne(path, "ENOENT")) return path;
  if (isDirectory(path)) return undefined;
  const made = makeMissing(dirname(path));
  return makeOne(path) ? (made ?? path) : made;
}

/** Makes one directory; false where it is there already, or for a reason that is to be passed over. */
function makeOne(path: string, passed?: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (isDirectory(path) || (code === passed && dirname(path) !== path)) return false;
    throw error;
  }
}

/** Whether there is a file at `path` that can be read again and again: no folder, pipe or device. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether two paths lead to one file. */
export function isSameFile(path: string, other: string): boolean {
  return existsSync(path) && existsSync(other) && realpathSync(path) === realpathSync(other);
}

/** Whether a path, of a file that there need not be, is a folder or lies in it. */
export function isWithin(folder: string, path: string): boolean {
  const above = dirname(path);
  if (existsSync(path)) return isBelow(realpathSync(folder), realpathSync(path));
  return existsSync(above) && isBelow(realpathSync(folder), realpathSync(above));
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !(way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way));
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Replaces a file, or makes it. At any moment `path` holds all of the old bytes or all of the new ones, even after a crash or
 * on a full disk: see `FileReplacement`.
 *
 * @throws RondoError naming path and reason; the old file is untouched then and no temporary file stays
 */
export function writeFileAtomic(path: string, bytes: Uint8Array): void {
  const file = new FileReplacement(path);
  file.write(bytes);
  file.complete();
}

/**
 * What takes the place of a file once it is complete: a temporary file in the same directory, which is synced and renamed, and
 * the directory synced. A symbolic link is followed. A temporary file that an earlier, killed process left is removed.
 * Whatever throws, throws RondoError naming path and reason; the old file is untouched then and no temporary file stays.
 */
export class FileReplacement {
  readonly #path: string;
  readonly #target: string;
  readonly #temporary: string;
  /** Undefined once it is closed. */
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
    try {
      this.#target = resolveTarget(path);
      const directory = dirname(this.#target);
      removeLeftovers(directory, basename(this.#target));
      this.#temporary = join(directory, `.${basename(this.#target)}.${process.pid}.tmp`);
      this.#file = openSync(this.#temporary, "wx");
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** Adds bytes at the end. */
  write(bytes: Uint8Array): void {
    this.#orRemoved((file) => writeFileSync(file, bytes));
  }

  /** Puts it in the place of the file. */
  complete(): void {
    this.#orRemoved((file) => {
      fsyncSync(file);
      this.#close();
      renameSync(this.#temporary, this.#target);
    });
    syncDirectory(dirname(this.#target));
  }

  /** Gives it up: the old file stays. */
  abandon(): void {
    this.#close();
    rmSync(this.#temporary, { force: true });
  }

  #close(): void {
    if (this.#file === undefined) return;
    const file = this.#file;
    this.#file = undefined;
    closeSync(file);
  }

  #orRemoved(work: (file: number) => void): void {
    try {
      work(this.#file as number);
    } catch (error) {
      this.abandon();
      throw unwritable(this.#path, error);
    }
  }
}

function unwritable(path: string, error: unknown): RondoError {
  return new RondoError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error });
}

/**
 * Adds `line` and a line end to a file, which is made if need be. After a failure the file is as long as before.
 *
 * @throws RondoError naming path and reason
 */
export function appendLine(path: string, line: string): void {
  if (line.includes("\n")) throw new RondoError(`cannot write ${path}: a line holds a line end`);
  try {
    const file = openSync(path, "a");
    try {
      const before = fstatSync(file);
      try {
        writeFileSync(file, `${line}\n`);
      } catch (error) {
        if (before.isFile()) ftruncateSync(file, before.size);
        throw error;
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** The file behind `path`; refuses what is no file (a device, say), which renaming would destroy. */
function resolveTarget(path: string): string {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return path;
  const target = realpathSync(path);
  if (!lstatSync(target).isFile()) throw new RondoError("it is not a file");
  return target;
}

/** Makes a rename last through a power cut, where the platform can: Windows and some network file systems refuse. */
function syncDirectory(directory: string): void {
  try {
    const handle = openSync(directory, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // The new file is in place already: only its surviving a power cut is less certain.
  }
}

/** Removes temporary files and folders of `name` whose process is gone, or that this process left when its id was another's. */
export function removeLeftovers(directory: string, name: string): void {
  for (const entry of readdirSync(directory)) {
    if (!entry.startsWith(`.${name}.`) || !entry.endsWith(".tmp")) continue;
    const owner = entry.slice(name.length + 2, -".tmp".length);
    if (!/^\d+$/.test(owner)) continue;
    if (Number(owner) === process.pid || !isRunning(Number(owner)))
      rmSync(join(directory, entry), { force: true, recursive: true });
  }
}

/** Whether there is a process of this id. */
export function isRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Why something could not be done with a file, in words. */
export function reasonOf(error: unknown): string {
  if (error instanceof RondoError) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? message.replace(/\s+/g, " ");
}
