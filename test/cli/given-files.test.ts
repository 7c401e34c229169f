// Files that stand for another one, by a task that is made for this: instead of a table of numbers two files with a half each.
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { optionsPage } from "../../tools/write-options.ts";
import { makeFolder, removeFolder, temporaryFolder } from "../helpers/folder.ts";
import { run } from "./cli.ts";

vi.mock("../../src/tasks/index.ts", async (original) => {
  const { fakeTask } = await import("./fake-task.ts");
  const { tasks } = await original<typeof import("../../src/tasks/index.ts")>();
  return { tasks: [...tasks, fakeTask], taskOf: () => fakeTask };
});

let folder: string;
beforeAll(() => {
  folder = makeFolder({ "all.txt": "1\n2\n", "a.txt": "1\n", "b.txt": "2\n" });
});
afterAll(() => removeFolder(folder));

const all = () => join(folder, "all.txt");
const left = (place = folder) => ["--left", join(place, "a.txt")];
const right = (place = folder) => ["--right-half", join(place, "b.txt")];

describe("train", () => {
  it("takes files in place of the argument; the first of them names the run", async () => {
    const place = temporaryFolder();
    const back = process.cwd();
    process.chdir(place);
    try {
      const result = await run("train", ...left(), ...right(), "--json");
      expect(result).toMatchObject({ code: 0, out: expect.stringContaining("no other task has --left") });
      expect(existsSync(join(place, "runs", "a-doubles", "model.safetensors"))).toBe(true);
    } finally {
      process.chdir(back);
    }
  });

  it.each([
    [
      ["--task", "doubles"],
      "no table given: rondo train TABLE, rondo train --left FILE --right-half FILE, or rondo train --resume RUN",
    ],
    [["ALL", ...["--left", "a.txt"]], "--left stands for TABLE, and both are given: one of both expected"],
    [["--left", "a.txt"], "--left given without --right-half: both expected"],
    [["--right-half", "b.txt"], "--right-half given without --left: both expected"],
  ])("refuses %j", async (words, message) => {
    const out = join(temporaryFolder(), "run");
    const given = words.map((word) => (word === "ALL" ? all() : word));
    expect(await run("train", ...given, "--out", out)).toEqual({
      code: 2,
      out: "",
      error: `rondo: ${message}\n`,
    });
    expect(existsSync(out)).toBe(false);
  });

  it("goes on with the files that it began with, or others in their place", async () => {
    const place = temporaryFolder({ "a.txt": "1\n", "b.txt": "2\n" });
    const out = join(place, "run");
    expect((await run("train", ...left(place), ...right(place), "--out", out)).code).toBe(0);
    const stopped = (files: string) => `rondo: no doubler goes on with ${files}`;
    const again = await run("train", "--resume", out);
    expect(again.error).toBe(
      `${stopped(`${join(place, "a.txt")} and ${join(place, "b.txt")}`)}; if it has moved, name it: rondo train --resume ${out} --left FILE --right-half FILE\n`,
    );
    renameSync(join(place, "b.txt"), join(place, "c.txt"));
    expect((await run("train", "--resume", out)).error).toBe(
      `rondo: cannot read ${join(place, "b.txt")}: no such file or directory; if it has moved, name it: rondo train --resume ${out} --right-half FILE\n`,
    );
    const moved = await run("train", "--resume", out, "--right-half", join(place, "c.txt"));
    expect(moved.error).toContain(
      stopped(`${join(place, "a.txt")} and ${join(place, "c.txt")}; if it has moved`),
    );
    expect((await run("train", all(), "--resume", out)).error).toBe(
      `${stopped(`file ${all()}: a.txt,all.txt,b.txt`)}\n`,
    );
    expect((await run("train", all(), "--resume", out, ...left(place))).error).toBe(
      "rondo: --left stands for TABLE, and both are given: one of both expected\n",
    );
  });
});

describe("evaluate", () => {
  let trained: string;
  beforeAll(async () => {
    trained = join(folder, "run");
    expect((await run("train", all(), "--task", "doubles", "--out", trained)).code).toBe(0);
  });
  const odd = () => ["--odd", join(folder, "a.txt")];
  const even = () => ["--even", join(folder, "b.txt")];

  it("takes a file or those that stand for it, and no other mixture of them", async () => {
    expect((await run("evaluate", trained, "--input", all())).code).toBe(0);
    expect((await run("evaluate", trained, ...odd(), ...even())).code).toBe(0);
    const refused = async (...words: string[]) => {
      const { code, error } = await run("evaluate", trained, ...words);
      expect(code).toBe(2);
      return error;
    };
    expect(await refused()).toBe(
      `rondo: --input FILE or --odd FILE --even FILE expected: what to evaluate ${trained} on\n`,
    );
    expect(await refused(...odd())).toBe("rondo: --odd given without --even: both expected\n");
    expect(await refused("--input", all(), ...odd(), ...even())).toBe(
      "rondo: --odd stands for --input, and both are given: one of both expected\n",
    );
    expect(await refused("--odd", "-", "--even", "-")).toBe(
      "rondo: --even -: the standard input is read already, a file expected\n",
    );
  });
});

it("the page of options says what stands for what", () => {
  const [, section = ""] = optionsPage().split("## doubles\n");
  expect(section).toContain("| TABLE |  | a file or a folder | must be given | numbers, one a line |");
  expect(section).toContain("| `--right-half` |  | a file | in place of TABLE | the other half |");
  expect(section).toContain("| `--odd` |  | a file | in place of `--input` | odd numbers |");
});
