// Files in memory as a folder: chosen in a browser, or by their paths.
import { expect, it } from "vitest";
import { folderOf } from "../../src/data/folder.ts";
import { readSourceText, sourceLines, textSource } from "../../src/data/source.ts";
import { DataError, UsageError } from "../../src/errors.ts";
import { givenFolder } from "../../src/tasks/task.ts";

/** A file as a browser gives it. */
function chosen(path: string, text: string): File {
  const file = new File([text], path.split("/").at(-1) as string);
  return Object.defineProperty(file, "webkitRelativePath", { value: path });
}

it("is a folder that was chosen in a browser, by the paths below it", async () => {
  const folder = folderOf([
    chosen("set/dog/2.wav", "b"),
    chosen("set/dog/10.wav", "a"),
    chosen("set/.DS_Store", "x"),
    chosen("set/list.csv", "c\nd\n"),
  ]);
  expect(folder.name).toBe("set");
  expect(await folder.paths()).toEqual(["dog/10.wav", "dog/2.wav", "list.csv"]);
  const file = folder.open("dog/10.wav");
  expect([file.name, file.size, await readSourceText(file)]).toEqual(["set/dog/10.wav", 1, "a"]);
  expect((await sourceLines(folder.open("./dog/../list.csv")).next()).value?.text).toBe("c");
});

it("is files by their paths, or that were chosen one by one", async () => {
  const folder = folderOf({ "b/1": textSource("x", "1"), "a/2": textSource("x", "2") }, "mine");
  expect([folder.name, await folder.paths()]).toEqual(["mine", ["a/2", "b/1"]]);
  expect(await readSourceText(folder.open("b/1"))).toBe("1");
  const single = folderOf([new File(["1"], "one.wav"), new File(["2"], "two.wav")]);
  expect([single.name, await single.paths()]).toEqual(["folder", ["one.wav", "two.wav"]]);
  // Folders of a record are kept, even where all share one.
  expect(await folderOf({ "a/1": textSource("x", "1") }).paths()).toEqual(["a/1"]);
  expect(await folderOf([]).paths()).toEqual([]);
});

it("has nothing outside of it", () => {
  const folder = folderOf({ "a/1": textSource("x", "1") }, "mine");
  for (const path of ["../mine/a/1", "/a/1", "a/../../a/1", "a", "", "toString"]) {
    expect(() => folder.open(path)).toThrow(
      new DataError(`cannot read mine/${path}: no such file or directory`),
    );
  }
});

it("refuses what is no files, and paths that lead nowhere or to one place", () => {
  const text = textSource("x", "1");
  for (const [given, message] of [
    [3, "folderOf: 3 given, files or a record of them expected"],
    [null, "folderOf: null given, files or a record of them expected"],
    [["a"], 'folderOf: "a" given, a source with name, size, arrayBuffer() and stream() expected'],
    [{ a: new Blob([]) }, "folderOf: a Blob given, a source with name"],
  ] as const) {
    expect(() => folderOf(given as never)).toThrow(UsageError);
    expect(() => folderOf(given as never)).toThrow(message);
  }
  for (const [given, message] of [
    [{ "../a": text }, 'folderOf: path "../a" given, one within the folder expected'],
    [{ "/a": text }, 'folderOf: path "/a" given, one within the folder expected'],
    [{ "": text }, 'folderOf: path "" given, one within the folder expected'],
    [{ "a/b": text, "a/./b": text }, "folder: two files given at a/b"],
    [[text, text], "folder: two files given at x"],
  ] as const) {
    expect(() => folderOf(given as never)).toThrow(DataError);
    expect(() => folderOf(given as never)).toThrow(message);
  }
});

it("given to a task has no bytes of its own", async () => {
  const given = givenFolder(folderOf({ a: textSource("x", "1") }, "mine"));
  expect([given.isFolder, await given.folder?.paths()]).toEqual([true, ["a"]]);
  const message = "cannot read mine: it is a directory";
  await expect(readSourceText(given)).rejects.toThrow(new DataError(message));
  await expect(sourceLines(given).next()).rejects.toThrow(new DataError(message));
});
