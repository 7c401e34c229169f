// The lock of a folder: one owner at a time, whoever races for it and however an owner ended.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, inject, it } from "vitest";
import { RondoError } from "../../src/errors.ts";
import { type Lock, type LockOwner, lockFolder, lockOwner } from "../../src/node/lock.ts";
import { temporaryFolder } from "../helpers/folder.ts";

function taken(result: Lock | LockOwner): Lock {
  if ("release" in result) return result;
  throw new Error(`process ${result.pid} has the lock`);
}

/** The lock as a process left it that was killed. */
function leave(folder: string, pid: number, { start = 0, host = hostname() } = {}): void {
  const name = `${pid}.${start}.${randomUUID()}@${encodeURIComponent(host)}`;
  mkdirSync(join(folder, ".lock"), { recursive: true });
  writeFileSync(join(folder, ".lock", name), "");
}

/** The id of a process that has ended. */
const deadProcess = () => spawnSync(process.execPath, ["-e", ""]).pid;

it("is one owner's until it is released, and leaves nothing", () => {
  const folder = temporaryFolder();
  const lock = taken(lockFolder(folder));
  expect(lockFolder(folder)).toEqual({ pid: process.pid, host: undefined });
  expect(lockOwner(folder)).toEqual({ pid: process.pid, host: undefined });
  expect(readdirSync(folder)).toEqual([".lock"]);
  lock.release();
  lock.release();
  expect(lockOwner(folder)).toBeUndefined();
  expect(readdirSync(folder)).toEqual([]);
  taken(lockFolder(folder)).release();
});

it("removes what was made for it, unless something came to be there", () => {
  const folder = temporaryFolder();
  taken(lockFolder(join(folder, "a/b/c"))).release();
  expect(readdirSync(folder)).toEqual([]);
  mkdirSync(join(folder, "a"));
  const lock = taken(lockFolder(join(folder, "a/b")));
  lock.release();
  expect(readdirSync(folder)).toEqual(["a"]);
  const used = taken(lockFolder(join(folder, "a/b")));
  writeFileSync(join(folder, "a/b/file"), "");
  used.release();
  expect(readdirSync(join(folder, "a/b"))).toEqual(["file"]);
});

it.each<[string, () => number]>([
  ["a process that has ended", deadProcess],
  ["an earlier process with this one's id", () => process.pid],
])("is taken over from %s", (_, owner) => {
  const folder = temporaryFolder();
  leave(folder, owner());
  expect(lockOwner(folder)).toBeUndefined();
  taken(lockFolder(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

it.skipIf(!existsSync("/proc/self/stat"))(
  "is taken over where another process has got the owner's id",
  () => {
    const folder = temporaryFolder();
    leave(folder, process.ppid, { start: 1 });
    taken(lockFolder(folder)).release();
  },
);

it("is taken where an owner was killed while it released it, or prepared it", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, ".lock"));
  mkdirSync(join(folder, `.lock-${deadProcess()}.0.${randomUUID()}@${hostname()}`));
  taken(lockFolder(folder)).release();
  expect(readdirSync(folder)).toEqual([]);
});

it("stays with a process of another machine, which nobody can look up", () => {
  const folder = temporaryFolder();
  leave(folder, deadProcess(), { host: "else where/é" });
  expect(lockFolder(folder)).toMatchObject({ host: "else where/é" });
});

it("of what is no folder is refused", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "");
  for (const [path, reason] of [
    ["file", "a file is in the way"],
    ["file/folder", "a part of the path is not a directory"],
  ] as const) {
    expect(() => lockFolder(join(folder, path))).toThrow(RondoError);
    expect(() => lockFolder(join(folder, path))).toThrow(
      new RegExp(`^cannot make the folder .*${path}: ${reason}$`),
    );
  }
  writeFileSync(join(folder, ".lock"), "");
  expect(() => lockFolder(folder)).toThrow(/^cannot write in the folder /);
});

interface Contender {
  readonly child: ChildProcess;
  readonly ready: Promise<void>;
  readonly result: Promise<string>;
}

function contend(folder: string, signal: string): Contender {
  const script = join(inject("built"), "test/node/lock-holder.js");
  const child = spawn(process.execPath, [script, folder, signal]);
  const line = (pattern: RegExp) =>
    new Promise<string>((done) => {
      let text = "";
      child.stdout.on("data", (data) => {
        text += data;
        const [found] = pattern.exec(text) ?? [];
        if (found) done(found);
      });
      child.on("close", () => done(text));
    });
  const ready = line(/ready/).then(() => {});
  return { child, ready, result: line(/has it|refused by \d+/) };
}

it("goes to one of six processes that take it over at the same moment, again and again", async () => {
  const folder = temporaryFolder();
  leave(folder, deadProcess());
  for (const round of [1, 2]) {
    const signal = join(folder, `go-${round}`);
    const all = Array.from({ length: 6 }, () => contend(folder, signal));
    await Promise.all(all.map(({ ready }) => ready));
    writeFileSync(signal, "");
    const results = await Promise.all(all.map(({ result }) => result));
    const winners = all.filter((_, index) => results[index] === "has it");
    expect(winners).toHaveLength(1);
    expect(results.filter((text) => text === `refused by ${winners[0]?.child.pid}`)).toHaveLength(5);
    const ended = all.map(({ child }) => new Promise((done) => child.on("close", done)));
    for (const { child } of all) child.kill("SIGKILL");
    await Promise.all(ended);
    expect(lockOwner(folder)).toBeUndefined();
  }
}, 60_000);
