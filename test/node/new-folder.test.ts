// A folder that is made new: there with all its files, or not at all.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { RondoError, UsageError } from "../../src/errors.ts";
import { NewFolder } from "../../src/node/new-folder.ts";
import { temporaryFolder } from "../helpers/folder.ts";

const bytes = new TextEncoder().encode("x");

it("is there when it is complete", () => {
  const place = temporaryFolder();
  const folder = new NewFolder(join(place, "new/"));
  folder.write("1", bytes);
  folder.write("2", bytes);
  expect(readdirSync(place).filter((name) => !name.startsWith("."))).toEqual([]);
  folder.complete();
  expect(readdirSync(place)).toEqual(["new"]);
  expect(readFileSync(join(place, "new", "2"), "utf8")).toBe("x");
});

it("takes the place of an empty one, and of no other", () => {
  const place = temporaryFolder({ file: "1", "full/1": "1" });
  mkdirSync(join(place, "empty"));
  new NewFolder(join(place, "empty")).complete();
  for (const [name, reason] of [
    ["file", "is a file: a new folder expected"],
    ["full", "is not empty: a new folder expected"],
  ] as const) {
    const path = join(place, name);
    expect(() => new NewFolder(path)).toThrow(new UsageError(`${path} ${reason}`));
  }
  expect(readdirSync(place).sort()).toEqual(["empty", "file", "full"]);
});

it("leaves nothing where it is given up, or cannot be written", () => {
  const place = temporaryFolder();
  const path = join(place, "new");
  const given = new NewFolder(path);
  given.write("1", bytes);
  given.abandon();
  expect(readdirSync(place)).toEqual([]);
  const late = new NewFolder(path);
  mkdirSync(path);
  writeFileSync(join(path, "other"), "1");
  expect(() => late.complete()).toThrow(RondoError);
  expect(() => late.complete()).toThrow(/^cannot write .*new: /);
  expect(readdirSync(place)).toEqual(["new"]);
  const missing = join(place, "none", "new");
  expect(() => new NewFolder(missing)).toThrow(
    new RondoError(`cannot write ${missing}: no such file or directory`),
  );
});

it("removes what a killed process left of it", () => {
  const gone = 2 ** 22 + 1;
  const place = temporaryFolder({ [`.new.${gone}.tmp/1`]: "1", [`.new.${process.pid}.tmp/1`]: "1" });
  const folder = new NewFolder(join(place, "new"));
  folder.complete();
  expect(readdirSync(place)).toEqual(["new"]);
  expect(readdirSync(join(place, "new"))).toEqual([]);
});
