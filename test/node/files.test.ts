// Files on disk: what is replaced is never half replaced, and every failure is one line with path and reason.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { DataError, RondoError } from "../../src/errors.ts";
import { appendLine, makeDirectory, readFileBytes, writeFileAtomic } from "../../src/node/files.ts";
import { lockFolder } from "../../src/node/lock.ts";
import { temporaryFolder } from "../helpers/folder.ts";

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

const bytes = (text: string) => new TextEncoder().encode(text);
const at = (name: string) => join(folder, name);

/** Runs statements in a Node process of its own that may write no file above `kibibytes`. */
function runWithFileLimit(kibibytes: number, statements: string) {
  const files = pathToFileURL(join(import.meta.dirname, "../../src/node/files.ts")).href;
  const script = `import { appendLine, writeFileAtomic } from ${JSON.stringify(files)}; ${statements}`;
  const command = `ulimit -f ${kibibytes}; exec "$0" --import tsx --input-type=module -e "$1"`;
  return spawnSync("bash", ["-c", command, process.execPath, script], { encoding: "utf8" });
}

describe("readFileBytes", () => {
  it("gives the bytes", () => {
    writeFileSync(at("a"), Uint8Array.of(0, 255, 10));
    expect([...readFileBytes(at("a"))]).toEqual([0, 255, 10]);
  });

  it("says what is wrong with a path", () => {
    writeFileSync(at("file"), "x");
    const read = (path: string) => () => readFileBytes(path);
    expect(read(at("none"))).toThrow(DataError);
    expect(read(at("none"))).toThrow(`cannot read ${at("none")}: no such file or directory`);
    expect(read(folder)).toThrow(`cannot read ${folder}: it is a directory`);
    expect(read(at("file/deeper"))).toThrow(/: a part of the path is not a directory$/);
    expect(read("a\0b")).toThrow(DataError);
  });
});

describe("writeFileAtomic", () => {
  it("makes and replaces a file and leaves nothing else", () => {
    writeFileAtomic(at("model"), bytes("first, and longer"));
    writeFileAtomic(at("model"), bytes("second"));
    expect(readFileSync(at("model"), "utf8")).toBe("second");
    expect(readdirSync(folder)).toEqual(["model"]);
  });

  it("replaces the file behind a symbolic link, not the link", () => {
    mkdirSync(at("store"));
    writeFileSync(at("store/model"), "old");
    symlinkSync(at("store/model"), at("link"));
    writeFileAtomic(at("link"), bytes("new"));
    expect(readFileSync(at("store/model"), "utf8")).toBe("new");
    expect(readdirSync(at("store"))).toEqual(["model"]);
  });

  it("refuses a missing directory, a parent that is a file, and a directory in the file's place", () => {
    writeFileSync(at("file"), "x");
    mkdirSync(at("directory"));
    const write = (path: string) => () => writeFileAtomic(path, bytes("new"));
    expect(write(at("none/model"))).toThrow(RondoError);
    expect(write(at("none/model"))).toThrow(`cannot write ${at("none/model")}: no such file or directory`);
    expect(write(at("file/model"))).toThrow(/: a part of the path is not a directory$/);
    expect(write(at("directory"))).toThrow(`cannot write ${at("directory")}: it is not a file`);
    expect(readdirSync(folder).sort()).toEqual(["directory", "file"]);
  });

  it.skipIf(!existsSync("/dev/full"))("does not put a file in a device's place", () => {
    symlinkSync("/dev/full", at("device"));
    expect(() => writeFileAtomic(at("device"), bytes("new"))).toThrow("it is not a file");
    expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
  });

  it.skipIf(process.platform === "win32")(
    "keeps the old file, and no part of the new, when there is no room",
    () => {
      writeFileSync(at("model"), "old");
      const path = JSON.stringify(at("model"));
      const { status, stderr } = runWithFileLimit(1024, `writeFileAtomic(${path}, new Uint8Array(3 << 20))`);
      expect(stderr).toContain(`cannot write ${at("model")}: the file is too large`);
      expect(status).toBe(1);
      expect(readFileSync(at("model"), "utf8")).toBe("old");
      expect(readdirSync(folder)).toEqual(["model"]);
    },
  );

  it("clears away what a killed process left, and leaves alone what a living one writes", () => {
    const gone = spawnSync(process.execPath, ["-e", ""]).pid;
    const leftovers = [`.model.${gone}.tmp`, `.model.${process.pid}.tmp`];
    const others = [`.model.${process.ppid}.tmp`, ".model.notes.tmp", `.other.${gone}.tmp`];
    for (const name of [...leftovers, ...others]) writeFileSync(at(name), "half");
    writeFileAtomic(at("model"), bytes("new"));
    expect(readdirSync(folder).sort()).toEqual([...others, "model"].sort());
    expect(readFileSync(at("model"), "utf8")).toBe("new");
  });
});

describe("appendLine", () => {
  it("adds lines", () => {
    appendLine(at("metrics.jsonl"), '{"step":1}');
    appendLine(at("metrics.jsonl"), '{"step":2}');
    expect(readFileSync(at("metrics.jsonl"), "utf8")).toBe('{"step":1}\n{"step":2}\n');
  });

  it("refuses two lines at once, a missing directory and a directory", () => {
    expect(() => appendLine(at("log"), "a\nb")).toThrow(RondoError);
    expect(existsSync(at("log"))).toBe(false);
    expect(() => appendLine(at("none/log"), "a")).toThrow(`cannot write ${at("none/log")}: no such file`);
    expect(() => appendLine(folder, "a")).toThrow("it is a directory");
  });

  it.skipIf(!existsSync("/dev/full"))("says that the disk is full", () => {
    expect(() => appendLine("/dev/full", "a")).toThrow("cannot write /dev/full: no space left on the disk");
  });

  it.skipIf(process.platform === "win32")("leaves no part of a line that did not fit", () => {
    const path = JSON.stringify(at("log"));
    const script = `appendLine(${path}, "kept"); appendLine(${path}, "x".repeat(3 << 20))`;
    const { status, stderr } = runWithFileLimit(1024, script);
    expect(stderr).toContain(`cannot write ${at("log")}: the file is too large`);
    expect(status).toBe(1);
    expect(readFileSync(at("log"), "utf8")).toBe("kept\n");
  });
});

describe("making directories", () => {
  it("makes those above too, and is content with one that is there", () => {
    makeDirectory(at("a/b/c"));
    makeDirectory(at("a/b/c"));
    makeDirectory(at("a/b/d"));
    expect(readdirSync(at("a/b")).sort()).toEqual(["c", "d"]);
  });
  it("refuses a file in the way", () => {
    writeFileSync(at("file"), "x");
    expect(() => makeDirectory(at("file"))).toThrow(
      new RondoError(`cannot make the folder ${at("file")}: a file is in the way`),
    );
    expect(() => makeDirectory(at("file/below"))).toThrow("a part of the path is not a directory");
  });
  it.skipIf(!existsSync("/proc/self"))("ends where a file system makes none", () => {
    expect(() => makeDirectory("/proc/none/below")).toThrow("cannot make the folder /proc/none/below");
    expect(() => lockFolder("/proc/none")).toThrow("cannot make the folder /proc/none");
  });
});
