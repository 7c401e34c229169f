// Folders on disk as sources: which files there are, in which order, and one line for what cannot be read.
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readSourceText } from "../../src/data/source.ts";
import { DataError } from "../../src/errors.ts";
import { filesBelow, folderSource } from "../../src/node/folder-source.ts";
import { temporaryFolder } from "../helpers/folder.ts";

const files = {
  "set/dog/10.wav": "a",
  "set/dog/2.wav": "b",
  "set/dog-house.wav": "c",
  "set/Dog.wav": "d",
  "set/.hidden/x.wav": "e",
  "set/dog/.DS_Store": "f",
  "outside.wav": "g",
};

it("has the files below it by their paths, sorted as whole paths, hidden ones left out", async () => {
  const root = temporaryFolder(files);
  const folder = folderSource(join(root, "set"));
  const paths = await folder.paths();
  expect(paths).toEqual(["Dog.wav", "dog-house.wav", "dog/10.wav", "dog/2.wav"]);
  expect(paths).toEqual([...paths].sort());
  const file = folder.open("dog/2.wav");
  expect([folder.name, file.name]).toEqual([join(root, "set"), join(root, "set", "dog", "2.wav")]);
  expect(await readSourceText(file)).toBe("b");
});

it("opens what a shell in the folder would", async () => {
  const root = temporaryFolder(files);
  const folder = folderSource(join(root, "set"));
  for (const path of ["../outside.wav", join(root, "outside.wav"), "./dog/../../outside.wav"]) {
    expect(await readSourceText(folder.open(path))).toBe("g");
  }
});

it("follows links, but not in a circle, and passes over what is no file", async () => {
  const root = temporaryFolder(files);
  symlinkSync(join(root, "outside.wav"), join(root, "set", "link.wav"));
  symlinkSync(join(root, "set"), join(root, "set", "dog", "circle"));
  mkdirSync(join(root, "elsewhere"));
  symlinkSync(join(root, "elsewhere"), join(root, "set", "more"));
  execFileSync("mkfifo", [join(root, "set", "pipe")]);
  execFileSync("cp", [join(root, "outside.wav"), join(root, "elsewhere", "1.wav")]);
  expect(await folderSource(join(root, "set")).paths()).toEqual([
    ...["Dog.wav", "dog-house.wav", "dog/10.wav", "dog/2.wav", "link.wav", "more/1.wav"],
  ]);
});

it("is read as far as its paths are asked for", () => {
  const root = temporaryFolder({ "a/1": "", "b/2": "" });
  symlinkSync(join(root, "nothing"), join(root, "b", "broken"));
  expect(filesBelow(root).next().value).toBe("a/1");
  expect(() => [...filesBelow(root)]).toThrow(
    new DataError(`cannot read ${join(root, "b", "broken")}: no such file or directory`),
  );
});

it("says what is wrong with a path", async () => {
  const root = temporaryFolder(files);
  const none = folderSource(join(root, "none"));
  await expect(none.paths()).rejects.toThrow(
    new DataError(`cannot read ${join(root, "none")}: no such file or directory`),
  );
  await expect(folderSource(join(root, "outside.wav")).paths()).rejects.toThrow(DataError);
  expect(() => folderSource(root).open("set")).toThrow(
    new DataError(`cannot read ${join(root, "set")}: it is a directory`),
  );
  expect(await folderSource(temporaryFolder()).paths()).toEqual([]);
});
