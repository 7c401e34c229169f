// Files on disk as sources: their bytes piece by piece, and one line for what cannot be read.
import { existsSync, readdirSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSourceText, sourceLines } from "../../src/data/source.ts";
import { DataError } from "../../src/errors.ts";
import { fileSource } from "../../src/node/file-source.ts";
import { temporaryFolder } from "../helpers/folder.ts";

/** Several pieces of a stream, with a character across the border of two. */
const long = `${"x".repeat(2 ** 16 - 1)}é\n${"line\n".repeat(50_000)}`;

/** How many of this process's open files are the file, where the platform tells. */
const opened = (path: string) =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === path;
    } catch {
      return false;
    }
  }).length;

describe("a file as a source", () => {
  it("gives its bytes at once, and piece by piece", async () => {
    const path = join(temporaryFolder({ "long.txt": long }), "long.txt");
    const source = fileSource(path);
    expect([source.name, source.size]).toEqual([path, long.length + 1]);
    expect(await readSourceText(source)).toBe(long);
    const lines: string[] = [];
    for await (const { text } of sourceLines(source)) lines.push(text);
    expect(lines).toEqual(long.trimEnd().split("\n"));
    const reader = source.stream().getReader();
    expect((await reader.read()).value?.length).toBe(2 ** 16);
    await reader.cancel();
  });

  it("holds the whole file in a buffer of its own", async () => {
    const path = join(temporaryFolder({ a: "short" }), "a");
    const bytes = await fileSource(path).arrayBuffer();
    expect(Object.prototype.toString.call(bytes)).toBe("[object ArrayBuffer]");
    expect(bytes.byteLength).toBe(5);
  });

  it.skipIf(!existsSync("/proc/self/fd"))("is open only while it is read", async () => {
    const path = join(temporaryFolder({ "long.txt": long }), "long.txt");
    const source = fileSource(path);
    source.stream();
    expect(opened(path)).toBe(0);
    for await (const { number } of sourceLines(source)) {
      if (number < 3) continue;
      expect(opened(path)).toBe(1);
      break;
    }
    expect(opened(path)).toBe(0);
    for await (const _ of sourceLines(source));
    expect(opened(path)).toBe(0);
  });

  it("says what is wrong with a path, before and while it is read", async () => {
    const folder = temporaryFolder({ file: "x\n" });
    const path = join(folder, "file");
    expect(() => fileSource(join(folder, "none"))).toThrow(
      new DataError(`cannot read ${join(folder, "none")}: no such file or directory`),
    );
    expect(() => fileSource(folder)).toThrow(new DataError(`cannot read ${folder}: it is a directory`));
    const source = fileSource(path);
    renameSync(path, join(folder, "moved"));
    const gone = new DataError(`cannot read ${path}: no such file or directory`);
    await expect(readSourceText(source)).rejects.toThrow(gone);
    await expect(sourceLines(source).next()).rejects.toThrow(gone);
    writeFileSync(path, "y\n");
    expect((await sourceLines(source).next()).value).toEqual({ number: 1, text: "y" });
  });
});
