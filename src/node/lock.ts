/**
 * A folder that one process at a time works in. The lock is the folder `.lock` inside of it. The name of the only file in
 * there is the owner. So a lock changes hands by one renaming, in which only one process can succeed:
 *
 * - To make a lock, a process prepares a folder with its own name in it, and renames the folder to `.lock`.
 * - To take over from an owner that is dead, it renames the owner's file. The second process that tries no longer finds it.
 */

import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { RondoError } from "../errors.ts";
import { isRunning, makeMissing, reasonOf } from "./files.ts";

/** Who works in a folder. */
export interface LockOwner {
  readonly pid: number;
  /** The name of the machine, where it is not this one: whether the process still lives cannot be told then. */
  readonly host: string | undefined;
}

export interface Lock {
  /** Gives the folder free, and removes it again, with those above it, where they were made for the lock and are empty. */
  release(): void;
}

/** Renaming is refused with one of these where the target is there and holds something. */
const TAKEN = ["ENOTEMPTY", "EEXIST", "EPERM", "EACCES"];
/** Others come and go between two steps of ours at most so often. */
const MOST_ATTEMPTS = 100;

/** The names of the locks that this process holds. */
const held = new Set<string>();

/**
 * Takes the lock of a folder, which is made if it is missing; or says who has it. A process that has ended, however it
 * did, has nothing.
 *
 * @throws RondoError naming path and reason where the folder cannot be made or written in
 */
export function lockFolder(folder: string): Lock | LockOwner {
  const name = ownName();
  const lock = join(folder, ".lock");
  const prepared = join(folder, `.lock-${name}`);
  let made: string | undefined;
  const fail = (what: string, error: unknown) => {
    removeMade(folder, made);
    return new RondoError(`cannot ${what} the folder ${folder}: ${reasonOf(error)}`, { cause: error });
  };
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    try {
      made = makeMissing(folder) ?? made;
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === "ENOENT";
      if (isGone && attempt < MOST_ATTEMPTS - 1) continue;
      throw fail("make", error);
    }
    try {
      mkdirSync(prepared);
      writeFileSync(join(prepared, name), "");
      renameSync(prepared, lock);
      return hold(folder, name, made);
    } catch (error) {
      rmSync(prepared, { recursive: true, force: true });
      const { code = "", syscall } = error as NodeJS.ErrnoException;
      // Who made the folder, and does not need it, may remove it at any moment.
      if (code === "ENOENT") continue;
      if (syscall !== "rename" || !TAKEN.includes(code)) throw fail("write in", error);
    }
    const owner = ownerFile(folder);
    if (owner === undefined) {
      attemptTo(() => rmdirSync(lock));
    } else if (isAlive(owner)) {
      removeMade(folder, made);
      return describe(owner);
    } else if (attemptTo(() => renameSync(join(lock, owner), join(lock, name)))) {
      return hold(folder, name, made);
    }
  }
  throw fail("write in", new RondoError(`${lock} is in the way`));
}

/** Who works in a folder now. */
export function lockOwner(folder: string): LockOwner | undefined {
  const owner = ownerFile(folder);
  return owner !== undefined && isAlive(owner) ? describe(owner) : undefined;
}

function hold(folder: string, name: string, made: string | undefined): Lock {
  held.add(name);
  const release = () => {
    process.off("exit", release);
    if (!held.delete(name)) return;
    attemptTo(() => rmSync(join(folder, ".lock", name)));
    attemptTo(() => rmdirSync(join(folder, ".lock")));
    removeMade(folder, made);
  };
  process.on("exit", release);
  removeLeftovers(folder);
  return { release };
}

/** What processes that were killed had prepared. */
function removeLeftovers(folder: string): void {
  for (const entry of readdirSync(folder)) {
    const name = entry.slice(".lock-".length);
    if (!entry.startsWith(".lock-") || !OWNER.test(name) || isAlive(name)) continue;
    rmSync(join(folder, entry), { recursive: true, force: true });
  }
}

/** Removes `folder` and those above it up to the first that was made, while they are empty. */
function removeMade(folder: string, made: string | undefined): void {
  if (made === undefined) return;
  for (let path = folder; attemptTo(() => rmdirSync(path)); path = dirname(path)) {
    if (resolve(path) === resolve(made)) return;
  }
}

/** PID.START.ID@HOST: START tells processes apart that had the same id one after the other. */
const OWNER = /^(\d+)\.(\d+)\.[0-9a-f-]+@(.*)$/;

function ownName(): string {
  const start = processState(process.pid)?.start ?? 0;
  return `${process.pid}.${start}.${randomUUID()}@${encodeURIComponent(hostname())}`;
}

/** The name of the file that says who has the lock of a folder. */
function ownerFile(folder: string): string | undefined {
  try {
    return readdirSync(join(folder, ".lock")).find((name) => OWNER.test(name));
  } catch {
    return undefined;
  }
}

function describe(name: string): LockOwner {
  const [, pid = "", , host = ""] = OWNER.exec(name) ?? [];
  const decoded = decodeURIComponent(host);
  return { pid: Number(pid), host: decoded === hostname() ? undefined : decoded };
}

function isAlive(name: string): boolean {
  const { pid, host } = describe(name);
  if (host !== undefined) return true;
  if (pid === process.pid) return held.has(name);
  if (!isRunning(pid)) return false;
  const state = processState(pid);
  const start = Number(OWNER.exec(name)?.[2]);
  return state === undefined || (!state.ended && (start === 0 || state.start === start));
}

/** When a process started, and whether it has ended and only waits to be noticed, as Linux tells; elsewhere unknown. */
function processState(pid: number): { start: number; ended: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { start: Number(fields[19]) || 0, ended: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return undefined;
  }
}

/** Whether something could be done. */
function attemptTo(work: () => void): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}
